/*
 * Reading what code says about records beyond their definitions, during one walk over a unit: what the observers share. Types
 * are noted once; evidence and initializers are told for wanted records only. For the parse room only.
 */
#ifndef UL_PARSE_USES_H
#define UL_PARSE_USES_H

#include "layout/parse/walk.h"

typedef struct ul_used_field {
    CXCursor cursor;
    uint32_t place; /* among the direct fields of the record, unnamed bit-fields counted */
} ul_used_field;

/* A struct or union that code uses. */
typedef struct ul_used_record {
    const void *declaration; /* of its definition */
    const char *key;         /* NULL: not wanted */
    CXCursor cursor;
    CXType type;
    ul_used_field *fields; /* named ones and anonymous members, not unnamed bit-fields */
    uint32_t field_count, field_capacity;
    uint32_t place_count;
    bool is_union;
    bool holds_wanted; /* it or a record in it, at any depth, is wanted */
    UT_hash_handle hh;
} ul_used_record;

/* What is asked of a type again and again. */
typedef struct ul_type_fact {
    const void *type;      /* libclang's */
    CXType bare;           /* see ul_clang_bare_type() */
    CXType pointee;        /* see ul_pointee() */
    const ul_used_record *pointed; /* the record that it points to, arrays of it too; NULL: none */
    UT_hash_handle hh;
} ul_type_fact;

/* Notes are asked for again and again: the last with each low bits of its key is at hand, the others are in a hash table. */
enum { UL_RECENT_COUNT = 256 };

static inline uint32_t ul_recent_of(const void *key)
{
    return ((uint32_t)(uintptr_t)key >> 4) % UL_RECENT_COUNT;
}

typedef struct ul_use_reader {
    ul_reader *reader;
    ul_used_record *records; /* uthash */
    ul_type_fact *types;     /* uthash */
    ul_type_fact *recent[UL_RECENT_COUNT];
    ul_uses uses;
    uint32_t evidence_capacity, initializer_capacity;
} ul_use_reader;

/* In the reader's arena; needs the records to be collected. Ends with ul_use_reader_end(), which sets reader->result->uses. */
ul_use_reader *ul_use_reader_begin(ul_reader *reader);
ul_observer ul_use_observer(ul_use_reader *uses);
void ul_use_reader_end(ul_use_reader *uses);

/* The note of a record type, qualified or not; NULL when `type` is none or has no definition. */
const ul_used_record *ul_used_record_of(ul_use_reader *uses, CXType type);

/* The facts of `type`, of an expression; they stay as long as the reader. */
const ul_type_fact *ul_type_fact_of(ul_use_reader *uses, CXType type);

/* Tells the initializer lists that depend on an order of fields; called as the walk leaves `list`, an InitListExpr. */
void ul_initializer_read(ul_use_reader *uses, ul_walk *walk, CXCursor list);

#endif

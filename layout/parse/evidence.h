/*
 * Telling evidence that a layout is observed: who is concerned, how many fields must stay, what is inside. The observers (casts.c,
 * calls.c, offsets.c, unions.c) find it. For the parse room only.
 */
#ifndef UL_PARSE_EVIDENCE_H
#define UL_PARSE_EVIDENCE_H

#include "layout/parse/expressions.h"

/* Something seen at the cursor that the walk is at. */
typedef struct ul_sight {
    ul_use_reader *uses;
    const ul_walk *walk;
    CXCursor at;
} ul_sight;

/*
 * Tells `kind` of `record`, when it is wanted and has fields to reorder, and of the records in it by value. `kept`: see ul_evidence; records in
 * fields that must stay are then told of, those behind are not. `other` may be NULL.
 */
void ul_evidence_tell(const ul_sight *sight, ul_evidence_kind kind, const ul_used_record *record, const ul_used_record *other,
                      uint32_t kept, const char *detail);
/* A pointer to `from` is used as one to `to`: first members, shared beginnings, or neither. */
void ul_evidence_cast(const ul_sight *sight, const ul_used_record *from, const ul_used_record *to, const char *detail);
/* A pointer to `record` is used as one to the scalar type `bare`, or the other way round. */
void ul_evidence_scalar_cast(const ul_sight *sight, const ul_used_record *record, CXType bare, const char *detail);
/* Direct fields, from the first, with compatible types at equal offsets. */
uint32_t ul_common_fields(const ul_used_record *a, const ul_used_record *b);
/* Whether the first scalar of `record` is compatible with `bare`. */
bool ul_begins_with(ul_use_reader *uses, const ul_used_record *record, CXType bare);

/* The observers: called as the walk leaves a cursor of their kind. */
void ul_cast_read(const ul_sight *sight);
void ul_call_read(const ul_sight *sight);
void ul_vector_read(const ul_sight *sight);
void ul_offset_read(const ul_sight *sight, const ul_used_record *record, CXCursor field);
void ul_sizeof_read(const ul_sight *sight);
void ul_arithmetic_read(const ul_sight *sight);
void ul_subscript_read(const ul_sight *sight);
void ul_union_read(const ul_sight *sight);
void ul_assembly_read(const ul_sight *sight);

#endif

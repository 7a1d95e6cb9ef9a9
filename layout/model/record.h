/*
 * A struct or union with its exact layout, as the compiler reported it, and what is known about
 * where each field stands in the source. Plain data: read by every room, changed by none.
 *
 * fields[] is a pre-order flattening: an anonymous member (`struct { int a; };` without a declarator)
 * comes first, its own fields follow with `parent` naming it. Fields with parent == UL_NO_PARENT are the
 * record's direct fields, in source order. All offsets are from the start of this record.
 */
#ifndef UL_MODEL_RECORD_H
#define UL_MODEL_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "layout/model/target.h"
#include "ullage/arena.h"

#define UL_NO_PARENT UINT32_MAX
#define UL_NO_GROUP UINT32_MAX

typedef enum ul_record_kind { UL_RECORD_STRUCT, UL_RECORD_UNION } ul_record_kind;
typedef enum ul_confidence { UL_CONFIDENCE_UNIT, UL_CONFIDENCE_STANDALONE } ul_confidence;

typedef struct ul_span {
    uint32_t begin, end; /* bytes of the file, [begin, end) */
} ul_span;

/* Why a record is shown but not planned. One line each in refusals.def. */
typedef enum ul_refusal_reason {
#define UL_REFUSAL(id, name, text) UL_REFUSE_##id,
#include "layout/model/refusals.def"
#undef UL_REFUSAL
    UL_REFUSAL_COUNT
} ul_refusal_reason;

typedef struct ul_refusal {
    ul_refusal_reason reason;
    const char *detail; /* what and where, e.g. "line 3" or the attribute's name; never NULL */
} ul_refusal;

enum ul_field_flag {
    UL_FIELD_BIT_FIELD = 1u << 0,
    UL_FIELD_ANONYMOUS = 1u << 1,    /* anonymous struct or union member; its fields follow */
    UL_FIELD_FLEXIBLE = 1u << 2,     /* `T a[];`, or a record that ends in one */
    UL_FIELD_ZERO_LENGTH = 1u << 3,  /* `T a[0];` or an empty struct: a marker */
    UL_FIELD_RECORD = 1u << 4,       /* a struct or union by value (arrays of them too) */
    UL_FIELD_ATTRIBUTED = 1u << 5,   /* carries aligned or packed of its own */
    UL_FIELD_BOOL = 1u << 6,         /* _Bool, or a bit-field of it */
    UL_FIELD_ENUM = 1u << 7,
    UL_FIELD_ATOMIC = 1u << 8,
    UL_FIELD_VOLATILE = 1u << 9,
    UL_FIELD_POINTER = 1u << 10,
    UL_FIELD_ARRAY = 1u << 11,
    UL_FIELD_CHAR_ARRAY = 1u << 12,  /* array of a character type */
    UL_FIELD_INTEGER = 1u << 13,
    UL_FIELD_FUNCTION_POINTER = 1u << 14,
    UL_FIELD_MACRO_MADE = 1u << 15,  /* the declaration comes out of a macro */
    UL_FIELD_SEPARABLE = 1u << 16,   /* one of several declarators of a declaration, which could have one of its own */
    UL_FIELD_LINE_PAD = 1u << 17,    /* padding that is there for cache lines, going by its declaration or the comment beside it */
    UL_FIELD_TAIL_ARRAY = 1u << 18   /* last, and ends in an array of one element: the idiom before C99 for one that is allocated longer */
};

typedef struct ul_field {
    const char *name; /* "" for an unnamed bit-field and for an anonymous member */
    const char *type; /* as spelt, e.g. "uint8_t [16]" */
    uint64_t offset_bits;
    uint64_t size_bits;    /* a bit-field's width; 0 for flexible and zero-length arrays */
    uint32_t align_bytes;  /* required here, attributes included; a bit-field's declared type's alignment (1 when packed) */
    uint32_t storage_bits; /* bit-fields: size of the declared type; else 0 */
    uint32_t flags;        /* ul_field_flag */
    uint32_t parent;       /* index of the anonymous member that holds it, or UL_NO_PARENT */
    uint32_t group;        /* index into groups[]; UL_NO_GROUP for fields of anonymous members and when groups are unknown */
    uint32_t line, column;
    uint32_t value_bits;   /* bits that its values need when its type says so (_Bool: 1, enum: by its enumerators), else 0 */
    uint64_t embedded_count; /* by-value records in it: 1, or the product of array extents; 0 when none */
    const char *embedded;  /* key of that record, or NULL */
    uint64_t type_hash;    /* of the type below typedefs, without const: equal where the compiler sees one type; 0 when not known */
} ul_field;

/*
 * A declaration: what stands between two semicolons. It moves as one: `int a, *b;`, a macro that makes several fields.
 * Groups in different segments may not exchange places: a preprocessor directive, a static assertion or
 * a declaration without fields between them is a wall.
 */
typedef struct ul_group {
    uint32_t first_field; /* direct fields first_field.. in source order; walk fields[] and compare .group */
    uint32_t field_count; /* direct fields in it */
    uint32_t segment;
    ul_span span;         /* from its first token to just after `;` */
} ul_group;

/* An annotation read from a comment: `ullage: word(argument) -- reason`, or NOLINT. */
typedef enum ul_annotation_kind {
    UL_ANNOTATION_IGNORE, /* argument: comma-separated rules, "" for all; NOLINT too */
    UL_ANNOTATION_KEEP_ORDER,
    UL_ANNOTATION_HOT,    /* argument: group name or "" */
    UL_ANNOTATION_COLD,
    UL_ANNOTATION_WRITER, /* argument: thread */
    UL_ANNOTATION_READMOSTLY,
    UL_ANNOTATION_INSTANCES, /* argument: the number as written */
    UL_ANNOTATION_GUARD,     /* hold its layout, or the field's place, with static assertions */
    UL_ANNOTATION_UNKNOWN    /* argument: the word; reported */
} ul_annotation_kind;

typedef struct ul_annotation {
    ul_annotation_kind kind;
    const char *argument; /* never NULL */
    const char *reason;   /* after `--`, or "" */
    uint32_t field;       /* direct field it stands on, or UL_NO_PARENT for the record */
    uint32_t line;
} ul_annotation;

enum ul_record_flag {
    UL_RECORD_PACKED = 1u << 0,
    UL_RECORD_PRAGMA_PACK = 1u << 1,
    UL_RECORD_ALIGNED = 1u << 2,       /* carries an alignment of its own */
    UL_RECORD_HAS_ATTRIBUTES = 1u << 3,/* any layout attribute on it or its fields */
    UL_RECORD_ANONYMOUS = 1u << 4,     /* has no tag and no typedef name */
    UL_RECORD_MEMBER = 1u << 5,        /* is an anonymous member's record: planned on its own, placed as a unit */
    UL_RECORD_SYSTEM = 1u << 6,        /* defined in a system header */
    UL_RECORD_VARIES = 1u << 7         /* other units give it another layout */
};

typedef struct ul_record {
    const char *name; /* "struct conn", "conn_t", "struct conn::<anonymous>.tx" */
    const char *key;  /* "<file>:<byte offset>": identity within a run */
    const char *file; /* absolute and resolved */
    const char *unit; /* main file of the unit it was read in */
    ul_record_kind kind;
    ul_confidence confidence;
    uint32_t line, column, end_line;
    uint32_t flags; /* ul_record_flag */
    ul_span span;   /* from `struct` to the closing brace, inclusive */
    ul_span body;   /* between the braces */
    uint32_t target; /* index of the target that it was laid out for */
    uint64_t size_bytes;
    uint32_t align_bytes;
    uint32_t own_align_bytes; /* at least this whatever the fields are (attribute on the record); 1 when none */
    ul_field *fields;
    ul_group *groups; /* NULL when the body could not be cut into declarations (then a refusal says so) */
    ul_refusal *refusals;
    ul_annotation *annotations;
    uint32_t field_count, group_count, refusal_count, annotation_count;
    double instances; /* from the annotation, else 0 */
} ul_record;

/* Reason as the reports spell it, e.g. "keep-order", and one sentence about it. */
const char *ul_refusal_name(ul_refusal_reason reason);
const char *ul_refusal_text(ul_refusal_reason reason);
/* "unit" or "standalone". */
const char *ul_confidence_name(ul_confidence confidence);
/* Appends a refusal in `arena`, once for each reason and detail. */
void ul_record_refuse(ul_record *record, ul_arena *arena, ul_refusal_reason reason, const char *detail);
/* Index of the first field that is named `name`, or UL_NO_PARENT; no field is named "". */
uint32_t ul_record_field_named(const ul_record *record, const char *name);
/* A name to show for fields[index]: its own, "<anonymous>" ("<anonymous:2>" for a second one) or ":3" for unnamed bits. */
const char *ul_field_label(const ul_record *record, uint32_t index, ul_arena *arena);
/* The annotation on the record (or on `field`, when not UL_NO_PARENT) that silences `rule`, or NULL. */
const ul_annotation *ul_record_silence(const ul_record *record, uint32_t field, const char *rule);
bool ul_record_ignores(const ul_record *record, uint32_t field, const char *rule);

/* Whether the field is room that its author left on purpose, going by its name: pad, _padding1, reserved, spare. */
bool ul_field_is_padding(const ul_field *field);

#endif

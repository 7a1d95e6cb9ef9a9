/*
 * What the code says about records beyond their definitions: evidence that a layout is observed, and initializers
 * that depend on the order of fields. Read by parse from whole units with their function bodies, merged by the engine;
 * a header's inline functions are seen by many units, so equal items are told once. Plain data.
 */
#ifndef UL_MODEL_USE_H
#define UL_MODEL_USE_H

#include "layout/model/record.h"

/* How a layout is observed. One line each in evidence.def. */
typedef enum ul_evidence_kind {
#define UL_EVIDENCE(id, name, exposes_padding, text) UL_EVIDENCE_##id,
#include "layout/model/evidence.def"
#undef UL_EVIDENCE
    UL_EVIDENCE_COUNT
} ul_evidence_kind;

typedef struct ul_evidence {
    ul_evidence_kind kind;
    uint32_t kept_fields; /* it stays right while so many direct fields, from the first, keep their places; UL_KEEPS_ALL: any change breaks it */
    const char *record;   /* key of the record whose layout is observed */
    const char *other;    /* key of the other record of a cast or union, or NULL */
    const char *file;     /* absolute and resolved: where it is seen */
    uint32_t line, column;
    const char *function; /* in which it stands, "" outside functions */
    const char *detail;   /* one clause for people: "memcmp of `*a`" */
} ul_evidence;

/* `kept_fields` of a use that no reordering leaves right. */
#define UL_KEEPS_ALL UINT32_MAX

/* What sets one field in an initializer list, in source order. */
typedef struct ul_initializer_item {
    ul_span span;        /* the whole item, designators included, without the comma; bytes of the initializer's file */
    ul_span value;       /* the part after the designators: what stands behind `.field = ` in a designated list */
    const char *field;   /* that it sets, as a designator names it; with designators of several steps, the first; NULL: it has no name */
    bool is_designated;
    bool is_elided;      /* `value` is a run of values that fill the field without braces of their own (C11 6.7.9p20): they need some */
} ul_initializer_item;

/*
 * A list that initializes a struct by position, at least in part. Lists that name every field they set, and `{0}` and `{}`, depend on no
 * order and are not told; nor are those of unions. A struct that is filled without braces of its own has the run of values as its list:
 * `span` then has no braces around it, is the value of one item of the list around it (when that is a struct's), and needs
 * braces as soon as it is designated.
 */
typedef struct ul_initializer {
    const char *record;  /* key */
    const char *file;    /* absolute and resolved */
    const char *macro;   /* name of the macro whose expansion it lies in or cuts, or NULL */
    const char *obstacle;/* why it cannot be rewritten, one clause, or NULL */
    uint32_t line, column;
    ul_span span;        /* from `{` to `}` inclusive, see has_braces; meaningless when there are no items */
    ul_initializer_item *items; /* one for each field that is set; none when `macro` is set, or when an obstacle hides them */
    uint32_t item_count;
    bool has_braces;
} ul_initializer;

typedef struct ul_uses {
    ul_evidence *evidence;
    ul_initializer *initializers;
    uint32_t evidence_count, initializer_count;
} ul_uses;

/* All that is known about one record. Borrowed. */
typedef struct ul_record_uses {
    const ul_evidence *evidence;
    const ul_initializer *initializers;
    uint32_t evidence_count, initializer_count;
} ul_record_uses;

/* What `uses`, sorted by record as merging leaves them, say of the record `key`; all zero when nothing. */
ul_record_uses ul_uses_of(const ul_uses *uses, const char *key);

/* The word for --allow and for reports, e.g. "offset-arithmetic"; and one sentence. */
const char *ul_evidence_name(ul_evidence_kind kind);
const char *ul_evidence_text(ul_evidence_kind kind);
/* Whether bytes between fields become visible: what the rule padding-exposed is about. */
bool ul_evidence_exposes_padding(ul_evidence_kind kind);

#endif

/*
 * What became of records between two states of the source. Identity is the header's path and the record's name, never the line.
 * Made by the engine (changes.h) from two sets of entries, rendered by report/. Plain data; indexes are into the fields[] of
 * the records of `before` and `after`.
 */
#ifndef UL_MODEL_CHANGE_H
#define UL_MODEL_CHANGE_H

#include "layout/model/report.h"

/* What a change does beyond bytes, worst first. One line each in effects.def. */
typedef enum ul_effect {
#define UL_EFFECT(id, word, text) UL_EFFECT_##id,
#include "layout/model/effects.def"
#undef UL_EFFECT
    UL_EFFECT_COUNT
} ul_effect;

/* The word for --fail-on and for reports, e.g. "size-class"; and one clause. Static storage. */
const char *ul_effect_name(ul_effect effect);
const char *ul_effect_text(ul_effect effect);

typedef enum ul_change_kind {
    UL_CHANGE_ADDED,
    UL_CHANGE_REMOVED,
    UL_CHANGE_GREW,
    UL_CHANGE_SHRANK,
    UL_CHANGE_REORDERED, /* of the same size: the same fields at other places */
    UL_CHANGE_CHANGED,   /* of the same size: other fields, types or alignment */
    UL_CHANGE_MOVED,     /* to another header, laid out as before */
    UL_CHANGE_UNCLEAR    /* one side was not read whole: nothing is said of it */
} ul_change_kind;

/* "added", "grew", ... Static storage. */
const char *ul_change_kind_name(ul_change_kind kind);

typedef enum ul_field_change_kind {
    UL_FIELD_CHANGE_ADDED,
    UL_FIELD_CHANGE_REMOVED,
    UL_FIELD_CHANGE_RENAMED, /* the same type in the same place between its neighbours */
    UL_FIELD_CHANGE_RETYPED, /* another type as spelt */
    UL_FIELD_CHANGE_RESIZED, /* the same type as spelt, which has another size now */
    UL_FIELD_CHANGE_MOVED,   /* left the order of the others */
    UL_FIELD_CHANGE_SHIFTED  /* moved along: `count` fields of one distance in a row */
} ul_field_change_kind;

/* "added", "shifted", ... Static storage. */
const char *ul_field_change_kind_name(ul_field_change_kind kind);

typedef struct ul_field_change {
    ul_field_change_kind kind;
    uint32_t before, after; /* fields, UL_NO_PARENT where there is none; the first of the run for SHIFTED */
    uint32_t count;         /* 1, but for SHIFTED */
    int64_t by_bits;        /* new offset - old offset, 0 where a side is missing */
} ul_field_change;

/* A hot group whose fields lie on another number of cache lines than before, when the object starts on a line. */
typedef struct ul_hot_change {
    const char *group; /* "" for hot without a name */
    uint32_t lines_before, lines_after;
    uint32_t field; /* of `after`: the first that lies off the line where the group begins; UL_NO_PARENT for none */
} ul_hot_change;

/* How old binaries break; bits. */
enum ul_abi_break {
    UL_ABI_REMOVED = 1u << 0,
    UL_ABI_SIZE = 1u << 1,
    UL_ABI_ALIGN = 1u << 2,
    UL_ABI_FIELD_REMOVED = 1u << 3,
    UL_ABI_FIELD_MOVED = 1u << 4,
    UL_ABI_FIELD_TYPE = 1u << 5,
    UL_ABI_FIELD_ADDED = 1u << 6, /* also where there was padding: old code does not set it */
    UL_ABI_KIND = 1u << 7         /* a struct became a union, or the reverse */
};
/* "size", "field moved", ... for one bit. Static storage. */
const char *ul_abi_break_text(uint32_t bit);

typedef struct ul_change { // ullage: ignore[reorder-saves] -- a few a run; what belongs together stands together
    const ul_entry *before, *after; /* NULL where it was not, or is not any more */
    ul_change_kind kind;
    uint32_t worse, better; /* bits 1 << ul_effect */
    bool is_moved;  /* the file is another than before, by more than a renaming of the file */
    bool is_public; /* in a public header on either side */
    uint32_t abi;   /* bits of ul_abi_break, whether public or not */
    const ul_field_change *fields; /* in the order of the new fields; removed ones where they stood */
    const ul_hole *holes;          /* of `after`, that were not there before */
    const uint32_t *straddles;     /* fields of `after` that cross a line and did not before */
    const ul_hot_change *hot;      /* groups on more lines, or on fewer */
    const ul_diag *const *guards;  /* assertions that name it and no longer hold */
    uint32_t field_count, hole_count, straddle_count, hot_count, guard_count;
    double cost_bytes; /* of all instances(n) together, negative when they take less; 0 when unknown */
    const char *detail; /* why it is UNCLEAR, one clause; else "" */
} ul_change;

typedef struct ul_changes {
    const char *before_name, *after_name; /* "HEAD", "the work tree", as messages name the sides */
    ul_change *items; /* those that fail first, then by their worst effect, cost, file and name */
    uint32_t count;
    uint32_t compared;   /* records that are on both sides */
    uint32_t fail_on;    /* bits 1 << ul_effect */
    uint32_t fail_count; /* changes with one of them, and assertions that no longer hold and name no changed record */
    const ul_diag *guards; /* every assertion that no longer holds, those of the items too */
    uint32_t guard_count;
    bool is_abi;           /* the ABI view was asked for */
} ul_changes;

/* Whether `change` has an effect that `changes` fail on, and its record does not say that it may. */
bool ul_change_fails(const ul_changes *changes, const ul_change *change);
/* The record that stands for it: of `after`, or of `before` when it is gone. */
const ul_record *ul_change_record(const ul_change *change);

#endif

/*
 * A better order for one record, with its proof. Produced by the engine; rendered by reports, applied by the rewriter.
 * Indexes are into the fields[] of the record that it was made for.
 */
#ifndef UL_MODEL_PLAN_H
#define UL_MODEL_PLAN_H

#include "layout/model/usage.h"

/* What the caller lets the planner do beyond the safe default; bits of --allow. */
enum ul_allow {
    UL_ALLOW_FIRST_MEMBER = 1u << 0, /* a first member that is a record may move */
    UL_ALLOW_MERGE_LINES = 1u << 1,  /* isolated lines may be filled */
    UL_ALLOW_MERGE_BITS = 1u << 2,   /* separate runs of bit-fields may join: they then share a memory location (C11 3.14) */
    UL_ALLOW_MOVE_PADDING = 1u << 3, /* members that are padding by their name may move */
    UL_ALLOW_COMMON_PREFIX = 1u << 4,/* a beginning that other records share may be broken (C11 6.5.2.3p6) */
    UL_ALLOW_SPLIT_DECLARATORS = 1u << 5 /* `int a, *b;` may become one declaration each, where that gains bytes */
};

/* A saving that the default forbids, and the word that allows it. */
typedef struct ul_trade {
    uint32_t allow;        /* one bit of ul_allow */
    uint64_t size_bytes;   /* reachable with it */
    uint64_t saved_bytes;  /* against what is reachable without it */
    const char *detail;    /* "`cnt` and `lock` would share a line" */
} ul_trade;

typedef struct ul_plan {
    uint32_t *order; /* direct fields in the new order */
    uint32_t *moved; /* direct fields that leave the order of the rest, ascending; the smallest such set */
    uint32_t order_count, moved_count;
    uint64_t size_bytes;  /* predicted, with embedded records at their planned sizes */
    uint64_t saved_bytes; /* record size - size_bytes */
    uint64_t embedded_saved_bytes; /* the part of saved_bytes that embedded records bring without any move here */
    uint64_t lower_bound_bytes;    /* no order of these declarations can be smaller */
    uint64_t class_saved_bytes; /* footprint saved in the allocator's classes */
    uint32_t lines_before, lines_after;
    uint32_t straddles_before, straddles_after;
    uint32_t aligned_count, aligned_to_bytes; /* see below */
    const ul_record *after; /* the record as it will be laid out, fields[] in the new order */
    /* A layout for use may also begin lines: direct fields that get an alignment, in the new order, and what a comment above each says. */
    const uint32_t *aligned;
    const char *const *aligned_notes; /* NULL entries: nothing */
    uint64_t grown_bytes;  /* by how much it is larger for that; saved_bytes is then 0 */
    const ul_use_outcome *use; /* NULL for a plan that is about size */
    bool is_open;          /* the last of `aligned` ends with the record, and is written: a field that is added behind it would come to its line */
    bool is_optimal;       /* no allowed order is smaller: proven */
    bool is_fewest_moves;  /* no allowed order of this size moves fewer fields: proven */
} ul_plan;

#endif

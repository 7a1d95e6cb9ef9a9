/*
 * Finds the smallest allowed order of a record's declarations and, of those, the one that moves the fewest fields.
 * Pure: the result depends on the request alone.
 */
#ifndef UL_ENGINE_PLAN_H
#define UL_ENGINE_PLAN_H

#include "layout/engine/layout.h"
#include "layout/model/plan.h"

typedef struct ul_plan_request {
    const ul_record *const *records; /* the same record on each target; the first decides */
    const ul_target *targets;
    uint32_t target_count; /* 1 to UL_TARGETS_MAX */
    uint32_t allow;        /* bits of ul_allow */
    const bool *whole_groups; /* by group: not to be split whatever is allowed; NULL: none */
    uint32_t shared_prefix; /* direct fields at the start that other records have too: they stay unless allowed */
    bool passes_lines;     /* fields that begin lines are no walls: the caller keeps newcomers off their lines (use_plan.h) */
    uint64_t state_budget; /* bound on the search; 0 for the default */
    /* New size on target `target` of the embedded record `key`; NULL: all keep theirs. */
    uint64_t (*resized)(void *context, const char *key, uint32_t target, uint64_t size_bytes);
    void *context;
} ul_plan_request;

typedef struct ul_plan_result {
    const ul_plan *plan; /* NULL when no allowed order is smaller */
    ul_trade *trades;    /* what more would be had with an --allow word, best first */
    uint32_t trade_count;
    bool is_optimal;          /* the size is proven the smallest allowed */
    bool has_no_common_order; /* an order is smaller on the first target, but none that is no larger on the others */
    uint64_t size_bytes;      /* planned size on the first target, with or without a plan (embedded records may shrink) */
    uint64_t lower_bound_bytes;
} ul_plan_result;

/* Plans one record. Its refusals are the caller's business. UL_ERR_INPUT when the records do not have the same fields. */
ul_status ul_plan_record(ul_plan_result *out, const ul_plan_request *request, ul_arena *arena) UL_MUST_USE;

#endif

/*
 * A layout for use: the order of a record's declarations, and the lines that some of them begin, that costs those least who use it
 * (objective.h), within all that holds a size plan: walls, pinned members, runs of bit-fields. Never raises the coherence term. Best found, not proven:
 * tests hold it against every arrangement of records of up to eight fields. Pure.
 */
#ifndef UL_ENGINE_USE_PLAN_H
#define UL_ENGINE_USE_PLAN_H

#include "layout/engine/objective.h"
#include "layout/engine/plan.h"

/*
 * Plans one record for `usage`; its refusals are the caller's business. *plan is NULL when no change is worth while, *outcome then says why;
 * plan->use is *outcome. The first target decides about the order; one that gains nothing there, or loses on another, is no plan.
 * UL_ERR_INPUT when the records do not have the same fields, UL_ERR_LIMIT when an offset overflows.
 */
ul_status ul_use_plan_record(const ul_plan **plan, const ul_use_outcome **outcome, const ul_plan_request *request, const ul_usage *usage,
                             ul_arena *arena) UL_MUST_USE;

/*
 * `record` with the fields of `plan` aligned that begin a line, in the order of the source: what ul_layout_replay takes with plan->order.
 * `record` itself for a plan that aligns none.
 */
const ul_record *ul_use_plan_aligned(const ul_record *record, const ul_plan *plan, ul_arena *arena);

/* What a search may do; for ul_use_plan_record and tests. */
typedef struct ul_use_limits {
    bool may_align;       /* lines are begun to keep fields apart: only where that lowers the coherence term; the same goes for more bytes */
    bool may_alias;      /* sizes that are powers of two from 256 */
    uint32_t evaluations; /* of arrangements; 0: the default */
} ul_use_limits;

/*
 * The cheapest arrangement found, in `arena`, and its cost; the source's when none is cheaper. may_begin_line[unit] as ul_use_may_begin_lines has it.
 */
ul_use_cost ul_use_search(ul_arrangement *out, ul_objective *of, const ul_units *units, const bool *may_begin_line, const ul_use_limits *limits,
                          ul_arena *arena);
/* By unit: whether an alignment can be written on it alone. */
bool *ul_use_may_begin_lines(const ul_units *units, const ul_record *record, ul_arena *arena);
/* Whether objects of that size, side by side, fall on the same sets of a cache (measured: 256 instead of 200 bytes, a scan four times as slow). */
bool ul_use_aliases(uint64_t size_bytes);

#endif

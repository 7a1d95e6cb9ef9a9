/*
 * Facts and plans of a whole run: embedded records before the records that embed them, so that every plan counts on the
 * sizes that its members will have. Pure but for the entries that it fills.
 */
#ifndef UL_ENGINE_PLANS_H
#define UL_ENGINE_PLANS_H

#include "layout/engine/plan.h"
#include "layout/model/report.h"

/*
 * Fills facts, plan, trades and afters of entries[0..count-1]. A record with a refusal, a union, one without fields or one that is kept
 * gets no plan.
 * Variants on other targets join the plan of the first; variants of the same target refuse it (layout-varies), as do
 * fields that differ between targets (targets-differ) and a replay that disagrees (model-mismatch): the entry's
 * record is then replaced by a copy that carries the refusal. `allow` is bits of ul_allow.
 */
void ul_plan_entries(ul_entry *entries, uint32_t count, const ul_target *targets, uint32_t target_count, uint32_t allow, ul_arena *arena);

#endif

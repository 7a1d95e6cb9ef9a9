/*
 * Allocations of all units together, and what would serve them better: the judgement behind the rule alloc-pattern. Where what
 * becomes of a pointer is not seen to its end nothing is said. Deterministic and pure.
 */
#ifndef UL_ENGINE_ALLOCATIONS_H
#define UL_ENGINE_ALLOCATIONS_H

#include "layout/model/unit.h"

/* Rows of headers once, all sorted by place. In `arena`. */
void ul_allocations_merge(ul_allocations *out, const ul_unit_result *results, uint32_t count, ul_arena *arena);

/*
 * What is to be said, by file, line and column; how much. `census` is merged and tells the roles of functions. *looked, unless NULL: how many rows
 * were looked at, which grows as the rows do. In `arena`.
 */
uint32_t ul_allocations_judge(ul_advice **out, uint64_t *looked, const ul_allocations *allocations, const ul_census *census, ul_arena *arena);

#endif

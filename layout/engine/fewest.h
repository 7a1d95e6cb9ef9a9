/*
 * Of the orders that reach a size, the one that moves the fewest fields and, of those, crosses the fewest cache lines. Best-first
 * search, exact while its nodes fit the budget. For the planner only.
 */
#ifndef UL_ENGINE_FEWEST_H
#define UL_ENGINE_FEWEST_H

#include "layout/engine/units.h"

typedef struct ul_fewest {
    const uint64_t *limit_bits; /* no larger than this on each target */
    uint64_t budget;            /* nodes */
    uint32_t most_moves;        /* fields; orders that move more are not looked for */
    bool counts_straddles;
} ul_fewest;

/*
 * Writes the order of units. UL_ERR_LIMIT when the budget did not suffice, UL_ERR_INPUT when no allowed order
 * keeps within the limits: `order` is then unspecified.
 */
ul_status ul_fewest_find(uint32_t *order, const ul_units *units, const ul_fewest *asked, ul_arena *arena) UL_MUST_USE;

/*
 * Sets is_moved[unit] for the smallest set of units, by fields, without which `order` is the source's; returns how many fields that is.
 */
uint32_t ul_moves_of(bool *is_moved, const ul_units *units, const uint32_t *order, ul_arena *arena);

#endif

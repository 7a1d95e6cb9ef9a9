/*
 * The smallest size that any allowed order of units reaches: dynamic programming over how many units of each kind have been placed,
 * segment by segment. Exact while its states fit the budget, and then proven; else the best of three simple orders.
 * For the planner only.
 */
#ifndef UL_ENGINE_SMALLEST_H
#define UL_ENGINE_SMALLEST_H

#include "layout/engine/units.h"

typedef struct ul_smallest {
    uint32_t *order;                    /* of units */
    uint64_t size_bits[UL_TARGETS_MAX]; /* of the record in that order */
    bool is_proven;                     /* no allowed order within the limits is smaller on the first target */
    bool is_found;                      /* an order within the limits was found */
} ul_smallest;

/*
 * Minimises the size on the first target among orders that are no larger than limit_bits[t] on any other target. `budget`
 * bounds the states. The order lives in `arena`.
 */
void ul_smallest_find(ul_smallest *out, const ul_units *units, const uint64_t *limit_bits, uint64_t budget, ul_arena *arena);

/* Simple orders of the units [begin, end), written to `order`: by falling alignment; and filling each hole with what fits, moving little. */
void ul_order_by_alignment(uint32_t *order, const ul_units *units, uint32_t begin, uint32_t end);
void ul_order_by_holes(uint32_t *order, const ul_units *units, uint32_t begin, uint32_t end, uint64_t at_bits);
/*
 * The source's order of all units, changed by one unit after another, each time the one whose move into padding gains most, until the record
 * takes no more than `size_bits` on the first target. False when no move gains any more before that, or when it would take long: the order
 * is then a smaller one all the same.
 */
bool ul_order_by_single_moves(uint32_t *order, const ul_units *units, uint64_t size_bits, ul_arena *arena);

#endif

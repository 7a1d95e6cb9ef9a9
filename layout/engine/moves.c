/* ul_moves_of of fewest.h: the complement of a heaviest increasing subsequence. */
#include "layout/engine/fewest.h"

/* Heaviest chain that ends at a unit, kept as a maximum over prefixes (a Fenwick tree over units in source order). */
typedef struct chain {
    uint64_t weight;
    uint32_t last; /* place in the order + 1, 0 for none */
} chain;

uint32_t ul_moves_of(bool *is_moved, const ul_units *units, const uint32_t *order, ul_arena *arena)
{
    chain *tree = UL_NEW_ARRAY(arena, chain, units->count + 1u);
    uint32_t *before = UL_NEW_ARRAY(arena, uint32_t, units->count);
    chain heaviest = {0, 0};
    uint32_t moves = 0;
    for (uint32_t place = 0; place < units->count; place++) {
        chain best = {0, 0};
        for (uint32_t at = order[place]; at > 0; at &= at - 1) {
            if (tree[at].weight > best.weight)
                best = tree[at];
        }
        before[place] = best.last;
        best.weight += units->items[order[place]].field_count;
        best.last = place + 1;
        if (best.weight > heaviest.weight)
            heaviest = best;
        for (uint32_t at = order[place] + 1; at <= units->count; at += at & -at) {
            if (best.weight > tree[at].weight)
                tree[at] = best;
        }
    }
    for (uint32_t i = 0; i < units->count; i++)
        is_moved[i] = true;
    for (uint32_t at = heaviest.last; at; at = before[at - 1])
        is_moved[order[at - 1]] = false;
    for (uint32_t i = 0; i < units->count; i++)
        moves += is_moved[i] ? units->items[i].field_count : 0;
    return moves;
}

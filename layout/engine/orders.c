/* The simple orders of smallest.h, for records beyond an exact search. */
#include "layout/engine/smallest.h"

#include <stdlib.h>

/* How far ahead a hole looks for something that fills it. */
enum { LOOK_AHEAD = 256 };

typedef struct rank {
    uint64_t align_bits;
    uint32_t unit;
} rank;

static int compare_ranks(const void *left, const void *right)
{
    const rank *a = left, *b = right;
    if (a->align_bits != b->align_bits)
        return a->align_bits > b->align_bits ? -1 : 1;
    return (a->unit > b->unit) - (a->unit < b->unit);
}

static uint64_t align_of(const ul_units *units, uint32_t unit)
{
    uint64_t widest = 0;
    for (uint32_t i = 0; i < units->items[unit].piece_count; i++) {
        uint64_t align = units->pieces[units->items[unit].first_piece + i].align_bits;
        widest = align > widest ? align : widest;
    }
    return widest;
}

void ul_order_by_alignment(uint32_t *order, const ul_units *units, uint32_t begin, uint32_t end)
{
    rank *ranks = malloc((end - begin + 1u) * sizeof *ranks);
    for (uint32_t i = begin; i < end; i++)
        order[i - begin] = i;
    if (!ranks)
        return; /* the source's order is an order too */
    for (uint32_t i = begin; i < end; i++)
        ranks[i - begin] = (rank){align_of(units, i), i};
    qsort(ranks, end - begin, sizeof *ranks, compare_ranks);
    for (uint32_t i = begin; i < end; i++)
        order[i - begin] = ranks[i - begin].unit;
    free(ranks);
}

static uint64_t padding_at(const ul_units *units, uint32_t unit, uint64_t at_bits)
{
    return ul_units_place(units, unit, 0, at_bits) - at_bits - units->items[unit].least_bits[0];
}

/* The unit ahead of `from` that leaves no padding at `at_bits` and fills the most of `room_bits`; `end` when there is none. */
static uint32_t filler_for(const ul_units *units, const bool *is_placed, uint32_t from, uint32_t end, uint64_t at_bits,
                           uint64_t room_bits, uint32_t last)
{
    uint32_t best = end;
    uint64_t best_bits = 0;
    for (uint32_t i = from, looked = 0; i < end && looked < LOOK_AHEAD; i++) {
        uint64_t bits = units->items[i].least_bits[0];
        if (is_placed[i - from])
            continue;
        looked++;
        if (bits > best_bits && bits <= room_bits && padding_at(units, i, at_bits) == 0 &&
            (last == end || ul_units_may_follow(units, last, i))) {
            best = i;
            best_bits = bits;
        }
    }
    return best;
}

void ul_order_by_holes(uint32_t *order, const ul_units *units, uint32_t begin, uint32_t end, uint64_t at_bits)
{
    bool *is_placed = calloc(end - begin + 1u, sizeof *is_placed);
    uint32_t count = 0, next = begin, last = end;
    while (is_placed && count < end - begin) {
        while (is_placed[next - begin])
            next++;
        uint32_t chosen = next;
        uint64_t padding = padding_at(units, next, at_bits);
        bool may_follow = last == end || ul_units_may_follow(units, last, next);
        if (padding || !may_follow) {
            uint32_t filler = filler_for(units, is_placed + (next - begin), next, end, at_bits,
                                         may_follow ? padding : UINT64_MAX, last);
            chosen = filler == end ? next : filler;
        }
        is_placed[chosen - begin] = true;
        at_bits = ul_units_place(units, chosen, 0, at_bits);
        order[count++] = last = chosen;
    }
    for (uint32_t i = begin; !is_placed && i < end; i++)
        order[i - begin] = i;
    free(is_placed);
}

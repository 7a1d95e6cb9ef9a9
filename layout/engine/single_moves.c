/*
 * ul_order_by_single_moves of smallest.h: for records of hundreds of fields, where an exact search for the fewest moves does not end. A
 * careful maintainer works like this: take a field that stands beside a hole and put it into another one.
 *
 * 1. Lay the order out; list the places in front of which there is padding, and the units that stand beside padding.
 * 2. Of those units, try each in each of those places within its segment; of equal gains the nearest place counts, then the first unit.
 * 3. Make the best move that gains anything; where none does, try every unit; then pairs of moves of which the second gains.
 */
#include "layout/engine/smallest.h"

#include <string.h>

enum { WORK_MAX = 60000000 }; /* units placed: about half a second */

typedef struct search {
    const ul_units *units;
    uint32_t *order;
    uint64_t *begins;   /* where the unit at each place may begin: the end of the one before it */
    uint64_t end_bits;
    uint64_t work;
    bool *has_padding;  /* in front of the unit at each place; the last is for the tail */
} search;

typedef struct move {
    uint32_t from, to; /* places in the order: the unit is taken out at `from` and stands in front of what is at `to` */
    uint64_t end_bits;
} move;

static uint64_t padding_of(const ul_units *units, uint32_t unit, uint64_t at_bits)
{
    return ul_units_place(units, unit, 0, at_bits) - at_bits - units->items[unit].least_bits[0];
}

static void lay_out(search *s)
{
    const ul_units *units = s->units;
    uint64_t at = 0;
    for (uint32_t i = 0; i < units->count; i++) {
        s->begins[i] = at;
        s->has_padding[i] = padding_of(units, s->order[i], at) > 0;
        at = ul_units_place(units, s->order[i], 0, at);
    }
    s->end_bits = at;
    s->has_padding[units->count] = ul_units_size(units, 0, at) > at;
}

/* Where the layout ends after `tried`; UINT64_MAX when bit-fields would touch that must not. */
static uint64_t end_after(search *s, const move *tried)
{
    const ul_units *units = s->units;
    uint32_t first = tried->from < tried->to ? tried->from : tried->to;
    uint32_t last = first ? s->order[first - 1] : UINT32_MAX;
    uint64_t at = s->begins[first];
    s->work += units->count - first;
    for (uint32_t i = first; i <= units->count; i++) {
        uint32_t here[2], count = 0;
        if (i == tried->to)
            here[count++] = s->order[tried->from];
        if (i < units->count && i != tried->from)
            here[count++] = s->order[i];
        for (uint32_t k = 0; k < count; k++) {
            if (last != UINT32_MAX && !ul_units_may_follow(units, last, here[k]))
                return UINT64_MAX;
            at = ul_units_place(units, here[k], 0, at);
            last = here[k];
        }
    }
    return at;
}

static uint32_t distance(const move *of)
{
    return of->from < of->to ? of->to - of->from : of->from - of->to;
}

/* Whether there is padding in front of `to` into which the unit at `from` may go: of the same segment and not there already. */
static bool may_move(const search *s, uint32_t from, uint32_t to)
{
    const ul_units *units = s->units;
    uint32_t segment = units->items[s->order[from]].segment;
    bool is_inside = (to < units->count && units->items[s->order[to]].segment == segment) ||
                     (to > 0 && units->items[s->order[to - 1]].segment == segment);
    return is_inside && s->has_padding[to] && to != from && to != from + 1;
}

static void try_unit(search *s, move *best, uint32_t from)
{
    for (uint32_t to = 0; to <= s->units->count && s->work < WORK_MAX; to++) {
        if (!may_move(s, from, to))
            continue;
        move tried = {.from = from, .to = to};
        tried.end_bits = end_after(s, &tried);
        if (tried.end_bits < best->end_bits ||
            (tried.end_bits == best->end_bits && tried.end_bits < s->end_bits && distance(&tried) < distance(best)))
            *best = tried;
    }
}

static void make(search *s, const move *chosen)
{
    uint32_t unit = s->order[chosen->from];
    uint32_t to = chosen->from < chosen->to ? chosen->to - 1 : chosen->to;
    if (chosen->from < to)
        memmove(s->order + chosen->from, s->order + chosen->from + 1, (to - chosen->from) * sizeof unit);
    else
        memmove(s->order + to + 1, s->order + to, (chosen->from - to) * sizeof unit);
    s->order[to] = unit;
}

/* The move that gains most, of units beside padding or of all; it gains nothing when best.end_bits stays. */
static move best_move(search *s, bool tries_all)
{
    move best = {.end_bits = s->end_bits};
    for (uint32_t from = 0; from < s->units->count; from++) {
        if (tries_all || s->has_padding[from] || s->has_padding[from + 1])
            try_unit(s, &best, from);
    }
    return best;
}

/*
 * Two moves of which only the second gains: the first fills one padding and leaves another of its size. The nearest unit is taken first. True
 * when both were made.
 */
static bool make_pair(search *s, uint32_t *kept_order)
{
    const uint32_t count = s->units->count;
    memcpy(kept_order, s->order, count * sizeof *kept_order);
    for (uint32_t away = 1; away < count; away++) {
        for (uint32_t to = 0; to <= count && s->work < WORK_MAX; to++) {
            for (int side = 0; side < 2 && s->has_padding[to]; side++) {
                uint32_t from = side ? to + away : to - away - 1; /* wraps to a large number before the start */
                uint64_t end_bits = s->end_bits;
                if (from >= count || !may_move(s, from, to))
                    continue;
                move first = {.from = from, .to = to};
                if (end_after(s, &first) > end_bits)
                    continue;
                make(s, &first);
                lay_out(s);
                move second = best_move(s, false);
                if (second.end_bits < end_bits) {
                    make(s, &second);
                    lay_out(s);
                    return true;
                }
                memcpy(s->order, kept_order, count * sizeof *kept_order);
                lay_out(s);
            }
        }
    }
    return false;
}

bool ul_order_by_single_moves(uint32_t *order, const ul_units *units, uint64_t size_bits, ul_arena *arena)
{
    search s = {.units = units,
                .order = order,
                .begins = UL_NEW_ARRAY(arena, uint64_t, units->count + 1u),
                .has_padding = UL_NEW_ARRAY(arena, bool, units->count + 1u)};
    uint32_t *kept_order = UL_NEW_ARRAY(arena, uint32_t, units->count);
    for (uint32_t i = 0; i < units->count; i++)
        order[i] = i;
    lay_out(&s);
    while (ul_units_size(units, 0, s.end_bits) > size_bits && s.work < WORK_MAX) {
        move best = best_move(&s, false);
        if (best.end_bits == s.end_bits)
            best = best_move(&s, true);
        if (best.end_bits < s.end_bits) {
            make(&s, &best);
            lay_out(&s);
        } else if (!make_pair(&s, kept_order)) {
            return false;
        }
    }
    return ul_units_size(units, 0, s.end_bits) <= size_bits;
}

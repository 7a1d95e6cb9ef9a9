/*
 * Where the search of use_search.c starts: arrangements that are right in one respect and are improved from there.
 */
#include <string.h>

#include "layout/engine/smallest.h"
#include "layout/engine/use_search_state.h"

typedef struct cluster_view {
    const ul_use_searching *s;
    bool *is_placed; /* by unit */
    uint32_t *members;
    uint32_t member_count;
    uint64_t bits;
} cluster_view;

static double heat_of(const ul_use_searching *s, uint32_t unit)
{
    const ul_move_unit *it = &s->units->items[unit];
    double heat = 0;
    for (uint32_t i = it->first_piece; i < it->first_piece + it->piece_count; i++)
        heat += ul_objective_heat(s->of, i);
    return heat;
}

/* The unit of the segment that the cluster pulls most and that fits; UINT32_MAX when none gains. */
static uint32_t next_member(const cluster_view *c, uint32_t begin, uint32_t end)
{
    const ul_use_searching *s = c->s;
    uint32_t best = UINT32_MAX;
    double most = 0, loss;
    for (uint32_t unit = begin; unit < end; unit++) {
        double sum = 0;
        if (c->is_placed[unit] || c->bits + s->units->items[unit].least_bits[0] > ul_objective_align_bits(s->of))
            continue;
        for (uint32_t i = 0; i < c->member_count; i++)
            sum += ul_use_pull(s, c->members[i], unit, &loss);
        if (sum > most) {
            most = sum;
            best = unit;
        }
    }
    return best;
}

static uint32_t hottest(const cluster_view *c, uint32_t begin, uint32_t end, bool wants_contended)
{
    uint32_t best = UINT32_MAX;
    double most = 0;
    for (uint32_t unit = begin; unit < end; unit++) {
        double heat = heat_of(c->s, unit);
        if (!c->is_placed[unit] && heat > most && c->s->is_contended[unit] == wants_contended) {
            most = heat;
            best = unit;
        }
    }
    return best;
}

static bool disturbs(const ul_use_searching *s, const uint32_t *order, uint32_t count, const uint32_t *members, uint32_t member_count)
{
    double loss;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < member_count; k++) {
            ul_use_pull(s, order[i], members[k], &loss);
            if (loss > 0)
                return true;
        }
    }
    return false;
}

/* Members that can begin a line come first, then by place; what is placed before them and disturbs them ends its line there. */
static void close_cluster(cluster_view *c, ul_arrangement *to, uint32_t *count, bool begins_lines)
{
    const ul_use_searching *s = c->s;
    bool is_apart = begins_lines && disturbs(s, to->order, *count, c->members, c->member_count);
    for (uint32_t i = 0; is_apart && i < c->member_count; i++) {
        if (!s->may_begin_line[c->members[i]])
            continue;
        uint32_t first = c->members[i];
        memmove(c->members + 1, c->members, i * sizeof *c->members);
        c->members[0] = first;
        to->is_aligned[first] = true;
        break;
    }
    for (uint32_t i = 0; i < c->member_count; i++)
        to->order[(*count)++] = c->members[i];
    c->member_count = 0;
    c->bits = 0;
}

/* What nothing touches fills up the line of the cluster. */
static void fill_up(cluster_view *c, uint32_t begin, uint32_t end)
{
    const ul_use_searching *s = c->s;
    uint64_t line = ul_objective_align_bits(s->of);
    for (uint32_t unit = begin; unit < end; unit++) {
        uint64_t bits = s->units->items[unit].least_bits[0];
        if (c->is_placed[unit] || heat_of(s, unit) > 0 || c->bits + bits > line)
            continue;
        c->is_placed[unit] = true;
        c->members[c->member_count++] = unit;
        c->bits += bits;
    }
}

static void cluster_segment(ul_use_searching *s, cluster_view *c, ul_arrangement *to, uint32_t begin, uint32_t end, bool begins_lines)
{
    uint32_t count = begin;
    for (uint32_t contended = 0; contended < 2; contended++) {
        for (uint32_t unit; (unit = hottest(c, begin, end, contended)) != UINT32_MAX;) {
            for (; unit != UINT32_MAX; unit = next_member(c, begin, end)) {
                c->is_placed[unit] = true;
                c->members[c->member_count++] = unit;
                c->bits += s->units->items[unit].least_bits[0];
            }
            if (contended && begins_lines)
                fill_up(c, begin, end);
            close_cluster(c, to, &count, begins_lines);
        }
        for (uint32_t i = begin; i < end && contended == 0 && !begins_lines; i++) { /* the rest between what disturbs */
            if (c->is_placed[i] || heat_of(s, i) > 0)
                continue;
            c->is_placed[i] = true;
            to->order[count++] = i;
        }
    }
    for (uint32_t i = begin; i < end; i++) {
        if (c->is_placed[i])
            continue;
        c->members[c->member_count++] = i;
        close_cluster(c, to, &count, false);
    }
}

static void cluster_all(ul_use_searching *s, bool begins_lines)
{
    cluster_view c = {.s = s, .is_placed = UL_NEW_ARRAY(s->arena, bool, s->count + 1u), .members = UL_NEW_ARRAY(s->arena, uint32_t, s->count + 1u)};
    memset(s->now.is_aligned, 0, s->count * sizeof *s->now.is_aligned);
    for (uint32_t begin = 0; begin < s->count; begin = s->end[begin])
        cluster_segment(s, &c, &s->now, begin, s->end[begin], begins_lines);
    ul_use_improve(s);
}

/* Clusters, what nothing touches between them. */
void ul_use_start_from_spread(ul_use_searching *s)
{
    cluster_all(s, false);
}

/* Clusters that begin lines. */
void ul_use_start_from_groups(ul_use_searching *s)
{
    cluster_all(s, true);
}

/* Begins a line wherever what follows disturbs something since the last that was begun: the order of `now` as it is, all of it apart. */
void ul_use_start_from_sweep(ul_use_searching *s)
{
    uint32_t begin = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        bool begins = i && s->may_begin_line[s->now.order[i]] && disturbs(s, s->now.order + begin, i - begin, s->now.order + i, 1);
        s->now.is_aligned[s->now.order[i]] = begins;
        begin = begins ? i : begin;
    }
    ul_use_improve(s);
}

/* The same with each unit that can: what is one too many goes again. */
void ul_use_start_from_all(ul_use_searching *s)
{
    memset(s->now.is_aligned, 0, s->count * sizeof *s->now.is_aligned);
    for (uint32_t i = 0; i < s->count; i++)
        s->now.is_aligned[i] = s->may_begin_line[i] && s->is_contended[i];
    ul_use_improve(s);
}

/* What an order alone can do costs no bytes: a line that is begun first is seldom given up again for it. */
void ul_use_start_from_moves(ul_use_searching *s)
{
    for (uint32_t i = 0; i < s->count; i++)
        s->now.order[i] = i;
    memset(s->now.is_aligned, 0, s->count * sizeof *s->now.is_aligned);
    s->only_moves = true;
    ul_use_improve(s);
    s->only_moves = false;
    ul_use_improve(s);
}

void ul_use_start_from_alignment(ul_use_searching *s)
{
    memset(s->now.is_aligned, 0, s->count * sizeof *s->now.is_aligned);
    for (uint32_t begin = 0; begin < s->count; begin = s->end[begin])
        ul_order_by_alignment(s->now.order + begin, s->units, begin, s->end[begin]);
    ul_use_improve(s);
}

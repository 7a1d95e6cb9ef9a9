/*
 * The search of use_plan.h:
 *  1. Starts: the source's order; falling alignment; clusters of fields that contexts touch together, those that disturb each other
 *     apart, with and without lines that they begin.
 *  2. From each, one improvement after another: a run of up to three units moves, two change places, a line is begun or is not, two at once, and
 *     what moves begins a line of its own there.
 *  3. From the best, a few times: some moves at random (always the same), and step 2 again.
 */
#include <math.h>
#include <string.h>

#include "layout/engine/smallest.h"
#include "layout/engine/use_plan.h"

enum { EVALUATIONS = 20000, SMALL_COUNT = 24, RUN_MAX = 3, KICKS = 16 };

typedef struct search { // ullage: ignore[reorder-saves] -- one at a time
    ul_objective *of;
    const ul_units *units;
    const bool *may_begin_line;
    const ul_use_limits *limits;
    uint32_t left;          /* evaluations */
    uint32_t *begin, *end;  /* by place: of its segment */
    uint32_t *source;
    double coherence_before, coherence_limit, cost_before;
    uint64_t size_before;
    ul_arrangement now, trial, best;
    double now_cost, best_cost;
    bool *is_contended;     /* by unit */
    uint32_t count;
    ul_arena *arena;
} search;

bool ul_use_aliases(uint64_t size_bytes)
{
    return size_bytes >= 256 && (size_bytes & (size_bytes - 1)) == 0;
}

bool *ul_use_may_begin_lines(const ul_units *units, const ul_record *record, ul_arena *arena)
{
    const uint32_t unfit = UL_FIELD_BIT_FIELD | UL_FIELD_ANONYMOUS | UL_FIELD_FLEXIBLE | UL_FIELD_ZERO_LENGTH | UL_FIELD_MACRO_MADE;
    bool *may = UL_NEW_ARRAY(arena, bool, units->count + 1u);
    for (uint32_t i = 0; i < units->count; i++) {
        const ul_move_unit *unit = &units->items[i];
        const ul_field *field = &record->fields[units->fields[unit->first_field]];
        may[i] = unit->field_count == 1 && !(field->flags & unfit) && field->size_bits && !ul_field_is_padding(field) &&
                 field->group < record->group_count && record->groups[field->group].field_count == 1;
    }
    return may;
}

/* --- Arrangements. --- */

static void copy(const search *s, ul_arrangement *to, const ul_arrangement *from)
{
    memcpy(to->order, from->order, s->count * sizeof *to->order);
    memcpy(to->is_aligned, from->is_aligned, s->count * sizeof *to->is_aligned);
}

static ul_arrangement new_arrangement(const search *s)
{
    return (ul_arrangement){UL_NEW_ARRAY(s->arena, uint32_t, s->count + 1u), UL_NEW_ARRAY(s->arena, bool, s->count + 1u)};
}

static bool keeps_bits_apart(const search *s, const uint32_t *order)
{
    for (uint32_t i = 1; i < s->count; i++) {
        if (!ul_units_may_follow(s->units, order[i - 1], order[i]))
            return false;
    }
    return true;
}

static bool begins_lines(const search *s, const ul_arrangement *at)
{
    for (uint32_t i = 0; i < s->count; i++) {
        if (at->is_aligned[i])
            return true;
    }
    return false;
}

/* What may not be costs more than all that may, and less the less is wrong with it: a way through it is a way. */
static double judge(search *s, const ul_arrangement *at)
{
    uint64_t size;
    if (!keeps_bits_apart(s, at->order))
        return INFINITY;
    s->left -= s->left > 0;
    ul_use_cost cost = ul_objective_cost(s->of, at, &size);
    double total = ul_use_cost_total(&cost);
    if (size != s->size_before && ul_use_aliases(size) && !s->limits->may_alias)
        total += s->cost_before;
    if (cost.coherence > s->coherence_limit)
        total += s->cost_before + 2 * (cost.coherence - s->coherence_limit);
    if (cost.coherence >= s->coherence_before && (size > s->size_before || begins_lines(s, at)))
        total += s->cost_before;
    return total;
}

/* Takes the trial when it is cheaper than what is now. */
static bool take(search *s)
{
    double cost = judge(s, &s->trial);
    if (!(cost < s->now_cost * (1 - 1e-9)))
        return false;
    copy(s, &s->now, &s->trial);
    s->now_cost = cost;
    return true;
}

/* order[from..from+length-1] goes to `to`, a place of what remains. */
static void rotate(uint32_t *order, uint32_t from, uint32_t length, uint32_t to)
{
    uint32_t run[RUN_MAX];
    memcpy(run, order + from, length * sizeof *run);
    if (to > from)
        memmove(order + from, order + from + length, (to - from) * sizeof *order);
    else
        memmove(order + to + length, order + to, (from - to) * sizeof *order);
    memcpy(order + to, run, length * sizeof *run);
}

/* --- Step 2. --- */

/* What now stands at `place` begins a line, and what follows it if that is wanted too. */
static bool begin_line(const search *s, ul_arrangement *at, uint32_t place, bool also_next)
{
    if (!s->may_begin_line[at->order[place]])
        return false;
    at->is_aligned[at->order[place]] = true;
    if (!also_next)
        return true;
    if (place + 1 == s->count || !s->may_begin_line[at->order[place + 1]])
        return false;
    at->is_aligned[at->order[place + 1]] = true;
    return true;
}

static bool try_move(search *s, uint32_t from, uint32_t length, uint32_t to)
{
    copy(s, &s->trial, &s->now);
    rotate(s->trial.order, from, length, to);
    if (take(s))
        return true;
    if (!s->limits->may_align || length > 1 || !s->is_contended[s->now.order[from]])
        return false;
    for (uint32_t also_next = 0; also_next < 2; also_next++) {
        copy(s, &s->trial, &s->now);
        rotate(s->trial.order, from, length, to);
        if (begin_line(s, &s->trial, to, also_next) && take(s))
            return true;
    }
    return false;
}

static bool improve_by_moves(search *s)
{
    bool has_gained = false;
    for (uint32_t length = 1; length <= RUN_MAX; length++) {
        for (uint32_t from = 0; from + length <= s->count; from++) {
            if (s->begin[from] != s->begin[from + length - 1])
                continue;
            for (uint32_t to = s->begin[from]; to + length <= s->end[from] && s->left; to++)
                has_gained |= to != from && try_move(s, from, length, to);
        }
    }
    return has_gained;
}

static bool improve_by_swaps(search *s)
{
    bool has_gained = false;
    for (uint32_t a = 0; a < s->count; a++) {
        for (uint32_t b = a + 2; b < s->end[a] && s->left; b++) {
            copy(s, &s->trial, &s->now);
            uint32_t unit = s->trial.order[a];
            s->trial.order[a] = s->trial.order[b];
            s->trial.order[b] = unit;
            has_gained |= take(s);
        }
    }
    return has_gained;
}

static bool improve_by_lines(search *s)
{
    bool has_gained = false;
    for (uint32_t a = 0; a < s->count && s->limits->may_align; a++) {
        for (uint32_t b = a; b < s->count && s->left; b++) {
            if (!s->may_begin_line[a] || !s->may_begin_line[b])
                continue;
            copy(s, &s->trial, &s->now);
            s->trial.is_aligned[a] ^= true;
            if (a != b)
                s->trial.is_aligned[b] ^= true;
            has_gained |= take(s);
        }
    }
    return has_gained;
}

static void improve(search *s)
{
    s->now_cost = judge(s, &s->now);
    for (bool has_gained = true; has_gained && s->left;) {
        has_gained = improve_by_lines(s);
        has_gained |= improve_by_moves(s);
        has_gained |= improve_by_swaps(s);
    }
    if (s->now_cost < s->best_cost) {
        copy(s, &s->best, &s->now);
        s->best_cost = s->now_cost;
    }
}

/* --- Step 1. --- */

typedef struct cluster_view {
    const search *s;
    bool *is_placed; /* by unit */
    uint32_t *members;
    uint32_t member_count;
    uint64_t bits;
} cluster_view;

static double heat_of(const search *s, uint32_t unit)
{
    const ul_move_unit *it = &s->units->items[unit];
    double heat = 0;
    for (uint32_t i = it->first_piece; i < it->first_piece + it->piece_count; i++)
        heat += ul_objective_heat(s->of, i);
    return heat;
}

/* Affinity less loss of two units. */
static double pull(const search *s, uint32_t a, uint32_t b, double *loss)
{
    const ul_move_unit *x = &s->units->items[a], *y = &s->units->items[b];
    double sum = 0;
    *loss = 0;
    for (uint32_t i = x->first_piece; i < x->first_piece + x->piece_count; i++) {
        for (uint32_t k = y->first_piece; k < y->first_piece + y->piece_count; k++) {
            *loss += ul_objective_loss(s->of, i, k);
            sum += ul_objective_affinity(s->of, i, k);
        }
    }
    return sum - *loss;
}

/* The unit of the segment that the cluster pulls most and that fits; UINT32_MAX when none gains. */
static uint32_t next_member(const cluster_view *c, uint32_t begin, uint32_t end)
{
    const search *s = c->s;
    uint32_t best = UINT32_MAX;
    double most = 0, loss;
    for (uint32_t unit = begin; unit < end; unit++) {
        double sum = 0;
        if (c->is_placed[unit] || c->bits + s->units->items[unit].least_bits[0] > ul_objective_align_bits(s->of))
            continue;
        for (uint32_t i = 0; i < c->member_count; i++)
            sum += pull(s, c->members[i], unit, &loss);
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

static bool disturbs(const search *s, const uint32_t *order, uint32_t count, const uint32_t *members, uint32_t member_count)
{
    double loss;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < member_count; k++) {
            pull(s, order[i], members[k], &loss);
            if (loss > 0)
                return true;
        }
    }
    return false;
}

/* Members that can begin a line come first, then by place; what is placed before them and disturbs them ends its line there. */
static void close_cluster(cluster_view *c, ul_arrangement *to, uint32_t *count, bool begins_lines)
{
    const search *s = c->s;
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
    const search *s = c->s;
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

static void cluster_segment(search *s, cluster_view *c, ul_arrangement *to, uint32_t begin, uint32_t end, bool begins_lines)
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

static void cluster_all(search *s, bool begins_lines)
{
    cluster_view c = {.s = s, .is_placed = UL_NEW_ARRAY(s->arena, bool, s->count + 1u), .members = UL_NEW_ARRAY(s->arena, uint32_t, s->count + 1u)};
    memset(s->now.is_aligned, 0, s->count * sizeof *s->now.is_aligned);
    for (uint32_t begin = 0; begin < s->count; begin = s->end[begin])
        cluster_segment(s, &c, &s->now, begin, s->end[begin], begins_lines);
    improve(s);
}

/* Clusters, what nothing touches between them. */
static void start_from_spread(search *s)
{
    cluster_all(s, false);
}

/* Clusters that begin lines. */
static void start_from_groups(search *s)
{
    cluster_all(s, true);
}

/* Begins a line wherever what follows disturbs something since the last that was begun: the order of `now` as it is, all of it apart. */
static void start_from_sweep(search *s)
{
    uint32_t begin = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        bool begins = i && s->may_begin_line[s->now.order[i]] && disturbs(s, s->now.order + begin, i - begin, s->now.order + i, 1);
        s->now.is_aligned[s->now.order[i]] = begins;
        begin = begins ? i : begin;
    }
    improve(s);
}

/* The same with each unit that can: what is one too many goes again. */
static void start_from_all(search *s)
{
    memset(s->now.is_aligned, 0, s->count * sizeof *s->now.is_aligned);
    for (uint32_t i = 0; i < s->count; i++)
        s->now.is_aligned[i] = s->may_begin_line[i] && s->is_contended[i];
    improve(s);
}

static void start_from_alignment(search *s)
{
    memset(s->now.is_aligned, 0, s->count * sizeof *s->now.is_aligned);
    for (uint32_t begin = 0; begin < s->count; begin = s->end[begin])
        ul_order_by_alignment(s->now.order + begin, s->units, begin, s->end[begin]);
    improve(s);
}

/* --- Step 3. --- */

/* Moves from the best, few or as many as there are units; `seed` decides which. */
static void kick(search *s, uint64_t seed)
{
    uint32_t moves = seed % 2 ? 3 : s->count;
    copy(s, &s->now, &s->best);
    for (uint32_t i = 0; i < moves; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        uint32_t from = (uint32_t)(seed >> 33) % s->count, width = s->end[from] - s->begin[from];
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        uint32_t to = s->begin[from] + (uint32_t)(seed >> 33) % width;
        rotate(s->now.order, from, 1, to);
        uint32_t unit = s->now.order[to];
        s->now.is_aligned[unit] |= s->limits->may_align && s->may_begin_line[unit] && s->is_contended[unit] && seed >> 62 == 0;
    }
    improve(s);
}

static void find_contended(search *s)
{
    for (uint32_t a = 0; a < s->count; a++) {
        for (uint32_t b = 0; b < a; b++) {
            double loss;
            pull(s, a, b, &loss);
            s->is_contended[a] |= loss > 0;
            s->is_contended[b] |= loss > 0;
        }
    }
}

ul_use_cost ul_use_search(ul_arrangement *out, ul_objective *of, const ul_units *units, const bool *may_begin_line, const ul_use_limits *limits,
                          ul_arena *arena)
{
    search s = {.of = of,
                .units = units,
                .may_begin_line = may_begin_line,
                .limits = limits,
                .left = limits->evaluations ? limits->evaluations : units->count <= SMALL_COUNT ? EVALUATIONS : EVALUATIONS * SMALL_COUNT / units->count,
                .count = units->count,
                .arena = arena,
                .begin = UL_NEW_ARRAY(arena, uint32_t, units->count + 1u),
                .end = UL_NEW_ARRAY(arena, uint32_t, units->count + 1u),
                .is_contended = UL_NEW_ARRAY(arena, bool, units->count + 1u)};
    s.now = new_arrangement(&s);
    s.trial = new_arrangement(&s);
    s.best = new_arrangement(&s);
    for (uint32_t begin = 0, end; begin < s.count; begin = end) {
        for (end = begin; end < s.count && units->items[end].segment == units->items[begin].segment;)
            end++;
        for (uint32_t i = begin; i < end; i++) {
            s.begin[i] = begin;
            s.end[i] = end;
            s.now.order[i] = s.best.order[i] = i;
        }
    }
    find_contended(&s);
    ul_use_cost before = ul_objective_cost(of, &s.now, &s.size_before);
    s.coherence_before = before.coherence;
    s.coherence_limit = before.coherence * (1 + 1e-9);
    s.best_cost = s.cost_before = ul_use_cost_total(&before);
    void (*const starts[])(search *) = {improve, start_from_alignment, start_from_spread, start_from_sweep, start_from_all, start_from_groups};
    uint32_t all = s.left;
    for (uint32_t i = 0; i < (limits->may_align ? 6u : 3u); i++) {
        s.left = all; /* each start has as much */
        starts[i](&s);
    }
    s.left = all;
    for (uint64_t i = 0; i < KICKS && s.count > 1 && s.count <= 2 * SMALL_COUNT && s.left; i++)
        kick(&s, i + 1);
    *out = s.best;
    return ul_objective_cost(of, out, NULL);
}

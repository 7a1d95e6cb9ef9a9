/*
 * The search of use_plan.h:
 *  1. Starts (use_starts.c): the source's order; the same moved about before any line is begun; falling alignment; clusters of fields that
 *     contexts touch together, those that disturb each other apart, with and without lines that they begin.
 *  2. From each, one improvement after another: a run of up to three units moves, two change places, a line is begun or is not, two at once, and
 *     what moves begins a line of its own there.
 *  3. From the best, a few times: some moves at random (always the same), and step 2 again.
 * Where all arrangements together are no more than that would look at, each is looked at instead.
 */
#include <math.h>
#include <string.h>

#include "layout/engine/use_search_state.h"

enum { EVALUATIONS = 20000, ALL_MAX = 50000, SMALL_COUNT = 24, RUN_MAX = 3, KICKS = 32 };

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
                 field->group < record->group_count && (record->groups[field->group].field_count == 1 || field->flags & UL_FIELD_SEPARABLE);
    }
    return may;
}

/* --- Arrangements. --- */

static void copy(const ul_use_searching *s, ul_arrangement *to, const ul_arrangement *from)
{
    memcpy(to->order, from->order, s->count * sizeof *to->order);
    memcpy(to->is_aligned, from->is_aligned, s->count * sizeof *to->is_aligned);
}

static ul_arrangement new_arrangement(const ul_use_searching *s)
{
    return (ul_arrangement){UL_NEW_ARRAY(s->arena, uint32_t, s->count + 1u), UL_NEW_ARRAY(s->arena, bool, s->count + 1u)};
}

static bool keeps_bits_apart(const ul_use_searching *s, const uint32_t *order)
{
    for (uint32_t i = 1; i < s->count; i++) {
        if (!ul_units_may_follow(s->units, order[i - 1], order[i]))
            return false;
    }
    return true;
}

static bool begins_lines(const ul_use_searching *s, const ul_arrangement *at)
{
    for (uint32_t i = 0; i < s->count; i++) {
        if (at->is_aligned[i])
            return true;
    }
    return false;
}

/* On a line that was begun in the source none comes that was not there; from it any may go, and onto lines that are begun now. */
static bool keeps_lines(const ul_use_searching *s, const ul_arrangement *at)
{
    uint32_t line = 0;
    for (uint32_t i = 0; i < s->count && s->units->passes_lines; i++) {
        uint32_t unit = at->order[i];
        if (s->line_of[unit] == unit + 1)
            line = unit + 1;
        else if (at->is_aligned[unit])
            line = 0;
        else if (line && s->line_of[unit] != line)
            return false;
    }
    return true;
}

/* What may not be costs more than all that may, and less the less is wrong with it: a way through it is a way. */
static double judge(ul_use_searching *s, const ul_arrangement *at)
{
    uint64_t size;
    if (!keeps_bits_apart(s, at->order))
        return INFINITY;
    s->left -= s->left > 0;
    ul_use_cost cost = ul_objective_cost(s->of, at, &size);
    double total = ul_use_cost_total(&cost);
    if (size != s->size_before && ul_use_aliases(size) && !s->limits->may_alias)
        total += s->cost_before;
    if (!keeps_lines(s, at))
        total += s->cost_before;
    if (cost.coherence > s->coherence_limit)
        total += s->cost_before + 2 * (cost.coherence - s->coherence_limit);
    if (cost.coherence >= s->coherence_before && (size > s->size_before || begins_lines(s, at)))
        total += s->cost_before;
    return total;
}

/* Takes the trial when it is cheaper than what is now. */
static bool take(ul_use_searching *s)
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
static bool begin_line(const ul_use_searching *s, ul_arrangement *at, uint32_t place, bool also_next)
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

static bool try_move(ul_use_searching *s, uint32_t from, uint32_t length, uint32_t to)
{
    copy(s, &s->trial, &s->now);
    rotate(s->trial.order, from, length, to);
    if (take(s))
        return true;
    if (!s->limits->may_align || s->only_moves || length > 1 || !s->is_contended[s->now.order[from]])
        return false;
    for (uint32_t also_next = 0; also_next < 2; also_next++) {
        copy(s, &s->trial, &s->now);
        rotate(s->trial.order, from, length, to);
        if (begin_line(s, &s->trial, to, also_next) && take(s))
            return true;
    }
    return false;
}

static bool improve_by_moves(ul_use_searching *s)
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

static bool improve_by_swaps(ul_use_searching *s)
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

static bool improve_by_lines(ul_use_searching *s)
{
    bool has_gained = false;
    for (uint32_t a = 0; a < s->count && s->limits->may_align && !s->only_moves; a++) {
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

void ul_use_improve(ul_use_searching *s)
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

/* --- Step 3. --- */

/* Moves from the best, few or as many as there are units; `seed` decides which. */
static void kick(ul_use_searching *s, uint64_t seed)
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
    ul_use_improve(s);
}

/* --- All of them. --- */

static uint64_t count_all(const ul_use_searching *s)
{
    uint64_t all = 1;
    for (uint32_t i = 0; i < s->count && all <= ALL_MAX; i++) {
        all *= i - s->begin[i] + 1;
        all *= s->limits->may_align && s->may_begin_line[i] ? 2 : 1;
    }
    return all;
}

static void keep_best(ul_use_searching *s)
{
    double cost = judge(s, &s->now);
    if (!(cost < s->best_cost * (1 - 1e-9)))
        return;
    copy(s, &s->best, &s->now);
    s->best_cost = cost;
}

/* The order of `now` with every choice of lines for the units from `unit` on. */
static void try_lines(ul_use_searching *s, uint32_t unit)
{
    while (unit < s->count && !(s->limits->may_align && s->may_begin_line[unit]))
        unit++;
    if (unit == s->count) {
        keep_best(s);
        return;
    }
    for (uint32_t begins = 0; begins < 2; begins++) {
        s->now.is_aligned[unit] = begins;
        try_lines(s, unit + 1);
    }
    s->now.is_aligned[unit] = false;
}

/* Every order of the places from `at` on. */
static void try_orders(ul_use_searching *s, uint32_t at)
{
    if (at == s->count) {
        try_lines(s, 0);
        return;
    }
    uint32_t *order = s->now.order;
    for (uint32_t i = at; i < s->end[at]; i++) {
        uint32_t chosen = order[i];
        memmove(order + at + 1, order + at, (i - at) * sizeof *order);
        order[at] = chosen;
        if (at == 0 || ul_units_may_follow(s->units, order[at - 1], order[at]))
            try_orders(s, at + 1);
        memmove(order + at, order + at + 1, (i - at) * sizeof *order);
        order[i] = chosen;
    }
}

/* Affinity less loss of two units. */
double ul_use_pull(const ul_use_searching *s, uint32_t a, uint32_t b, double *loss)
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

static void find_lines(ul_use_searching *s)
{
    for (uint32_t i = 0; i < s->count; i++) {
        const ul_move_unit *unit = &s->units->items[i];
        s->line_of[i] = i ? s->line_of[i - 1] : 0;
        for (uint32_t k = unit->first_piece; k < unit->first_piece + unit->piece_count; k++)
            s->line_of[i] = ul_units_begins_line(s->units, k) ? i + 1 : s->line_of[i];
    }
}

static void find_contended(ul_use_searching *s)
{
    for (uint32_t a = 0; a < s->count; a++) {
        for (uint32_t b = 0; b < a; b++) {
            double loss;
            ul_use_pull(s, a, b, &loss);
            s->is_contended[a] |= loss > 0;
            s->is_contended[b] |= loss > 0;
        }
    }
}

ul_use_cost ul_use_search(ul_arrangement *out, ul_objective *of, const ul_units *units, const bool *may_begin_line, const ul_use_limits *limits,
                          ul_arena *arena)
{
    ul_use_searching s = {.of = of,
                .units = units,
                .may_begin_line = may_begin_line,
                .limits = limits,
                .left = limits->evaluations ? limits->evaluations : units->count <= SMALL_COUNT ? EVALUATIONS : EVALUATIONS * SMALL_COUNT / units->count,
                .count = units->count,
                .arena = arena,
                .begin = UL_NEW_ARRAY(arena, uint32_t, units->count + 1u),
                .end = UL_NEW_ARRAY(arena, uint32_t, units->count + 1u),
                .is_contended = UL_NEW_ARRAY(arena, bool, units->count + 1u),
                .line_of = UL_NEW_ARRAY(arena, uint32_t, units->count + 1u)};
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
    find_lines(&s);
    find_contended(&s);
    ul_use_cost before = ul_objective_cost(of, &s.now, &s.size_before);
    s.coherence_before = before.coherence;
    s.coherence_limit = before.coherence * (1 + 1e-9);
    s.best_cost = s.cost_before = ul_use_cost_total(&before);
    if (count_all(&s) <= ALL_MAX) {
        try_orders(&s, 0);
        *out = s.best;
        return ul_objective_cost(of, out, NULL);
    }
    void (*const starts[])(ul_use_searching *) = {ul_use_improve, ul_use_start_from_alignment, ul_use_start_from_spread, ul_use_start_from_moves, ul_use_start_from_sweep, ul_use_start_from_all, ul_use_start_from_groups};
    uint32_t all = s.left;
    for (uint32_t i = 0; i < (limits->may_align ? 7u : 3u); i++) {
        s.left = all; /* each start has as much */
        starts[i](&s);
    }
    s.left = all;
    for (uint64_t i = 0; i < KICKS && s.count > 1 && s.count <= 2 * SMALL_COUNT && s.left; i++)
        kick(&s, i + 1);
    *out = s.best;
    return ul_objective_cost(of, out, NULL);
}

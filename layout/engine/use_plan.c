#include "layout/engine/use_plan.h"

#include <string.h>

#include "layout/engine/facts.h"
#include "layout/engine/fewest.h"

typedef struct use_planner {
    const ul_plan_request *request;
    const ul_usage *usage;
    ul_units units;
    ul_objective *objective; /* on the first target */
    bool *may_begin_line;
    ul_use_cost before;
    ul_arrangement source;
    ul_arena *arena;
    ul_arena scratch;
} use_planner;

typedef struct resize_context {
    const ul_plan_request *request;
} resize_context;

static uint64_t resize(void *context, const char *key, uint64_t size_bytes)
{
    const resize_context *to = context;
    return to->request->resized(to->request->context, key, 0, size_bytes);
}

const ul_record *ul_use_plan_aligned(const ul_record *record, const ul_plan *plan, ul_arena *arena)
{
    if (!plan->aligned_count)
        return record;
    ul_record *copy = UL_NEW(arena, ul_record);
    *copy = *record;
    copy->fields = UL_NEW_ARRAY(arena, ul_field, record->field_count + 1u);
    memcpy(copy->fields, record->fields, record->field_count * sizeof *copy->fields);
    for (uint32_t i = 0; i < plan->aligned_count; i++) {
        ul_field *field = &copy->fields[plan->aligned[i]];
        field->flags |= UL_FIELD_ATTRIBUTED;
        field->align_bytes = field->align_bytes > plan->aligned_to_bytes ? field->align_bytes : plan->aligned_to_bytes;
    }
    return copy;
}

/* So few that they fit a first-level cache of 64 sets and 8 ways although they fall on few of its sets. */
static bool are_few(const ul_usage *usage, uint64_t size_bytes)
{
    enum { WAYS = 8, WAY_BYTES = 4096 };
    double sets = size_bytes < WAY_BYTES ? (double)WAY_BYTES / (double)size_bytes : 1;
    return usage->instances > 0 && usage->instances <= sets * WAYS;
}

/* --- The plan of an arrangement. --- */

static bool is_contended(const use_planner *p, uint32_t piece)
{
    for (uint32_t other = 0; other < p->units.field_count; other++) {
        if (other != piece && ul_objective_loss(p->objective, piece, other) > 0)
            return true;
    }
    return false;
}

/* The unit at place `at` of the order begins a line and nothing is known of it: then it ends that of those before, the last of whom says why. */
static const char *closing_note(use_planner *p, const ul_arrangement *of, uint32_t at)
{
    const ul_record *record = p->request->records[0];
    for (uint32_t i = at; i-- > 0;) {
        const ul_move_unit *unit = &p->units.items[of->order[i]];
        for (uint32_t k = unit->first_piece + unit->piece_count; k-- > unit->first_piece;) {
            const ul_field *field = &record->fields[p->units.fields[k]];
            if (is_contended(p, k) && field->name[0] && p->usage->sources & ~(uint32_t)UL_USAGE_ANNOTATIONS)
                return ul_arena_printf(p->arena, "apart from %s", field->name);
        }
        if (of->is_aligned[of->order[i]])
            break;
    }
    return NULL;
}

/* Whether the last line that is begun is the last there is, and something on it is written. */
static bool is_open(const use_planner *p, const ul_arrangement *at)
{
    bool writes = false;
    for (uint32_t i = p->units.count; i-- > 0;) {
        const ul_move_unit *unit = &p->units.items[at->order[i]];
        for (uint32_t k = unit->first_piece; k < unit->first_piece + unit->piece_count; k++) {
            writes |= ul_objective_writes(p->objective, k) > 0;
            if (ul_units_begins_line(&p->units, k))
                return false;
        }
        if (at->is_aligned[at->order[i]])
            return writes;
    }
    return false;
}

static void list_order(use_planner *p, ul_plan *plan, const ul_arrangement *at)
{
    const ul_units *units = &p->units;
    bool *is_moved = UL_NEW_ARRAY(&p->scratch, bool, units->count + 1u);
    uint32_t *order = UL_NEW_ARRAY(p->arena, uint32_t, units->field_count + 1u), *moved = UL_NEW_ARRAY(p->arena, uint32_t, units->field_count + 1u);
    uint32_t *aligned = UL_NEW_ARRAY(p->arena, uint32_t, units->count + 1u);
    const char **notes = UL_NEW_ARRAY(p->arena, const char *, units->count + 1u);
    ul_moves_of(is_moved, units, at->order, &p->scratch);
    for (uint32_t i = 0; i < units->count; i++) {
        const ul_move_unit *unit = &units->items[at->order[i]];
        for (uint32_t k = 0; k < unit->field_count; k++)
            order[plan->order_count++] = units->fields[unit->first_field + k];
        if (!at->is_aligned[at->order[i]])
            continue;
        uint32_t field = units->fields[unit->first_field];
        aligned[plan->aligned_count] = field;
        notes[plan->aligned_count++] = p->usage->notes && p->usage->notes[field] ? p->usage->notes[field] : closing_note(p, at, i);
    }
    for (uint32_t i = 0; i < units->count; i++) {
        const ul_move_unit *unit = &units->items[i];
        for (uint32_t k = 0; is_moved[i] && k < unit->field_count; k++)
            moved[plan->moved_count++] = units->fields[unit->first_field + k];
    }
    plan->is_open = is_open(p, at);
    plan->order = order;
    plan->moved = moved;
    plan->aligned = aligned;
    plan->aligned_notes = notes;
    plan->aligned_to_bytes = (uint32_t)(ul_objective_align_bits(p->objective) / 8);
}

static ul_status describe(use_planner *p, ul_plan *plan, const ul_arrangement *at)
{
    const ul_record *record = p->request->records[0];
    resize_context context = {p->request};
    uint64_t source_bits[UL_TARGETS_MAX];
    ul_record *after;
    ul_facts before, then;
    list_order(p, plan, at);
    ul_status status = ul_layout_replay(&after, ul_use_plan_aligned(record, plan, &p->scratch), &p->request->targets[0], plan->order, plan->order_count,
                                        p->request->resized ? resize : NULL, &context, p->arena);
    if (status != UL_OK)
        return status;
    ul_units_measure(&p->units, p->source.order, source_bits);
    plan->after = after;
    plan->size_bytes = after->size_bytes;
    for (uint32_t i = 0; i < p->units.count; i++)
        plan->lower_bound_bytes += p->units.items[i].least_bits[0];
    plan->lower_bound_bytes = ul_units_size(&p->units, 0, plan->lower_bound_bytes) / 8;
    plan->saved_bytes = after->size_bytes < record->size_bytes ? record->size_bytes - after->size_bytes : 0;
    plan->grown_bytes = after->size_bytes > record->size_bytes ? after->size_bytes - record->size_bytes : 0;
    plan->embedded_saved_bytes = source_bits[0] / 8 < record->size_bytes ? record->size_bytes - source_bits[0] / 8 : 0;
    ul_facts_of(&before, record, &p->request->targets[0], &p->scratch);
    ul_facts_of(&then, after, &p->request->targets[0], &p->scratch);
    plan->class_saved_bytes = before.fit.footprint_bytes > then.fit.footprint_bytes ? before.fit.footprint_bytes - then.fit.footprint_bytes : 0;
    plan->lines_before = before.line_count;
    plan->lines_after = then.line_count;
    plan->straddles_before = before.straddle_count;
    plan->straddles_after = then.straddle_count;
    return UL_OK;
}

/* --- Which arrangement. --- */

static double gain_of(const use_planner *p, const ul_use_cost *after)
{
    double before = ul_use_cost_total(&p->before);
    return before > 0 ? 1 - ul_use_cost_total(after) / before : 0;
}

static ul_use_cost search(use_planner *p, ul_arrangement *out, bool may_align, bool may_alias)
{
    ul_use_limits limits = {.may_align = may_align, .may_alias = may_alias};
    return ul_use_search(out, p->objective, &p->units, p->may_begin_line, &limits, &p->scratch);
}

/* Whether fields that different roles use meet on a line now: else no line need be begun. */
static bool has_losses(const use_planner *p)
{
    return p->before.coherence > 0;
}

static bool begins_lines(const use_planner *p, const ul_arrangement *at)
{
    for (uint32_t i = 0; i < p->units.count; i++) {
        if (at->is_aligned[i])
            return true;
    }
    return false;
}

/* What gains more than `gain` and may not be: notes it in *outcome. */
static void look_beyond(use_planner *p, ul_use_outcome *outcome, bool may_align, bool may_alias, double gain)
{
    ul_arrangement other;
    uint64_t size;
    if (may_align && may_alias)
        return;
    if (!may_align) {
        ul_use_cost cost = search(p, &other, true, true);
        if (begins_lines(p, &other) && gain_of(p, &cost) >= gain + UL_USE_LEAST_GAIN) {
            outcome->missed = p->usage->align_obstacle == UL_ALIGN_EMBEDDED ? UL_USE_EMBEDDED : UL_USE_HEAP;
            outcome->missed_gain = gain_of(p, &cost);
            return;
        }
    }
    if (may_alias)
        return;
    ul_use_cost cost = search(p, &other, may_align, true);
    ul_objective_cost(p->objective, &other, &size);
    if (ul_use_aliases(size) && gain_of(p, &cost) >= gain + UL_USE_LEAST_GAIN) {
        outcome->missed = UL_USE_STRIDE;
        outcome->missed_gain = gain_of(p, &cost);
        outcome->stride_bytes = size;
    }
}

/* Whether the arrangement costs no more on the other targets than the source's order. */
static bool suits_all(use_planner *p, const ul_arrangement *at)
{
    for (uint32_t target = 1; target < p->request->target_count; target++) {
        ul_objective *of = ul_objective_new(&p->units, target, p->request->records[target], p->usage, &p->scratch);
        ul_use_cost before = ul_objective_cost(of, &p->source, NULL), after = ul_objective_cost(of, at, NULL);
        if (after.coherence > before.coherence * (1 + 1e-9) || ul_use_cost_total(&after) > ul_use_cost_total(&before))
            return false;
    }
    return true;
}

static uint32_t moves_in(use_planner *p, const ul_arrangement *at)
{
    return ul_moves_of(UL_NEW_ARRAY(&p->scratch, bool, p->units.count + 1u), &p->units, at->order, &p->scratch);
}

/*
 * 1. The best that is allowed: with lines begun where objects can have the alignment and they help, at sizes that do not alias.
 * 2. What would be better still, without that: for people to know.
 * 3. Worth it, on every target?
 */
static ul_status plan_struct(use_planner *p, const ul_plan **out, ul_use_outcome *outcome)
{
    ul_arrangement best;
    uint64_t size, best_size;
    bool may_align = p->usage->align_obstacle == UL_ALIGN_FREE && has_losses(p);
    ul_objective_cost(p->objective, &p->source, &size);
    bool may_alias = are_few(p->usage, 2 * size);
    outcome->before = p->before;
    if (p->before.touches + p->before.coherence <= 0)
        return UL_OK; /* as far as anybody knows its use costs nothing */
    outcome->after = search(p, &best, may_align, may_alias);
    outcome->gain = gain_of(p, &outcome->after);
    ul_objective_cost(p->objective, &best, &best_size);
    if (p->usage->align_obstacle != UL_ALIGN_FREE && best_size > size)
        outcome->gain = 0; /* memory of another size may be made for it */
    if (has_losses(p))
        look_beyond(p, outcome, may_align, may_alias, outcome->gain > 0 ? outcome->gain : 0);
    /* In a record of one line order matters to no cache, wherever its objects begin, unless it keeps fields apart. */
    bool is_one_line = size * 8 <= (uint64_t)p->request->targets[0].line_bytes * 8 && outcome->after.coherence >= p->before.coherence;
    bool is_guess = p->usage->sources == UL_USAGE_CENSUS;
    bool is_half = has_losses(p) && outcome->after.coherence > UL_GUESSED_LEFT_PART * p->before.coherence;
    if (is_one_line || (is_guess && !begins_lines(p, &best) && (is_half || moves_in(p, &best) > UL_GUESSED_MOVES_MAX)))
        outcome->gain = 0;
    bool is_worth_it = outcome->gain >= (is_guess ? UL_USE_LEAST_GUESSED_GAIN : UL_USE_LEAST_GAIN);
    outcome->verdict = is_worth_it ? UL_USE_PLANNED : outcome->missed != UL_USE_PLANNED ? outcome->missed : UL_USE_NO_GAIN;
    if (!is_worth_it)
        return UL_OK;
    if (!suits_all(p, &best)) {
        outcome->verdict = UL_USE_OTHER_TARGET;
        return UL_OK;
    }
    ul_plan *plan = UL_NEW(p->arena, ul_plan);
    plan->use = outcome;
    ul_status status = describe(p, plan, &best);
    *out = status == UL_OK ? plan : NULL;
    return status;
}

/* What planning with `allow` comes to. */
static ul_status plan_once(use_planner *p, const ul_plan **out, ul_use_outcome *outcome, uint32_t allow)
{
    const ul_record *record = p->request->records[0];
    *out = NULL;
    *outcome = (ul_use_outcome){.verdict = UL_USE_NO_GAIN};
    ul_status status = ul_units_build(&p->units, p->request, allow, &p->scratch);
    if (status != UL_OK || p->units.count <= 1)
        return status;
    p->may_begin_line = ul_use_may_begin_lines(&p->units, record, &p->scratch);
    p->objective = ul_objective_new(&p->units, 0, record, p->usage, &p->scratch);
    p->source = (ul_arrangement){UL_NEW_ARRAY(&p->scratch, uint32_t, p->units.count), UL_NEW_ARRAY(&p->scratch, bool, p->units.count)};
    for (uint32_t i = 0; i < p->units.count; i++)
        p->source.order[i] = i;
    p->before = ul_objective_cost(p->objective, &p->source, NULL);
    return plan_struct(p, out, outcome);
}

/* The first field of a declaration whose own fields are to be kept apart; UL_NO_PARENT for none. */
static uint32_t find_fight(use_planner *p)
{
    const ul_record *record = p->request->records[0];
    ul_units units;
    if (ul_units_build(&units, p->request, p->request->allow & ~(uint32_t)UL_ALLOW_SPLIT_DECLARATORS, &p->scratch) != UL_OK)
        return UL_NO_PARENT;
    ul_objective *of = ul_objective_new(&units, 0, record, p->usage, &p->scratch);
    for (uint32_t i = 0; i < units.count; i++) {
        const ul_move_unit *unit = &units.items[i];
        for (uint32_t a = unit->first_piece; a < unit->first_piece + unit->piece_count; a++) {
            for (uint32_t b = unit->first_piece; b < a; b++) {
                if (record->fields[units.fields[a]].flags & UL_FIELD_SEPARABLE && ul_objective_loss(of, a, b) > 0)
                    return units.fields[unit->first_field];
            }
        }
    }
    return UL_NO_PARENT;
}

static bool is_shared(const ul_record *record, uint32_t field)
{
    uint32_t group = record->fields[field].group;
    return group < record->group_count && record->groups[group].field_count > 1;
}

/* The first field of a declaration that the plan takes apart; UL_NO_PARENT for none. */
static uint32_t find_split(const ul_record *record, const ul_plan *plan)
{
    uint32_t field = UL_NO_PARENT;
    for (uint32_t i = 0; i < plan->aligned_count && field == UL_NO_PARENT; i++)
        field = is_shared(record, plan->aligned[i]) ? plan->aligned[i] : UL_NO_PARENT;
    for (uint32_t i = 0; i < plan->moved_count && field == UL_NO_PARENT; i++)
        field = is_shared(record, plan->moved[i]) ? plan->moved[i] : UL_NO_PARENT;
    return field == UL_NO_PARENT ? field : record->groups[record->fields[field].group].first_field;
}

/*
 * A declaration whose fields disturb one another is in the way: half a plan would leave them together and look like one. Where some other declaration is, what
 * can be had without it is had.
 */
static void miss_split(use_planner *p, const ul_plan **plan, ul_use_outcome *result, const ul_plan *apart, const ul_use_outcome *split)
{
    uint32_t fight = find_fight(p), field = fight == UL_NO_PARENT && apart ? find_split(p->request->records[0], apart) : fight;
    double gain = apart ? split->gain : split->missed_gain;
    if (field == UL_NO_PARENT || gain < (result->gain > result->missed_gain ? result->gain : result->missed_gain) + UL_USE_LEAST_GAIN)
        return;
    if (*plan && fight == UL_NO_PARENT) {
        result->missed = UL_USE_SPLIT;
    } else {
        *plan = NULL;
        *result = *split;
        result->misses_split = !apart;
        result->missed = result->verdict = apart ? UL_USE_SPLIT : split->missed;
    }
    result->split_field = field;
    result->missed_gain = gain;
}

/*
 * Declarations stay whole, unless it is better to split one and that is allowed.
 */
ul_status ul_use_plan_record(const ul_plan **plan, const ul_use_outcome **outcome, const ul_plan_request *request, const ul_usage *usage, ul_arena *arena)
{
    ul_plan_request passing = *request;
    use_planner p = {.request = &passing, .usage = usage, .arena = arena};
    ul_use_outcome *whole = UL_NEW(arena, ul_use_outcome), *split = UL_NEW(arena, ul_use_outcome);
    const ul_plan *apart = NULL;
    *plan = NULL;
    *outcome = whole;
    whole->verdict = UL_USE_NO_GAIN;
    if (request->records[0]->kind == UL_RECORD_UNION)
        return UL_OK;
    passing.passes_lines = true;
    ul_arena_init(&p.scratch, arena->oom);
    ul_status status = plan_once(&p, plan, whole, request->allow & ~(uint32_t)UL_ALLOW_SPLIT_DECLARATORS);
    if (status == UL_OK && p.units.held_by & UL_ALLOW_SPLIT_DECLARATORS) {
        status = plan_once(&p, &apart, split, request->allow | UL_ALLOW_SPLIT_DECLARATORS);
        if (status == UL_OK && !(request->allow & UL_ALLOW_SPLIT_DECLARATORS)) {
            miss_split(&p, plan, whole, apart, split);
        } else if (status == UL_OK && (apart ? split->gain : split->missed_gain) >= (*plan ? whole->gain : whole->missed_gain) + UL_USE_LEAST_GAIN) {
            *plan = apart;
            *outcome = split;
        }
    }
    ul_arena_free(&p.scratch);
    return status;
}

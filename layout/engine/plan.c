#include "layout/engine/plan.h"

#include <stdlib.h>
#include <string.h>

#include "layout/engine/facts.h"
#include "layout/engine/fewest.h"
#include "layout/engine/smallest.h"

enum { DEFAULT_BUDGET = 300000, LARGE_COUNT = 1000, STILL_MISSING = 6, SINGLE_MOVES_COUNT = 24 /* below it the exact search ends */ };

/* What is known while one record is planned. */
typedef struct planner {
    const ul_plan_request *request;
    ul_arena *arena;
    ul_arena scratch;
    ul_units units;
    uint64_t budget;
    uint64_t source_bits[UL_TARGETS_MAX]; /* sizes of the source's order, embedded records resized */
    uint64_t limit_bits[UL_TARGETS_MAX];  /* no larger than the record is today */
} planner;

typedef struct resize_context {
    const ul_plan_request *request;
    uint32_t target;
} resize_context;

static uint64_t resize(void *context, const char *key, uint64_t size_bytes)
{
    const resize_context *to = context;
    return to->request->resized(to->request->context, key, to->target, size_bytes);
}

/* The record on the first target in `order`, NULL for the source's. */
static ul_status replay(const planner *p, ul_record **out, const uint32_t *order, uint32_t count)
{
    resize_context context = {p->request, 0};
    return ul_layout_replay(out, p->request->records[0], &p->request->targets[0], order, count,
                            p->request->resized ? resize : NULL, &context, p->arena);
}

static uint32_t *fields_in(const ul_units *units, const uint32_t *order, ul_arena *arena)
{
    uint32_t *fields = UL_NEW_ARRAY(arena, uint32_t, units->field_count), count = 0;
    for (uint32_t i = 0; i < units->count; i++) {
        const ul_move_unit *unit = &units->items[order[i]];
        for (uint32_t j = 0; j < unit->field_count; j++)
            fields[count++] = units->fields[unit->first_field + j];
    }
    return fields;
}

static uint64_t lower_bound_bits(const ul_units *units)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < units->count; i++)
        sum += units->items[i].least_bits[0];
    return ul_units_size(units, 0, sum);
}

static bool is_within(const planner *p, const uint32_t *order, uint64_t size_bits)
{
    uint64_t sizes[UL_TARGETS_MAX];
    ul_units_measure(&p->units, order, sizes);
    for (uint32_t target = 0; target < p->units.target_count; target++) {
        if (sizes[target] > (target == 0 ? size_bits : p->limit_bits[target]))
            return false;
    }
    return true;
}

static bool keeps_bits_apart(const ul_units *units, const uint32_t *order)
{
    for (uint32_t i = 1; i < units->count; i++) {
        if (!ul_units_may_follow(units, order[i - 1], order[i]))
            return false;
    }
    return true;
}

/* Takes `order` when it keeps within the limits and is smaller than the best known or moves less. */
static void take_better(planner *p, ul_smallest *best, const uint32_t *order, bool *is_moved, uint32_t *moves)
{
    const ul_units *units = &p->units;
    uint64_t sizes[UL_TARGETS_MAX];
    ul_units_measure(units, order, sizes);
    if (sizes[0] > best->size_bits[0] || !is_within(p, order, sizes[0]) || !keeps_bits_apart(units, order))
        return;
    uint32_t count = ul_moves_of(is_moved, units, order, &p->scratch);
    if (sizes[0] == best->size_bits[0] && count >= *moves)
        return;
    *moves = count;
    memcpy(best->order, order, units->count * sizeof *order);
    memcpy(best->size_bits, sizes, sizeof sizes);
}

/* The few moves that `order` still lacks to be of best->size_bits, by an exact search that takes it for the source's order. */
static bool go_on_from(planner *p, uint32_t *order, const ul_smallest *best)
{
    ul_units from = p->units;
    uint64_t limits[UL_TARGETS_MAX];
    from.items = UL_NEW_ARRAY(&p->scratch, ul_move_unit, from.count);
    for (uint32_t i = 0; i < from.count; i++)
        from.items[i] = p->units.items[order[i]];
    memcpy(limits, p->limit_bits, sizeof limits);
    limits[0] = best->size_bits[0];
    ul_fewest asked = {.limit_bits = limits, .most_moves = STILL_MISSING, .budget = p->budget / 5};
    uint32_t *further = UL_NEW_ARRAY(&p->scratch, uint32_t, from.count);
    if (ul_fewest_find(further, &from, &asked, &p->scratch) != UL_OK)
        return false;
    uint32_t *result = UL_NEW_ARRAY(&p->scratch, uint32_t, from.count);
    for (uint32_t i = 0; i < from.count; i++)
        result[i] = order[further[i]];
    memcpy(order, result, from.count * sizeof *order);
    return true;
}

/* Orders that start from the source's and fill holes: one pass that looks ahead; then one move after another. */
static void try_simple_orders(planner *p, ul_smallest *best, bool *is_moved, uint32_t *moves)
{
    const ul_units *units = &p->units;
    uint32_t *order = UL_NEW_ARRAY(&p->scratch, uint32_t, units->count);
    uint64_t at = 0;
    for (uint32_t begin = 0, end; begin < units->count; begin = end) {
        for (end = begin; end < units->count && units->items[end].segment == units->items[begin].segment;)
            end++;
        ul_order_by_holes(order + begin, units, begin, end, at);
        for (uint32_t i = begin; i < end; i++)
            at = ul_units_place(units, order[i], 0, at);
    }
    take_better(p, best, order, is_moved, moves);
    if (units->count <= SINGLE_MOVES_COUNT)
        return;
    if (ul_order_by_single_moves(order, units, best->size_bits[0], &p->scratch) || go_on_from(p, order, best))
        take_better(p, best, order, is_moved, moves);
}

/*
 * Of the orders of best->size_bits, one that moves the fewest fields: exactly and with the fewest line crossings; if that is too much, exactly
 * in moves; if that is, the simplest known. True when the moves are proven.
 */
static bool move_least(planner *p, ul_smallest *best)
{
    const ul_units *units = &p->units;
    bool *is_moved = UL_NEW_ARRAY(&p->scratch, bool, units->count);
    uint32_t moves = ul_moves_of(is_moved, units, best->order, &p->scratch);
    try_simple_orders(p, best, is_moved, &moves);
    uint64_t limits[UL_TARGETS_MAX], cut_bits[UL_TARGETS_MAX];
    memcpy(limits, p->limit_bits, sizeof limits);
    limits[0] = best->size_bits[0];
    uint32_t *order = UL_NEW_ARRAY(&p->scratch, uint32_t, units->count);
    /* Of a thousand declarations some order moves few or none is found: the search is then for the former. */
    uint64_t budget = units->count > LARGE_COUNT ? p->budget / 10 : p->budget;
    ul_fewest asked = {.limit_bits = limits, .most_moves = moves, .budget = budget / 5, .counts_straddles = true};
    ul_status status = ul_fewest_find(order, units, &asked, &p->scratch);
    if (status == UL_ERR_LIMIT) {
        ul_units reduced;
        ul_units_reduce(&reduced, cut_bits, units, &p->scratch);
        for (uint32_t target = 0; target < units->target_count; target++)
            limits[target] -= cut_bits[target];
        asked.budget = budget / 2;
        asked.counts_straddles = false;
        status = ul_fewest_find(order, &reduced, &asked, &p->scratch);
    }
    if (status != UL_OK)
        return false;
    uint64_t size_before = best->size_bits[0];
    memcpy(best->order, order, units->count * sizeof *order);
    ul_units_measure(units, best->order, best->size_bits);
    if (best->size_bits[0] > size_before)
        abort(); /* the search and the measure disagree */
    return best->size_bits[0] == size_before;
}

static uint32_t straddles_in(const ul_units *units, const uint32_t *order)
{
    uint32_t straddles = 0;
    uint64_t at = 0;
    for (uint32_t i = 0; i < units->count; i++)
        at = ul_units_place_counting(units, order[i], 0, at, &straddles);
    return straddles;
}

/* Neighbours that both moved stand as the source has them where that costs nothing: the least surprising of equal orders. */
static void tidy(planner *p, ul_smallest *best)
{
    const ul_units *units = &p->units;
    uint32_t *order = best->order, straddles = straddles_in(units, order), moves_allowed = LARGE_COUNT;
    bool *is_moved = UL_NEW_ARRAY(&p->scratch, bool, units->count);
    ul_moves_of(is_moved, units, order, &p->scratch);
    for (uint32_t i = 1; i < units->count && moves_allowed; i++) {
        uint32_t a = order[i - 1], b = order[i];
        if (a < b || !is_moved[a] || !is_moved[b] || units->items[a].segment != units->items[b].segment)
            continue;
        order[i - 1] = b;
        order[i] = a;
        moves_allowed--;
        if (is_within(p, order, best->size_bits[0]) && keeps_bits_apart(units, order) && straddles_in(units, order) <= straddles) {
            straddles = straddles_in(units, order);
            i = i > 1 ? i - 2 : 0; /* it may go on to the left */
        } else {
            order[i - 1] = a;
            order[i] = b;
        }
    }
    ul_units_measure(units, order, best->size_bits);
}

static ul_status describe(planner *p, ul_plan *plan, const ul_smallest *best)
{
    const ul_record *record = p->request->records[0];
    const ul_units *units = &p->units;
    bool *is_moved = UL_NEW_ARRAY(&p->scratch, bool, units->count);
    ul_moves_of(is_moved, units, best->order, &p->scratch);
    plan->order = fields_in(units, best->order, p->arena);
    plan->order_count = units->field_count;
    plan->moved = UL_NEW_ARRAY(p->arena, uint32_t, units->field_count);
    for (uint32_t i = 0; i < units->count; i++) {
        for (uint32_t j = 0; is_moved[i] && j < units->items[i].field_count; j++)
            plan->moved[plan->moved_count++] = units->fields[units->items[i].first_field + j];
    }
    ul_record *after;
    ul_status status = replay(p, &after, plan->order, plan->order_count);
    if (status != UL_OK)
        return status;
    plan->after = after;
    plan->size_bytes = after->size_bytes;
    plan->saved_bytes = record->size_bytes - plan->size_bytes;
    plan->embedded_saved_bytes = record->size_bytes - p->source_bits[0] / 8;
    ul_facts before, then;
    ul_facts_of(&before, record, &p->request->targets[0], &p->scratch);
    ul_facts_of(&then, after, &p->request->targets[0], &p->scratch);
    plan->class_saved_bytes =
        before.fit.footprint_bytes > then.fit.footprint_bytes ? before.fit.footprint_bytes - then.fit.footprint_bytes : 0;
    plan->lines_before = before.line_count;
    plan->lines_after = then.line_count;
    plan->straddles_before = before.straddle_count;
    plan->straddles_after = then.straddle_count;
    return UL_OK;
}

static const char *label_of(const planner *p, uint32_t field)
{
    return ul_arena_printf(p->arena, "`%s`", ul_field_label(p->request->records[0], field, p->arena));
}

/* Whether two spans of bits touch a common line. */
static bool share_line(const ul_field *a, const ul_field *b, uint64_t line_bits)
{
    if (a->size_bits == 0 || b->size_bits == 0)
        return false;
    return a->offset_bits / line_bits <= (b->offset_bits + b->size_bits - 1) / line_bits &&
           b->offset_bits / line_bits <= (a->offset_bits + a->size_bits - 1) / line_bits;
}

/* Whether direct fields `a` and `b` share a line in `after` (where place[] says they stand) and not in `record`. */
static bool come_together(const ul_record *record, const ul_record *after, const uint32_t *place, uint32_t a, uint32_t b, uint64_t line_bits)
{
    return a != b && !share_line(&record->fields[a], &record->fields[b], line_bits) &&
           share_line(&after->fields[place[a]], &after->fields[place[b]], line_bits);
}

/* Two fields that would share a line and do not today, one of them isolated by its alignment where there is such. */
static const char *tell_lines(const planner *p, const uint32_t *order, uint32_t count)
{
    enum { PAIRS_OF_MAX = 1024 };
    const ul_record *record = p->request->records[0];
    uint64_t line_bits = (uint64_t)p->request->targets[0].line_bytes * 8;
    uint32_t *place = UL_NEW_ARRAY(p->arena, uint32_t, record->field_count);
    ul_record *after;
    if (replay(p, &after, order, count) != UL_OK)
        return "";
    for (uint32_t i = 0, at = 0; i < after->field_count; i++) {
        if (after->fields[i].parent == UL_NO_PARENT)
            place[order[at++]] = i;
    }
    for (int wants_isolated = 1; wants_isolated >= 0 && count <= PAIRS_OF_MAX; wants_isolated--) {
        for (uint32_t i = 0; i < count; i++) {
            uint32_t a = p->units.fields[i];
            for (uint32_t j = 0; j < count; j++) {
                uint32_t b = p->units.fields[j];
                if ((!wants_isolated || (uint64_t)record->fields[a].align_bytes * 8 >= line_bits) &&
                    come_together(record, after, place, a, b, line_bits))
                    return ul_arena_printf(p->arena, "%s and %s would share a line", label_of(p, a), label_of(p, b));
            }
        }
    }
    return "fields that stand on lines of their own would share them";
}

static bool is_bits(const planner *p, uint32_t field)
{
    return p->request->records[0]->fields[field].flags & UL_FIELD_BIT_FIELD;
}

static const char *tell_bits(const planner *p, const uint32_t *order, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        if (order[i] != order[i - 1] + 1 && is_bits(p, order[i]) && is_bits(p, order[i - 1]))
            return ul_arena_printf(p->arena, "%s and %s would share a memory location", label_of(p, order[i - 1]), label_of(p, order[i]));
    }
    return "runs of bit-fields would change places";
}

/* The first field that is no longer where the default keeps it. */
static const char *tell_trade(const planner *p, uint32_t allow, const uint32_t *order, uint32_t count)
{
    if (allow == UL_ALLOW_MERGE_LINES)
        return tell_lines(p, order, count);
    if (allow == UL_ALLOW_MERGE_BITS)
        return tell_bits(p, order, count);
    if (allow == UL_ALLOW_FIRST_MEMBER)
        return ul_arena_printf(p->arena, "%s would no longer come first", label_of(p, 0));
    if (allow == UL_ALLOW_SPLIT_DECLARATORS)
        return "a declaration of several fields would be split";
    if (allow == UL_ALLOW_COMMON_PREFIX)
        return "a beginning that other records share would be broken";
    return "members that are padding by their name would move";
}

/* Saving beyond `size_bits` that one more word would allow. */
static void offer_trade(planner *p, ul_plan_result *out, uint32_t allow, uint64_t size_bits)
{
    ul_units units;
    ul_smallest best;
    if (ul_units_build(&units, p->request, p->request->allow | allow, &p->scratch) != UL_OK)
        return;
    ul_smallest_find(&best, &units, p->limit_bits, p->budget, &p->scratch);
    if (!best.is_found || best.size_bits[0] >= size_bits)
        return;
    uint32_t *order = fields_in(&units, best.order, &p->scratch);
    ul_trade trade = {.allow = allow,
                      .size_bytes = best.size_bits[0] / 8,
                      .saved_bytes = (size_bits - best.size_bits[0]) / 8,
                      .detail = tell_trade(p, allow, order, units.field_count)};
    uint32_t at = out->trade_count++;
    for (; at && out->trades[at - 1].size_bytes > trade.size_bytes; at--)
        out->trades[at] = out->trades[at - 1];
    out->trades[at] = trade;
}

static void offer_trades(planner *p, ul_plan_result *out)
{
    enum { WORDS = 6 };
    out->trades = UL_NEW_ARRAY(p->arena, ul_trade, WORDS);
    for (uint32_t word = 0; word < WORDS; word++) {
        uint32_t allow = 1u << word;
        if (p->units.held_by & allow & ~p->request->allow)
            offer_trade(p, out, allow, out->size_bytes * 8);
    }
}

/* Whether the first target alone has a smaller order, when all together have none. */
static bool is_smaller_alone(planner *p)
{
    ul_plan_request alone = *p->request;
    ul_units units;
    ul_smallest best;
    alone.target_count = 1;
    if (ul_units_build(&units, &alone, alone.allow, &p->scratch) != UL_OK)
        return false;
    ul_smallest_find(&best, &units, p->limit_bits, p->budget, &p->scratch);
    return best.is_found && best.size_bits[0] < p->source_bits[0];
}

static ul_status plan_struct(planner *p, ul_plan_result *out)
{
    const ul_units *units = &p->units;
    uint32_t *source = UL_NEW_ARRAY(&p->scratch, uint32_t, units->count);
    for (uint32_t i = 0; i < units->count; i++)
        source[i] = i;
    ul_units_measure(units, source, p->source_bits);
    for (uint32_t target = 0; target < units->target_count; target++) {
        uint64_t today = p->request->records[target]->size_bytes * 8;
        p->limit_bits[target] = today > p->source_bits[target] ? today : p->source_bits[target];
    }
    uint64_t bound = lower_bound_bits(units);
    out->size_bytes = p->source_bits[0] / 8;
    out->lower_bound_bytes = bound / 8;
    out->is_optimal = p->source_bits[0] == bound;
    if (out->is_optimal || units->count < 2) {
        out->is_optimal = true;
        if (units->count > 1)
            offer_trades(p, out);
        return UL_OK;
    }
    ul_smallest best;
    ul_smallest_find(&best, units, p->limit_bits, p->budget, p->arena);
    out->is_optimal = best.is_proven;
    ul_status status = UL_OK;
    if (best.is_found && best.size_bits[0] < p->source_bits[0]) {
        ul_plan *plan = UL_NEW(p->arena, ul_plan);
        plan->is_fewest_moves = move_least(p, &best);
        tidy(p, &best);
        status = describe(p, plan, &best);
        plan->lower_bound_bytes = out->lower_bound_bytes;
        plan->is_optimal = out->is_optimal = best.is_proven || best.size_bits[0] == bound;
        out->size_bytes = plan->size_bytes;
        out->plan = plan;
    } else if (units->target_count > 1) {
        out->has_no_common_order = is_smaller_alone(p);
    }
    offer_trades(p, out);
    return status;
}

static ul_status plan_once(ul_plan_result *out, const ul_plan_request *request, ul_arena *arena)
{
    planner p = {.request = request, .arena = arena, .budget = request->state_budget ? request->state_budget : DEFAULT_BUDGET};
    const ul_record *record = request->records[0];
    *out = (ul_plan_result){0};
    if (record->kind == UL_RECORD_UNION) {
        ul_record *resized;
        ul_status status = replay(&p, &resized, NULL, 0);
        if (status == UL_OK)
            *out = (ul_plan_result){.size_bytes = resized->size_bytes, .lower_bound_bytes = resized->size_bytes, .is_optimal = true};
        return status;
    }
    ul_arena_init(&p.scratch, arena->oom);
    ul_status status = ul_units_build(&p.units, request, request->allow, &p.scratch);
    if (status == UL_OK)
        status = plan_struct(&p, out);
    ul_arena_free(&p.scratch);
    return status;
}

/* Whether the plan takes the declarators of `group` apart: other fields between them, or another order. */
static bool splits_group(const ul_record *record, const ul_plan *plan, uint32_t group)
{
    uint32_t begin = UINT32_MAX, last = 0, found = 0;
    for (uint32_t i = 0; i < plan->order_count; i++) {
        if (record->fields[plan->order[i]].group != group)
            continue;
        if (found && (i != begin + found || plan->order[i] < last))
            return true;
        begin = found ? begin : i;
        last = plan->order[i];
        found++;
    }
    return false;
}

/* Takes back each split without which the record is as small. */
static ul_status split_least(ul_plan_result *out, ul_plan_request *request, ul_arena *arena)
{
    const ul_record *record = request->records[0];
    bool *whole = UL_NEW_ARRAY(arena, bool, record->group_count + 1u);
    request->whole_groups = whole;
    for (uint32_t group = 0; group < record->group_count; group++) {
        ul_plan_result other;
        if (record->groups[group].field_count < 2 || !splits_group(record, out->plan, group))
            continue;
        whole[group] = true;
        ul_status status = plan_once(&other, request, arena);
        if (status != UL_OK)
            return status;
        whole[group] = other.plan && other.size_bytes <= out->size_bytes;
        if (whole[group])
            *out = other;
    }
    return UL_OK;
}

ul_status ul_plan_record(ul_plan_result *out, const ul_plan_request *request, ul_arena *arena)
{
    bool may_split = false;
    for (uint32_t i = 0; i < request->records[0]->field_count; i++)
        may_split |= (request->records[0]->fields[i].flags & UL_FIELD_SEPARABLE) != 0;
    if (!may_split || !(request->allow & UL_ALLOW_SPLIT_DECLARATORS))
        return plan_once(out, request, arena);
    ul_plan_request apart = *request, together = *request;
    ul_plan_result split;
    together.allow &= ~(uint32_t)UL_ALLOW_SPLIT_DECLARATORS;
    ul_status status = plan_once(out, &together, arena);
    if (status == UL_OK)
        status = plan_once(&split, &apart, arena);
    if (status != UL_OK || !split.plan || split.size_bytes >= out->size_bytes)
        return status;
    *out = split;
    return split_least(out, &apart, arena);
}

#include "layout/engine/smallest.h"

#include <stdlib.h>
#include <string.h>

#define NO_LABEL UINT32_MAX

/* Several units that stand together: see cut_tokens. */
typedef struct token {
    uint32_t first, count; /* in search.members */
} token;

/* The units of one kind in a segment. */
typedef struct supply {
    uint32_t first_token, token_count;
    uint64_t weight; /* of one token in a state's number */
} supply;

/* One way to have placed a state's units: where it ends, and how it came there. */
typedef struct label {
    uint32_t parent; /* label */
    uint32_t token;
    uint32_t next;   /* another label of the same state */
    uint32_t last;   /* unit placed last, or NO_LABEL */
} label;

typedef struct search { // ullage: ignore[reorder-saves] -- one at a time
    const ul_units *units;
    uint64_t budget;
    ul_arena *arena;
    label *labels;
    uint64_t *ends; /* target_count for each label */
    uint32_t label_count, label_capacity, ends_capacity;
    token *tokens;
    uint32_t token_count;
    uint32_t *members; /* units, token by token */
    uint32_t member_count;
    uint32_t *supply_of; /* by kind, while its segment is searched: index + 1 */
    supply *supplies;    /* of the segment */
    uint32_t supply_count;
    bool has_many_runs;
    bool is_complete;
} search;

static bool touches_bits(const ul_move_unit *unit)
{
    return unit->starts_with_bits || unit->ends_with_bits;
}

/* Groups the segment's units by kind into tokens; each kind's in source order. */
static void cut_tokens(search *s, uint32_t begin, uint32_t end)
{
    const ul_units *units = s->units;
    uint64_t widest[UL_TARGETS_MAX];
    bool has_bits = false;
    for (uint32_t target = 0; target < units->target_count; target++)
        widest[target] = ul_units_widest(units, begin, end, target);
    s->supply_count = 0;
    for (uint32_t i = begin; i < end; i++) {
        uint32_t kind = units->items[i].kind;
        has_bits |= touches_bits(&units->items[i]);
        if (!s->supply_of[kind]) {
            s->supplies[s->supply_count] = (supply){.token_count = 0};
            s->supply_of[kind] = ++s->supply_count;
        }
        s->supplies[s->supply_of[kind] - 1].token_count++; /* units, for now */
    }
    uint32_t at = s->member_count;
    for (uint32_t i = 0; i < s->supply_count; i++) {
        s->supplies[i].first_token = at;
        at += s->supplies[i].token_count;
        s->supplies[i].token_count = 0;
    }
    for (uint32_t i = begin; i < end; i++) {
        supply *of = &s->supplies[s->supply_of[units->items[i].kind] - 1];
        s->members[of->first_token + of->token_count++] = i;
    }
    s->member_count = at;
    bool may_join = units->may_join_bits || !s->has_many_runs || !has_bits;
    for (uint32_t i = 0; i < s->supply_count; i++) {
        supply *of = &s->supplies[i];
        uint32_t member = of->first_token, left = of->token_count;
        uint64_t period = may_join ? ul_units_period(units, s->members[member], widest) : 0;
        s->supply_of[units->items[s->members[member]].kind] = 0;
        uint32_t singles = ul_units_apart(left, period);
        of->first_token = s->token_count;
        of->token_count = singles;
        for (uint32_t j = 0; j < singles; j++) {
            uint32_t count = j ? 1 : left - singles + 1;
            s->tokens[s->token_count++] = (token){member, count};
            member += count;
        }
    }
}

static uint64_t *ends_of(const search *s, uint32_t at)
{
    return &s->ends[(size_t)at * s->units->target_count];
}

/* Whether nothing can come of `b` that does not come of `a`, of the same state. */
static bool dominates(const search *s, const uint64_t *a, uint32_t last_a, const uint64_t *b, uint32_t last_b)
{
    for (uint32_t target = 0; target < s->units->target_count; target++) {
        if (a[target] > b[target])
            return false;
    }
    if (!s->has_many_runs || s->units->may_join_bits || last_a == last_b || last_a == NO_LABEL)
        return true;
    return !s->units->items[last_a].ends_with_bits;
}

static uint32_t add_label(search *s, label added, const uint64_t *ends)
{
    size_t width = s->units->target_count;
    UL_RESERVE(s->arena, s->labels, s->label_count, s->label_capacity);
    if (s->ends_capacity != s->label_capacity) {
        s->ends = ul_arena_grow(s->arena, s->ends, s->ends_capacity * width, s->label_capacity * width, sizeof *s->ends,
                                alignof(uint64_t));
        s->ends_capacity = s->label_capacity;
    }
    s->labels[s->label_count] = added;
    memcpy(ends_of(s, s->label_count), ends, width * sizeof *ends);
    return s->label_count++;
}

/* Adds a label to the state with the list `head`, unless one there is as good; those that it beats leave. */
static void offer(search *s, uint32_t *head, label offered, const uint64_t *ends)
{
    uint32_t *link = head;
    while (*link != NO_LABEL) {
        const label *other = &s->labels[*link];
        if (dominates(s, ends_of(s, *link), other->last, ends, offered.last))
            return;
        if (dominates(s, ends, offered.last, ends_of(s, *link), other->last))
            *link = other->next;
        else
            link = &s->labels[*link].next;
    }
    /* `link` may point into labels, which grows. */
    offered.next = *head;
    *head = add_label(s, offered, ends);
}

static bool place_token(const search *s, const label *from, const uint64_t *from_ends, uint32_t at, uint64_t *ends)
{
    const token *it = &s->tokens[at];
    if (from->last != NO_LABEL && !ul_units_may_follow(s->units, from->last, s->members[it->first]))
        return false;
    memcpy(ends, from_ends, s->units->target_count * sizeof *ends);
    for (uint32_t target = 0; target < s->units->target_count; target++) {
        for (uint32_t i = 0; i < it->count; i++)
            ends[target] = ul_units_place(s->units, s->members[it->first + i], target, ends[target]);
    }
    return true;
}

/* States of the segment, or 0 when there are more than the budget allows. */
static uint64_t number_states(search *s)
{
    uint64_t states = 1;
    for (uint32_t i = 0; i < s->supply_count; i++) {
        s->supplies[i].weight = states;
        states *= s->supplies[i].token_count + 1u;
        if (states > s->budget)
            return 0;
    }
    return states;
}

/* Labels of the state in which everything is placed, from the labels `start` in which nothing is; NO_LABEL past the budget. */
static uint32_t search_states(search *s, uint64_t states, uint32_t start)
{
    uint32_t *heads = UL_NEW_ARRAY(s->arena, uint32_t, states);
    uint32_t *placed = UL_NEW_ARRAY(s->arena, uint32_t, s->supply_count + 1u);
    uint64_t ends[UL_TARGETS_MAX], labels_before = s->label_count;
    memset(heads, 0xff, states * sizeof *heads);
    heads[0] = start;
    for (uint64_t state = 0; state + 1 < states; state++) {
        for (uint32_t at = heads[state]; at != NO_LABEL; at = s->labels[at].next) {
            for (uint32_t i = 0; i < s->supply_count; i++) {
                const supply *of = &s->supplies[i];
                uint32_t next = of->first_token + placed[i];
                if (placed[i] == of->token_count || !place_token(s, &s->labels[at], ends_of(s, at), next, ends))
                    continue;
                const token *it = &s->tokens[next];
                offer(s, &heads[state + of->weight],
                      (label){.parent = at, .token = next, .last = s->members[it->first + it->count - 1]}, ends);
            }
        }
        if (s->label_count - labels_before > s->budget * 2)
            return NO_LABEL;
        for (uint32_t i = 0; i < s->supply_count && ++placed[i] > s->supplies[i].token_count; i++)
            placed[i] = 0;
    }
    return heads[states - 1];
}

/* A chain of labels from `start` along `order`, offered to `head`. Tokens are single units here. */
static void offer_order(search *s, uint32_t *head, uint32_t start, const uint32_t *order, uint32_t count)
{
    uint64_t ends[UL_TARGETS_MAX];
    uint32_t at = start;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t unit = order[i], last = s->labels[at].last;
        if (last != NO_LABEL && !ul_units_may_follow(s->units, last, unit))
            return;
        for (uint32_t target = 0; target < s->units->target_count; target++)
            ends[target] = ul_units_place(s->units, unit, target, ends_of(s, at)[target]);
        s->members[s->member_count] = unit;
        s->tokens[s->token_count] = (token){s->member_count++, 1};
        label step = {.parent = at, .token = s->token_count++, .last = unit, .next = NO_LABEL};
        if (i + 1 == count) {
            offer(s, head, step, ends);
            return;
        }
        at = add_label(s, step, ends);
    }
}

/* Beyond the budget: the best of the source's order, falling alignment, and filling holes. */
static uint32_t search_simply(search *s, uint32_t begin, uint32_t end, uint32_t start)
{
    uint32_t *order = UL_NEW_ARRAY(s->arena, uint32_t, end - begin), head = NO_LABEL;
    s->is_complete = false;
    for (uint32_t i = begin; i < end; i++)
        order[i - begin] = i;
    offer_order(s, &head, start, order, end - begin);
    ul_order_by_alignment(order, s->units, begin, end);
    offer_order(s, &head, start, order, end - begin);
    ul_order_by_holes(order, s->units, begin, end, ends_of(s, start)[0]);
    offer_order(s, &head, start, order, end - begin);
    return head;
}

/* The order that leads to label `at`. */
static void write_order(const search *s, uint32_t at, uint32_t *order)
{
    uint32_t left = s->units->count;
    for (; s->labels[at].parent != NO_LABEL; at = s->labels[at].parent) {
        const token *it = &s->tokens[s->labels[at].token];
        for (uint32_t i = it->count; i-- > 0;)
            order[--left] = s->members[it->first + i];
    }
}

/* The final label that is smallest on the first target within the limits on the others. */
static uint32_t choose(const search *s, uint32_t head, const uint64_t *limit_bits, uint64_t *size_bits)
{
    uint32_t best = NO_LABEL;
    for (uint32_t at = head; at != NO_LABEL; at = s->labels[at].next) {
        uint64_t sizes[UL_TARGETS_MAX];
        bool fits = true, is_better = best == NO_LABEL, is_decided = is_better;
        for (uint32_t target = 0; target < s->units->target_count; target++) {
            sizes[target] = ul_units_size(s->units, target, ends_of(s, at)[target]);
            fits = fits && (target == 0 || sizes[target] <= limit_bits[target]);
            if (!is_decided && sizes[target] != size_bits[target]) {
                is_better = sizes[target] < size_bits[target];
                is_decided = true;
            }
        }
        if (!fits || !is_better)
            continue;
        best = at;
        memcpy(size_bits, sizes, s->units->target_count * sizeof *sizes);
    }
    return best;
}

static uint32_t search_segments(search *s)
{
    const ul_units *units = s->units;
    const uint64_t nothing[UL_TARGETS_MAX] = {0};
    uint32_t head = add_label(s, (label){.parent = NO_LABEL, .next = NO_LABEL, .last = NO_LABEL}, nothing);
    for (uint32_t begin = 0, end; begin < units->count && head != NO_LABEL; begin = end) {
        for (end = begin; end < units->count && units->items[end].segment == units->items[begin].segment;)
            end++;
        uint32_t tokens = s->token_count, members = s->member_count, next = NO_LABEL;
        cut_tokens(s, begin, end);
        uint64_t states = number_states(s);
        if (states)
            next = search_states(s, states, head);
        if (next == NO_LABEL) {
            s->token_count = tokens;
            s->member_count = members;
            next = search_simply(s, begin, end, head);
        }
        head = next;
    }
    return head;
}

void ul_smallest_find(ul_smallest *out, const ul_units *units, const uint64_t *limit_bits, uint64_t budget, ul_arena *arena)
{
    ul_arena scratch;
    ul_arena_init(&scratch, arena->oom);
    uint32_t runs = 0;
    for (uint32_t i = 0; i < units->count; i++)
        runs += touches_bits(&units->items[i]);
    search s = {
        .units = units,
        .budget = budget,
        .arena = &scratch,
        .tokens = UL_NEW_ARRAY(&scratch, token, (size_t)units->count * 3 + 1),
        .members = UL_NEW_ARRAY(&scratch, uint32_t, (size_t)units->count * 3 + 1),
        .supply_of = UL_NEW_ARRAY(&scratch, uint32_t, units->kind_count + 1u),
        .supplies = UL_NEW_ARRAY(&scratch, supply, units->kind_count + 1u),
        .has_many_runs = runs > 1,
        .is_complete = true,
    };
    *out = (ul_smallest){.order = UL_NEW_ARRAY(arena, uint32_t, units->count)};
    uint32_t best = search_segments(&s);
    if (best != NO_LABEL)
        best = choose(&s, best, limit_bits, out->size_bits);
    out->is_proven = s.is_complete;
    out->is_found = best != NO_LABEL;
    if (out->is_found)
        write_order(&s, best, out->order);
    ul_arena_free(&scratch);
}

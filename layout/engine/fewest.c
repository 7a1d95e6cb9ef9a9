#include "layout/engine/fewest.h"

#include "layout/engine/padding.h"

#include <stdlib.h>
#include <string.h>

#define uthash_fatal(message) abort() /* out of memory; the default exits */
#include <uthash.h>

/*
 * An order is the source's with some units taken out and put back elsewhere. It is built from its start; a pointer walks over the
 * source's units. A step is one of
 *   keep: place the unit at the pointer and pass it;
 *   pass: take that unit out; its fields count as moved;
 *   put:  place a unit of some form that was, or will be, taken out.
 * Units of one form are interchangeable as long as it is only known that they are taken out, so a state is the pointer, how many units of
 * each form are taken out and not put back yet (negative: put before they were passed), and where the layout ends
 * on each target. What a state has placed follows from that.
 *
 * Best-first by a lower bound of the fields that will have moved, so the first finished order is a best one. The bound counts what was passed, what
 * negative counts owe, and one more where the source's order from here on is too large. A state is given up when even the least padding
 * that its units can still have is too much, or when another with the same counts is at least as good.
 */
enum { STEP_START, STEP_KEEP, STEP_PASS, STEP_PUT };

/* What the last placed unit forbids: nothing; bit-fields that may not touch; the unit before the pointer, kept. */
enum { LAST_FREE, LAST_BITS, LAST_BITS_IN_PLACE };

typedef struct node {
    struct node *parent;
    struct node *same; /* another with the same key */
    void *key;         /* key_head and balances */
    uint64_t *ends;    /* by target */
    uint64_t *left;    /* by target: the least that is still to come, padding aside */
    uint32_t cost;     /* moved fields, owed ones included */
    uint32_t bound;    /* no finished order that comes of it moves fewer */
    uint32_t straddles;
    uint32_t depth;    /* units placed */
    uint32_t slot;     /* of a put: its form's place within the segment */
    uint8_t step;
    bool is_done;      /* looked at, or beaten */
    UT_hash_handle hh; /* of the first with its key */
} node;

typedef struct key_head {
    uint32_t pointer; /* unit; the segment's end while units are still to be put back */
    uint32_t segment;
    uint32_t last;
} key_head;

/* What is known of a segment. */
typedef struct stretch {
    uint32_t begin, end;
    uint32_t first_form, form_count; /* into search.forms */
    ul_padding padding;
} stretch;

typedef struct form {
    uint32_t unit;        /* any of it */
    uint32_t kind;        /* its place among the segment's kinds */
    uint32_t least_moved; /* fewest fields of one */
    uint32_t *after;      /* after[i - begin]: units of it at or behind i in the segment */
} form;

typedef struct search {
    const ul_units *units;
    const ul_fewest *asked;
    ul_arena *arena;
    stretch *stretches; /* by segment */
    form *forms;
    uint32_t *slot_of;  /* by unit: its form's place within its segment */
    uint32_t *kinds_left; /* of one state, while it is judged */
    node *table;
    node **heap;
    uint32_t heap_count, heap_capacity;
    uint64_t node_count;
    uint64_t work; /* steps tried */
} search;

static key_head *head_of(const node *at)
{
    return at->key;
}

static int16_t *balance_of(const node *at)
{
    return (int16_t *)(head_of(at) + 1);
}

static size_t key_bytes(uint32_t forms)
{
    return sizeof(key_head) + forms * sizeof(int16_t);
}

/* Whether `a` is to be looked at before `b`: cheaper, crossing less, further on. */
static bool is_before(const node *a, const node *b)
{
    if (a->bound != b->bound)
        return a->bound < b->bound;
    if (a->straddles != b->straddles)
        return a->straddles < b->straddles;
    return a->depth > b->depth;
}

static void heap_push(search *s, node *added)
{
    UL_RESERVE(s->arena, s->heap, s->heap_count, s->heap_capacity);
    uint32_t at = s->heap_count++;
    for (; at && is_before(added, s->heap[(at - 1) / 2]); at = (at - 1) / 2)
        s->heap[at] = s->heap[(at - 1) / 2];
    s->heap[at] = added;
}

static node *heap_pop(search *s)
{
    node *top = s->heap[0], *moved = s->heap[--s->heap_count];
    uint32_t at = 0;
    for (uint32_t child; (child = 2 * at + 1) < s->heap_count; at = child) {
        if (child + 1 < s->heap_count && is_before(s->heap[child + 1], s->heap[child]))
            child++;
        if (!is_before(s->heap[child], moved))
            break;
        s->heap[at] = s->heap[child];
    }
    s->heap[at] = moved;
    return top;
}

/* Lists the forms of each segment, in source order. */
static void list_forms(search *s)
{
    const ul_units *units = s->units;
    uint32_t *slot = UL_NEW_ARRAY(s->arena, uint32_t, units->form_count); /* by form: slot + 1 in the segment */
    uint32_t count = 0;
    s->stretches = UL_NEW_ARRAY(s->arena, stretch, units->segment_count);
    s->forms = UL_NEW_ARRAY(s->arena, form, units->count);
    s->slot_of = UL_NEW_ARRAY(s->arena, uint32_t, units->count);
    for (uint32_t begin = 0, end; begin < units->count; begin = end) {
        stretch *it = &s->stretches[units->items[begin].segment];
        *it = (stretch){.begin = begin, .first_form = count};
        for (end = begin; end < units->count && units->items[end].segment == units->items[begin].segment; end++) {
            const ul_move_unit *unit = &units->items[end];
            if (!slot[unit->form]) {
                s->forms[count++] = (form){.unit = end, .least_moved = unit->field_count};
                slot[unit->form] = ++it->form_count;
            }
            s->slot_of[end] = slot[unit->form] - 1;
            form *of = &s->forms[it->first_form + s->slot_of[end]];
            of->least_moved = unit->field_count < of->least_moved ? unit->field_count : of->least_moved;
        }
        it->end = end;
        ul_padding_init(&it->padding, units, begin, end, (uint32_t)(s->asked->budget * 4), s->arena);
        for (uint32_t i = 0; i < it->form_count; i++) {
            form *of = &s->forms[it->first_form + i];
            of->after = UL_NEW_ARRAY(s->arena, uint32_t, end - begin + 1u);
            for (uint32_t j = end; j-- > begin;)
                of->after[j - begin] = of->after[j - begin + 1] + (s->slot_of[j] == i);
            of->kind = it->padding.kind_of[of->unit - begin];
            slot[units->items[of->unit].form] = 0;
        }
    }
}

/* Sets to->bound. False when no order that comes of it keeps within the limits. */
static bool judge(const search *s, node *to)
{
    const ul_units *units = s->units;
    const key_head *head = head_of(to);
    const stretch *in = &s->stretches[head->segment];
    const int16_t *balance = balance_of(to);
    bool is_even = true;
    memset(s->kinds_left, 0, in->padding.kind_count * sizeof *s->kinds_left);
    for (uint32_t i = 0; i < in->form_count; i++) {
        const form *of = &s->forms[in->first_form + i];
        s->kinds_left[of->kind] += (uint32_t)((int)of->after[head->pointer - in->begin] + balance[i]);
        is_even = is_even && balance[i] == 0;
    }
    for (uint32_t target = 0; target < units->target_count; target++) {
        uint64_t padding = target == 0 ? ul_padding_least(&in->padding, s->kinds_left, to->ends[0]) : 0;
        if (ul_units_size(units, target, to->ends[target] + to->left[target] + padding) > s->asked->limit_bits[target])
            return false;
    }
    uint64_t kept = is_even ? ul_padding_kept(&in->padding, head->pointer, to->ends[0]) : 0;
    bool moves_more = ul_units_size(units, 0, to->ends[0] + to->left[0] + kept) > s->asked->limit_bits[0];
    to->bound = to->cost + moves_more;
    return to->bound <= s->asked->most_moves;
}

/* Whether, of two nodes with one key, nothing better can come of `b`. */
static bool is_as_good(const search *s, const node *a, const node *b)
{
    if (a->cost > b->cost || a->straddles > b->straddles)
        return false;
    for (uint32_t target = 0; target < s->units->target_count; target++) {
        /* A later start may cross fewer lines. */
        if (a->ends[target] > b->ends[target] || (s->asked->counts_straddles && a->ends[target] != b->ends[target]))
            return false;
    }
    return true;
}

/* Takes a step's outcome into the table and the heap, unless it cannot end well or as good is known. */
static void reach(search *s, node *to)
{
    if (!judge(s, to))
        return;
    size_t bytes = key_bytes(s->stretches[head_of(to)->segment].form_count);
    size_t width = s->units->target_count;
    node *first;
    HASH_FIND(hh, s->table, to->key, bytes, first);
    for (node **link = first ? &first->same : NULL, *at = first; at; at = link ? *link : NULL) {
        if (is_as_good(s, at, to))
            return;
        bool is_beaten = is_as_good(s, to, at);
        at->is_done = at->is_done || is_beaten;
        if (is_beaten && at != first)
            *link = at->same;
        else if (at != first)
            link = &at->same;
    }
    node *added = UL_NEW(s->arena, node);
    *added = *to;
    added->ends = UL_NEW_ARRAY(s->arena, uint64_t, 2 * width);
    added->left = added->ends + width;
    memcpy(added->ends, to->ends, width * sizeof *to->ends);
    memcpy(added->left, to->left, width * sizeof *to->left);
    if (first) {
        added->key = first->key;
        added->same = first->same;
        first->same = added;
    } else {
        added->key = ul_arena_alloc(s->arena, bytes, alignof(key_head));
        memcpy(added->key, to->key, bytes);
        HASH_ADD_KEYPTR(hh, s->table, added->key, bytes, added);
    }
    heap_push(s, added);
    s->node_count++;
}

/* Buffers that a step is made in. */
typedef struct step_room {
    void *key;
    uint64_t ends[UL_TARGETS_MAX], left[UL_TARGETS_MAX];
} step_room;

/* `from` as a node to be changed, with what it points to in `room`. */
static node begin_step(const search *s, node *from, uint8_t step, step_room *room)
{
    memcpy(room->key, from->key, key_bytes(s->stretches[head_of(from)->segment].form_count));
    memcpy(room->ends, from->ends, s->units->target_count * sizeof *room->ends);
    memcpy(room->left, from->left, s->units->target_count * sizeof *room->left);
    return (node){.parent = from,
                  .key = room->key,
                  .ends = room->ends,
                  .left = room->left,
                  .cost = from->cost,
                  .straddles = from->straddles,
                  .depth = from->depth,
                  .step = step};
}

/* Places `unit`; false when it may not stand there. */
static bool place(const search *s, node *to, uint32_t unit, bool is_kept)
{
    const ul_units *units = s->units;
    const ul_move_unit *it = &units->items[unit];
    key_head *head = head_of(to);
    if (head->last != LAST_FREE && it->starts_with_bits && !(head->last == LAST_BITS_IN_PLACE && is_kept))
        return false;
    for (uint32_t target = 0; target < units->target_count; target++) {
        bool counts = target == 0 && s->asked->counts_straddles;
        to->ends[target] = ul_units_place_counting(units, unit, target, to->ends[target], counts ? &to->straddles : NULL);
        to->left[target] -= it->least_bits[target];
    }
    to->depth++;
    head->last = LAST_FREE;
    if (!units->may_join_bits && it->ends_with_bits)
        head->last = is_kept ? LAST_BITS_IN_PLACE : LAST_BITS;
    return true;
}

/* Once a segment has nothing more to pass or to put back, the next begins, with counts of its own. */
static void settle(const search *s, node *to)
{
    key_head *head = head_of(to);
    const stretch *in = &s->stretches[head->segment];
    int16_t *balance = balance_of(to);
    if (head->pointer < in->end || head->segment + 1 == s->units->segment_count)
        return;
    for (uint32_t i = 0; i < in->form_count; i++) {
        if (balance[i])
            return;
    }
    head->segment++;
    memset(balance, 0, s->stretches[head->segment].form_count * sizeof *balance);
}

/* The two ways past the unit at the pointer. */
static void keep_or_pass(search *s, node *from, step_room *room)
{
    const key_head *at = head_of(from);
    const stretch *in = &s->stretches[at->segment];
    if (at->pointer == in->end)
        return;
    uint32_t unit = at->pointer, slot = s->slot_of[unit];
    const form *of = &s->forms[in->first_form + slot];
    int balance = balance_of(from)[slot];
    /* What was put before it is passed must still be found behind the pointer. */
    if (balance >= 0 || of->after[unit + 1 - in->begin] >= (uint32_t)-balance) {
        node to = begin_step(s, from, STEP_KEEP, room);
        if (place(s, &to, unit, true)) {
            head_of(&to)->pointer++;
            settle(s, &to);
            reach(s, &to);
        }
    }
    if (in->end - in->begin == 1)
        return;
    node to = begin_step(s, from, STEP_PASS, room);
    key_head *head = head_of(&to);
    uint32_t fields = s->units->items[unit].field_count;
    to.cost += balance < 0 ? fields - of->least_moved : fields;
    balance_of(&to)[slot]++;
    head->pointer++;
    if (head->last == LAST_BITS_IN_PLACE)
        head->last = LAST_BITS;
    settle(s, &to);
    reach(s, &to);
}

static void put(search *s, node *from, uint32_t slot, step_room *room)
{
    const key_head *at = head_of(from);
    const stretch *in = &s->stretches[at->segment];
    const form *of = &s->forms[in->first_form + slot];
    int balance = balance_of(from)[slot];
    if (balance <= 0 && of->after[at->pointer - in->begin] <= (uint32_t)-balance)
        return;
    node to = begin_step(s, from, STEP_PUT, room);
    to.slot = slot;
    if (!place(s, &to, of->unit, false))
        return;
    to.cost += balance <= 0 ? of->least_moved : 0;
    balance_of(&to)[slot]--;
    settle(s, &to);
    reach(s, &to);
}

static bool is_finished(const search *s, const node *at)
{
    return at->depth == s->units->count && head_of(at)->pointer == s->units->count;
}

/* The steps to `last` as an order: the units of a form that were taken out come back in source order. */
static void write_order(const search *s, const node *last, uint32_t *order)
{
    const ul_units *units = s->units;
    uint32_t count = 0;
    for (const node *at = last; at; at = at->parent)
        count++;
    const node **steps = UL_NEW_ARRAY(s->arena, const node *, count);
    for (const node *at = last; at; at = at->parent)
        steps[--count] = at;
    bool *is_out = UL_NEW_ARRAY(s->arena, bool, units->count);
    for (const node **step = steps; *step != last; step++) {
        if (step[1]->step == STEP_PASS)
            is_out[head_of(*step)->pointer] = true;
    }
    uint32_t *next = UL_NEW_ARRAY(s->arena, uint32_t, units->count); /* by form in forms: where to look for the next */
    uint32_t placed = 0;
    for (const node **step = steps; *step != last; step++) {
        const key_head *head = head_of(*step);
        const stretch *in = &s->stretches[head->segment];
        if (step[1]->step == STEP_KEEP) {
            order[placed++] = head->pointer;
        } else if (step[1]->step == STEP_PUT) {
            uint32_t *from = &next[in->first_form + step[1]->slot];
            uint32_t unit = *from > in->begin ? *from : in->begin;
            while (!is_out[unit] || s->slot_of[unit] != step[1]->slot)
                unit++;
            order[placed++] = unit;
            *from = unit + 1;
        }
    }
}

static ul_status run(search *s, uint32_t *order)
{
    uint32_t most_forms = 0;
    for (uint32_t i = 0; i < s->units->segment_count; i++)
        most_forms = s->stretches[i].form_count > most_forms ? s->stretches[i].form_count : most_forms;
    step_room *room = UL_NEW(s->arena, step_room);
    room->key = ul_arena_alloc(s->arena, key_bytes(most_forms), alignof(key_head));
    s->kinds_left = UL_NEW_ARRAY(s->arena, uint32_t, most_forms);
    for (uint32_t i = 0; i < s->units->count; i++) {
        for (uint32_t target = 0; target < s->units->target_count; target++)
            room->left[target] += s->units->items[i].least_bits[target];
    }
    reach(s, &(node){.key = room->key, .ends = room->ends, .left = room->left});
    while (s->heap_count) {
        node *at = heap_pop(s);
        if (at->is_done)
            continue;
        at->is_done = true;
        if (is_finished(s, at)) {
            write_order(s, at, order);
            return UL_OK;
        }
        const stretch *in = &s->stretches[head_of(at)->segment];
        s->work += in->form_count + 2u;
        if (s->node_count > s->asked->budget || s->work > s->asked->budget * 16)
            return UL_ERR_LIMIT;
        keep_or_pass(s, at, room);
        for (uint32_t slot = 0; slot < in->form_count && in->end - in->begin > 1; slot++)
            put(s, at, slot, room);
    }
    return UL_ERR_INPUT;
}

ul_status ul_fewest_find(uint32_t *order, const ul_units *units, const ul_fewest *asked, ul_arena *arena)
{
    ul_arena scratch;
    if (units->count == 0)
        return UL_OK;
    if (units->count > INT16_MAX || (uint64_t)units->count * units->form_count > asked->budget * 16)
        return UL_ERR_LIMIT;
    ul_arena_init(&scratch, arena->oom);
    search s = {.units = units, .asked = asked, .arena = &scratch};
    list_forms(&s);
    ul_status status = run(&s, order);
    HASH_CLEAR(hh, s.table);
    ul_arena_free(&scratch);
    return status;
}

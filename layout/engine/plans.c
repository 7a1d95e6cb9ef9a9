#include "layout/engine/plans.h"

#include <stdlib.h>
#include <string.h>

#include "layout/engine/facts.h"
#include "layout/engine/use_plan.h"

#define uthash_fatal(message) abort() /* out of memory; the default exits */
#include <uthash.h>

/* No plan for more than this: offsets of such records are legal and nobody's concern. */
static const uint64_t size_max_bytes = UINT64_C(1) << 30;

enum { STATE_NEW, STATE_WAITING, STATE_DONE };

/* An entry on its way. */
typedef struct slot {
    ul_entry *entry;
    const char *key;
    const ul_record *records[UL_TARGETS_MAX]; /* on each target that has it; NULL where not */
    uint64_t planned_bytes[UL_TARGETS_MAX];   /* its size once every plan is applied */
    const ul_record *planned;                 /* on the entry's own target; NULL when it cannot be told */
    const ul_record **afters;                 /* the same on each target */
    uint32_t state;
    uint32_t shared_prefix; /* see share_prefixes */
    UT_hash_handle hh;
} slot;

typedef struct planning {
    slot *slots;
    slot *by_key;
    uint32_t count;
    const ul_target *targets;
    uint32_t target_count;
    uint32_t allow;
    ul_arena *arena;
    ul_arena scratch;
} planning;

/* For callbacks of one record: which targets its request has. */
typedef struct record_context {
    const planning *in;
    uint32_t targets[UL_TARGETS_MAX];
    uint32_t only; /* for ul_layout_replay: the one target */
} record_context;

static slot *find_slot(const planning *p, const char *key)
{
    slot *found;
    HASH_FIND_STR(p->by_key, key, found);
    return found;
}

static uint64_t resized_on(const planning *p, const char *key, uint32_t target, uint64_t size_bytes)
{
    const slot *found = find_slot(p, key);
    if (!found || !found->records[target] || found->records[target]->size_bytes != size_bytes)
        return size_bytes;
    return found->planned_bytes[target];
}

static uint64_t resized_for_plan(void *context, const char *key, uint32_t target, uint64_t size_bytes)
{
    const record_context *c = context;
    return resized_on(c->in, key, c->targets[target], size_bytes);
}

static uint64_t resized_for_replay(void *context, const char *key, uint64_t size_bytes)
{
    const record_context *c = context;
    return resized_on(c->in, key, c->only, size_bytes);
}

/* The entry's record becomes a copy with one more refusal. */
static void refuse(planning *p, slot *s, ul_refusal_reason reason, const char *detail)
{
    ul_entry *entry = s->entry;
    ul_record *copy = UL_NEW(p->arena, ul_record);
    *copy = *entry->record;
    ul_record_refuse(copy, p->arena, reason, detail);
    if (entry->variant_count) {
        const ul_record **variants = UL_NEW_ARRAY(p->arena, const ul_record *, entry->variant_count);
        for (uint32_t i = 0; i < entry->variant_count; i++)
            variants[i] = entry->variants[i] == entry->record ? copy : entry->variants[i];
        entry->variants = variants;
    }
    if (s->records[copy->target] == entry->record)
        s->records[copy->target] = copy;
    entry->record = copy;
}

/* Whether a record inside `record` gets another size; *unknown when one gets a size that cannot be told. */
static bool has_resized(const planning *p, const ul_record *record, bool *unknown)
{
    bool result = false;
    for (uint32_t i = 0; i < record->field_count; i++) {
        const ul_field *field = &record->fields[i];
        const slot *inner = field->embedded && field->parent == UL_NO_PARENT ? find_slot(p, field->embedded) : NULL;
        if (!inner || !inner->records[record->target])
            continue;
        *unknown |= !inner->planned;
        result |= inner->planned_bytes[record->target] != inner->records[record->target]->size_bytes;
        result |= (field->flags & UL_FIELD_ANONYMOUS) && inner->planned != inner->records[record->target];
    }
    return result;
}

/* What stands against a plan besides what the reader refused. */
static void find_refusals(planning *p, slot *s)
{
    const ul_entry *entry = s->entry;
    bool varies = false;
    if (entry->record->size_bytes > size_max_bytes)
        refuse(p, s, UL_REFUSE_TOO_LARGE, "");
    for (uint32_t i = 0; i < entry->variant_count; i++)
        varies |= entry->variants[i] != entry->record && entry->variants[i]->flags & UL_RECORD_VARIES;
    if (varies)
        refuse(p, s, UL_REFUSE_LAYOUT_VARIES, "");
    for (uint32_t target = 0; target < p->target_count && entry->record->refusal_count == 0; target++) {
        const ul_record *record = s->records[target];
        const char *why;
        if (!record)
            continue;
        for (uint32_t i = 0; i < record->refusal_count; i++)
            refuse(p, s, record->refusals[i].reason, record->refusals[i].detail);
        if (!ul_layout_agrees(record, &p->targets[target], &p->scratch, &why))
            refuse(p, s, UL_REFUSE_MODEL_MISMATCH, why);
    }
}

/* The fields of anonymous members take the places that the member's own plan gives them. */
static void follow_members(const planning *p, ul_record *after, uint32_t target)
{
    for (uint32_t i = 0; i < after->field_count; i++) {
        const ul_field *member = &after->fields[i];
        if (!(member->flags & UL_FIELD_ANONYMOUS) || !member->embedded || member->parent != UL_NO_PARENT)
            continue;
        const slot *inner = find_slot(p, member->embedded);
        const ul_record *planned = inner ? inner->afters[target] : NULL;
        uint32_t below = i + 1;
        while (below < after->field_count && after->fields[below].parent != UL_NO_PARENT)
            below++;
        if (!planned || planned->field_count != below - i - 1)
            continue;
        for (uint32_t j = 0; j < planned->field_count; j++) {
            ul_field *field = &after->fields[i + 1 + j];
            *field = planned->fields[j];
            field->offset_bits += member->offset_bits;
            field->parent = field->parent == UL_NO_PARENT ? i : field->parent + i + 1;
            field->group = UL_NO_GROUP;
        }
    }
}

/* Sizes of a record in the order of `plan` (NULL: as it stands) once the records inside it have theirs. */
static ul_status measure(planning *p, slot *s, const ul_plan *plan)
{
    for (uint32_t target = 0; target < p->target_count; target++) {
        const ul_record *record = s->records[target];
        record_context context = {.in = p, .only = target};
        ul_record *after;
        if (!record)
            continue;
        if (plan)
            record = ul_use_plan_aligned(record, plan, p->arena);
        ul_status status = ul_layout_replay(&after, record, &p->targets[target], plan ? plan->order : NULL, plan ? plan->order_count : 0,
                                            resized_for_replay, &context, p->arena);
        if (status != UL_OK)
            return status;
        s->planned_bytes[target] = after->size_bytes;
        follow_members(p, after, target);
        s->afters[target] = after;
    }
    s->planned = s->afters[s->entry->record->target];
    return UL_OK;
}

/* A record that keeps its order still changes with those inside it, if the rules for it are known. */
static void keep(planning *p, slot *s)
{
    bool unknown = false, is_modelled = true, changes = has_resized(p, s->entry->record, &unknown);
    const char *why;
    for (uint32_t target = 0; target < p->target_count; target++) {
        const ul_record *record = s->records[target];
        s->afters[target] = record;
        if (record)
            s->planned_bytes[target] = record->size_bytes;
    }
    s->planned = s->entry->record;
    if (!changes && !unknown)
        return;
    for (uint32_t target = 0; target < p->target_count && is_modelled; target++)
        is_modelled = !s->records[target] || ul_layout_agrees(s->records[target], &p->targets[target], &p->scratch, &why);
    if (!unknown && is_modelled && measure(p, s, NULL) == UL_OK)
        return;
    s->planned = NULL;
    memset(s->afters, 0, p->target_count * sizeof *s->afters);
}

static void plan(planning *p, slot *s)
{
    ul_entry *entry = s->entry;
    const ul_record *records[UL_TARGETS_MAX];
    ul_target targets[UL_TARGETS_MAX];
    record_context context = {.in = p};
    ul_plan_request request = {.records = records, .targets = targets, .allow = p->allow, .shared_prefix = s->shared_prefix, .resized = resized_for_plan, .context = &context};
    for (uint32_t target = 0; target < p->target_count; target++) {
        if (!s->records[target])
            continue;
        context.targets[request.target_count] = target;
        targets[request.target_count] = p->targets[target];
        records[request.target_count++] = s->records[target];
    }
    ul_plan_result result = {0};
    ul_status status = entry->usage ? ul_use_plan_record(&result.plan, &entry->outcome, &request, entry->usage, p->arena)
                                    : ul_plan_record(&result, &request, p->arena);
    if (status == UL_ERR_INPUT)
        refuse(p, s, UL_REFUSE_TARGETS_DIFFER, "");
    else if (status != UL_OK)
        refuse(p, s, UL_REFUSE_TOO_LARGE, "an offset overflows");
    else if (result.has_no_common_order)
        refuse(p, s, UL_REFUSE_NO_COMMON_ORDER, "");
    if (status == UL_OK) {
        entry->trades = result.trades;
        entry->trade_count = result.trade_count;
    }
    if (status != UL_OK || !result.plan || measure(p, s, result.plan) != UL_OK) {
        keep(p, s);
        return;
    }
    ul_plan *final = UL_NEW(p->arena, ul_plan);
    *final = *result.plan;
    final->after = s->planned;
    entry->plan = final;
}

static void finish(planning *p, slot *s)
{
    ul_entry *entry = s->entry;
    bool unknown = false;
    ul_facts_of(&entry->facts, entry->record, &p->targets[entry->record->target], p->arena);
    find_refusals(p, s);
    has_resized(p, entry->record, &unknown);
    if (unknown && entry->record->refusal_count == 0)
        refuse(p, s, UL_REFUSE_MODEL_MISMATCH, "the new size of a record inside it cannot be told");
    bool has_fields = entry->record->field_count > 0 && entry->record->kind == UL_RECORD_STRUCT;
    if (entry->record->refusal_count == 0 && has_fields && !entry->is_kept)
        plan(p, s);
    else
        keep(p, s);
    s->state = STATE_DONE;
    ul_arena_clear(&p->scratch);
}

/* Finishes `first` after every record that it embeds. A record that embeds itself was rejected by the compiler and waits for no one. */
static void finish_with_inner(planning *p, slot *first, slot **stack)
{
    uint32_t depth = 0;
    if (first->state != STATE_NEW)
        return;
    first->state = STATE_WAITING;
    stack[depth++] = first;
    while (depth) {
        slot *s = stack[depth - 1];
        const ul_record *record = s->entry->record;
        uint32_t depth_before = depth;
        for (uint32_t i = 0; i < record->field_count; i++) {
            slot *inner = record->fields[i].embedded ? find_slot(p, record->fields[i].embedded) : NULL;
            if (!inner || inner->state != STATE_NEW)
                continue;
            inner->state = STATE_WAITING;
            stack[depth++] = inner;
        }
        if (depth == depth_before) {
            finish(p, s);
            depth--;
        }
    }
}

/* The direct field at or behind *at, which moves past it; NULL at the end. */
static const ul_field *next_direct(const ul_record *record, uint32_t *at)
{
    while (*at < record->field_count && record->fields[*at].parent != UL_NO_PARENT)
        ++*at;
    return *at < record->field_count ? &record->fields[(*at)++] : NULL;
}

/* Sorts records with a common beginning next to one another; *common is how many direct fields they share. */
static int compare_beginnings(const ul_record *a, const ul_record *b, uint32_t *common)
{
    uint32_t at_a = 0, at_b = 0;
    for (*common = 0;; ++*common) {
        const ul_field *x = next_direct(a, &at_a), *y = next_direct(b, &at_b);
        if (!x || !y)
            return (x != NULL) - (y != NULL);
        int order = strcmp(x->name, y->name);
        if (order == 0)
            order = strcmp(x->type, y->type);
        if (order == 0)
            order = (x->size_bits > y->size_bits) - (x->size_bits < y->size_bits);
        if (order)
            return order;
    }
}

static int compare_slots(const void *left, const void *right)
{
    const slot *a = *(slot *const *)left, *b = *(slot *const *)right;
    uint32_t common;
    int order = compare_beginnings(a->entry->record, b->entry->record, &common);
    return order ? order : (a > b) - (a < b);
}

static void note_shared(slot *a, slot *b, uint32_t least)
{
    uint32_t common;
    compare_beginnings(a->entry->record, b->entry->record, &common);
    if (common < least)
        return;
    a->shared_prefix = common > a->shared_prefix ? common : a->shared_prefix;
    b->shared_prefix = common > b->shared_prefix ? common : b->shared_prefix;
}

/* Records that are members of one union may be read through each other's beginning, one field of it too. */
static void share_in_union(planning *p, const ul_record *record)
{
    enum { MEMBERS_MAX = 256 };
    slot *members[MEMBERS_MAX];
    uint32_t count = 0, at = 0;
    for (const ul_field *field; count < MEMBERS_MAX && (field = next_direct(record, &at)) != NULL;) {
        slot *inner = field->embedded && field->embedded_count == 1 ? find_slot(p, field->embedded) : NULL;
        if (inner && inner->entry->record->kind == UL_RECORD_STRUCT)
            members[count++] = inner;
    }
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < i; j++)
            note_shared(members[i], members[j], 1);
    }
}

/*
 * How many fields at its start a record has in common with another: two or more are taken for a family whose records are cast to one
 * another. Sorted by their fields, the longest beginning that a record shares is shared with a neighbour.
 */
static void share_prefixes(planning *p)
{
    enum { FAMILY_FIELDS = 2 };
    slot **sorted = UL_NEW_ARRAY(p->arena, slot *, p->count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < p->count; i++) {
        const ul_record *record = p->slots[i].entry->record;
        if (record->kind == UL_RECORD_UNION)
            share_in_union(p, record);
        else if (!(record->flags & UL_RECORD_MEMBER) && record->field_count)
            sorted[count++] = &p->slots[i];
    }
    if (count)
        qsort(sorted, count, sizeof(slot *), compare_slots);
    for (uint32_t i = 1; i < count; i++)
        note_shared(sorted[i - 1], sorted[i], FAMILY_FIELDS);
}

void ul_plan_entries(ul_entry *entries, uint32_t count, const ul_target *targets, uint32_t target_count, uint32_t allow, ul_arena *arena)
{
    planning p = {.count = count, .targets = targets, .target_count = target_count, .allow = allow, .arena = arena};
    ul_arena_init(&p.scratch, arena->oom);
    p.slots = UL_NEW_ARRAY(arena, slot, count);
    slot **stack = UL_NEW_ARRAY(arena, slot *, count + 1u);
    for (uint32_t i = 0; i < count; i++) {
        slot *s = &p.slots[i], *known;
        s->entry = &entries[i];
        s->key = entries[i].record->key;
        s->afters = UL_NEW_ARRAY(arena, const ul_record *, target_count);
        s->records[entries[i].record->target] = entries[i].record;
        for (uint32_t j = 0; j < entries[i].variant_count; j++) {
            const ul_record *variant = entries[i].variants[j];
            if (!s->records[variant->target])
                s->records[variant->target] = variant;
        }
        HASH_FIND_STR(p.by_key, s->key, known);
        if (!known)
            HASH_ADD_KEYPTR(hh, p.by_key, s->key, strlen(s->key), s);
    }
    share_prefixes(&p);
    for (uint32_t i = 0; i < count; i++)
        finish_with_inner(&p, &p.slots[i], stack);
    for (uint32_t i = 0; i < count; i++)
        entries[i].afters = p.slots[i].afters;
    HASH_CLEAR(hh, p.by_key);
    ul_arena_free(&p.scratch);
}

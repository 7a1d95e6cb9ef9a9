#include "layout/rules/sharing.h"

#include <stdlib.h>
#include <string.h>

typedef unsigned long long ull;

bool ul_sharing_has_threads(const ul_rule_context *context)
{
    const ul_census *census = context->report->census;
    return census && (census->thread_creations || census->start_count);
}

bool ul_sharing_is_handed_over(const ul_sharing *sharing)
{
    const ul_census *census = sharing->census;
    uint32_t count, instances;
    bool is_taken = false;
    const ul_origin *origins = ul_census_origins(census, sharing->record->key, &count);
    const ul_instance *places = ul_census_instances(census, sharing->record->key, &instances);
    for (uint32_t i = 0; i < instances; i++) {
        if (places[i].region == UL_REGION_DATA || places[i].region == UL_REGION_BSS || places[i].region == UL_REGION_HANDED)
            return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        is_taken |= origins[i].kind == UL_ORIGIN_TAKEN;
        if (origins[i].kind == UL_ORIGIN_LOADED && census->functions[origins[i].function].role == UL_ROLE_RUNTIME)
            return false;
    }
    return is_taken;
}

bool ul_sharing_is_private(const ul_sharing *sharing)
{
    uint32_t count, own = 0;
    const ul_instance *instances = ul_census_instances(sharing->census, sharing->record->key, &count);
    for (uint32_t i = 0; i < count; i++)
        own += instances[i].region == UL_REGION_THREAD;
    return count && own == count;
}

bool ul_tally_changes(const ul_tally *tally)
{
    return (1u << tally->kind & UL_CHANGES) != 0;
}

bool ul_tally_is_by_thread(const ul_census *census, const ul_tally *tally)
{
    return tally->index == UL_INDEX_THREAD || (tally->index == UL_INDEX_ENTRY && census->functions[tally->function].flags & UL_FUNCTION_ENTRY);
}

bool ul_tally_is_once(const ul_census *census, const ul_tally *tally)
{
    return tally->kind == UL_ACCESS_WRITE && !tally->loop_depth && !(tally->flags & UL_ACCESS_ATOMIC) &&
           census->functions[tally->function].flags & UL_FUNCTION_ONCE;
}

bool ul_tally_is_plain_once(const ul_census *census, const ul_tally *tally)
{
    return ul_tally_is_once(census, tally) || (tally->kind == UL_ACCESS_UPDATE && !tally->loop_depth && census->functions[tally->function].flags & UL_FUNCTION_ONCE);
}

bool ul_tally_is_repeated(const ul_census *census, const ul_tally *tally)
{
    return tally->loop_depth || !(census->functions[tally->function].flags & UL_FUNCTION_ONCE);
}

bool ul_tally_is_setting(const ul_census *census, const ul_tally *tally)
{
    const ul_census_function *function = &census->functions[tally->function];
    return tally->kind == UL_ACCESS_WRITE && !tally->loop_depth && !tally->callee && !tally->locks && !function->locks && !(tally->flags & UL_ACCESS_ATOMIC) &&
           (!function->threads || function->flags & UL_FUNCTION_ONCE);
}

bool ul_threads_are_many(const ul_census *census, uint64_t threads)
{
    for (uint32_t i = 0; i < census->start_count && i < 64; i++) {
        if (threads >> i & 1 && census->functions[census->starts[i]].flags & UL_FUNCTION_MANY)
            return true;
    }
    return false;
}

/* Whether the function makes the object that it touches: what it writes nobody else sees yet. */
static bool makes_object(const ul_sharing *sharing, uint32_t function)
{
    uint32_t count;
    const ul_instance *instances = ul_census_instances(sharing->census, sharing->record->key, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (instances[i].function == function && (instances[i].region == UL_REGION_HEAP || instances[i].region == UL_REGION_STACK))
            return true;
    }
    return false;
}

static bool counts(const ul_sharing *sharing, const ul_tally *tally)
{
    if (!ul_census_is_runtime(sharing->census, tally) || tally->kind == UL_ACCESS_ADDRESS)
        return false;
    bool is_main = sharing->census->main_until_line && tally->function == sharing->census->main_function; /* beside its threads, or it would not count */
    return 1u << tally->kind & UL_ATOMIC_CHANGES || is_main || !makes_object(sharing, tally->function);
}

/* Names of tallies are sorted: each is looked up once. */
static void find_fields(ul_sharing *sharing)
{
    ul_word last = 0;
    uint32_t field = UL_NO_PARENT;
    sharing->field_of = UL_NEW_ARRAY(sharing->arena, uint32_t, sharing->tally_count + 1u);
    for (uint32_t i = 0; i < sharing->tally_count; i++) {
        const ul_tally *tally = &sharing->tallies[i];
        if (i == 0 || tally->field != last)
            field = ul_record_field_named(sharing->record, sharing->census->words[tally->field]);
        last = tally->field;
        sharing->field_of[i] = field != UL_NO_PARENT && counts(sharing, tally) ? field : UL_NO_PARENT;
    }
}

bool ul_sharing_is_heavier(const ul_sharing *sharing, const ul_tally *tally, const ul_tally *than)
{
    if (!than)
        return true;
    const ul_census_function *functions = sharing->census->functions;
    bool is_late = functions[tally->function].role == UL_ROLE_TEARDOWN, than_late = functions[than->function].role == UL_ROLE_TEARDOWN;
    return is_late != than_late ? than_late : ul_census_weight(tally) > ul_census_weight(than);
}

static void add_tally(const ul_sharing *sharing, ul_shared_field *to, const ul_tally *tally)
{
    double weight = ul_census_weight(tally) * tally->count;
    to->is_atomic |= (tally->flags & UL_ACCESS_ATOMIC) || 1u << tally->kind & UL_ATOMIC_CHANGES;
    if (tally->kind == UL_ACCESS_RMW)
        to->rmws += weight;
    else if (tally->kind == UL_ACCESS_LOCK)
        to->locks += weight;
    else if (tally->kind == UL_ACCESS_WRITE || tally->kind == UL_ACCESS_UPDATE)
        to->writes += weight;
    else if (tally->kind == UL_ACCESS_READ)
        to->reads += weight;
    if (tally->kind == UL_ACCESS_READ && ul_sharing_is_heavier(sharing, tally, to->reader))
        to->reader = tally;
    if (ul_tally_changes(tally) && ul_sharing_is_heavier(sharing, tally, to->writer))
        to->writer = tally;
}

static int by_place(const void *left, const void *right)
{
    const ul_shared_field *a = left, *b = right;
    return (a->field > b->field) - (a->field < b->field);
}

static void place_field(ul_sharing *sharing, ul_shared_field *at)
{
    const ul_field *field = &sharing->record->fields[at->field];
    uint64_t line_bits = (uint64_t)sharing->unit_bytes * 8;
    uint64_t last = field->offset_bits + (field->size_bits ? field->size_bits - 1 : 0);
    at->first_line = (uint32_t)(field->offset_bits / line_bits);
    at->last_line = (uint32_t)(last / line_bits);
    at->is_atomic |= (field->flags & (UL_FIELD_ATOMIC | UL_FIELD_VOLATILE)) != 0;
}

static void sum_fields(ul_sharing *sharing)
{
    uint32_t *slots = UL_NEW_ARRAY(sharing->arena, uint32_t, sharing->record->field_count + 1u);
    sharing->fields = UL_NEW_ARRAY(sharing->arena, ul_shared_field, sharing->record->field_count + 1u);
    for (uint32_t i = 0; i < sharing->tally_count; i++) {
        uint32_t field = sharing->field_of[i];
        if (field == UL_NO_PARENT)
            continue;
        if (!slots[field]) {
            sharing->fields[sharing->count++].field = field;
            slots[field] = sharing->count;
        }
        add_tally(sharing, &sharing->fields[slots[field] - 1], &sharing->tallies[i]);
    }
    if (sharing->count)
        qsort(sharing->fields, sharing->count, sizeof *sharing->fields, by_place);
    for (uint32_t i = 0; i < sharing->count; i++)
        place_field(sharing, &sharing->fields[i]);
}

bool ul_sharing_of(ul_sharing *out, const ul_rule_context *context, uint32_t entry)
{
    const ul_entry *at = &context->report->entries[entry];
    const ul_record *record = at->record;
    *out = (ul_sharing){.context = context,
                        .entry = at,
                        .record = record,
                        .census = context->report->census,
                        .target = ul_findings_target(context, at),
                        .unit_bytes = ul_findings_target(context, at)->line_bytes,
                        .arena = context->findings->arena};
    if (!out->census || record->kind != UL_RECORD_STRUCT || record->flags & (UL_RECORD_MEMBER | UL_RECORD_SYSTEM) || !record->field_count ||
        ul_findings_refused(record, UL_REASONS_DOUBTFUL))
        return false;
    out->tallies = ul_census_tallies(out->census, record->key, &out->tally_count);
    if (!out->tally_count)
        return false;
    find_fields(out);
    sum_fields(out);
    return out->count > 0;
}

bool ul_sharing_widen(ul_sharing *sharing)
{
    if (ul_target_apart(sharing->target) == sharing->target->line_bytes)
        return false;
    sharing->unit_bytes = ul_target_apart(sharing->target);
    for (uint32_t i = 0; i < sharing->count; i++)
        place_field(sharing, &sharing->fields[i]);
    return true;
}

bool ul_sharing_is_wide(const ul_sharing *sharing)
{
    return sharing->unit_bytes > sharing->target->line_bytes;
}

bool ul_sharing_on_one_line(const ul_sharing *sharing, const ul_shared_field *a, const ul_shared_field *b)
{
    uint64_t line_bits = (uint64_t)sharing->target->line_bytes * 8;
    return sharing->record->fields[a->field].offset_bits / line_bits == sharing->record->fields[b->field].offset_bits / line_bits;
}

bool ul_sharing_function_touches(const ul_sharing *sharing, uint32_t field, uint32_t function, uint32_t wants)
{
    for (uint32_t i = 0; i < sharing->tally_count; i++) {
        if (sharing->field_of[i] == field && sharing->tallies[i].function == function && 1u << sharing->tallies[i].kind & wants)
            return true;
    }
    return false;
}

uint32_t ul_sharing_functions(const ul_sharing *sharing, uint32_t field, uint32_t wants)
{
    uint32_t count = 0, last = UL_NO_FUNCTION; /* tallies of a field are sorted by function */
    for (uint32_t i = 0; i < sharing->tally_count; i++) {
        if (sharing->field_of[i] != field || !(1u << sharing->tallies[i].kind & wants) || sharing->tallies[i].function == last)
            continue;
        last = sharing->tallies[i].function;
        count++;
    }
    return count;
}

bool ul_sharing_holds(const ul_sharing *sharing, const ul_tally *tally, uint32_t lock)
{
    const char *name = ul_arena_printf(sharing->arena, "%s#%s", sharing->record->key, sharing->record->fields[lock].name);
    return ul_census_holds(sharing->census, tally, name);
}

bool ul_sharing_all_under(const ul_sharing *sharing, uint32_t field, uint32_t lock)
{
    for (uint32_t i = 0; i < sharing->tally_count; i++) {
        if (sharing->field_of[i] == field && sharing->tallies[i].kind != UL_ACCESS_UNLOCK && !ul_sharing_holds(sharing, &sharing->tallies[i], lock))
            return false;
    }
    return true;
}

bool ul_sharing_changed_under(const ul_sharing *sharing, uint32_t field, uint32_t lock)
{
    for (uint32_t i = 0; i < sharing->tally_count; i++) {
        if (sharing->field_of[i] == field && ul_tally_changes(&sharing->tallies[i]) && !ul_sharing_holds(sharing, &sharing->tallies[i], lock))
            return false;
    }
    return true;
}

bool ul_sharing_writers_apart(const ul_sharing *sharing, uint32_t a, uint32_t b)
{
    for (uint32_t i = 0; i < sharing->tally_count; i++) {
        if (sharing->field_of[i] == a && ul_tally_changes(&sharing->tallies[i]) &&
            ul_sharing_function_touches(sharing, b, sharing->tallies[i].function, UL_CHANGES))
            return false;
    }
    return true;
}

bool ul_lines_may_meet(uint64_t first, uint64_t second, uint32_t align_bytes, uint32_t line_bytes)
{
    uint32_t step = align_bytes && align_bytes < line_bytes ? align_bytes : line_bytes;
    for (uint32_t base = 0; base < line_bytes; base += step) {
        if ((first + base) / line_bytes == (second + base) / line_bytes)
            return true;
    }
    return false;
}

bool ul_sharing_is_one_object(const ul_sharing *sharing, ul_object_side a, ul_object_side b, bool is_known)
{
    const ul_object_view view = {.census = sharing->census,
                                 .record = sharing->record,
                                 .tallies = sharing->tallies,
                                 .field_of = sharing->field_of,
                                 .tally_count = sharing->tally_count};
    return is_known ? ul_objects_are_one(&view, a, b) : ul_objects_may_be_one(&view, a, b);
}

const char *ul_span_text(const ul_target *target, ul_arena *arena)
{
    return ul_arena_printf(arena, "information: some processors fetch lines of %u bytes in groups of %u, and then a write to the one costs the other; measure "
                                  "before you pay for the distance.", target->line_bytes, ul_target_apart(target));
}

const char *ul_place_text(const ul_rule_context *context, const ul_tally *tally, ul_arena *arena)
{
    const ul_census *census = context->report->census;
    const ul_census_function *function = &census->functions[tally->function];
    return ul_arena_printf(arena, "%s() %s:%u", census->words[function->name], ul_findings_path(context, census->words[function->file]), tally->line);
}

const char *ul_instance_text(const ul_rule_context *context, const ul_instance *instance, ul_arena *arena)
{
    return ul_arena_printf(arena, "%s:%u", ul_findings_path(context, context->report->census->words[instance->file]), instance->line);
}

const char *ul_fields_text(const ul_record *record, const uint32_t *fields, uint32_t count, ul_arena *arena)
{
    enum { NAMED_MAX = 5 };
    const char *text = "";
    for (uint32_t i = 0; i < count && i < NAMED_MAX; i++)
        text = ul_arena_printf(arena, "%s%s`%s`", text, !i ? "" : i + 1 == count ? " and " : ", ", ul_field_label(record, fields[i], arena));
    return count > NAMED_MAX ? ul_arena_printf(arena, "%s and %u more", text, count - NAMED_MAX) : text;
}

/* What all objects take more, where more than one is known. */
static const char *sum_text(const ul_rule_context *context, const ul_record *record, uint64_t more, ul_arena *arena)
{
    uint64_t known = context->report->census ? ul_census_objects(context->report->census, record->key) : 0, sum;
    if (record->instances > 1)
        return ul_arena_printf(arena, ", the %.12g that live at once by %.12g", record->instances, record->instances * (double)more);
    if (known <= 1 || __builtin_mul_overflow(known, more, &sum))
        return "";
    return ul_arena_printf(arena, ", the %llu that are known by %llu", (ull)known, (ull)sum);
}

const char *ul_cost_text(const ul_rule_context *context, const ul_record *record, uint64_t after, ul_arena *arena)
{
    const ul_target *target = &context->report->targets[record->target < context->report->target_count ? record->target : 0];
    uint64_t before = record->size_bytes;
    if (after <= before)
        return ul_arena_printf(arena, "the object stays at %llu bytes", (ull)before);
    const char *text = ul_arena_printf(arena, "an object grows from %llu to %llu bytes", (ull)before, (ull)after), *sum = sum_text(context, record, after - before, arena);
    if (!target->allocator || !target->allocator->range_count)
        return ul_arena_printf(arena, "%s%s", text, sum);
    ul_class_fit old = ul_class_fit_of(target->allocator, before), new = ul_class_fit_of(target->allocator, after);
    if (!old.footprint_bytes || !new.footprint_bytes)
        return ul_arena_printf(arena, "%s%s", text, sum);
    return ul_arena_printf(arena, "%s (%llu to %llu of the heap, %s)%s", text, (ull)old.footprint_bytes, (ull)new.footprint_bytes, target->allocator->name, sum);
}

/*
 * Records that are the elements of arrays, whatever holds the array, and are no multiple of a line:
 *  1. the number of a thread picks them;
 *  2. they are queues, each served by one thread at a time: by the index, or by name; or the few parts of a whole, each with its lock;
 *  3. their addresses are handed to new threads, which write them.
 */
#include "layout/rules/array_elements.h"

#include <string.h>

#include "layout/rules/measured.h"
#include "layout/rules/sharing.h"

typedef unsigned long long ull;

bool ul_elements_neighbours_meet(const ul_record *record, uint32_t unit_bytes)
{
    uint64_t first = record->size_bytes, end = 0;
    for (uint32_t i = 0; i < record->field_count; i++) {
        const ul_field *field = &record->fields[i];
        if (field->parent != UL_NO_PARENT || !field->size_bits || ul_field_is_padding(field))
            continue;
        first = field->offset_bits / 8 < first ? field->offset_bits / 8 : first;
        end = (field->offset_bits + field->size_bits + 7) / 8 > end ? (field->offset_bits + field->size_bits + 7) / 8 : end;
    }
    return end > 0 && ul_lines_may_meet(end - 1, record->size_bytes + first, record->align_bytes, unit_bytes);
}

/* Whether a record is touched that a thread's number picks out of an array. */
static bool is_own(const ul_census *census, const ul_tally *tally)
{
    return ul_tally_is_by_thread(census, tally) && tally->flags & UL_ACCESS_ELEMENT;
}

/* The heaviest change of such a record; none where there are but settings, which one function makes and none hands on. */
static const ul_tally *element_writer(const ul_sharing *sharing)
{
    const ul_census *census = sharing->census;
    const ul_tally *best = NULL;
    bool is_busy = false;
    for (uint32_t i = 0; i < sharing->tally_count; i++) {
        const ul_tally *tally = &sharing->tallies[i];
        if (!is_own(census, tally))
            continue;
        is_busy |= tally->kind == UL_ACCESS_ADDRESS && ul_census_is_runtime(census, tally);
        if (sharing->field_of[i] == UL_NO_PARENT || !ul_tally_changes(tally) || ul_tally_is_plain_once(census, tally))
            continue;
        is_busy |= !ul_tally_is_setting(census, tally) || (best && best->function != tally->function);
        if (!best || ul_census_weight(tally) > ul_census_weight(best))
            best = tally;
    }
    return is_busy ? best : NULL;
}

static bool is_thread_change(const ul_census *census, const ul_tally *tally)
{
    return tally->index == UL_INDEX_THREAD && ul_tally_changes(tally) && !(tally->flags & UL_ACCESS_ELEMENT) && ul_census_is_runtime(census, tally);
}

/* Whether an array of the record that has a name is written through the thread's number: what is to be said is said of that. */
static bool is_told_of_array(const ul_rule_context *context, const ul_record *record)
{
    const ul_report *report = context->report;
    const ul_census *census = report->census;
    ul_word key = ul_census_word(census, record->key);
    uint32_t count;
    for (uint32_t i = 0; i < census->variable_count; i++) {
        const ul_variable *it = &census->variables[i];
        const ul_tally *tallies = it->record == key && it->flags & UL_VARIABLE_ARRAY ? ul_census_tallies(census, census->words[it->id], &count) : NULL;
        for (uint32_t k = 0; tallies && k < count; k++) {
            if (is_thread_change(census, &tallies[k]))
                return true;
        }
    }
    for (uint32_t i = 0; i < report->entry_count; i++) {
        const ul_record *other = report->entries[i].record;
        for (uint32_t f = 0; f < other->field_count; f++) {
            const ul_field *field = &other->fields[f];
            if (!(field->flags & UL_FIELD_ARRAY) || !field->embedded || strcmp(field->embedded, record->key) != 0)
                continue;
            const ul_tally *tallies = ul_census_tallies(census, other->key, &count);
            for (uint32_t k = 0; k < count; k++) {
                if (is_thread_change(census, &tallies[k]) && strcmp(census->words[tallies[k].field], field->name) == 0)
                    return true;
            }
        }
    }
    return false;
}

/* Of long elements only the ends meet: whether a field that the thread changes lies within `reach_bytes` of one. */
static bool is_changed_at_end(const ul_sharing *sharing, uint64_t reach_bytes)
{
    for (uint32_t i = 0; i < sharing->tally_count; i++) {
        uint32_t field = sharing->field_of[i];
        if (field == UL_NO_PARENT || !(sharing->tallies[i].flags & UL_ACCESS_ELEMENT) || !ul_tally_changes(&sharing->tallies[i]))
            continue;
        const ul_field *it = &sharing->record->fields[field];
        if (it->offset_bits / 8 < reach_bytes || (it->offset_bits + it->size_bits) / 8 + reach_bytes > sharing->record->size_bytes)
            return true;
    }
    return false;
}

static bool has_word_of(const char *name, const char *const *words)
{
    for (size_t i = 0; words[i]; i++) {
        const char *at = strcasestr(name, words[i]);
        size_t length = strlen(words[i]);
        for (; at; at = strcasestr(at + 1, words[i])) {
            bool begins = at == name || !((at[-1] | 32) >= 'a' && (at[-1] | 32) <= 'z') || (at[0] >= 'A' && at[0] <= 'Z');
            if (begins && !((at[length] | 32) >= 'a' && (at[length] | 32) <= 'z' && !(at[length] >= 'A' && at[length] <= 'Z')))
                return true;
        }
    }
    return false;
}

/* A record that stands for what one thread at a time serves, going by its name. */
static bool is_queue_like(const char *name)
{
    static const char *const words[] = {"queue", "ring", "shard", "lane", "txq", "rxq", "worker", "channel", NULL};
    return has_word_of(name, words);
}

/* One that stands for a part of what all threads use, with a lock of its own so that they seldom meet. */
static bool is_part_like(const char *name)
{
    static const char *const words[] = {"partition", "stripe", NULL};
    return has_word_of(name, words);
}

/* Whether a known array has no more of them than threads may be busy with at once: of more, two that are busy seldom lie side by side. */
static bool has_short_array(const ul_rule_context *context, const ul_record *record)
{
    enum { PARTS_MAX = 64 };
    uint32_t count;
    const ul_instance *instances = ul_census_instances(context->report->census, record->key, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (instances[i].flags & UL_INSTANCE_ARRAY && instances[i].region <= UL_REGION_BSS && instances[i].count > 1 && instances[i].count <= PARTS_MAX)
            return true;
    }
    for (uint32_t i = 0; i < context->report->entry_count; i++) {
        const ul_record *other = context->report->entries[i].record;
        for (uint32_t f = 0; f < other->field_count; f++) {
            const ul_field *field = &other->fields[f];
            if (field->flags & UL_FIELD_ARRAY && field->embedded && field->embedded_count > 1 && field->embedded_count <= PARTS_MAX && strcmp(field->embedded, record->key) == 0)
                return true;
        }
    }
    return false;
}

/* Several of them in one allocation or field. */
static bool has_array(const ul_rule_context *context, const ul_record *record)
{
    uint32_t count;
    const ul_instance *instances = ul_census_instances(context->report->census, record->key, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (instances[i].flags & UL_INSTANCE_ARRAY && instances[i].region <= UL_REGION_HEAP && instances[i].region != UL_REGION_STACK)
            return true;
    }
    for (uint32_t i = 0; i < context->report->entry_count; i++) {
        const ul_record *other = context->report->entries[i].record;
        for (uint32_t f = 0; f < other->field_count; f++) {
            const ul_field *field = &other->fields[f];
            if (field->flags & UL_FIELD_ARRAY && field->embedded && field->embedded_count > 1 && strcmp(field->embedded, record->key) == 0)
                return true;
        }
    }
    return false;
}

/* Whether it is a part of other records as well, a node of a list for one: each of them would grow. */
static bool is_member(const ul_rule_context *context, const ul_record *record)
{
    for (uint32_t i = 0; i < context->report->entry_count; i++) {
        const ul_record *other = context->report->entries[i].record;
        for (uint32_t f = 0; f < other->field_count; f++) {
            if (!(other->fields[f].flags & UL_FIELD_ARRAY) && other->fields[f].embedded && strcmp(other->fields[f].embedded, record->key) == 0)
                return true;
        }
    }
    return false;
}

/* The heaviest change of a queue that counts or locks: the queue's number picks it, or it is named so and lies in arrays. A store is none. */
static const ul_tally *queue_writer(const ul_rule_context *context, const ul_sharing *sharing)
{
    const ul_census *census = sharing->census;
    bool is_named = is_queue_like(sharing->record->name) && has_array(context, sharing->record);
    bool is_part = !is_named && ul_sharing_has_threads(context) && is_part_like(sharing->record->name) && has_short_array(context, sharing->record);
    const ul_tally *best = NULL;
    for (uint32_t i = 0; i < sharing->tally_count; i++) {
        const ul_tally *tally = &sharing->tallies[i];
        bool is_own = is_named || (is_part && tally->kind == UL_ACCESS_LOCK) || (tally->index == UL_INDEX_QUEUE && tally->flags & UL_ACCESS_ELEMENT);
        bool is_once = !tally->loop_depth && census->functions[tally->function].flags & UL_FUNCTION_ONCE;
        if (sharing->field_of[i] == UL_NO_PARENT || !is_own || is_once || tally->kind == UL_ACCESS_WRITE || !ul_tally_changes(tally))
            continue;
        if (!best || ul_census_weight(tally) > ul_census_weight(best))
            best = tally;
    }
    return best;
}

void ul_elements_check(const ul_rule_context *context, uint32_t entry)
{
    ul_sharing sharing;
    const ul_record *record = context->report->entries[entry].record;
    const ul_target *target = ul_findings_target(context, &context->report->entries[entry]);
    uint32_t line = target->line_bytes, apart = ul_target_apart(target);
    ul_arena *arena = context->findings->arena;
    bool is_wide = record->size_bytes % line == 0;
    if ((is_wide && apart == line) || !ul_elements_neighbours_meet(record, is_wide ? apart : line) || !ul_sharing_of(&sharing, context, entry))
        return;
    const ul_tally *writer = element_writer(&sharing);
    bool is_queue = !writer;
    if (is_queue)
        writer = queue_writer(context, &sharing);
    if (!writer || is_told_of_array(context, record) || is_member(context, record) || (record->size_bytes > (uint64_t)line * (is_queue ? 4 : 8) && !is_changed_at_end(&sharing, is_wide ? apart : line)))
        return;
    uint64_t padded = (record->size_bytes + apart - 1) / apart * apart;
    bool is_part = is_queue && is_part_like(record->name);
    const char *what = is_part ? "each part has its lock and is an element" : is_queue ? "each queue is an element" : "each thread has its own element";
    const char *why = is_part    ? "%s takes its lock, and threads that are at other parts theirs; %s"
                      : is_queue ? "%s changes it, and threads that serve other queues theirs; %s"
                                 : "%s picks it by the number of the thread and writes; %s";
    ul_measured_add(context, &ul_rule_array_false_sharing, ul_contested_all(&context->report->entries[entry], arena),
                    (ul_finding){
                        .level = UL_LEVEL_NOTE,
                        .is_information = is_wide,
                        .entry = entry,
                        .field = UL_NO_PARENT,
                        .message = ul_arena_printf(arena, "%s in an array of `%s`, %llu bytes: neighbours share a %s of %u",
                                                   what, record->name, (ull)record->size_bytes, is_wide ? "span" : "line", is_wide ? apart : line),
                        .why = ul_arena_printf(arena, why, ul_place_text(context, writer, arena),
                                               is_wide ? ul_span_text(target, arena) : "every write takes the line from the threads beside it."),
                        .fix = ul_arena_printf(arena, "_Alignas(%u) on its first field, and an aligned allocation for arrays on the heap; %s.", apart,
                                               ul_cost_text(context, record, padded, arena)),
                    });
}

/* Whether it is a part of any other record. */
static bool is_embedded(const ul_rule_context *context, const ul_record *record)
{
    for (uint32_t i = 0; i < context->report->entry_count; i++) {
        const ul_record *other = context->report->entries[i].record;
        for (uint32_t f = 0; f < other->field_count; f++) {
            if (other->fields[f].embedded && strcmp(other->fields[f].embedded, record->key) == 0)
                return true;
        }
    }
    return false;
}

/*
 * An object that goes to a new thread and is an element of an array: by its address, or because all objects that are known lie in arrays that
 * are variables, and the place is come by again and again: it gets a pointer that a caller found.
 */
static const ul_instance *handed_element(const ul_rule_context *context, const ul_record *record)
{
    const ul_census *census = context->report->census;
    uint32_t count, arrays = 0, others = 0;
    const ul_instance *instances = ul_census_instances(census, record->key, &count), *handed = NULL;
    for (uint32_t i = 0; i < count; i++) {
        const ul_instance *it = &instances[i];
        if (it->region != UL_REGION_HANDED) {
            bool is_array = (it->region == UL_REGION_DATA || it->region == UL_REGION_BSS) && it->flags & UL_INSTANCE_ARRAY && it->count > 1;
            arrays += is_array;
            others += !is_array;
        } else if (it->flags & UL_INSTANCE_ELEMENT) {
            return it;
        } else if (!handed && it->function != UL_NO_FUNCTION && !(census->functions[it->function].flags & UL_FUNCTION_ONCE)) {
            handed = it;
        }
    }
    return arrays && !others && handed && !is_embedded(context, record) ? handed : NULL;
}

bool ul_elements_check_handed(const ul_rule_context *context, uint32_t entry)
{
    ul_sharing sharing;
    const ul_record *record = context->report->entries[entry].record;
    const ul_census *census = context->report->census;
    uint32_t line = ul_findings_target(context, &context->report->entries[entry])->line_bytes;
    ul_arena *arena = context->findings->arena;
    const ul_instance *handed = handed_element(context, record);
    if (!handed || record->size_bytes % line == 0 || record->size_bytes > (uint64_t)line * 8 || !ul_sharing_has_threads(context) ||
        !ul_sharing_of(&sharing, context, entry))
        return false;
    const ul_tally *writer = NULL;
    for (uint32_t i = 0; i < sharing.tally_count; i++) {
        const ul_tally *tally = &sharing.tallies[i];
        if (sharing.field_of[i] == UL_NO_PARENT || !ul_tally_changes(tally) || !(census->functions[tally->function].flags & UL_FUNCTION_THREADED) ||
            !tally->loop_depth)
            continue;
        if (!writer || ul_census_weight(tally) > ul_census_weight(writer))
            writer = tally;
    }
    if (!writer)
        return false;
    uint64_t padded = (record->size_bytes + line - 1) / line * line;
    uint32_t field = sharing.field_of[writer - sharing.tallies];
    const char *place = ul_place_text(context, writer, arena);
    ul_contention *contention = UL_NEW(arena, ul_contention);
    *contention = (ul_contention){.fields = {field, field},
                                  .kinds = {(ul_access_kind)writer->kind, (ul_access_kind)writer->kind},
                                  .places = {place, place},
                                  .are_neighbours = true};
    ul_measured_add(context, &ul_rule_array_false_sharing, ul_contested_all(&context->report->entries[entry], arena),
                    (ul_finding){
                        .level = UL_LEVEL_NOTE,
                        .entry = entry,
                        .field = UL_NO_PARENT,
                        .message = ul_arena_printf(arena, "each thread gets an element of an array of `%s`, %llu bytes, no multiple of the line of %u: neighbours share a line",
                                                   record->name, (ull)record->size_bytes, line),
                        .why = ul_arena_printf(arena, "handed over at %s, written by %s.", ul_instance_text(context, handed, arena), place),
                        .fix = ul_arena_printf(arena, "_Alignas(%u) on its first field, and aligned_alloc() for arrays on the heap; %s.", line,
                                               ul_cost_text(context, record, padded, arena)),
                        .contention = contention,
                    });
    return true;
}

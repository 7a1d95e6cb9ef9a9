/*
 * array-false-sharing: elements of an array that belong to one thread each, and are no multiple of a line:
 *  1. an alignment on the array that its elements do not have (warning);
 *  2. elements reached by the number of a thread or core and written at run time;
 *  3. records that are elements of an array which the number of a thread picks, whatever holds the array;
 *  4. elements whose addresses are handed to new threads, which write them;
 *  5. an array of locks beside an array of what they guard, reached by the same index.
 */
#include <string.h>

#include "layout/engine/objects.h"
#include "layout/rules/measured.h"
#include "layout/rules/sharing.h"

typedef unsigned long long ull;

enum { THREADS_MAX = 4096 }; /* an array of more is a table */

/* An array as its elements are used: a variable, or a field of a record. */
typedef struct array_view {
    const ul_rule_context *context;
    uint32_t entry, field;
    const char *name, *of; /* `of`: "" or " of `struct s`" */
    const ul_tally *tallies;
    uint32_t tally_count;
    ul_word field_word;    /* of the tallies that count, 0 for a variable */
    uint64_t element_bytes, count;
    bool is_on_line;       /* the array itself is aligned to a line */
    bool is_pointers;
    const char *element;  /* key of the record that its elements are, or NULL */
    uint32_t line, apart; /* of the target: a line, its span */
    const ul_entry *elements; /* the record that the elements of a variable are, NULL when they are none or it is not there */
} array_view;

static const ul_tally *by_thread(const array_view *view)
{
    const ul_census *census = view->context->report->census;
    const ul_tally *best = NULL;
    for (uint32_t i = 0; i < view->tally_count; i++) {
        const ul_tally *tally = &view->tallies[i];
        const ul_census_function *function = &census->functions[tally->function];
        bool is_thread = tally->index == UL_INDEX_THREAD || (tally->index == UL_INDEX_ENTRY && function->flags & UL_FUNCTION_ENTRY);
        bool is_once = !view->is_on_line && ul_tally_is_once(census, tally);
        if (tally->field != view->field_word || !is_thread || tally->flags & UL_ACCESS_ELEMENT || is_once || !ul_tally_changes(tally) || !ul_census_is_runtime(census, tally))
            continue;
        if (!best || ul_census_weight(tally) > ul_census_weight(best))
            best = tally;
    }
    return best;
}

/* A run-time change through an index that is not fixed, by an atomic step, of an array that may have an element for each thread: no large table. */
static const ul_tally *by_any_index(const array_view *view)
{
    if (view->count > THREADS_MAX)
        return NULL;
    const ul_census *census = view->context->report->census;
    for (uint32_t i = 0; i < view->tally_count; i++) {
        const ul_tally *tally = &view->tallies[i];
        if (tally->field == view->field_word && !(tally->flags & UL_ACCESS_ELEMENT) && ul_tally_changes(tally) &&
            (1u << tally->kind & UL_ATOMIC_CHANGES || tally->flags & UL_ACCESS_ATOMIC) && tally->index != UL_INDEX_HASH && tally->index != UL_INDEX_NONE && tally->index != UL_INDEX_CONSTANT && tally->index != UL_INDEX_LOOP && ul_census_is_runtime(census, tally))
            return tally;
    }
    return NULL;
}

/* Whether what one element holds and what the next holds can lie on one unit of `unit_bytes`: padding at the ends keeps them apart. */
static bool neighbours_meet(const ul_record *record, uint32_t unit_bytes)
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

/* The record that is defined at `key`, NULL when it is not among those of the report. */
static const ul_record *record_at(const ul_rule_context *context, const char *key)
{
    for (uint32_t i = 0; key && i < context->report->entry_count; i++) {
        if (strcmp(context->report->entries[i].record->key, key) == 0)
            return context->report->entries[i].record;
    }
    return NULL;
}

/* Elements that are whole lines, and meet on a span. */
static void report_span(const array_view *view, const ul_tally *writer)
{
    const ul_target *target = ul_findings_target(view->context, &view->context->report->entries[view->entry]);
    ul_arena *arena = view->context->findings->arena;
    const ul_record *element = record_at(view->context, view->element);
    bool meets = element ? neighbours_meet(element, view->apart) : view->element_bytes % view->apart != 0;
    if (!writer || view->is_pointers || !meets)
        return;
    ul_findings_add(view->context, &ul_rule_array_false_sharing,
                    (ul_finding){
                        .level = UL_LEVEL_NOTE,
                        .is_information = true,
                        .entry = view->entry,
                        .field = view->field,
                        .message = ul_arena_printf(arena, "each thread writes its own element of `%s`%s, %llu bytes: whole lines, and neighbours share a span of %u", view->name, view->of,
                                                   (ull)view->element_bytes, view->apart),
                        .why = ul_arena_printf(arena, "%s writes by the number of the thread; %s", ul_place_text(view->context, writer, arena), ul_span_text(target, arena)),
                        .fix = ul_arena_printf(arena, "_Alignas(%u) on the first field of an element: %llu elements take %llu bytes instead of %llu.", view->apart, (ull)view->count,
                                               (ull)((view->element_bytes + view->apart - 1) / view->apart * view->apart * view->count),
                                               (ull)(view->element_bytes * view->count)),
                    });
}

static void check_array(const array_view *view)
{
    enum { LINES_MAX = 8 }; /* of longer elements only the ends meet */
    ul_arena *arena = view->context->findings->arena;
    bool is_wide = view->element_bytes % view->line == 0;
    if (view->count < 2 || !view->element_bytes || (is_wide && view->apart == view->line) || view->element_bytes > (uint64_t)view->line * LINES_MAX)
        return;
    const ul_tally *writer = by_thread(view);
    if (!writer && view->is_on_line)
        writer = by_any_index(view);
    if (is_wide) {
        report_span(view, writer);
        return;
    }
    if (!writer || (view->is_pointers && writer->kind != UL_ACCESS_RMW))
        return;
    uint64_t padded = (view->element_bytes + view->apart - 1) / view->apart * view->apart;
    const char *aligned = view->is_on_line ? "the array is aligned to a line, its elements are not: " : "";
    const char *together = view->element_bytes < view->line
                               ? ul_arena_printf(arena, "%llu of them share a line", (ull)((view->line + view->element_bytes - 1) / view->element_bytes))
                               : "neighbours share a line";
    ul_contested contested = view->elements ? ul_contested_all(view->elements, arena)
                                            : (ul_contested){.fields = {&view->field}, .counts = {view->field != UL_NO_PARENT}};
    ul_measured_add(view->context, &ul_rule_array_false_sharing, contested,
                    (ul_finding){
                        .level = view->is_on_line ? UL_LEVEL_WARNING : UL_LEVEL_NOTE,
                        .entry = view->entry,
                        .field = view->field,
                        .message = ul_arena_printf(arena, "%seach thread writes its own element of `%s`%s, %llu bytes of a line of %u: %s", aligned, view->name, view->of,
                                                   (ull)view->element_bytes, view->line, together),
                        .why = ul_arena_printf(arena, "%s writes by the number of the thread; every write takes the line from the threads beside it.",
                                               ul_place_text(view->context, writer, arena)),
                        .fix = ul_arena_printf(arena, "an array of structs whose first field has _Alignas(%u): %llu elements take %llu bytes instead of %llu.", view->apart,
                                               (ull)view->count, (ull)(padded * view->count), (ull)(view->element_bytes * view->count)),
                    });
}

/* "int[16][4]": the product of the extents; 0 when there is none. */
static uint64_t extents_of(const char *type)
{
    uint64_t count = 0;
    for (const char *at = strchr(type, '['); at && at[0] == '['; at = strchr(at + 1, '[')) {
        uint64_t extent = 0;
        for (const char *digit = at + 1; *digit >= '0' && *digit <= '9' && extent < (uint64_t)1 << 32; digit++)
            extent = extent * 10 + (uint64_t)(*digit - '0');
        if (extent == 0 || extent > (uint64_t)1 << 32)
            return 0;
        count = (count ? count : 1) * extent;
        if (count > (uint64_t)1 << 40)
            return 0;
    }
    return count;
}

/* The heaviest change of a record that a thread's number picks out of an array. */
static const ul_tally *element_writer(const ul_sharing *sharing)
{
    const ul_tally *best = NULL;
    for (uint32_t i = 0; i < sharing->tally_count; i++) {
        const ul_tally *tally = &sharing->tallies[i];
        bool is_once = ul_tally_is_once(sharing->census, tally);
        bool is_own = tally->index == UL_INDEX_THREAD || (tally->index == UL_INDEX_ENTRY && sharing->census->functions[tally->function].flags & UL_FUNCTION_ENTRY);
        if (sharing->field_of[i] == UL_NO_PARENT || !(tally->flags & UL_ACCESS_ELEMENT) || !is_own || is_once || !ul_tally_changes(tally))
            continue;
        if (!best || ul_census_weight(tally) > ul_census_weight(best))
            best = tally;
    }
    return best;
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

/* A record that stands for what one thread at a time serves, going by its name. */
static bool is_queue_like(const char *name)
{
    static const char *const words[] = {"queue", "ring", "shard", "lane", "txq", "rxq", "worker", "channel"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
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

/* The heaviest change of a queue that counts or locks: the queue's number picks it, or it is named so and lies in arrays. A store is none. */
static const ul_tally *queue_writer(const ul_rule_context *context, const ul_sharing *sharing)
{
    const ul_census *census = sharing->census;
    bool is_named = is_queue_like(sharing->record->name) && has_array(context, sharing->record);
    const ul_tally *best = NULL;
    for (uint32_t i = 0; i < sharing->tally_count; i++) {
        const ul_tally *tally = &sharing->tallies[i];
        bool is_own = is_named || (tally->index == UL_INDEX_QUEUE && tally->flags & UL_ACCESS_ELEMENT);
        bool is_once = !tally->loop_depth && census->functions[tally->function].flags & UL_FUNCTION_ONCE;
        if (sharing->field_of[i] == UL_NO_PARENT || !is_own || is_once || tally->kind == UL_ACCESS_WRITE || !ul_tally_changes(tally))
            continue;
        if (!best || ul_census_weight(tally) > ul_census_weight(best))
            best = tally;
    }
    return best;
}

static void check_elements(const ul_rule_context *context, uint32_t entry)
{
    ul_sharing sharing;
    const ul_record *record = context->report->entries[entry].record;
    const ul_target *target = ul_findings_target(context, &context->report->entries[entry]);
    uint32_t line = target->line_bytes, apart = ul_target_apart(target);
    ul_arena *arena = context->findings->arena;
    bool is_wide = record->size_bytes % line == 0;
    if ((is_wide && apart == line) || !neighbours_meet(record, is_wide ? apart : line) || !ul_sharing_of(&sharing, context, entry))
        return;
    const ul_tally *writer = element_writer(&sharing);
    bool is_queue = !writer;
    if (is_queue)
        writer = queue_writer(context, &sharing);
    if (!writer || is_told_of_array(context, record) || (record->size_bytes > (uint64_t)line * (is_queue ? 4 : 8) && !is_changed_at_end(&sharing, is_wide ? apart : line)))
        return;
    uint64_t padded = (record->size_bytes + apart - 1) / apart * apart;
    ul_measured_add(context, &ul_rule_array_false_sharing, ul_contested_all(&context->report->entries[entry], arena),
                    (ul_finding){
                        .level = UL_LEVEL_NOTE,
                        .is_information = is_wide,
                        .entry = entry,
                        .field = UL_NO_PARENT,
                        .message = ul_arena_printf(arena, "%s in an array of `%s`, %llu bytes: neighbours share a %s of %u",
                                                   is_queue ? "each queue is an element" : "each thread has its own element",
                                                   record->name, (ull)record->size_bytes, is_wide ? "span" : "line", is_wide ? apart : line),
                        .why = ul_arena_printf(arena, is_queue ? "%s changes it, and threads that serve other queues theirs; %s" : "%s picks it by the number of the thread and writes; %s",
                                               ul_place_text(context, writer, arena),
                                               is_wide ? ul_span_text(target, arena) : "every write takes the line from the threads beside it."),
                        .fix = ul_arena_printf(arena, "_Alignas(%u) on its first field, and an aligned allocation for arrays on the heap; %s.", apart,
                                               ul_cost_text(target, record->size_bytes, padded, arena)),
                    });
}

/* The elements of the record are the objects of threads: a pointer to one goes to a new thread. */
static bool check_handed(const ul_rule_context *context, uint32_t entry)
{
    ul_sharing sharing;
    const ul_record *record = context->report->entries[entry].record;
    const ul_census *census = context->report->census;
    uint32_t line = ul_findings_target(context, &context->report->entries[entry])->line_bytes, count;
    ul_arena *arena = context->findings->arena;
    const ul_instance *instances = ul_census_instances(census, record->key, &count), *handed = NULL;
    for (uint32_t i = 0; i < count && !handed; i++) {
        if (instances[i].region == UL_REGION_HANDED && instances[i].flags & UL_INSTANCE_ELEMENT)
            handed = &instances[i];
    }
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
                                               ul_cost_text(sharing.target, record->size_bytes, padded, arena)),
                        .contention = contention,
                    });
    return true;
}

static void check_fields(const ul_rule_context *context, uint32_t entry)
{
    const ul_record *record = context->report->entries[entry].record;
    const ul_census *census = context->report->census;
    uint32_t line = ul_findings_target(context, &context->report->entries[entry])->line_bytes, count;
    const ul_tally *tallies = ul_census_tallies(census, record->key, &count);
    for (uint32_t i = 0; count && i < record->field_count; i++) {
        const ul_field *field = &record->fields[i];
        uint64_t extents = field->flags & UL_FIELD_ARRAY ? extents_of(field->type) : 0;
        ul_word name = ul_census_word(census, field->name);
        if (!extents || !name)
            continue;
        check_array(&(array_view){.context = context,
                                  .entry = entry,
                                  .field = i,
                                  .name = field->name,
                                  .of = ul_arena_printf(context->findings->arena, " of `%s`", record->name),
                                  .tallies = tallies,
                                  .tally_count = count,
                                  .field_word = name,
                                  .element_bytes = field->size_bits / 8 / extents,
                                  .count = extents,
                                  .is_on_line = field->flags & UL_FIELD_ATTRIBUTED && field->align_bytes >= line,
                                  .is_pointers = strchr(field->type, '*') != NULL,
                                  .element = field->embedded,
                                  .line = line,
                                  .apart = ul_target_apart(ul_findings_target(context, &context->report->entries[entry]))});
    }
}

static void check(const ul_rule_context *context, uint32_t entry)
{
    const ul_record *record = context->report->entries[entry].record;
    if (!context->report->census || record->flags & (UL_RECORD_SYSTEM | UL_RECORD_MEMBER) || ul_findings_refused(record, UL_REASONS_DOUBTFUL))
        return;
    check_fields(context, entry);
    if (record->kind != UL_RECORD_STRUCT)
        return;
    if (!check_handed(context, entry))
        check_elements(context, entry);
}

/* A lock taken by index, and another array of as many elements that is only touched under it. */
static void check_parallel(const ul_rule_context *context, uint32_t entry, const ul_variable *locks)
{
    enum { HASHED_MAX = 64 };
    const ul_census *census = context->report->census;
    const ul_record *record = context->report->entries[entry].record;
    uint32_t line = ul_findings_target(context, &context->report->entries[entry])->line_bytes, count;
    const ul_tally *tallies = ul_census_tallies(census, record->key, &count), *taken = NULL;
    ul_arena *arena = context->findings->arena;
    for (uint32_t i = 0; i < count && !taken; i++) {
        bool is_free = tallies[i].index != UL_INDEX_NONE && tallies[i].index != UL_INDEX_CONSTANT && tallies[i].index != UL_INDEX_LOOP;
        if (tallies[i].kind == UL_ACCESS_LOCK && is_free && ul_census_is_runtime(census, &tallies[i]))
            taken = &tallies[i];
    }
    if (!taken || locks->element_bytes % line == 0 || locks->count < 2 || (taken->index != UL_INDEX_THREAD && locks->count >= HASHED_MAX))
        return; /* many locks that are picked at random seldom meet */
    for (uint32_t i = 0; i < census->variable_count; i++) {
        const ul_variable *other = &census->variables[i];
        uint32_t uses;
        const ul_tally *touches = ul_census_tallies(census, census->words[other->id], &uses), *guarded = NULL;
        if (other->id == locks->id || other->count != locks->count || other->flags & (UL_VARIABLE_CONST | UL_VARIABLE_THREAD_LOCAL))
            continue;
        for (uint32_t k = 0; k < uses; k++) {
            if (ul_tally_changes(&touches[k]) && touches[k].index == taken->index && ul_census_is_runtime(census, &touches[k]) &&
                ul_census_holds(census, &touches[k], record->key))
                guarded = &touches[k];
        }
        if (!guarded)
            continue;
        ul_findings_add(context, &ul_rule_array_false_sharing,
                        (ul_finding){
                            .level = UL_LEVEL_NOTE,
                            .entry = entry,
                            .field = UL_NO_PARENT,
                            .message = ul_arena_printf(arena, "`%s[i]` guards `%s[i]`, in two arrays: neighbours share lines in both", record->name, census->words[other->name]),
                            .why = ul_arena_printf(arena, "taken at %s, written under it at %s.", ul_place_text(context, taken, arena), ul_place_text(context, guarded, arena)),
                            .fix = ul_arena_printf(arena, "one array of `struct { _Alignas(%u) lock; state; }`: %llu elements of %llu bytes.", line, (ull)locks->count,
                                                   (ull)((locks->element_bytes + other->element_bytes + line - 1) / line * line)),
                        });
        return;
    }
}

static const ul_entry *entry_of(const ul_report *report, ul_word key)
{
    for (uint32_t i = 0; i < report->entry_count && key; i++) {
        if (strcmp(report->entries[i].record->key, report->census->words[key]) == 0)
            return &report->entries[i];
    }
    return NULL;
}

static void check_object(const ul_rule_context *context, uint32_t entry)
{
    const ul_variable *variable = ul_object_variable(context->report, entry);
    const ul_record *record = context->report->entries[entry].record;
    if (!variable || !(variable->flags & UL_VARIABLE_ARRAY) || !ul_variable_is_shared(context->report->census, variable))
        return;
    array_view view = {.context = context,
                       .entry = entry,
                       .field = UL_NO_PARENT,
                       .name = record->name,
                       .of = "",
                       .element_bytes = variable->element_bytes,
                       .count = variable->count,
                       .is_on_line = (variable->flags & UL_VARIABLE_ON_LINE) != 0,
                       .elements = context->report->profile_count ? entry_of(context->report, variable->record) : NULL,
                       .is_pointers = (variable->flags & UL_VARIABLE_POINTER) != 0,
                       .element = variable->record ? context->report->census->words[variable->record] : NULL,
                       .line = ul_findings_target(context, &context->report->entries[entry])->line_bytes,
                       .apart = ul_target_apart(ul_findings_target(context, &context->report->entries[entry]))};
    view.tallies = ul_census_tallies(context->report->census, record->key, &view.tally_count);
    check_array(&view);
    check_parallel(context, entry, variable);
}

const ul_rule ul_rule_array_false_sharing = {
    .info =
        {
            .name = "array-false-sharing",
            .level = UL_LEVEL_WARNING,
            .summary = "an element of a per-thread or per-core array is no multiple of a cache line",
            .meaning = "An array, a variable or a field, whose elements are written at run time through the number of a thread, core or worker (a "
                       "thread-local variable, the argument of a start routine, a name such as tid), with elements that are no multiple of a line; "
                       "an array whose elements are handed to new threads that write them in loops; an array of locks beside the array that "
                       "it guards, unless it is large and hashed into. A warning when the array itself is aligned to a line, since "
                       "then its elements were meant to be; else a note. One level more where a profile bears it out (--profile).",
            .why = "An alignment on an array holds for its first element only. Sixteen counters of 4 bytes lie on one line, and sixteen threads that write "
                   "one each take it from each other: valkey measured 17.5 % more XADD from padding such an array.",
            .example = "_Alignas(64) int pending[16];       struct { _Alignas(64) int n; } pending[16];\n"
                       "pending[tid]++;                     pending[tid].n++;\n",
            .silence = "Write `// ullage: ignore[array-false-sharing] -- reason` on the field, the record or the variable. `--span-bytes 128` adds, as information, "
                       "elements that are whole lines and no whole spans of two lines that some processors fetch together.",
        },
    .check = check,
    .check_object = check_object,
    .needs_census = true,
};

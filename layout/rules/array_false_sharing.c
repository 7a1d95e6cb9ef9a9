/*
 * array-false-sharing: elements of an array that belong to one thread each, and are no multiple of a line:
 *  1. an alignment on the array that its elements do not have (warning);
 *  2. elements reached by the number of a thread or core and written at run time;
 *  3. records that are elements of arrays (array_elements.c);
 *  4. an array of locks beside an array of what they guard, reached by the same index.
 */
#include <string.h>

#include "layout/engine/objects.h"
#include "layout/rules/array_elements.h"
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

/* At run time through a thread's number, to an element and no part of one. */
static bool is_by_number(const array_view *view, const ul_tally *tally)
{
    const ul_census *census = view->context->report->census;
    return tally->field == view->field_word && ul_tally_is_by_thread(census, tally) && !(tally->flags & UL_ACCESS_ELEMENT) && ul_census_is_runtime(census, tally);
}

static bool is_own(const array_view *view, const ul_tally *tally)
{
    return is_by_number(view, tally) && ul_tally_changes(tally);
}

/* Whether it is more than settings; a record is that several functions store to, or hand on. */
static bool is_used(const array_view *view)
{
    const ul_census *census = view->context->report->census;
    const ul_tally *first = NULL;
    for (uint32_t i = 0; i < view->tally_count; i++) {
        const ul_tally *tally = &view->tallies[i];
        bool is_handed_on = view->element && tally->kind == UL_ACCESS_ADDRESS;
        if (!is_by_number(view, tally) || (!ul_tally_changes(tally) && !is_handed_on))
            continue;
        first = first ? first : tally;
        if ((!is_handed_on && !ul_tally_is_setting(census, tally)) || (view->element && tally->function != first->function))
            return true;
    }
    return view->is_on_line;
}

static const ul_tally *by_thread(const array_view *view)
{
    const ul_census *census = view->context->report->census;
    const ul_tally *best = NULL;
    bool is_busy = is_used(view);
    for (uint32_t i = 0; i < view->tally_count; i++) {
        const ul_tally *tally = &view->tallies[i];
        if (!is_busy || !is_own(view, tally) || (!view->is_on_line && ul_tally_is_plain_once(census, tally)))
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
    bool meets = element ? ul_elements_neighbours_meet(element, view->apart) : view->element_bytes % view->apart != 0;
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

/* A pointer of a thread that others read again and again, a hazard pointer for one: by an atomic step, or an atomic store in a loop. Once is how a thread signs in. */
static bool is_published(const ul_tally *writer)
{
    return writer->kind == UL_ACCESS_RMW || (writer->flags & UL_ACCESS_ATOMIC && writer->loop_depth);
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
    if (!writer || (view->is_pointers && !is_published(writer)))
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
    if (!ul_elements_check_handed(context, entry))
        ul_elements_check(context, entry);
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
            .meaning = "An array, a variable or a field, whose elements are written at run time through the number of a thread, core or "
                       "worker (a thread-local variable, the argument of a start routine, a name such as tid), with elements that are no "
                       "multiple of a line; an array whose elements are handed to new threads that write them in loops; an array that is "
                       "aligned itself, of at most 4096 elements, whose elements any varying index changes atomically; an array of locks "
                       "beside the array that it guards, unless it is large and hashed into; up to 64 records that are called partitions or stripes and locked each. A warning when the array itself is aligned "
                       "to a line, since then its elements were meant to be; else a note. One level more where a profile bears it out "
                       "(--profile).",
            .why = "An alignment on an array holds for its first element only. Sixteen counters of 4 bytes lie on one line, and sixteen threads that write "
                   "one each take it from each other: valkey measured 17.5 % more XADD from padding such an array.",
            .example = "/* before: sixteen counters on one line */\n"
                       "_Alignas(64) int pending[16];\n"
                       "void push(int tid) { pending[tid]++; }\n"
                       "\n"
                       "/* after: a line for each */\n"
                       "struct { _Alignas(64) int count; } pending[16];\n"
                       "void push(int tid) { pending[tid].count++; }\n",
            .silence = "Write `// ullage: ignore[array-false-sharing] -- reason` on the field, the record or the variable. `--span-bytes 128` adds, as information, "
                       "elements that are whole lines and no whole spans of two lines that some processors fetch together.",
        },
    .check = check,
    .check_object = check_object,
    .needs_census = true,
};

#include "layout/engine/objects.h"

#include <stdlib.h>
#include <string.h>
#define uthash_fatal(message) abort() /* out of memory; the default exits */
#include <uthash.h>

#include "layout/model/compare.h"

bool ul_variable_is_shared(const ul_census *census, const ul_variable *variable)
{
    uint32_t count;
    if (variable->flags & (UL_VARIABLE_CONST | UL_VARIABLE_THREAD_LOCAL) || !variable->size_bytes)
        return false;
    ul_census_tallies(census, census->words[variable->id], &count);
    return count > 0;
}

/* What findings may be about, and what an annotation stands on, which may be one too many. */
static bool is_subject(const ul_census *census, const ul_variable *variable)
{
    return variable->flags & UL_VARIABLE_WANTED && (variable->ignores || ul_variable_is_shared(census, variable));
}

/* The rules that the source silences for it, as an annotation; "*" stands for all. */
static void add_silence(ul_record *record, const ul_census *census, const ul_variable *variable, ul_arena *arena)
{
    const char *ignores = census->words[variable->ignores];
    if (!*ignores)
        return;
    record->annotations = UL_NEW(arena, ul_annotation);
    record->annotations[0] = (ul_annotation){.kind = UL_ANNOTATION_IGNORE,
                                             .argument = strchr(ignores, '*') ? "" : ignores,
                                             .reason = census->words[variable->ignore_reason],
                                             .field = UL_NO_PARENT,
                                             .line = variable->ignore_line};
    record->annotation_count = 1;
}

/* It has a place, a name and a size, and no fields. */
static ul_record *stand_in(const ul_census *census, const ul_variable *variable, ul_arena *arena)
{
    ul_record *record = UL_NEW(arena, ul_record);
    *record = (ul_record){.name = census->words[variable->name],
                          .key = census->words[variable->id],
                          .file = census->words[variable->file],
                          .unit = census->words[variable->file],
                          .line = variable->line,
                          .column = variable->column,
                          .end_line = variable->line,
                          .size_bytes = variable->size_bytes,
                          .align_bytes = variable->align_bytes,
                          .own_align_bytes = 1};
    add_silence(record, census, variable, arena);
    return record;
}

/* An allocation has a place, and a name that stays when lines move. */
static ul_record *place_stand_in(const char *name, const char *file, uint32_t line, uint32_t column, ul_arena *arena)
{
    ul_record *record = UL_NEW(arena, ul_record);
    *record = (ul_record){.name = name, .key = "", .file = file, .unit = file, .line = line, .column = column, .end_line = line, .align_bytes = 1, .own_align_bytes = 1};
    return record;
}

static void annotate(ul_record *record, const ul_body_comment *comment, ul_arena *arena)
{
    ul_annotation *annotations = UL_NEW_ARRAY(arena, ul_annotation, record->annotation_count + 1u);
    if (record->annotation_count)
        memcpy(annotations, record->annotations, record->annotation_count * sizeof *annotations);
    annotations[record->annotation_count++] = (ul_annotation){UL_ANNOTATION_IGNORE, comment->rules, comment->reason, UL_NO_PARENT, comment->line};
    record->annotations = annotations;
}

/* Comments by the line that they are about; which of them are about an advice. */
typedef struct remarks {
    const ul_allocations *rows;
    uint32_t *order;
    bool *is_used;
} remarks;

static int compare_about(const ul_body_comment *comment, const char *file, uint32_t line)
{
    int order = strcmp(comment->file, file);
    return order ? order : ul_compare_numbers(comment->about_line, line);
}

static int by_about(const void *left, const void *right, void *context)
{
    const ul_body_comment *comments = context;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    int order = compare_about(&comments[a], comments[b].file, comments[b].about_line);
    return order ? order : ul_compare_numbers(a, b);
}

static void sort_remarks(remarks *r, const ul_allocations *rows, ul_arena *arena)
{
    *r = (remarks){.rows = rows, .order = UL_NEW_ARRAY(arena, uint32_t, rows->comment_count + 1u), .is_used = UL_NEW_ARRAY(arena, bool, rows->comment_count + 1u)};
    for (uint32_t i = 0; i < rows->comment_count; i++)
        r->order[i] = i;
    if (rows->comment_count)
        qsort_r(r->order, rows->comment_count, sizeof *r->order, by_about, rows->comments);
}

/* Into `order`: the first that is about lines of the file. */
static uint32_t first_remark(const remarks *r, const char *file)
{
    uint32_t low = 0, high = r->rows->comment_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (strcmp(r->rows->comments[r->order[middle]].file, file) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static ul_record *allocation_stand_in(remarks *r, const ul_allocation *it, ul_arena *arena)
{
    const char *name = ul_arena_printf(arena, "%s(): %s", it->function, it->receiver[0] ? it->receiver : it->callee);
    ul_record *record = place_stand_in(name, it->file, it->line, it->column, arena);
    for (uint32_t i = first_remark(r, it->file); i < r->rows->comment_count; i++) {
        const ul_body_comment *comment = &r->rows->comments[r->order[i]];
        if (compare_about(comment, it->file, it->line) > 0)
            break;
        if (it->line > comment->about_end)
            continue;
        annotate(record, comment, arena);
        r->is_used[r->order[i]] = true;
    }
    return record;
}

/* How often a name was given in a file: two allocations into one pointer are two things to tell apart, also when lines move. */
typedef struct name_count {
    const char *key;
    uint32_t count;
    UT_hash_handle hh;
} name_count;

static void tell_apart(name_count **names, ul_record *record, ul_arena *arena)
{
    const char *key = ul_arena_printf(arena, "%s\n%s", record->file, record->name);
    name_count *known = NULL;
    HASH_FIND_STR(*names, key, known);
    if (!known) {
        known = UL_NEW(arena, name_count);
        known->key = key;
        HASH_ADD_KEYPTR(hh, *names, known->key, strlen(known->key), known);
    }
    if (++known->count > 1)
        record->name = ul_arena_printf(arena, "%s #%u", record->name, known->count);
}

/* One entry for each advice, and one for each comment that is about none: rules of annotations have something to say there. */
static uint32_t add_allocations(ul_report *report, ul_advice *advice, ul_entry *entries, uint32_t count, ul_arena *arena)
{
    remarks r;
    name_count *names = NULL; /* uthash */
    sort_remarks(&r, report->allocations, arena);
    for (uint32_t i = 0; i < report->advice_count; i++) {
        ul_record *record = allocation_stand_in(&r, &report->allocations->items[advice[i].allocation], arena);
        tell_apart(&names, record, arena);
        advice[i].entry = report->entry_count + count;
        entries[report->entry_count + count++] = (ul_entry){.record = record};
    }
    HASH_CLEAR(hh, names);
    for (uint32_t i = 0; i < report->allocations->comment_count; i++) {
        const ul_body_comment *comment = &report->allocations->comments[i];
        if (r.is_used[i] || (!*comment->rules && strcmp(comment->reason, "NOLINT") == 0)) /* bare: for other tools too */
            continue;
        ul_record *record = place_stand_in("comment", comment->file, comment->line, 1, arena);
        annotate(record, comment, arena);
        entries[report->entry_count + count++] = (ul_entry){.record = record};
    }
    return count;
}

void ul_objects_add(ul_report *report, ul_advice *advice, uint32_t advice_count, ul_arena *arena)
{
    const ul_census *census = report->census;
    uint32_t count = 0;
    if (!census)
        return;
    report->advice = advice;
    report->advice_count = advice_count;
    size_t most = report->entry_count + (size_t)census->variable_count + advice_count + (report->allocations ? report->allocations->comment_count : 0);
    ul_entry *entries = UL_NEW_ARRAY(arena, ul_entry, most);
    if (report->entry_count)
        memcpy(entries, report->entries, report->entry_count * sizeof *entries);
    uint32_t *variables = UL_NEW_ARRAY(arena, uint32_t, census->variable_count + 1u);
    for (uint32_t i = 0; i < census->variable_count; i++) {
        if (!is_subject(census, &census->variables[i]))
            continue;
        variables[count] = i;
        entries[report->entry_count + count++] = (ul_entry){.record = stand_in(census, &census->variables[i], arena)};
    }
    report->object_variables = variables;
    report->object_variable_count = count;
    if (report->allocations)
        count = add_allocations(report, advice, entries, count, arena);
    report->entries = entries;
    report->object_count = count;
}

const ul_advice *ul_object_advice(const ul_report *report, uint32_t entry)
{
    /* Entries of advice stand side by side, in its order. */
    if (!report->advice_count || entry < report->advice[0].entry || entry - report->advice[0].entry >= report->advice_count)
        return NULL;
    return &report->advice[entry - report->advice[0].entry];
}

const ul_variable *ul_object_variable(const ul_report *report, uint32_t entry)
{
    if (entry < report->entry_count || entry - report->entry_count >= report->object_variable_count)
        return NULL;
    return &report->census->variables[report->object_variables[entry - report->entry_count]];
}

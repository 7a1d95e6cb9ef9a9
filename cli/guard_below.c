/* Assertions below the records that they hold. */
#include <stdlib.h>
#include <string.h>

#include "cli/guard_state.h"
#include "layout/rewrite/edits.h"

/* One place of a file: below an outermost record. */
typedef struct place {
    ul_guard_place at;
    uint32_t outermost; /* entry */
    bool is_kept;       /* the outermost is held whatever asks for it */
    const char *text;   /* that is to stand there, without its last newline; "" for nothing */
} place;

/* What is to stand below entries[outermost]: for it and the records in its body. */
static ul_status make_text(const char **out, ul_guarding *of, const ul_guard_file *file, const place *at)
{
    ul_guarded *items = ul_guard_new_items(of);
    uint32_t count = 0;
    const char *detail = "";
    for (uint32_t i = file->first; i < file->first + file->count; i++) {
        if ((of->is_held[i] && of->outermost[i] == at->outermost) || (i == at->outermost && at->is_kept))
            count = ul_guard_add_items(of, items, count, i);
    }
    *out = "";
    if (count == 0)
        return UL_OK;
    ul_status status = ul_guard_block(out, &at->at, items, count, &detail, of->arena);
    if (status == UL_ERR_NOMEM)
        ul_terminal_out_of_memory(0);
    const ul_record *record = of->entries[at->outermost].record;
    if (status != UL_OK)
        ul_diags_add(&of->diags, UL_LEVEL_ERROR, record->file, record->line, record->column, "%s", detail);
    return status;
}

/* From the end of the line before the block to the block's end: what goes when nothing is to stand there. */
static ul_span with_line(const char *bytes, ul_span span)
{
    uint32_t begin = span.begin;
    while (begin > 0 && (bytes[begin - 1] == ' ' || bytes[begin - 1] == '\t'))
        begin--;
    if (begin > 0 && bytes[begin - 1] == '\n')
        begin--;
    if (begin > 0 && bytes[begin - 1] == '\r' && bytes[begin] == '\n')
        begin--;
    return (ul_span){begin, span.end};
}

/* Adds the edit that brings the place up to date, if it needs one. */
static void add_edit(ul_guarding *of, ul_guard_file *file, const place *at, ul_edit *edits, uint32_t *count)
{
    const char *bytes = file->file.old_bytes;
    ul_span span = at->at.span;
    bool is_there = span.end > span.begin;
    const char *text = at->text;
    if (is_there ? *text && strlen(text) == span.end - span.begin && memcmp(bytes + span.begin, text, span.end - span.begin) == 0 : !*text)
        return;
    const ul_record *record = of->entries[at->outermost].record;
    if (of->config->wants_check)
        ul_diags_add(&of->diags, UL_LEVEL_WARNING, record->file, record->line, record->column, "the guard of `%s` %s", record->name,
                     !is_there ? "is missing" : *text ? "is stale" : "is one too many: nothing asks for it");
    if (!is_there)
        text = ul_arena_printf(of->arena, "%s%s%s", at->at.newline, at->at.indent, text);
    else if (!*text)
        span = with_line(bytes, span);
    edits[(*count)++] = (ul_edit){.span = span, .text = text, .length = (uint32_t)strlen(text)};
    file->stale_count++;
}

static int by_place(const void *left, const void *right)
{
    const ul_edit *a = left, *b = right;
    return a->span.begin < b->span.begin ? -1 : a->span.begin > b->span.begin;
}

static bool has_held(const ul_guarding *of, const ul_guard_file *file, uint32_t outermost)
{
    for (uint32_t i = file->first; i < file->first + file->count; i++) {
        if (of->is_held[i] && of->outermost[i] == outermost)
            return true;
    }
    return false;
}

/*
 * Every outermost record of the file is a place. Nothing is to stand below those that nothing asks to hold, unless
 * --struct named others: then what stands there is not looked at.
 */
static ul_status make_file(ul_guarding *of, ul_guard_file *file)
{
    ul_edit *edits = UL_NEW_ARRAY(of->arena, ul_edit, file->count + 1u);
    uint32_t count = 0;
    ul_status first_error = UL_OK;
    for (uint32_t i = file->first; i < file->first + file->count; i++) {
        bool is_asked = has_held(of, file, i);
        place at = {.outermost = i};
        const ul_record *record = of->entries[i].record;
        if (of->outermost[i] != i || (!is_asked && of->config->struct_name))
            continue;
        ul_guard_find(&at.at, record, file->file.old_bytes, (uint32_t)file->file.old_length, &file->tokens, of->arena);
        ul_status status = UL_OK;
        at.is_kept = at.at.is_kept && !ul_guard_obstacle(record, file->file.old_bytes, &file->tokens, of->arena);
        at.at.is_kept = at.is_kept && !ul_guard_is_asked(record);
        if (at.at.obstacle && is_asked) {
            ul_diags_add(&of->diags, UL_LEVEL_ERROR, record->file, record->line, record->column, "no guard can stand below `%s`: %s", record->name, at.at.obstacle);
            status = UL_ERR_INPUT;
        } else if (!at.at.obstacle) {
            status = make_text(&at.text, of, file, &at);
            if (status == UL_OK)
                add_edit(of, file, &at, edits, &count);
        }
        first_error = first_error == UL_OK ? status : first_error;
    }
    if (count == 0 || first_error != UL_OK)
        return first_error;
    qsort(edits, count, sizeof *edits, by_place);
    ul_strbuf text;
    ul_strbuf_init(&text);
    ul_edits_apply(&text, file->file.old_bytes, (uint32_t)file->file.old_length, edits, count);
    if (text.has_failed)
        ul_terminal_out_of_memory(text.length);
    file->file.new_bytes = ul_arena_strndup(of->arena, text.data ? text.data : "", text.length);
    file->file.new_length = text.length;
    ul_strbuf_free(&text);
    return UL_OK;
}

ul_status ul_guard_make_below(ul_guarding *of)
{
    ul_status first_error = UL_OK;
    for (uint32_t i = 0; i < of->file_count; i++) {
        ul_status status = of->files[i].is_there ? make_file(of, &of->files[i]) : UL_OK;
        first_error = first_error == UL_OK ? status : first_error;
    }
    return first_error;
}

static uint32_t count_errors(const ul_unit_result *result)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < result->diag_count; i++)
        count += result->diags[i].level == UL_LEVEL_ERROR;
    return count;
}

/* The first error of `after` that `before` does not have, or NULL. */
static const ul_diag *new_error(const ul_unit_result *before, const ul_unit_result *after)
{
    for (uint32_t i = 0; i < after->diag_count; i++) {
        bool is_old = after->diags[i].level != UL_LEVEL_ERROR;
        for (uint32_t k = 0; k < before->diag_count && !is_old; k++)
            is_old = strcmp(before->diags[k].message, after->diags[i].message) == 0;
        if (!is_old)
            return &after->diags[i];
    }
    return NULL;
}

bool ul_guard_confirm(ul_guarding *of)
{
    uint32_t count = of->selection.job_count, unsaved_count = 0;
    ul_unit_job *jobs = UL_NEW_ARRAY(of->arena, ul_unit_job, count + 1u);
    ul_unit_result *results = UL_NEW_ARRAY(of->arena, ul_unit_result, count + 1u);
    ul_unsaved *unsaved = UL_NEW_ARRAY(of->arena, ul_unsaved, of->file_count + 1u);
    for (uint32_t i = 0; i < of->file_count; i++) {
        if (of->files[i].file.new_bytes)
            unsaved[unsaved_count++] = (ul_unsaved){of->files[i].file.path, of->files[i].file.new_bytes, of->files[i].file.new_length};
    }
    for (uint32_t i = 0; i < count; i++) {
        jobs[i] = of->selection.jobs[i];
        jobs[i].unsaved = unsaved;
        jobs[i].unsaved_count = unsaved_count;
    }
    if (unsaved_count == 0)
        return true;
    if (ul_run_jobs(results, jobs, count, &of->selection, of->terminal) != UL_OK)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const ul_unit_result *before = &of->units.results[i];
        if (before->outcome != UL_UNIT_READ)
            continue;
        const ul_diag *diag = results[i].outcome == UL_UNIT_READ ? new_error(before, &results[i]) : NULL;
        if (results[i].outcome == UL_UNIT_READ && !diag && count_errors(&results[i]) <= count_errors(before))
            continue;
        ul_diags_add(&of->diags, UL_LEVEL_ERROR, diag ? diag->file : jobs[i].file, diag ? diag->line : 0, diag ? diag->column : 0,
                     "nothing is written: with the guards the compiler says: %s", diag ? diag->message : "that it cannot read the unit");
        return false;
    }
    return true;
}

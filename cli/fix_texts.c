/* From plans to the new bytes of files, and to the patch. */
#include <stdlib.h>
#include <string.h>

#include "cli/fix_state.h"
#include "layout/rewrite/diff.h"
#include "layout/rewrite/rewrite.h"
#include "report/paths.h"

/* The records of one file that change. */
typedef struct batch {
    ul_rewrite_request *requests;
    uint32_t *indexes;
    uint32_t count;
} batch;

/* Whether the declaration's line or the one above says how the field is used: a note would say it again. */
static bool is_annotated(const ul_fix_file *file, const ul_record *record, uint32_t field)
{
    uint32_t group = record->fields[field].group;
    if (group >= record->group_count || record->groups[group].span.end > file->old_length)
        return false;
    const char *bytes = file->old_bytes, *begin = bytes + record->groups[group].span.begin, *end = bytes + record->groups[group].span.end;
    for (int lines = 0; begin > bytes && (begin[-1] != '\n' || lines++ < 1);)
        begin--;
    while (end < bytes + file->old_length && *end != '\n')
        end++;
    return memmem(begin, (size_t)(end - begin), "ullage:", 7) != NULL;
}

static const char *const *notes_of(ul_fixing *of, const ul_record *record, const ul_plan *plan)
{
    const ul_fix_file *file = plan->aligned_count ? ul_fix_file_of(of, record->file) : NULL;
    const char **notes = UL_NEW_ARRAY(of->arena, const char *, plan->aligned_count + 1u);
    static const char end[] = "fields added at the end begin another line"; /* C has no end of a line: an assertion does not see a field that comes to one */
    for (uint32_t i = 0; file && i < plan->aligned_count; i++) {
        const char *note = is_annotated(file, record, plan->aligned[i]) ? NULL : plan->aligned_notes[i];
        bool is_end = plan->is_open && i + 1 == plan->aligned_count;
        notes[i] = !is_end ? note : note ? ul_arena_printf(of->arena, "%s; %s", note, end) : end;
    }
    return notes;
}

static batch batch_of(ul_fixing *of, const char *path)
{
    batch all = {.requests = UL_NEW_ARRAY(of->arena, ul_rewrite_request, of->count), .indexes = UL_NEW_ARRAY(of->arena, uint32_t, of->count)};
    for (uint32_t i = 0; i < of->count; i++) {
        const ul_plan *plan = of->entries[i].plan;
        if (!plan || strcmp(of->entries[i].record->file, path) != 0)
            continue;
        all.requests[all.count] = (ul_rewrite_request){.record = of->entries[i].record,
                                                       .order = plan->order,
                                                       .order_count = plan->order_count,
                                                       .may_split = (of->config->allow & UL_ALLOW_SPLIT_DECLARATORS) != 0,
                                                       .aligned = plan->aligned,
                                                       .aligned_notes = notes_of(of, of->entries[i].record, plan),
                                                       .aligned_count = plan->aligned_count,
                                                       .style = plan->aligned_count ? ul_fix_align_style(of, of->entries[i].record) : NULL};
        all.indexes[all.count++] = i;
    }
    return all;
}

static void keep_refused(ul_fixing *of, uint32_t index, const ul_rewrite_outcome *outcome)
{
    const ul_record *record = of->entries[index].record;
    ul_fix_obstacle obstacle = ul_fix_refused(outcome, record->file, record->line);
    ul_fix_keep_for(of, index, &obstacle);
}

/* Whether every record of the batch took its new order. */
static bool take_outcomes(ul_fixing *of, const batch *all, const ul_rewrite *made)
{
    bool is_done = true;
    for (uint32_t i = 0; i < all->count; i++) {
        const ul_rewrite_outcome *outcome = &made->outcomes[i];
        ul_fix *fix = &of->items[all->indexes[i]].fix;
        fix->notes = outcome->notes;
        fix->note_count = outcome->note_count;
        if (outcome->refusal == UL_REWRITE_DONE)
            continue;
        keep_refused(of, all->indexes[i], outcome);
        is_done = false;
    }
    return is_done;
}

/* All kinds of edits in one text. False when they meet, which nothing in C makes them do. */
static bool apply(ul_fixing *of, ul_fix_file *file, const ul_rewrite *made, const ul_initializer_edits *lists)
{
    ul_edit *guards;
    uint32_t guard_count;
    ul_fix_edit_guards(of, file, &guards, &guard_count);
    uint32_t count = made->edit_count + lists->edit_count + guard_count;
    ul_edit *edits = UL_NEW_ARRAY(of->arena, ul_edit, count + 1u);
    for (uint32_t i = 0; i < made->edit_count; i++)
        edits[i] = made->edits[i];
    for (uint32_t i = 0; i < lists->edit_count; i++)
        edits[made->edit_count + i] = lists->edits[i];
    for (uint32_t i = 0; i < guard_count; i++)
        edits[made->edit_count + lists->edit_count + i] = guards[i];
    ul_edits_sort(edits, count);
    for (uint32_t i = 1; i < count; i++) {
        if (edits[i].span.begin < edits[i - 1].span.end)
            return false;
    }
    if (!count)
        return true;
    ul_strbuf text;
    ul_strbuf_init(&text);
    ul_edits_apply(&text, file->old_bytes, (uint32_t)file->old_length, edits, count);
    if (text.has_failed)
        ul_terminal_out_of_memory(text.length);
    file->new_bytes = ul_arena_strndup(of->arena, text.data ? text.data : "", text.length);
    file->new_length = text.length;
    ul_strbuf_free(&text);
    return true;
}

static void keep_all(ul_fixing *of, const batch *all, const char *path, const char *why)
{
    for (uint32_t i = 0; i < all->count; i++)
        ul_fix_keep(of, all->indexes[i], UL_FIX_UNREADABLE_FILE, path, 0, why);
}

static bool rewrite_file(ul_fixing *of, ul_fix_file *file)
{
    batch all = batch_of(of, file->path);
    ul_rewrite made = {0};
    ul_initializer_edits lists;
    file->new_bytes = NULL;
    file->holds_definitions = all.count > 0;
    if (all.count && ul_rewrite_text(&made, file->old_bytes, file->old_length, all.requests, all.count, of->arena) != UL_OK) {
        keep_all(of, &all, file->path, "it is too large");
        return false;
    }
    bool is_done = take_outcomes(of, &all, &made);
    is_done &= ul_fix_edit_initializers(of, file, &lists);
    if (!is_done)
        return false;
    if (apply(of, file, &made, &lists))
        return true;
    keep_all(of, &all, file->path, "an initializer stands inside a definition");
    return all.count == 0;
}

static int compare_files(const void *a, const void *b)
{
    return strcmp(((const ul_fix_file *)a)->path, ((const ul_fix_file *)b)->path);
}

bool ul_fix_write_texts(ul_fixing *of)
{
    bool is_done = true;
    for (uint32_t i = 0; i < of->count; i++) {
        if (of->entries[i].plan && !ul_fix_file_of(of, of->entries[i].record->file)) {
            ul_fix_keep(of, i, UL_FIX_UNREADABLE_FILE, of->entries[i].record->file, 0, "");
            is_done = false;
        }
    }
    ul_fix_load_initializer_files(of);
    ul_fix_load_guarded_files(of);
    for (uint32_t i = 0; i < of->count; i++) {
        of->items[i].fix.initializer_count = 0;
        is_done &= !(of->entries[i].plan && of->items[i].is_kept);
    }
    if (of->file_count)
        qsort(of->files, of->file_count, sizeof *of->files, compare_files);
    for (uint32_t i = 0; i < of->file_count; i++)
        is_done &= rewrite_file(of, &of->files[i]);
    return is_done;
}

const char *ul_fix_diff(const ul_fixing *of)
{
    ul_strbuf text;
    ul_strbuf_init(&text);
    for (uint32_t i = 0; i < of->file_count; i++) {
        const ul_fix_file *file = &of->files[i];
        const char *path = ul_path_below(file->path, of->root);
        if (file->new_bytes && ul_diff_unified(&text, path + strspn(path, "/"), (ul_diff_text){file->old_bytes, file->old_length},
                                               (ul_diff_text){file->new_bytes, file->new_length}, of->arena) != UL_OK)
            ul_terminal_out_of_memory(text.length);
    }
    const char *kept = ul_arena_strndup(of->arena, text.data ? text.data : "", text.length);
    ul_strbuf_free(&text);
    return kept;
}

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

static batch batch_of(const ul_fixing *of, const char *path)
{
    batch all = {.requests = UL_NEW_ARRAY(of->arena, ul_rewrite_request, of->count), .indexes = UL_NEW_ARRAY(of->arena, uint32_t, of->count)};
    for (uint32_t i = 0; i < of->count; i++) {
        const ul_plan *plan = of->entries[i].plan;
        if (!plan || strcmp(of->entries[i].record->file, path) != 0)
            continue;
        all.requests[all.count] = (ul_rewrite_request){of->entries[i].record, plan->order, plan->order_count};
        all.indexes[all.count++] = i;
    }
    return all;
}

static void keep_refused(ul_fixing *of, uint32_t index, const ul_rewrite_outcome *outcome)
{
    const ul_record *record = of->entries[index].record;
    ul_fix_keep_for(of, index, &(ul_fix_obstacle){.reason = ul_rewrite_refusal_name(outcome->refusal),
                                                  .text = ul_rewrite_refusal_text(outcome->refusal),
                                                  .detail = outcome->detail,
                                                  .file = record->file,
                                                  .line = record->line});
}

/* Whether every record of the batch took its new order. */
static bool take_outcomes(ul_fixing *of, ul_fix_file *file, const batch *all, const ul_rewrite *made)
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
    if (made->edit_count) {
        file->new_bytes = made->text;
        file->new_length = made->length;
    }
    return is_done;
}

static bool rewrite_file(ul_fixing *of, ul_fix_file *file)
{
    batch all = batch_of(of, file->path);
    ul_rewrite made;
    file->new_bytes = NULL;
    file->holds_definitions = all.count > 0;
    if (!all.count)
        return true;
    if (ul_rewrite_text(&made, file->old_bytes, file->old_length, all.requests, all.count, of->arena) == UL_OK)
        return take_outcomes(of, file, &all, &made);
    for (uint32_t i = 0; i < all.count; i++)
        ul_fix_keep(of, all.indexes[i], UL_FIX_UNREADABLE_FILE, file->path, 0, "it is too large");
    return false;
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
        if (file->new_bytes && ul_diff_unified(&text, ul_path_below(file->path, of->root), (ul_diff_text){file->old_bytes, file->old_length},
                                               (ul_diff_text){file->new_bytes, file->new_length}, of->arena) != UL_OK)
            ul_terminal_out_of_memory(text.length);
    }
    const char *kept = ul_arena_strndup(of->arena, text.data ? text.data : "", text.length);
    ul_strbuf_free(&text);
    return kept;
}

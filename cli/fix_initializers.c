/* Initializers by position follow the records that change: which files that touches, by which way, and what stands against it. */
#include <string.h>

#include "cli/fix_state.h"
#include "layout/engine/uses.h"

/* Words for C before designators. */
static bool is_c90(const ul_unit_job *job)
{
    static const char *const words[] = {"-ansi", "-std=c89", "-std=c90", "-std=gnu89", "-std=gnu90", "-std=iso9899:1990", "-std=iso9899:199409"};
    bool result = false;
    for (uint32_t i = 0; i < job->arg_count; i++) {
        if (strncmp(job->args[i], "-std=", 5) == 0)
            result = false;
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            result |= strcmp(job->args[i], words[k]) == 0;
    }
    return result;
}

bool ul_fix_reorders(const ul_fixing *of, const char *path)
{
    if (of->config->initializers != UL_INITIALIZERS_BY_UNIT)
        return of->config->initializers == UL_INITIALIZERS_REORDER;
    for (uint32_t i = 0; i < of->units->count; i++) {
        const ul_unit_result *result = &of->units->results[i];
        for (uint32_t k = 0; k < result->include_count; k++) {
            if (is_c90(&of->selection->jobs[i]) && strcmp(result->includes[k], path) == 0)
                return true;
        }
    }
    return false;
}

/* Why the file of an initializer may not be changed, or NULL. */
static const char *file_obstacle(ul_fixing *of, const char *path)
{
    if (strncmp(path, of->root, strlen(of->root)) != 0)
        return "its file is outside the work tree";
    if (ul_select_excludes(of->selection, path))
        return "its file is left out of the run";
    const ul_fix_file *file = ul_fix_file_of(of, path);
    if (!file)
        return "its file cannot be read again";
    return ul_fix_is_generated(file) ? "a program writes its file" : NULL;
}

void ul_fix_weigh_initializers(ul_fixing *of, uint32_t index)
{
    ul_record_uses uses = ul_uses_of(&of->uses, of->merged[index].record->key);
    for (uint32_t i = 0; i < uses.initializer_count; i++) {
        const ul_initializer *initializer = &uses.initializers[i];
        bool is_refused = of->config->initializers == UL_INITIALIZERS_REFUSE;
        const char *obstacle = is_refused ? "--initializers=refuse" : file_obstacle(of, initializer->file);
        if (obstacle)
            ul_fix_keep(of, index, UL_FIX_INITIALIZER, initializer->file, initializer->line, obstacle);
    }
}

/* Whether entries[index], or a record inside it, changes: its lists are looked at then. */
static bool is_touched(const ul_fixing *of, uint32_t index)
{
    if (index == UINT32_MAX)
        return false;
    for (uint32_t i = 0; i < of->count; i++) {
        if (of->entries[i].plan && (i == index || ul_fix_holds(of, index, i)))
            return true;
    }
    return false;
}

static ul_initializer_request request_of(const ul_fixing *of, const ul_initializer *initializer, uint32_t index)
{
    const ul_plan *plan = of->entries[index].plan;
    return (ul_initializer_request){.initializer = initializer,
                                    .record = of->entries[index].record,
                                    .order = plan ? plan->order : NULL,
                                    .order_count = plan ? plan->order_count : 0};
}

/* Keeps the record of a list that was refused; when it is one around lists of records that change, those. */
static void keep_refused(ul_fixing *of, uint32_t index, const ul_initializer *initializer, const ul_rewrite_outcome *outcome)
{
    ul_fix_obstacle obstacle = ul_fix_refused(outcome, initializer->file, initializer->line);
    for (uint32_t i = 0; i < of->count; i++) {
        if (of->entries[i].plan && !of->items[i].is_kept && (i == index || (!of->entries[index].plan && ul_fix_holds(of, index, i))))
            ul_fix_keep_for(of, i, &obstacle);
    }
}

/* A list in which nothing had to change is none that follows. */
static bool is_edited(const ul_initializer_edits *edits, const ul_initializer *initializer)
{
    for (uint32_t i = 0; i < edits->edit_count; i++) {
        if (edits->edits[i].span.begin >= initializer->span.begin && edits->edits[i].span.end <= initializer->span.end)
            return true;
    }
    return false;
}

bool ul_fix_edit_initializers(ul_fixing *of, const ul_fix_file *file, ul_initializer_edits *edits)
{
    uint32_t count = 0;
    bool is_done = true;
    ul_initializer_request *requests = UL_NEW_ARRAY(of->arena, ul_initializer_request, of->uses.initializer_count + 1u);
    uint32_t *indexes = UL_NEW_ARRAY(of->arena, uint32_t, of->uses.initializer_count + 1u);
    *edits = (ul_initializer_edits){0};
    for (uint32_t i = 0; i < of->uses.initializer_count; i++) {
        const ul_initializer *initializer = &of->uses.initializers[i];
        uint32_t index = strcmp(initializer->file, file->path) == 0 ? ul_fix_find(of, initializer->record) : UINT32_MAX;
        if (!is_touched(of, index))
            continue;
        indexes[count] = index;
        requests[count++] = request_of(of, initializer, index);
    }
    if (!count)
        return true;
    if (ul_initializers_rewrite(edits, file->old_bytes, file->old_length, requests, count, ul_fix_reorders(of, file->path), of->arena) != UL_OK)
        ul_terminal_out_of_memory(file->old_length);
    for (uint32_t i = 0; i < count; i++) {
        bool is_refused = edits->outcomes[i].refusal != UL_REWRITE_DONE;
        if (is_refused)
            keep_refused(of, indexes[i], requests[i].initializer, &edits->outcomes[i]);
        else
            of->items[indexes[i]].fix.initializer_count += of->entries[indexes[i]].plan && is_edited(edits, requests[i].initializer);
        is_done &= !is_refused;
    }
    return is_done;
}

/* Files besides those of the records: of the initializers that follow. */
void ul_fix_load_initializer_files(ul_fixing *of)
{
    for (uint32_t i = 0; i < of->uses.initializer_count; i++) {
        const ul_initializer *initializer = &of->uses.initializers[i];
        uint32_t index = ul_fix_find(of, initializer->record);
        if (is_touched(of, index) && !ul_fix_file_of(of, initializer->file))
            keep_refused(of, index, initializer, &(ul_rewrite_outcome){.refusal = UL_REWRITE_STALE_TEXT, .detail = ""});
    }
}

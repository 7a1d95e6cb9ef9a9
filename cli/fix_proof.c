/*
 * The compiler confirms the new texts, or they are not written.
 * 1. Every unit that has a changed file is parsed again, with the new bytes in memory, function bodies included.
 * 2. Of every record of those units there must be exactly the layouts that were predicted, on every target, those that
 *    only hold a changed record too; clang may say nothing that it did not say before; and what still is initialized by
 *    position must set the same fields.
 * 3. Where something differs, the records that it names are kept; where it names none, halves of what changes are tried
 *    until the guilty are found. After ROUNDS_MAX parses of everything, what is not confirmed stays as it is.
 * 4. Of a layout for use `check` may not say more than it said before.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/fix_state.h"
#include "layout/engine/census.h"
#include "layout/engine/merge.h"
#include "layout/engine/uses.h"

enum { ROUNDS_MAX = 40 };

typedef struct proof { // ullage: ignore[reorder-saves] -- one at a time
    ul_fixing *of;
    ul_unit_job *jobs;
    const ul_unit_result **before; /* by job: as it was read first */
    ul_unit_result *results;
    uint32_t job_count;
    ul_entry *entries;             /* of `results`, merged */
    uint32_t entry_count;
    const char *complaint;         /* the first, for people; NULL while all is well */
    const char *complaint_file;
    uint32_t complaint_line;
    bool *is_blamed;               /* by index of of->entries */
    bool has_blamed;
} proof;

/* --- Blame. --- */

static void complain(proof *p, const char *file, uint32_t line, const char *text)
{
    if (p->complaint)
        return;
    p->complaint = text;
    p->complaint_file = file;
    p->complaint_line = line;
}

/* Blames entries[index] if it changes, else what changes inside it. */
static void blame(proof *p, uint32_t index)
{
    const ul_fixing *of = p->of;
    for (uint32_t i = 0; i < of->count; i++) {
        if (!of->entries[i].plan || (i != index && (of->entries[index].plan || !ul_fix_holds(of, index, i))))
            continue;
        p->is_blamed[i] = true;
        p->has_blamed = true;
    }
}

/* --- Step 2. --- */

typedef struct line_of {
    const char *text;
    const ul_record *record;
    uint32_t index; /* of of->entries, or UINT32_MAX */
} line_of;

static int compare_lines(const void *a, const void *b)
{
    return strcmp(((const line_of *)a)->text, ((const line_of *)b)->text);
}

typedef struct line_list {
    line_of *items;
    uint32_t count, capacity;
} line_list;

static void add_line(proof *p, line_list *list, const ul_record *record, uint32_t index)
{
    UL_RESERVE(p->of->arena, list->items, list->count, list->capacity);
    list->items[list->count++] = (line_of){ul_fix_layout_line(record, p->of->arena), record, index};
}

/* Files of the units that are parsed again: the records of others are not met there. */
static void note_files(const proof *p, ul_string_map *files)
{
    ul_string_map_init(files, p->of->arena);
    for (uint32_t i = 0; i < p->job_count; i++) {
        for (uint32_t k = 0; k < p->before[i]->include_count; k++)
            ul_string_map_set(files, p->before[i]->includes[k], files);
    }
}

/* What must be found: each record of the units as it will be, on each target, every variant. */
static void expect(proof *p, line_list *list)
{
    ul_string_map files;
    note_files(p, &files);
    for (uint32_t i = 0; i < p->of->count; i++) {
        const ul_entry *entry = &p->of->entries[i];
        uint32_t variants = entry->variant_count ? entry->variant_count : 1;
        if (!ul_string_map_get(&files, entry->record->file))
            continue;
        bool is_first[UL_TARGETS_MAX] = {false};
        for (uint32_t k = 0; k < variants; k++) {
            const ul_record *variant = entry->variant_count ? entry->variants[k] : entry->record;
            const ul_record *after = is_first[variant->target] ? NULL : entry->afters[variant->target];
            is_first[variant->target] = true;
            add_line(p, list, after ? after : variant, i);
        }
    }
}

static void find(proof *p, line_list *list)
{
    for (uint32_t i = 0; i < p->entry_count; i++) {
        const ul_entry *entry = &p->entries[i];
        uint32_t variants = entry->variant_count ? entry->variant_count : 1;
        for (uint32_t k = 0; k < variants; k++)
            add_line(p, list, entry->variant_count ? entry->variants[k] : entry->record, UINT32_MAX);
    }
}

/* Whose layout a line is that nothing predicted: the entry of the same file and name. */
static void blame_by_name(proof *p, const ul_record *record)
{
    ul_arena *arena = p->of->arena;
    const char *name = ul_fix_settled_text(record->name, arena);
    for (uint32_t i = 0; i < p->of->count; i++) {
        const ul_record *known = p->of->entries[i].record;
        if (strcmp(known->file, record->file) == 0 && strcmp(ul_fix_settled_text(known->name, arena), name) == 0)
            blame(p, i);
    }
}

/* A variant that the first reading did not have is no surprise when another unit has it: the same line twice counts once. */
static uint32_t skip_equal(const line_list *list, uint32_t at)
{
    uint32_t next = at + 1;
    while (next < list->count && strcmp(list->items[next].text, list->items[at].text) == 0)
        next++;
    return next;
}

/* Whether a unit gave this layout before: one that was left out then, beside a reading that could be trusted more. */
static bool was_read_before(const proof *p, const line_of *line)
{
    for (uint32_t i = 0; i < p->of->units->count; i++) {
        const ul_unit_result *result = &p->of->units->results[i];
        for (uint32_t k = 0; k < result->record_count; k++) {
            if (strcmp(result->records[k].file, line->record->file) == 0 &&
                strcmp(ul_fix_layout_line(&result->records[k], p->of->arena), line->text) == 0)
                return true;
        }
    }
    return false;
}

/* A layout that no unit of the proof has need not be found unless it is new. */
static bool is_changed(const proof *p, const line_of *line)
{
    return !was_read_before(p, line);
}

static void compare_layouts(proof *p)
{
    line_list expected = {0}, found = {0};
    expect(p, &expected);
    find(p, &found);
    qsort(expected.items, expected.count, sizeof *expected.items, compare_lines);
    qsort(found.items, found.count, sizeof *found.items, compare_lines);
    for (uint32_t i = 0, j = 0; i < expected.count || j < found.count;) {
        int order = i == expected.count ? 1 : j == found.count ? -1 : compare_lines(&expected.items[i], &found.items[j]);
        if (order < 0 && is_changed(p, &expected.items[i])) {
            const ul_record *record = expected.items[i].record;
            complain(p, record->file, record->line, ul_arena_printf(p->of->arena, "`%s` is not laid out as predicted", record->name));
            blame(p, expected.items[i].index);
        } else if (order > 0 && !was_read_before(p, &found.items[j])) {
            const ul_record *record = found.items[j].record;
            complain(p, record->file, record->line,
                     ul_arena_printf(p->of->arena, "`%s` has a layout of %llu bytes that was not predicted", record->name,
                                     (unsigned long long)record->size_bytes));
            blame_by_name(p, record);
        }
        i = order <= 0 ? skip_equal(&expected, i) : i;
        j = order >= 0 ? skip_equal(&found, j) : j;
    }
}

/* What clang says, without line numbers. */
typedef struct remark {
    const char *text;
    const ul_diag *diag;
} remark;

static int compare_two_remarks(const void *a, const void *b)
{
    return strcmp(((const remark *)a)->text, ((const remark *)b)->text);
}

/* Which field a short list leaves out first depends on the order, that it leaves out some does not. */
static const char *without_field(const char *message)
{
    bool is_about_order = strncmp(message, "missing field '", 15) == 0 && strstr(message, "' initializer");
    return is_about_order ? "missing field initializer" : message;
}

static remark *sorted_remarks(const ul_unit_result *result, ul_arena *arena)
{
    remark *list = UL_NEW_ARRAY(arena, remark, result->remark_count + 1u);
    for (uint32_t i = 0; i < result->remark_count; i++) {
        const ul_diag *diag = &result->remarks[i];
        const char *text = ul_arena_printf(arena, "%s\t%d\t%s", diag->file ? diag->file : "", diag->level, without_field(diag->message));
        list[i] = (remark){ul_fix_settled_text(text, arena), diag};
    }
    qsort(list, result->remark_count, sizeof *list, compare_two_remarks);
    return list;
}

/* The record of the new texts that holds the place. */
static void blame_place(proof *p, const ul_diag *diag)
{
    for (uint32_t i = 0; i < p->entry_count; i++) {
        const ul_record *record = p->entries[i].record;
        if (diag->file && strcmp(record->file, diag->file) == 0 && record->line <= diag->line && diag->line <= record->end_line)
            blame_by_name(p, record);
    }
}

/* Each remark of a unit must have been made before, as often. */
static void compare_remarks(proof *p, const ul_unit_result *before, const ul_unit_result *after)
{
    ul_arena *arena = p->of->arena;
    const remark *known = sorted_remarks(before, arena), *made = sorted_remarks(after, arena);
    for (uint32_t i = 0, j = 0; j < after->remark_count;) {
        int order = i == before->remark_count ? 1 : strcmp(known[i].text, made[j].text);
        if (order > 0) {
            const ul_diag *diag = made[j].diag;
            complain(p, diag->file, diag->line, ul_arena_printf(arena, "%s: %s", ul_level_name(diag->level), diag->message));
            blame_place(p, diag);
        }
        i += order <= 0;
        j += order >= 0;
    }
}

/* Key of the only record of that file and name in the new texts, or NULL. */
static const char *key_after(const proof *p, const ul_record *record)
{
    const char *name = ul_fix_settled_text(record->name, p->of->arena), *key = NULL;
    for (uint32_t i = 0; i < p->entry_count; i++) {
        const ul_record *found = p->entries[i].record;
        if (strcmp(found->file, record->file) != 0 || strcmp(ul_fix_settled_text(found->name, p->of->arena), name) != 0)
            continue;
        if (key)
            return NULL;
        key = found->key;
    }
    return key;
}

static void compare_values(proof *p)
{
    ul_uses after;
    ul_uses_merge(&after, p->results, p->job_count, p->of->arena);
    for (uint32_t i = 0; i < p->of->count; i++) {
        const ul_record *record = p->of->entries[i].record;
        const char *key = p->of->entries[i].plan ? key_after(p, record) : NULL;
        const ul_initializer *wrong = key ? ul_fix_other_values(p->of, record->key, &after, key) : NULL;
        if (!wrong)
            continue;
        complain(p, wrong->file, wrong->line, ul_arena_printf(p->of->arena, "an initializer of `%s` would set other fields", record->name));
        blame(p, i);
    }
}

static void compare_unit(proof *p, uint32_t job)
{
    const ul_unit_result *after = &p->results[job];
    if (after->outcome != UL_UNIT_READ) {
        complain(p, p->jobs[job].file, 0, ul_arena_printf(p->of->arena, "the unit is not read any more: %s", after->detail));
        return;
    }
    compare_remarks(p, p->before[job], after);
}

/* --- Step 1. --- */

static bool has_changed_file(const ul_fixing *of, const ul_unit_result *result)
{
    for (uint32_t i = 0; i < of->file_count; i++) {
        for (uint32_t k = 0; of->files[i].new_bytes && k < result->include_count; k++) {
            if (strcmp(result->includes[k], of->files[i].path) == 0)
                return true;
        }
    }
    return false;
}

static void choose_jobs(proof *p)
{
    const ul_fixing *of = p->of;
    ul_unsaved *unsaved = UL_NEW_ARRAY(of->arena, ul_unsaved, of->file_count + 1u);
    uint32_t unsaved_count = 0;
    for (uint32_t i = 0; i < of->file_count; i++) {
        const ul_fix_file *file = &of->files[i];
        if (file->new_bytes)
            unsaved[unsaved_count++] = (ul_unsaved){file->path, file->new_bytes, file->new_length};
    }
    p->jobs = UL_NEW_ARRAY(of->arena, ul_unit_job, of->units->count);
    p->before = UL_NEW_ARRAY(of->arena, const ul_unit_result *, of->units->count);
    for (uint32_t i = 0; i < of->units->count; i++) {
        const ul_unit_result *result = &of->units->results[i];
        if (result->outcome != UL_UNIT_READ || !has_changed_file(of, result))
            continue;
        p->before[p->job_count] = result;
        p->jobs[p->job_count] = of->selection->jobs[i];
        p->jobs[p->job_count].unsaved = unsaved;
        p->jobs[p->job_count++].unsaved_count = unsaved_count;
    }
    p->results = UL_NEW_ARRAY(of->arena, ul_unit_result, p->job_count + 1u);
}

/* Whether the texts are confirmed as they are; *p then holds what was found. */
static ul_status prove_once(proof *p, ul_fixing *of)
{
    *p = (proof){.of = of, .is_blamed = UL_NEW_ARRAY(of->arena, bool, of->count + 1u)};
    choose_jobs(p);
    ul_status status = ul_run_jobs(p->results, p->jobs, p->job_count, of->selection, of->terminal);
    ul_terminal_clear(of->terminal);
    if (status != UL_OK)
        return status;
    ul_merge_units(&p->entries, &p->entry_count, p->results, p->job_count, of->arena);
    for (uint32_t i = 0; i < p->job_count; i++)
        compare_unit(p, i);
    compare_layouts(p);
    compare_values(p);
    return UL_OK;
}

/* --- Step 3. --- */

static void keep_unproven(proof *p, uint32_t index)
{
    ul_fix_keep(p->of, index, UL_FIX_NOT_PROVEN, p->complaint_file, p->complaint_line, p->complaint);
}

static bool *changing(const ul_fixing *of, uint32_t *count)
{
    bool *changes = UL_NEW_ARRAY(of->arena, bool, of->count + 1u);
    *count = 0;
    for (uint32_t i = 0; i < of->count; i++) {
        changes[i] = of->entries[i].plan != NULL;
        *count += changes[i];
    }
    return changes;
}

/*
 * Nothing says who is guilty: what changes is tried in halves on top of what is confirmed already. Kept for the try only, a record
 * is free again afterwards unless it is found guilty. `rounds` counts down.
 */
typedef struct hunt {
    ul_fixing *of;
    bool *is_confirmed, *is_suspect;
    uint32_t *rounds;
} hunt;

static void free_suspects(const hunt *h, const bool *is_tried)
{
    for (uint32_t i = 0; i < h->of->count; i++) {
        if (h->is_suspect[i])
            h->of->items[i].is_held = !h->is_confirmed[i] && !(is_tried && is_tried[i]);
    }
}

/* Confirms what it can of is_tried, which has `count` records. */
static ul_status hunt_down(hunt *h, const bool *is_tried, uint32_t count)
{
    proof p;
    if (count == 0)
        return UL_OK;
    free_suspects(h, is_tried);
    ul_fix_redo(h->of);
    bool is_out = *h->rounds == 0;
    *h->rounds -= !is_out;
    ul_status status = is_out ? UL_OK : prove_once(&p, h->of);
    if (status != UL_OK)
        return status;
    if (!is_out && !p.complaint) {
        for (uint32_t i = 0; i < h->of->count; i++)
            h->is_confirmed[i] |= is_tried[i];
        return UL_OK;
    }
    if (is_out || count == 1) {
        for (uint32_t i = 0; i < h->of->count; i++) {
            if (is_tried[i] && is_out)
                ul_fix_keep(h->of, i, UL_FIX_NOT_PROVEN, NULL, 0, "too many records were not confirmed: name fewer");
            else if (is_tried[i])
                keep_unproven(&p, i);
        }
        return UL_OK;
    }
    for (uint32_t half = 0; half < 2; half++) {
        bool *part = UL_NEW_ARRAY(h->of->arena, bool, h->of->count + 1u);
        uint32_t seen = 0, taken = 0;
        for (uint32_t i = 0; i < h->of->count; i++) {
            if (!is_tried[i])
                continue;
            part[i] = (seen++ < count / 2) == (half == 0);
            taken += part[i];
        }
        status = hunt_down(h, part, taken);
        if (status != UL_OK)
            return status;
    }
    return UL_OK;
}

/* --- Step 4. --- */

/* All units, those that were parsed again as they are now. */
static ul_census *census_after(const proof *p)
{
    const ul_run_units *units = p->of->units;
    ul_unit_result *all = UL_NEW_ARRAY(p->of->arena, ul_unit_result, units->count + 1u);
    ul_census *census = NULL;
    for (uint32_t i = 0, job = 0; i < units->count; i++) {
        bool is_new = job < p->job_count && p->before[job] == &units->results[i];
        all[i] = is_new ? p->results[job++] : units->results[i];
    }
    ul_census_merge(&census, all, units->count, &p->of->config->names, p->of->arena);
    return census;
}

/* Whether a record is kept now that more would be said about. */
static bool keep_worse(const proof *p)
{
    const ul_fixing *of = p->of;
    const ul_census *census = NULL;
    bool has_kept = false;
    for (uint32_t i = 0; i < of->count; i++) {
        const ul_plan *plan = of->entries[i].plan;
        const char *key = plan && plan->use ? key_after(p, of->entries[i].record) : NULL;
        for (uint32_t k = 0; k < p->entry_count && key; k++) {
            if (strcmp(p->entries[k].record->key, key) != 0)
                continue;
            census = census ? census : census_after(p);
            has_kept |= ul_fix_keep_worse(p->of, i, &p->entries[k], census);
            break;
        }
    }
    return has_kept;
}

ul_status ul_fix_prove(ul_fixing *of)
{
    uint32_t rounds = ROUNDS_MAX, count;
    proof p;
    for (;;) {
        bool *suspects = changing(of, &count);
        if (count == 0)
            return UL_OK;
        ul_status status = prove_once(&p, of);
        if (status != UL_OK || (!p.complaint && !keep_worse(&p)))
            return status;
        if (!p.complaint) {
            ul_fix_redo(of);
            continue;
        }
        rounds -= rounds > 0;
        if (p.has_blamed && rounds) {
            for (uint32_t i = 0; i < of->count; i++) {
                if (p.is_blamed[i])
                    keep_unproven(&p, i);
            }
        } else {
            hunt h = {of, UL_NEW_ARRAY(of->arena, bool, of->count + 1u), suspects, &rounds};
            status = hunt_down(&h, suspects, count);
            if (status != UL_OK)
                return status;
            free_suspects(&h, NULL);
            for (uint32_t i = 0; i < of->count; i++)
                of->items[i].is_held = false;
        }
        ul_fix_redo(of);
    }
}

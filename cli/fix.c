#include "cli/fix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/fix_state.h"
#include "cli/paths.h"
#include "cli/record_name.h"
#include "layout/engine/census.h"
#include "layout/engine/merge.h"
#include "layout/engine/plans.h"
#include "layout/engine/uses.h"

static const struct {
    const char *name, *text;
} reasons[UL_FIX_REASON_COUNT] = {
#define UL_FIX_REASON(id, name, text) [UL_FIX_##id] = {name, text},
#include "cli/fix_reasons.def"
#undef UL_FIX_REASON
};

void ul_fix_keep_for(ul_fixing *of, uint32_t index, const ul_fix_obstacle *obstacle)
{
    ul_fix *fix = &of->items[index].fix;
    of->items[index].is_kept = true;
    UL_RESERVE(of->arena, fix->obstacles, fix->obstacle_count, fix->obstacle_capacity);
    fix->obstacles[fix->obstacle_count++] = *obstacle;
}

void ul_fix_keep(ul_fixing *of, uint32_t index, ul_fix_reason reason, const char *file, uint32_t line, const char *detail)
{
    ul_fix_keep_for(of, index, &(ul_fix_obstacle){.reason = reasons[reason].name,
                                                  .text = reasons[reason].text,
                                                  .detail = detail,
                                                  .file = file,
                                                  .line = line});
}

ul_fix_obstacle ul_fix_refused(const ul_rewrite_outcome *outcome, const char *file, uint32_t line)
{
    ul_fix_obstacle obstacle = {.reason = ul_rewrite_refusal_name(outcome->refusal),
                                .text = ul_rewrite_refusal_text(outcome->refusal),
                                .detail = outcome->detail,
                                .file = file,
                                .line = line};
    unsigned where;
    int end = 0;
    if (sscanf(outcome->detail, "line %u%n", &where, &end) == 1 && !outcome->detail[end]) {
        obstacle.line = where;
        obstacle.detail = "";
    }
    return obstacle;
}

uint32_t ul_fix_find(const ul_fixing *of, const char *key)
{
    uintptr_t known = (uintptr_t)ul_string_map_get(&of->by_key, key);
    return known ? (uint32_t)(known - 1) : UINT32_MAX;
}

ul_fix_file *ul_fix_file_of(ul_fixing *of, const char *path)
{
    for (uint32_t i = 0; i < of->file_count; i++) {
        if (strcmp(of->files[i].path, path) == 0)
            return &of->files[i];
    }
    ul_fix_file file;
    if (ul_fix_file_load(&file, path, of->arena) != UL_OK)
        return NULL;
    UL_RESERVE(of->arena, of->files, of->file_count, of->file_capacity);
    of->files[of->file_count++] = file;
    return &of->files[of->file_count - 1];
}

/* Keeps what is planned inside a record whose new layout cannot be told. Whether there was any. */
static bool keep_inside(ul_fixing *of, uint32_t outer)
{
    const ul_record *record = of->entries[outer].record;
    bool has_kept = false;
    for (uint32_t i = 0; i < of->count; i++) {
        if (of->items[i].is_kept || !of->entries[i].plan || !ul_fix_holds(of, outer, i))
            continue;
        ul_fix_keep(of, i, UL_FIX_EMBEDDED_FIXED, record->file, record->line,
                    ul_arena_printf(of->arena, "`%s` cannot be laid out anew", record->name));
        has_kept = true;
    }
    return has_kept;
}

void ul_fix_plan(ul_fixing *of)
{
    for (bool is_settled = false; !is_settled;) {
        of->entries = UL_NEW_ARRAY(of->arena, ul_entry, of->count);
        for (uint32_t i = 0; i < of->count; i++) {
            of->entries[i] = of->merged[i];
            of->entries[i].usage = of->items[i].usage;
            of->entries[i].is_kept = of->items[i].is_kept || of->items[i].is_held || !of->items[i].is_candidate;
        }
        ul_plan_entries(of->entries, of->count, of->units->targets, of->units->target_count, of->config->allow, of->arena);
        is_settled = true;
        for (uint32_t i = 0; i < of->count; i++) {
            if (!of->entries[i].afters[of->entries[i].record->target] && keep_inside(of, i))
                is_settled = false;
        }
    }
}

/* Records of the paths that were given, or with --all of every file below the root; with --struct the one of that name. */
static bool is_candidate(const ul_fixing *of, const ul_record *record)
{
    ul_file_filter paths = of->selection->filter;
    bool is_below = strncmp(record->file, of->root, strlen(of->root)) == 0;
    if ((!ul_filter_names(&paths, record->file) && !(of->config->wants_all && is_below)) ||
        ul_select_excludes(of->selection, record->file))
        return false;
    return !of->config->struct_name || ul_record_name_matches(record->name, of->config->struct_name);
}

static ul_status choose_candidates(ul_fixing *of)
{
    uint32_t candidates = 0;
    of->items = UL_NEW_ARRAY(of->arena, ul_fix_item, of->count);
    ul_string_map_init(&of->by_key, of->arena);
    for (uint32_t i = 0; i < of->count; i++) {
        const ul_record *record = of->merged[i].record;
        of->items[i].is_candidate = is_candidate(of, record);
        candidates += of->items[i].is_candidate;
        if (!ul_string_map_get(&of->by_key, record->key))
            ul_string_map_set(&of->by_key, record->key, (void *)((uintptr_t)i + 1));
    }
    ul_fix_find_holders(of);
    if (candidates || !of->config->struct_name)
        return UL_OK;
    ul_report all = {.entries = (ul_entry *)of->merged, .entry_count = of->count};
    return ul_record_name_select(&all, of->config->struct_name, of->diags, of->arena);
}

static void settle_public_paths(ul_fixing *of)
{
    for (uint32_t i = 0; i < of->config->public_count; i++) {
        struct stat info;
        const char *path = ul_path_settle(of->selection->cwd, of->config->public_paths[i], of->arena);
        bool is_directory = stat(path, &info) == 0 && S_ISDIR(info.st_mode) && strcmp(path, "/") != 0;
        ul_words_add(&of->public_paths, is_directory ? ul_arena_printf(of->arena, "%s/", path) : path, of->arena);
    }
}

/* Whether something is to be done at all. */
static bool has_plans(const ul_fixing *of)
{
    for (uint32_t i = 0; i < of->count; i++) {
        if (of->entries[i].plan)
            return true;
    }
    return false;
}

/* Plans and texts that fit together: what may not change, or cannot be rewritten, is kept and everything planned anew. */
void ul_fix_redo(ul_fixing *of)
{
    do {
        ul_fix_plan(of);
    } while (ul_fix_refuse(of) || !ul_fix_write_texts(of));
}

/*
 * 1. Plan with everything free: what could be had.
 * 2. Keep what must stay, rewrite the rest, have it confirmed; whatever is kept on the way changes the plans of others.
 * 3. Ask, where that is wanted, and confirm what is left of it.
 */
static ul_status prepare(ul_fixing *of)
{
    ul_fix_plan(of);
    if (!has_plans(of))
        return UL_OK;
    of->users = ul_fix_users_new(of->root, of->selection, of->units, of->arena);
    ul_fix_redo(of);
    ul_status status = has_plans(of) ? ul_fix_prove(of) : UL_OK;
    while (status == UL_OK && of->config->is_interactive && ul_fix_ask(of)) {
        ul_fix_redo(of);
        status = has_plans(of) ? ul_fix_prove(of) : UL_OK;
    }
    return status;
}

static ul_status write_files(ul_fixing *of, ul_fix_summary *summary)
{
    if (!of->config->wants_diff && !of->config->wants_check && summary->file_count) {
        ul_status status = ul_fix_files_write(of->files, of->file_count, of->diags, of->arena);
        if (status != UL_OK)
            return status;
        summary->is_written = true;
        if (of->config->verify_command && !ul_fix_verify(of)) {
            summary->is_rolled_back = true;
            status = ul_fix_files_restore(of->files, of->file_count, of->diags, of->arena);
            return status == UL_OK ? UL_ERR_INPUT : status;
        }
    }
    return UL_OK;
}

static void sum_up(ul_fixing *of, ul_fix_summary *summary)
{
    const char **files = UL_NEW_ARRAY(of->arena, const char *, of->file_count);
    for (uint32_t i = 0; i < of->file_count; i++) {
        if (of->files[i].new_bytes)
            files[summary->file_count++] = of->files[i].path;
    }
    summary->files = files;
    summary->diff = ul_fix_diff(of);
    for (uint32_t i = 0; i < of->count; i++) {
        ul_fix_item *item = &of->items[i];
        const ul_entry *entry = &of->entries[i];
        const ul_record *after = entry->afters[entry->record->target];
        item->fix.size_bytes = after ? after->size_bytes : entry->record->size_bytes;
        item->fix.state = entry->plan ? UL_FIX_CHANGED : item->wanted && item->is_kept ? UL_FIX_LEFT : UL_FIX_NOTHING;
        summary->changed_count += item->fix.state == UL_FIX_CHANGED;
        item->fix.state = item->fix.is_unworthy || (item->is_kept && item->usage && !entry->plan && item->fix.obstacle_count) ? UL_FIX_LEFT : item->fix.state;
        summary->left_count += item->fix.state == UL_FIX_LEFT && !item->fix.is_unworthy;
        summary->unworthy_count += item->fix.is_unworthy;
        summary->grown_bytes += entry->plan ? entry->plan->grown_bytes : 0;
        if (entry->plan && entry->plan->saved_bytes > entry->plan->embedded_saved_bytes)
            summary->saved_bytes += entry->plan->saved_bytes - entry->plan->embedded_saved_bytes;
    }
}

/* The records that were asked for; one that is left shows what it could have been. */
static void fill_report(ul_report *report, ul_fixing *of, const ul_fix_summary *summary)
{
    report->entries = UL_NEW_ARRAY(of->arena, ul_entry, of->count);
    for (uint32_t i = 0; i < of->count; i++) {
        if (!of->items[i].is_candidate)
            continue;
        ul_entry *entry = &report->entries[report->entry_count++];
        *entry = of->entries[i];
        entry->fix = &of->items[i].fix;
        entry->plan = entry->plan ? entry->plan : of->items[i].wanted;
        report->refused_count += entry->record->refusal_count > 0;
    }
    report->saved_bytes = summary->saved_bytes;
    report->diff = summary->diff;
    report->diff_length = strlen(summary->diff);
    report->fix = summary;
}

/* Everything that planning needs, and the candidates. */
static ul_status set_up(ul_fixing *of, const ul_fix_request *request)
{
    ul_entry *merged;
    uint32_t count;
    ul_merge_units(&merged, &count, request->units->results, request->units->count, request->arena);
    *of = (ul_fixing){.config = request->config,
                      .terminal = request->terminal,
                      .selection = request->selection,
                      .units = request->units,
                      .diags = request->diags,
                      .arena = request->arena,
                      .root = request->selection->root ? request->selection->root : request->selection->cwd,
                      .merged = merged,
                      .count = count};
    if (request->uses)
        of->uses = *request->uses;
    else
        ul_uses_merge(&of->uses, of->units->results, of->units->count, of->arena);
    settle_public_paths(of);
    return choose_candidates(of);
}

static const ul_fix_obstacle *first_obstacle(ul_fixing *of, uint32_t index)
{
    ul_record_uses uses = ul_uses_of(&of->uses, of->merged[index].record->key);
    if (!of->items[index].fix.obstacle_count && uses.initializer_count)
        ul_fix_keep(of, index, UL_FIX_INITIALIZER, uses.initializers[0].file, uses.initializers[0].line, "`ullage fix` looks whether it can change with the record");
    return of->items[index].fix.obstacle_count ? &of->items[index].fix.obstacles[0] : NULL;
}

const ul_fix_obstacle *const *ul_fix_look(const ul_report *report, const ul_fix_request *request)
{
    ul_fixing of;
    const ul_fix_obstacle **obstacles = UL_NEW_ARRAY(request->arena, const ul_fix_obstacle *, report->entry_count + 1u);
    if (set_up(&of, request) != UL_OK)
        return obstacles;
    of.only_looks = true;
    ul_fix_plan(&of);
    ul_fix_refuse(&of);
    for (uint32_t i = 0; i < report->entry_count; i++) {
        uint32_t index = ul_fix_find(&of, report->entries[i].record->key);
        if (index != UINT32_MAX && report->entries[i].plan)
            obstacles[i] = first_obstacle(&of, index);
    }
    return obstacles;
}

/* The census, and profiles placed on every record, before planning: entries are copies of the merged ones. */
static void read_use(ul_fixing *of, ul_report *report, const ul_fix_request *request)
{
    ul_report all = {.entries = (ul_entry *)of->merged, .entry_count = of->count};
    ul_census *census = NULL;
    if (!request->profiles->count && of->config->goal != UL_GOAL_LINES)
        return;
    ul_census_merge(&census, of->units->results, of->units->count, &of->config->names, of->arena);
    of->census = all.census = census;
    if (!request->profiles->count)
        return;
    ul_profiles_apply(request->profiles, &all, of->diags, of->arena);
    report->profiles = all.profiles;
    report->profile_count = all.profile_count;
}

ul_status ul_fix_run(ul_report *report, const ul_fix_request *request)
{
    ul_fixing of;
    ul_status status = set_up(&of, request);
    if (status == UL_OK) {
        read_use(&of, report, request);
        ul_fix_find_usages(&of);
    }
    if (status == UL_OK)
        status = prepare(&of);
    if (status != UL_OK)
        return status;
    ul_fix_summary *summary = UL_NEW(of.arena, ul_fix_summary);
    ul_fix_explain_use(&of);
    sum_up(&of, summary);
    fill_report(report, &of, summary);
    return write_files(&of, summary);
}

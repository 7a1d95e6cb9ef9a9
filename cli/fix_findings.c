/*
 * A layout for use may not trade one finding for another: what `check` says about the lines of a record is counted before, and again of the record as the
 * new texts have it.
 */
#include <string.h>

#include "cli/fix_state.h"

ul_finding_list ul_fix_findings_of(const ul_fixing *of, const ul_entry *entry, const ul_census *census)
{
    const ul_report scope = {.root = of->selection->root, .cwd = of->selection->cwd, .targets = of->units->targets, .target_count = of->units->target_count, .census = census};
    return ul_line_findings_of(&scope, entry, of->config->settings, of->config->allow, of->arena);
}

static uint32_t count_from(const ul_finding_list *list, ul_level level)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < list->count; i++)
        count += list->items[i].level >= level;
    return count;
}

/* Whether the list has a finding of that rule about the field of that name. */
static bool has_same(const ul_finding_list *list, const ul_record *record, const ul_finding *finding, const char *field)
{
    for (uint32_t i = 0; i < list->count; i++) {
        const ul_finding *it = &list->items[i];
        const char *name = it->field < record->field_count ? record->fields[it->field].name : "";
        if (it->rule == finding->rule && it->level >= finding->level && strcmp(name, field) == 0)
            return true;
    }
    return false;
}

/* The first that was not there before, the gravest of them. */
static const ul_finding *find_new(const ul_finding_list *before, const ul_record *old, const ul_finding_list *after, const ul_record *record)
{
    const ul_finding *found = NULL;
    for (uint32_t i = 0; i < after->count; i++) {
        const ul_finding *it = &after->items[i];
        const char *field = it->field < record->field_count ? record->fields[it->field].name : "";
        if (!has_same(before, old, it, field) && (!found || it->level > found->level))
            found = it;
    }
    return found;
}

bool ul_fix_keep_worse(ul_fixing *of, uint32_t index, const ul_entry *after, const ul_census *census)
{
    const ul_finding_list *before = &of->items[index].said, now = ul_fix_findings_of(of, after, census);
    const ul_record *record = of->merged[index].record;
    bool is_graver = count_from(&now, UL_LEVEL_WARNING) > count_from(before, UL_LEVEL_WARNING);
    if (!is_graver && now.count <= before->count)
        return false;
    const ul_finding *more = find_new(before, record, &now, after->record);
    if (!more)
        more = &now.items[now.count - 1];
    ul_fix_keep(of, index, UL_FIX_MORE_FINDINGS, record->file, record->line, ul_arena_printf(of->arena, "%s: %s", more->rule->name, more->message));
    return true;
}

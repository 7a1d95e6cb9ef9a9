#include "cli/diff.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/paths.h"
#include "cli/settings.h"
#include "layout/engine/facts.h"
#include "layout/engine/plans.h"
#include "layout/rules/rule.h"
#include "report/change_words.h"

ul_status ul_diff_read(ul_diff_sides *out, const ul_config *config, ul_terminal *terminal, ul_diags *diags, ul_arena *arena)
{
    if (config->facts_count)
        return ul_diff_sides_read_facts(out, config, diags, arena);
    ul_status status = ul_diff_sides_open(out, config, diags, arena);
    return status == UL_OK ? ul_diff_sides_read(out, terminal) : status;
}

/* Whether PATH names the file, under its name on either side. */
static bool is_wanted(const ul_diff_sides *sides, const char *file, bool is_before)
{
    if (ul_diff_sides_want(sides, file))
        return true;
    for (uint32_t i = 0; i < sides->file_count; i++) {
        const ul_file_change *change = &sides->files[i];
        const char *same = is_before ? change->before : change->after, *other = is_before ? change->after : change->before;
        if (same && other && strcmp(same, file) == 0)
            return ul_diff_sides_want(sides, other);
    }
    return false;
}

static void keep_wanted(const ul_diff_sides *sides, ul_diff_side *side)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < side->entry_count; i++) {
        if (is_wanted(sides, side->entries[i].record->file, side == &sides->before))
            side->entries[kept++] = side->entries[i];
    }
    side->entry_count = kept;
}

/* The targets of the side that has units; a side where everything is new or gone has none to tell them. */
static const ul_run_units *units_of(const ul_diff_sides *sides)
{
    for (uint32_t i = 0; i < sides->after.units.count; i++) {
        if (sides->after.units.results[i].outcome == UL_UNIT_READ)
            return &sides->after.units;
    }
    return sides->before.units.count ? &sides->before.units : &sides->after.units;
}

static bool is_public(void *context, const char *file)
{
    const ul_diff_sides *sides = context;
    for (uint32_t i = 0; i < sides->publics.count; i++) {
        const char *path = sides->publics.items[i];
        size_t length = strlen(path);
        if (strncmp(file, path, length) == 0 && (file[length] == '\0' || path[length - 1] == '/'))
            return true;
    }
    return ul_settings_is_public(sides->config->settings, file, NULL);
}

/* Index of the record's entry in the report; one that is gone from the new side is added at the end. */
static uint32_t entry_of(ul_report *report, const ul_change *change)
{
    if (!change->after) {
        report->entries[report->entry_count] = *change->before;
        return report->entry_count++;
    }
    for (uint32_t i = 0; i < report->entry_count; i++) {
        if (report->entries[i].record == change->after->record || strcmp(report->entries[i].record->key, change->after->record->key) == 0)
            return i;
    }
    return UINT32_MAX;
}

static const char *sentences(const char *const *clauses, uint32_t count, ul_arena *arena)
{
    const char *text = "";
    for (uint32_t i = 0; i < count; i++)
        text = ul_arena_printf(arena, "%s%s%s", text, i ? "; " : "", clauses[i]);
    return *text ? ul_arena_printf(arena, "%s.", text) : "";
}

/* What fails, as findings: so that every format that has findings says it. */
static void make_findings(ul_report *report, const ul_diff_sides *sides)
{
    const ul_changes *changes = report->changes;
    uint32_t rule_count;
    (void)ul_rules_all(&rule_count);
    uint32_t most = report->entry_count + changes->count;
    ul_entry *entries = UL_NEW_ARRAY(sides->arena, ul_entry, most + 1u);
    ul_regression *regressions = UL_NEW_ARRAY(sides->arena, ul_regression, most + 1u);
    for (uint32_t i = 0; i < report->entry_count; i++)
        entries[i] = report->entries[i];
    report->entries = entries;
    for (uint32_t i = 0; i < changes->count; i++) {
        const ul_change *change = &changes->items[i];
        uint32_t count, entry = ul_change_fails(changes, change) ? entry_of(report, change) : UINT32_MAX;
        if (entry == UINT32_MAX)
            continue;
        const char *const *remarks = ul_change_remarks(&count, change, report, sides->arena);
        regressions[entry] = (ul_regression){.message = ul_arena_printf(sides->arena, "`%s` %s", ul_change_record(change)->name,
                                                                        ul_change_headline(change, report, sides->arena)),
                                             .why = sentences(remarks, count, sides->arena)};
    }
    report->regressions = regressions;
    ul_rule_settings alone = ul_rule_settings_standard(sides->arena);
    ul_level *levels = UL_NEW_ARRAY(sides->arena, ul_level, rule_count);
    levels[ul_rule_index(ul_rule_find("layout-regression"))] = UL_LEVEL_ERROR;
    alone.levels = levels;
    const ul_rule_settings **settings = UL_NEW_ARRAY(sides->arena, const ul_rule_settings *, most + 1u);
    for (uint32_t i = 0; i < most; i++)
        settings[i] = &alone;
    ul_rules_run(report, settings, sides->config->allow, sides->arena);
}

/*
 * 1. Facts of both sides, plans of the new one: what a smaller order would be is part of what is told.
 * 2. Assertions that the change broke are findings of it, not errors of the input.
 * 3. Compare; what fails is a finding besides.
 */
void ul_diff_judge(ul_report *report, ul_diff_sides *sides)
{
    const ul_run_units *units = units_of(sides);
    ul_changes *changes = UL_NEW(sides->arena, ul_changes);
    const ul_diag *guards;
    report->targets = units->targets;
    report->target_count = units->target_count;
    for (uint32_t i = 0; i < sides->before.entry_count; i++) {
        ul_entry *entry = &sides->before.entries[i];
        ul_facts_of(&entry->facts, entry->record, &report->targets[entry->record->target], sides->arena);
    }
    ul_plan_entries(sides->after.entries, sides->after.entry_count, report->targets, report->target_count, sides->config->allow, sides->arena);
    keep_wanted(sides, &sides->before);
    keep_wanted(sides, &sides->after);
    uint32_t guard_count = ul_diff_sides_guards(sides, &guards);
    ul_changes_request request = {.before = sides->before.entries,
                                  .after = sides->after.entries,
                                  .before_count = sides->before.entry_count,
                                  .after_count = sides->after.entry_count,
                                  .targets = report->targets,
                                  .target_count = report->target_count,
                                  .files = sides->files,
                                  .file_count = sides->file_count,
                                  .is_before_whole = sides->before.is_whole,
                                  .is_after_whole = sides->after.is_whole,
                                  .guards = guards,
                                  .guard_count = guard_count,
                                  .fail_on = sides->config->fail_on,
                                  .is_abi = sides->config->wants_abi,
                                  .is_public = is_public,
                                  .context = sides};
    ul_changes_find(changes, &request, sides->arena);
    changes->before_name = sides->before.name;
    changes->after_name = sides->after.name;
    report->changes = changes;
    report->entries = sides->after.entries;
    report->entry_count = sides->after.entry_count;
    make_findings(report, sides);
    ul_diff_sides_tell(sides);
}

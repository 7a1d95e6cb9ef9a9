#include "cli/line_findings.h"

#include "layout/engine/plans.h"

ul_finding_list ul_line_findings_of(const ul_report *scope, const ul_entry *entry, ul_settings *settings, uint32_t allow, ul_arena *arena)
{
    static const char *const names[] = {"false-sharing", "mixed-access", "array-false-sharing", "line-straddle"};
    ul_entry one = {.record = entry->record, .variants = entry->variants, .variant_count = entry->variant_count};
    ul_report report = {.root = scope->root, .cwd = scope->cwd, .targets = scope->targets, .target_count = scope->target_count, .entries = &one, .entry_count = 1, .census = scope->census};
    ul_findings findings = {.arena = arena};
    const ul_rule_settings *levels = ul_settings_rules(settings, entry->record->file, arena);
    ul_rule_context context = {&report, &findings, levels, allow};
    ul_plan_entries(&one, 1, report.targets, report.target_count, allow, arena);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const ul_rule *rule = ul_rule_find(names[i]);
        if (levels->levels[ul_rule_index(rule)] != UL_LEVEL_OFF)
            rule->check(&context, 0);
    }
    return findings.heard;
}

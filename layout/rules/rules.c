#include "layout/rules/findings.h"
#include "layout/rules/measured_lines.h"

#include <stdlib.h>
#include <string.h>

static const ul_rule *const rules[] = {
#define UL_RULE(id) &ul_rule_##id,
#include "layout/rules/rules.def"
#undef UL_RULE
};

enum { RULE_COUNT = sizeof rules / sizeof *rules };

static const ul_limit_info limits[] = {
#define UL_LIMIT(id, rule, name, standard, least, most, help) {rule, name, help, standard, least, most},
#include "layout/rules/limits.def"
#undef UL_LIMIT
};

const ul_limit_info *ul_limit_info_of(ul_limit limit)
{
    return &limits[limit];
}

ul_rule_settings ul_rule_settings_standard(ul_arena *arena)
{
    ul_level *levels = UL_NEW_ARRAY(arena, ul_level, RULE_COUNT);
    uint64_t *numbers = UL_NEW_ARRAY(arena, uint64_t, UL_LIMIT_COUNT);
    for (uint32_t i = 0; i < RULE_COUNT; i++)
        levels[i] = rules[i]->info.level;
    for (uint32_t i = 0; i < UL_LIMIT_COUNT; i++)
        numbers[i] = limits[i].standard;
    return (ul_rule_settings){.levels = levels, .limits = numbers};
}

const ul_rule *const *ul_rules_all(uint32_t *count)
{
    *count = RULE_COUNT;
    return rules;
}

const ul_rule *ul_rule_find(const char *name)
{
    for (uint32_t i = 0; i < RULE_COUNT; i++) {
        if (strcmp(rules[i]->info.name, name) == 0)
            return rules[i];
    }
    return NULL;
}

uint32_t ul_rule_index(const ul_rule *rule)
{
    for (uint32_t i = 0; i < RULE_COUNT; i++) {
        if (rules[i] == rule)
            return i;
    }
    return 0;
}

/* A finding with what it is sorted by. */
typedef struct placed {
    const char *file;
    uint32_t rule;
    uint32_t added; /* last resort: the order of entries and of rules decides */
    const ul_finding *finding;
} placed;

static int by_place(const void *left, const void *right)
{
    const placed *a = left, *b = right;
    int order = strcmp(a->file, b->file);
    if (order)
        return order;
    if (a->finding->line != b->finding->line)
        return a->finding->line < b->finding->line ? -1 : 1;
    if (a->rule != b->rule)
        return a->rule < b->rule ? -1 : 1;
    if (a->finding->column != b->finding->column)
        return a->finding->column < b->finding->column ? -1 : 1;
    return a->added < b->added ? -1 : a->added > b->added;
}

static uint32_t index_of_info(const ul_rule_info *info)
{
    for (uint32_t i = 0; i < RULE_COUNT; i++) {
        if (&rules[i]->info == info)
            return i;
    }
    return RULE_COUNT;
}

static ul_finding *sorted(const ul_report *report, const ul_finding_list *findings, ul_arena *arena)
{
    placed *places = UL_NEW_ARRAY(arena, placed, findings->count + 1u);
    ul_finding *out = UL_NEW_ARRAY(arena, ul_finding, findings->count + 1u);
    for (uint32_t i = 0; i < findings->count; i++) {
        const ul_finding *finding = &findings->items[i];
        places[i] = (placed){report->entries[finding->entry].record->file, index_of_info(finding->rule), i, finding};
    }
    qsort(places, findings->count, sizeof *places, by_place);
    for (uint32_t i = 0; i < findings->count; i++)
        out[i] = *places[i].finding;
    return out;
}

static const ul_rule_info *const *all_infos(ul_arena *arena)
{
    const ul_rule_info **infos = UL_NEW_ARRAY(arena, const ul_rule_info *, RULE_COUNT);
    for (uint32_t i = 0; i < RULE_COUNT; i++)
        infos[i] = &rules[i]->info;
    return infos;
}

static int by_score(const void *left, const void *right)
{
    const ul_finding *a = *(const ul_finding *const *)left, *b = *(const ul_finding *const *)right;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return a < b ? -1 : a > b; /* as they were found */
}

/* Suspicions are ranked over the whole run; the ten with the most evidence stay, and say their rank. */
static void rank(ul_finding_list *list, bool keeps_all, ul_arena *arena)
{
    enum { SHOWN_MAX = 10 };
    ul_finding **ranked = UL_NEW_ARRAY(arena, ul_finding *, list->count + 1u);
    uint32_t count = 0, kept = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->items[i].score > 0)
            ranked[count++] = &list->items[i];
    }
    if (count)
        qsort(ranked, count, sizeof(ul_finding *), by_score);
    for (uint32_t i = 0; i < count; i++) {
        bool is_kept = i < SHOWN_MAX || keeps_all;
        ranked[i]->why = ul_arena_printf(arena, "%s Rank %u of %u by evidence%s.", ranked[i]->why, i + 1, count,
                                         i == 0 && count > SHOWN_MAX && !keeps_all ? " (--all-evidence shows the others)" : "");
        ranked[i]->score = is_kept ? ranked[i]->score : -1;
    }
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->items[i].score >= 0)
            list->items[kept++] = list->items[i];
    }
    list->count = kept;
}

void ul_rules_run(ul_report *report, const ul_rule_settings *const *settings, uint32_t allow, ul_arena *arena)
{
    ul_findings findings = {.arena = arena};
    ul_rule_context context = {report, &findings, NULL, allow};
    report->refused_count = 0;
    for (uint32_t entry = 0; entry < report->entry_count; entry++) {
        context.settings = settings[entry];
        report->refused_count += report->entries[entry].record->refusal_count > 0;
        for (uint32_t i = 0; i < RULE_COUNT && report->target_count > 0; i++) {
            if (context.settings->levels[i] != UL_LEVEL_OFF)
                rules[i]->check(&context, entry);
        }
        if (report->target_count > 0) { /* what the rules have not suspected */
            ul_measured_lines_check(&context, entry);
            ul_measured_threads_check(&context, entry);
        }
    }
    for (uint32_t entry = report->entry_count; entry < report->entry_count + report->object_count; entry++) {
        context.settings = settings[entry];
        for (uint32_t i = 0; i < RULE_COUNT && report->target_count > 0; i++) {
            if (rules[i]->check_object && context.settings->levels[i] != UL_LEVEL_OFF)
                rules[i]->check_object(&context, entry);
        }
    }
    rank(&findings.heard, report->shows_all_evidence, arena);
    report->rules = all_infos(arena);
    report->rule_count = RULE_COUNT;
    report->findings = sorted(report, &findings.heard, arena);
    report->finding_count = findings.heard.count;
    report->silenced = sorted(report, &findings.silenced, arena);
    report->silenced_count = findings.silenced.count;
    report->saved_bytes = 0;
    for (uint32_t i = 0; i < report->finding_count; i++) {
        if (report->findings[i].rule == &ul_rule_reorder_saves.info)
            report->saved_bytes += report->findings[i].saved_bytes;
    }
}

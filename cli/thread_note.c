#include "cli/thread_note.h"

#include <string.h>

#include "cli/settings.h"
#include "layout/rules/rule.h"

/* A report for people; programs read findings. */
static bool is_for_people(const ul_config *config)
{
    for (uint32_t i = 0; i < config->output_count; i++) {
        const char *name = config->outputs[i].format->name;
        if (strcmp(name, "text") == 0 || strcmp(name, "concise") == 0)
            return true;
    }
    return false;
}

static bool is_on(const ul_config *config, const char *file, const char *rule, ul_arena *arena)
{
    uint32_t index = ul_rule_index(ul_rule_find(rule));
    return !config->settings || ul_settings_rules(config->settings, file, arena)->levels[index] != UL_LEVEL_OFF;
}

/* Whether run-time code takes it as a lock or changes it by an atomic step. */
static bool is_contended(const ul_census *census, const char *key)
{
    uint32_t count = 0;
    const ul_tally *tallies = ul_census_tallies(census, key, &count);
    for (uint32_t i = 0; i < count; i++) {
        if ((tallies[i].kind == UL_ACCESS_RMW || tallies[i].kind == UL_ACCESS_LOCK) && ul_census_is_runtime(census, &tallies[i]))
            return true;
    }
    return false;
}

void ul_thread_note(ul_diags *diags, const ul_config *config, const ul_report *report, ul_arena *arena)
{
    const ul_census *census = report->census;
    if (config->command != UL_COMMAND_CHECK || !census || census->thread_creations || census->start_count || !is_for_people(config))
        return;
    for (uint32_t i = 0; i < report->entry_count; i++) {
        const ul_record *record = report->entries[i].record;
        if (record->flags & UL_RECORD_SYSTEM || !is_contended(census, record->key))
            continue;
        if (!is_on(config, record->file, "false-sharing", arena) && !is_on(config, record->file, "mixed-access", arena))
            continue;
        ul_diags_add(diags, UL_LEVEL_NOTE, NULL, 0, 0,
                     "no thread is created in what was read, and none is named: what threads share in `%s` and others is not judged "
                     "(--thread-entry=GLOB, or roles.threads in .ullage.yml, names the functions in which they begin or call in)",
                     record->name);
        return;
    }
}

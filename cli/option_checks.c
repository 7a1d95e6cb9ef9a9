/* What depends on several options: the reports, what is read for them, and what contradicts what. */
#include <string.h>

#include "cli/option_values.h"
#include "layout/rules/rule.h"

ul_status ul_option_fields_set(ul_option_values *values, const char *text)
{
    enum { FIELDS_MAX = 2 };
    const char **fields = UL_NEW_ARRAY(values->arena, const char *, FIELDS_MAX);
    uint32_t count = 0;
    for (const char *at = text;; at++) {
        size_t length = strcspn(at, ",");
        if (!length || count == FIELDS_MAX) {
            ul_diags_add(values->diags, UL_LEVEL_ERROR, NULL, 0, 0, "'%s' is not a field or two, as '--fields' takes them", text);
            return UL_ERR_USAGE;
        }
        fields[count++] = ul_arena_strndup(values->arena, at, length);
        at += length;
        if (!*at)
            break;
    }
    values->config->bench_fields = fields;
    values->config->bench_field_count = count;
    return UL_OK;
}

static bool is_same_place(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* --format and -o are the first report, each --output is one more; with --output alone there is no other. */
static ul_status settle_outputs(ul_option_values *values)
{
    ul_output *outputs = UL_NEW_ARRAY(values->arena, ul_output, values->output_count + 1u);
    uint32_t count = 0;
    if (values->format || values->file || values->output_count == 0)
        outputs[count++] =
            (ul_output){values->format ? values->format : ul_format_find("text"), values->file};
    for (uint32_t i = 0; i < values->output_count; i++)
        outputs[count++] = values->outputs[i];
    for (uint32_t i = 0; i < count; i++) {
        if (outputs[i].file && strcmp(outputs[i].file, "-") == 0)
            outputs[i].file = NULL;
        for (uint32_t j = 0; j < i; j++) {
            if (!is_same_place(outputs[i].file, outputs[j].file))
                continue;
            ul_diags_add(values->diags, UL_LEVEL_ERROR, NULL, 0, 0, "two reports go to %s%s%s: '%s' and '%s'",
                         outputs[i].file ? "'" : "", outputs[i].file ? outputs[i].file : "standard output",
                         outputs[i].file ? "'" : "", outputs[j].format->name, outputs[i].format->name);
            return UL_ERR_USAGE;
        }
    }
    values->config->outputs = outputs;
    values->config->output_count = count;
    return UL_OK;
}

/* Findings are what most formats are for: `show` has none to give, and a comparison is no findings. */
static ul_status check_formats(ul_option_values *values)
{
    const ul_config *config = values->config;
    uint32_t count, fit_count = 0;
    ul_view view = config->command == UL_COMMAND_SHOW   ? UL_VIEW_SHOW
                   : config->command == UL_COMMAND_DIFF ? UL_VIEW_DIFF
                   : config->command == UL_COMMAND_FIX  ? UL_VIEW_FIX
                                                        : UL_VIEW_CHECK;
    const ul_format *const *formats = ul_formats_all(&count);
    const char **fitting = UL_NEW_ARRAY(values->arena, const char *, count);
    for (uint32_t i = 0; i < count; i++) {
        if (formats[i]->views & 1u << view)
            fitting[fit_count++] = formats[i]->name;
    }
    for (uint32_t i = 0; i < config->output_count && view != UL_VIEW_CHECK; i++) {
        const ul_format *format = config->outputs[i].format;
        if (format->views & 1u << view)
            continue;
        ul_diags_add(values->diags, UL_LEVEL_ERROR, NULL, 0, 0, "the format '%s' is for the findings of 'check'; '%s' takes %s",
                     format->name, ul_command_info_of(config->command)->name, ul_words_text(fitting, fit_count, values->arena));
        return UL_ERR_USAGE;
    }
    return UL_OK;
}

/* Function bodies are read for a census or for uses only where somebody looks at them. */
static void settle_reading(ul_config *config)
{
    uint32_t count;
    const ul_rule *const *rules = ul_rules_all(&count);
    bool is_facts = config->command == UL_COMMAND_FACTS; /* for whatever will be asked of them */
    config->reads_census = config->shows_census || config->command == UL_COMMAND_BENCH || is_facts || (config->command == UL_COMMAND_FIX && config->goal == UL_GOAL_LINES) ||
                           (config->profile_count && !config->layout_only); /* whose a contended line is only the code tells */
    config->reads_uses = config->reads_initializers = config->command == UL_COMMAND_FIX || is_facts;
    for (uint32_t i = 0; i < count && config->command == UL_COMMAND_CHECK && !config->layout_only; i++) {
        config->reads_census |= rules[i]->needs_census && config->levels[i] != UL_LEVEL_OFF;
        config->reads_uses |= rules[i]->needs_uses && config->levels[i] != UL_LEVEL_OFF;
    }
}

static ul_status check_bench(ul_option_values *values)
{
    const ul_config *config = values->config;
    const char *what = !config->struct_name                              ? "'bench' needs a record to measure: --struct NAME"
                       : config->bench_source && config->bench_directory ? "option '--source' contradicts '--keep': the one runs nothing, the other keeps what was run"
                       : config->bench_source && values->file            ? "option '--source' contradicts '-o': nothing is measured that could be reported"
                                                                         : NULL;
    if (!what)
        return UL_OK;
    ul_diags_add(values->diags, UL_LEVEL_ERROR, NULL, 0, 0, "%s", what);
    return UL_ERR_USAGE;
}

ul_status ul_option_values_end(ul_option_values *values)
{
    ul_config *config = values->config;
    config->excluded = values->excluded.items;
    config->excluded_count = values->excluded.count;
    config->profile_files = values->profiles.items;
    config->profile_count = values->profiles.count;
    config->public_paths = values->public_paths.items;
    config->public_count = values->public_paths.count;
    config->facts = values->facts.items;
    config->facts_count = values->facts.count;
    if (config->reads_no_config && config->config_file) {
        ul_diags_add(values->diags, UL_LEVEL_ERROR, NULL, 0, 0, "option '--config' contradicts '--no-config'");
        return UL_ERR_USAGE;
    }
    if (config->verify_command && (config->wants_diff || config->wants_check)) {
        ul_diags_add(values->diags, UL_LEVEL_ERROR, NULL, 0, 0, "option '--verify-command' has nothing to verify with '%s', which writes no file",
                     config->wants_diff ? "--diff" : "--check");
        return UL_ERR_USAGE;
    }
    if (config->command == UL_COMMAND_FIX || config->command == UL_COMMAND_GUARD) /* what they write is for every unit */
        config->units = UL_UNITS_ALL;
    config->names = (ul_census_names){.locks = values->locks.items,
                                      .unlocks = values->unlocks.items,
                                      .threads = values->threads.items,
                                      .setups = values->setups.items,
                                      .lock_count = values->locks.count,
                                      .unlock_count = values->unlocks.count,
                                      .thread_count = values->threads.count,
                                      .setup_count = values->setups.count};
    settle_reading(config);
    if (config->wants_write && (config->wants_check || values->file)) {
        ul_diags_add(values->diags, UL_LEVEL_ERROR, NULL, 0, 0, "option '--write' contradicts '%s'", config->wants_check ? "--check" : "-o");
        return UL_ERR_USAGE;
    }
    if (config->wants_system && !config->wants_all) {
        ul_diags_add(values->diags, UL_LEVEL_ERROR, NULL, 0, 0, "option '--system' goes with '--all'");
        return UL_ERR_USAGE;
    }
    bool has_baseline = config->baseline_file || config->updates_baseline;
    if ((has_baseline && config->struct_name) || (config->allows_stale && !config->baseline_file)) {
        ul_diags_add(values->diags, UL_LEVEL_ERROR, NULL, 0, 0, "%s",
                     has_baseline && config->struct_name ? "a baseline is of whole files: '--struct' does not go with it" : "option '--allow-stale' goes with '--baseline'");
        return UL_ERR_USAGE;
    }
    ul_status status = config->command == UL_COMMAND_BENCH ? check_bench(values) : UL_OK;
    if (status == UL_OK)
        status = settle_outputs(values);
    if (status == UL_OK)
        status = check_formats(values);
    bool is_brief = config->command == UL_COMMAND_EXPLAIN || config->command == UL_COMMAND_CONFIG || config->command == UL_COMMAND_BENCH;
    if (status == UL_OK && is_brief && strcmp(config->outputs[0].format->name, "text") != 0 &&
        strcmp(config->outputs[0].format->name, "json") != 0) {
        ul_diags_add(values->diags, UL_LEVEL_ERROR, NULL, 0, 0,
                     "'%s' has no format '%s'; it has text and json", ul_command_info_of(config->command)->name,
                     config->outputs[0].format->name);
        status = UL_ERR_USAGE;
    }
    return status;
}

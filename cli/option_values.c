#include "cli/option_values.h"

#include <regex.h>
#include <string.h>

#include "cli/suggest.h"
#include "layout/model/change.h"
#include "layout/model/plan.h"
#include "layout/model/use.h"
#include "layout/rules/rule.h"
#include "report/allow.h"

const char *ul_did_you_mean(const char *near, ul_arena *arena)
{
    return near ? ul_arena_printf(arena, "; did you mean '%s'?", near) : "";
}

/* "a, b or c" */
static const char *list_of(const char *const *words, uint32_t count, ul_arena *arena)
{
    const char *text = count ? words[0] : "";
    for (uint32_t i = 1; i < count; i++)
        text = ul_arena_printf(arena, "%s%s%s", text, i + 1 == count ? " or " : ", ", words[i]);
    return text;
}

ul_status ul_word_parse(uint32_t *index, ul_values kind, const char *noun, const char *text, ul_diags *diags,
                        ul_arena *arena)
{
    uint32_t count;
    const char *const *words = ul_values_words(kind, &count, arena);
    for (*index = 0; *index < count; ++*index) {
        if (strcmp(words[*index], text) == 0)
            return UL_OK;
    }
    const char *near = ul_suggest(text, words, count);
    if (near)
        ul_diags_add(diags, UL_LEVEL_ERROR, NULL, 0, 0, "unknown %s '%s'; did you mean '%s'?", noun, text,
                     near);
    else
        ul_diags_add(diags, UL_LEVEL_ERROR, NULL, 0, 0, "unknown %s '%s'; it is one of: %s", noun, text,
                     list_of(words, count, arena));
    return UL_ERR_USAGE;
}

static ul_status parse_word(ul_option_values *values, uint32_t *index, ul_values kind, const char *noun,
                            const char *text)
{
    return ul_word_parse(index, kind, noun, text, values->diags, values->arena);
}

/* A decimal number from `least` to `most`. */
static ul_status parse_number(ul_option_values *values, uint64_t *out, ul_option option, const char *text,
                              uint64_t least, uint64_t most)
{
    uint64_t number = 0;
    bool is_number = *text != '\0';
    for (const char *at = text; *at && is_number; at++) {
        is_number = *at >= '0' && *at <= '9';
        /* Beyond `most` it stays beyond; the digits that follow need not fit. */
        number = number > most ? number : number * 10 + (uint64_t)(*at - '0');
    }
    *out = number;
    if (is_number && number >= least && number <= most)
        return UL_OK;
    ul_diags_add(values->diags, UL_LEVEL_ERROR, NULL, 0, 0,
                 "'%s' is not a number from %llu to %llu, as '%s' takes it", text, (unsigned long long)least,
                 (unsigned long long)most, ul_option_name(option, values->arena));
    return UL_ERR_USAGE;
}

static ul_status set_number(ul_option_values *values, ul_option option, const char *text)
{
    enum { JOBS_MAX = 4096, SECONDS_MAX = 1000000, MIB_MAX = 1 << 24, LINE_MIN = 16, LINE_MAX = 1024 };
    ul_config *config = values->config;
    uint64_t number;
    ul_status status;
    if (option == UL_OPTION_JOBS) {
        status = parse_number(values, &number, option, text, 1, JOBS_MAX);
        config->jobs = (uint32_t)number;
    } else if (option == UL_OPTION_TIMEOUT) {
        status = parse_number(values, &number, option, text, 0, SECONDS_MAX);
        config->timeout_seconds = (uint32_t)number;
    } else if (option == UL_OPTION_MEMORY_LIMIT) {
        status = parse_number(values, &number, option, text, 0, MIB_MAX);
        config->memory_bytes = number << 20;
    } else {
        status = parse_number(values, &number, option, text, LINE_MIN, LINE_MAX);
        if (option == UL_OPTION_SPAN_BYTES)
            config->span_bytes = (uint32_t)number;
        else
            config->line_bytes = (uint32_t)number;
        if (status == UL_OK && (number & (number - 1))) {
            ul_diags_add(values->diags, UL_LEVEL_ERROR, NULL, 0, 0,
                         "a cache line of %s bytes: it must be a power of two from %d to %d", text, LINE_MIN,
                         LINE_MAX);
            status = UL_ERR_USAGE;
        }
    }
    return status;
}

static ul_status add_target(ul_option_values *values, const char *text)
{
    ul_config *config = values->config;
    for (uint32_t i = 0; i < config->target_count; i++) {
        if (strcmp(config->targets[i], text) == 0)
            return UL_OK;
    }
    if (!*text) {
        ul_diags_add(values->diags, UL_LEVEL_ERROR, NULL, 0, 0, "option '--target' has an empty value");
        return UL_ERR_USAGE;
    }
    if (config->target_count == UL_TARGETS_MAX) {
        ul_diags_add(values->diags, UL_LEVEL_ERROR, NULL, 0, 0, "more than %d targets; '%s' is one too many",
                     UL_TARGETS_MAX, text);
        return UL_ERR_USAGE;
    }
    config->targets[config->target_count++] = text;
    return UL_OK;
}

/* The words of ul_allow stand first, in its order; those of evidence follow. */
static ul_status allow_word(ul_option_values *values, uint32_t index, const char *word)
{
    uint32_t planner_words = 0;
    while (*ul_allow_word(1u << planner_words))
        planner_words++;
    if (index < planner_words) {
        values->config->allow |= 1u << index;
        return UL_OK;
    }
    values->config->allow_evidence |= 1u << (index - planner_words);
    if (values->config->command == UL_COMMAND_FIX)
        return UL_OK;
    ul_diags_add(values->diags, UL_LEVEL_ERROR, NULL, 0, 0, "'--allow %s' is for fix: it is about what code does with records", word);
    return UL_ERR_USAGE;
}

static ul_status add_allowed(ul_option_values *values, const char *text)
{
    for (;;) {
        uint32_t index;
        size_t length = strcspn(text, ",");
        const char *word = ul_arena_strndup(values->arena, text, length);
        ul_status status = parse_word(values, &index, UL_VALUES_ALLOW, "word for --allow", word);
        if (status != UL_OK)
            return status;
        status = allow_word(values, index, word);
        if (status != UL_OK)
            return status;
        if (!text[length])
            return UL_OK;
        text += length + 1;
    }
}

static ul_status set_header_filter(ul_option_values *values, const char *text)
{
    regex_t pattern;
    values->config->header_filter = text;
    if (regcomp(&pattern, text, REG_EXTENDED | REG_NOSUB) == 0) {
        regfree(&pattern);
        return UL_OK;
    }
    ul_diags_add(values->diags, UL_LEVEL_ERROR, NULL, 0, 0, "'%s' is not a regular expression, as '--header-filter' takes it", text);
    return UL_ERR_USAGE;
}

/* The words of --fail-on: the effects in their order, then any and none. The last --fail-on counts. */
static ul_status set_effects(ul_option_values *values, const char *text)
{
    values->config->fail_on = 0;
    for (;;) {
        uint32_t index;
        size_t length = strcspn(text, ",");
        ul_status status = parse_word(values, &index, UL_VALUES_EFFECTS, "word for --fail-on", ul_arena_strndup(values->arena, text, length));
        if (status != UL_OK)
            return status;
        if (index <= UL_EFFECT_COUNT)
            values->config->fail_on |= index < UL_EFFECT_COUNT ? 1u << index : (1u << UL_EFFECT_COUNT) - 1;
        if (!text[length])
            return UL_OK;
        text += length + 1;
    }
}

static ul_status set_rule(ul_option_values *values, const char *text)
{
    static const char *const words[] = {"off", "note", "warning", "error"};
    enum { WORD_COUNT = sizeof words / sizeof *words };
    size_t length = strcspn(text, "=");
    uint32_t index;
    ul_status status =
        parse_word(values, &index, UL_VALUES_RULES, "rule", ul_arena_strndup(values->arena, text, length));
    if (status != UL_OK)
        return status;
    if (!text[length]) {
        ul_diags_add(values->diags, UL_LEVEL_ERROR, NULL, 0, 0, "option '--rule' needs a level: %s=%s", text,
                     list_of(words, WORD_COUNT, values->arena));
        return UL_ERR_USAGE;
    }
    values->has_level[index] = true;
    if (ul_level_parse(&values->levels[index], text + length + 1) == UL_OK)
        return UL_OK;
    const char *near = ul_suggest(text + length + 1, words, WORD_COUNT);
    ul_diags_add(values->diags, UL_LEVEL_ERROR, NULL, 0, 0, "unknown level '%s'; %s%s%s", text + length + 1,
                 near ? "did you mean '" : "it is one of: ",
                 near ? near : list_of(words, WORD_COUNT, values->arena), near ? "'?" : "");
    return UL_ERR_USAGE;
}

static ul_status parse_format(ul_option_values *values, const ul_format **out, const char *text)
{
    uint32_t index;
    ul_status status = parse_word(values, &index, UL_VALUES_FORMATS, "format", text);
    if (status == UL_OK)
        *out = ul_format_find(text);
    return status;
}

static ul_status add_output(ul_option_values *values, const char *text)
{
    size_t length = strcspn(text, ":");
    ul_output output = {0};
    ul_status status = parse_format(values, &output.format, ul_arena_strndup(values->arena, text, length));
    if (status != UL_OK)
        return status;
    if (text[length]) {
        output.file = text + length + 1;
        if (!*output.file) {
            ul_diags_add(values->diags, UL_LEVEL_ERROR, NULL, 0, 0, "no file after ':' in '--output %s'",
                         text);
            return UL_ERR_USAGE;
        }
    }
    UL_RESERVE(values->arena, values->outputs, values->output_count, values->output_capacity);
    values->outputs[values->output_count++] = output;
    return UL_OK;
}

void ul_option_values_init(ul_option_values *values, ul_config *config, ul_diags *diags, ul_arena *arena)
{
    uint32_t count;
    ul_rules_all(&count);
    *values = (ul_option_values){.config = config, .diags = diags, .arena = arena};
    values->levels = UL_NEW_ARRAY(arena, ul_level, count);
    memcpy(values->levels, config->levels, count * sizeof *values->levels);
    config->levels = values->levels;
    values->has_level = UL_NEW_ARRAY(arena, bool, count);
    config->has_level = values->has_level;
}

static ul_status set_word(ul_option_values *values, ul_option option, const char *text)
{
    ul_config *config = values->config;
    uint32_t index = 0;
    ul_status status;
    switch (option) {
    case UL_OPTION_UNITS:
        status = parse_word(values, &index, UL_VALUES_UNITS, "word for --units", text);
        config->units = index ? UL_UNITS_ALL : UL_UNITS_ONE;
        return status;
    case UL_OPTION_COLOR:
        status = parse_word(values, &index, UL_VALUES_COLORS, "word for --color", text);
        config->color = index == 1 ? UL_COLOR_ALWAYS : index == 2 ? UL_COLOR_NEVER : UL_COLOR_AUTO;
        return status;
    case UL_OPTION_ALLOCATOR:
        status = parse_word(values, &index, UL_VALUES_ALLOCATORS, "allocator", text);
        config->allocator = ul_allocator_at(index);
        return status;
    case UL_OPTION_FAIL_LEVEL:
        status = parse_word(values, &index, UL_VALUES_LEVELS, "level", text);
        config->fail_level = (ul_level)(UL_LEVEL_NOTE + index);
        return status;
    case UL_OPTION_GOAL:
        status = parse_word(values, &index, UL_VALUES_GOALS, "goal", text);
        config->goal = (ul_goal)index;
        return status;
    case UL_OPTION_INITIALIZERS:
        status = parse_word(values, &index, UL_VALUES_INITIALIZERS, "word for --initializers", text);
        config->initializers = (ul_initializers_mode)(UL_INITIALIZERS_DESIGNATE + index);
        return status;
    case UL_OPTION_VERIFY_COMMAND:
        config->verify_command = text;
        return UL_OK;
    case UL_OPTION_HEADER_FILTER:
        return set_header_filter(values, text);
    case UL_OPTION_FAIL_ON:
        return set_effects(values, text);
    case UL_OPTION_STRUCT:
        config->struct_name = text;
        return UL_OK;
    case UL_OPTION_LOCK_NAME:
        ul_words_add(&values->locks, text, values->arena);
        return UL_OK;
    case UL_OPTION_UNLOCK_NAME:
        ul_words_add(&values->unlocks, text, values->arena);
        return UL_OK;
    case UL_OPTION_THREAD_ENTRY:
        ul_words_add(&values->threads, text, values->arena);
        return UL_OK;
    case UL_OPTION_SETUP_NAME:
        ul_words_add(&values->setups, text, values->arena);
        return UL_OK;
    case UL_OPTION_TARGET:
        return add_target(values, text);
    case UL_OPTION_ALLOW:
        return add_allowed(values, text);
    case UL_OPTION_RULE:
        return set_rule(values, text);
    case UL_OPTION_FORMAT:
        return parse_format(values, &values->format, text);
    case UL_OPTION_OUTPUT:
        return add_output(values, text);
    default:
        return set_number(values, option, text);
    }
}

static void set_switch(ul_config *config, ul_option option)
{
    switch (option) {
    case UL_OPTION_BODIES:
        config->reads_bodies = true;
        break;
    case UL_OPTION_CENSUS:
        config->shows_census = true;
        break;
    case UL_OPTION_LAYOUT_ONLY:
        config->layout_only = true;
        break;
    case UL_OPTION_ALL_EVIDENCE:
        config->shows_all_evidence = true;
        break;
    case UL_OPTION_ALL:
        config->wants_all = true;
        break;
    case UL_OPTION_SYSTEM:
        config->wants_system = true;
        break;
    case UL_OPTION_STATS:
        config->wants_stats = true;
        break;
    case UL_OPTION_UPDATE_BASELINE:
        config->updates_baseline = true;
        break;
    case UL_OPTION_ALLOW_STALE:
        config->allows_stale = true;
        break;
    case UL_OPTION_STAGED:
        config->is_staged = true;
        break;
    case UL_OPTION_ABI:
        config->wants_abi = true;
        break;
    case UL_OPTION_KEEP_GOING:
        config->keeps_going = true;
        break;
    case UL_OPTION_NO_CONFIG:
        config->reads_no_config = true;
        break;
    case UL_OPTION_DIFF:
        config->wants_diff = true;
        break;
    case UL_OPTION_WRITE:
        config->wants_write = true;
        break;
    case UL_OPTION_ALL_RECORDS:
        config->guards_all_records = true;
        break;
    case UL_OPTION_ALL_OFFSETS:
        config->guards_all_offsets = true;
        break;
    case UL_OPTION_CHECK:
        config->wants_check = true;
        break;
    case UL_OPTION_INTERACTIVE:
        config->is_interactive = true;
        break;
    case UL_OPTION_SPLIT_DECLARATORS:
        config->allow |= UL_ALLOW_SPLIT_DECLARATORS;
        break;
    case UL_OPTION_QUIET:
    case UL_OPTION_VERBOSE:
        config->is_quiet = option == UL_OPTION_QUIET;
        config->is_verbose = option == UL_OPTION_VERBOSE;
        break;
    default: /* --null, --help and --version are looked at before */
        break;
    }
}

ul_status ul_option_values_set(ul_option_values *values, ul_option option, const char *text)
{
    values->config->given |= UINT64_C(1) << option;
    if (!text) {
        set_switch(values->config, option);
        return UL_OK;
    }
    if (ul_option_info_of(option)->values != UL_VALUES_PATH && ul_option_info_of(option)->values != UL_VALUES_WORD)
        return set_word(values, option, text);
    if (!*text) {
        ul_diags_add(values->diags, UL_LEVEL_ERROR, NULL, 0, 0, "option '%s' has an empty value",
                     ul_option_name(option, values->arena));
        return UL_ERR_USAGE;
    }
    if (ul_option_info_of(option)->values == UL_VALUES_WORD)
        return set_word(values, option, text);
    if (option == UL_OPTION_BUILD)
        values->config->build = text;
    else if (option == UL_OPTION_CONFIG)
        values->config->config_file = text;
    else if (option == UL_OPTION_SHOW)
        values->config->shown_path = text;
    else if (option == UL_OPTION_EXCLUDE)
        ul_words_add(&values->excluded, text, values->arena);
    else if (option == UL_OPTION_BASELINE)
        values->config->baseline_file = text;
    else if (option == UL_OPTION_PUBLIC)
        ul_words_add(&values->public_paths, text, values->arena);
    else if (option == UL_OPTION_OUTPUT_FILE)
        values->file = text;
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
                     format->name, ul_command_info_of(config->command)->name, list_of(fitting, fit_count, values->arena));
        return UL_ERR_USAGE;
    }
    return UL_OK;
}

/* Function bodies are read for a census or for uses only where somebody looks at them. */
static void settle_reading(ul_config *config)
{
    uint32_t count;
    const ul_rule *const *rules = ul_rules_all(&count);
    config->reads_census = config->shows_census;
    config->reads_uses = config->command == UL_COMMAND_FIX;
    for (uint32_t i = 0; i < count && config->command == UL_COMMAND_CHECK && !config->layout_only; i++) {
        config->reads_census |= rules[i]->needs_census && config->levels[i] != UL_LEVEL_OFF;
        config->reads_uses |= rules[i]->needs_uses && config->levels[i] != UL_LEVEL_OFF;
    }
}

ul_status ul_option_values_end(ul_option_values *values)
{
    ul_config *config = values->config;
    config->excluded = values->excluded.items;
    config->excluded_count = values->excluded.count;
    config->public_paths = values->public_paths.items;
    config->public_count = values->public_paths.count;
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
    ul_status status = settle_outputs(values);
    if (status == UL_OK)
        status = check_formats(values);
    bool is_brief = config->command == UL_COMMAND_EXPLAIN || config->command == UL_COMMAND_CONFIG;
    if (status == UL_OK && is_brief && strcmp(config->outputs[0].format->name, "text") != 0 &&
        strcmp(config->outputs[0].format->name, "json") != 0) {
        ul_diags_add(values->diags, UL_LEVEL_ERROR, NULL, 0, 0,
                     "'%s' has no format '%s'; it has text and json", ul_command_info_of(config->command)->name,
                     config->outputs[0].format->name);
        status = UL_ERR_USAGE;
    }
    return status;
}

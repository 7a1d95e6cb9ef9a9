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

const char *ul_words_text(const char *const *words, uint32_t count, ul_arena *arena)
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
                     ul_words_text(words, count, arena));
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
    } else if (option == UL_OPTION_TIME) {
        status = parse_number(values, &number, option, text, 1, SECONDS_MAX);
        config->bench_seconds = (uint32_t)number;
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
                     ul_words_text(words, WORD_COUNT, values->arena));
        return UL_ERR_USAGE;
    }
    values->has_level[index] = true;
    if (ul_level_parse(&values->levels[index], text + length + 1) == UL_OK)
        return UL_OK;
    const char *near = ul_suggest(text + length + 1, words, WORD_COUNT);
    ul_diags_add(values->diags, UL_LEVEL_ERROR, NULL, 0, 0, "unknown level '%s'; %s%s%s", text + length + 1,
                 near ? "did you mean '" : "it is one of: ",
                 near ? near : ul_words_text(words, WORD_COUNT, values->arena), near ? "'?" : "");
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
    case UL_OPTION_FIELDS:
        return ul_option_fields_set(values, text);
    case UL_OPTION_CC:
        config->compiler = text;
        return UL_OK;
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
    case UL_OPTION_GUARD:
        config->wants_guard = true;
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
    values->config->given[option / 64] |= UINT64_C(1) << option % 64;
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
    else if (option == UL_OPTION_PROFILE)
        ul_words_add(&values->profiles, text, values->arena);
    else if (option == UL_OPTION_BASELINE)
        values->config->baseline_file = text;
    else if (option == UL_OPTION_PUBLIC)
        ul_words_add(&values->public_paths, text, values->arena);
    else if (option == UL_OPTION_SOURCE)
        values->config->bench_source = text;
    else if (option == UL_OPTION_KEEP)
        values->config->bench_directory = text;
    else if (option == UL_OPTION_OUTPUT_FILE)
        values->file = text;
    else if (option == UL_OPTION_FACTS)
        ul_words_add(&values->facts, text, values->arena);
    else if (option == UL_OPTION_ROOT)
        values->config->root = text;
    else if (option == UL_OPTION_DEPFILE)
        values->config->depfile = text;
    return UL_OK;
}

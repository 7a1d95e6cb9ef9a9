#include "cli/option_table.h"

#include <string.h>

#include "layout/model/change.h"
#include "layout/model/use.h"
#include "layout/rules/rule.h"
#include "report/allow.h"

static const ul_option_info options[] = {
#define UL_OPTION(id, short_name, long_name, argument, values, group, commands, help)                        \
    {long_name, argument, help, values, UL_OPTIONS_##group, commands, short_name},
#include "cli/options.def"
};

static const ul_command_info commands[] = {
    {0},
#define UL_COMMAND(id, name, arguments, summary, description) {name, arguments, summary, description},
#include "cli/options.def"
};

static const char *const titles[] = {
#define UL_OPTION_GROUP(id, title) title,
#include "cli/options.def"
};

bool ul_option_is_given(const ul_config *config, ul_option option)
{
    return config->given[option / 64] >> option % 64 & 1;
}

const ul_option_info *ul_option_info_of(ul_option option)
{
    return &options[option];
}

const ul_command_info *ul_command_info_of(ul_command command)
{
    return &commands[command];
}

const char *ul_option_group_title(ul_option_group group)
{
    return titles[group];
}

ul_option ul_option_find_long(const char *name, size_t length)
{
    int i = 0;
    while (i < UL_OPTION_COUNT && !(options[i].long_name && strlen(options[i].long_name) == length &&
                                    memcmp(options[i].long_name, name, length) == 0))
        i++;
    return (ul_option)i;
}

ul_option ul_option_find_short(char name)
{
    int i = 0;
    while (i < UL_OPTION_COUNT && !(name && options[i].short_name == name))
        i++;
    return (ul_option)i;
}

ul_command ul_command_find(const char *name)
{
    for (int i = UL_COMMAND_NONE + 1; i < UL_COMMAND_COUNT; i++) {
        if (strcmp(commands[i].name, name) == 0)
            return (ul_command)i;
    }
    return UL_COMMAND_NONE;
}

const char *ul_option_name(ul_option option, ul_arena *arena)
{
    const ul_option_info *info = &options[option];
    return info->long_name ? ul_arena_printf(arena, "--%s", info->long_name)
                           : ul_arena_printf(arena, "-%c", info->short_name);
}

static void add_rules(ul_words *words, ul_arena *arena)
{
    uint32_t count;
    const ul_rule *const *rules = ul_rules_all(&count);
    for (uint32_t i = 0; i < count; i++)
        ul_words_add(words, rules[i]->info.name, arena);
}

static void add_formats(ul_words *words, ul_arena *arena)
{
    uint32_t count;
    const ul_format *const *formats = ul_formats_all(&count);
    for (uint32_t i = 0; i < count; i++)
        ul_words_add(words, formats[i]->name, arena);
}

static void add_allocators(ul_words *words, ul_arena *arena)
{
    const ul_allocator_table *table;
    for (uint32_t i = 0; (table = ul_allocator_at(i)) != NULL; i++)
        ul_words_add(words, table->name, arena);
}

static void add_list(ul_words *words, const char *const *list, ul_arena *arena)
{
    for (; *list; list++)
        ul_words_add(words, *list, arena);
}

const char *const *ul_values_words(ul_values values, uint32_t *count, ul_arena *arena)
{
    static const char *const units[] = {"one", "all", NULL};
    static const char *const colors[] = {"auto", "always", "never", NULL};
    static const char *const levels[] = {"note", "warning", "error", NULL};
    static const char *const goals[] = {"size", "lines", "class", NULL};
    static const char *const initializers[] = {"designate", "reorder", "refuse", NULL};
    static const char *const shells[] = {"bash", "zsh", "fish", NULL};
    ul_words words = {0};
    switch (values) {
    case UL_VALUES_UNITS:
        add_list(&words, units, arena);
        break;
    case UL_VALUES_COLORS:
        add_list(&words, colors, arena);
        break;
    case UL_VALUES_LEVELS:
        add_list(&words, levels, arena);
        break;
    case UL_VALUES_SHELLS:
        add_list(&words, shells, arena);
        break;
    case UL_VALUES_EFFECTS:
        for (int i = 0; i < UL_EFFECT_COUNT; i++)
            ul_words_add(&words, ul_effect_name((ul_effect)i), arena);
        ul_words_add(&words, "any", arena);
        ul_words_add(&words, "none", arena);
        break;
    case UL_VALUES_ALLOCATORS:
        add_allocators(&words, arena);
        break;
    case UL_VALUES_GOALS:
        add_list(&words, goals, arena);
        break;
    case UL_VALUES_INITIALIZERS:
        add_list(&words, initializers, arena);
        break;
    case UL_VALUES_ALLOW:
        for (uint32_t bit = 1; *ul_allow_word(bit); bit <<= 1)
            ul_words_add(&words, ul_allow_word(bit), arena);
        for (int kind = 0; kind < UL_EVIDENCE_COUNT; kind++)
            ul_words_add(&words, ul_evidence_name((ul_evidence_kind)kind), arena);
        break;
    case UL_VALUES_FORMATS:
    case UL_VALUES_OUTPUTS:
        add_formats(&words, arena);
        break;
    case UL_VALUES_RULES:
    case UL_VALUES_RULE_LEVELS:
        add_rules(&words, arena);
        break;
    default:
        break;
    }
    *count = words.count;
    return words.items;
}

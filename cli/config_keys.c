#include "cli/config_keys.h"

#include <string.h>

enum { UL_OPTION_NONE = UL_OPTION_COUNT };

static const ul_config_key_info keys[] = {
#define UL_CONFIG_KEY(id, name, form, merge, scope, option, standard, example, help)                         \
    {name, standard, example, help, UL_CONFIG_##form, UL_CONFIG_##merge, UL_CONFIG_##scope, (ul_option)UL_OPTION_##option},
#include "cli/config_keys.def"
};

static const struct {
    const char *name, *help;
} groups[] = {
#define UL_CONFIG_GROUP(name, help) {name, help},
#include "cli/config_keys.def"
};

const ul_config_key_info *ul_config_key_info_of(ul_config_key key)
{
    return &keys[key];
}

ul_config_key ul_config_key_find(const char *name)
{
    int i = 0;
    while (i < UL_CONFIG_KEY_COUNT && strcmp(keys[i].name, name) != 0)
        i++;
    return (ul_config_key)i;
}

bool ul_config_group_find(const char *name, const char **help)
{
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        if (strcmp(groups[i].name, name) != 0)
            continue;
        if (help)
            *help = groups[i].help;
        return true;
    }
    return false;
}

const char *ul_config_key_group(ul_config_key key, ul_arena *arena)
{
    const char *name = keys[key].name, *dot = strchr(name, '.');
    return dot ? ul_arena_strndup(arena, name, (size_t)(dot - name)) : "";
}

const char *ul_config_key_leaf(ul_config_key key)
{
    const char *dot = strchr(keys[key].name, '.');
    return dot ? dot + 1 : keys[key].name;
}

void ul_config_key_words(ul_words *words, const char *group, ul_arena *arena)
{
    for (int i = 0; i < UL_CONFIG_KEY_COUNT; i++) {
        if (strcmp(ul_config_key_group((ul_config_key)i, arena), group) == 0)
            ul_words_add(words, ul_config_key_leaf((ul_config_key)i), arena);
    }
    for (size_t i = 0; !*group && i < sizeof groups / sizeof *groups; i++)
        ul_words_add(words, groups[i].name, arena);
}

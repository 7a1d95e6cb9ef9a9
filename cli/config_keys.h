/*
 * The keys of config_keys.def as tables. Static data and look-ups; knows nothing of files.
 */
#ifndef UL_CLI_CONFIG_KEYS_H
#define UL_CLI_CONFIG_KEYS_H

#include "cli/option_table.h"

/* What the value of a key is. */
typedef enum ul_config_form {
    UL_CONFIG_BOOL,      /* true or false */
    UL_CONFIG_PATH,      /* a file or directory, relative to the configuration file */
    UL_CONFIG_GLOBS,     /* a list of patterns (glob.h), or one */
    UL_CONFIG_NAMES,     /* a list of identifiers in which * stands for anything, or one */
    UL_CONFIG_MACRO,     /* an identifier */
    UL_CONFIG_TARGETS,   /* a list of triples, or one */
    UL_CONFIG_ALLOCATOR, /* one of the allocators */
    UL_CONFIG_POWER,     /* a power of two from 16 to 1024 */
    UL_CONFIG_LEVEL,     /* note, warning or error */
    UL_CONFIG_RULES,     /* a map of rules */
    UL_CONFIG_TYPES      /* a map of records */
} ul_config_form;

typedef enum ul_config_merge { UL_CONFIG_NEAREST, UL_CONFIG_ALL } ul_config_merge;
typedef enum ul_config_scope { UL_CONFIG_RUN, UL_CONFIG_FILE } ul_config_scope;

typedef enum ul_config_key {
#define UL_CONFIG_KEY(id, name, form, merge, scope, option, standard, example, help) UL_CONFIG_KEY_##id,
#include "cli/config_keys.def"
    UL_CONFIG_KEY_COUNT
} ul_config_key;

typedef struct ul_config_key_info {
    const char *name; /* with its group: "locks.acquire" */
    const char *standard, *example, *help;
    ul_config_form form;
    ul_config_merge merge;
    ul_config_scope scope;
    ul_option option; /* that wins over it; UL_OPTION_COUNT: none */
} ul_config_key_info;

/* Static storage. */
const ul_config_key_info *ul_config_key_info_of(ul_config_key key);
/* UL_CONFIG_KEY_COUNT when there is none. */
ul_config_key ul_config_key_find(const char *name);
/* Whether `name` is a group; *help (may be NULL) is then set. */
bool ul_config_group_find(const char *name, const char **help);
/* "locks" for "locks.acquire", "" for a key outside groups; and the part after it. In `arena`. */
const char *ul_config_key_group(ul_config_key key, ul_arena *arena);
const char *ul_config_key_leaf(ul_config_key key);
/* Appends what may stand below `group` ("" for the top): keys and groups, in order. */
void ul_config_key_words(ul_words *words, const char *group, ul_arena *arena);

#endif

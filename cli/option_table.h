/*
 * The commands and options of options.def as tables: what the parser, --help, the manual page and the
 * completions are made from. Static data and look-ups; knows nothing of a command line.
 */
#ifndef UL_CLI_OPTION_TABLE_H
#define UL_CLI_OPTION_TABLE_H

#include "cli/config.h"
#include "cli/words.h"

/* What the argument of an option may be. */
typedef enum ul_values {
    UL_VALUES_NONE,
    UL_VALUES_PATH,
    UL_VALUES_WORD,
    UL_VALUES_NUMBER,
    UL_VALUES_TRIPLE,
    UL_VALUES_UNITS,
    UL_VALUES_ALLOCATORS,
    UL_VALUES_ALLOW,       /* a comma-separated list */
    UL_VALUES_LEVELS,      /* that a finding may have */
    UL_VALUES_RULE_LEVELS, /* RULE=LEVEL */
    UL_VALUES_FORMATS,
    UL_VALUES_OUTPUTS, /* FORMAT[:FILE] */
    UL_VALUES_COLORS,
    UL_VALUES_GOALS,
    UL_VALUES_INITIALIZERS,
    UL_VALUES_EFFECTS, /* a comma-separated list; any and none too */
    UL_VALUES_RULES, /* of the argument of explain */
    UL_VALUES_SHELLS /* of the argument of completions */
} ul_values;

typedef enum ul_option {
#define UL_OPTION(id, short_name, long_name, argument, values, group, commands, help) UL_OPTION_##id,
#include "cli/options.def"
    UL_OPTION_COUNT
} ul_option;

typedef enum ul_option_group {
#define UL_OPTION_GROUP(id, title) UL_OPTIONS_##id,
#include "cli/options.def"
    UL_OPTION_GROUP_COUNT
} ul_option_group;

_Static_assert(UL_OPTION_COUNT <= 128, "options are bits of two words: ul_config.given");

/* Sets of commands, a bit of `1 << ul_command` each. */
enum ul_for {
    UL_FOR_CHECK = 1u << UL_COMMAND_CHECK,
    UL_FOR_SHOW = 1u << UL_COMMAND_SHOW,
    UL_FOR_FIX = 1u << UL_COMMAND_FIX,
    UL_FOR_DIFF = 1u << UL_COMMAND_DIFF,
    UL_FOR_RECORDS = 1u << UL_COMMAND_SHOW | UL_FOR_CHECK | UL_FOR_FIX, /* one state, whose records PATH names */
    UL_FOR_ANALYSIS = UL_FOR_RECORDS | UL_FOR_DIFF,
    UL_FOR_GUARD = 1u << UL_COMMAND_GUARD,
    UL_FOR_BENCH = 1u << UL_COMMAND_BENCH,
    UL_FOR_READING = UL_FOR_ANALYSIS | UL_FOR_GUARD | UL_FOR_BENCH,
    UL_FOR_RESULTS = UL_FOR_ANALYSIS | 1u << UL_COMMAND_EXPLAIN,
    UL_FOR_FACTS = 1u << UL_COMMAND_FACTS,
    UL_FOR_MERGE = 1u << UL_COMMAND_MERGE,
    UL_FOR_FLAGS = UL_FOR_READING | UL_FOR_FACTS, /* what follows `--` is theirs, and configuration counts */
    UL_FOR_SETTINGS = 1u << UL_COMMAND_CONFIG, /* says what the options of the others come to */
    UL_FOR_EVERY = UL_FOR_RESULTS | UL_FOR_GUARD | UL_FOR_BENCH | UL_FOR_FACTS | UL_FOR_MERGE | UL_FOR_SETTINGS | 1u << UL_COMMAND_INIT | 1u << UL_COMMAND_COMPLETIONS
};

typedef struct ul_option_info {
    const char *long_name; /* NULL: none */
    const char *argument;  /* NULL: takes none */
    const char *help;
    ul_values values;
    ul_option_group group;
    uint32_t commands; /* bits of ul_for */
    char short_name;   /* 0: none */
} ul_option_info;

typedef struct ul_command_info {
    const char *name, *arguments, *summary, *description;
} ul_command_info;

/* Whether the command line has it. */
bool ul_option_is_given(const ul_config *config, ul_option option);
/* Static storage. */
const ul_option_info *ul_option_info_of(ul_option option);
const ul_command_info *ul_command_info_of(ul_command command); /* not of UL_COMMAND_NONE */
const char *ul_option_group_title(ul_option_group group);

/* UL_OPTION_COUNT when there is none. `name` is name[0..length-1], without its dashes. */
ul_option ul_option_find_long(const char *name, size_t length);
ul_option ul_option_find_short(char name);
/* UL_COMMAND_NONE when there is none. */
ul_command ul_command_find(const char *name);
/* "--build", or "-o" for an option without a long name; in `arena`. */
const char *ul_option_name(ul_option option, ul_arena *arena);

/* The words that a value may be, in `arena`; none for what is not one of a list. *count is set. */
const char *const *ul_values_words(ul_values values, uint32_t *count, ul_arena *arena);

#endif

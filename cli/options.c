#include "cli/options.h"

#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "cli/option_table.h"
#include "cli/option_values.h"
#include "cli/paths.h"
#include "cli/suggest.h"
#include "layout/model/change.h"
#include "layout/rules/rule.h"

/* An option as it was met, in the order of the command line. */
typedef struct given {
    ul_option option;
    const char *text; /* of its argument, or NULL */
} given;

typedef struct parser {
    ul_config *config;
    ul_words operands; /* what is no option: the command, then paths */
    given *items;
    uint32_t count, capacity;
    ul_diags *diags;
    ul_arena *arena;
} parser;

static ul_status unknown_option(parser *from, const char *word, size_t length)
{
    ul_words names = {0};
    for (int i = 0; i < UL_OPTION_COUNT; i++)
        ul_words_add(&names, ul_option_name((ul_option)i, from->arena), from->arena);
    char *typed = ul_arena_strndup(from->arena, word, length);
    /* -format is --format with a dash too few. */
    const char *whole = typed[1] == '-' ? typed : ul_arena_printf(from->arena, "-%s", typed);
    const char *near = length > 2 ? ul_suggest(whole, names.items, names.count) : NULL;
    const char *hint = !near && access(typed, F_OK) == 0 ? ul_arena_printf(from->arena, "; the file is ./%s", typed)
                                                         : ul_did_you_mean(near, from->arena);
    ul_diags_add(from->diags, UL_LEVEL_ERROR, NULL, 0, 0, "unknown option '%s'%s", typed, hint);
    return UL_ERR_USAGE;
}

static void add_given(parser *from, ul_option option, const char *text)
{
    UL_RESERVE(from->arena, from->items, from->count, from->capacity);
    from->items[from->count++] = (given){option, text};
}

/* The argument of `option` is the next word; NULL after a diagnostic when there is none. */
static const char *next_word(parser *from, ul_option option, int argc, const char *const *argv, int *at)
{
    if (*at + 1 < argc && strcmp(argv[*at + 1], "--") != 0)
        return argv[++*at];
    ul_diags_add(from->diags, UL_LEVEL_ERROR, NULL, 0, 0, "option '%s' needs a value: %s",
                 ul_option_name(option, from->arena), ul_option_info_of(option)->argument);
    return NULL;
}

static ul_status read_long(parser *from, int argc, const char *const *argv, int *at)
{
    const char *word = argv[*at], *name = word + 2;
    size_t length = strcspn(name, "=");
    ul_option option = ul_option_find_long(name, length);
    if (option == UL_OPTION_COUNT)
        return unknown_option(from, word, length + 2);
    const char *text = name[length] ? name + length + 1 : NULL;
    if (text && !ul_option_info_of(option)->argument) {
        ul_diags_add(from->diags, UL_LEVEL_ERROR, NULL, 0, 0, "option '--%.*s' takes no value", (int)length,
                     name);
        return UL_ERR_USAGE;
    }
    if (!text && ul_option_info_of(option)->argument && !(text = next_word(from, option, argc, argv, at)))
        return UL_ERR_USAGE;
    add_given(from, option, text);
    return UL_OK;
}

/* -qv, -j4, -vj 4 */
static ul_status read_shorts(parser *from, int argc, const char *const *argv, int *at)
{
    const char *word = argv[*at];
    for (size_t i = 1; word[i]; i++) {
        ul_option option = ul_option_find_short(word[i]);
        if (option == UL_OPTION_COUNT)
            return i == 1 ? unknown_option(from, word, strcspn(word, "="))
                          : unknown_option(from, ul_arena_printf(from->arena, "-%c", word[i]), 2);
        if (!ul_option_info_of(option)->argument) {
            add_given(from, option, NULL);
            continue;
        }
        const char *text = word[i + 1] ? word + i + 1 : next_word(from, option, argc, argv, at);
        if (!text)
            return UL_ERR_USAGE;
        add_given(from, option, text);
        break;
    }
    return UL_OK;
}

static ul_status read_words(parser *from, int argc, const char *const *argv)
{
    ul_status status = UL_OK;
    for (int at = 1; at < argc && status == UL_OK; at++) {
        const char *word = argv[at];
        if (strcmp(word, "--") == 0) {
            from->config->has_flags = true;
            from->config->flags = argv + at + 1;
            from->config->flag_count = (uint32_t)(argc - at - 1);
            break;
        }
        if (word[0] == '-' && word[1] == '-')
            status = read_long(from, argc, argv, &at);
        else if (word[0] == '-' && word[1])
            status = read_shorts(from, argc, argv, &at);
        else
            ul_words_add(&from->operands, word, from->arena);
    }
    return status;
}

static bool is_given(const parser *from, ul_option option)
{
    for (uint32_t i = 0; i < from->count; i++) {
        if (from->items[i].option == option)
            return true;
    }
    return false;
}

static ul_status find_command(parser *from, const char *word)
{
    ul_words names = {0};
    from->config->command = ul_command_find(word);
    if (from->config->command != UL_COMMAND_NONE)
        return UL_OK;
    for (int i = UL_COMMAND_NONE + 1; i < UL_COMMAND_COUNT; i++)
        ul_words_add(&names, ul_command_info_of((ul_command)i)->name, from->arena);
    ul_words_add(&names, "help", from->arena);
    const char *near = ul_suggest(word, names.items, names.count);
    if (!near && (strpbrk(word, "./") || access(word, F_OK) == 0))
        ul_diags_add(from->diags, UL_LEVEL_ERROR, NULL, 0, 0,
                     "'%s' is no command; a command comes first, as in: ullage check %s", word, word);
    else
        ul_diags_add(from->diags, UL_LEVEL_ERROR, NULL, 0, 0, "unknown command '%s'%s", word,
                     ul_did_you_mean(near, from->arena));
    return UL_ERR_USAGE;
}

/* `help [COMMAND]`, or the command itself; what is left in `operands` is for the command. */
static ul_status take_command(parser *from)
{
    ul_config *config = from->config;
    config->wants_help = is_given(from, UL_OPTION_HELP);
    config->wants_version = is_given(from, UL_OPTION_VERSION);
    if (from->operands.count && strcmp(from->operands.items[0], "help") == 0) {
        config->wants_help = true;
        from->operands.items++;
        from->operands.count--;
        config->wants_manual = from->operands.count && strcmp(from->operands.items[0], "manual") == 0;
        if (config->wants_manual)
            return UL_OK;
        if (from->operands.count && strcmp(from->operands.items[0], "help") == 0)
            from->operands.count = 0; /* of help itself: what it is called with */
    }
    if (from->operands.count) {
        const char *word = from->operands.items[0];
        from->operands.items++;
        from->operands.count--;
        return find_command(from, word);
    }
    if (config->wants_help || config->wants_version)
        return UL_OK;
    ul_diags_add(from->diags, UL_LEVEL_ERROR, NULL, 0, 0, "no command is given");
    return UL_ERR_USAGE;
}

static const char *commands_of(uint32_t commands, ul_arena *arena)
{
    const char *text = "";
    for (int i = UL_COMMAND_NONE + 1; i < UL_COMMAND_COUNT; i++) {
        if (commands & 1u << i)
            text = ul_arena_printf(arena, "%s%s%s", text, *text ? ", " : "",
                                   ul_command_info_of((ul_command)i)->name);
    }
    return text;
}

static ul_status check_taken(parser *from)
{
    const char *command = ul_command_info_of(from->config->command)->name;
    for (uint32_t i = 0; i < from->count; i++) {
        uint32_t commands = ul_option_info_of(from->items[i].option)->commands;
        if (commands & 1u << from->config->command)
            continue;
        ul_diags_add(from->diags, UL_LEVEL_ERROR, NULL, 0, 0,
                     "'%s' does not take the option '%s'; it is for: %s", command,
                     ul_option_name(from->items[i].option, from->arena), commands_of(commands, from->arena));
        return UL_ERR_USAGE;
    }
    if (from->config->has_flags && !(UL_FOR_FLAGS & 1u << from->config->command)) {
        ul_diags_add(from->diags, UL_LEVEL_ERROR, NULL, 0, 0, "'%s' does not take compiler flags after '--'",
                     command);
        return UL_ERR_USAGE;
    }
    return UL_OK;
}

/* An empty path is a variable that nobody set: it must not come to mean everything here. */
static ul_status refuse_empty(const parser *from)
{
    for (uint32_t i = 0; i < from->config->path_count; i++) {
        if (*from->config->paths[i])
            continue;
        ul_diags_add(from->diags, UL_LEVEL_ERROR, NULL, 0, 0, "a PATH is empty; the current directory is '.'");
        return UL_ERR_USAGE;
    }
    return UL_OK;
}

/* Paths as given; @FILE and --files-from are replaced by what they list. */
static ul_status take_paths(parser *from)
{
    ul_words paths = {0};
    bool has_nul = is_given(from, UL_OPTION_NUL);
    ul_status status = UL_OK;
    for (uint32_t i = 0; i < from->operands.count && status == UL_OK; i++) {
        const char *word = from->operands.items[i];
        if (word[0] == '@' && word[1]) {
            from->config->has_path_list = true;
            status = ul_paths_read_list(&paths, word + 1, has_nul, from->diags, from->arena);
        } else {
            ul_words_add(&paths, word, from->arena);
        }
    }
    for (uint32_t i = 0; i < from->count && status == UL_OK; i++) {
        if (from->items[i].option != UL_OPTION_FILES_FROM)
            continue;
        from->config->has_path_list = true;
        status = ul_paths_read_list(&paths, from->items[i].text, has_nul, from->diags, from->arena);
    }
    if (status == UL_OK && has_nul && !from->config->has_path_list) {
        ul_diags_add(from->diags, UL_LEVEL_ERROR, NULL, 0, 0,
                     "option '--null' has no list to read: it goes with --files-from or @FILE");
        status = UL_ERR_USAGE;
    }
    from->config->paths = paths.items;
    from->config->path_count = paths.count;
    return status == UL_OK ? refuse_empty(from) : status;
}

/* The one word that explain, completions and init take. */
static ul_status take_word(parser *from)
{
    ul_config *config = from->config;
    const ul_command_info *info = ul_command_info_of(config->command);
    bool is_explain = config->command == UL_COMMAND_EXPLAIN;
    config->paths = from->operands.items;
    config->path_count = from->operands.count;
    if (config->command == UL_COMMAND_CONFIG && (from->operands.count || !config->shown_path)) {
        ul_diags_add(from->diags, UL_LEVEL_ERROR, NULL, 0, 0, "'config' needs a path to speak about: ullage config --show %s",
                     from->operands.count ? from->operands.items[0] : "PATH");
        return UL_ERR_USAGE;
    }
    if (from->operands.count > 1) {
        ul_diags_add(from->diags, UL_LEVEL_ERROR, NULL, 0, 0, "'%s' takes one word, '%s' is one too many",
                     info->name, from->operands.items[1]);
        return UL_ERR_USAGE;
    }
    if (config->command == UL_COMMAND_CONFIG || config->command == UL_COMMAND_INIT)
        return refuse_empty(from);
    if (from->operands.count == 0 && !is_explain) {
        ul_diags_add(from->diags, UL_LEVEL_ERROR, NULL, 0, 0, "'%s' needs a shell: bash, zsh or fish",
                     info->name);
        return UL_ERR_USAGE;
    }
    if (from->operands.count == 0)
        return UL_OK;
    uint32_t index;
    return ul_word_parse(&index, is_explain ? UL_VALUES_RULES : UL_VALUES_SHELLS,
                         is_explain ? "rule" : "shell", from->operands.items[0], from->diags, from->arena);
}

/* What facts and merge cannot do without, and what does not go with --facts. */
static ul_status check_facts(parser *from)
{
    const ul_config *config = from->config;
    const char *name = ul_command_info_of(config->command)->name, *wrong = NULL;
    bool is_facts = config->command == UL_COMMAND_FACTS, is_merge = config->command == UL_COMMAND_MERGE;
    if (is_facts && config->path_count != 1)
        wrong = ul_arena_printf(from->arena, "'facts' takes one file, and %u are given", config->path_count);
    else if (is_merge && config->path_count == 0)
        wrong = "'merge' needs the files to put together";
    else if ((is_facts || is_merge) && !config->outputs[0].file)
        wrong = ul_arena_printf(from->arena, "'%s' needs the file to write: -o OUT", name);
    else if (config->facts_count && (config->build || config->has_flags))
        wrong = ul_arena_printf(from->arena, "option '--facts' contradicts '%s': facts are of units that were read with their flags",
                                config->build ? "--build" : "--");
    else if (config->facts_count && config->command == UL_COMMAND_DIFF && (config->facts_count != 2 || config->is_staged))
        wrong = config->is_staged ? "option '--facts' contradicts '--staged'" : "'diff' compares two facts files: --facts OLD --facts NEW";
    else if (config->root && !is_facts && !config->facts_count)
        wrong = "option '--root' goes with '--facts'";
    if (!wrong)
        return UL_OK;
    ul_diags_add(from->diags, UL_LEVEL_ERROR, NULL, 0, 0, "%s", wrong);
    return UL_ERR_USAGE;
}

static void set_defaults(ul_config *config, ul_arena *arena)
{
    uint32_t rule_count;
    const ul_rule *const *rules = ul_rules_all(&rule_count);
    ul_level *levels = UL_NEW_ARRAY(arena, ul_level, rule_count);
    for (uint32_t i = 0; i < rule_count; i++)
        levels[i] = rules[i]->info.level;
    cpu_set_t processors;
    int count = sched_getaffinity(0, sizeof processors, &processors) == 0 ? CPU_COUNT(&processors) : 1;
    *config = (ul_config){.allocator = ul_allocator_find("glibc"),
                          .levels = levels,
                          .fail_level = UL_LEVEL_WARNING,
                          .fail_on = 1u << UL_EFFECT_GUARD | 1u << UL_EFFECT_ABI | 1u << UL_EFFECT_SIZE_CLASS |
                                     1u << UL_EFFECT_LINES | 1u << UL_EFFECT_HOT,
                          .jobs = count > 0 ? (uint32_t)count : 1,
                          .timeout_seconds = 60,
                          .bench_seconds = 10,
                          .compiler = "cc",
                          .memory_bytes = UINT64_C(4096) << 20};
}

static ul_status apply_given(parser *from)
{
    ul_option_values values;
    ul_option_values_init(&values, from->config, from->diags, from->arena);
    for (uint32_t i = 0; i < from->count; i++) {
        ul_status status = ul_option_values_set(&values, from->items[i].option, from->items[i].text);
        if (status != UL_OK)
            return status;
    }
    return ul_option_values_end(&values);
}

/*
 * 1. Cut the words into options and operands; which options there are does not depend on the command.
 * 2. The command is the first operand; then each option is held against it.
 * 3. Values are read, then the operands that are left.
 */
ul_status ul_options_parse(ul_config *out, int argc, const char *const *argv, ul_diags *diags,
                           ul_arena *arena)
{
    parser from = {.config = out, .diags = diags, .arena = arena};
    set_defaults(out, arena);
    ul_status status = read_words(&from, argc, argv);
    if (status == UL_OK)
        status = take_command(&from);
    else if (from.operands.count) /* so that the caller can point to its help */
        out->command = ul_command_find(from.operands.items[0]);
    if (status != UL_OK || out->wants_help || out->wants_version)
        return status;
    status = check_taken(&from);
    if (status == UL_OK)
        status = apply_given(&from);
    if (status != UL_OK)
        return status;
    if (!((UL_FOR_FLAGS | UL_FOR_MERGE) & 1u << out->command))
        return take_word(&from);
    status = take_paths(&from);
    return status == UL_OK ? check_facts(&from) : status;
}

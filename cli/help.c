#include "cli/help.h"

#include <string.h>

#include "cli/config_keys.h"
#include "layout/rules/rule.h"

enum { COLUMNS = 80, HELP_COLUMN = 28 };

static const char exit_status[] = "0 when all is well; 1 when a finding of check reaches --fail-level, a change has an effect of "
                                  "--fail-on, or fix --check would change a file; 2 "
                                  "when the command line or some input is at fault: a file that "
                                  "cannot be read, a missing include, a syntax error, a unit that crashes or "
                                  "hangs the parser. What could be read is reported all the same.";

/* Writes `text` word by word; the line stands at column `at`, the next ones begin at `indent`. */
static void wrap(ul_strbuf *out, const char *text, size_t at, size_t indent)
{
    bool is_first = true;
    while (*(text += strspn(text, " "))) {
        size_t length = strcspn(text, " ");
        if (!is_first && at + 1 + length > COLUMNS) {
            ul_strbuf_putc(out, '\n');
            ul_strbuf_fill(out, ' ', indent);
            at = indent;
        } else if (!is_first) {
            ul_strbuf_putc(out, ' ');
            at++;
        }
        ul_strbuf_add(out, text, length);
        at += length;
        text += length;
        is_first = false;
    }
    ul_strbuf_putc(out, '\n');
}

/* The help of an option, with the words that its argument may be where the argument itself does not list
 * them. */
static const char *help_of(const ul_option_info *info, ul_arena *arena)
{
    uint32_t count;
    const char *const *words = ul_values_words(info->values, &count, arena);
    const char *text = info->help;
    bool is_listed = info->values == UL_VALUES_FORMATS || info->values == UL_VALUES_EFFECTS || info->values == UL_VALUES_ALLOCATORS ||
                     info->values == UL_VALUES_ALLOW || info->values == UL_VALUES_RULE_LEVELS;
    for (uint32_t i = 0; is_listed && i < count; i++)
        text = ul_arena_printf(arena, "%s%s%s", text, i ? ", " : " (", words[i]);
    return is_listed ? ul_arena_printf(arena, "%s)", text) : text;
}

static void write_option(ul_strbuf *out, const ul_option_info *info, ul_arena *arena)
{
    size_t begin = out->length;
    if (info->short_name)
        ul_strbuf_printf(out, "  -%c%s", info->short_name, info->long_name ? ", " : "");
    else
        ul_strbuf_puts(out, "      ");
    if (info->long_name)
        ul_strbuf_printf(out, "--%s", info->long_name);
    if (info->argument)
        ul_strbuf_printf(out, "%c%s", info->long_name ? '=' : ' ', info->argument);
    size_t at = out->length - begin;
    if (at + 2 > HELP_COLUMN) {
        ul_strbuf_putc(out, '\n');
        at = 0;
    }
    ul_strbuf_fill(out, ' ', HELP_COLUMN - at);
    wrap(out, help_of(info, arena), HELP_COLUMN, HELP_COLUMN);
}

static void write_options(ul_strbuf *out, uint32_t commands, ul_arena *arena)
{
    for (int group = 0; group < UL_OPTION_GROUP_COUNT; group++) {
        bool has_title = false;
        for (int i = 0; i < UL_OPTION_COUNT; i++) {
            const ul_option_info *info = ul_option_info_of((ul_option)i);
            if ((int)info->group != group || !(info->commands & commands))
                continue;
            if (!has_title)
                ul_strbuf_printf(out, "\n%s:\n", ul_option_group_title((ul_option_group)group));
            has_title = true;
            write_option(out, info, arena);
        }
    }
}

static void write_general(ul_strbuf *out)
{
    ul_strbuf_puts(
        out, "Usage: ullage COMMAND [OPTIONS] [PATH...] [-- FLAGS]\n\n"
             "Finds the empty space in C structs, and the order of fields that needs less.\n\nCommands:\n");
    for (int i = UL_COMMAND_NONE + 1; i < UL_COMMAND_COUNT; i++) {
        const ul_command_info *info = ul_command_info_of((ul_command)i);
        ul_strbuf_printf(out, "  %-13s", info->name);
        wrap(out, info->summary, 15, 15);
    }
    ul_strbuf_puts(out, "  help         print the options of a command\n\n"
                        "Examples:\n"
                        "  ullage show include/conn.h            the layout of every record in a header\n"
                        "  ullage check -p build src             findings, with the flags of a build\n"
                        "  ullage check -- -Iinclude -DNDEBUG    findings below ., with these flags\n"
                        "  ullage explain reorder-saves          what a finding means\n\n"
                        "`ullage help COMMAND` has the options of a command.\n\nExit status:\n  ");
    wrap(out, exit_status, 2, 2);
}

void ul_help_write(ul_strbuf *out, ul_command command, ul_arena *arena)
{
    if (command == UL_COMMAND_NONE) {
        write_general(out);
        return;
    }
    const ul_command_info *info = ul_command_info_of(command);
    ul_strbuf_printf(out, "Usage: ullage %s %s\n\n", info->name, info->arguments);
    wrap(out, info->description, 0, 0);
    write_options(out, 1u << command, arena);
    if ((UL_FOR_FLAGS | UL_FOR_MERGE) & 1u << command) {
        ul_strbuf_puts(out, "\nExit status:\n  ");
        wrap(out, exit_status, 2, 2);
    }
}

/* scdoc takes _ and * for emphasis, # and - and . at the start of a line for structure. */
static void write_escaped(ul_strbuf *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("_*\\<>`~[]#", *text))
            ul_strbuf_putc(out, '\\');
        ul_strbuf_putc(out, *text);
    }
}

static void write_manual_option(ul_strbuf *out, const ul_option_info *info, ul_arena *arena)
{
    if (info->short_name)
        ul_strbuf_printf(out, "*-%c*%s", info->short_name, info->long_name ? ", " : "");
    if (info->long_name)
        ul_strbuf_printf(out, "*--%s*", info->long_name);
    if (info->argument) {
        ul_strbuf_puts(out, info->long_name ? "=_" : " _");
        write_escaped(out, info->argument);
        ul_strbuf_putc(out, '_');
    }
    ul_strbuf_puts(out, "\n\t");
    const char *help = help_of(info, arena);
    ul_strbuf_putc(out, *help >= 'a' && *help <= 'z' ? (char)(*help - 'a' + 'A') : *help);
    write_escaped(out, help + 1);
    ul_strbuf_puts(out, ".\n\n");
}

static void write_sentence(ul_strbuf *out, const char *clause)
{
    ul_strbuf_putc(out, *clause >= 'a' && *clause <= 'z' ? (char)(*clause - 'a' + 'A') : *clause);
    write_escaped(out, clause + 1);
    ul_strbuf_puts(out, ".");
}

/* The keys of configuration files. */
static void write_manual_keys(ul_strbuf *out, ul_arena *arena)
{
    const char *help = "";
    ul_strbuf_puts(out, "# CONFIGURATION\n\n"
                        "_.ullage.yml_ is looked for in the directory of each analysed file and in those above it, up to one that says "
                        "*root: true*. Of two files that set a key the nearer one counts; lists of patterns and names add up, but for "
                        "*include*. The command line wins over all of them. What holds for a whole run is read where the run begins: at the first "
                        "PATH. *ullage init* writes such a file, *ullage config --show* PATH says what holds and why. A key that is not known, or a "
                        "value that its key does not take, is an error, and the exit status is 2.\n\n");
    for (int i = 0; i < UL_CONFIG_KEY_COUNT; i++) {
        const ul_config_key_info *info = ul_config_key_info_of((ul_config_key)i);
        ul_strbuf_puts(out, "*");
        write_escaped(out, info->name);
        ul_strbuf_puts(out, *info->example == '\n' ? "*" : "*: ");
        if (*info->example != '\n')
            write_escaped(out, info->example);
        ul_strbuf_puts(out, "\n\t");
        write_sentence(out, info->help);
        const char *group = ul_config_key_group((ul_config_key)i, arena);
        if (*group && ul_config_group_find(group, &help) && (i == 0 || strcmp(group, ul_config_key_group((ul_config_key)(i - 1), arena)) != 0)) {
            ul_strbuf_printf(out, " _%s_ has ", group);
            write_escaped(out, help);
            ul_strbuf_puts(out, ".");
        }
        ul_strbuf_puts(out, info->scope == UL_CONFIG_RUN ? " For a whole run.\n\n" : "\n\n");
        for (int k = 0; i == UL_CONFIG_KEY_RULES && k < UL_LIMIT_COUNT; k++) {
            const ul_limit_info *limit = ul_limit_info_of((ul_limit)k);
            ul_strbuf_printf(out, "*rules.%s.%s*: %llu\n\t", limit->rule, limit->name, (unsigned long long)limit->standard);
            write_sentence(out, limit->help);
            ul_strbuf_puts(out, "\n\n");
        }
    }
}

static void write_manual_formats(ul_strbuf *out)
{
    static const struct {
        ul_view view;
        const char *command;
    } views[] = {{UL_VIEW_SHOW, "show"}, {UL_VIEW_CHECK, "check"}, {UL_VIEW_FIX, "fix"}, {UL_VIEW_DIFF, "diff"}};
    uint32_t count;
    const ul_format *const *formats = ul_formats_all(&count);
    ul_strbuf_puts(out, "# FORMATS\n\nWhat *--format* and *--output* take, and the commands that have it.\n\n");
    for (uint32_t i = 0; i < count; i++) {
        const char *gap = "";
        ul_strbuf_printf(out, "*%s* (", formats[i]->name);
        for (size_t k = 0; k < sizeof views / sizeof *views; k++) {
            if (!(formats[i]->views & 1u << views[k].view))
                continue;
            ul_strbuf_printf(out, "%s%s", gap, views[k].command);
            gap = ", ";
        }
        ul_strbuf_puts(out, ")\n\t");
        write_escaped(out, formats[i]->summary);
        ul_strbuf_puts(out, "\n\n");
    }
}

void ul_help_write_manual(ul_strbuf *out, ul_arena *arena)
{
    ul_strbuf_puts(out, "# COMMANDS\n\n");
    for (int i = UL_COMMAND_NONE + 1; i < UL_COMMAND_COUNT; i++) {
        const ul_command_info *info = ul_command_info_of((ul_command)i);
        ul_strbuf_printf(out, "*%s* ", info->name);
        write_escaped(out, info->arguments);
        ul_strbuf_puts(out, "\n\t");
        write_escaped(out, info->description);
        ul_strbuf_puts(out, "\n\n");
    }
    ul_strbuf_puts(out, "*help* \\[COMMAND\\]\n\tPrints the commands, or the options of one.\n\n# OPTIONS\n\n"
                        "Options may stand before or after the command and its paths. What follows *--* is "
                        "for the compiler.\n\n");
    for (int group = 0; group < UL_OPTION_GROUP_COUNT; group++) {
        ul_strbuf_printf(out, "## %s\n\n", ul_option_group_title((ul_option_group)group));
        for (int i = 0; i < UL_OPTION_COUNT; i++) {
            if ((int)ul_option_info_of((ul_option)i)->group == group)
                write_manual_option(out, ul_option_info_of((ul_option)i), arena);
        }
    }
    write_manual_keys(out, arena);
    write_manual_formats(out);
    ul_strbuf_puts(out, "# EXIT STATUS\n\n");
    write_escaped(out, exit_status);
    ul_strbuf_putc(out, '\n');
}

#include "cli/completions.h"

#include <string.h>

static bool is_repeatable(ul_option option)
{
    ul_values values = ul_option_info_of(option)->values;
    return option == UL_OPTION_EXCLUDE || values == UL_VALUES_TRIPLE || values == UL_VALUES_ALLOW ||
           values == UL_VALUES_RULE_LEVELS || values == UL_VALUES_OUTPUTS;
}

/* The clause up to the first semicolon: enough for a list of choices. */
static const char *short_help(const ul_option_info *info, ul_arena *arena)
{
    return ul_arena_strndup(arena, info->help, strcspn(info->help, ";"));
}

/* The words of `values` between blanks; every RULE=LEVEL for rules. */
static const char *words_of(ul_values values, ul_arena *arena)
{
    static const char *const levels[] = {"off", "note", "warning", "error"};
    uint32_t count;
    const char *const *words = ul_values_words(values, &count, arena);
    const char *text = "";
    for (uint32_t i = 0; i < count; i++) {
        for (size_t level = 0; level < (values == UL_VALUES_RULE_LEVELS ? sizeof levels / sizeof *levels : 1);
             level++)
            text = values == UL_VALUES_RULE_LEVELS
                       ? ul_arena_printf(arena, "%s%s%s=%s", text, *text ? " " : "", words[i], levels[level])
                       : ul_arena_printf(arena, "%s%s%s", text, *text ? " " : "", words[i]);
    }
    return text;
}

static const char *command_words(ul_arena *arena)
{
    const char *text = "";
    for (int i = UL_COMMAND_NONE + 1; i < UL_COMMAND_COUNT; i++)
        text = ul_arena_printf(arena, "%s%s ", text, ul_command_info_of((ul_command)i)->name);
    return ul_arena_printf(arena, "%shelp", text);
}

/* Text inside '...' of a shell; `special` are bytes that take a backslash. */
static void write_quoted(ul_strbuf *out, const char *text, const char *special)
{
    for (; *text; text++) {
        if (*text == '\'')
            ul_strbuf_puts(out, "'\\'");
        else if (strchr(special, *text))
            ul_strbuf_putc(out, '\\');
        ul_strbuf_putc(out, *text);
    }
}

/* "a b c" as the pattern a|b|c of a case. */
static const char *alternatives(const char *words, ul_arena *arena)
{
    char *text = ul_arena_strdup(arena, words);
    for (char *at = text; *at; at++)
        *at = *at == ' ' ? '|' : *at;
    return text;
}

/* "-p|--build" */
static void write_bash_pattern(ul_strbuf *out, const ul_option_info *info)
{
    if (info->short_name)
        ul_strbuf_printf(out, "-%c%s", info->short_name, info->long_name ? "|" : "");
    if (info->long_name)
        ul_strbuf_printf(out, "--%s", info->long_name);
}

static void write_bash_values(ul_strbuf *out, ul_arena *arena)
{
    for (int i = 0; i < UL_OPTION_COUNT; i++) {
        const ul_option_info *info = ul_option_info_of((ul_option)i);
        if (!info->argument)
            continue;
        ul_strbuf_puts(out, "    ");
        write_bash_pattern(out, info);
        const char *words =
            words_of(info->values == UL_VALUES_RULE_LEVELS ? UL_VALUES_RULES : info->values, arena);
        if (info->values == UL_VALUES_PATH)
            ul_strbuf_puts(out, ") _ullage_files; return ;;\n");
        else if (info->values == UL_VALUES_RULE_LEVELS)
            ul_strbuf_printf(out, ") _ullage_words '%s' =; return ;;\n", words);
        else if (*words)
            ul_strbuf_printf(out, ") _ullage_words '%s'; return ;;\n", words);
        else
            ul_strbuf_puts(out, ") return ;;\n");
    }
}

static void write_bash_options(ul_strbuf *out, ul_arena *arena)
{
    for (int command = UL_COMMAND_NONE + 1; command < UL_COMMAND_COUNT; command++) {
        ul_strbuf_printf(out, "        %s) _ullage_words '", ul_command_info_of((ul_command)command)->name);
        bool is_first = true;
        for (int i = 0; i < UL_OPTION_COUNT; i++) {
            if (ul_option_info_of((ul_option)i)->commands & 1u << command)
                ul_strbuf_printf(out, "%s%s", is_first ? "" : " ", ul_option_name((ul_option)i, arena));
            is_first &= !(ul_option_info_of((ul_option)i)->commands & 1u << command);
        }
        ul_strbuf_puts(out, "' ;;\n");
    }
}

/* Bash cuts words at `=` and `:`, so that they are words of their own in COMP_WORDS. */
static void write_bash(ul_strbuf *out, ul_arena *arena)
{
    const char *commands = command_words(arena);
    ul_strbuf_puts(
        out, "# bash completion for ullage; made by: ullage completions bash\n\n"
             "_ullage_words()\n{\n"
             "    mapfile -t COMPREPLY < <(compgen -W \"$1\" -S \"${2- }\" -- \"$cur\")\n"
             "    compopt -o nospace\n}\n\n"
             "_ullage_files()\n{\n"
             "    compopt -o filenames\n"
             "    mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n}\n\n"
             "_ullage()\n{\n"
             "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= mark= i\n"
             "    COMPREPLY=()\n"
             "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
             "        case ${COMP_WORDS[i]} in\n"
             "        --) _ullage_files; return ;;\n"
             "        ");
    ul_strbuf_puts(out, alternatives(commands, arena));
    ul_strbuf_puts(out, ") [[ $command ]] || command=${COMP_WORDS[i]} ;;\n"
                        "        esac\n    done\n"
                        "    if [[ $cur == = || $cur == : ]]; then\n"
                        "        mark=$cur cur=\n"
                        "    elif [[ $prev == = || $prev == : ]]; then\n"
                        "        mark=$prev prev=${COMP_WORDS[COMP_CWORD-2]}\n"
                        "    fi\n"
                        "    case $prev in\n");
    write_bash_values(out, arena);
    const char *rules = words_of(UL_VALUES_RULES, arena);
    ul_strbuf_printf(out,
                     "    %s) [[ $mark == = ]] && { _ullage_words 'off note warning error'; return; } ;;\n"
                     "    %s) [[ $mark == : ]] && { _ullage_files; return; } ;;\n"
                     "    esac\n"
                     "    if [[ $cur == -* ]]; then\n"
                     "        case $command in\n",
                     alternatives(rules, arena), alternatives(words_of(UL_VALUES_FORMATS, arena), arena));
    write_bash_options(out, arena);
    ul_strbuf_printf(out,
                     "        *) _ullage_words '--help --version' ;;\n"
                     "        esac\n        return\n    fi\n"
                     "    case $command in\n"
                     "    '' | help) _ullage_words '%s' ;;\n"
                     "    explain) _ullage_words '%s' ;;\n"
                     "    completions) _ullage_words '%s' ;;\n"
                     "    *) _ullage_files ;;\n"
                     "    esac\n}\n\ncomplete -F _ullage ullage\n",
                     commands, rules, words_of(UL_VALUES_SHELLS, arena));
}

/* ":FILE:_files", or nothing for an option without an argument. */
static void write_zsh_argument(ul_strbuf *out, const ul_option_info *info, ul_arena *arena)
{
    if (!info->argument)
        return;
    ul_strbuf_putc(out, ':');
    write_quoted(out, info->argument, ":\\");
    const char *words = words_of(info->values, arena);
    if (info->values == UL_VALUES_PATH)
        ul_strbuf_puts(out, ":_files");
    else if (info->values == UL_VALUES_ALLOW)
        ul_strbuf_printf(out, ":_values -s , word %s", words);
    else if (*words)
        ul_strbuf_printf(out, ":(%s)", words);
    else
        ul_strbuf_puts(out, ": "); /* anything */
}

static void write_zsh_option(ul_strbuf *out, ul_option option, ul_arena *arena)
{
    const ul_option_info *info = ul_option_info_of(option);
    for (int is_long = 0; is_long < 2; is_long++) {
        if (is_long ? !info->long_name : !info->short_name)
            continue;
        ul_strbuf_puts(out, " \\\n            '");
        if (is_repeatable(option))
            ul_strbuf_putc(out, '*');
        else if (info->short_name && info->long_name)
            ul_strbuf_printf(out, "(-%c --%s)", info->short_name, info->long_name);
        if (is_long)
            ul_strbuf_printf(out, "--%s%s", info->long_name, info->argument ? "=" : "");
        else
            ul_strbuf_printf(out, "-%c%s", info->short_name, info->argument ? "+" : "");
        ul_strbuf_putc(out, '[');
        write_quoted(out, short_help(info, arena), "[]\\");
        ul_strbuf_putc(out, ']');
        write_zsh_argument(out, info, arena);
        ul_strbuf_putc(out, '\'');
    }
}

static void write_zsh(ul_strbuf *out, ul_arena *arena)
{
    ul_strbuf_puts(out, "#compdef ullage\n# made by: ullage completions zsh\n\n"
                        "_ullage() {\n"
                        "    local context state state_descr line\n"
                        "    typeset -A opt_args\n"
                        "    local -a commands=(\n");
    for (int i = UL_COMMAND_NONE + 1; i < UL_COMMAND_COUNT; i++) {
        ul_strbuf_printf(out, "        '%s:", ul_command_info_of((ul_command)i)->name);
        write_quoted(out, ul_command_info_of((ul_command)i)->summary, ":\\");
        ul_strbuf_puts(out, "'\n");
    }
    ul_strbuf_puts(
        out,
        "        'help:print the options of a command'\n    )\n"
        "    _arguments -C '(- *)'{-h,--help}'[print help]' '(- *)'{-V,--version}'[print the versions]' \\\n"
        "        '1:command:->command' '*::argument:->arguments'\n"
        "    case $state in\n"
        "    command) _describe -t commands command commands ;;\n"
        "    arguments)\n"
        "        case $words[1] in\n");
    for (int command = UL_COMMAND_NONE + 1; command < UL_COMMAND_COUNT; command++) {
        ul_strbuf_printf(out, "        %s) _arguments -s", ul_command_info_of((ul_command)command)->name);
        for (int i = 0; i < UL_OPTION_COUNT; i++) {
            if (ul_option_info_of((ul_option)i)->commands & 1u << command)
                write_zsh_option(out, (ul_option)i, arena);
        }
        if (command == UL_COMMAND_EXPLAIN)
            ul_strbuf_printf(out, " \\\n            '1:rule:(%s)' ;;\n", words_of(UL_VALUES_RULES, arena));
        else if (command == UL_COMMAND_COMPLETIONS)
            ul_strbuf_printf(out, " \\\n            '1:shell:(%s)' ;;\n", words_of(UL_VALUES_SHELLS, arena));
        else
            ul_strbuf_puts(out, " \\\n            '*:path:_files' ;;\n");
    }
    ul_strbuf_puts(out, "        help) _describe -t commands command commands ;;\n"
                        "        esac ;;\n    esac\n}\n\n_ullage \"$@\"\n");
}

static void write_fish_option(ul_strbuf *out, const ul_option_info *info, ul_arena *arena)
{
    ul_strbuf_puts(out, "complete -c ullage -n '__fish_seen_subcommand_from");
    for (int command = UL_COMMAND_NONE + 1; command < UL_COMMAND_COUNT; command++) {
        if (info->commands & 1u << command)
            ul_strbuf_printf(out, " %s", ul_command_info_of((ul_command)command)->name);
    }
    ul_strbuf_putc(out, '\'');
    if (info->short_name)
        ul_strbuf_printf(out, " -s %c", info->short_name);
    if (info->long_name)
        ul_strbuf_printf(out, " -l %s", info->long_name);
    const char *words = words_of(info->values, arena);
    if (info->values == UL_VALUES_PATH)
        ul_strbuf_puts(out, " -r -F");
    else if (*words)
        ul_strbuf_printf(out, " -x -a '%s'", words);
    else if (info->argument)
        ul_strbuf_puts(out, " -x");
    ul_strbuf_puts(out, " -d '");
    write_quoted(out, short_help(info, arena), "\\");
    ul_strbuf_puts(out, "'\n");
}

static void write_fish(ul_strbuf *out, ul_arena *arena)
{
    ul_strbuf_puts(
        out, "# fish completion for ullage; made by: ullage completions fish\n\ncomplete -c ullage -f\n");
    for (int i = UL_COMMAND_NONE + 1; i < UL_COMMAND_COUNT; i++) {
        ul_strbuf_printf(out, "complete -c ullage -n __fish_use_subcommand -a %s -d '",
                         ul_command_info_of((ul_command)i)->name);
        write_quoted(out, ul_command_info_of((ul_command)i)->summary, "\\");
        ul_strbuf_puts(out, "'\n");
    }
    ul_strbuf_printf(
        out,
        "complete -c ullage -n __fish_use_subcommand -a help -d 'print the options of a command'\n"
        "complete -c ullage -n __fish_use_subcommand -s h -l help -d 'print help'\n"
        "complete -c ullage -n __fish_use_subcommand -s V -l version -d 'print the versions'\n"
        "complete -c ullage -n '__fish_seen_subcommand_from help' -a '%s'\n"
        "complete -c ullage -n '__fish_seen_subcommand_from explain' -a '%s'\n"
        "complete -c ullage -n '__fish_seen_subcommand_from completions' -a '%s'\n"
        "complete -c ullage -n '__fish_seen_subcommand_from show check' -F\n",
        command_words(arena), words_of(UL_VALUES_RULES, arena), words_of(UL_VALUES_SHELLS, arena));
    for (int i = 0; i < UL_OPTION_COUNT; i++)
        write_fish_option(out, ul_option_info_of((ul_option)i), arena);
}

void ul_completions_write(ul_strbuf *out, const char *shell, ul_arena *arena)
{
    if (strcmp(shell, "bash") == 0)
        write_bash(out, arena);
    else if (strcmp(shell, "zsh") == 0)
        write_zsh(out, arena);
    else if (strcmp(shell, "fish") == 0)
        write_fish(out, arena);
}

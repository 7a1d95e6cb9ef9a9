#include "cli/cli.h"

#include <string.h>

#include "cli/bench.h"
#include "cli/completions.h"
#include "cli/facts.h"
#include "cli/guard.h"
#include "cli/help.h"
#include "cli/init.h"
#include "cli/options.h"
#include "cli/paths.h"
#include "cli/run.h"
#include "cli/run_units.h"
#include "cli/settings.h"
#include "cli/settings_show.h"
#include "cli/tidy_compat.h"
#include "layout/parse/workers.h"
#include "layout/rules/rule.h"
#include "report/explain.h"

enum { EXIT_CLEAN, EXIT_ERRORS = 2 };

/* Writes what is in `text` and gives it back. */
static int print(ul_strbuf *text, ul_terminal *terminal, const char *file, ul_arena *arena)
{
    if (text->has_failed)
        ul_terminal_out_of_memory(text->length);
    ul_status status = ul_terminal_write(terminal, file, text->data, text->length, arena);
    ul_strbuf_free(text);
    return status == UL_OK ? EXIT_CLEAN : EXIT_ERRORS;
}

/* Help that was asked for; a topic in full or in general. */
static int print_help(const ul_config *config, ul_terminal *terminal, ul_arena *arena)
{
    ul_strbuf text;
    ul_strbuf_init(&text);
    if (config->wants_version)
        ul_strbuf_printf(&text, "ullage %s (libclang %s)\n", ULLAGE_VERSION, ul_libclang_version(arena));
    else if (config->wants_manual)
        ul_help_write_manual(&text, arena);
    else
        ul_help_write(&text, config->command, arena);
    return print(&text, terminal, NULL, arena);
}

static int print_completions(const ul_config *config, ul_terminal *terminal, ul_arena *arena)
{
    ul_strbuf text;
    ul_strbuf_init(&text);
    ul_completions_write(&text, config->paths[0], arena);
    return print(&text, terminal, NULL, arena);
}

static int explain(const ul_config *config, ul_terminal *terminal, ul_arena *arena)
{
    uint32_t count;
    const ul_rule *const *rules = ul_rules_all(&count);
    const ul_rule_info **infos = UL_NEW_ARRAY(arena, const ul_rule_info *, count);
    for (uint32_t i = 0; i < count; i++)
        infos[i] = &rules[i]->info;
    const ul_output *output = &config->outputs[0];
    const char *name = config->path_count ? config->paths[0] : NULL;
    ul_render_options options = ul_terminal_options(terminal, config, output->file);
    ul_strbuf text;
    ul_strbuf_init(&text);
    ul_status status = strcmp(output->format->name, "json") == 0
                           ? ul_explain_render_json(&text, infos, count, name)
                           : ul_explain_render(&text, infos, count, name, &options);
    if (status != UL_OK)
        ul_terminal_out_of_memory(text.length); /* the name was found to be one when options were read */
    return print(&text, terminal, output->file, arena);
}

static int show_settings(const ul_config *config, ul_terminal *terminal, ul_arena *arena)
{
    const ul_output *output = &config->outputs[0];
    const char *triple = ul_run_own_triple(config, arena);
    ul_strbuf text;
    ul_strbuf_init(&text);
    if (strcmp(output->format->name, "json") == 0)
        ul_settings_show_json(&text, config, triple, arena);
    else
        ul_settings_show(&text, config, triple, arena);
    return print(&text, terminal, output->file, arena);
}

static int refuse(const ul_config *config, const ul_diags *diags, ul_status status, ul_terminal *terminal,
                  ul_arena *arena)
{
    ul_diag hint = {.level = UL_LEVEL_NOTE, .message = "`ullage help` lists the commands"};
    if (config->command != UL_COMMAND_NONE)
        hint.message = ul_arena_printf(arena, "`ullage help %s` lists its options",
                                       ul_command_info_of(config->command)->name);
    ul_terminal_tell(terminal, diags->items, diags->count, UL_LEVEL_NOTE, ul_path_cwd(arena), arena);
    if (status == UL_ERR_USAGE)
        ul_terminal_tell(terminal, &hint, 1, UL_LEVEL_NOTE, NULL, arena);
    return EXIT_ERRORS;
}

static int dispatch(const ul_config *config, ul_terminal *terminal, ul_arena *arena)
{
    if (config->wants_help || config->wants_version)
        return print_help(config, terminal, arena);
    switch (config->command) {
    case UL_COMMAND_EXPLAIN:
        return explain(config, terminal, arena);
    case UL_COMMAND_COMPLETIONS:
        return print_completions(config, terminal, arena);
    case UL_COMMAND_GUARD:
        return ul_guard_run(config, terminal, arena);
    case UL_COMMAND_BENCH:
        return ul_bench_command(config, terminal, arena);
    case UL_COMMAND_FACTS:
        return ul_facts_run(config, terminal, arena);
    case UL_COMMAND_MERGE:
        return ul_facts_run_merge(config, terminal, arena);
    case UL_COMMAND_INIT:
        return ul_init(config, terminal, arena);
    case UL_COMMAND_CONFIG:
        return show_settings(config, terminal, arena);
    default:
        return ul_run(config, terminal, arena);
    }
}

/* Whether the configuration files have a say in what the command does. */
static bool reads_settings(const ul_config *config)
{
    return !config->wants_help && !config->wants_version && (UL_FOR_FLAGS | UL_FOR_SETTINGS) & 1u << config->command;
}

int ul_cli_main(int argc, char **argv)
{
    ul_arena arena;
    ul_config config;
    ul_diags diags;
    ul_terminal terminal;
    ul_terminal_guard();
    ul_arena_init(&arena, ul_terminal_out_of_memory);
    ul_diags_init(&diags, &arena);
    ul_words words = {.items = (const char **)argv, .count = (uint32_t)argc};
    ul_status status = UL_OK;
    config = (ul_config){0};
    if (ul_tidy_compat_is(argc, words.items))
        status = ul_tidy_compat_translate(&words, argc, (const char *const *)argv, &diags, &arena);
    if (status == UL_OK)
        status = ul_options_parse(&config, (int)words.count, words.items, &diags, &arena);
    ul_terminal_init(&terminal, &config);
    if (status == UL_OK && reads_settings(&config))
        status = ul_settings_tell(ul_settings_open(&config, &arena), &diags);
    int exit_status = status == UL_OK ? dispatch(&config, &terminal, &arena)
                                      : refuse(&config, &diags, status, &terminal, &arena);
    ul_arena_free(&arena);
    return exit_status;
}

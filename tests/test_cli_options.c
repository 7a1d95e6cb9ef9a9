/* The command line: what each option sets, where it may stand, and what is said about words that mean
 * nothing. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/completions.h"
#include "cli/help.h"
#include "cli/options.h"
#include "layout/model/plan.h"
#include "layout/rules/rule.h"

enum { WORDS_MAX = 40 };

typedef struct line {
    ul_arena arena;
    ul_diags diags;
    ul_config config;
    ul_status status;
} line;

static int set_up(void **state)
{
    line *l = calloc(1, sizeof *l);
    ul_arena_init(&l->arena, NULL);
    *state = l;
    return l ? 0 : -1;
}

static int tear_down(void **state)
{
    line *l = *state;
    ul_arena_free(&l->arena);
    free(l);
    return 0;
}

/* Parses a NULL-terminated list of words. */
static ul_status parse(line *l, const char *first, ...)
{
    const char *argv[WORDS_MAX] = {"ullage"};
    int argc = 1;
    va_list words;
    va_start(words, first);
    for (const char *word = first; word && argc < WORDS_MAX; word = va_arg(words, const char *))
        argv[argc++] = word;
    va_end(words);
    const char **kept = UL_NEW_ARRAY(&l->arena, const char *, (size_t)argc + 1);
    memcpy(kept, argv, (size_t)argc * sizeof *kept);
    ul_diags_init(&l->diags, &l->arena);
    l->status = ul_options_parse(&l->config, argc, kept, &l->diags, &l->arena);
    return l->status;
}

/* The last parse was refused, with one error that has each of two texts in it. */
static void assert_refused(const line *l, const char *text, const char *other)
{
    assert_int_equal(l->status, UL_ERR_USAGE);
    assert_int_equal(l->diags.error_count, 1);
    const char *message = l->diags.items[0].message;
    assert_non_null(message);
    if (!message || !strstr(message, text) || !strstr(message, other))
        fail_msg("'%s' lacks '%s' or '%s'", message, text, other);
}

static uint32_t rule_index(const char *name)
{
    const ul_rule *rule = ul_rule_find(name);
    assert_non_null(rule);
    return ul_rule_index(rule);
}

static void defaults(void **state)
{
    line *l = *state;
    assert_int_equal(parse(l, "check", NULL), UL_OK);
    assert_int_equal(l->config.command, UL_COMMAND_CHECK);
    assert_int_equal(l->config.path_count, 0);
    assert_false(l->config.has_path_list);
    assert_false(l->config.has_flags);
    assert_string_equal(l->config.allocator->name, "glibc");
    assert_int_equal(l->config.output_count, 1);
    assert_string_equal(l->config.outputs[0].format->name, "text");
    assert_null(l->config.outputs[0].file);
    assert_int_equal(l->config.fail_level, UL_LEVEL_WARNING);
    assert_true(l->config.jobs >= 1);
    assert_int_equal(l->config.timeout_seconds, 60);
    assert_true(l->config.memory_bytes == UINT64_C(4096) << 20);
    assert_int_equal(l->config.line_bytes, 0);
    for (uint32_t i = 0, count; ul_rules_all(&count), i < count; i++)
        assert_int_equal(l->config.levels[i], ul_rules_all(&count)[i]->info.level);
}

static void values_joined_and_apart(void **state)
{
    line *l = *state;
    const char *const forms[][4] = {
        {"check", "--jobs=3", NULL}, {"check", "--jobs", "3", NULL}, {"check", "-j3", NULL},
        {"check", "-j", "3", NULL},  {"-j3", "check", NULL},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        assert_int_equal(parse(l, forms[i][0], forms[i][1], forms[i][2], NULL), UL_OK);
        assert_int_equal(l->config.jobs, 3);
        assert_int_equal(l->config.command, UL_COMMAND_CHECK);
        assert_int_equal(l->config.path_count, 0);
    }
    assert_int_equal(parse(l, "show", "-vpout", "--struct=a=b", "x.h", NULL), UL_OK);
    assert_true(l->config.is_verbose);
    assert_string_equal(l->config.build, "out");
    assert_string_equal(l->config.struct_name, "a=b");
    assert_string_equal(l->config.paths[0], "x.h");
}

/* Names repeat and add up; bodies are read for a census only where something wants it. */
static void census_options(void **state)
{
    line *l = *state;
    assert_int_equal(parse(l, "show", "--census", "--lock-name=a*", "--lock-name", "b", "--unlock-name=c", "--thread-entry=d", "--setup-name=e", "x.h", NULL), UL_OK);
    const ul_census_names *names = &l->config.names;
    assert_true(l->config.shows_census && l->config.reads_census);
    assert_int_equal(names->lock_count, 2);
    assert_string_equal(names->locks[1], "b");
    assert_true(names->unlock_count == 1 && names->thread_count == 1 && names->setup_count == 1);
    assert_int_equal(parse(l, "show", "x.h", NULL), UL_OK);
    assert_false(l->config.reads_census);
    assert_int_equal(parse(l, "check", "--layout-only", "x.h", NULL), UL_OK);
    assert_false(l->config.reads_census || l->config.reads_uses);
    assert_int_equal(parse(l, "check", "--all-evidence", "--span-bytes=128", "x.h", NULL), UL_OK);
    assert_true(l->config.reads_census && l->config.reads_uses);
    assert_true(l->config.shows_all_evidence && l->config.reads_census && l->config.span_bytes == 128);
    assert_int_equal(parse(l, "check", "--rule=false-sharing=off", "--rule=mixed-access=off", "--rule=array-false-sharing=off", "--rule=hot-cold=off",
                           "--rule=alloc-pattern=off", "x.h", NULL),
                     UL_OK);
    assert_false(l->config.reads_census);
    parse(l, "check", "--census", NULL);
    assert_refused(l, "'check' does not take the option '--census'", "show");
}

static void every_field(void **state)
{
    line *l = *state;
    assert_int_equal(parse(l, "--all", "check", "a.h", "--system", "--bodies", "--stats", "--keep-going",
                           "--units=all", "--color", "never", "--line-bytes=128", "--allocator", "jemalloc",
                           "--allow=merge-lines,first-member", "--timeout=0", "--memory-limit", "512",
                           "--exclude", "build", "--exclude=out", "--fail-level=error", "b.c", "--rule",
                           "line-straddle=off", "--rule=reorder-saves=error", "--target=a-b", "--target=c-d",
                           "--target=a-b", "-q", NULL),
                     UL_OK);
    const ul_config *config = &l->config;
    assert_true(config->wants_all && config->wants_system && config->reads_bodies && config->wants_stats &&
                config->keeps_going && config->is_quiet);
    assert_int_equal(config->units, UL_UNITS_ALL);
    assert_int_equal(config->color, UL_COLOR_NEVER);
    assert_int_equal(config->line_bytes, 128);
    assert_string_equal(config->allocator->name, "jemalloc");
    assert_int_equal(config->allow, UL_ALLOW_MERGE_LINES | UL_ALLOW_FIRST_MEMBER);
    assert_int_equal(config->timeout_seconds, 0);
    assert_true(config->memory_bytes == UINT64_C(512) << 20);
    assert_int_equal(config->excluded_count, 2);
    assert_string_equal(config->excluded[1], "out");
    assert_int_equal(config->fail_level, UL_LEVEL_ERROR);
    assert_int_equal(config->levels[rule_index("line-straddle")], UL_LEVEL_OFF);
    assert_int_equal(config->levels[rule_index("reorder-saves")], UL_LEVEL_ERROR);
    assert_int_equal(config->target_count, 2);
    assert_string_equal(config->targets[1], "c-d");
    assert_int_equal(config->path_count, 2);
    assert_string_equal(config->paths[1], "b.c");
}

static void later_of_two_counts(void **state)
{
    line *l = *state;
    assert_int_equal(parse(l, "show", "-q", "-v", "-j2", "-j5", "--format=json", "--format=concise", NULL),
                     UL_OK);
    assert_true(l->config.is_verbose && !l->config.is_quiet);
    assert_int_equal(l->config.jobs, 5);
    assert_string_equal(l->config.outputs[0].format->name, "concise");
}

static void flags_after_dashes(void **state)
{
    line *l = *state;
    assert_int_equal(parse(l, "show", "a.h", "--", "-I", "--format", "@x", NULL), UL_OK);
    assert_true(l->config.has_flags);
    assert_int_equal(l->config.flag_count, 3);
    assert_string_equal(l->config.flags[1], "--format");
    assert_int_equal(l->config.path_count, 1);
    assert_int_equal(parse(l, "show", "--", NULL), UL_OK);
    assert_true(l->config.has_flags);
    assert_int_equal(l->config.flag_count, 0);
    parse(l, "explain", "--", "-I", NULL);
    assert_refused(l, "'explain'", "compiler flags");
    parse(l, "show", "-o", "--", NULL);
    assert_refused(l, "'-o'", "FILE");
}

static void outputs(void **state)
{
    line *l = *state;
    assert_int_equal(parse(l, "check", "--output", "json:a:b.json", "--output=text", NULL), UL_OK);
    assert_int_equal(l->config.output_count, 2);
    assert_string_equal(l->config.outputs[0].file, "a:b.json");
    assert_null(l->config.outputs[1].file);
    assert_int_equal(parse(l, "check", "--output", "json:x", "-o", "y", NULL), UL_OK);
    assert_int_equal(l->config.output_count, 2);
    assert_string_equal(l->config.outputs[0].format->name, "text");
    assert_string_equal(l->config.outputs[0].file, "y");
    assert_int_equal(parse(l, "check", "-o", "-", NULL), UL_OK);
    assert_null(l->config.outputs[0].file);
    parse(l, "check", "--output=json", "--output=text:-", NULL);
    assert_refused(l, "standard output", "'json' and 'text'");
    parse(l, "check", "--output=json:x", "-ox", NULL);
    assert_refused(l, "two reports", "'x'");
    parse(l, "check", "--output=json:", NULL);
    assert_refused(l, "no file", "json:");
    parse(l, "explain", "--format=concise", NULL);
    assert_refused(l, "'explain'", "text and json");
}

static void unknown_words_are_corrected(void **state)
{
    line *l = *state;
    parse(l, "chekc", NULL);
    assert_refused(l, "unknown command 'chekc'", "'check'");
    parse(l, "src/conn.h", NULL);
    assert_refused(l, "'src/conn.h' is no command", "ullage check src/conn.h");
    parse(l, "check", "--fromat", "json", NULL);
    assert_refused(l, "unknown option '--fromat'", "'--format'");
    parse(l, "check", "-format=json", NULL);
    assert_refused(l, "unknown option '-format'", "'--format'");
    parse(l, "check", "-x", NULL);
    assert_refused(l, "unknown option '-x'", "");
    parse(l, "check", "-qx", NULL);
    assert_refused(l, "unknown option '-x'", "");
    parse(l, "check", "--forma=json", NULL); /* a beginning is no option */
    assert_refused(l, "unknown option '--forma'", "'--format'");
    parse(l, "check", "--format=sjon", NULL);
    assert_refused(l, "unknown format 'sjon'", "'json'");
    parse(l, "check", "--format=pdf", NULL);
    assert_refused(l, "unknown format 'pdf'", "text, concise, json");
    parse(l, "check", "--allocator=jemaloc", NULL);
    assert_refused(l, "unknown allocator 'jemaloc'", "'jemalloc'");
    parse(l, "check", "--rule=reorder-save=off", NULL);
    assert_refused(l, "unknown rule 'reorder-save'", "'reorder-saves'");
    parse(l, "check", "--rule=reorder-saves=eror", NULL);
    assert_refused(l, "unknown level 'eror'", "'error'");
    parse(l, "check", "--rule=reorder-saves", NULL);
    assert_refused(l, "needs a level", "reorder-saves=off");
    parse(l, "check", "--fail-level=of", NULL);
    assert_refused(l, "unknown level 'of'", "note, warning or error");
    parse(l, "check", "--allow=merge-lines,merge-bit", NULL);
    assert_refused(l, "'merge-bit'", "'merge-bits'");
    parse(l, "explain", "line-stradle", NULL);
    assert_refused(l, "unknown rule 'line-stradle'", "'line-straddle'");
    parse(l, "completions", "fihs", NULL);
    assert_refused(l, "unknown shell 'fihs'", "'fish'");
}

static void numbers_in_their_ranges(void **state)
{
    line *l = *state;
    const char *const bad[] = {"-j0",
                               "-j-1",
                               "-j",
                               "-jx",
                               "-j4x",
                               "-j18446744073709551617",
                               "-j99999999999999999999999",
                               "--jobs=",
                               "--jobs= 4",
                               "--jobs=+4",
                               "--line-bytes=8",
                               "--line-bytes=2048",
                               "--line-bytes=48",
                               "--line-bytes=0",
                               "--timeout=1e3",
                               "--timeout=18446744073709551616",
                               "--memory-limit=-1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        parse(l, "check", bad[i], NULL);
        assert_refused(l, "", "");
    }
    for (uint32_t bytes = 16; bytes <= 1024; bytes *= 2) {
        assert_int_equal(parse(l, "check", "--line-bytes", ul_arena_printf(&l->arena, "%u", bytes), NULL),
                         UL_OK);
        assert_int_equal(l->config.line_bytes, bytes);
    }
}

static void targets_at_most_eight(void **state)
{
    line *l = *state;
    assert_int_equal(parse(l, "show", "--target=1", "--target=2", "--target=3", "--target=4", "--target=5",
                           "--target=6", "--target=7", "--target=8", NULL),
                     UL_OK);
    assert_int_equal(l->config.target_count, UL_TARGETS_MAX);
    parse(l, "show", "--target=1", "--target=2", "--target=3", "--target=4", "--target=5", "--target=6",
          "--target=7", "--target=8", "--target=9", NULL);
    assert_refused(l, "8 targets", "'9'");
    parse(l, "show", "--target=", NULL);
    assert_refused(l, "'--target'", "empty");
}

static void options_of_other_commands(void **state)
{
    line *l = *state;
    parse(l, "show", "--fail-level=note", NULL);
    assert_refused(l, "'show' does not take the option '--fail-level'", "check");
    parse(l, "explain", "-j4", NULL);
    assert_refused(l, "'--jobs'", "show, check");
    parse(l, "completions", "bash", "-ofile", NULL);
    assert_refused(l, "'completions'", "'-o'");
    parse(l, "check", "--all=yes", NULL);
    assert_refused(l, "'--all'", "no value");
    parse(l, "check", "--struct", NULL);
    assert_refused(l, "'--struct'", "NAME");
    parse(l, "check", "--struct=", NULL);
    assert_refused(l, "'--struct'", "empty");
    parse(l, "check", "-p", "", NULL);
    assert_refused(l, "'--build'", "empty");
    parse(l, "fix", "a.h", "", NULL);
    assert_refused(l, "PATH is empty", "'.'");
    parse(l, "init", "", NULL);
    assert_refused(l, "PATH is empty", "'.'");
    parse(l, "check", "--system", NULL);
    assert_refused(l, "'--system'", "'--all'");
    parse(l, "check", "-0", "a.h", NULL);
    assert_refused(l, "'--null'", "--files-from");
    parse(l, "explain", "line-straddle", "two", NULL);
    assert_refused(l, "one word", "'two'");
    parse(l, "completions", NULL);
    assert_refused(l, "shell", "fish");
    parse(l, NULL);
    assert_refused(l, "no command", "");
    parse(l, "-q", NULL);
    assert_refused(l, "no command", "");
}

static void help_and_version(void **state)
{
    line *l = *state;
    assert_int_equal(parse(l, "help", "help", NULL), UL_OK);
    assert_true(l->config.wants_help && l->config.command == UL_COMMAND_NONE);
    assert_int_equal(parse(l, "--help", NULL), UL_OK);
    assert_true(l->config.wants_help && l->config.command == UL_COMMAND_NONE);
    assert_int_equal(parse(l, "check", "-h", "--rule=nonsense", NULL), UL_OK);
    assert_true(l->config.wants_help && l->config.command == UL_COMMAND_CHECK);
    assert_int_equal(parse(l, "help", "show", NULL), UL_OK);
    assert_true(l->config.wants_help && l->config.command == UL_COMMAND_SHOW);
    assert_int_equal(parse(l, "help", NULL), UL_OK);
    assert_true(l->config.wants_help && l->config.command == UL_COMMAND_NONE);
    assert_int_equal(parse(l, "-V", NULL), UL_OK);
    assert_true(l->config.wants_version);
    parse(l, "help", "chekc", NULL);
    assert_refused(l, "'chekc'", "'check'");
    assert_int_equal(l->config.command, UL_COMMAND_NONE);
    parse(l, "check", "--nonsense", NULL);
    assert_int_equal(l->config.command, UL_COMMAND_CHECK); /* so that its help can be pointed to */
}

static const char *file_with(line *l, const char *bytes, size_t length)
{
    char *path = ul_arena_strdup(&l->arena, "/tmp/ullage-list-XXXXXX");
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, bytes, length), length);
    close(descriptor);
    return path;
}

static void lists_of_paths(void **state)
{
    line *l = *state;
    static const char by_line[] = "one.h\r\n\n two.h\nlast.h", by_nul[] = "one\n.h\0two.h";
    const char *path = file_with(l, by_line, sizeof by_line - 1);
    assert_int_equal(parse(l, "check", "a.h", ul_arena_printf(&l->arena, "@%s", path), "b.h", NULL), UL_OK);
    assert_int_equal(l->config.path_count, 5);
    assert_true(l->config.has_path_list);
    assert_string_equal(l->config.paths[1], "one.h");
    assert_string_equal(l->config.paths[2], " two.h");
    assert_string_equal(l->config.paths[3], "last.h");
    assert_string_equal(l->config.paths[4], "b.h");
    unlink(path);
    path = file_with(l, by_nul, sizeof by_nul);
    assert_int_equal(parse(l, "check", "-0", "--files-from", path, NULL), UL_OK);
    assert_int_equal(l->config.path_count, 2);
    assert_string_equal(l->config.paths[0], "one\n.h");
    unlink(path);
    assert_int_equal(parse(l, "check", "--files-from", path, NULL), UL_ERR_IO);
    assert_int_equal(l->diags.error_count, 1);
    assert_non_null(strstr(l->diags.items[0].message, path));
    path = file_with(l, "", 0);
    assert_int_equal(parse(l, "check", "--files-from", path, NULL), UL_OK);
    assert_true(l->config.has_path_list && l->config.path_count == 0); /* nothing, not everything */
    unlink(path);
}

/* Help has every option of its command, and no line over 80 columns. */
static void help_is_complete(void **state)
{
    line *l = *state;
    for (int command = UL_COMMAND_NONE; command < UL_COMMAND_COUNT; command++) {
        ul_strbuf text;
        ul_strbuf_init(&text);
        ul_help_write(&text, (ul_command)command, &l->arena);
        assert_false(text.has_failed);
        for (int i = 0; i < UL_OPTION_COUNT && command != UL_COMMAND_NONE; i++) {
            bool is_taken = ul_option_info_of((ul_option)i)->commands & 1u << command;
            bool is_there =
                strstr(text.data,
                       ul_arena_printf(&l->arena, "%s", ul_option_name((ul_option)i, &l->arena))) != NULL;
            assert_true(is_there || !is_taken);
        }
        for (const char *at = text.data; *at;) {
            size_t length = strcspn(at, "\n");
            assert_true(length <= 80);
            at += length + (at[length] == '\n');
        }
        ul_strbuf_free(&text);
    }
}

/* Each option once; the completions of every shell know each of them. */
static void tables_agree(void **state)
{
    line *l = *state;
    uint32_t shell_count;
    const char *const *shells = ul_values_words(UL_VALUES_SHELLS, &shell_count, &l->arena);
    for (int i = 0; i < UL_OPTION_COUNT; i++) {
        const ul_option_info *info = ul_option_info_of((ul_option)i);
        assert_true(info->short_name || info->long_name);
        assert_true((info->values == UL_VALUES_NONE) == (info->argument == NULL));
        if (info->short_name)
            assert_int_equal(ul_option_find_short(info->short_name), i);
        if (info->long_name)
            assert_int_equal(ul_option_find_long(info->long_name, strlen(info->long_name)), i);
    }
    assert_int_equal(shell_count, 3);
    for (uint32_t shell = 0; shell < shell_count; shell++) {
        ul_strbuf text;
        ul_strbuf_init(&text);
        ul_completions_write(&text, shells[shell], &l->arena);
        assert_false(text.has_failed);
        for (int i = 0; i < UL_OPTION_COUNT; i++) {
            const char *name = ul_option_info_of((ul_option)i)->long_name;
            if (name && !strstr(text.data, name))
                fail_msg("%s does not complete --%s", shells[shell], name);
        }
        ul_strbuf_free(&text);
    }
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(defaults),
        TEST(values_joined_and_apart),
        TEST(every_field),
        TEST(census_options),
        TEST(later_of_two_counts),
        TEST(flags_after_dashes),
        TEST(outputs),
        TEST(unknown_words_are_corrected),
        TEST(numbers_in_their_ranges),
        TEST(targets_at_most_eight),
        TEST(options_of_other_commands),
        TEST(help_and_version),
        TEST(lists_of_paths),
        TEST(help_is_complete),
        TEST(tables_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Configuration files: what they say, where they stand, who wins, and what is said about those that are wrong. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/file.h"
#include "cli/glob.h"
#include "cli/help.h"
#include "cli/init.h"
#include "cli/options.h"
#include "cli/paths.h"
#include "cli/settings.h"

enum { WORDS_MAX = 16 };

typedef struct bench {
    ul_arena arena;
    ul_config config;
    ul_diags diags;
    ul_settings *settings;
    char folder[40];
    char *out, *err;
} bench;

static int set_up(void **state)
{
    bench *b = calloc(1, sizeof *b);
    if (!b)
        return -1;
    ul_arena_init(&b->arena, NULL);
    snprintf(b->folder, sizeof b->folder, "/tmp/ullage-settings-XXXXXX");
    *state = b;
    return mkdtemp(b->folder) && setenv("NO_COLOR", "1", 1) == 0 && setenv("LC_ALL", "C.UTF-8", 1) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    bench *b = *state;
    int status = chdir("/") == 0 ? system(ul_arena_printf(&b->arena, "rm -r '%s'", b->folder)) : -1;
    ul_arena_free(&b->arena);
    free(b);
    return status;
}

static const char *path_of(bench *b, const char *name)
{
    return ul_arena_printf(&b->arena, "%s/%s", b->folder, name);
}

static void put_bytes(bench *b, const char *name, const char *bytes, size_t length)
{
    const char *path = path_of(b, name);
    assert_int_equal(system(ul_arena_printf(&b->arena, "mkdir -p '%s'", ul_path_directory(path, &b->arena))), 0);
    assert_int_equal(ul_file_write(path, bytes, length, &b->arena), UL_OK);
}

static void put(bench *b, const char *name, const char *text)
{
    put_bytes(b, name, text, strlen(text));
}

/* Opens the settings for a command line of words, NULL at the end; relative paths are below the folder. */
static ul_status open_settings(bench *b, const char *first, ...)
{
    const char **argv = UL_NEW_ARRAY(&b->arena, const char *, WORDS_MAX);
    int argc = 1;
    va_list words;
    argv[0] = "ullage";
    va_start(words, first);
    for (const char *word = first; word && argc < WORDS_MAX; word = va_arg(words, const char *))
        argv[argc++] = word;
    va_end(words);
    assert_int_equal(chdir(b->folder), 0);
    ul_diags_init(&b->diags, &b->arena);
    assert_int_equal(ul_options_parse(&b->config, argc, argv, &b->diags, &b->arena), UL_OK);
    b->settings = ul_settings_open(&b->config, &b->arena);
    return ul_settings_tell(b->settings, &b->diags);
}

static char *slurp(bench *b, const char *name)
{
    ul_strbuf text;
    ul_strbuf_init(&text);
    assert_int_equal(ul_file_read(&text, path_of(b, name), UINT32_MAX), UL_OK);
    char *copy = ul_arena_strndup(&b->arena, text.data ? text.data : "", text.length);
    ul_strbuf_free(&text);
    return copy;
}

/* Runs `ullage arguments` in the folder, by the shell. */
static int run(bench *b, const char *arguments)
{
    int status = system(ul_arena_printf(&b->arena, "cd '%s' && { '%s' %s\n} >.out 2>.err </dev/null", b->folder, ULLAGE_BINARY, arguments));
    assert_true(WIFEXITED(status));
    b->out = slurp(b, ".out");
    b->err = slurp(b, ".err");
    if (strstr(b->err, "Sanitizer") || strstr(b->err, "runtime error"))
        fail_msg("%s: %s", arguments, b->err);
    return WEXITSTATUS(status);
}

static void has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' is not in: %.900s", part, text);
}

static void lacks(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("'%s' is in: %.900s", part, text);
}

static ul_level level_of(bench *b, const char *file, const char *rule)
{
    return ul_settings_rules(b->settings, path_of(b, file), &b->arena)->levels[ul_rule_index(ul_rule_find(rule))];
}

static void patterns(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *path;
        bool names;
    } cases[] = {
        {"*.h", "a.h", true},
        {"*.h", "src/deep/a.h", true},
        {"*.h", "a.hh", false},
        {"src", "src/a.h", true},
        {"src", "lib/src/a.h", true}, /* no slash: at any depth */
        {"src/", "src/a.h", true},
        {"src/", "src", false}, /* a file of that name */
        {"/src", "lib/src/a.h", false},
        {"./src", "src/a.h", true},
        {"lib/src", "lib/src/a.h", true},
        {"lib/src", "x/lib/src/a.h", false},
        {"lib/*.h", "lib/a.h", true},
        {"lib/*.h", "lib/src/a.h", false},
        {"lib/**", "lib/src/a.h", true},
        {"lib/**/*.h", "lib/a.h", true},
        {"lib/**/*.h", "lib/b/c/a.h", true},
        {"lib/**/*.h", "lib/b/c/a.c", false},
        {"**/gen/*.h", "gen/a.h", true},
        {"**/gen/*.h", "x/y/gen/a.h", true},
        {"**/gen/*.h", "x/gener/a.h", false},
        {"a?c.h", "abc.h", true},
        {"a?c.h", "a/c.h", false},
        {"[a-c]*.h", "b1.h", true},
        {"[!a-c]*.h", "b1.h", false},
        {"[]x].h", "].h", true},
        {"\\*.h", "*.h", true},
        {"\\*.h", "a.h", false},
        {"*_generated.h", "x/y_generated.h", true},
        {"*a*b*c", "xaxbxbc", true},
        {"*a*b*c", "xaxbxb", false},
        {"**/b/**/d.h", "a/b/c/b/c/d.h", true},
        {"x/**/b*/**/*.h", "x/bc/q/r.h", true},
        {"x/**/b*/**/*.h", "x/c/q/r.h", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[128];
        snprintf(path, sizeof path, "/w/%s", cases[i].path);
        if (ul_glob_names(cases[i].pattern, "/w/", path) != cases[i].names)
            fail_msg("%s and %s", cases[i].pattern, cases[i].path);
    }
    assert_false(ul_glob_names("*.h", "/w/a/", "/w/b/x.h"));
    assert_null(ul_glob_problem("a/**/b[x].h"));
    assert_non_null(ul_glob_problem(""));
    assert_non_null(ul_glob_problem("!a"));
    assert_non_null(ul_glob_problem("../a"));
    assert_non_null(ul_glob_problem("a[b"));
    char bomb[2048], text[2048]; /* would take for ever where every star is tried against every other */
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (size_t i = 0; i + 2 < sizeof bomb; i += 2)
        memcpy(bomb + i, "*a", 2);
    strcpy(bomb + sizeof bomb - 3, "b");
    assert_false(ul_glob_matches(bomb, text));
}

/* Nearest file first; lists add up, values do not; `root: true` ends it; the command line wins. */
static void files_upward(void **state)
{
    bench *b = *state;
    put(b, ".ullage.yml", "rules: {flags-to-bits: error}\npublic: [top.h]\n");
    put(b, "a/.ullage.yml",
        "root: true\nallocator: jemalloc\nline-bytes: 128\nspan-bytes: 256\nfail-level: note\nbuild: out\ntargets: [x86_64-linux-gnu, i386-linux-gnu]\n"
        "rules:\n  reorder-saves: {level: error, min-saved: 24}\n  line-straddle: off\n"
        "public: [include/]\nfunctions: {hash: [xxh, 'xx*']}\nlocks: {acquire: grab}\nalign-macro: CACHED\n");
    put(b, "a/b/.ullage.yml", "rules:\n  reorder-saves: note\npublic: ['*_api.h']\nfunctions: {hash: near}\nroles: {init: [start]}\nrequire-reasons: true\n");
    put(b, "a/b/c/x.h", "struct x { int a; };\n");
    assert_int_equal(open_settings(b, "check", "a/b/c/x.h", NULL), UL_OK);
    assert_string_equal(b->config.allocator->name, "jemalloc");
    assert_int_equal(b->config.line_bytes, 128);
    assert_int_equal(b->config.span_bytes, 256);
    assert_int_equal(b->config.fail_level, UL_LEVEL_NOTE);
    assert_string_equal(b->config.build, path_of(b, "a/out")); /* relative to its file */
    assert_int_equal(b->config.target_count, 2);
    assert_string_equal(b->config.targets[1], "i386-linux-gnu");

    assert_int_equal(level_of(b, "a/x.h", "reorder-saves"), UL_LEVEL_ERROR);
    assert_int_equal(level_of(b, "a/b/c/x.h", "reorder-saves"), UL_LEVEL_NOTE);
    assert_int_equal(level_of(b, "a/b/c/x.h", "line-straddle"), UL_LEVEL_OFF);
    assert_int_equal(level_of(b, "a/b/c/x.h", "flags-to-bits"), UL_LEVEL_NOTE); /* beyond the root */
    assert_int_equal(level_of(b, "x.h", "flags-to-bits"), UL_LEVEL_ERROR);
    assert_int_equal(ul_settings_rules(b->settings, path_of(b, "a/b/x.h"), &b->arena)->limits[UL_LIMIT_REORDER_SAVED], 24);
    assert_int_equal(ul_settings_rules(b->settings, path_of(b, "x.h"), &b->arena)->limits[UL_LIMIT_REORDER_SAVED], 1);
    assert_true(ul_settings_rules(b->settings, path_of(b, "a/b/x.h"), &b->arena)->requires_reasons);
    assert_false(ul_settings_rules(b->settings, path_of(b, "a/x.h"), &b->arena)->requires_reasons);

    const char *where = NULL;
    assert_true(ul_settings_is_public(b->settings, path_of(b, "a/include/p.h"), &where));
    assert_string_equal(where, ul_arena_printf(&b->arena, "%s:11", path_of(b, "a/.ullage.yml")));
    assert_true(ul_settings_is_public(b->settings, path_of(b, "a/b/my_api.h"), NULL));
    assert_false(ul_settings_is_public(b->settings, path_of(b, "a/my_api.h"), NULL)); /* that file is for what lies below it */
    assert_false(ul_settings_is_public(b->settings, path_of(b, "a/top.h"), NULL));
    assert_true(ul_settings_is_public(b->settings, path_of(b, "top.h"), NULL));

    ul_words names = ul_settings_names(b->settings, path_of(b, "a/b/x.c"), UL_CONFIG_KEY_FUNCTIONS_HASH, &b->arena);
    assert_int_equal(names.count, 3);
    assert_string_equal(names.items[0], "near");
    assert_string_equal(names.items[2], "xx*");
    assert_int_equal(b->config.names.hash_count, 3);
    assert_string_equal(b->config.names.hashes[0], "near");
    assert_int_equal(b->config.names.lock_count, 1);
    assert_string_equal(b->config.names.locks[0], "grab");
    assert_string_equal(b->config.names.setups[0], "start");
    assert_int_equal(ul_settings_names(b->settings, path_of(b, "a/x.c"), UL_CONFIG_KEY_ROLES_INIT, &b->arena).count, 0);
    assert_string_equal(ul_settings_align_macro(b->settings, path_of(b, "a/b/x.h")), "CACHED");
    assert_null(ul_settings_align_macro(b->settings, path_of(b, "x.h")));

    assert_int_equal(open_settings(b, "check", "--allocator", "musl", "--line-bytes=32", "--fail-level=error", "-p", "here", "--target", "t1",
                                   "--rule", "reorder-saves=warning", "a/b/c/x.h", NULL), UL_OK);
    assert_string_equal(b->config.allocator->name, "musl");
    assert_int_equal(b->config.line_bytes, 32);
    assert_int_equal(b->config.fail_level, UL_LEVEL_ERROR);
    assert_string_equal(b->config.build, "here");
    assert_int_equal(b->config.target_count, 1);
    assert_int_equal(level_of(b, "a/b/c/x.h", "reorder-saves"), UL_LEVEL_WARNING);
    assert_int_equal(level_of(b, "a/b/c/x.h", "line-straddle"), UL_LEVEL_OFF); /* not named there */

    assert_int_equal(open_settings(b, "check", "a/b/c/x.h", "--", "-DX", NULL), UL_OK);
    assert_null(b->config.build); /* flags on the command line win over a database from a file */
    assert_int_equal(open_settings(b, "check", "--no-config", "a/b/c/x.h", NULL), UL_OK);
    assert_string_equal(b->config.allocator->name, "glibc");
    assert_int_equal(level_of(b, "a/b/c/x.h", "reorder-saves"), UL_LEVEL_WARNING);
    assert_int_equal(open_settings(b, "check", "--config", "a/b/.ullage.yml", "a/b/c/x.h", NULL), UL_OK);
    assert_string_equal(b->config.allocator->name, "glibc"); /* it alone, and nothing above it */
    assert_int_equal(level_of(b, "x.h", "reorder-saves"), UL_LEVEL_NOTE);
    assert_int_equal(open_settings(b, "check", "--config", "nothere.yml", NULL), UL_ERR_INPUT);
    assert_int_equal(open_settings(b, "check", "nothing/like/it.h", NULL), UL_OK); /* then it is the working directory */
}

/* Without settings, as tests and other callers may have it, nothing is configured. */
static void nothing_configured(void **state)
{
    bench *b = *state;
    const char *where = "as it was";
    assert_int_equal(ul_settings_rules(NULL, "/x.h", &b->arena)->limits[UL_LIMIT_CLASS_SAVED], 16);
    assert_false(ul_settings_is_public(NULL, "/x.h", &where) || ul_settings_leaves_out(NULL, "/x.h", &where));
    assert_string_equal(where, "as it was");
    assert_int_equal(ul_settings_names(NULL, "/x.h", UL_CONFIG_KEY_LOCKS_ACQUIRE, &b->arena).count, 0);
    assert_null(ul_settings_align_macro(NULL, "/x.h"));
    assert_int_equal(ul_settings_tell(NULL, &b->diags), UL_OK);
    ul_settings_apply(NULL, NULL, 0, false, &b->arena);
}

/* A text that is no configuration, and what is said, with its place. */
static const struct {
    const char *text, *words;
} wrong[] = {
    {"excludes: [a]\n", "1:1: error: unknown key 'excludes'; did you mean 'exclude'?"},
    {"a.b: 1\n", "1:1: error: unknown key 'a.b'"},
    {"locks.acquire: [a]\n", "1:1: error: unknown key 'locks.acquire'"},
    {"locks: {aquire: [x]}\n", "1:9: error: unknown key of 'locks' 'aquire'; did you mean 'acquire'?"},
    {"locks: [x]\n", "1:8: error: a list here, where 'locks' takes a map"},
    {"root: yes\n", "1:7: error: 'yes' is neither true nor false"},
    {"root: [true]\n", "1:7: error: a list here, where 'root' takes true or false"},
    {"root:\n", "error: nothing here, where 'root' takes true or false"},
    {"\n\nallocator: jemaloc\n", "3:12: error: unknown allocator 'jemaloc'; did you mean 'jemalloc'?"},
    {"line-bytes: 48\n", "1:13: error: 48 is no power of two"},
    {"line-bytes: 8\n", "error: '8' is not a number from 16 to 1024"},
    {"line-bytes: 0x40\n", "error: '0x40' is not a number"},
    {"line-bytes: 18446744073709551680\n", "is not a number from 16 to 1024"},
    {"span-bytes: -64\n", "error: '-64' is not a number"},
    {"fail-level: off\n", "1:13: error: unknown level 'off'; it is one of: note, warning, error"},
    {"rules: {reorder-saves: warn}\n", "1:24: error: unknown level 'warn'; did you mean 'warning'?"},
    {"rules: {reorder-savs: off}\n", "1:9: error: unknown rule 'reorder-savs'; did you mean 'reorder-saves'?"},
    {"rules: {reorder-saves: {level: off, min-save: 3}}\n", "1:37: error: unknown key of the rule reorder-saves 'min-save'; did you mean 'min-saved'?"},
    {"rules: {reorder-saves: {min-saved: 0}}\n", "error: '0' is not a number from 1 to 1048576, as 'min-saved' takes it"},
    {"rules: {reorder-saves: [off]}\n", "error: a list here, where a rule takes a level or a map"},
    {"rules: off\n", "error: a text here, where 'rules' takes a map of rules"},
    {"include: {a: b}\n", "error: a map here, where 'include' takes a list"},
    {"include: ['']\n", "error: '': an empty pattern names nothing"},
    {"exclude: ['!a']\n", "1:11: error: '!a': patterns that begin with '!'"},
    {"public: ['a[']\n", "error: 'a[': '[' without ']'"},
    {"public: [[a]]\n", "error: a list here, where 'the list' takes a text"},
    {"targets: [a, b, c, d, e, f, g, h, i]\n", "1:35: error: more than 8 targets; 'i' is one too many"},
    {"functions: {hash: ['a b']}\n", "error: 'a b' is no name of a function"},
    {"align-macro: 'a b'\n", "error: 'a b' is no name of a macro"},
    {"build: [a]\n", "error: a list here, where 'build' takes a path"},
    {"types: {struct a b: {instances: 1}}\n", "error: 'struct a b' is no name of a record"},
    {"types: {struct a: 1}\n", "error: a text here, where a record takes a map of annotations"},
    {"types: {struct a: {instance: 1}}\n", "1:20: error: unknown annotation 'instance'; did you mean 'instances'?"},
    {"types: {struct a: {instances: nan}}\n", "error: 'nan' is no number of instances"},
    {"types: {struct a: {instances: -1}}\n", "error: '-1' is no number of instances"},
    {"types: {struct a: {instances: 1e999}}\n", "error: '1e999' is no number of instances"},
    {"types: {struct a: {keep-order: }}\n", "error: nothing here, where 'keep-order' takes a reason, or true"},
    {"types: {struct a: {ignore: [reorder-save]}}\n", "error: unknown rule 'reorder-save'; did you mean 'reorder-saves'?"},
    {"types: {struct a: {writer: [x]}}\n", "error: a list here, where 'writer' takes a map"},
    {"types: {struct a: {cold: {x: y}}}\n", "error: a map here, where 'cold' takes names of fields"},
    {"types: {struct a: {fields: {x: {hot: y}}}}\n", "error: unknown annotation of a field 'hot'"},
    {"root: true\nroot: true\n", "2:1: error: 'root' stands here a second time; the first is on line 1"},
    {"a: &x [1]\n", "1:4: error: an anchor"},
    {"a: *x\n", "1:4: error: an alias"},
    {"*x : 1\n", "1:1: error: an alias"},
    {"a: !!str x\n", "1:4: error: a tag"},
    {"? [a]\n: b\n", "error: a list or a map as a key"},
    {"a: 1\n---\nb: 2\n", "error: a second document"},
    {"- a\n", "1:1: error: a list here, where a configuration file has keys and values"},
    {"just words\n", "error: a text here, where a configuration file has keys and values"},
    {"rules:\n\treorder-saves: off\n", "2:1: error: a tab in the indentation"},
    {"rules: {reorder-saves: off\n", "error: did not find expected"},
    {"rules: \"off\n", "error: found unexpected end of stream"},
    {"a: \"x\\0y\"\n", "1:4: error: a NUL in a text"},
    {"a: b\xff\n", "1:5: error: this is not text in UTF-8 or UTF-16"},
    {"a: b\x01\n", "error: this is not text in UTF-8 or UTF-16"},
    {"a: [[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]\n", "error: nested deeper than any setting"},
};

static void wrong_files(void **state)
{
    bench *b = *state;
    put(b, "x.h", "struct x { int a; };\n");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *path = path_of(b, ".ullage.yml");
        ul_config_file file;
        ul_diags diags;
        ul_diags_init(&diags, &b->arena);
        assert_int_equal(ul_config_file_parse(&file, path, wrong[i].text, strlen(wrong[i].text), &diags, &b->arena), UL_ERR_INPUT);
        assert_true(diags.error_count >= 1);
        const ul_diag *first = &diags.items[0];
        has(ul_arena_printf(&b->arena, "%u:%u: %s: %s", first->line, first->column, ul_level_name(first->level), first->message), wrong[i].words);
    }
    put(b, ".ullage.yml", "excludes: [a]\nrules: {foo: off}\n");
    assert_int_equal(run(b, "check x.h"), 2); /* every mistake is named in one run */
    has(b->err, ".ullage.yml:1:1: error: unknown key 'excludes'; did you mean 'exclude'?");
    has(b->err, ".ullage.yml:2:9: error: unknown rule 'foo'");
    lacks(b->err, "lists its options");
    assert_string_equal(b->out, "");
    assert_int_equal(run(b, "show x.h"), 2);
    assert_int_equal(run(b, "config --show x.h"), 2);
    assert_int_equal(run(b, "check --no-config x.h"), 0);
    assert_int_equal(run(b, "explain"), 0); /* reads none */
}

/* A wrong file that only some of the analysed files lie below is found as well. */
static void wrong_file_below(void **state)
{
    bench *b = *state;
    put(b, "ok/x.h", "struct x { int a; };\n");
    put(b, "ok/sub/y.h", "struct y { int a; };\n");
    put(b, "ok/sub/.ullage.yml", "colour: red\n");
    assert_int_equal(run(b, "check ok"), 2);
    has(b->err, "ok/sub/.ullage.yml:1:1: error: unknown key 'colour'");
    assert_int_equal(run(b, "check ok/x.h"), 0);
    put(b, "ok/sub/.ullage.yml", "allocator: musl\n");
    assert_int_equal(run(b, "check ok"), 0);
    has(b->err, "ok/sub/.ullage.yml:1:1: note: 'allocator' is one for a whole run");
    assert_int_equal(run(b, "check ok/sub"), 0);
    lacks(b->err, "one for a whole run");
}

static void odd_files(void **state)
{
    bench *b = *state;
    static const char utf8[] = "\xef\xbb\xbfroot: true\r\nallocator: musl\r\n", utf16[] = "\xff\xfer\0o\0o\0t\0:\0 \0t\0r\0u\0e\0\n\0";
    static const char *const empty[] = {"", "\n", "# only\n# comments\n", "---\n", "~\n", "locks:\nroles:\nrules:\ntypes:\n"};
    put(b, "x.h", "struct x { int a; };\n");
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        put(b, ".ullage.yml", empty[i]);
        assert_int_equal(run(b, "check x.h"), 0);
        lacks(b->err, "error");
    }
    put_bytes(b, ".ullage.yml", utf8, sizeof utf8 - 1);
    assert_int_equal(open_settings(b, "check", "x.h", NULL), UL_OK);
    assert_string_equal(b->config.allocator->name, "musl");
    put_bytes(b, ".ullage.yml", utf16, sizeof utf16 - 1);
    assert_int_equal(open_settings(b, "check", "x.h", NULL), UL_OK);
    put_bytes(b, ".ullage.yml", utf16 + 2, sizeof utf16 - 3); /* without its mark */
    assert_int_equal(open_settings(b, "check", "x.h", NULL), UL_ERR_INPUT);
    has(b->diags.items[0].message, "not text in UTF-8 or UTF-16");

    size_t size = (1 << 20) + 10;
    char *huge = UL_NEW_ARRAY(&b->arena, char, size);
    memset(huge, '#', size);
    put_bytes(b, ".ullage.yml", huge, size);
    assert_int_equal(open_settings(b, "check", "x.h", NULL), UL_ERR_INPUT);
    has(b->diags.items[0].message, "over 1 MiB");
    memset(huge, '[', size);
    put_bytes(b, ".ullage.yml", huge, size - 20);
    assert_int_equal(open_settings(b, "check", "x.h", NULL), UL_ERR_INPUT);
    for (size_t i = 0; i + 2 < size; i += 2)
        memcpy(huge + i, "- ", 2);
    put_bytes(b, ".ullage.yml", huge, size - 20);
    assert_int_equal(open_settings(b, "check", "x.h", NULL), UL_ERR_INPUT);
    memcpy(huge, "a: [", 4);
    for (size_t i = 4; i + 2 < size; i += 2)
        memcpy(huge + i, "1,", 2);
    put_bytes(b, ".ullage.yml", huge, size - 20);
    assert_int_equal(open_settings(b, "check", "x.h", NULL), UL_ERR_INPUT);
    has(b->diags.items[0].message, "more values than any configuration has");

    assert_int_equal(unlink(path_of(b, ".ullage.yml")), 0);
    assert_int_equal(symlink(".ullage.yml", path_of(b, ".ullage.yml")), 0);
    assert_int_equal(open_settings(b, "check", "x.h", NULL), UL_ERR_INPUT);
    has(b->diags.items[0].message, "cannot read the configuration");
    assert_int_equal(unlink(path_of(b, ".ullage.yml")), 0);
    assert_int_equal(symlink("nowhere", path_of(b, ".ullage.yml")), 0);
    assert_int_equal(open_settings(b, "check", "x.h", NULL), UL_ERR_INPUT);
    assert_int_equal(unlink(path_of(b, ".ullage.yml")), 0);
    assert_int_equal(mkdir(path_of(b, ".ullage.yml"), 0700), 0);
    assert_int_equal(open_settings(b, "check", "x.h", NULL), UL_ERR_INPUT);
    has(b->diags.items[0].message, "not a file");
    assert_int_equal(rmdir(path_of(b, ".ullage.yml")), 0);
    assert_int_equal(mkfifo(path_of(b, ".ullage.yml"), 0600), 0); /* nobody writes to it */
    assert_int_equal(open_settings(b, "check", "x.h", NULL), UL_ERR_INPUT);
    assert_int_equal(unlink(path_of(b, ".ullage.yml")), 0);
    put(b, ".ullage.yml", "root: true\n");
    if (geteuid() != 0) {
        assert_int_equal(chmod(path_of(b, ".ullage.yml"), 0), 0);
        assert_int_equal(open_settings(b, "check", "x.h", NULL), UL_ERR_INPUT);
        has(b->diags.items[0].message, "Permission denied");
    }
}

/* What is left out is neither shown nor found, named or walked to; a header of it may still be read by others. */
static void include_and_exclude(void **state)
{
    bench *b = *state;
    put(b, "src/a.h", "#include \"../gen/g.h\"\nstruct a { struct g g; };\n");
    put(b, "gen/g.h", "struct g { char a; void *b; char c; };\n");
    put(b, "src/b_test.h", "struct bt { char x; void *y; char z; };\n");
    put(b, ".ullage.yml", "root: true\nexclude: [gen/, '*_test.h']\n");
    assert_int_equal(run(b, "show . --all --format concise"), 0);
    has(b->out, "struct a ");
    lacks(b->out, "struct g ");
    lacks(b->out, "struct bt ");
    assert_int_equal(run(b, "show src/b_test.h src/a.h --format concise"), 0);
    has(b->err, "src/b_test.h: note: left out by the configuration, .ullage.yml:2");
    lacks(b->out, "struct bt ");
    assert_int_equal(run(b, "config --show gen/g.h"), 0);
    has(b->out, "is left out: .ullage.yml:2");
    put(b, ".ullage.yml", "root: true\ninclude: [src/, gen/]\n");
    put(b, "src/.ullage.yml", "include: ['b*.h']\n"); /* nearer: for files there it is this one alone */
    assert_int_equal(run(b, "show . --format concise"), 0);
    has(b->out, "struct g ");
    has(b->out, "struct bt ");
    lacks(b->out, "struct a ");
}

static void types(void **state)
{
    bench *b = *state;
    put(b, "x.h",
        "struct conn { char state; long q; char queue; struct { int in; }; };\n"
        "struct other { char a; void *b; char c; }; // ullage: instances(5)\n");
    put(b, ".ullage.yml",
        "root: true\ntypes:\n  struct conn: {keep-order: wire format}\n  other: {instances: 1e6}\n");
    assert_int_equal(run(b, "check -v x.h --fail-level note"), 1);
    has(b->out, "keep-order (.ullage.yml line 3: wire format)");
    has(b->out, "With 5 of them alive"); /* the source is nearer */
    put(b, ".ullage.yml", "root: true\ntypes:\n  conn:\n    hot: {rx: [state, qeue]}\n    cold: in\n");
    assert_int_equal(run(b, "check x.h"), 2);
    has(b->err, ".ullage.yml:4:23: error: 'conn' has no field 'qeue' of its own");
    has(b->err, ".ullage.yml:5:11: error: 'conn' has no field 'in' of its own; the fields of an anonymous member belong to 'conn::<anonymous>'");
    put(b, ".ullage.yml", "root: true\ntypes:\n  struct nowhere: {hot: [x]}\n"); /* of a record that this run does not see */
    assert_int_equal(run(b, "check x.h"), 0);
    lacks(b->err, "error");
    put(b, "sub/y.h", "struct s { char a; void *b; char c; };\n");
    put(b, ".ullage.yml", "root: true\ntypes:\n  struct s: {instances: 1000, ignore: [reorder-saves]}\n");
    put(b, "sub/.ullage.yml", "types:\n  struct s: {instances: 2000}\n");
    assert_int_equal(run(b, "check sub --fail-level note"), 0); /* the ignore of the file above counts beside it */
    put(b, ".ullage.yml", "root: true\ntypes:\n  struct s: {instances: 1000}\n");
    assert_int_equal(run(b, "check sub --fail-level note"), 1);
    has(b->out, "With 2000 of them alive");
}

/* Whether the document is one that its schema allows. */
static void assert_valid(bench *b, const char *document)
{
    put(b, "report.json", document);
    int status = system(ul_arena_printf(&b->arena, "python3 '%s/tests/validate.py' '%s/docs/schema/ullage.config-1.schema.json' '%s' >'%s' 2>&1",
                                        ULLAGE_SOURCE_DIR, ULLAGE_SOURCE_DIR, path_of(b, "report.json"), path_of(b, "log")));
    if (status != 0)
        fail_msg("%s", slurp(b, "log"));
}

static void show(void **state)
{
    bench *b = *state;
    put(b, "src/a.h", "struct a { int b; };\n");
    put(b, ".ullage.yml", "root: true\nallocator: musl\nexclude: [gen/]\nrules: {reorder-saves: {min-saved: 4}}\ntypes: {struct a: {hot: {rx: [b]}}}\npublic: ['*.h']\n");
    put(b, "src/.ullage.yml", "exclude:\n- x.h\n- y.h\nfail-level: note\n");
    assert_int_equal(run(b, "config --show src/a.h --line-bytes 128 --rule line-straddle=off"), 0);
    has(b->out, "read: src/.ullage.yml\nthen: .ullage.yml\n");
    has(b->out, "is a public header: .ullage.yml:6\n");
    static const char *const rows[][3] = {
        {"root", "true", ".ullage.yml:1"},
        {"exclude", "x.h, y.h", "src/.ullage.yml:1"},
        {"exclude", "gen/", ".ullage.yml:3"},
        {"include", "-", "default"},
        {"allocator", "musl", ".ullage.yml:2"},
        {"line-bytes", "128", "command line"},
        {"fail-level", "note", "src/.ullage.yml:4"},
        {"rules.reorder-saves.level", "warning", "default"},
        {"rules.reorder-saves.min-saved", "4", ".ullage.yml:4"},
        {"rules.line-straddle.level", "off", "command line"},
        {"types.struct a.b", "hot(rx)", ".ullage.yml:5"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *line = b->out;
        bool is_there = false;
        for (; line && !is_there; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
            const char *end = line + strcspn(line, "\n"), *value = strstr(line, rows[i][1]), *from = strstr(line, rows[i][2]);
            is_there = strncmp(line, rows[i][0], strlen(rows[i][0])) == 0 && line[strlen(rows[i][0])] == ' ' && value && value < end &&
                       from && from + strlen(rows[i][2]) == end;
        }
        if (!is_there)
            fail_msg("no row %s: %s: %s in %s", rows[i][0], rows[i][1], rows[i][2], b->out);
    }
    for (int i = 0; i < UL_CONFIG_KEY_COUNT; i++)
        has(b->out, ul_arena_printf(&b->arena, "\n%s", ul_config_key_info_of((ul_config_key)i)->name));
    assert_int_equal(run(b, "config --show src/a.h --format json --line-bytes 128"), 0);
    assert_valid(b, b->out);
    has(b->out, "\"is_public\":\ttrue");
    assert_int_equal(run(b, "config --show src/a.h --format json -o out.json"), 0);
    assert_string_equal(b->out, "");
    assert_valid(b, slurp(b, "out.json"));
    assert_int_equal(run(b, "config --show . --format json"), 0);
    assert_valid(b, b->out);
    assert_int_equal(run(b, "config --show not/there.h"), 0); /* what would hold */
    assert_int_equal(run(b, "config"), 2);
    has(b->err, "ullage config --show PATH");
    assert_int_equal(run(b, "config src/a.h"), 2);
    has(b->err, "ullage config --show src/a.h");
    assert_int_equal(run(b, "config --show src --format sarif"), 2);
    assert_int_equal(run(b, "check --config a --no-config"), 2);
}

/* Takes the # off every key and example: what init shows is what is read. */
static char *uncommented(bench *b, const char *text)
{
    ul_strbuf out;
    ul_strbuf_init(&out);
    for (const char *line = text; *line;) {
        size_t length = strcspn(line, "\n"), blanks = strspn(line, " ");
        bool is_key = line[blanks] == '#' && line[blanks + 1] != ' ', is_below = line[0] == '#' && strncmp(line, "#  ", 3) == 0;
        if (is_key || is_below)
            ul_strbuf_printf(&out, "%.*s%.*s\n", (int)blanks, line, (int)(length - blanks - 1), line + blanks + 1);
        else
            ul_strbuf_printf(&out, "%.*s\n", (int)length, line);
        line += length + (line[length] == '\n');
    }
    char *copy = ul_arena_strndup(&b->arena, out.data, out.length);
    ul_strbuf_free(&out);
    return copy;
}

static void init(void **state)
{
    bench *b = *state;
    put(b, "p/build/compile_commands.json", "[]\n");
    put(b, "p/include/a.h", "struct a { int b; };\n");
    put(b, "p/vendor/v.h", "struct v { int b; };\n");
    put(b, "p/.git/HEAD", "ref: refs/heads/main\n");
    assert_int_equal(run(b, "init p"), 0);
    has(b->out, "wrote ");
    const char *text = slurp(b, "p/.ullage.yml");
    has(text, "\nroot: true\n"); /* the top of a work tree */
    has(text, "\n#build: build\n");
    has(text, "\n#exclude: [vendor/]\n");
    has(text, "\n#public: [include/]\n");
    for (int i = 0; i < UL_CONFIG_KEY_COUNT; i++)
        has(text, ul_arena_printf(&b->arena, "%s:", ul_config_key_leaf((ul_config_key)i)));
    for (int i = 0; i < UL_LIMIT_COUNT; i++)
        has(text, ul_limit_info_of((ul_limit)i)->name);
    assert_int_equal(run(b, "config --show p/include/a.h"), 0);
    has(b->out, "p/.ullage.yml:");
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        assert_true(strcspn(line, "\n") <= 100);

    assert_int_equal(run(b, "init p"), 2);
    has(b->err, "it is there already");
    assert_string_equal(slurp(b, "p/.ullage.yml"), text);
    put(b, "p/.ullage.yml", uncommented(b, text));
    assert_int_equal(run(b, "config --show p/include/a.h"), 0);
    assert_string_equal(b->err, "");
    for (int i = 0; i < UL_CONFIG_KEY_COUNT; i++) { /* nothing is left at its default */
        const char *name = ul_config_key_info_of((ul_config_key)i)->name;
        if (i != UL_CONFIG_KEY_RULES && i != UL_CONFIG_KEY_TYPES)
            lacks(b->out, ul_arena_printf(&b->arena, "\n%s   default", name));
    }
    has(b->out, "keep-order -- wire format");
    has(b->out, "my_lock, *_mutex_enter");

    assert_int_equal(run(b, "init nowhere"), 2);
    has(b->err, "nowhere");
    put(b, "q/x.h", "struct x { int y; };\n");
    assert_int_equal(symlink("elsewhere", path_of(b, "q/.ullage.yml")), 0); /* not written through */
    assert_int_equal(run(b, "init q"), 2);
    assert_int_not_equal(access(path_of(b, "q/elsewhere"), F_OK), 0);
}

/* The manual page has every key. */
static void manual(void **state)
{
    bench *b = *state;
    ul_strbuf text;
    ul_strbuf_init(&text);
    ul_help_write_manual(&text, &b->arena);
    for (int i = 0; i < UL_CONFIG_KEY_COUNT; i++)
        has(text.data, ul_arena_printf(&b->arena, "\n*%s*", ul_config_key_info_of((ul_config_key)i)->name));
    for (int i = 0; i < UL_LIMIT_COUNT; i++)
        has(text.data, ul_limit_info_of((ul_limit)i)->name);
    ul_strbuf_free(&text);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns), TEST(files_upward), TEST(nothing_configured), TEST(wrong_files), TEST(wrong_file_below),
        TEST(odd_files),            TEST(include_and_exclude), TEST(types),       TEST(show),        TEST(init),
        TEST(manual),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

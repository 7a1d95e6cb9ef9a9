/* Configuration files: what they say, where they stand, who wins, and what is said about those that are wrong. */
#include "project.h"

#include "cli/glob.h"
#include "cli/options.h"
#include "cli/settings.h"

enum { WORDS_MAX = 16 };

typedef struct settings_bench {
    bench in;
    ul_config config;
    ul_diags diags;
    ul_settings *settings;
} settings_bench;

static int set_up(void **state)
{
    settings_bench *b = calloc(1, sizeof *b);
    *state = b;
    return b && bench_open(&b->in) ? 0 : -1;
}

static int tear_down(void **state)
{
    settings_bench *b = *state;
    int status = bench_close(&b->in);
    free(b);
    return status;
}

/* Opens the settings for a command line of words, NULL at the end; relative paths are below the folder. */
static ul_status open_settings(settings_bench *b, const char *first, ...)
{
    const char **argv = UL_NEW_ARRAY(&b->in.arena, const char *, WORDS_MAX);
    int argc = 1;
    va_list words;
    argv[0] = "ullage";
    va_start(words, first);
    for (const char *word = first; word && argc < WORDS_MAX; word = va_arg(words, const char *))
        argv[argc++] = word;
    va_end(words);
    assert_int_equal(chdir(b->in.folder), 0);
    ul_diags_init(&b->diags, &b->in.arena);
    assert_int_equal(ul_options_parse(&b->config, argc, argv, &b->diags, &b->in.arena), UL_OK);
    b->settings = ul_settings_open(&b->config, &b->in.arena);
    return ul_settings_tell(b->settings, &b->diags);
}

static ul_level level_of(settings_bench *b, const char *file, const char *rule)
{
    return ul_settings_rules(b->settings, path_of(&b->in, file), &b->in.arena)->levels[ul_rule_index(ul_rule_find(rule))];
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
    settings_bench *b = *state;
    put(&b->in, ".ullage.yml", "rules: {flags-to-bits: error}\npublic: [top.h]\n");
    put(&b->in, "a/.ullage.yml",
        "root: true\nallocator: jemalloc\nline-bytes: 128\nspan-bytes: 256\nfail-level: note\nbuild: out\ntargets: [x86_64-linux-gnu, i386-linux-gnu]\n"
        "rules:\n  reorder-saves: {level: error, min-saved: 24}\n  line-straddle: off\n"
        "public: [include/]\nfunctions: {hash: [xxh, 'xx*']}\nlocks: {acquire: grab}\nalign-macro: CACHED\nprofile: p.csv\n");
    put(&b->in, "a/b/.ullage.yml", "rules:\n  reorder-saves: note\npublic: ['*_api.h']\nfunctions: {hash: near}\nroles: {init: [start]}\nrequire-reasons: true\n");
    put(&b->in, "a/b/c/x.h", "struct x { int a; };\n");
    assert_int_equal(open_settings(b, "check", "a/b/c/x.h", NULL), UL_OK);
    assert_string_equal(b->config.allocator->name, "jemalloc");
    assert_int_equal(b->config.line_bytes, 128);
    assert_int_equal(b->config.span_bytes, 256);
    assert_int_equal(b->config.fail_level, UL_LEVEL_NOTE);
    assert_string_equal(b->config.build, path_of(&b->in, "a/out")); /* relative to its file */
    assert_int_equal(b->config.profile_count, 1);
    assert_string_equal(b->config.profile_files[0], path_of(&b->in, "a/p.csv"));
    assert_true(b->config.reads_census);
    assert_int_equal(b->config.target_count, 2);
    assert_string_equal(b->config.targets[1], "i386-linux-gnu");

    assert_int_equal(level_of(b, "a/x.h", "reorder-saves"), UL_LEVEL_ERROR);
    assert_int_equal(level_of(b, "a/b/c/x.h", "reorder-saves"), UL_LEVEL_NOTE);
    assert_int_equal(level_of(b, "a/b/c/x.h", "line-straddle"), UL_LEVEL_OFF);
    assert_int_equal(level_of(b, "a/b/c/x.h", "flags-to-bits"), UL_LEVEL_NOTE); /* beyond the root */
    assert_int_equal(level_of(b, "x.h", "flags-to-bits"), UL_LEVEL_ERROR);
    assert_int_equal(ul_settings_rules(b->settings, path_of(&b->in, "a/b/x.h"), &b->in.arena)->limits[UL_LIMIT_REORDER_SAVED], 24);
    assert_int_equal(ul_settings_rules(b->settings, path_of(&b->in, "x.h"), &b->in.arena)->limits[UL_LIMIT_REORDER_SAVED], 1);
    assert_true(ul_settings_rules(b->settings, path_of(&b->in, "a/b/x.h"), &b->in.arena)->requires_reasons);
    assert_false(ul_settings_rules(b->settings, path_of(&b->in, "a/x.h"), &b->in.arena)->requires_reasons);

    const char *where = NULL;
    assert_true(ul_settings_is_public(b->settings, path_of(&b->in, "a/include/p.h"), &where));
    assert_string_equal(where, ul_arena_printf(&b->in.arena, "%s:11", path_of(&b->in, "a/.ullage.yml")));
    assert_true(ul_settings_is_public(b->settings, path_of(&b->in, "a/b/my_api.h"), NULL));
    assert_false(ul_settings_is_public(b->settings, path_of(&b->in, "a/my_api.h"), NULL)); /* that file is for what lies below it */
    assert_false(ul_settings_is_public(b->settings, path_of(&b->in, "a/top.h"), NULL));
    assert_true(ul_settings_is_public(b->settings, path_of(&b->in, "top.h"), NULL));

    ul_words names = ul_settings_names(b->settings, path_of(&b->in, "a/b/x.c"), UL_CONFIG_KEY_FUNCTIONS_HASH, &b->in.arena);
    assert_int_equal(names.count, 3);
    assert_string_equal(names.items[0], "near");
    assert_string_equal(names.items[2], "xx*");
    assert_int_equal(b->config.names.hash_count, 3);
    assert_string_equal(b->config.names.hashes[0], "near");
    assert_int_equal(b->config.names.lock_count, 1);
    assert_string_equal(b->config.names.locks[0], "grab");
    assert_string_equal(b->config.names.setups[0], "start");
    assert_int_equal(ul_settings_names(b->settings, path_of(&b->in, "a/x.c"), UL_CONFIG_KEY_ROLES_INIT, &b->in.arena).count, 0);
    assert_string_equal(ul_settings_align_macro(b->settings, path_of(&b->in, "a/b/x.h")), "CACHED");
    assert_null(ul_settings_align_macro(b->settings, path_of(&b->in, "x.h")));

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
    settings_bench *b = *state;
    const char *where = "as it was";
    assert_int_equal(ul_settings_rules(NULL, "/x.h", &b->in.arena)->limits[UL_LIMIT_CLASS_SAVED], 16);
    assert_false(ul_settings_is_public(NULL, "/x.h", &where) || ul_settings_leaves_out(NULL, "/x.h", &where));
    assert_string_equal(where, "as it was");
    assert_int_equal(ul_settings_names(NULL, "/x.h", UL_CONFIG_KEY_LOCKS_ACQUIRE, &b->in.arena).count, 0);
    assert_null(ul_settings_align_macro(NULL, "/x.h"));
    assert_int_equal(ul_settings_tell(NULL, &b->diags), UL_OK);
    ul_settings_apply(NULL, NULL, 0, false, &b->in.arena);
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
    settings_bench *b = *state;
    put(&b->in, "x.h", "struct x { int a; };\n");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *path = path_of(&b->in, ".ullage.yml");
        ul_config_file file;
        ul_diags diags;
        ul_diags_init(&diags, &b->in.arena);
        assert_int_equal(ul_config_file_parse(&file, path, wrong[i].text, strlen(wrong[i].text), &diags, &b->in.arena), UL_ERR_INPUT);
        assert_true(diags.error_count >= 1);
        const ul_diag *first = &diags.items[0];
        has(ul_arena_printf(&b->in.arena, "%u:%u: %s: %s", first->line, first->column, ul_level_name(first->level), first->message), wrong[i].words);
    }
    put(&b->in, ".ullage.yml", "excludes: [a]\nrules: {foo: off}\n");
    assert_int_equal(run(&b->in, "check x.h"), 2); /* every mistake is named in one run */
    has(b->in.err, ".ullage.yml:1:1: error: unknown key 'excludes'; did you mean 'exclude'?");
    has(b->in.err, ".ullage.yml:2:9: error: unknown rule 'foo'");
    lacks(b->in.err, "lists its options");
    assert_string_equal(b->in.out, "");
    assert_int_equal(run(&b->in, "show x.h"), 2);
    assert_int_equal(run(&b->in, "config --show x.h"), 2);
    assert_int_equal(run(&b->in, "check --no-config x.h"), 0);
    assert_int_equal(run(&b->in, "explain"), 0); /* reads none */
}

/* A wrong file that only some of the analysed files lie below is found as well. */
static void wrong_file_below(void **state)
{
    settings_bench *b = *state;
    put(&b->in, "ok/x.h", "struct x { int a; };\n");
    put(&b->in, "ok/sub/y.h", "struct y { int a; };\n");
    put(&b->in, "ok/sub/.ullage.yml", "colour: red\n");
    assert_int_equal(run(&b->in, "check ok"), 2);
    has(b->in.err, "ok/sub/.ullage.yml:1:1: error: unknown key 'colour'");
    assert_int_equal(run(&b->in, "check ok/x.h"), 0);
    put(&b->in, "ok/sub/.ullage.yml", "allocator: musl\n");
    assert_int_equal(run(&b->in, "check ok"), 0);
    has(b->in.err, "ok/sub/.ullage.yml:1:1: note: 'allocator' is one for a whole run");
    assert_int_equal(run(&b->in, "check ok/sub"), 0);
    lacks(b->in.err, "one for a whole run");
}

static void odd_files(void **state)
{
    settings_bench *b = *state;
    static const char utf8[] = "\xef\xbb\xbfroot: true\r\nallocator: musl\r\n", utf16[] = "\xff\xfer\0o\0o\0t\0:\0 \0t\0r\0u\0e\0\n\0";
    static const char *const empty[] = {"", "\n", "# only\n# comments\n", "---\n", "~\n", "locks:\nroles:\nrules:\ntypes:\n"};
    put(&b->in, "x.h", "struct x { int a; };\n");
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        put(&b->in, ".ullage.yml", empty[i]);
        assert_int_equal(run(&b->in, "check x.h"), 0);
        lacks(b->in.err, "error");
    }
    put_bytes(&b->in, ".ullage.yml", utf8, sizeof utf8 - 1);
    assert_int_equal(open_settings(b, "check", "x.h", NULL), UL_OK);
    assert_string_equal(b->config.allocator->name, "musl");
    put_bytes(&b->in, ".ullage.yml", utf16, sizeof utf16 - 1);
    assert_int_equal(open_settings(b, "check", "x.h", NULL), UL_OK);
    put_bytes(&b->in, ".ullage.yml", utf16 + 2, sizeof utf16 - 3); /* without its mark */
    assert_int_equal(open_settings(b, "check", "x.h", NULL), UL_ERR_INPUT);
    has(b->diags.items[0].message, "not text in UTF-8 or UTF-16");

    size_t size = (1 << 20) + 10;
    char *huge = UL_NEW_ARRAY(&b->in.arena, char, size);
    memset(huge, '#', size);
    put_bytes(&b->in, ".ullage.yml", huge, size);
    assert_int_equal(open_settings(b, "check", "x.h", NULL), UL_ERR_INPUT);
    has(b->diags.items[0].message, "over 1 MiB");
    memset(huge, '[', size);
    put_bytes(&b->in, ".ullage.yml", huge, size - 20);
    assert_int_equal(open_settings(b, "check", "x.h", NULL), UL_ERR_INPUT);
    for (size_t i = 0; i + 2 < size; i += 2)
        memcpy(huge + i, "- ", 2);
    put_bytes(&b->in, ".ullage.yml", huge, size - 20);
    assert_int_equal(open_settings(b, "check", "x.h", NULL), UL_ERR_INPUT);
    memcpy(huge, "a: [", 4);
    for (size_t i = 4; i + 2 < size; i += 2)
        memcpy(huge + i, "1,", 2);
    put_bytes(&b->in, ".ullage.yml", huge, size - 20);
    assert_int_equal(open_settings(b, "check", "x.h", NULL), UL_ERR_INPUT);
    has(b->diags.items[0].message, "more values than any configuration has");

    assert_int_equal(unlink(path_of(&b->in, ".ullage.yml")), 0);
    assert_int_equal(symlink(".ullage.yml", path_of(&b->in, ".ullage.yml")), 0);
    assert_int_equal(open_settings(b, "check", "x.h", NULL), UL_ERR_INPUT);
    has(b->diags.items[0].message, "cannot read the configuration");
    assert_int_equal(unlink(path_of(&b->in, ".ullage.yml")), 0);
    assert_int_equal(symlink("nowhere", path_of(&b->in, ".ullage.yml")), 0);
    assert_int_equal(open_settings(b, "check", "x.h", NULL), UL_ERR_INPUT);
    assert_int_equal(unlink(path_of(&b->in, ".ullage.yml")), 0);
    assert_int_equal(mkdir(path_of(&b->in, ".ullage.yml"), 0700), 0);
    assert_int_equal(open_settings(b, "check", "x.h", NULL), UL_ERR_INPUT);
    has(b->diags.items[0].message, "not a file");
    assert_int_equal(rmdir(path_of(&b->in, ".ullage.yml")), 0);
    assert_int_equal(mkfifo(path_of(&b->in, ".ullage.yml"), 0600), 0); /* nobody writes to it */
    assert_int_equal(open_settings(b, "check", "x.h", NULL), UL_ERR_INPUT);
    assert_int_equal(unlink(path_of(&b->in, ".ullage.yml")), 0);
    put(&b->in, ".ullage.yml", "root: true\n");
    if (geteuid() != 0) {
        assert_int_equal(chmod(path_of(&b->in, ".ullage.yml"), 0), 0);
        assert_int_equal(open_settings(b, "check", "x.h", NULL), UL_ERR_INPUT);
        has(b->diags.items[0].message, "Permission denied");
    }
}

/* What is left out is neither shown nor found, named or walked to; a header of it may still be read by others. */
static void include_and_exclude(void **state)
{
    settings_bench *b = *state;
    put(&b->in, "src/a.h", "#include \"../gen/g.h\"\nstruct a { struct g g; };\n");
    put(&b->in, "gen/g.h", "struct g { char a; void *b; char c; };\n");
    put(&b->in, "src/b_test.h", "struct bt { char x; void *y; char z; };\n");
    put(&b->in, ".ullage.yml", "root: true\nexclude: [gen/, '*_test.h']\n");
    assert_int_equal(run(&b->in, "show . --all --format concise"), 0);
    has(b->in.out, "struct a ");
    lacks(b->in.out, "struct g ");
    lacks(b->in.out, "struct bt ");
    assert_int_equal(run(&b->in, "show src/b_test.h src/a.h --format concise"), 0);
    has(b->in.err, "src/b_test.h: note: left out by the configuration, .ullage.yml:2");
    lacks(b->in.out, "struct bt ");
    assert_int_equal(run(&b->in, "config --show gen/g.h"), 0);
    has(b->in.out, "is left out: .ullage.yml:2");
    put(&b->in, ".ullage.yml", "root: true\ninclude: [src/, gen/]\n");
    put(&b->in, "src/.ullage.yml", "include: ['b*.h']\n"); /* nearer: for files there it is this one alone */
    assert_int_equal(run(&b->in, "show . --format concise"), 0);
    has(b->in.out, "struct g ");
    has(b->in.out, "struct bt ");
    lacks(b->in.out, "struct a ");
}

static void types(void **state)
{
    settings_bench *b = *state;
    put(&b->in, "x.h",
        "struct conn { char state; long q; char queue; struct { int in; }; };\n"
        "struct other { char a; void *b; char c; }; // ullage: instances(5)\n");
    put(&b->in, ".ullage.yml",
        "root: true\ntypes:\n  struct conn: {keep-order: wire format}\n  other: {instances: 1e6}\n");
    assert_int_equal(run(&b->in, "check -v x.h --fail-level note"), 1);
    has(b->in.out, "keep-order (.ullage.yml line 3: wire format)");
    has(b->in.out, "With 5 of them alive"); /* the source is nearer */
    put(&b->in, ".ullage.yml", "root: true\ntypes:\n  conn:\n    hot: {rx: [state, qeue]}\n    cold: in\n");
    assert_int_equal(run(&b->in, "check x.h"), 2);
    has(b->in.err, ".ullage.yml:4:23: error: 'conn' has no field 'qeue' of its own");
    has(b->in.err, ".ullage.yml:5:11: error: 'conn' has no field 'in' of its own; the fields of an anonymous member belong to 'conn::<anonymous>'");
    put(&b->in, ".ullage.yml", "root: true\ntypes:\n  struct nowhere: {hot: [x]}\n"); /* of a record that this run does not see */
    assert_int_equal(run(&b->in, "check x.h"), 0);
    lacks(b->in.err, "error");
    put(&b->in, "sub/y.h", "struct s { char a; void *b; char c; };\n");
    put(&b->in, ".ullage.yml", "root: true\ntypes:\n  struct s: {instances: 1000, ignore: [reorder-saves]}\n");
    put(&b->in, "sub/.ullage.yml", "types:\n  struct s: {instances: 2000}\n");
    assert_int_equal(run(&b->in, "check sub --fail-level note"), 0); /* the ignore of the file above counts beside it */
    put(&b->in, ".ullage.yml", "root: true\ntypes:\n  struct s: {instances: 1000}\n");
    assert_int_equal(run(&b->in, "check sub --fail-level note"), 1);
    has(b->in.out, "With 2000 of them alive");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns), TEST(files_upward),        TEST(nothing_configured), TEST(wrong_files),
        TEST(wrong_file_below),     TEST(odd_files),           TEST(include_and_exclude), TEST(types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

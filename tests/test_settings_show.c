/* What is said of configuration: `config --show`, the file that `init` writes, and the manual page. */
#include "project.h"

#include "cli/help.h"
#include "cli/init.h"
#include "cli/settings.h"

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

/* What holds for each target, and what a processor of it may ask for. */
static void lines_of_targets(void **state)
{
    bench *b = *state;
    put(b, ".ullage.yml", "root: true\ntargets: [s390x-linux-gnu]\nspan-bytes: 512\n");
    assert_int_equal(run(b, "config --show . | tr -s ' '"), 0);
    has(b->out, "\nline-bytes.s390x-linux-gnu 256 target\nspan-bytes.s390x-linux-gnu 512 .ullage.yml:3\nspan-to-consider.s390x-linux-gnu 256 target\n");
    assert_int_equal(run(b, "config --show . --target aarch64-linux-gnu --target armv5-linux-gnueabi --line-bytes 128 --span-bytes 128 | tr -s ' '"), 0);
    has(b->out, "\nline-bytes.aarch64-linux-gnu 128 command line\nspan-bytes.aarch64-linux-gnu 128 one line\nspan-to-consider.aarch64-linux-gnu 128 target\n"
                "line-bytes.armv5-linux-gnueabi 128 command line\nspan-bytes.armv5-linux-gnueabi 128 one line\nspan-to-consider.armv5-linux-gnueabi 32 target\n");
    lacks(b->out, "s390x-linux-gnu ");
    put(b, ".ullage.yml", "root: true\n");
    assert_int_equal(run(b, "config --show . | tr -s ' ' | sed 's/[.][^ ]* / /'"), 0); /* whatever is the compiler's own */
    has(b->out, "\nline-bytes - default\nspan-bytes - default\nline-bytes ");
    has(b->out, " one line\nspan-to-consider ");
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

#define TEST(function) cmocka_unit_test_setup_teardown(function, bench_set_up, bench_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(show), TEST(lines_of_targets), TEST(init), TEST(manual)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The compilation database: both forms of a command line, quoting, response files, relative directories, and
 * everything that can be wrong. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/candidates.h"
#include "cli/response.h"
#include "ullage/strbuf.h"

typedef struct bench {
    ul_arena arena;
    ul_diags diags;
    ul_compile_db db;
    char folder[32]; /* made when first asked for; no slash at its end */
} bench;

static int set_up(void **state)
{
    bench *b = calloc(1, sizeof *b);
    ul_arena_init(&b->arena, NULL);
    ul_diags_init(&b->diags, &b->arena);
    *state = b;
    return b ? 0 : -1;
}

static int tear_down(void **state)
{
    bench *b = *state;
    if (b->folder[0]) {
        char command[64];
        snprintf(command, sizeof command, "rm -r '%s'", b->folder);
        assert_int_equal(system(command), 0);
    }
    ul_arena_free(&b->arena);
    free(b);
    return 0;
}

static ul_status parse_bytes(bench *b, const char *json, size_t length)
{
    ul_diags_init(&b->diags, &b->arena);
    return ul_compile_db_parse(&b->db, json, length, "/w/build/compile_commands.json", &b->diags, &b->arena);
}

static ul_status parse(bench *b, const char *json)
{
    return parse_bytes(b, json, strlen(json));
}

static void assert_words(const ul_words *words, const char *const *expected, uint32_t count)
{
    assert_int_equal(words->count, count);
    for (uint32_t i = 0; i < count; i++)
        assert_string_equal(words->items[i], expected[i]);
}

/* Writes `bytes` to `name` below the test's own folder; returns its path. */
static const char *put(bench *b, const char *name, const char *bytes)
{
    if (!b->folder[0]) {
        snprintf(b->folder, sizeof b->folder, "/tmp/ullage-db-XXXXXX");
        assert_non_null(mkdtemp(b->folder));
    }
    const char *path = ul_arena_printf(&b->arena, "%s/%s", b->folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(bytes, file) >= 0);
    assert_int_equal(fclose(file), 0);
    return path;
}

static void both_forms(void **state)
{
    bench *b = *state;
    static const char *const words[] = {"gcc", "-DA=\"b c\"", "-c", "a.c"};
    assert_int_equal(parse(b, "[{\"directory\": \"/w\", \"file\": \"a.c\", \"arguments\": [\"gcc\", "
                              "\"-DA=\\\"b c\\\"\", \"-c\", \"a.c\"]},"
                              " {\"directory\": \"/w\", \"file\": \"a.c\", \"command\": \"gcc '-DA=\\\"b "
                              "c\\\"'  -c\\ta.c\", \"output\": \"a.o\"}]"),
                     UL_OK);
    assert_int_equal(b->diags.count, 0);
    assert_int_equal(b->db.count, 2); /* duplicates stay: one file, two sets of flags */
    assert_words(&b->db.entries[0].args, words, 4);
    assert_words(&b->db.entries[1].args, words, 4);
    assert_string_equal(b->db.entries[0].file, "/w/a.c");
}

static void quoting(void **state)
{
    bench *b = *state;
    static const char *const words[] = {"cc", "-DX=a b", "-DY=\"q\"", "-DZ=\\", "", "a'b", "-I/p q/r"};
    assert_int_equal(
        parse(b, "[{\"directory\":\"/w\",\"file\":\"a.c\",\"command\":"
                 "\"cc -DX=a\\\\ b \\\"-DY=\\\\\\\"q\\\\\\\"\\\" '-DZ=\\\\' '' \\\"a'b\\\" -I'/p q'/r\"}]"),
        UL_OK);
    assert_words(&b->db.entries[0].args, words, 7);
    assert_int_equal(parse(b, "[{\"directory\":\"/w\",\"file\":\"a.c\",\"command\":\"cc 'open -DA\"}]"),
                     UL_OK);
    assert_int_equal(b->db.count, 1);
    assert_int_equal(b->diags.count, 1);
    assert_non_null(strstr(b->diags.items[0].message, "open quote"));
}

static void relative_directories(void **state)
{
    bench *b = *state;
    assert_int_equal(parse(b, "[{\"directory\":\"sub//./x\",\"file\":\"../a.c\",\"command\":\"cc\"},"
                              "{\"directory\":\".\",\"file\":\"/abs/b.c\",\"command\":\"cc\"}]"),
                     UL_OK);
    assert_string_equal(b->db.entries[0].directory, "/w/build/sub/x");
    assert_string_equal(b->db.entries[0].file, "/w/build/sub/x/../a.c");
    assert_string_equal(b->db.entries[1].file, "/abs/b.c");
}

static void one_bad_entry_costs_itself(void **state)
{
    bench *b = *state;
    static const char good[] = "{\"directory\":\"/w\",\"file\":\"g.c\",\"command\":\"cc g.c\"}";
    const struct {
        const char *entry, *words;
    } bad[] = {
        {"{\"file\":\"a.c\",\"command\":\"cc\"}", "no \"directory\""},
        {"{\"directory\":7,\"file\":\"a.c\",\"command\":\"cc\"}", "not a string"},
        {"{\"directory\":\"/w\",\"file\":\"\",\"command\":\"cc\"}", "empty \"file\""},
        {"{\"directory\":\"/w\",\"file\":\"a\\u0000.c\",\"command\":\"cc\"}", "NUL"},
        {"{\"directory\":\"/w\",\"file\":\"a.c\"}", "neither"},
        {"{\"directory\":\"/w\",\"file\":\"a.c\",\"command\":\"  \"}", "empty command line"},
        {"{\"directory\":\"/w\",\"file\":\"a.c\",\"arguments\":[\"cc\",1]}", "not all strings"},
        {"{\"directory\":\"/w\",\"file\":\"a.c\",\"arguments\":\"cc\"}", "not an array"},
        {"null", "not an object"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(parse(b, ul_arena_printf(&b->arena, "[%s,\n%s,\n%s]", good, bad[i].entry, good)),
                         UL_OK);
        assert_int_equal(b->db.count, 2);
        assert_int_equal(b->diags.count, 1);
        assert_int_equal(b->diags.items[0].level, UL_LEVEL_WARNING);
        assert_int_equal(b->diags.items[0].line, 2);
        assert_non_null(strstr(b->diags.items[0].message, "entry 1"));
        assert_non_null(strstr(b->diags.items[0].message, bad[i].words));
    }
}

static void broken_files(void **state)
{
    bench *b = *state;
    static const char good[] = "{\"directory\":\"/w\",\"file\":\"g.c\",\"command\":\"cc g.c\"}";
    const struct {
        const char *json;
        uint32_t entries, line;
    } broken[] = {
        {"", 0, 1},
        {"\n\n", 0, 3},
        {"{\"directory\":\"/w\"}", 0, 1},
        {"\n<html>", 0, 2},
        {"[", 0, 1},
        {"[%s", 0, 1},
        {"[%s,\n", 1, 2},
        {"[%s,\n{\"directory\":\"/w]", 1, 2},
        {"[%s,\n\n{\"directory\": nonsense}]", 1, 3},
        {"[%s,\n]", 1, 2},
        {"[%s]\n[]", 1, 2},
        {"[%s}\n,%s]", 2, 1},
    };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        ul_strbuf json;
        ul_strbuf_init(&json);
        for (const char *at = broken[i].json; *at; at++) {
            if (at[0] == '%' && at[1] == 's' && at++)
                ul_strbuf_puts(&json, good);
            else
                ul_strbuf_putc(&json, *at);
        }
        ul_status status = parse_bytes(b, json.data ? json.data : "", json.length);
        ul_strbuf_free(&json);
        if (status != UL_ERR_INPUT || b->db.count != broken[i].entries || b->diags.error_count == 0 ||
            b->diags.items[0].line != broken[i].line)
            fail_msg("%s: status %d, %u entries, %u errors, line %u", broken[i].json, (int)status,
                     b->db.count, b->diags.error_count, b->diags.count ? b->diags.items[0].line : 0);
    }
    assert_int_equal(parse(b, "\xef\xbb\xbf [ ] \n"), UL_OK); /* a byte order mark, and nothing to build */
    assert_int_equal(b->db.count, 0);
    assert_int_equal(parse_bytes(b, "[\0]", 3), UL_ERR_INPUT);
}

/* Every byte of a good file changed in turn: never a crash (the sanitizers watch), never an entry without its
 * three parts. */
static void damaged_bytes(void **state)
{
    bench *b = *state;
    static const char good[] = "[{\"directory\":\"/w\",\"file\":\"a.c\",\"command\":\"cc -D'x y' a.c\"},"
                               "{\"directory\":\"/w\",\"file\":\"b.c\",\"arguments\":[\"cc\",\"\\u00e9\"]}]";
    static const char changes[] = {'\0', '"', '\\', '[', ']', '{', '}', ',', 'x', (char)0xFF};
    char bytes[sizeof good];
    uint32_t refused = 0;
    for (size_t i = 0; i < sizeof good - 1; i++) {
        for (size_t c = 0; c < sizeof changes; c++) {
            memcpy(bytes, good, sizeof good);
            bytes[i] = changes[c];
            refused += parse_bytes(b, bytes, sizeof good - 1) != UL_OK;
            for (uint32_t e = 0; e < b->db.count; e++)
                assert_true(b->db.entries[e].file && b->db.entries[e].directory &&
                            b->db.entries[e].args.count);
        }
        assert_true(parse_bytes(b, good, i) == UL_ERR_INPUT); /* cut short */
        ul_arena_clear(&b->arena);
    }
    assert_true(refused > 0);
}

static void deep_and_huge(void **state)
{
    bench *b = *state;
    enum { DEEP = 200000, MANY = 100000 };
    ul_strbuf json;
    ul_strbuf_init(&json);
    ul_strbuf_puts(&json, "[{\"directory\":\"/w\",\"file\":\"a.c\",\"command\":\"cc\",\"x\":");
    ul_strbuf_fill(&json, '[', DEEP);
    ul_strbuf_fill(&json, ']', DEEP);
    ul_strbuf_puts(&json, "}, {\"directory\":\"/w\",\"file\":\"g.c\",\"command\":\"cc g.c\"}]");
    assert_int_equal(parse_bytes(b, json.data, json.length), UL_ERR_INPUT);
    assert_int_equal(b->db.count, 1); /* the second is whole */
    ul_strbuf_clear(&json);
    for (int i = 0; i < MANY; i++)
        ul_strbuf_printf(&json,
                         "%c{\"directory\":\"/w\",\"file\":\"f%d.c\",\"command\":\"cc -DN=%d -c f%d.c\"}\n",
                         i ? ',' : '[', i, i, i);
    ul_strbuf_putc(&json, ']');
    clock_t begin = clock();
    assert_int_equal(parse_bytes(b, json.data, json.length), UL_OK);
    assert_int_equal(b->db.count, MANY);
    assert_string_equal(b->db.entries[MANY - 1].file, "/w/f99999.c");
    assert_true(clock() - begin < 20 * CLOCKS_PER_SEC);
    ul_strbuf_clear(&json);
    for (int i = 0; i < 1000; i++) /* all wrong: not a screen full */
        ul_strbuf_puts(&json, i ? ",{}\n" : "[{}\n");
    ul_strbuf_putc(&json, ']');
    assert_int_equal(parse_bytes(b, json.data, json.length), UL_OK);
    assert_true(b->diags.count < 30);
    ul_strbuf_free(&json);
}

static void response_files(void **state)
{
    bench *b = *state;
    static const char *const expected[] = {"cc", "-DA=x y", "-DB='", "a\\b", "-DC", "-DD"};
    put(b, "inner.rsp", "-DC\n");
    put(b, "outer.rsp", "-DA=x\\ y \"-DB='\"\n'a\\\\b' @inner.rsp");
    const char *args[] = {"cc", "@outer.rsp", "-DD"};
    ul_words out = {0};
    ul_response_expand(&out, args, 3, ul_arena_printf(&b->arena, "%s/", b->folder), "a.c", &b->diags,
                       &b->arena);
    assert_words(&out, expected, 6);
    assert_int_equal(b->diags.count, 0);
}

static void response_files_that_cannot_be(void **state)
{
    bench *b = *state;
    static const char *const expected[] = {"cc", "-DA", "-DZ"};
    put(b, "self.rsp", "-DA @self.rsp @self.rsp");
    const char *directory = ul_arena_printf(&b->arena, "%s/", b->folder);
    const char *missing[] = {"cc", "-DA", "@nothere.rsp", "-DZ"}, *self[] = {"cc", "@self.rsp"};
    ul_words out = {0};
    ul_response_expand(&out, missing, 4, directory, "a.c", &b->diags, &b->arena);
    assert_words(&out, expected, 3);
    assert_int_equal(b->diags.count, 1);
    assert_int_equal(b->diags.items[0].level, UL_LEVEL_WARNING);
    assert_non_null(strstr(b->diags.items[0].message, "nothere.rsp"));
    ul_diags_init(&b->diags, &b->arena);
    out = (ul_words){0};
    ul_response_expand(&out, self, 2, directory, "a.c", &b->diags, &b->arena);
    assert_true(b->diags.count >= 1 && out.count > 2); /* it ends, and says why */
}

static void located_where_builds_go(void **state)
{
    bench *b = *state;
    const char *path = NULL;
    put(b, "marker", "");
    const char *cwd = ul_arena_printf(&b->arena, "%s/", b->folder);
    assert_int_equal(ul_compile_db_locate(&path, NULL, cwd, cwd, false, &b->diags, &b->arena), UL_OK);
    assert_null(path);
    const char *folders[] = {"cmake-build-debug", "out", "build"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(mkdir(ul_arena_printf(&b->arena, "%s/%s", b->folder, folders[i]), 0777), 0);
        const char *made = put(b, ul_arena_printf(&b->arena, "%s/compile_commands.json", folders[i]), "[]");
        assert_int_equal(ul_compile_db_locate(&path, NULL, cwd, cwd, true, &b->diags, &b->arena), UL_OK);
        assert_string_equal(path, made); /* each goes before the one made earlier */
    }
    assert_int_equal(ul_compile_db_locate(&path, "out", cwd, cwd, false, &b->diags, &b->arena), UL_OK);
    assert_non_null(strstr(path, "/out/compile_commands.json"));
    assert_int_equal(b->diags.error_count, 0);
    assert_int_equal(ul_compile_db_locate(&path, "nowhere", cwd, cwd, false, &b->diags, &b->arena),
                     UL_ERR_USAGE);
    assert_int_equal(ul_compile_db_locate(&path, ".", cwd, cwd, false, &b->diags, &b->arena), UL_ERR_USAGE);
    assert_int_equal(b->diags.error_count, 2);
    assert_int_equal(ul_compile_db_load(&b->db, "/nowhere/compile_commands.json", &b->diags, &b->arena),
                     UL_ERR_IO);
}

static void nearest_unit_first(void **state)
{
    bench *b = *state;
    assert_int_equal(parse(b, "[{\"directory\":\"/w\",\"file\":\"far/x.c\",\"command\":\"cc\"},"
                              "{\"directory\":\"/w\",\"file\":\"net/a.c\",\"command\":\"cc\"},"
                              "{\"directory\":\"/w\",\"file\":\"src/conn.c\",\"command\":\"cc\"},"
                              "{\"directory\":\"/w\",\"file\":\"net/conn.cpp\",\"command\":\"c++\"}]"),
                     UL_OK);
    ul_candidates all;
    uint32_t count = 0;
    ul_candidates_init(&all, NULL, 0, &b->diags, &b->arena);
    ul_candidates_add_db(&all, &b->db);
    uint32_t *order = ul_candidates_rank(&all, "/w/net/conn.h", UL_LANGUAGE_C, &count);
    assert_int_equal(count, 3); /* not the C++ one */
    assert_string_equal(all.items[order[0]].file, "/w/src/conn.c");
    assert_string_equal(all.items[order[1]].file, "/w/net/a.c");
    assert_true(ul_candidates_has(&all, "/w/far/x.c") && !ul_candidates_has(&all, "/w/far/y.c"));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(both_forms),
        TEST(quoting),
        TEST(relative_directories),
        TEST(one_bad_entry_costs_itself),
        TEST(broken_files),
        TEST(damaged_bytes),
        TEST(deep_and_huge),
        TEST(response_files),
        TEST(response_files_that_cannot_be),
        TEST(located_where_builds_go),
        TEST(nearest_unit_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Unified diffs: git apply and patch make the new text out of the old one, for every kind of text and path; and they are the smallest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "layout/rewrite/diff.h"

enum { TEXTS = 400, LINES_MAX = 40 };

typedef struct bench {
    ul_arena arena;
    char folder[64];
    uint64_t state;
} bench;

typedef struct file_case {
    const char *path;
    ul_diff_text before, after;
} file_case;

static uint32_t below(bench *b, uint32_t limit)
{
    uint64_t z = (b->state += 0x9e3779b97f4a7c15u); /* splitmix64, public domain (Vigna) */
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ (z >> 31)) % limit);
}

static int set_up(void **state)
{
    bench *b = calloc(1, sizeof *b);
    *state = b;
    if (!b)
        return -1;
    ul_arena_init(&b->arena, NULL);
    strcpy(b->folder, "/tmp/ullage-diff-XXXXXX");
    return mkdtemp(b->folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    bench *b = *state;
    int status = system(ul_arena_printf(&b->arena, "rm -r '%s'", b->folder));
    ul_arena_free(&b->arena);
    free(b);
    return status;
}

static ul_diff_text text_of(const char *text)
{
    return (ul_diff_text){text, strlen(text)};
}

static void write_file(const char *path, ul_diff_text text)
{
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(text.bytes, 1, text.length, out), text.length);
    assert_int_equal(fclose(out), 0);
}

static bool holds(bench *b, const char *path, ul_diff_text text)
{
    char *bytes = ul_arena_alloc(&b->arena, text.length + 2, 1);
    FILE *in = fopen(path, "rb");
    if (!in)
        return false;
    size_t length = fread(bytes, 1, text.length + 1, in);
    fclose(in);
    return length == text.length && memcmp(bytes, text.bytes, length) == 0;
}

static ul_diff_text diff_all(bench *b, const file_case *files, uint32_t count)
{
    ul_strbuf patch;
    ul_strbuf_init(&patch);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(ul_diff_unified(&patch, files[i].path, files[i].before, files[i].after, &b->arena), UL_OK);
    ul_diff_text text = {ul_arena_strndup(&b->arena, patch.data ? patch.data : "", patch.length), patch.length};
    ul_strbuf_free(&patch);
    return text;
}

/* Applies the diffs of all files at once with both tools. */
static void apply_all(bench *b, const file_case *files, uint32_t count)
{
    static const char *const tools[] = {"git apply -p1 --whitespace=nowarn ../all.patch", "patch -s -f -p1 -F0 < ../all.patch"};
    write_file(ul_arena_printf(&b->arena, "%s/all.patch", b->folder), diff_all(b, files, count));
    for (uint32_t tool = 0; tool < 2; tool++) {
        const char *folder = ul_arena_printf(&b->arena, "%s/%u", b->folder, tool);
        assert_int_equal(system(ul_arena_printf(&b->arena, "rm -rf '%s' && mkdir -p '%s/a b'", folder, folder)), 0);
        for (uint32_t i = 0; i < count; i++)
            write_file(ul_arena_printf(&b->arena, "%s/%s", folder, files[i].path), files[i].before);
        if (system(ul_arena_printf(&b->arena, "cd '%s' && GIT_DIR=/nonexistent %s", folder, tools[tool])) != 0)
            fail_msg("not taken by: %s", tools[tool]);
        for (uint32_t i = 0; i < count; i++) {
            if (!holds(b, ul_arena_printf(&b->arena, "%s/%s", folder, files[i].path), files[i].after))
                fail_msg("%s: `%s` is another text", tools[tool], files[i].path);
        }
    }
}

static void texts_of_all_kinds(void **state)
{
    bench *b = *state;
    const file_case files[] = {
        {"plain.h", text_of("a\nb\nc\n"), text_of("b\na\nc\n")},
        {"crlf.h", text_of("a\r\nb\r\nc\r\n"), text_of("b\r\na\r\nc\r\n")},
        {"mixed.h", text_of("a\r\nb\nc\r\n"), text_of("b\na\r\nc\r\n")},
        {"no_newline.h", text_of("a\nb\nc"), text_of("b\na\nc")},
        {"newline_lost.h", text_of("a\nb\n"), text_of("a\nb")},
        {"newline_won.h", text_of("a\nb"), text_of("a\nb\n")},
        {"last_moves.h", text_of("a\nb"), text_of("b\na")},
        {"one.h", text_of("a"), text_of("b")},
        {"bom.h", text_of("\xef\xbb\xbf" "a\nb\n"), text_of("\xef\xbb\xbf" "b\na\n")},
        {"bytes.h", {"a\0b\nc\n", 6}, {"c\na\0b\n", 6}},
        {"far.h", text_of("a\n1\n2\n3\n4\n5\n6\n7\nb\n"), text_of("A\n1\n2\n3\n4\n5\n6\n7\nB\n")},
        {"near.h", text_of("a\n1\n2\n3\n4\n5\n6\nb\n"), text_of("A\n1\n2\n3\n4\n5\n6\nB\n")},
    };
    apply_all(b, files, sizeof files / sizeof *files);
}

static void paths_as_git_quotes_them(void **state)
{
    bench *b = *state;
    const ul_diff_text before = text_of("a\nb\n"), after = text_of("b\na\n");
    const file_case files[] = {
        {"a b/with blanks.h", before, after},       {"quote\".h", before, after},     {"back\\slash.h", before, after},
        {"tab\there.h", before, after},             {"\xc3\xa9.h", before, after},    {"new\nline.h", before, after},
        {"trailing ", before, after},               {"bell\a\x01.h", before, after},
    };
    apply_all(b, files, sizeof files / sizeof *files);
    assert_non_null(strstr(diff_all(b, files, 8).bytes, "--- \"a/quote\\\".h\"\n+++ \"b/quote\\\".h\"\n@@ -1,2 +1,2 @@\n"));
}

static ul_diff_text random_text(bench *b, uint32_t words)
{
    static const char *const ends[] = {"\n", "\n", "\n", "\r\n"};
    ul_strbuf text;
    ul_strbuf_init(&text);
    uint32_t lines = below(b, LINES_MAX);
    const char *end = ends[below(b, 4)];
    for (uint32_t i = 0; i < lines; i++)
        ul_strbuf_printf(&text, "%c%s", 'a' + (int)below(b, words), i + 1 == lines && below(b, 4) == 0 ? "" : end);
    ul_diff_text copy = {ul_arena_strndup(&b->arena, text.data ? text.data : "", text.length), text.length};
    ul_strbuf_free(&text);
    return copy;
}

/* git and patch take an empty file for one that goes or comes: only texts with lines in them are theirs to apply. */
static void random_texts(void **state)
{
    bench *b = *state;
    b->state = 7;
    file_case *files = UL_NEW_ARRAY(&b->arena, file_case, TEXTS);
    uint32_t count = 0;
    while (count < TEXTS) {
        uint32_t words = 2 + below(b, 20);
        ul_diff_text before = random_text(b, words), after = random_text(b, words);
        if (before.length && after.length) {
            files[count] = (file_case){ul_arena_printf(&b->arena, "%u.h", count), before, after};
            count++;
        }
    }
    apply_all(b, files, count);
}

/* Lines with `sign` in a diff of one file. */
static uint32_t count_lines(const char *diff, char sign)
{
    uint32_t lines = 0;
    for (const char *at = strstr(diff, "\n@@"); at; at = strchr(at + 1, '\n'))
        lines += at[1] == sign;
    return lines;
}

/* The longest common subsequence, by the plain table. */
static uint32_t common(const char *a, const char *b)
{
    uint32_t table[LINES_MAX + 2][LINES_MAX + 2] = {{0}};
    size_t n = strlen(a), m = strlen(b);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < m; j++)
            table[i + 1][j + 1] = a[i] == b[j] ? table[i][j] + 1 : table[i][j + 1] > table[i + 1][j] ? table[i][j + 1] : table[i + 1][j];
    }
    return table[n][m];
}

static void no_diff_is_smaller(void **state)
{
    bench *b = *state;
    b->state = 11;
    for (uint32_t round = 0; round < 2000; round++) {
        char words[2][LINES_MAX + 1] = {{0}}, lines[2][2 * LINES_MAX + 1] = {{0}};
        for (int side = 0; side < 2; side++) {
            uint32_t length = 1 + below(b, LINES_MAX), kinds = 2 + below(b, 12);
            for (uint32_t i = 0; i < length; i++) {
                words[side][i] = (char)('a' + below(b, kinds));
                lines[side][2 * i] = words[side][i];
                lines[side][2 * i + 1] = '\n';
            }
        }
        const file_case file = {"x", text_of(lines[0]), text_of(lines[1])};
        const char *diff = diff_all(b, &file, 1).bytes;
        uint32_t same = common(words[0], words[1]);
        assert_int_equal(count_lines(diff, '-'), strlen(words[0]) - same);
        assert_int_equal(count_lines(diff, '+'), strlen(words[1]) - same);
    }
}

static void equal_texts_have_none(void **state)
{
    bench *b = *state;
    const file_case files[] = {{"x", text_of("a\n"), text_of("a\n")}, {"y", text_of(""), text_of("")}};
    assert_int_equal(diff_all(b, files, 2).length, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(texts_of_all_kinds), TEST(paths_as_git_quotes_them), TEST(random_texts), TEST(no_diff_is_smaller), TEST(equal_texts_have_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The lexer. A text is read and shown as one line, each token as its kind's letter and its bytes in brackets:
 * W word, N number, L literal, P punctuator, C comment, D directive; newlines show as ~. A digraph shows what
 * it stands for after its bytes.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "layout/model/lexer.h"
#include "ullage/strbuf.h"

static const char letters[] = "WNLPCD";

/* What holds of every text: tokens ascend, none is empty, lines are those of the bytes, between them are
 * blanks. */
static void check_books(const ul_tokens *tokens, const char *bytes, size_t length)
{
    uint32_t at = 0, line = 1;
    for (uint32_t i = 0; i <= tokens->count; i++) {
        const ul_token *token = &tokens->items[i];
        assert_true(token->begin >= at && token->begin <= length);
        for (; at < token->begin; at++) {
            assert_non_null(memchr(" \t\r\n\f\v\\\0\xef\xbb\xbf", bytes[at], 11));
            line += bytes[at] == '\n';
        }
        assert_int_equal(token->line, line);
        assert_true(i == tokens->count ? token->kind == UL_TOKEN_END && token->end == token->begin
                                       : token->kind < UL_TOKEN_END && token->end > token->begin);
        for (; at < token->end; at++)
            line += bytes[at] == '\n';
    }
    assert_int_equal(at, length);
}

/* Reads a copy of the exact length, so that a sanitizer sees a read past its end. */
static void show(ul_strbuf *out, const char *text, size_t length)
{
    char *bytes = malloc(length ? length : 1);
    memcpy(bytes, text, length);
    ul_arena arena;
    ul_arena_init(&arena, NULL);
    ul_tokens tokens;
    ul_tokens_read(&tokens, bytes, length, &arena);
    check_books(&tokens, bytes, length);
    for (uint32_t i = 0; i < tokens.count; i++) {
        const ul_token *token = &tokens.items[i];
        ul_strbuf_printf(out, "%s%c[", i ? " " : "", letters[token->kind]);
        for (uint32_t at = token->begin; at < token->end; at++)
            ul_strbuf_putc(out, bytes[at] == '\n' ? '~' : bytes[at]);
        if (token->kind == UL_TOKEN_PUNCT &&
            (token->end - token->begin > 1 || token->punct != bytes[token->begin]))
            ul_strbuf_printf(out, "=%c", token->punct);
        ul_strbuf_putc(out, ']');
    }
    if (!out->data)
        ul_strbuf_puts(out, "");
    ul_arena_free(&arena);
    free(bytes);
}

static void check(const char *text, const char *want)
{
    ul_strbuf got;
    ul_strbuf_init(&got);
    show(&got, text, strlen(text));
    if (strcmp(got.data, want) != 0)
        fail_msg("`%s`\n  gives %s\n  not   %s", text, got.data, want);
    ul_strbuf_free(&got);
}

static void test_plain(void **state)
{
    (void)state;
    check("", "");
    check(" \t\r\n\f\v", "");
    check("int a;", "W[int] W[a] P[;]");
    check("_x$1 \xc3\xa9t\xc3\xa9", "W[_x$1] W[\xc3\xa9t\xc3\xa9]");
    check("u32 a[4]:3;", "W[u32] W[a] P[[] N[4] P[]] P[:] N[3] P[;]");
    check("a->b...", "W[a] P[-] P[>] W[b] P[.] P[.] P[.]");
    check("\xef\xbb\xbfint", "W[int]"); /* byte order mark */
    check("\xef\xbb\xbf#if 1\nint", "D[#if 1] W[int]");
}

static void test_numbers(void **state)
{
    (void)state;
    check("0x1fULL 1e+5 .5f 0x1p-3 1.e5", "N[0x1fULL] N[1e+5] N[.5f] N[0x1p-3] N[1.e5]");
    check("1+2", "N[1] P[+] N[2]");
    check("a.b", "W[a] P[.] W[b]");
}

static void test_comments(void **state)
{
    (void)state;
    check("a/*b*/c", "W[a] C[/*b*/] W[c]");
    check("/**/ /*/ */x", "C[/**/] C[/*/ */] W[x]");
    check("/* * / **/x", "C[/* * / **/] W[x]");
    check("a // b /* c\nd", "W[a] C[// b /* c] W[d]");
    check("/* a // b */c", "C[/* a // b */] W[c]");
    check("/* \"a */b", "C[/* \"a */] W[b]");
    check("a / b", "W[a] P[/] W[b]");
    check("/*\n\n*/ x\ny", "C[/*~~*/] W[x] W[y]");
    check("// a \\\nb\nc", "C[// a \\~b] W[c]");
    check("// a \\\r\nb\nc", "C[// a \\\r~b] W[c]");
}

static void test_line_continuations(void **state)
{
    (void)state;
    check("int \\\n a;", "W[int] W[a] P[;]");
    check("in\\\nt a;", "W[in\\~t] W[a] P[;]");
    check("in\\\r\nt a;", "W[in\\\r~t] W[a] P[;]");
    check("\\\n#if 1\nx", "D[#if 1] W[x]"); /* still the start of a line */
    check("a \\ b", "W[a] P[\\] W[b]");
    check("\"a\\\nb\" c", "L[\"a\\~b\"] W[c]");
    check("\"a\\\r\nb\" c", "L[\"a\\\r~b\"] W[c]");
}

static void test_literals(void **state)
{
    (void)state;
    check("\"a;b\" '}' \"\"", "L[\"a;b\"] L['}'] L[\"\"]");
    check("\"a\\\"b\" '\\'' \"\\\\\" x", "L[\"a\\\"b\"] L['\\''] L[\"\\\\\"] W[x]");
    check("\"/* no */\" \"// no\"", "L[\"/* no */\"] L[\"// no\"]");
    check("'\"' x '\"'", "L['\"'] W[x] L['\"']");
    check("\"a\"\"b\"", "L[\"a\"] L[\"b\"]");
}

static void test_literal_prefixes(void **state)
{
    (void)state;
    check("L\"a\" u\"b\" U\"c\" u8\"d\"", "L[L\"a\"] L[u\"b\"] L[U\"c\"] L[u8\"d\"]");
    check("L'a' u'b' U'c' x", "L[L'a'] L[u'b'] L[U'c'] W[x]");
    check("LL\"a\" u8 \"b\" X'c'", "W[LL] L[\"a\"] W[u8] L[\"b\"] W[X] L['c']");
}

static void test_directives(void **state)
{
    (void)state;
    check("#ifdef A\nint a;\n#endif", "D[#ifdef A] W[int] W[a] P[;] D[#endif]");
    check("  # define X int a; \\\n int b;\nc", "D[# define X int a; \\~ int b;] W[c]");
    check("/* c */ #if 1\nx", "C[/* c */] D[#if 1] W[x]");
    check("x #y", "W[x] P[#] W[y]");
    check("x /*\n*/ #y", "W[x] C[/*~*/] P[#] W[y]"); /* a comment is a blank, not a new line */
    check("#if 1 /* a\nb */ + 1\nx", "D[#if 1 /* a~b */ + 1] W[x]");
    check("#if 1 // a /* b\nx", "D[#if 1 // a /* b] W[x]");
    check("#error it's \"raw\nx 'y'", "D[#error it's \"raw] W[x] L['y']");
    check("#define A 'x\\\ny'\nz", "D[#define A 'x\\~y'] W[z]");
    check("#define ALL \"src/*\"\nint a;", "D[#define ALL \"src/*\"] W[int] W[a] P[;]");
    check("#define URL \"http://x\" /* a\n*/ b\nc", "D[#define URL \"http://x\" /* a~*/ b] W[c]");
    check("#\n#", "D[#] D[#]");
}

static void test_digraphs(void **state)
{
    (void)state;
    check("<% %> <: :>", "P[<%={] P[%>=}] P[<:=[] P[:>=]]");
    check("%: if 1\nx", "D[%: if 1] W[x]");
    check("x %: y", "W[x] P[%:=#] W[y]");
    check("a < b % c : d >", "W[a] P[<] W[b] P[%] W[c] P[:] W[d] P[>]");
}

static void test_unfinished(void **state)
{
    (void)state;
    check("a /* b\nc", "W[a] C[/* b~c]");
    check("/*", "C[/*]");
    check("/*/", "C[/*/]");
    check("// a", "C[// a]");
    check("// a\\", "C[// a\\]");
    check("\"a", "L[\"a]");
    check("\"a\\", "L[\"a\\]");
    check("don't do\nb", "W[don] L['t do] W[b]");
    check("'", "L[']");
    check("\\", "P[\\]");
    check("#if \\", "D[#if \\]");
    check("#if /* a\nb", "D[#if /* a~b]");
    check("1e+", "N[1e+]");
    check("<", "P[<]");
}

/* Every beginning of a text that has everything, and every text of three odd bytes: the books close. */
static void test_any_bytes(void **state)
{
    (void)state;
    static const char all[] =
        "\xef\xbb\xbf#if \"a//b\" /* x\n*/ \\\r\n1\nint L'\\'' u8\"\\\\\\\n\" a[0x1p-3];\r\n%:x // \\\n<%%>";
    static const char odd[] = "\"'\\\n\r/*#%:<>.1eLu8 \t\xef";
    ul_strbuf out;
    ul_strbuf_init(&out);
    for (size_t length = 0; length < sizeof all; length++)
        show(&out, all, length);
    size_t count = sizeof odd; /* the NUL too */
    for (size_t i = 0; i < count * count * count; i++)
        show(&out, (const char[]){odd[i % count], odd[i / count % count], odd[i / count / count]}, 3);
    ul_strbuf_free(&out);
}

static void test_offsets(void **state)
{
    (void)state;
    static const char text[] = "struct a {\n  int b; /* c\n */ int d;\n};\n";
    ul_arena arena;
    ul_arena_init(&arena, NULL);
    ul_tokens tokens;
    ul_tokens_read(&tokens, text, sizeof text - 1, &arena);
    assert_int_equal(tokens.count, 12);
    static const struct {
        uint32_t begin, end, line;
    } want[] = {{0, 6, 1},   {7, 8, 1},   {9, 10, 1},  {13, 16, 2}, {17, 18, 2}, {18, 19, 2}, {20, 28, 2},
                {29, 32, 3}, {33, 34, 3}, {34, 35, 3}, {36, 37, 4}, {37, 38, 4}, {39, 39, 5}};
    for (uint32_t i = 0; i <= tokens.count; i++) {
        assert_int_equal(tokens.items[i].begin, want[i].begin);
        assert_int_equal(tokens.items[i].end, want[i].end);
        assert_int_equal(tokens.items[i].line, want[i].line);
    }
    for (uint32_t offset = 0; offset < sizeof text + 5; offset++) {
        uint32_t at = 0;
        while (at < tokens.count && tokens.items[at].begin < offset)
            at++;
        assert_int_equal(ul_tokens_at(&tokens, offset), at);
    }
    assert_true(ul_token_is_word(&tokens.items[0], text, "struct"));
    assert_false(ul_token_is_word(&tokens.items[0], text, "struc"));
    assert_false(ul_token_is_word(&tokens.items[0], text, "structs"));
    assert_false(ul_token_is_word(&tokens.items[2], text, "{"));
    ul_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),      cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_comments),   cmocka_unit_test(test_line_continuations),
        cmocka_unit_test(test_literals),   cmocka_unit_test(test_literal_prefixes),
        cmocka_unit_test(test_directives), cmocka_unit_test(test_digraphs),
        cmocka_unit_test(test_unfinished), cmocka_unit_test(test_any_bytes),
        cmocka_unit_test(test_offsets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

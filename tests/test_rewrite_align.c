/* Declarations that begin a line from now on: the text before or behind them, notes above, comments behind, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "layout/rewrite/rewrite.h"
#include "tests/text_record.h"

typedef struct align_case {
    const char *source;
    const char *order;   /* letters of fields */
    const char *aligned; /* the same */
    const char *note;    /* of the first of them */
    ul_align_style style;
    const char *want;
} align_case;

static uint32_t *fields_of(ul_arena *arena, const ul_record *record, const char *letters, uint32_t *count)
{
    uint32_t *fields = UL_NEW_ARRAY(arena, uint32_t, strlen(letters) + 1);
    *count = 0;
    for (const char *at = letters; *at; at++) {
        uint32_t found = 0;
        while (found < record->field_count && record->fields[found].name[0] != *at)
            found++;
        assert_true(found < record->field_count);
        fields[(*count)++] = found;
    }
    return fields;
}

static void check(const align_case *is)
{
    ul_arena arena;
    ul_arena_init(&arena, NULL);
    ul_tokens tokens;
    ul_record record;
    ul_rewrite out;
    uint32_t length = (uint32_t)strlen(is->source);
    const char *notes[4] = {is->note};
    ul_tokens_read(&tokens, is->source, length, &arena);
    assert_true(text_record_read(&record, is->source, &tokens, 0, &arena));
    ul_rewrite_request request = {.record = &record, .aligned_notes = notes, .style = &is->style};
    request.order = fields_of(&arena, &record, is->order, &request.order_count);
    request.aligned = fields_of(&arena, &record, is->aligned, &request.aligned_count);
    assert_int_equal(ul_rewrite_text(&out, is->source, length, &request, 1, &arena), UL_OK);
    const char *got = out.outcomes[0].refusal ? ul_rewrite_refusal_name(out.outcomes[0].refusal) : out.text;
    assert_string_equal(got, is->want);
    ul_strbuf text;
    ul_strbuf_init(&text);
    ul_edits_apply(&text, is->source, length, out.edits, out.edit_count);
    assert_true(text.length == out.length && memcmp(text.data, out.text, out.length) == 0);
    if (out.outcomes[0].refusal)
        assert_string_equal(out.text, is->source);
    ul_strbuf_free(&text);
    ul_arena_free(&arena);
}

static const ul_align_style before = {"_Alignas(64)", false}, behind = {"__aligned64", true};

static void text_stands_where_the_style_has_it(void **state)
{
    (void)state;
    check(&(align_case){"struct s {\n    long a;\n    long b;\n};\n", "ab", "b", NULL, before, "struct s {\n    long a;\n    _Alignas(64) long b;\n};\n"});
    check(&(align_case){"struct s {\n\tlong a;\n\tlong b[4];\n};\n", "ab", "b", NULL, behind, "struct s {\n\tlong a;\n\tlong b[4] __aligned64;\n};\n"});
    check(&(align_case){"struct s { long a; long b; };\n", "ab", "b", "of b", before, "struct s { long a; _Alignas(64) long b; };\n"});
    check(&(align_case){"struct s { long a;long b; };\n", "ab", "ab", NULL, before, "struct s { _Alignas(64) long a;_Alignas(64) long b; };\n"});
    check(&(align_case){"struct s {\n    long a;\n    struct { int x; } b;\n};\n", "ab", "b", "of b", behind,
                        "struct s {\n    long a;\n    /* of b */\n    struct { int x; } b __aligned64;\n};\n"});
}

static void it_moves_with_its_declaration(void **state)
{
    (void)state;
    check(&(align_case){"struct s {\n    long a;\n    char c;\n    long b;\n};\n", "acb", "b", NULL, before,
                        "struct s {\n    long a;\n    char c;\n    _Alignas(64) long b;\n};\n"});
    check(&(align_case){"struct s {\n    long a;\n    long b;\n    char c;\n};\n", "bca", "ac", "of a", before,
                        "struct s {\n    long b;\n    _Alignas(64) char c;\n    /* of a */\n    _Alignas(64) long a;\n};\n"});
}

static void comments_keep_their_columns_and_owners(void **state)
{
    (void)state;
    check(&(align_case){"struct s {\n    long a; /* of a */\n    long b; /* of b */\n};\n", "ab", "b", NULL, before,
                        "struct s {\n    long a;              /* of a */\n    _Alignas(64) long b; /* of b */\n};\n"});
    check(&(align_case){"struct s {\n    long a;\n\n    /* doc of b */\n    long b;\n};\n", "ab", "b", "written by: x", before,
                        "struct s {\n    long a;\n\n    /* written by: x */\n    /* doc of b */\n    _Alignas(64) long b;\n};\n"});
    check(&(align_case){"struct s {\r\n\tlong a;\r\n\tlong b;\r\n};\r\n", "ab", "b", "n", before,
                        "struct s {\r\n\tlong a;\r\n\t/* n */\r\n\t_Alignas(64) long b;\r\n};\r\n"});
    check(&(align_case){"struct s {\n#ifdef X\n    long a;\n#endif\n    long b;\n};\n", "ab", "b", "n", before,
                        "struct s {\n#ifdef X\n    long a;\n#endif\n    /* n */\n    _Alignas(64) long b;\n};\n"});
}

static void what_is_refused_stays_untouched(void **state)
{
    (void)state;
    check(&(align_case){"struct s {\n    long a; long b; /* of which? */\n    char c;\n};\n", "bac", "b", NULL, before, "two-on-a-line-with-shared-comment"});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_stands_where_the_style_has_it),
        cmocka_unit_test(it_moves_with_its_declaration),
        cmocka_unit_test(comments_keep_their_columns_and_owners),
        cmocka_unit_test(what_is_refused_stays_untouched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What a record says of itself: labels of its fields, silences, refusals. And which files a filter wants. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "layout/model/unit.h"

static int set_up(void **state)
{
    static ul_arena arena;
    ul_arena_init(&arena, NULL);
    *state = &arena;
    return 0;
}

static int tear_down(void **state)
{
    ul_arena_free(*state);
    return 0;
}

enum { BITS = UL_FIELD_BIT_FIELD, UNNAMED = UL_FIELD_ANONYMOUS };

static void test_labels(void **state)
{
    ul_field fields[] = {
        {.name = "id", .flags = BITS, .size_bits = 4, .parent = UL_NO_PARENT, .line = 1},
        {.name = "", .flags = BITS, .size_bits = 3, .parent = UL_NO_PARENT, .line = 2},
        {.name = "", .flags = BITS, .size_bits = 0, .parent = UL_NO_PARENT, .line = 3},
        {.name = "", .flags = UNNAMED, .parent = UL_NO_PARENT, .line = 4},
        {.name = "a", .parent = 3, .line = 5},
    };
    const ul_record record = {.fields = fields, .field_count = 5};
    static const char *const want[] = {"id", ":3", ":0", "<anonymous>", "a"};
    for (uint32_t i = 0; i < record.field_count; i++)
        assert_string_equal(ul_field_label(&record, i, *state), want[i]);
}

/* Counted among its neighbours, by place in the source whatever the order of fields[]. */
static void test_labels_of_several_anonymous(void **state)
{
    ul_field fields[] = {
        {.name = "", .flags = UNNAMED, .parent = UL_NO_PARENT, .line = 9, .column = 5},
        {.name = "", .flags = UNNAMED, .parent = 0, .line = 10},
        {.name = "", .flags = BITS, .size_bits = 1, .parent = UL_NO_PARENT, .line = 1},
        {.name = "", .flags = UNNAMED, .parent = UL_NO_PARENT, .line = 9, .column = 30},
        {.name = "", .flags = UNNAMED, .parent = 3, .line = 9, .column = 40},
        {.name = "", .flags = UNNAMED, .parent = 3, .line = 9, .column = 35},
        {.name = "", .flags = UNNAMED, .parent = UL_NO_PARENT, .line = 2, .column = 80},
    };
    const ul_record record = {.fields = fields, .field_count = 7};
    static const char *const want[] = {"<anonymous:2>", "<anonymous>",   ":1",           "<anonymous:3>",
                                       "<anonymous:2>", "<anonymous:1>", "<anonymous:1>"};
    for (uint32_t i = 0; i < record.field_count; i++)
        assert_string_equal(ul_field_label(&record, i, *state), want[i]);
}

static bool ignores(const char *argument, uint32_t on, uint32_t asked, const char *rule)
{
    ul_annotation annotations[] = {
        {UL_ANNOTATION_HOT, "reorder-saves", "", UL_NO_PARENT, 1}, /* another word silences nothing */
        {UL_ANNOTATION_IGNORE, argument, "", on, 2},
    };
    const ul_record record = {.annotations = annotations, .annotation_count = 2};
    return ul_record_ignores(&record, asked, rule);
}

static void test_ignores(void **state)
{
    (void)state;
    assert_true(ignores("", UL_NO_PARENT, UL_NO_PARENT, "reorder-saves"));
    assert_true(ignores("reorder-saves", UL_NO_PARENT, UL_NO_PARENT, "reorder-saves"));
    assert_true(ignores("line-straddle,reorder-saves", UL_NO_PARENT, UL_NO_PARENT, "reorder-saves"));
    assert_true(ignores(" line-straddle , reorder-saves ", UL_NO_PARENT, UL_NO_PARENT, "reorder-saves"));
    assert_false(ignores("line-straddle", UL_NO_PARENT, UL_NO_PARENT, "reorder-saves"));
    assert_false(ignores("reorder", UL_NO_PARENT, UL_NO_PARENT, "reorder-saves"));
    assert_false(ignores("reorder-saves-more", UL_NO_PARENT, UL_NO_PARENT, "reorder-saves"));
    assert_false(ignores("x-reorder-saves", UL_NO_PARENT, UL_NO_PARENT, "reorder-saves"));
    assert_false(ignores("Reorder-Saves", UL_NO_PARENT, UL_NO_PARENT, "reorder-saves"));
    const ul_record bare = {0};
    assert_false(ul_record_ignores(&bare, UL_NO_PARENT, "reorder-saves"));
}

static void test_ignores_on_a_field(void **state)
{
    (void)state;
    assert_true(ignores("", 3, 3, "line-straddle"));
    assert_false(ignores("", 3, 2, "line-straddle"));
    assert_false(ignores("", 3, UL_NO_PARENT, "line-straddle")); /* a field's silence is not its record's */
    assert_true(ignores("", UL_NO_PARENT, 3, "line-straddle"));  /* a record's is its fields' */
    assert_false(ignores("reorder-saves", 3, 3, "line-straddle"));
}

static void test_refusals_are_sorted_and_single(void **state)
{
    ul_record record = {0};
    char detail[] = "line 9";
    ul_record_refuse(&record, *state, UL_REFUSE_MACRO_BODY, detail);
    memset(detail, 'x', 3); /* it was copied */
    ul_record_refuse(&record, *state, UL_REFUSE_TOO_LARGE, "");
    ul_record_refuse(&record, *state, UL_REFUSE_PACKED, "");
    ul_record_refuse(&record, *state, UL_REFUSE_MACRO_BODY, "line 2"); /* after what came first */
    ul_record_refuse(&record, *state, UL_REFUSE_MACRO_BODY, "line 9");
    ul_record_refuse(&record, *state, UL_REFUSE_PACKED, "");
    static const ul_refusal want[] = {{UL_REFUSE_PACKED, ""},
                                      {UL_REFUSE_MACRO_BODY, "line 9"},
                                      {UL_REFUSE_MACRO_BODY, "line 2"},
                                      {UL_REFUSE_TOO_LARGE, ""}};
    assert_int_equal(record.refusal_count, 4);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(record.refusals[i].reason, want[i].reason);
        assert_string_equal(record.refusals[i].detail, want[i].detail);
    }
}

static void test_refusals_have_words(void **state)
{
    (void)state;
    for (int reason = 0; reason < UL_REFUSAL_COUNT; reason++) {
        const char *name = ul_refusal_name((ul_refusal_reason)reason);
        const char *text = ul_refusal_text((ul_refusal_reason)reason);
        assert_true(name[0] && strspn(name, "abcdefghijklmnopqrstuvwxyz-") == strlen(name));
        assert_true(strlen(text) > strlen(name) && text[strlen(text) - 1] != '.');
        for (int other = 0; other < reason; other++)
            assert_string_not_equal(name, ul_refusal_name((ul_refusal_reason)other));
    }
    assert_string_equal(ul_refusal_name(UL_REFUSE_KEEP_ORDER), "keep-order");
    assert_string_equal(ul_refusal_name(UL_REFUSE_TOO_LARGE), "too-large");
    assert_string_equal(ul_confidence_name(UL_CONFIDENCE_UNIT), "unit");
    assert_string_equal(ul_confidence_name(UL_CONFIDENCE_STANDALONE), "standalone");
}

static void test_file_filter(void **state)
{
    (void)state;
    static const char *const paths[] = {"/w/src/", "/w/one.h"}, *const excluded[] = {"/w/src/gen/",
                                                                                     "/w/src/old.h"};
    const ul_file_filter filter = {.paths = paths, .count = 2, .excluded = excluded, .excluded_count = 2};
    assert_true(ul_filter_names(&filter, "/w/src/a.h"));
    assert_true(ul_filter_names(&filter, "/w/src/deep/a.h"));
    assert_true(ul_filter_names(&filter, "/w/one.h"));
    assert_true(ul_filter_names(&filter, "/w/src/older.h"));
    assert_true(ul_filter_names(&filter, "/w/src/generic.h"));
    assert_false(ul_filter_names(&filter, "/w/one.hpp"));
    assert_false(ul_filter_names(&filter, "/w/one.h/a.h"));
    assert_false(ul_filter_names(&filter, "/w/srcs/a.h"));
    assert_false(ul_filter_names(&filter, "/w/src/gen/a.h"));
    assert_false(ul_filter_names(&filter, "/w/src/old.h"));
    const ul_file_filter none = {.wants_all = true};
    assert_false(ul_filter_names(&none, "/w/one.h"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_labels),
        TEST(test_labels_of_several_anonymous),
        TEST(test_ignores),
        TEST(test_ignores_on_a_field),
        TEST(test_refusals_are_sorted_and_single),
        TEST(test_refusals_have_words),
        TEST(test_file_filter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

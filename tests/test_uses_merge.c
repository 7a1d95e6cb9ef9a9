/* Uses of many units put together: equal ones once, sorted, and a place that units read differently cannot be rewritten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above. */
#include <cmocka.h>

#include "layout/engine/uses.h"

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof *(array)))

static ul_arena arena;

static int set_up(void **state)
{
    (void)state;
    ul_arena_init(&arena, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ul_arena_free(&arena);
    return 0;
}

static ul_evidence seen(const char *record, const char *file, uint32_t line, ul_evidence_kind kind)
{
    return (ul_evidence){.kind = kind, .kept_fields = UL_KEEPS_ALL, .record = record, .file = file, .line = line, .column = 1,
                         .function = "f", .detail = "d"};
}

/* "r1 /a.c:3 memcmp; ..." */
static const char *told(const ul_evidence *evidence, uint32_t count)
{
    const char *text = "";
    for (uint32_t i = 0; i < count; i++)
        text = ul_arena_printf(&arena, "%s%s%s %s:%u %s", text, i ? "; " : "", evidence[i].record, evidence[i].file, evidence[i].line,
                               ul_evidence_name(evidence[i].kind));
    return text;
}

static void evidence_once_and_sorted(void **state)
{
    (void)state;
    ul_evidence first[] = {seen("r2", "/h.h", 9, UL_EVIDENCE_COMPARED), seen("r1", "/h.h", 5, UL_EVIDENCE_HASHED),
                           seen("r1", "/h.h", 5, UL_EVIDENCE_COMPARED)};
    ul_evidence second[] = {seen("r1", "/h.h", 5, UL_EVIDENCE_COMPARED), seen("r1", "/b.c", 7, UL_EVIDENCE_COMPARED)};
    ul_unit_result units[] = {{.uses = {.evidence = first, .evidence_count = COUNT(first)}},
                              {.uses = {.evidence = second, .evidence_count = COUNT(second)}}};
    ul_unit_result swapped[] = {units[1], units[0]};
    ul_uses uses, again;
    ul_uses_merge(&uses, units, 2, &arena);
    ul_uses_merge(&again, swapped, 2, &arena);
    const char *want = "r1 /b.c:7 memcmp; r1 /h.h:5 memcmp; r1 /h.h:5 hashed; r2 /h.h:9 memcmp";
    assert_string_equal(told(uses.evidence, uses.evidence_count), want);
    assert_string_equal(told(again.evidence, again.evidence_count), want);
    ul_record_uses of = ul_uses_of(&uses, "r1");
    assert_string_equal(told(of.evidence, of.evidence_count), "r1 /b.c:7 memcmp; r1 /h.h:5 memcmp; r1 /h.h:5 hashed");
    of = ul_uses_of(&uses, "r2");
    assert_string_equal(told(of.evidence, of.evidence_count), "r2 /h.h:9 memcmp");
    assert_int_equal(ul_uses_of(&uses, "r0").evidence_count, 0);
    assert_int_equal(ul_uses_of(&uses, "r11").evidence_count, 0);
    assert_int_equal(ul_uses_of(&uses, "r3").evidence_count, 0);
}

static ul_initializer_item one[] = {{{11, 12}, {11, 12}, "a", false, false}};
static ul_initializer_item other[] = {{{11, 12}, {11, 12}, "b", false, false}};

static ul_initializer list(const char *record, uint32_t begin, ul_initializer_item *items)
{
    return (ul_initializer){.record = record, .file = "/t.inc", .line = begin, .column = 1, .span = {begin, begin + 3}, .items = items,
                            .item_count = 1, .has_braces = true};
}

static void one_reading_for_each_place(void **state)
{
    (void)state;
    ul_initializer first[] = {list("r1", 10, one), list("r1", 20, one), list("r1", 30, one)};
    ul_initializer second[] = {list("r1", 10, one), list("r1", 20, other), list("r1", 30, one)};
    second[2].obstacle = "a directive";
    ul_unit_result units[] = {{.uses = {.initializers = first, .initializer_count = COUNT(first)}},
                              {.uses = {.initializers = second, .initializer_count = COUNT(second)}}};
    ul_uses uses;
    ul_uses_merge(&uses, units, 2, &arena);
    ul_record_uses of = ul_uses_of(&uses, "r1");
    assert_int_equal(of.initializer_count, 3);
    assert_null(of.initializers[0].obstacle);
    assert_string_equal(of.initializers[1].obstacle, "units read it differently");
    assert_string_equal(of.initializers[2].obstacle, "a directive");
}

static void braces_around_two_records(void **state)
{
    (void)state;
    ul_initializer lists[] = {list("r1", 10, one), list("r2", 10, one), list("r2", 20, one)};
    ul_unit_result unit = {.uses = {.initializers = lists, .initializer_count = COUNT(lists)}};
    ul_uses uses;
    ul_uses_merge(&uses, &unit, 1, &arena);
    assert_string_equal(ul_uses_of(&uses, "r1").initializers[0].obstacle, "it initializes different records");
    assert_string_equal(ul_uses_of(&uses, "r2").initializers[0].obstacle, "it initializes different records");
    assert_null(ul_uses_of(&uses, "r2").initializers[1].obstacle);
}

static void run_in_braces_is_no_conflict(void **state)
{
    (void)state;
    ul_initializer lists[] = {list("r1", 10, one), list("r2", 10, one)};
    lists[1].has_braces = false;
    ul_unit_result unit = {.uses = {.initializers = lists, .initializer_count = COUNT(lists)}};
    ul_uses uses;
    ul_uses_merge(&uses, &unit, 1, &arena);
    assert_null(ul_uses_of(&uses, "r1").initializers[0].obstacle);
    assert_null(ul_uses_of(&uses, "r2").initializers[0].obstacle);
}

static void of_macros_one_for_each_place(void **state)
{
    (void)state;
    ul_initializer lists[] = {list("r1", 10, NULL), list("r1", 10, NULL)};
    for (uint32_t i = 0; i < COUNT(lists); i++) {
        lists[i].macro = "INIT";
        lists[i].item_count = 0;
        lists[i].span = (ul_span){i, i};
    }
    ul_unit_result unit = {.uses = {.initializers = lists, .initializer_count = COUNT(lists)}};
    ul_uses uses;
    ul_uses_merge(&uses, &unit, 1, &arena);
    assert_int_equal(uses.initializer_count, 1);
    assert_null(uses.initializers[0].obstacle);
}

static void nothing_to_merge(void **state)
{
    (void)state;
    ul_unit_result unit = {0};
    ul_uses uses;
    ul_uses_merge(&uses, &unit, 1, &arena);
    ul_record_uses of = ul_uses_of(&uses, "r1");
    assert_int_equal(of.evidence_count + of.initializer_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(evidence_once_and_sorted),     TEST(one_reading_for_each_place),   TEST(braces_around_two_records),
        TEST(run_in_braces_is_no_conflict), TEST(of_macros_one_for_each_place), TEST(nothing_to_merge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What ullage bench reckons with: statistics by fixed numbers, layouts with fields apart, and what a benchmark prints. */
#include "project.h"

#include "cli/bench_run.h"
#include "layout/engine/isolate.h"
#include "layout/engine/spread.h"
#include "tests/made_record.h"

/* ---- statistics ---- */

static void assert_near(double value, double expected)
{
    if (value < expected - 1e-9 || value > expected + 1e-9)
        fail_msg("%.12f is not %.12f", value, expected);
}

static void spread_is_median_and_two_thirds(void **state)
{
    (void)state;
    double nine[] = {9, 1, 8, 2, 7, 3, 6, 4, 5}, four[] = {10, 20, 40, 30}, one[] = {3};
    ul_spread spread = ul_spread_of(nine, 9);
    assert_near(spread.median, 5);
    assert_near(spread.low, 7.0 / 3);
    assert_near(spread.high, 23.0 / 3);
    assert_int_equal(spread.count, 9);
    spread = ul_spread_of(four, 4);
    assert_near(spread.median, 25);
    assert_near(spread.low, 15);
    assert_near(spread.high, 35);
    spread = ul_spread_of(one, 1);
    assert_near(spread.median, 3);
    assert_near(spread.low, 3);
    assert_near(spread.high, 3);
    spread = ul_spread_of(NULL, 0);
    assert_int_equal(spread.count, 0);
    assert_near(spread.median, 0);
}

/* One run in ten may be anything. */
static void spread_stands_outliers(void **state)
{
    (void)state;
    double samples[] = {10, 10, 10, 10, 10, 10, 10, 10, 10, 4000};
    ul_spread spread = ul_spread_of(samples, 10);
    assert_near(spread.median, 10);
    assert_near(spread.low, 10);
    assert_near(spread.high, 10);
}

static ul_verdict verdict_of(ul_spread before, ul_spread after)
{
    return ul_spread_compare(&before, &after).verdict;
}

static void verdicts(void **state)
{
    (void)state;
    ul_spread slow = {.median = 120, .low = 115, .high = 130, .count = 21}, quick = {.median = 60, .low = 58, .high = 63, .count = 21};
    ul_comparison comparison = ul_spread_compare(&slow, &quick);
    assert_int_equal(comparison.verdict, UL_VERDICT_FASTER);
    assert_near(comparison.ratio, 2);
    assert_near(comparison.low, 115.0 / 63);
    assert_near(comparison.high, 130.0 / 58);
    assert_int_equal(verdict_of(quick, slow), UL_VERDICT_SLOWER);
    /* The ranges touch: nothing is told, however far apart the medians are. */
    ul_spread wide = {.median = 60, .low = 40, .high = 118, .count = 21};
    assert_int_equal(verdict_of(slow, wide), UL_VERDICT_OVERLAP);
    assert_int_equal(verdict_of(wide, slow), UL_VERDICT_OVERLAP);
    /* So do ranges that are all but together: code that lies elsewhere makes as much. */
    ul_spread close = {.median = 112, .low = 111, .high = 113, .count = 21};
    assert_int_equal(verdict_of(slow, close), UL_VERDICT_OVERLAP);
    assert_int_equal(verdict_of(close, slow), UL_VERDICT_OVERLAP);
    /* Alike, and surely so; a difference of 1 % that is certain is none either; alike but wide is not known to be. */
    ul_spread even = {.median = 100, .low = 99, .high = 101, .count = 21}, near = {.median = 101.5, .low = 101.2, .high = 101.8, .count = 21};
    ul_spread loose = {.median = 100, .low = 90, .high = 110, .count = 21};
    assert_int_equal(verdict_of(even, even), UL_VERDICT_SAME);
    assert_int_equal(verdict_of(even, near), UL_VERDICT_SAME);
    assert_int_equal(verdict_of(even, loose), UL_VERDICT_OVERLAP);
    /* Six clean runs are too few, of either. */
    quick.count = UL_SPREAD_RUNS_MIN - 1;
    assert_int_equal(verdict_of(slow, quick), UL_VERDICT_TOO_FEW);
    assert_int_equal(verdict_of(quick, slow), UL_VERDICT_TOO_FEW);
    quick.count = UL_SPREAD_RUNS_MIN;
    assert_int_equal(verdict_of(slow, quick), UL_VERDICT_FASTER);
    assert_int_equal(verdict_of((ul_spread){0}, (ul_spread){0}), UL_VERDICT_TOO_FEW);
    /* A clock that did not move. */
    assert_int_equal(verdict_of((ul_spread){.count = 21}, slow), UL_VERDICT_TOO_FEW);
}

static void result_is_summed_up(void **state)
{
    (void)state;
    double before[] = {10, 10, 10, 10, 10, 10, 10}, after[] = {5, 5, 5, 5, 5, 5, 5}, few[] = {5};
    ul_bench_case cases[2] = {{.figures = {{.samples = before, .count = 7, .discarded = 3}, {.samples = after, .count = 7}}},
                              {.figures = {{.samples = before, .count = 7}, {.samples = few, .count = 1, .discarded = 9}}}};
    ul_bench_result result = {.cases = cases, .case_count = 2};
    ul_bench_evaluate(&result, 2);
    assert_int_equal(result.run_count, 34);
    assert_int_equal(result.discarded_count, 12);
    assert_int_equal(result.figure_count, 2);
    assert_int_equal(result.unclear_count, 1);
    assert_int_equal(cases[0].figures[1].comparison.verdict, UL_VERDICT_FASTER);
    assert_int_equal(cases[1].figures[1].comparison.verdict, UL_VERDICT_TOO_FEW);
}

/* ---- fields apart ---- */

static const made_field fields[] = {{"lock", "int", 4, 4, 0, 0, 0, 0}, {"name", "char *", 8, 8, UL_FIELD_POINTER, 0, 0, 0}, {"head", "long", 8, 8, 0, 0, 0, 0},
                                    {"bits", "int", 4, 4, UL_FIELD_BIT_FIELD, 3, 0, 0}, {"tail", "long", 8, 8, 0, 0, 0, 0}, {"rest", "char []", 0, 1, UL_FIELD_FLEXIBLE, 0, 0, 0}};

static void fields_stand_apart(void **state)
{
    bench *b = *state;
    ul_target target = made_target();
    ul_record *record = made_record(&b->arena, &target, "struct q", fields, 5), *after;
    const uint32_t *order;
    const ul_isolated both[] = {{2, 0}, {4, 1}}, together[] = {{2, 0}, {4, 0}};
    assert_int_equal(ul_isolate(&after, &order, record, &target, both, 2, &b->arena), UL_OK);
    assert_int_equal(after->size_bytes, 192);
    assert_int_equal(after->align_bytes, 64);
    assert_string_equal(after->fields[3].name, "head");
    assert_int_equal(after->fields[3].offset_bits, 64 * 8);
    assert_int_equal(after->fields[4].offset_bits, 128 * 8);
    assert_int_equal(order[3], 2);
    /* The record itself is as it was. */
    assert_int_equal(record->fields[2].align_bytes, 8);
    assert_int_equal(ul_isolate(&after, &order, record, &target, together, 2, &b->arena), UL_OK);
    assert_int_equal(after->size_bytes, 128);
    assert_int_equal(after->fields[4].offset_bits, 72 * 8);
    /* The span counts, where it is more than a line. */
    target.span_bytes = 128;
    assert_int_equal(ul_isolate(&after, &order, record, &target, both, 2, &b->arena), UL_OK);
    assert_int_equal(after->size_bytes, 384);
    /* Neighbours: the size becomes a multiple. */
    assert_int_equal(ul_isolate(&after, &order, record, &target, NULL, 0, &b->arena), UL_OK);
    assert_int_equal(after->size_bytes, 128);
    assert_int_equal(after->fields[2].offset_bits, record->fields[2].offset_bits);
}

static void fields_that_cannot(void **state)
{
    bench *b = *state;
    ul_target target = made_target();
    ul_record *record = made_record(&b->arena, &target, "struct q", fields, 6), *after;
    const uint32_t *order;
    const ul_isolated bits = {3, 0}, last = {5, 0}, head = {2, 0};
    assert_int_equal(ul_isolate(&after, &order, record, &target, &bits, 1, &b->arena), UL_ERR_INPUT);
    assert_int_equal(ul_isolate(&after, &order, record, &target, &last, 1, &b->arena), UL_ERR_INPUT);
    /* What may be longer stays last: the others begin on the next line. */
    assert_int_equal(ul_isolate(&after, &order, record, &target, &head, 1, &b->arena), UL_OK);
    assert_string_equal(after->fields[0].name, "head");
    assert_string_equal(after->fields[1].name, "lock");
    assert_int_equal(after->fields[1].offset_bits, 64 * 8);
    assert_string_equal(after->fields[5].name, "rest");
}

/* ---- what a benchmark prints ---- */

static ul_status read_output(bench *b, ul_bench_result *result, const char *text, const char **why)
{
    return ul_bench_output_read(result, text, strlen(text), 2, why, &b->arena);
}

static void output_is_read(void **state)
{
    bench *b = *state;
    ul_bench_result result;
    const char *why;
    assert_int_equal(read_output(b, &result,
                                 "cpu A Processor: 3 GHz\nprocessors 8\ncaches 32768 1048576 0\nsiblings 0\npinned 1\nvirtual 1\nfilter 1\ncases 2\n"
                                 "case scan L1 170 0\nsample 0 0.5\nsample 1 0.25\nsample 0 0.75\ndiscarded 0 2\ndiscarded 1 0\n"
                                 "case threads - 2 60\nsample 1 61.5\ndiscarded 0 0\ndiscarded 1 4\nend\n",
                                 &why),
                     UL_OK);
    assert_string_equal(result.cpu, "A Processor: 3 GHz");
    assert_int_equal(result.processors, 8);
    assert_int_equal(result.l2_bytes, 1048576);
    assert_int_equal(result.l3_bytes, 0);
    assert_true(result.is_pinned && result.is_virtual && result.has_filter && !result.are_siblings);
    assert_int_equal(result.case_count, 2);
    assert_string_equal(result.cases[0].level, "L1");
    assert_int_equal(result.cases[0].objects, 170);
    assert_int_equal(result.cases[0].figures[0].count, 2);
    assert_int_equal(result.cases[0].figures[0].discarded, 2);
    assert_near(result.cases[0].figures[1].samples[0], 0.25);
    assert_int_equal(result.cases[1].kind, UL_BENCH_THREADS);
    assert_int_equal(result.cases[1].spacing_ns, 60);
    assert_int_equal(result.cases[1].figures[1].discarded, 4);
}

/* Samples of several processes are one set; other cases are another benchmark. */
static void results_are_joined(void **state)
{
    bench *b = *state;
    ul_bench_result one, two, other;
    const char *why;
    assert_int_equal(read_output(b, &one, "case scan L1 170 0\nsample 0 1\nsample 1 3\ndiscarded 0 2\nend\n", &why), UL_OK);
    assert_int_equal(read_output(b, &two, "case scan L1 170 0\nsample 0 2\nsample 0 4\ndiscarded 0 1\nend\n", &why), UL_OK);
    assert_int_equal(read_output(b, &other, "case scan L1 171 0\nsample 0 2\nend\n", &why), UL_OK);
    assert_false(ul_bench_result_join(&one, &other, 2, &b->arena));
    assert_true(ul_bench_result_join(&one, &two, 2, &b->arena));
    ul_bench_evaluate(&one, 2);
    assert_int_equal(one.cases[0].figures[0].count, 3);
    assert_near(one.cases[0].figures[0].spread.median, 2);
    assert_int_equal(one.cases[0].figures[1].count, 1);
    assert_int_equal(one.discarded_count, 3);
    assert_int_equal(one.process_count, 2);
    assert_false(ul_bench_result_join(&one, &(ul_bench_result){0}, 2, &b->arena));
}

static void output_that_is_none(void **state)
{
    bench *b = *state;
    static const char *const texts[] = {
        "", "end\n", "case scan L1 1 0\n", "case scan L1 1 0\nsample 0 1", "case scan L1 1 0\nsample 0 1\n", "hello\nend\n", "case scan L9 1 0\nend\n",
        "case walk L1 1 0\nend\n", "case scan L1 1 0\nsample 2 1\nend\n", "case scan L1 1 0\nsample 0 nan\nend\n", "case scan L1 1 0\nsample 0 -1\nend\n",
        "sample 0 1\nend\n", "case scan L1 1 0\nsample 0 1 x\nend\n", "case scan L1 1 0\nend\nend\n", "case scan L1 1 0\ndiscarded 7 1\nend\n",
    };
    ul_bench_result result;
    const char *why;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (read_output(b, &result, texts[i], &why) != UL_ERR_INPUT || !*why)
            fail_msg("taken: %s", texts[i]);
    }
    static const char zero[] = "case scan L1 1 0\nsample 0 1\0\nend\n";
    assert_int_equal(ul_bench_output_read(&result, zero, sizeof zero - 1, 2, &why, &b->arena), UL_ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spread_is_median_and_two_thirds),
        cmocka_unit_test(spread_stands_outliers),
        cmocka_unit_test(verdicts),
        cmocka_unit_test(result_is_summed_up),
        cmocka_unit_test_setup_teardown(fields_stand_apart, bench_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(fields_that_cannot, bench_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(output_is_read, bench_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(results_are_joined, bench_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(output_that_is_none, bench_set_up, bench_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

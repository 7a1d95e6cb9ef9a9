/* The formats: what a report looks like, byte for byte where it matters, and what it is safe from. */
#include "report_bench.h"

#include <cjson/cJSON.h>

#include "report/explain.h"
#include "report/labels.h"
#include "report/utf8.h"

static void test_what_is_not_planned_says_why(void **state)
{
    test_bench *bench = *state;
    ul_entry *entry = put(bench, "struct conn", small_fields, COUNT(small_fields));
    ul_record record = *entry->record, other = *entry->record;
    const ul_record *variants[] = {&record, &other};
    record.confidence = UL_CONFIDENCE_STANDALONE;
    ul_record_refuse(&record, &bench->arena, UL_REFUSE_KEEP_ORDER, "line 3");
    other.unit = "/w/src/other.c";
    other.size_bytes = 40;
    entry->record = &record;
    entry->variants = variants;
    entry->variant_count = 2;
    bench->report.refused_count = 1;
    const char *text = show(bench);
    assert_has(text, "   not planned: keep-order (line 3): an annotation says that its order must stay\n");
    assert_has(text, "   elsewhere: 40 B, align 8 in src/other.c for x86_64-pc-linux-gnu\n");
    assert_lacks(text, "read alone: "); /* said once for all of them, in the summary */
    assert_has(render_with(bench, "text", (ul_render_options){.view = UL_VIEW_SHOW}), "\nread alone: no unit that includes it is known");
    put(bench, "struct other", small_fields, COUNT(small_fields));
    assert_has(show(bench), "   read alone: no unit that includes it is known");
    bench->report.entry_count--;
    assert_lacks(text, "elsewhere: 32 B");
    assert_has(render_with(bench, "text", (ul_render_options){.view = UL_VIEW_CHECK}), "not planned: keep-order 1 (-v names them)\n");
    assert_has(render_with(bench, "text", (ul_render_options){.view = UL_VIEW_CHECK, .is_verbose = true}),
               "include/made.h:4:1: note: `struct conn` is not planned: keep-order (line 3)");
    assert_has(render_with(bench, "concise", (ul_render_options){.view = UL_VIEW_SHOW}), "; not planned: keep-order\n");
}

static void test_finding_in_text(void **state)
{
    test_bench *bench = *state;
    ul_finding finding = made_finding(&order_info);
    put_planned(bench);
    bench->report.findings = &finding;
    bench->report.finding_count = 1;
    bench->report.saved_bytes = 8;
    assert_string_equal(render_with(bench, "text", (ul_render_options){.view = UL_VIEW_CHECK}),
                        "include/made.h:4:1: warning: too big [reorder-saves]\n"
                        "     4 | struct conn {\n"
                        "     5 |         uint64_t id;\n"
                        "     6 |         uint8_t flag; // set once\n"
                        "       |         ~~~~~~~~~~~~~ 7 bytes lost here\n"
                        "   ... |\n"
                        "    10 | };\n"
                        "       | ~~ 3 bytes lost at the end\n"
                        "  = why: it costs.\n"
                        "  = fix: move it.\n"
                        "before:   32 B (class 40)  align 8   1 line   7 B in 1 hole   3 B tail\n"
                        CONN_MAP
                        "1 record, 1 finding, 8 bytes to save in one object of each, 0 refused\n");
}

static void test_finding_about_a_field_marks_its_name(void **state)
{
    test_bench *bench = *state;
    ul_finding finding = made_finding(&other_info);
    put(bench, "struct conn", small_fields, COUNT(small_fields));
    finding.field = 3;
    finding.line = 8;
    finding.column = 6;
    bench->report.findings = &finding;
    bench->report.finding_count = 1;
    const char *text = render_with(bench, "text", (ul_render_options){.view = UL_VIEW_CHECK, .is_quiet = true});
    assert_has(text, "     8 |         int fd;\n       |             ~~\n  = why");
    bench->report.source_count = 0;
    text = render_with(bench, "text", (ul_render_options){.view = UL_VIEW_CHECK, .is_quiet = true});
    assert_has(text, "[other-rule]\n  = why: it costs.\n");
}

static void test_finding_outside_its_file_has_no_excerpt(void **state)
{
    test_bench *bench = *state;
    ul_finding finding = made_finding(&other_info);
    put(bench, "struct conn", small_fields, COUNT(small_fields));
    finding.line = 900;
    bench->report.findings = &finding;
    bench->report.finding_count = 1;
    assert_has(render_with(bench, "text", (ul_render_options){.view = UL_VIEW_CHECK}), "[other-rule]\n  = why: it costs.\n");
}

static void test_clean_and_quiet(void **state)
{
    test_bench *bench = *state;
    put(bench, "struct conn", small_fields, COUNT(small_fields));
    assert_string_equal(render_with(bench, "text", (ul_render_options){.view = UL_VIEW_CHECK}),
                        "1 record, 0 findings, 0 bytes to save in one object of each, 0 refused\n");
    assert_string_equal(render_with(bench, "text", (ul_render_options){.view = UL_VIEW_CHECK, .is_quiet = true}), "");
    assert_string_equal(render_with(bench, "concise", (ul_render_options){.view = UL_VIEW_CHECK}), "");
}

static void test_diagnostics_come_first(void **state)
{
    test_bench *bench = *state;
    const ul_diag diags[] = {{UL_LEVEL_ERROR, "/w/a.c", 3, 2, "no such type"}, {UL_LEVEL_NOTE, NULL, 0, 0, "two flags dropped"}};
    bench->report.diags = diags;
    bench->report.diag_count = 2;
    assert_string_equal(render_with(bench, "text", (ul_render_options){.view = UL_VIEW_CHECK}),
                        "a.c:3:2: error: no such type\nullage: note: two flags dropped\n\n"
                        "0 records, 0 findings, 0 bytes to save in one object of each, 0 refused, 1 error\n");
    assert_string_equal(render_with(bench, "concise", (ul_render_options){.view = UL_VIEW_CHECK}), "a.c:3:2: error: no such type\n");
}

static void test_concise_lines(void **state)
{
    test_bench *bench = *state;
    ul_finding finding = made_finding(&order_info);
    put_planned(bench);
    bench->report.findings = &finding;
    bench->report.finding_count = 1;
    assert_string_equal(render_with(bench, "concise", (ul_render_options){.view = UL_VIEW_SHOW}),
                        "include/made.h:4:1: struct conn 32 bytes (class 40), align 8, 1 line, 7 in holes, 3 tail; 24 possible\n");
    assert_string_equal(render_with(bench, "concise", (ul_render_options){.view = UL_VIEW_CHECK}),
                        "include/made.h:4:1: warning: too big [reorder-saves]\n");
}

static void test_stats_in_text(void **state)
{
    test_bench *bench = *state;
    bench->report.stats = &(ul_stats){.parse_seconds = 0.3, .engine_seconds = 0.1, .total_seconds = 0.25, .workers = 2, .units = 7};
    const char *text = render_with(bench, "text", (ul_render_options){.view = UL_VIEW_CHECK});
    assert_has(text, "  parse           300.0 ms  75.0 %\n");
    assert_has(text, "  engine          100.0 ms  25.0 %\n");
    assert_has(text, "250.0 ms on the clock, 2 workers\n");
}

/* A name with a bell, an escape, an overlong form and a stray byte. */
static void put_hostile(test_bench *bench)
{
    static const made_field fields[] = {{"a\xff\xc0\xaf", "int\033[31m", 4, 4}};
    static const char source[] = "\n\n\n\033[2J\tint \xfe x;\r\n";
    put(bench, "struct b\a\xed\xa0\x80", fields, 1);
    bench->source = (ul_source){"/w/include/made.h", source, sizeof source - 1};
}

static void assert_valid(const char *text, bool is_ascii)
{
    size_t length = strlen(text);
    for (size_t at = 0; at < length;) {
        uint32_t point;
        size_t bytes = ul_utf8_decode(&point, text + at, length - at);
        assert_false(bytes == 1 && point == UL_UTF8_REPLACEMENT);
        assert_true(point == '\n' || point >= 0x20);
        assert_false(is_ascii && point >= 0x7F);
        at += bytes;
    }
}

static void test_text_is_safe(void **state)
{
    test_bench *bench = *state;
    ul_finding finding = made_finding(&other_info);
    put_hostile(bench);
    bench->report.findings = &finding;
    bench->report.finding_count = 1;
    static const char *const names[] = {"text", "concise", "json"};
    for (int i = 0; i < 3; i++) {
        for (int view = UL_VIEW_SHOW; view <= UL_VIEW_CHECK; view++) {
            assert_valid(render_with(bench, names[i], (ul_render_options){.view = (ul_view)view, .is_utf8 = true, .is_verbose = true}), false);
            if (i < 2)
                assert_valid(render_with(bench, names[i], (ul_render_options){.view = (ul_view)view, .is_verbose = true}), true);
        }
    }
    assert_has(render_with(bench, "text", (ul_render_options){.view = UL_VIEW_SHOW}), "struct b\\x07???");
}

static void test_utf8_is_strict(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t point;
        size_t bytes;
    } cases[] = {{"A", 'A', 1},
                 {"\xc3\xa9", 0xE9, 2},
                 {"\xe2\x82\xac", 0x20AC, 3},
                 {"\xf0\x9f\x98\x80", 0x1F600, 4},
                 {"\xc0\x80", 0xFFFD, 1},
                 {"\xe0\x80\x80", 0xFFFD, 1},
                 {"\xed\xa0\x80", 0xFFFD, 1},
                 {"\xf4\x90\x80\x80", 0xFFFD, 1},
                 {"\xc3", 0xFFFD, 1},
                 {"\x80", 0xFFFD, 1}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint32_t point;
        assert_int_equal(ul_utf8_decode(&point, cases[i].text, strlen(cases[i].text)), cases[i].bytes);
        assert_int_equal(point, cases[i].point);
    }
}


static void test_labels_agree_with_the_model(void **state)
{
    test_bench *bench = *state;
    static const made_field fields[] = {{"", "union", 4, 4, UL_FIELD_ANONYMOUS}, {"a", "int", 4, 4, 0, 0, 0, 1},
                                        {"", "union", 4, 4, UL_FIELD_ANONYMOUS}, {"", "struct", 4, 4, UL_FIELD_ANONYMOUS, 0, 0, 3},
                                        {"b", "int", 4, 4, 0, 0, 0, 4},          {"", "int", 4, 4, UL_FIELD_BIT_FIELD, 5}};
    const ul_record *record = put(bench, "struct any", fields, COUNT(fields))->record;
    const char *const *labels = ul_labels_of(record, &bench->arena);
    for (uint32_t i = 0; i < record->field_count; i++)
        assert_string_equal(labels[i], ul_field_label(record, i, &bench->arena));
    assert_string_equal(labels[2], "<anonymous:2>");
    assert_string_equal(labels[3], "<anonymous>");
}

static void test_explain(void **state)
{
    (void)state;
    const ul_rule_info *const rules[] = {&order_info, &other_info};
    const ul_render_options options = {.columns = 80};
    ul_strbuf out;
    ul_strbuf_init(&out);
    assert_int_equal(ul_explain_render(&out, rules, 2, "nothing", &options), UL_ERR_USAGE);
    assert_int_equal(ul_explain_render_json(&out, rules, 2, "nothing"), UL_ERR_USAGE);
    assert_int_equal(out.length, 0);
    assert_int_equal(ul_explain_render(&out, rules, 2, NULL, &options), UL_OK);
    assert_string_equal(out.data, "reorder-saves  warning  sum\nother-rule     note     sum two\n");
    ul_strbuf_clear(&out);
    assert_int_equal(ul_explain_render(&out, rules, 2, "reorder-saves", &options), UL_OK);
    assert_string_equal(out.data, "reorder-saves (warning unless a finding earns less)\n  sum\n\nMeaning\n  mean\n\nWhy it matters\n  why\n"
                                  "\nExample\n  a\n\n  b\n\nTo silence it\n  quiet\n");
    ul_strbuf_clear(&out);
    assert_int_equal(ul_explain_render_json(&out, rules, 2, "other-rule"), UL_OK);
    cJSON *root = cJSON_Parse(out.data);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(root, "rules")), 1);
    cJSON_Delete(root);
    ul_strbuf_free(&out);
}

#define LONG_TYPE "const struct a_type_with_a_name_that_nobody_should_have_to_type *"
#define LONG_LINE "struct conn { int a; }; /* a line of code that is wider than forty columns, and than a hundred too, as code may be */"

/* What is cut on a screen may be read out of a file or a pipe: there it is whole. Code to copy is whole everywhere. */
static void test_only_screens_cut(void **state)
{
    test_bench *bench = *state;
    static const made_field fields[] = {{"id", LONG_TYPE, 8, 8}, {"fd", "int", 4, 4}};
    static const char source[] = "\n\n\n" LONG_LINE "\n";
    const ul_rule_info info = {"other-rule", UL_LEVEL_NOTE, "sum two", "mean", "why", LONG_LINE "\n", "quiet"};
    const ul_rule_info *const rules[] = {&info};
    ul_finding finding = made_finding(&info);
    put(bench, "struct conn", fields, COUNT(fields));
    bench->source.bytes = source;
    bench->source.length = sizeof source - 1;
    bench->report.findings = &finding;
    bench->report.finding_count = 1;
    for (int is_screen = 0; is_screen < 2; is_screen++) {
        ul_render_options options = {.is_screen = is_screen, .columns = 40, .is_verbose = true};
        bool has_type = strstr(render_with(bench, "text", options), " " LONG_TYPE "  id\n");
        options.view = UL_VIEW_CHECK;
        bool has_line = strstr(render_with(bench, "text", options), "     4 | " LONG_LINE "\n");
        assert_int_equal(has_type, !is_screen);
        assert_int_equal(has_line, !is_screen);
        ul_strbuf out;
        ul_strbuf_init(&out);
        assert_int_equal(ul_explain_render(&out, rules, 1, "other-rule", &options), UL_OK);
        assert_has(out.data, "\n  " LONG_LINE "\n");
        ul_strbuf_free(&out);
    }
}

static void test_formats_are_found_by_name(void **state)
{
    (void)state;
    uint32_t count;
    const ul_format *const *all = ul_formats_all(&count);
    assert_true(count >= 3);
    for (uint32_t i = 0; i < count; i++)
        assert_ptr_equal(ul_format_find(all[i]->name), all[i]);
    assert_null(ul_format_find("xml"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, report_set_up, report_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_not_planned_says_why),
        TEST(test_finding_in_text),
        TEST(test_finding_about_a_field_marks_its_name),
        TEST(test_finding_outside_its_file_has_no_excerpt),
        TEST(test_clean_and_quiet),
        TEST(test_diagnostics_come_first),
        TEST(test_concise_lines),
        TEST(test_stats_in_text),
        TEST(test_text_is_safe),
        TEST(test_utf8_is_strict),
        TEST(test_labels_agree_with_the_model),
        TEST(test_explain),
        TEST(test_only_screens_cut),
        TEST(test_formats_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

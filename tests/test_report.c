/* The formats: what a report looks like, byte for byte where it matters, and what it is safe from. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "made_record.h"
#include "report/explain.h"
#include "report/labels.h"
#include "report/utf8.h"

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof *(array)))

static const made_field conn_fields[] = {
    {"id", "uint64_t", 8, 8},
    {"flag", "uint8_t", 1, 1},
    {"peer", "struct conn *", 8, 8, UL_FIELD_POINTER},
    {"fd", "int", 4, 4},
    {"lock", "int", 4, 4},
    {"name", "char [40]", 40, 1, UL_FIELD_ARRAY | UL_FIELD_CHAR_ARRAY},
    {"rx", "uint64_t", 8, 8},
    {"tx", "uint64_t", 8, 8},
};
static const made_field small_fields[] = {
    {"id", "uint64_t", 8, 8},
    {"flag", "uint8_t", 1, 1},
    {"peer", "void *", 8, 8, UL_FIELD_POINTER},
    {"fd", "int", 4, 4},
    {"mode", "uint8_t", 1, 1},
};
static const char small_source[] = "#pragma once\n\n/* one peer */\nstruct conn {\n\tuint64_t id;\n\tuint8_t flag; // set once\n"
                                   "\tvoid *peer;\n\tint fd;\n\tuint8_t mode;\n};\n";

/* A report of at most four records, and the arena that holds all of it. */
typedef struct test_bench {
    ul_arena arena;
    ul_target target;
    ul_entry entries[4];
    ul_source source;
    ul_report report;
} test_bench;

static int set_up(void **state)
{
    test_bench *bench = calloc(1, sizeof *bench);
    ul_arena_init(&bench->arena, NULL);
    bench->target = made_target();
    bench->source = (ul_source){"/w/include/made.h", small_source, sizeof small_source - 1};
    bench->report = (ul_report){
        .version = "0.0.1",
        .libclang_version = "14.0.6",
        .root = "/w/",
        .cwd = "/w/",
        .targets = &bench->target,
        .target_count = 1,
        .entries = bench->entries,
        .sources = &bench->source,
        .source_count = 1,
    };
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    test_bench *bench = *state;
    ul_arena_free(&bench->arena);
    free(bench);
    return 0;
}

static ul_entry *put(test_bench *bench, const char *name, const made_field *fields, uint32_t count)
{
    ul_entry *entry = &bench->entries[bench->report.entry_count++];
    entry->record = made_record(&bench->arena, &bench->target, name, fields, count);
    assert_non_null(entry->record);
    ul_facts_of(&entry->facts, entry->record, &bench->target, &bench->arena);
    return entry;
}

/* struct conn of five fields with a plan that moves `flag`. */
static ul_entry *put_planned(test_bench *bench)
{
    static const uint32_t order[] = {0, 2, 3, 1, 4}, moved[] = {1};
    ul_entry *entry = put(bench, "struct conn", small_fields, COUNT(small_fields));
    entry->plan = made_plan(&bench->arena, &bench->target, entry->record, order, 5, moved, 1);
    assert_non_null(entry->plan);
    return entry;
}

static char *render_with(test_bench *bench, const char *format, ul_render_options options)
{
    ul_strbuf out;
    ul_strbuf_init(&out);
    if (!options.columns)
        options.columns = 80;
    assert_non_null(ul_format_find(format));
    assert_int_equal(ul_format_find(format)->render(&out, &bench->report, &options, &bench->arena), UL_OK);
    char *text = ul_arena_strdup(&bench->arena, out.data ? out.data : "");
    ul_strbuf_free(&out);
    return text;
}

static char *show(test_bench *bench)
{
    return render_with(bench, "text", (ul_render_options){.view = UL_VIEW_SHOW, .is_quiet = true});
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("not found: \"%s\" in:\n%s", part, text);
}

static void assert_lacks(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("found: \"%s\" in:\n%s", part, text);
}

static void test_map_in_ascii(void **state)
{
    put(*state, "struct conn", conn_fields, COUNT(conn_fields));
    assert_string_equal(show(*state), "include/made.h:4\n"
                                      "struct conn   88 B (class 88)  align 8   2 lines   7 B in 1 hole   1 straddle\n"
                                      "L0 [======]|.......[======][==][==][==============================]\n"
                                      "   id      f  ~7~  peer    fd  loc name\n"
                                      "L1 [======][======][======]\n"
                                      "   name    rx      tx\n"
                                      "   no smaller order found\n"
                                      "\n");
}

static void test_map_in_utf8(void **state)
{
    put(*state, "struct conn", small_fields, COUNT(small_fields));
    const char *text = render_with(*state, "text", (ul_render_options){.is_utf8 = true, .is_quiet = true});
    assert_string_equal(text, "include/made.h:4\n"
                              "struct conn   32 B (class 40)  align 8   1 line   7 B in 1 hole   3 B tail\n"
                              "L0 ├──────┤│░░░░░░░├──────┤├──┤│░░░\n"
                              "   id      f  ~7~  peer    fd  m tail 3\n"
                              "   no smaller order found\n"
                              "\n");
}

static void test_plan_is_stacked_under_the_map(void **state)
{
    put_planned(*state);
    assert_string_equal(show(*state), "include/made.h:4\n"
                                      "struct conn   32 B (class 40)  align 8   1 line   7 B in 1 hole   3 B tail\n"
                                      "L0 [======]|.......[======][==]|...\n"
                                      "   id      f  ~7~  peer    fd  m tail 3\n"
                                      "after:   24 B (class 24)  align 8   1 line   2 B tail\n"
                                      "L0 [======][======][==]||..\n"
                                      "   id      peer    fd  fm tail 2\n"
                                      "   at 20: flag, mode\n"
                                      "   saves: 8 B; 16 B of heap an object; proven smallest, fewest moves\n"
                                      "   moves: flag\n"
                                      "\n");
}

static void test_plan_not_proven_says_so(void **state)
{
    ul_entry *entry = put_planned(*state);
    ul_plan plan = *entry->plan;
    plan.is_optimal = false;
    plan.lower_bound_bytes = 22;
    entry->plan = &plan;
    const char *text = show(*state);
    assert_has(text, "best found (lower bound 22 B)");
    assert_lacks(text, "proven");
}

/* Takes the SGR sequences out of `text`. */
static void strip_color(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        if (*from == '\033') {
            from += strcspn(from, "m");
            continue;
        }
        *to++ = *from;
    }
    *to = '\0';
}

static void test_color_adds_nothing_but_color(void **state)
{
    put_planned(*state);
    char *plain = show(*state);
    char *colored = render_with(*state, "text", (ul_render_options){.is_color = true, .is_quiet = true});
    assert_null(strchr(plain, '\033'));
    assert_has(colored, "\033[0;31m.......");
    assert_has(colored, "\033[32mf");
    strip_color(colored);
    assert_string_equal(colored, plain);
}

static void test_color_ends_with_its_line(void **state)
{
    put_planned(*state);
    char *text = render_with(*state, "text", (ul_render_options){.is_color = true});
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        const char *last = strrchr(line, '\033');
        assert_true(!last || strncmp(last, "\033[0m", 4) == 0);
    }
}

static void test_rows_are_named_after_lines(void **state)
{
    test_bench *bench = *state;
    put(bench, "struct conn", conn_fields, COUNT(conn_fields));
    bench->target.line_bytes = 128;
    assert_has(show(bench), "\nL0a [======]|");
    assert_has(show(bench), "\nL0b [======][");
    bench->target.line_bytes = 32;
    assert_has(show(bench), "\nL0-1 [======]|");
    assert_has(show(bench), "\nL2-3 [======][");
}

static void test_bits_share_a_cell_and_are_listed(void **state)
{
    static const made_field fields[] = {
        {"mode", "unsigned", 4, 4, UL_FIELD_BIT_FIELD, 3},
        {"state", "unsigned", 4, 4, UL_FIELD_BIT_FIELD, 9},
        {"", "unsigned", 4, 4, UL_FIELD_BIT_FIELD, 2},
        {"next", "uint16_t", 2, 2},
    };
    put(*state, "struct bits", fields, COUNT(fields));
    const char *text = show(*state);
    assert_has(text, "L0 [][]\n   m next\n");
    assert_has(text, "   at 0: mode:3 state:9 :2 (2 unused)\n");
}

static void test_narrow_fields_are_spelt_out(void **state)
{
    static const made_field fields[] = {
        {"is_open", "bool", 1, 1, UL_FIELD_BOOL, 1}, {"is_shut", "bool", 1, 1, UL_FIELD_BOOL, 1},
        {"id", "uint32_t", 4, 4},                    {"data", "char []", 0, 1, UL_FIELD_FLEXIBLE},
    };
    put(*state, "struct door", fields, COUNT(fields));
    assert_has(show(*state), "L0 ||..[==]\n   ii~2id\n   at 0: is_open, is_shut\n   at 8: data[]\n");
}

static void test_anonymous_members_are_opened(void **state)
{
    static const made_field fields[] = {
        {"kind", "char", 1, 1},
        {"", "union (anonymous)", 8, 8, UL_FIELD_ANONYMOUS | UL_FIELD_RECORD},
        {"l", "long", 8, 8, 0, 0, 0, 2},
        {"p", "char *", 8, 8, UL_FIELD_POINTER, 0, 0, 2},
        {"", "struct (anonymous)", 16, 8, UL_FIELD_ANONYMOUS | UL_FIELD_RECORD},
        {"x", "char", 1, 1, 0, 0, 0, 5},
        {"y", "long", 8, 8, 0, 0, 8, 5},
    };
    put(*state, "struct any", fields, COUNT(fields));
    assert_has(show(*state), "L0 |.......[======]|.......[======]\n   k  ~7~  l/p     x  (7)  y\n");
    const char *text = render_with(*state, "text", (ul_render_options){.is_verbose = true});
    assert_has(text, "<anonymous:2>\n");
    assert_has(text, "~ hole inside an anonymous member ~");
}

static void test_union_is_bars(void **state)
{
    static const made_field fields[] = {{"v4", "uint32_t", 4, 4}, {"all", "char [100]", 100, 1, UL_FIELD_CHAR_ARRAY}};
    ul_entry *entry = put(*state, "union addr", fields, COUNT(fields));
    ul_record record = *entry->record;
    record.kind = UL_RECORD_UNION;
    record.fields[1].offset_bits = 0;
    entry->record = &record;
    const char *text = show(*state);
    assert_has(text, "   [==]  v4\n");
    assert_has(text, "==]>  all\n");
}

static void test_long_records_are_tables(void **state)
{
    static const made_field fields[] = {{"head", "char", 1, 1}, {"body", "long [140]", 1120, 8, UL_FIELD_ARRAY}};
    put(*state, "struct long", fields, COUNT(fields));
    const char *text = show(*state);
    assert_lacks(text, "L0 [");
    assert_has(text, "   offset    size  align  type        name\n"
                     "L0       0       1      1  char        head\n"
                     "         1       7         ~ hole ~\n"
                     "         8    1120      8  long [140]  body\n");
}

static void test_no_line_is_wider_than_80(void **state)
{
    made_field fields[40];
    test_bench *bench = *state;
    for (uint32_t i = 0; i < COUNT(fields); i++)
        fields[i] = (made_field){ul_arena_printf(&bench->arena, "a_rather_long_name_for_field_%u", i), "unsigned char", 1 + i % 3, 1u};
    ul_entry *entry = put(bench, "struct with_a_name_that_goes_on_for_quite_a_while", fields, COUNT(fields));
    entry->trades = &(ul_trade){UL_ALLOW_MERGE_LINES, 64, 64, "`cnt` and `lock` would share a line"};
    entry->trade_count = 1;
    char *text = render_with(bench, "text", (ul_render_options){.is_verbose = true});
    assert_has(text, "   64 bytes possible, but `cnt` and `lock` would share a line:\n   --allow merge-lines\n");
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        if (strlen(line) > 80)
            fail_msg("%zu columns: %s", strlen(line), line);
    }
}

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

static const ul_rule_info order_info = {"reorder-saves", UL_LEVEL_WARNING, "sum", "mean", "why", "a\n\nb\n", "quiet"};
static const ul_rule_info other_info = {"other-rule", UL_LEVEL_NOTE, "sum two", "mean", "why", "x\n", "quiet"};

static ul_finding made_finding(const ul_rule_info *rule)
{
    return (ul_finding){.rule = rule,
                        .level = UL_LEVEL_WARNING,
                        .field = UL_NO_PARENT,
                        .line = 4,
                        .column = 1,
                        .message = "too big",
                        .why = "it costs.",
                        .fix = "move it.",
                        .saved_bytes = 8,
                        .fingerprint = 0xabc};
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
                        "L0 [======]|.......[======][==]|...\n"
                        "   id      f  ~7~  peer    fd  m tail 3\n"
                        "after:   24 B (class 24)  align 8   1 line   2 B tail\n"
                        "L0 [======][======][==]||..\n"
                        "   id      peer    fd  fm tail 2\n"
                        "   at 20: flag, mode\n"
                        "   saves: 8 B; 16 B of heap an object; proven smallest, fewest moves\n"
                        "   moves: flag\n"
                        "\n"
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

/* Runs `python3 script arg...`; its exit status. */
static int run_python(const char *script, const char *first, const char *second)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        execl("/usr/bin/python3", "python3", "-c", script, first, second, (char *)NULL);
        _exit(127);
    }
    assert_true(child > 0 && waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static void assert_matches_schema(const char *json)
{
    static const char validate[] = "import sys, json, jsonschema\n"
                                   "s = json.load(open(sys.argv[1]))\n"
                                   "jsonschema.Draft202012Validator.check_schema(s)\n"
                                   "jsonschema.Draft202012Validator(s).validate(json.load(open(sys.argv[2], encoding='utf-8')))\n";
    char path[] = "/tmp/ullage-report-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, json, strlen(json)), (ssize_t)strlen(json));
    close(file);
    int status = run_python(validate, ULLAGE_SOURCE_DIR "/docs/schema/ullage.report-1.schema.json", path);
    unlink(path);
    if (status != 0)
        fail_msg("not valid (status %d):\n%s", status, json);
}

static bool has_jsonschema(void)
{
    if (run_python("import sys\ntry:\n import jsonschema\nexcept ImportError:\n sys.exit(1)\n", "", "") == 0)
        return true;
    print_message("skipped: no python3-jsonschema, so the JSON is not held against its schema\n");
    return false;
}

/* One of everything that the JSON can hold. */
static void fill(test_bench *bench, ul_finding *finding)
{
    static const made_field bits[] = {{"mode", "unsigned", 4, 4, UL_FIELD_BIT_FIELD, 3},
                                      {"", "struct (anonymous)", 8, 4, UL_FIELD_ANONYMOUS | UL_FIELD_RECORD},
                                      {"x", "int", 4, 4, 0, 0, 0, 2},
                                      {"y", "int", 4, 4, 0, 0, 4, 2}};
    static const ul_diag diags[] = {{UL_LEVEL_WARNING, NULL, 0, 0, "bad \xff byte"}};
    static const ul_stats stats = {.parse_seconds = 0.25, .units = 3};
    static const ul_trade trade = {UL_ALLOW_MERGE_BITS, 16, 8, "two runs would join"};
    ul_entry *entry = put_planned(bench);
    entry->trades = &trade;
    entry->trade_count = 1;
    entry = put(bench, "struct huge", bits, COUNT(bits));
    ul_record *record = (ul_record *)entry->record;
    record->size_bytes = UINT64_C(1) << 60;
    record->file = "/elsewhere/\xff.h";
    const ul_record **variants = UL_NEW_ARRAY(&bench->arena, const ul_record *, 1);
    variants[0] = bench->entries[0].record;
    entry->variants = variants;
    entry->variant_count = 1;
    entry->facts.fit = (ul_class_fit){0};
    ul_record_refuse(record, &bench->arena, UL_REFUSE_PACKED, "packed");
    *finding = made_finding(&order_info);
    bench->report.findings = finding;
    bench->report.finding_count = 1;
    bench->report.saved_bytes = 8;
    bench->report.refused_count = 1;
    bench->report.diags = diags;
    bench->report.diag_count = 1;
    bench->report.stats = &stats;
}

static void test_json_holds_the_contract(void **state)
{
    test_bench *bench = *state;
    ul_finding finding;
    fill(bench, &finding);
    cJSON *root = cJSON_Parse(render_with(bench, "json", (ul_render_options){0}));
    assert_non_null(root);
    assert_string_equal(cJSON_GetObjectItem(root, "schema")->valuestring, "ullage.report/1");
    cJSON *conn = cJSON_GetArrayItem(cJSON_GetObjectItem(root, "records"), 0);
    cJSON *huge = cJSON_GetArrayItem(cJSON_GetObjectItem(root, "records"), 1);
    assert_string_equal(cJSON_GetObjectItem(conn, "file")->valuestring, "include/made.h");
    cJSON *hole = cJSON_GetArrayItem(cJSON_GetObjectItem(conn, "holes"), 0);
    assert_string_equal(cJSON_GetObjectItem(hole, "after")->valuestring, "flag");
    assert_int_equal(cJSON_GetObjectItem(hole, "offset_bytes")->valueint, 9);
    cJSON *plan = cJSON_GetObjectItem(conn, "plan");
    assert_int_equal(cJSON_GetObjectItem(plan, "size_bytes")->valueint, 24);
    assert_string_equal(cJSON_GetArrayItem(cJSON_GetObjectItem(plan, "order"), 3)->valuestring, "flag");
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(plan, "optimal")));
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(conn, "refused")), 0);
    assert_string_equal(cJSON_GetObjectItem(huge, "size_bytes")->valuestring, "1152921504606846976");
    assert_string_equal(cJSON_GetObjectItem(huge, "file")->valuestring, "/elsewhere/\xEF\xBF\xBD.h");
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(huge, "plan")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(huge, "size_class")));
    cJSON *inner = cJSON_GetArrayItem(cJSON_GetObjectItem(huge, "fields"), 3);
    assert_string_equal(cJSON_GetObjectItem(inner, "parent")->valuestring, "<anonymous>");
    assert_int_equal(cJSON_GetObjectItem(inner, "offset_bits")->valueint, 64);
    cJSON *found = cJSON_GetArrayItem(cJSON_GetObjectItem(root, "findings"), 0);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(found, "field")));
    assert_string_equal(cJSON_GetObjectItem(found, "fingerprint")->valuestring, "0000000000000abc");
    cJSON_Delete(root);
}

static void test_json_matches_its_schema(void **state)
{
    test_bench *bench = *state;
    ul_finding finding;
    if (!has_jsonschema())
        skip();
    assert_matches_schema(render_with(bench, "json", (ul_render_options){0}));
    fill(bench, &finding);
    assert_matches_schema(render_with(bench, "json", (ul_render_options){0}));
    bench->report.target_count = 0;
    bench->report.entry_count = 0;
    bench->report.finding_count = 0;
    assert_matches_schema(render_with(bench, "json", (ul_render_options){0}));
}

static void test_schema_is_strict(void **state)
{
    (void)state;
    if (!has_jsonschema())
        skip();
    static const char walk[] = "import sys, json\n"
                               "def walk(node, path):\n"
                               "    if isinstance(node, dict):\n"
                               "        if node.get('type') == 'object':\n"
                               "            assert node.get('additionalProperties') is False, path\n"
                               "            for name, p in node['properties'].items():\n"
                               "                assert p.get('description'), path + '/' + name\n"
                               "        for key, value in node.items():\n"
                               "            walk(value, path + '/' + key)\n"
                               "    elif isinstance(node, list):\n"
                               "        for value in node:\n"
                               "            walk(value, path)\n"
                               "walk(json.load(open(sys.argv[1])), '')\n";
    assert_int_equal(run_python(walk, ULLAGE_SOURCE_DIR "/docs/schema/ullage.report-1.schema.json", ""), 0);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_map_in_ascii),
        TEST(test_map_in_utf8),
        TEST(test_plan_is_stacked_under_the_map),
        TEST(test_plan_not_proven_says_so),
        TEST(test_color_adds_nothing_but_color),
        TEST(test_color_ends_with_its_line),
        TEST(test_rows_are_named_after_lines),
        TEST(test_bits_share_a_cell_and_are_listed),
        TEST(test_narrow_fields_are_spelt_out),
        TEST(test_anonymous_members_are_opened),
        TEST(test_union_is_bars),
        TEST(test_long_records_are_tables),
        TEST(test_no_line_is_wider_than_80),
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
        TEST(test_json_holds_the_contract),
        TEST(test_json_matches_its_schema),
        TEST(test_schema_is_strict),
        TEST(test_labels_agree_with_the_model),
        TEST(test_explain),
        TEST(test_formats_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

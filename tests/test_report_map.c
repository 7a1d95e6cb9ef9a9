/* The map and the table of a record, byte for byte: rows, columns, colour, what does not fit. */
#include "report_bench.h"

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
                                      CONN_MAP);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, report_set_up, report_tear_down)

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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Profiles on records: a type is the record of its name, size and fields; with another layout its fields are found by their names, or it is
 * refused; contended lines are told by the code that touches them. What is not sure is not placed.
 */
#include "layout/engine/census.h"
#include "layout/engine/merge.h"
#include "layout/engine/profiles.h"
#include "layout/profile/profile_file.h"
#include "tests/parse_bench.h"

static ul_report place(parse_bench *b, const char *code, const char *profile)
{
    ul_report report = {0};
    ul_diags diags;
    ul_profile *read;
    ul_census *census;
    b->reads_census = true;
    parse_clean(b, code);
    ul_merge_units(&report.entries, &report.entry_count, &b->result, 1, &b->arena);
    ul_census_merge(&census, &b->result, 1, &b->names, &b->arena);
    report.census = census;
    ul_diags_init(&diags, &b->arena);
    ul_status status = ul_profile_read(&read, "p", profile, strlen(profile), &diags, &b->arena);
    if (status != UL_OK)
        fail_msg("line %u: %s", diags.items[0].line, diags.items[0].message);
    const ul_profile *all[] = {read};
    ul_profiles_place(&report, all, 1, &b->arena);
    return report;
}

/* "exact struct a 10/10" of each type, "; " between; the detail where there is one. */
static const char *told(parse_bench *b, const ul_report *report)
{
    ul_strbuf text;
    ul_strbuf_init_in(&text, &b->arena);
    for (uint32_t i = 0; i < report->profiles[0].placement_count; i++) {
        const ul_profile_placement *it = &report->profiles[0].placements[i];
        ul_strbuf_printf(&text, "%s%s %s %g/%g", i ? "; " : "", ul_profile_match_name(it->match), it->record ? it->record : "-", it->placed_samples, it->samples);
        if (it->detail[0])
            ul_strbuf_printf(&text, " (%s)", it->detail);
    }
    return text.data;
}

/* "x 6, y 4*" of the record's fields that were seen. */
static const char *fields_of(parse_bench *b, const ul_report *report, const char *record)
{
    ul_strbuf text;
    ul_strbuf_init_in(&text, &b->arena);
    ul_strbuf_puts(&text, "");
    for (uint32_t i = 0; i < report->entry_count; i++) {
        const ul_entry *entry = &report->entries[i];
        for (uint32_t f = 0; strcmp(entry->record->name, record) == 0 && entry->profile && f < entry->record->field_count; f++) {
            const ul_field_profile *field = &entry->profile->fields[f];
            if (field->counts.samples > 0)
                ul_strbuf_printf(&text, "%s%s %.3g%s", text.length ? ", " : "", ul_field_label(entry->record, f, &b->arena), field->counts.samples, field->is_shared ? "*" : "");
        }
    }
    return text.data;
}

typedef struct type_case {
    const char *code, *profile;
    const char *told;           /* or its beginning */
    const char *record, *fields; /* what that record has got */
} type_case;

static void expect(parse_bench *b, const type_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ul_report report = place(b, cases[i].code, cases[i].profile);
        const char *words = told(b, &report), *fields = fields_of(b, &report, cases[i].record);
        if (strncmp(words, cases[i].told, strlen(cases[i].told)) != 0)
            fail_msg("%s\n%s\nis told as \"%s\", not as \"%s\"", cases[i].code, cases[i].profile, words, cases[i].told);
        if (strcmp(fields, cases[i].fields) != 0)
            fail_msg("%s\n%s\ngives \"%s\", not \"%s\"", cases[i].code, cases[i].profile, fields, cases[i].fields);
    }
}

#define EXPECT(cases) expect(*state, (cases), sizeof(cases) / sizeof *(cases))
#define ROW(samples, place) "10.00%," #samples "," place "\n"
#define JSON(type, size, fields) "{\"schema\":\"ullage.profile/1\",\"types\":[{\"type\":\"" type "\",\"size\":" #size ",\"fields\":[" fields "]}]}"
#define AT(path, offset, samples) "{\"path\":\"" path "\",\"offset\":" #offset ",\"samples\":" #samples "}"

static void names_of_types(void **state)
{
    static const type_case cases[] = {
        {"struct a { int x, y; };", ROW(6, "struct a +0 (x)") ROW(4, "struct a +0x4 (y)"), "exact struct a 10/10", "struct a", "x 6, y 4"},
        {"union a { int x; float y; };", ROW(6, "union a +0 (x)"), "exact union a 6/6", "union a", "x 6*, y 6*"},
        {"typedef struct { int x, y; } a;", ROW(6, "a +0 (x)"), "exact a 6/6", "a", "x 6"},
        {"typedef struct { int x, y; } a;", ROW(6, "struct a +0 (x)"), "exact a 6/6", "a", "x 6"},
        {"typedef struct { int x, y; } a; struct a { int y, x; };", ROW(6, "struct a +0 (y)"), "exact struct a 6/6", "struct a", "y 6"},
        {"typedef struct { int x, y; } a; struct a { int y, z; };", ROW(6, "struct a +0 (x)"), "refused - 0/6 (1 of its 1 fields are not in the record, `x` first, and they have most of what was counted)",
         "a", ""},
        {"typedef struct a { int x, y; } a;", ROW(6, "a +0x4 (y)"), "exact struct a 6/6", "struct a", "y 6"},
        {"typedef struct a { int x, y; } a_t;", ROW(6, "a_t +0x4 (y)"), "exact struct a 6/6 (known by its fields)", "struct a", "y 6"},
        {"typedef struct a { int x, y, z; } other;", ROW(6, "other +0x4 (y)") ROW(1, "other +0 (x)") ROW(1, "other +0x8 (z)"), "exact struct a 8/8 (known by its fields)",
         "struct a", "x 1, y 6, z 1"},
        {"typedef struct a { int x, y, z; } other;", ROW(6, "other +0x4 (y)"), "refused - 0/6 (no record of that name was read)", "struct a", ""},
        {"struct a { int x, y, z; }; struct b { int x, y, z; };", ROW(6, "other +0x4 (y)") ROW(1, "other +0 (x)") ROW(1, "other +0x8 (z)"),
         "refused - 0/8 (2 records could be meant, `struct a` of ", "struct a", ""},
        {"struct a { int x, y, z; };", ROW(6, "struct b +0x4 (y)") ROW(1, "struct b +0 (x)") ROW(1, "struct b +0x8 (z)"), "refused - 0/8 (no record of that name", "struct a", ""},
        {"void f(void); void g(void); struct a { int x; }; void f(void) { struct b { int x; } b = {0}; (void)b; }", ROW(1, "struct a +0 (x)"), "exact struct a 1/1", "struct a", "x 1"},
    };
    EXPECT(cases);
}

static void layouts_of_then(void **state)
{
    static const type_case cases[] = {
        {"struct a { long x, y; };", JSON("struct a", 16, AT("x", 0, 3) "," AT("y", 8, 4)), "exact struct a 7/7", "struct a", "x 3, y 4"},
        {"struct a { long new, x, y; };", JSON("struct a", 16, AT("x", 0, 3) "," AT("y", 8, 4)),
         "remapped struct a 7/7 (it had 16 bytes when it was measured and has 24 here: fields were found by their names)", "struct a", "x 3, y 4"},
        {"struct a { long y, x; };", JSON("struct a", 16, AT("x", 0, 3) "," AT("y", 8, 4)),
         "remapped struct a 7/7 (2 of its fields were elsewhere when it was measured: fields were found by their names)", "struct a", "y 4, x 3"},
        {"struct a { long x, z; };", JSON("struct a", 16, AT("x", 0, 4) "," AT("y", 8, 3)), "remapped struct a 4/7 (1 of its 2 fields is not in the record, `y` first)", "struct a", "x 4"},
        {"struct a { long x, z; };", JSON("struct a", 16, AT("x", 0, 3) "," AT("y", 8, 4)), "refused - 0/7 (1 of its 2 fields are not in the record, `y` first, and they have most", "struct a", ""},
        {"struct a { long x, z; };", JSON("struct a", 24, "{\"offset\":8,\"samples\":3}"), "refused - 0/3 (it had 24 bytes when it was measured and has 16 here, and no field has a name)", "struct a", ""},
        {"struct a { long x, z; };", JSON("struct a", 16, "{\"offset\":8,\"samples\":3}"), "exact struct a 3/3", "struct a", "z 3"},
        {"struct a { long x, z; };", ROW(3, "struct a +0x8 (z"), "refused - 0/3 (neither its size nor the name of a field is told", "struct a", ""},
    };
    EXPECT(cases);
}

static void places_in_a_record(void **state)
{
    static const type_case cases[] = {
        {"struct in { int p, q; }; struct a { int x; struct in in; };", ROW(5, "struct a +0x8 (in.q)"), "exact struct a 5/5", "struct a", "in 5"},
        {"struct a { int x; int list[4]; };", ROW(5, "struct a +0xc (list)") ROW(2, "struct a +0x4 (list[0])"), "exact struct a 7/7", "struct a", "list 7"},
        {"struct a { int n; int tail[]; };", ROW(5, "struct a +0x40 (tail)") ROW(1, "struct a +0 (n)"), "exact struct a 6/6", "struct a", "n 1, tail 5"},
        {"struct a { int x; union { int u; float f; }; };", ROW(5, "struct a +0x4 (u)"), "exact struct a 5/5", "struct a", "<anonymous> 5, u 5*, f 5*"},
        {"struct a { int x; struct { int u, v; }; };", ROW(5, "struct a +0x8 (v)"), "exact struct a 5/5", "struct a", "<anonymous> 5, v 5"},
        {"struct a { int x; unsigned b:1, c:1; unsigned d:9; };", ROW(6, "struct a +0x4 (b)"), "exact struct a 6/6", "struct a", "b 2*, c 2*, d 2*"},
        {"struct a { char c; int x; };", JSON("struct a", 8, AT("c", 0, 1) ",{\"offset\":2,\"samples\":9}"), "exact struct a 1/10", "struct a", "c 1"},
    };
    EXPECT(cases);
}

#define C2C(rows) "Shared Cache Line Distribution Pareto\n 0 0 100 100 0 0x1000\n" rows
#define HIT(share, offset, function, source) " 0.00% " share " 0.00% 0.00% " offset " 0 1 0x4000 1 2 3 10 2 [.] " function " main " source " 0\n"
#define SET(offset, function, source) " 0.00% 0.00% 100.00% 0.00% " offset " 0 1 0x4000 1 2 3 100 2 [.] " function " main " source " 0\n"
#define CODE                                                                                                                               \
    "struct gate { long limit, open, used, pad[5]; }; struct other { long a, b; };\n"                                                       \
    "long look(struct gate *g); void count(struct gate *g); long both(struct gate *g, struct other *o);\n"                                  \
    "long look(struct gate *g) {\n return g->limit + g->open; }\n"                                                                          \
    "static inline void step(struct gate *g) {\n g->used++; }\n"                                                                            \
    "void count(struct gate *g) {\n for (int i = 0; i < 9; i++) step(g); }\n"                                                               \
    "long both(struct gate *g, struct other *o) {\n return g->open + o->a + o->b; }\n"

static void lines_by_their_code(void **state)
{
    static const type_case cases[] = {
        /* the writer changes the one field that it can, by a function that was inlined into it */
        {CODE, C2C(HIT("60.00%", "0x10", "look", "a.c:4") HIT("40.00%", "0x18", "look", "a.c:4") SET("0x20", "count", "a.c:6")),
         "exact struct gate 120/120 (by the code: it begins 48 bytes into an object)", "struct gate", "limit 10, open 10, used 100"},
        {CODE, C2C(HIT("60.00%", "0x0", "look.isra.0", "main[1]") HIT("40.00%", "0x8", "look", "main[1]")), "exact struct gate 20/20 (by the code: it begins 0 bytes", "struct gate",
         "limit 10, open 10"},
        /* one offset: it may be either of two fields */
        {CODE, C2C(HIT("100.00%", "0x8", "look", "main[1]")), "refused - 0/10 (1 other place fits as well as `struct gate`)", "struct gate", ""},
        {CODE, C2C(HIT("100.00%", "0x8", "both", "main[1]")), "refused - 0/10 (2 other places fit as well as", "struct gate", ""},
        {CODE, C2C(HIT("100.00%", "0x8", "memcpy", "main[1]")), "refused - 0/10 (no function of the source that was read is seen on it", "struct gate", ""},
        {CODE, C2C(SET("0x0", "look", "a.c:4")), "refused - 0/100 (no function of the source", "struct gate", ""},
        {CODE, C2C(HIT("80.00%", "0x0", "memcpy", "main[1]") HIT("20.00%", "0x8", "count", "a.c:6")), "refused - 0/20 (`struct gate` explains 20 % of it", "struct gate", ""},
    };
    EXPECT(cases);
}

/* The same function and thread in two types that are one record: put together. */
static void contexts_are_merged(void **state)
{
    parse_bench *b = *state;
    ul_report report = place(b, "typedef struct a { int x, y; } a_t;",
                             "10.00%,7,  1:m,a_t +0 (x),[.] f\n10.00%,5,  1:m,struct a +0x4 (y),[.] f\n10.00%,2,  1:m,struct a +0 (x),[.] f\n10.00%,1,  2:m,a_t +0x4 (y),[.] f\n");
    const ul_record_profile *profile = report.entries[0].profile;
    assert_non_null(profile);
    assert_string_equal(fields_of(b, &report, "struct a"), "x 9, y 6");
    assert_int_equal(profile->context_count, 2);
    assert_int_equal(profile->contexts[0].use_count, 2);
    assert_true(profile->contexts[0].uses[0].field == 0 && profile->contexts[0].uses[0].counts.samples > 8.9);
    assert_true(profile->contexts[0].uses[1].field == 1 && profile->contexts[0].uses[1].counts.samples > 4.9);
}

/* A name of a typedef that one profile tells by all fields of the type is known to the other, which has some of them. */
static void types_known_by_another_profile(void **state)
{
    parse_bench *b = *state;
    static const char *const texts[] = {
        "10.00%,7,other +0x4 (y)\n",
        "Annotate type: 'other' in ./a (3 samples):\n=====\n Percent     offset       size  field\n  100.00          0        0x8  other\t {\n"
        "   50.00          0        0x4      int\tx;\n   50.00        0x4        0x4      int\ty;\n                                };\n"};
    const ul_profile *profiles[2];
    ul_report report = {0};
    ul_diags diags;
    ul_diags_init(&diags, &b->arena);
    parse_clean(b, "typedef struct a { int x, y; } other;");
    ul_merge_units(&report.entries, &report.entry_count, &b->result, 1, &b->arena);
    for (int i = 0; i < 2; i++) {
        ul_profile *read;
        assert_int_equal(ul_profile_read(&read, "p", texts[i], strlen(texts[i]), &diags, &b->arena), UL_OK);
        profiles[i] = read;
    }
    ul_profiles_place(&report, profiles, 1, &b->arena);
    assert_string_equal(told(b, &report), "refused - 0/7 (no record of that name was read)");
    ul_profiles_place(&report, profiles, 2, &b->arena);
    assert_string_equal(told(b, &report), "exact struct a 7/7 (known by its fields)");
}

static void threads_and_functions(void **state)
{
    parse_bench *b = *state;
    ul_report report = place(b, "struct a { int x, y; };",
                             "# Samples: 99  of event 'cpu-clock'\n50.00%,30,  1:m,struct a +0 (x),[.] f\n20.00%,10,  1:m,struct a +0x4 (y),[.] f\n"
                             "10.00%,8,  2:m,struct a +0x4 (y),[.] g\n10.00%,51,  2:m,(unknown),[.] g\n");
    const ul_record_profile *profile = report.entries[0].profile;
    assert_non_null(profile);
    assert_int_equal(profile->context_count, 2);
    assert_string_equal(profile->contexts[0].thread, "1:m");
    assert_string_equal(profile->contexts[0].function, "f");
    assert_int_equal(profile->contexts[0].use_count, 2);
    assert_true(profile->contexts[0].count > 29 && profile->contexts[0].count < 31);
    assert_int_equal(profile->thread_count, 2);
    assert_int_equal(profile->fields[0].thread_count, 1);
    assert_int_equal(profile->fields[1].thread_count, 2);
    assert_true(profile->is_time && profile->thread_samples > 98 && profile->thread_samples < 100);
    assert_true(report.profiles[0].placed_samples > 47 && report.profiles[0].meta.samples > 98);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, parse_set_up, parse_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(names_of_types), TEST(layouts_of_then), TEST(places_in_a_record), TEST(lines_by_their_code), TEST(threads_and_functions),
        TEST(contexts_are_merged), TEST(types_known_by_another_profile),
    };
    return cmocka_run_group_tests_name("profile_place", tests, NULL, NULL);
}

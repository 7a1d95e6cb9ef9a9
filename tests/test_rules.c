/* The rules: for each a record that makes it fire and neighbours that must not, and how findings are levelled, silenced and sorted. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "made_record.h"
#include "layout/rules/findings.h"

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof *(array)))
enum { RULES_MAX = 32 };

typedef struct test_bench {
    ul_arena arena;
    ul_target targets[2];
    ul_entry entries[4];
    ul_report report;
    ul_level levels[RULES_MAX];
    uint64_t limits[UL_LIMIT_COUNT];
} test_bench;

static const made_field small_fields[] = {
    {"id", "uint64_t", 8, 8}, {"flag", "uint8_t", 1, 1}, {"peer", "void *", 8, 8, UL_FIELD_POINTER}, {"fd", "int", 4, 4}, {"mode", "uint8_t", 1, 1},
};

static int set_up(void **state)
{
    test_bench *bench = calloc(1, sizeof *bench);
    ul_arena_init(&bench->arena, NULL);
    bench->targets[0] = bench->targets[1] = made_target();
    bench->targets[1].triple = "i386-pc-linux-gnu";
    bench->report = (ul_report){.root = "/w/", .cwd = "/w/", .targets = bench->targets, .target_count = 2, .entries = bench->entries};
    uint32_t count;
    const ul_rule *const *rules = ul_rules_all(&count);
    assert_true(count <= RULES_MAX);
    for (uint32_t i = 0; i < count; i++)
        bench->levels[i] = rules[i]->info.level;
    for (uint32_t i = 0; i < UL_LIMIT_COUNT; i++)
        bench->limits[i] = ul_limit_info_of((ul_limit)i)->standard;
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
    *entry = (ul_entry){0};
    entry->record = made_record(&bench->arena, &bench->targets[0], name, fields, count);
    assert_non_null(entry->record);
    ul_facts_of(&entry->facts, entry->record, &bench->targets[0], &bench->arena);
    return entry;
}

/* struct conn of five fields with a plan that moves `flag`: 32 to 24 bytes. */
static ul_entry *put_planned(test_bench *bench)
{
    static const uint32_t order[] = {0, 2, 3, 1, 4}, moved[] = {1};
    ul_entry *entry = put(bench, "struct conn", small_fields, COUNT(small_fields));
    entry->plan = made_plan(&bench->arena, &bench->targets[0], entry->record, order, 5, moved, 1);
    assert_non_null(entry->plan);
    return entry;
}

/* The model is const to its readers; a test may still change what it made. */
static ul_record *record_of(ul_entry *entry)
{
    return (ul_record *)entry->record;
}

static ul_plan *plan_of(ul_entry *entry)
{
    return (ul_plan *)entry->plan;
}

static void run(test_bench *bench)
{
    ul_rule_settings settings = {bench->levels, bench->limits};
    const ul_rule_settings *const all[] = {&settings, &settings, &settings, &settings};
    assert_true(bench->report.entry_count <= COUNT(all));
    ul_rules_run(&bench->report, all, 0, &bench->arena);
}

static const ul_finding *find(test_bench *bench, const char *rule)
{
    run(bench);
    for (uint32_t i = 0; i < bench->report.finding_count; i++) {
        if (strcmp(bench->report.findings[i].rule->name, rule) == 0)
            return &bench->report.findings[i];
    }
    return NULL;
}

static void annotate(test_bench *bench, ul_entry *entry, uint32_t field, const char *argument)
{
    ul_annotation *annotation = UL_NEW(&bench->arena, ul_annotation);
    *annotation = (ul_annotation){.kind = UL_ANNOTATION_IGNORE, .argument = argument, .reason = "", .field = field};
    record_of(entry)->annotations = annotation;
    record_of(entry)->annotation_count = 1;
}

static void test_reorder_fires_with_numbers(void **state)
{
    put_planned(*state);
    const ul_finding *finding = find(*state, "reorder-saves");
    assert_non_null(finding);
    assert_string_equal(finding->message, "`struct conn` would fit class 24 instead of 40: it takes 32 bytes where 24 would do, 8 lost to padding (moving 1 of 5 fields)");
    assert_string_equal(finding->why, "under glibc one object takes 32 bytes of heap instead of 48.");
    assert_string_equal(finding->fix, "put `flag` after `fd`.");
    assert_int_equal(finding->level, UL_LEVEL_WARNING);
    assert_int_equal(finding->saved_bytes, 8);
    assert_int_equal(finding->line, 4);
    assert_int_equal(finding->column, 1);
    assert_int_equal(((test_bench *)*state)->report.saved_bytes, 8);
}

static void test_reorder_is_a_note_within_a_class(void **state)
{
    ul_entry *entry = put_planned(*state);
    plan_of(entry)->class_saved_bytes = 0;
    assert_int_equal(find(*state, "reorder-saves")->level, UL_LEVEL_NOTE);
    plan_of(entry)->lines_before = 2;
    assert_int_equal(find(*state, "reorder-saves")->level, UL_LEVEL_WARNING);
    assert_non_null(strstr(find(*state, "reorder-saves")->message, "fit 1 cache line instead of 2"));
}

static void test_reorder_counts_instances(void **state)
{
    record_of(put_planned(*state))->instances = 1e6;
    assert_non_null(strstr(find(*state, "reorder-saves")->why, "With 1000000 of them alive that is 16 MB."));
}

static void test_reorder_is_silent(void **state)
{
    test_bench *bench = *state;
    ul_entry *entry = put(bench, "struct conn", small_fields, COUNT(small_fields));
    assert_null(find(bench, "reorder-saves"));
    bench->report.entry_count = 0;
    entry = put_planned(bench);
    plan_of(entry)->moved_count = 0; /* all of it comes from embedded records */
    plan_of(entry)->embedded_saved_bytes = 8;
    assert_null(find(bench, "reorder-saves"));
    assert_int_equal(bench->report.saved_bytes, 0);
}

static void test_reorder_of_a_member_follows_its_record(void **state)
{
    test_bench *bench = *state;
    ul_entry *outer = put_planned(bench), *member = put_planned(bench);
    record_of(member)->name = "struct conn::<anonymous>";
    record_of(member)->flags |= UL_RECORD_MEMBER;
    record_of(outer)->span = (ul_span){0, 100};
    record_of(member)->span = (ul_span){20, 50};
    run(bench);
    assert_int_equal(bench->report.finding_count, 2);
    assert_int_equal(bench->report.findings[1].entry, 1);
    assert_int_equal(bench->report.findings[1].level, UL_LEVEL_WARNING);
    outer->plan = NULL;
    const ul_finding *finding = find(bench, "reorder-saves");
    assert_int_equal(finding->level, UL_LEVEL_NOTE);
    assert_null(strstr(finding->message, "class"));
}

/* 44 bytes: four over the class of 40, for a block of 64 instead of 48. */
static const made_field job_fields[] = {{"deps", "uint32_t [8]", 32, 4, UL_FIELD_ARRAY}, {"a", "uint32_t", 4, 4}, {"b", "uint32_t", 4, 4}, {"c", "uint32_t", 4, 4}};

static void test_class_waste_fires(void **state)
{
    test_bench *bench = *state;
    ul_entry *entry = put(bench, "struct job", job_fields, COUNT(job_fields));
    const ul_finding *finding = find(bench, "size-class-waste");
    assert_non_null(finding);
    assert_string_equal(finding->message, "4 bytes too many: `struct job` takes 44 bytes, just over the class of 40; 4 less would save 16 of heap an object");
    assert_int_equal(finding->level, UL_LEVEL_NOTE);
    assert_int_equal(bench->report.saved_bytes, 0);
    ul_record_refuse(record_of(entry), &bench->arena, UL_REFUSE_KEEP_ORDER, "line 3");
    assert_non_null(find(bench, "size-class-waste"));
}

static void test_class_waste_is_silent(void **state)
{
    test_bench *bench = *state;
    ul_entry *entry = put(bench, "struct job", job_fields, COUNT(job_fields));
    record_of(entry)->flags = UL_RECORD_MEMBER;
    assert_null(find(bench, "size-class-waste"));
    record_of(entry)->flags = 0;
    record_of(entry)->size_bytes = 40; /* fits */
    assert_null(find(bench, "size-class-waste"));
    record_of(entry)->size_bytes = 52; /* twelve bytes to shed for sixteen */
    assert_null(find(bench, "size-class-waste"));
    record_of(entry)->size_bytes = 44;
    record_of(entry)->fields[3].flags |= UL_FIELD_FLEXIBLE;
    assert_null(find(bench, "size-class-waste"));
    record_of(entry)->fields[3].flags = 0;
    bench->targets[0].allocator = NULL;
    assert_null(find(bench, "size-class-waste"));
    bench->targets[0].allocator = made_target().allocator;
    assert_non_null(find(bench, "size-class-waste"));
    ul_record_refuse(record_of(entry), &bench->arena, UL_REFUSE_MISSING_INCLUDE, "x.h");
    assert_null(find(bench, "size-class-waste"));
}

/* `pair` takes bytes 60 to 67. */
static const made_field peer_fields[] = {{"seen", "uint32_t [15]", 60, 4, UL_FIELD_ARRAY}, {"pair", "struct pair", 8, 4, UL_FIELD_RECORD}, {"x", "uint32_t", 4, 4}};

static void test_straddle_fires_on_its_field(void **state)
{
    test_bench *bench = *state;
    put(bench, "struct peer", peer_fields, COUNT(peer_fields));
    const ul_finding *finding = find(bench, "line-straddle");
    assert_non_null(finding);
    assert_int_equal(finding->field, 1);
    assert_int_equal(finding->line, 6);
    assert_string_equal(finding->message,
                        "`pair` of `struct peer` crosses a cache line (bytes 60 to 67, line of 64); another order of the same size has none such");
    assert_string_equal(finding->fix, "put `pair` after `x`.");
}

static void test_straddle_takes_the_plan(void **state)
{
    test_bench *bench = *state;
    static const uint32_t order[] = {0, 2, 1}, moved[] = {1};
    ul_entry *entry = put(bench, "struct peer", peer_fields, COUNT(peer_fields));
    entry->plan = made_plan(&bench->arena, &bench->targets[0], entry->record, order, 3, moved, 1);
    assert_string_equal(find(bench, "line-straddle")->fix, "the order that reorder-saves gives removes it.");
    plan_of(entry)->after = entry->record; /* a plan that leaves it where it is */
    assert_null(find(bench, "line-straddle"));
}

static void test_straddle_is_silent(void **state)
{
    test_bench *bench = *state;
    static const made_field text[] = {{"seen", "uint32_t [15]", 60, 4, UL_FIELD_ARRAY}, {"text", "char [8]", 8, 1, UL_FIELD_CHAR_ARRAY}, {"x", "uint32_t", 4, 4}};
    put(bench, "struct text", text, COUNT(text));
    assert_null(find(bench, "line-straddle"));
    bench->report.entry_count = 0;
    put(bench, "struct fits", peer_fields, 1);
    assert_null(find(bench, "line-straddle"));
    bench->report.entry_count = 0;
    ul_entry *entry = put(bench, "struct peer", peer_fields, COUNT(peer_fields));
    record_of(entry)->groups[2].segment = 1; /* a wall before `x` */
    assert_null(find(bench, "line-straddle"));
    record_of(entry)->groups[2].segment = 0;
    assert_non_null(find(bench, "line-straddle"));
    ul_record_refuse(record_of(entry), &bench->arena, UL_REFUSE_KEEP_ORDER, "line 3");
    assert_null(find(bench, "line-straddle"));
}

/* 4 + 4 bools + enum of 4: 12 bytes, 8 as bits. */
static const made_field view_fields[] = {
    {"id", "uint32_t", 4, 4},           {"open", "bool", 1, 1, UL_FIELD_BOOL, 1},      {"dirty", "bool", 1, 1, UL_FIELD_BOOL, 1},
    {"lost", "bool", 1, 1, UL_FIELD_BOOL, 1}, {"mode", "enum mode", 4, 4, UL_FIELD_ENUM, 2},
};

static void test_flags_fire(void **state)
{
    test_bench *bench = *state;
    put(bench, "struct view", view_fields, COUNT(view_fields));
    const ul_finding *finding = find(bench, "flags-to-bits");
    assert_non_null(finding);
    assert_string_equal(finding->message, "4 flags of `struct view` take 7 bytes for 5 bits: as bit-fields they would bring it from 12 to 8 bytes");
    assert_int_equal(finding->saved_bytes, 4);
    assert_int_equal(finding->level, UL_LEVEL_NOTE);
    assert_non_null(strstr(finding->fix, "`open`, `dirty`, `lost`, `mode`"));
    assert_int_equal(bench->report.saved_bytes, 0);
}

static void test_flags_are_silent(void **state)
{
    test_bench *bench = *state;
    ul_entry *entry = put(bench, "struct view", view_fields, COUNT(view_fields));
    record_of(entry)->fields[1].flags |= UL_FIELD_ATOMIC;
    record_of(entry)->fields[2].flags |= UL_FIELD_VOLATILE;
    assert_null(find(bench, "flags-to-bits")); /* two are left */
    bench->report.entry_count = 0;
    put(bench, "struct two", view_fields, 3);
    assert_null(find(bench, "flags-to-bits"));
    bench->report.entry_count = 0;
    put(bench, "struct gap", view_fields, 4); /* four bytes are one word anyway */
    assert_null(find(bench, "flags-to-bits"));
    bench->report.entry_count = 0;
    entry = put(bench, "struct view", view_fields, COUNT(view_fields));
    ul_record_refuse(record_of(entry), &bench->arena, UL_REFUSE_PACKED, "");
    assert_null(find(bench, "flags-to-bits"));
}

static void test_varies_between_units_is_a_warning(void **state)
{
    test_bench *bench = *state;
    ul_entry *entry = put(bench, "struct conn", small_fields, COUNT(small_fields));
    ul_record *other = made_record(&bench->arena, &bench->targets[0], "struct conn", small_fields + 1, 4);
    other->unit = "/w/src/other.c";
    const ul_record *variants[] = {entry->record, other};
    entry->variants = variants;
    entry->variant_count = 1;
    assert_null(find(bench, "layout-varies"));
    entry->variant_count = 2;
    const ul_finding *finding = find(bench, "layout-varies");
    assert_non_null(finding);
    assert_int_equal(finding->level, UL_LEVEL_WARNING);
    assert_string_equal(finding->message, "2 layouts of `struct conn`: 32 bytes in src/made.c, 24 bytes in src/other.c; "
                                          "`id` in one stands where `flag` does in the other");
}

static void test_varies_between_targets_needs_other_fields(void **state)
{
    test_bench *bench = *state;
    ul_entry *entry = put(bench, "struct conn", small_fields, COUNT(small_fields));
    ul_record *other = made_record(&bench->arena, &bench->targets[1], "struct conn", small_fields, COUNT(small_fields));
    const ul_record *variants[] = {other};
    other->target = 1;
    other->size_bytes = 20;
    entry->variants = variants;
    entry->variant_count = 1;
    assert_null(find(bench, "layout-varies"));
    other->fields[3].type = "long";
    const ul_finding *finding = find(bench, "layout-varies");
    assert_non_null(finding);
    assert_int_equal(finding->level, UL_LEVEL_NOTE);
    assert_non_null(strstr(finding->message, "i386-pc-linux-gnu"));
}

static void test_levels(void **state)
{
    test_bench *bench = *state;
    uint32_t index = ul_rule_index(ul_rule_find("reorder-saves"));
    ul_entry *entry = put_planned(bench);
    plan_of(entry)->class_saved_bytes = 0; /* earns a note */
    bench->levels[index] = UL_LEVEL_ERROR;
    assert_int_equal(find(bench, "reorder-saves")->level, UL_LEVEL_ERROR);
    bench->levels[index] = UL_LEVEL_WARNING;
    assert_int_equal(find(bench, "reorder-saves")->level, UL_LEVEL_NOTE);
    plan_of(entry)->class_saved_bytes = 16; /* earns a warning */
    bench->levels[index] = UL_LEVEL_NOTE;
    assert_int_equal(find(bench, "reorder-saves")->level, UL_LEVEL_NOTE);
    bench->levels[index] = UL_LEVEL_OFF;
    assert_null(find(bench, "reorder-saves"));
    assert_int_equal(bench->report.saved_bytes, 0);
}

static void test_silences_in_the_source(void **state)
{
    test_bench *bench = *state;
    ul_entry *entry = put_planned(bench);
    annotate(bench, entry, UL_NO_PARENT, "line-straddle");
    assert_non_null(find(bench, "reorder-saves"));
    annotate(bench, entry, UL_NO_PARENT, "line-straddle, reorder-saves");
    assert_null(find(bench, "reorder-saves"));
    bench->report.entry_count = 0;
    entry = put(bench, "struct peer", peer_fields, COUNT(peer_fields));
    annotate(bench, entry, 0, "");
    assert_non_null(find(bench, "line-straddle"));
    annotate(bench, entry, 1, "");
    assert_null(find(bench, "line-straddle"));
}

static void test_findings_are_sorted(void **state)
{
    test_bench *bench = *state;
    record_of(put_planned(bench))->line = 90;
    record_of(put(bench, "struct view", view_fields, COUNT(view_fields)))->line = 7;
    record_of(put(bench, "struct job", job_fields, COUNT(job_fields)))->line = 7;
    record_of(put_planned(bench))->file = "/w/a.h";
    ul_record_refuse(record_of(&bench->entries[2]), &bench->arena, UL_REFUSE_KEEP_ORDER, "");
    run(bench);
    assert_int_equal(bench->report.finding_count, 4);
    assert_int_equal(bench->report.findings[0].entry, 3);
    assert_int_equal(bench->report.findings[1].entry, 2); /* size-class-waste stands before flags-to-bits */
    assert_int_equal(bench->report.findings[2].entry, 1);
    assert_int_equal(bench->report.findings[3].entry, 0);
    assert_int_equal(bench->report.refused_count, 1);
    assert_int_equal(bench->report.saved_bytes, 16);
    assert_true(bench->report.rule_count >= 5);
}

static void test_fingerprints(void **state)
{
    test_bench *bench = *state;
    ul_entry *entry = put_planned(bench);
    uint64_t before = find(bench, "reorder-saves")->fingerprint;
    record_of(entry)->line = 400;
    assert_int_equal(find(bench, "reorder-saves")->fingerprint, before);
    bench->report.root = "/elsewhere/";
    assert_int_not_equal(find(bench, "reorder-saves")->fingerprint, before);
    /* FNV-1a of "a\0b\0c\0\0", computed apart. */
    assert_true(ul_fingerprint_of("a", "/r/", "/r/b", "c", "") == ul_fingerprint_of("a", NULL, "b", "c", ""));
    assert_true(ul_fingerprint_of("a", NULL, "b", "c", "") == UINT64_C(0x6c190b38c01d6407));
    assert_true(ul_fingerprint_of("ab", NULL, "", "c", "") != ul_fingerprint_of("a", NULL, "b", "c", ""));
}

static void test_every_rule_explains_itself(void **state)
{
    (void)state;
    uint32_t count;
    const ul_rule *const *rules = ul_rules_all(&count);
    for (uint32_t i = 0; i < count; i++) {
        const ul_rule_info *info = &rules[i]->info;
        assert_ptr_equal(ul_rule_find(info->name), rules[i]);
        assert_int_equal(ul_rule_index(rules[i]), i);
        assert_true(info->level >= UL_LEVEL_NOTE && info->level <= UL_LEVEL_ERROR);
        assert_true(strlen(info->summary) > 20 && info->summary[strlen(info->summary) - 1] != '.');
        assert_true(strlen(info->meaning) > 100 && strlen(info->why) > 100 && strlen(info->silence) > 40);
        assert_non_null(strstr(info->example, "struct "));
        assert_non_null(strstr(info->silence, info->name));
    }
    assert_null(ul_rule_find("no-such-rule"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_reorder_fires_with_numbers),
        TEST(test_reorder_is_a_note_within_a_class),
        TEST(test_reorder_counts_instances),
        TEST(test_reorder_is_silent),
        TEST(test_reorder_of_a_member_follows_its_record),
        TEST(test_class_waste_fires),
        TEST(test_class_waste_is_silent),
        TEST(test_straddle_fires_on_its_field),
        TEST(test_straddle_takes_the_plan),
        TEST(test_straddle_is_silent),
        TEST(test_flags_fire),
        TEST(test_flags_are_silent),
        TEST(test_varies_between_units_is_a_warning),
        TEST(test_varies_between_targets_needs_other_fields),
        TEST(test_levels),
        TEST(test_silences_in_the_source),
        TEST(test_findings_are_sorted),
        TEST(test_fingerprints),
        TEST(test_every_rule_explains_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

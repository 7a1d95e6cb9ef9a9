/* Many units' results into entries: identity, doubt, variants, and independence of what came first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
/* cmocka needs the four above. */
#include <cmocka.h>

#include "layout/engine/merge.h"
#include "tests/made_record.h"

enum { UNITS_MAX = 8, RECORDS_MAX = 8 };

typedef struct merge_bench {
    ul_arena arena;
    ul_target target;
    ul_unit_result units[UNITS_MAX];
    ul_record records[UNITS_MAX][RECORDS_MAX];
    ul_entry *entries;
    uint32_t count;
} merge_bench;

static int set_up(void **state)
{
    merge_bench *bench = calloc(1, sizeof *bench);
    if (!bench)
        return -1;
    ul_arena_init(&bench->arena, NULL);
    bench->target = made_target();
    for (unsigned i = 0; i < UNITS_MAX; i++)
        bench->units[i] = (ul_unit_result){.detail = "", .triple = "", .records = bench->records[i]};
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    merge_bench *bench = *state;
    ul_arena_free(&bench->arena);
    free(bench);
    return 0;
}

static const made_field narrow[] = {{"a", "char", 1, 1}, {"b", "int", 4, 4}}, wide[] = {{"a", "char", 1, 1}, {"b", "long", 8, 8}};

/* `unit` saw "struct `name`" at `line` of `file`, with `fields` of two. */
static ul_record *see(merge_bench *bench, unsigned unit, const char *name, const char *file, uint32_t line, const made_field *fields)
{
    ul_record *record = &bench->records[unit][bench->units[unit].record_count++];
    *record = *made_record(&bench->arena, &bench->target, name, fields, 2);
    record->file = file;
    record->line = line;
    record->key = ul_arena_printf(&bench->arena, "%s:%u", file, line * 100);
    record->unit = ul_arena_printf(&bench->arena, "/u%u.c", unit);
    return record;
}

static void merge(merge_bench *bench)
{
    bench->entries = NULL;
    ul_merge_units(&bench->entries, &bench->count, bench->units, UNITS_MAX, &bench->arena);
}

/* "struct s 8 /u0.c [reason] {8/0 16/1}": size, unit, refusals, and variants with their targets. */
static const char *told(merge_bench *bench)
{
    const char *text = "";
    for (uint32_t i = 0; i < bench->count; i++) {
        const ul_entry *entry = &bench->entries[i];
        const ul_record *record = entry->record;
        text = ul_arena_printf(&bench->arena, "%s%s%s %llu %s", text, i ? "; " : "", record->name, (unsigned long long)record->size_bytes,
                               record->unit);
        for (uint32_t j = 0; j < record->refusal_count; j++)
            text = ul_arena_printf(&bench->arena, "%s [%s %s]", text, ul_refusal_name(record->refusals[j].reason), record->refusals[j].detail);
        for (uint32_t j = 0; j < entry->variant_count; j++)
            text = ul_arena_printf(&bench->arena, "%s {%llu on %u%s}", text, (unsigned long long)entry->variants[j]->size_bytes,
                                   entry->variants[j]->target, entry->variants[j]->flags & UL_RECORD_VARIES ? " varies" : "");
    }
    return text;
}

static void one_entry_for_many_units(void **state)
{
    merge_bench *bench = *state;
    for (unsigned i = 1; i < 4; i++) {
        see(bench, i, "struct late", "/b.h", 9, narrow);
        see(bench, i, "struct s", "/a.h", 20, narrow);
        see(bench, i, "struct t", "/a.h", 3, wide);
    }
    merge(bench);
    assert_string_equal(told(bench), "struct t 16 /u1.c; struct s 8 /u1.c; struct late 8 /u1.c");
    assert_null(bench->entries[0].plan);
}

static void nothing(void **state)
{
    merge_bench *bench = *state;
    merge(bench);
    assert_int_equal(bench->count, 0);
    ul_merge_units(&bench->entries, &bench->count, NULL, 0, &bench->arena);
    assert_int_equal(bench->count, 0);
}

/* The same place under two names, or with two keys, is two records; so is a name at two places. */
static void identity(void **state)
{
    merge_bench *bench = *state;
    see(bench, 0, "struct ints", "/list.h", 1, narrow);
    see(bench, 0, "struct longs", "/list.h", 1, wide);
    see(bench, 1, "struct s", "/a.c", 5, narrow);
    see(bench, 2, "struct s", "/b.c", 5, wide);
    see(bench, 3, "struct s", "/a.c", 7, wide);
    see(bench, 4, "struct twice", "/c.h", 1, narrow);
    see(bench, 4, "struct twice", "/c.h", 1, narrow)->key = "/c.h:100#2";
    merge(bench);
    assert_string_equal(told(bench), "struct s 8 /u1.c; struct s 16 /u3.c; struct s 16 /u2.c; struct twice 8 /u4.c; struct twice 8 /u4.c; "
                                     "struct ints 8 /u0.c; struct longs 16 /u0.c");
}

static void layouts_that_differ(void **state)
{
    merge_bench *bench = *state;
    see(bench, 0, "struct s", "/a.h", 1, narrow);
    see(bench, 1, "struct s", "/a.h", 1, wide);
    see(bench, 2, "struct s", "/a.h", 1, narrow);
    merge(bench);
    assert_string_equal(told(bench), "struct s 8 /u0.c {8 on 0 varies} {16 on 0 varies}");
    assert_ptr_equal(bench->entries[0].record, bench->entries[0].variants[0]);
    assert_int_equal(bench->records[0][0].flags & UL_RECORD_VARIES, 0); /* the input stays */
}

/* Layout is all of it: name, type, place, size and parent of a field, kind and alignment of the record. */
static void what_makes_layouts_differ(void **state)
{
    merge_bench *bench = *state;
    for (unsigned change = 0; change < 8; change++) {
        for (unsigned unit = 0; unit < 2; unit++)
            bench->units[unit].record_count = 0;
        see(bench, 0, "struct s", "/a.h", 1, narrow);
        ul_record *other = see(bench, 1, "struct s", "/a.h", 1, narrow);
        other->unit = "/elsewhere.c"; /* no part of it */
        switch (change) {
        case 1:
            other->fields[1].name = "z";
            break;
        case 2:
            other->fields[1].type = "unsigned";
            break;
        case 3:
            other->fields[1].offset_bits = 8;
            break;
        case 4:
            other->fields[1].size_bits = 8;
            break;
        case 5:
            other->fields[1].parent = 0;
            break;
        case 6:
            other->align_bytes = 8;
            break;
        case 7:
            other->kind = UL_RECORD_UNION;
            break;
        default:
            break;
        }
        merge(bench);
        assert_int_equal(bench->count, 1);
        assert_int_equal(bench->entries[0].variant_count, change ? 2 : 0);
    }
}

/* Other targets are variants too, but not ones that vary. */
static void targets(void **state)
{
    merge_bench *bench = *state;
    see(bench, 0, "struct s", "/a.h", 1, narrow)->target = 1;
    see(bench, 1, "struct s", "/a.h", 1, wide)->target = 0;
    see(bench, 2, "struct s", "/a.h", 1, wide)->target = 0;
    merge(bench);
    assert_string_equal(told(bench), "struct s 16 /u1.c {16 on 0} {8 on 1}");
    see(bench, 3, "struct s", "/a.h", 1, wide)->target = 1;
    merge(bench);
    assert_string_equal(told(bench), "struct s 16 /u1.c {16 on 0} {8 on 1 varies} {16 on 1 varies}");
}

static void joined_refusals(void **state)
{
    merge_bench *bench = *state;
    ul_record_refuse(see(bench, 0, "struct s", "/a.h", 1, narrow), &bench->arena, UL_REFUSE_KEEP_ORDER, "line 1");
    ul_record_refuse(see(bench, 1, "struct s", "/a.h", 1, narrow), &bench->arena, UL_REFUSE_KEEP_ORDER, "line 1");
    ul_record_refuse(see(bench, 2, "struct s", "/a.h", 1, narrow), &bench->arena, UL_REFUSE_PACK_STRUCT, "-fpack-struct");
    merge(bench);
    assert_string_equal(told(bench), "struct s 8 /u0.c [keep-order line 1] [pack-struct -fpack-struct]");
    assert_int_equal(bench->records[0][0].refusal_count, 1);
}

/* What a unit with errors saw says nothing against a unit that was understood. */
static void doubt(void **state)
{
    merge_bench *bench = *state;
    static const ul_refusal_reason doubtful[] = {UL_REFUSE_INVALID_RECORD, UL_REFUSE_INVALID_TYPE, UL_REFUSE_ERROR_IN_RECORD,
                                                 UL_REFUSE_MISSING_INCLUDE, UL_REFUSE_UNIT_ERRORS};
    for (unsigned i = 0; i < 5; i++)
        ul_record_refuse(see(bench, i, "struct s", "/a.h", 1, i % 2 ? narrow : wide), &bench->arena, doubtful[i], "");
    see(bench, 5, "struct s", "/a.h", 1, narrow);
    merge(bench);
    assert_string_equal(told(bench), "struct s 8 /u5.c");
    bench->units[5].record_count = 0; /* then doubt is all there is */
    merge(bench);
    assert_int_equal(bench->entries[0].variant_count, 0); /* units that were not understood do not contradict each other either */
    assert_int_equal(bench->entries[0].record->refusal_count, 3);
}

/* Seen in a unit of the project outweighs parsed alone; an error outweighs that. */
static void standalone(void **state)
{
    merge_bench *bench = *state;
    see(bench, 0, "struct s", "/a.h", 1, wide)->confidence = UL_CONFIDENCE_STANDALONE;
    see(bench, 1, "struct s", "/a.h", 1, narrow);
    merge(bench);
    assert_string_equal(told(bench), "struct s 8 /u1.c");
    assert_int_equal(bench->entries[0].record->confidence, UL_CONFIDENCE_UNIT);
    ul_record_refuse(&bench->records[1][0], &bench->arena, UL_REFUSE_MISSING_INCLUDE, "<x.h>");
    merge(bench);
    assert_string_equal(told(bench), "struct s 16 /u0.c");
    assert_int_equal(bench->entries[0].record->confidence, UL_CONFIDENCE_STANDALONE);
    see(bench, 2, "struct s", "/a.h", 1, narrow)->target = 1;
    merge(bench);
    assert_string_equal(told(bench), "struct s 16 /u0.c {16 on 0} {8 on 1}");
}

/* The jobs' numbers decide, not which results are filled: an order of arrival cannot show. Within a unit order means nothing. */
static void order_within_units(void **state)
{
    merge_bench *bench = *state;
    const char *first = NULL;
    static const char *const names[] = {"struct a", "struct b", "struct c", "struct d"};
    for (unsigned turn = 0; turn < 24; turn++) {
        unsigned left[4] = {0, 1, 2, 3}, rest = turn;
        for (unsigned unit = 0; unit < 3; unit++)
            bench->units[unit].record_count = 0;
        for (unsigned place = 0; place < 4; place++) {
            unsigned chosen = rest % (4 - place), name = left[chosen];
            rest /= 4 - place;
            left[chosen] = left[3 - place];
            for (unsigned unit = 0; unit < 3; unit++)
                see(bench, unit, names[name], name % 2 ? "/x.h" : "/y.h", 1 + name, (unit + name) % 3 ? narrow : wide);
        }
        merge(bench);
        if (!first)
            first = told(bench);
        assert_string_equal(told(bench), first);
    }
    assert_string_equal(first, "struct b 8 /u0.c {8 on 0 varies} {16 on 0 varies}; struct d 16 /u0.c {16 on 0 varies} {8 on 0 varies}; "
                               "struct a 16 /u0.c {16 on 0 varies} {8 on 0 varies}; struct c 8 /u0.c {8 on 0 varies} {16 on 0 varies}");
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(one_entry_for_many_units),  CASE(nothing), CASE(identity),        CASE(layouts_that_differ),
        CASE(what_makes_layouts_differ), CASE(targets), CASE(joined_refusals), CASE(doubt),
        CASE(order_within_units),        CASE(standalone),
    };
    return cmocka_run_group_tests_name("merge", tests, NULL, NULL);
}

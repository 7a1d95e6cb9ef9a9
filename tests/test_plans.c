/* Facts and plans of a whole run: embedded records first, what is refused on the way, and what an --allow word would bring. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
/* cmocka needs the four above. */
#include <cmocka.h>

#include "layout/engine/plans.h"
#include "tests/made_record.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { ENTRIES_MAX = 8 };

typedef struct plans_bench {
    ul_arena arena;
    ul_target targets[2];
    ul_entry entries[ENTRIES_MAX];
    uint32_t count;
} plans_bench;

static int set_up(void **state)
{
    plans_bench *bench = calloc(1, sizeof *bench);
    if (!bench)
        return -1;
    ul_arena_init(&bench->arena, NULL);
    bench->targets[0] = bench->targets[1] = made_target();
    bench->targets[1].triple = "i386-pc-linux-gnu";
    bench->targets[1].pointer_bytes = 4;
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    plans_bench *bench = *state;
    ul_arena_free(&bench->arena);
    free(bench);
    return 0;
}

static ul_record *make(plans_bench *bench, const char *name, const made_field *fields, uint32_t count)
{
    ul_record *record = made_record(&bench->arena, &bench->targets[0], name, fields, count);
    assert_non_null(record);
    return record;
}

/* Puts a record of `fields` into the run; what a field embeds is said by the key, which is the name. */
static ul_record *put(plans_bench *bench, const char *name, const made_field *fields, uint32_t count)
{
    assert_true(bench->count < ENTRIES_MAX);
    ul_record *record = make(bench, name, fields, count);
    bench->entries[bench->count++] = (ul_entry){.record = record};
    return record;
}

static void embed(ul_record *record, uint32_t field, const char *key, uint64_t count)
{
    record->fields[field].embedded = key;
    record->fields[field].embedded_count = count;
}

/* The entry's layouts on other targets or in other units, after the one that it has. */
static void add_variant(plans_bench *bench, uint32_t entry, ul_record *variant)
{
    ul_entry *to = &bench->entries[entry];
    const ul_record **variants = UL_NEW_ARRAY(&bench->arena, const ul_record *, to->variant_count + 2u);
    variants[0] = to->record;
    for (uint32_t i = 1; i < to->variant_count; i++)
        variants[i] = to->variants[i];
    to->variant_count = to->variant_count ? to->variant_count + 1 : 2;
    variants[to->variant_count - 1] = variant;
    to->variants = variants;
}

static void plan_all(plans_bench *bench, uint32_t target_count, uint32_t allow)
{
    ul_plan_entries(bench->entries, bench->count, bench->targets, target_count, allow, &bench->arena);
}

/* "16: a0 c8 b64": the size and bit offsets of the plan's record, "-" without a plan. */
static const char *told(plans_bench *bench, uint32_t entry)
{
    const ul_plan *plan = bench->entries[entry].plan;
    if (!plan)
        return "-";
    assert_int_equal(plan->size_bytes, plan->after->size_bytes);
    assert_int_equal(plan->saved_bytes, bench->entries[entry].record->size_bytes - plan->size_bytes);
    const char *text = ul_arena_printf(&bench->arena, "%llu:", (unsigned long long)plan->size_bytes);
    for (uint32_t i = 0; i < plan->after->field_count; i++)
        text = ul_arena_printf(&bench->arena, "%s %s%llu", text, plan->after->fields[i].name,
                               (unsigned long long)plan->after->fields[i].offset_bits);
    return text;
}

static const char *refusals(plans_bench *bench, uint32_t entry)
{
    const ul_record *record = bench->entries[entry].record;
    const char *text = "";
    for (uint32_t i = 0; i < record->refusal_count; i++)
        text = ul_arena_printf(&bench->arena, "%s%s%s (%s)", text, i ? ", " : "", ul_refusal_name(record->refusals[i].reason),
                               record->refusals[i].detail);
    return text;
}

/* 24 bytes that could be 16. */
static const made_field loose[] = {{"a", "char", 1, 1}, {"b", "long", 8, 8}, {"c", "char", 1, 1}};

static void embedded_first(void **state)
{
    plans_bench *bench = *state;
    static const made_field outer[] = {{"s", "char", 1, 1}, {"in", "struct inner", 24, 8, UL_FIELD_RECORD}, {"t", "char", 1, 1}};
    static const made_field kept[] = {{"n", "long", 8, 8}, {"in", "struct inner [2]", 48, 8, UL_FIELD_RECORD}};
    static const made_field top[] = {{"s", "char", 1, 1}, {"k", "struct kept", 56, 8, UL_FIELD_RECORD}, {"t", "char", 1, 1}};
    embed(put(bench, "top", top, 3), 1, "kept", 1);
    embed(put(bench, "outer", outer, 3), 1, "inner", 1);
    embed(put(bench, "kept", kept, 2), 1, "inner", 2);
    put(bench, "inner", loose, 3);
    plan_all(bench, 1, 0);
    assert_string_equal(told(bench, 3), "16: a0 c8 b64");
    assert_string_equal(told(bench, 1), "24: s0 t8 in64");
    assert_int_equal(bench->entries[1].plan->embedded_saved_bytes, 8);
    assert_int_equal(bench->entries[1].plan->saved_bytes, 16);
    assert_int_equal(bench->entries[1].plan->moved_count, 1);
    assert_string_equal(told(bench, 2), "-"); /* its order is right; it shrinks to 40 all the same */
    assert_string_equal(told(bench, 0), "48: s0 t8 k64");
    assert_int_equal(bench->entries[0].plan->embedded_saved_bytes, 16);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(bench->entries[i].record->refusal_count, 0);
        assert_true(bench->entries[i].facts.field_bits > 0);
    }
}

/* Each embeds the next; the outermost stands first. */
static void deep_chain(void **state)
{
    plans_bench *bench = *state;
    enum { DEPTH = 50000 };
    ul_entry *entries = UL_NEW_ARRAY(&bench->arena, ul_entry, DEPTH);
    for (uint32_t i = 0; i < DEPTH; i++) {
        uint32_t inside = DEPTH - 1 - i; /* records in it */
        const made_field fields[] = {{"a", "char", 1, 1}, {"n", "struct", inside ? 8 + 16ull * inside : 8, 8, inside ? UL_FIELD_RECORD : 0}, {"c", "char", 1, 1}};
        ul_record *record = make(bench, ul_arena_printf(&bench->arena, "c%u", inside), fields, 3);
        assert_int_equal(record->size_bytes, 24 + 16ull * inside);
        if (inside)
            embed(record, 1, ul_arena_printf(&bench->arena, "c%u", inside - 1), 1);
        entries[i] = (ul_entry){.record = record};
    }
    ul_plan_entries(entries, DEPTH, bench->targets, 1, 0, &bench->arena);
    for (uint32_t i = 0; i < DEPTH; i++) {
        assert_non_null(entries[i].plan);
        assert_int_equal(entries[i].plan->size_bytes, 16 + 8ull * (DEPTH - 1 - i));
    }
}

static void unions_shrink(void **state)
{
    plans_bench *bench = *state;
    static const made_field either[] = {{"in", "struct inner", 24, 8, UL_FIELD_RECORD}, {"n", "int", 4, 4}};
    static const made_field outer[] = {{"s", "char", 1, 1}, {"u", "union either", 24, 8, UL_FIELD_RECORD}, {"t", "char", 1, 1}};
    ul_record *u = put(bench, "either", either, 2);
    u->kind = UL_RECORD_UNION;
    u->size_bytes = 24;
    u->fields[1].offset_bits = 0;
    embed(u, 0, "inner", 1);
    embed(put(bench, "outer", outer, 3), 1, "either", 1);
    put(bench, "inner", loose, 3);
    plan_all(bench, 1, 0);
    assert_null(bench->entries[0].plan);
    assert_string_equal(told(bench, 1), "24: s0 t8 u64");
}

/* A record that holds another twice, the inner by an anonymous member whose own plan moves its fields. */
static void anonymous_children_follow(void **state)
{
    plans_bench *bench = *state;
    static const made_field outer[] = {
        {"s", "char", 1, 1},
        {"", "struct <anonymous>", 24, 8, UL_FIELD_ANONYMOUS | UL_FIELD_RECORD},
        {"a", "char", 1, 1, .parent = 2},
        {"b", "long", 8, 8, .inner_offset_bytes = 8, .parent = 2},
        {"c", "char", 1, 1, .inner_offset_bytes = 16, .parent = 2},
        {"t", "char", 1, 1},
    };
    embed(put(bench, "outer", outer, COUNT(outer)), 1, "member", 1);
    put(bench, "member", loose, 3)->flags = UL_RECORD_ANONYMOUS | UL_RECORD_MEMBER;
    plan_all(bench, 1, 0);
    assert_string_equal(told(bench, 1), "16: a0 c8 b64");
    assert_string_equal(told(bench, 0), "24: s0 t8 64 a64 c72 b128");
    const ul_record *after = bench->entries[0].plan->after;
    assert_int_equal(after->fields[2].parent, UL_NO_PARENT);
    for (uint32_t i = 3; i < 6; i++)
        assert_int_equal(after->fields[i].parent, 2);
}

/* Three members deep: the struct and the union keep their size, but what lies in them moves. */
static void children_of_children_follow(void **state)
{
    plans_bench *bench = *state;
    static const made_field outer[] = {
        {"s", "char", 1, 1},
        {"i", "long", 8, 8},
        {"", "struct <anonymous>", 32, 8, UL_FIELD_ANONYMOUS | UL_FIELD_RECORD},
        {"", "union <anonymous>", 32, 8, UL_FIELD_ANONYMOUS | UL_FIELD_RECORD, .parent = 3},
        {"big", "long [4]", 32, 8, .parent = 4},
        {"", "struct <anonymous>", 24, 8, UL_FIELD_ANONYMOUS | UL_FIELD_RECORD, .parent = 4},
        {"a", "char", 1, 1, .parent = 6},
        {"b", "long", 8, 8, .inner_offset_bytes = 8, .parent = 6},
        {"c", "char", 1, 1, .inner_offset_bytes = 16, .parent = 6},
        {"f", "char", 1, 1},
    };
    /* The members' own records are the same fields, some levels up. */
    made_field inner[6];
    memcpy(inner, outer + 3, sizeof inner);
    ul_record *record = put(bench, "outer", outer, COUNT(outer));
    embed(record, 2, "wrap", 1);
    embed(record, 3, "either", 1);
    embed(record, 5, "member", 1);
    for (unsigned i = 0; i < COUNT(inner); i++)
        inner[i].parent -= inner[i].parent > 3 ? 3 : inner[i].parent;
    record = put(bench, "wrap", inner, 6);
    embed(record, 0, "either", 1);
    embed(record, 2, "member", 1);
    for (unsigned i = 0; i < COUNT(inner); i++)
        inner[i].parent -= inner[i].parent != 0;
    ul_record *u = make(bench, "either", inner + 1, 5), *laid_out;
    u->kind = UL_RECORD_UNION;
    assert_int_equal(ul_layout_replay(&laid_out, u, &bench->targets[0], NULL, 0, NULL, NULL, &bench->arena), UL_OK);
    embed(laid_out, 1, "member", 1);
    bench->entries[bench->count++] = (ul_entry){.record = laid_out};
    put(bench, "member", loose, 3);
    plan_all(bench, 1, 0);
    assert_string_equal(told(bench, 0), "48: s0 f8 i64 128 128 big128 128 a128 c136 b192");
    const ul_record *after = bench->entries[0].plan->after;
    assert_int_equal(after->fields[6].parent, 4);
    assert_int_equal(after->fields[6].size_bits, 128); /* the struct in it has shrunk */
    assert_int_equal(after->fields[9].parent, 6);
}

static void layouts_that_vary(void **state)
{
    plans_bench *bench = *state;
    static const made_field outer[] = {{"s", "char", 1, 1}, {"in", "struct inner", 24, 8, UL_FIELD_RECORD}, {"t", "char", 1, 1}};
    ul_record *record = put(bench, "inner", loose, 3), *other = make(bench, "inner", loose, 2);
    record->flags |= UL_RECORD_VARIES;
    other->flags |= UL_RECORD_VARIES;
    add_variant(bench, 0, other);
    embed(put(bench, "outer", outer, 3), 1, "inner", 1);
    plan_all(bench, 1, 0);
    assert_null(bench->entries[0].plan);
    assert_string_equal(refusals(bench, 0), "layout-varies ()");
    assert_ptr_not_equal(bench->entries[0].record, record);
    assert_ptr_equal(bench->entries[0].record, bench->entries[0].variants[0]);
    assert_ptr_equal(bench->entries[0].variants[1], other);
    assert_int_equal(record->refusal_count, 0);        /* the input stays */
    assert_string_equal(told(bench, 1), "32: s0 t8 in64"); /* with the size that it keeps */
}

static ul_record *on_target(plans_bench *bench, const char *name, const made_field *fields, uint32_t count)
{
    ul_record *record = make(bench, name, fields, count);
    record->target = 1;
    return record;
}

static void two_targets(void **state)
{
    plans_bench *bench = *state;
    static const made_field small[] = {{"a", "char", 1, 1}, {"b", "long", 4, 4}, {"c", "char", 1, 1}};
    put(bench, "s", loose, 3);
    add_variant(bench, 0, on_target(bench, "s", small, 3));
    plan_all(bench, 2, 0);
    assert_string_equal(told(bench, 0), "16: a0 c8 b64");
    assert_string_equal(refusals(bench, 0), "");
}

static void targets_that_differ(void **state)
{
    plans_bench *bench = *state;
    put(bench, "s", loose, 3);
    add_variant(bench, 0, on_target(bench, "s", loose, 2));
    plan_all(bench, 2, 0);
    assert_null(bench->entries[0].plan);
    assert_string_equal(refusals(bench, 0), "targets-differ ()");
}

/* What holds a record back on another target holds it back. */
static void refused_on_another_target(void **state)
{
    plans_bench *bench = *state;
    ul_record *other = on_target(bench, "s", loose, 3);
    put(bench, "s", loose, 3);
    ul_record_refuse(other, &bench->arena, UL_REFUSE_MS_LAYOUT, "it has bit-fields");
    add_variant(bench, 0, other);
    plan_all(bench, 2, 0);
    assert_null(bench->entries[0].plan);
    assert_string_equal(refusals(bench, 0), "ms-layout (it has bit-fields)");
}

/* Between `h` and `t`, which stay, `a` and `c` want to be neighbours on one target and must not be on the other. */
static void no_common_order(void **state)
{
    plans_bench *bench = *state;
    static const made_field first[] = {{"h", "int", 4, 4}, {"a", "char", 1, 1}, {"b", "int", 4, 4}, {"c", "char", 1, 1}, {"t", "int", 4, 4}};
    static const made_field second[] = {{"h", "int", 1, 1}, {"a", "char", 1, 1}, {"b", "int", 2, 2}, {"c", "char", 1, 1}, {"t", "int", 1, 1}};
    static const uint32_t segments[] = {0, 1, 1, 1, 2};
    ul_record *records[] = {put(bench, "s", first, 5), on_target(bench, "s", second, 5)};
    for (uint32_t i = 0; i < 5; i++)
        records[0]->groups[i].segment = records[1]->groups[i].segment = segments[i];
    plan_all(bench, 1, 0);
    assert_int_equal(bench->entries[0].plan->size_bytes, 16);
    bench->entries[0] = (ul_entry){.record = records[0]};
    add_variant(bench, 0, records[1]);
    plan_all(bench, 2, 0);
    assert_null(bench->entries[0].plan);
    assert_string_equal(refusals(bench, 0), "no-common-order ()");
}

/* A layout that the model does not give is not planned, and what would have to shrink in it cannot be told. */
static void model_mismatch(void **state)
{
    plans_bench *bench = *state;
    static const made_field outer[] = {{"s", "char", 1, 1}, {"in", "struct inner", 24, 8, UL_FIELD_RECORD}, {"t", "char", 1, 1}};
    static const made_field top[] = {{"s", "char", 1, 1}, {"o", "struct outer", 48, 8, UL_FIELD_RECORD}, {"t", "char", 1, 1}};
    ul_record *record = put(bench, "outer", outer, 3);
    record->size_bytes = 48;
    embed(record, 1, "inner", 1);
    put(bench, "inner", loose, 3);
    embed(put(bench, "top", top, 3), 1, "outer", 1);
    plan_all(bench, 1, 0);
    assert_string_equal(refusals(bench, 0), "model-mismatch (size 48 align 8, the replay says 40 and 8)");
    assert_string_equal(told(bench, 1), "16: a0 c8 b64");
    assert_string_equal(refusals(bench, 2), "model-mismatch (the new size of a record inside it cannot be told)");
    assert_null(bench->entries[0].plan);
    assert_null(bench->entries[2].plan);
}

static void refused_by_the_reader(void **state)
{
    plans_bench *bench = *state;
    static const made_field outer[] = {{"s", "char", 1, 1}, {"k", "struct kept", 24, 8, UL_FIELD_RECORD}, {"t", "char", 1, 1}};
    ul_record *kept = put(bench, "kept", loose, 3), *huge = put(bench, "huge", loose, 3);
    ul_record_refuse(kept, &bench->arena, UL_REFUSE_KEEP_ORDER, "line 3");
    huge->fields[1].size_bits = UINT64_C(9) << 30;
    ul_record *laid_out;
    assert_int_equal(ul_layout_replay(&laid_out, huge, &bench->targets[0], NULL, 0, NULL, NULL, &bench->arena), UL_OK);
    bench->entries[1].record = laid_out;
    embed(put(bench, "outer", outer, 3), 1, "kept", 1);
    plan_all(bench, 1, UL_ALLOW_MERGE_LINES);
    assert_null(bench->entries[0].plan);
    assert_string_equal(refusals(bench, 0), "keep-order (line 3)");
    assert_null(bench->entries[1].plan);
    assert_string_equal(refusals(bench, 1), "too-large ()");
    assert_string_equal(told(bench, 2), "32: s0 t8 k64");
}

/* The compiler rejects a record that embeds itself; two that embed each other are as impossible, and end too. */
static void circles(void **state)
{
    plans_bench *bench = *state;
    static const made_field self[] = {{"a", "char", 1, 1}, {"me", "struct", 24, 8, UL_FIELD_RECORD}, {"b", "char", 1, 1}};
    embed(put(bench, "self", self, 3), 1, "self", 1);
    embed(put(bench, "one", self, 3), 1, "two", 1);
    embed(put(bench, "two", self, 3), 1, "one", 1);
    for (uint32_t i = 0; i < 3; i++)
        ul_record_refuse((ul_record *)bench->entries[i].record, &bench->arena, UL_REFUSE_INVALID_RECORD, "");
    put(bench, "empty", loose, 0);
    plan_all(bench, 1, 0);
    for (uint32_t i = 0; i < 4; i++)
        assert_null(bench->entries[i].plan);
    assert_int_equal(bench->entries[3].record->refusal_count, 0);
    ul_plan_entries(NULL, 0, bench->targets, 1, 0, &bench->arena);
}

typedef struct trade_case {
    const made_field *fields;
    uint32_t count;
    const uint32_t *segments;
    uint32_t allow;
    uint64_t without_bytes, with_bytes;
    const char *detail;
} trade_case;

static const made_field based[] = {{"base", "struct base", 4, 4, UL_FIELD_RECORD}, {"a", "long", 8, 8}, {"b", "int", 4, 4}, {"c", "long", 8, 8}};
static const uint32_t based_segments[] = {0, 0, 1, 1};
static const made_field lined[] = {{"cnt", "int", 4, 4}, {"lock", "int", 4, 64, UL_FIELD_ATTRIBUTED}};
static const made_field runs[] = {{"a", "int", 4, 4, UL_FIELD_BIT_FIELD, 4}, {"x", "long", 8, 8}, {"b", "int", 4, 4, UL_FIELD_BIT_FIELD, 4}};
static const made_field padded[] = {{"a", "char", 1, 1}, {"_reserved1", "long", 8, 8}, {"b", "char", 1, 1}};

static const trade_case trade_cases[] = {
    {based, COUNT(based), based_segments, UL_ALLOW_FIRST_MEMBER, 32, 24, "`base` would no longer come first"},
    {lined, COUNT(lined), NULL, UL_ALLOW_MERGE_LINES, 128, 64, "`lock` and `cnt` would share a line"},
    {runs, COUNT(runs), NULL, UL_ALLOW_MERGE_BITS, 24, 16, "`a` and `b` would share a memory location"},
    {padded, COUNT(padded), NULL, UL_ALLOW_MOVE_PADDING, 24, 16, "members that are padding by their name would move"},
};

/* Each word is offered where it pays, and taken when it is said. */
static void trades(void **state)
{
    plans_bench *bench = *state;
    for (unsigned i = 0; i < COUNT(trade_cases); i++) {
        const trade_case *it = &trade_cases[i];
        ul_record *record = make(bench, "s", it->fields, it->count);
        for (uint32_t j = 0; it->segments && j < it->count; j++)
            record->groups[j].segment = it->segments[j];
        for (uint32_t allow = 0; allow < 16; allow++) {
            bench->count = 1;
            bench->entries[0] = (ul_entry){.record = record};
            plan_all(bench, 1, allow);
            const ul_entry *entry = &bench->entries[0];
            bool is_allowed = allow & it->allow;
            uint64_t bytes = entry->plan ? entry->plan->size_bytes : record->size_bytes;
            assert_int_equal(bytes, is_allowed ? it->with_bytes : it->without_bytes);
            assert_int_equal(entry->trade_count, is_allowed ? 0 : 1);
            if (is_allowed)
                continue;
            assert_int_equal(entry->trades[0].allow, it->allow);
            assert_int_equal(entry->trades[0].size_bytes, it->with_bytes);
            assert_int_equal(entry->trades[0].saved_bytes, it->without_bytes - it->with_bytes);
            assert_string_equal(entry->trades[0].detail, it->detail);
        }
    }
}

/* Several words pay: the best first. */
static void trades_in_order(void **state)
{
    plans_bench *bench = *state;
    static const made_field fields[] = {
        {"r1", "int", 4, 4, UL_FIELD_BIT_FIELD, 4}, {"x", "long", 8, 8}, {"r2", "int", 4, 4, UL_FIELD_BIT_FIELD, 4},
        {"y", "long", 8, 8}, {"u", "char", 1, 1}, {"pad", "long", 8, 8}, {"v", "char", 1, 1}, {"pad2", "long", 8, 8}, {"w", "char", 1, 1}};
    ul_record *record = put(bench, "s", fields, COUNT(fields));
    for (uint32_t i = 3; i < COUNT(fields); i++)
        record->groups[i].segment = 1;
    plan_all(bench, 1, 0);
    const ul_entry *entry = &bench->entries[0];
    assert_string_equal(told(bench, 0), "64: r10 x64 r2128 u136 y192 pad256 v320 pad2384 w448");
    assert_int_equal(entry->trade_count, 2);
    assert_int_equal(entry->trades[0].allow, UL_ALLOW_MOVE_PADDING);
    assert_int_equal(entry->trades[0].size_bytes, 48);
    assert_int_equal(entry->trades[0].saved_bytes, 16);
    assert_int_equal(entry->trades[1].allow, UL_ALLOW_MERGE_BITS);
    assert_int_equal(entry->trades[1].size_bytes, 56);
    assert_int_equal(entry->trades[1].saved_bytes, 8);
}

/* Padding and a line at once: each word alone is weighed alone. */
static void trades_alone(void **state)
{
    plans_bench *bench = *state;
    static const made_field fields[] = {{"a", "char", 1, 1},  {"pad", "long", 8, 8},  {"b", "char", 1, 1},
                                        {"cnt", "int", 4, 4}, {"lock", "int", 4, 64, UL_FIELD_ATTRIBUTED}, {"big", "long [6]", 48, 8}};
    put(bench, "s", fields, COUNT(fields));
    plan_all(bench, 1, 0);
    assert_int_equal(bench->entries[0].record->size_bytes, 128);
    assert_null(bench->entries[0].plan);
    assert_int_equal(bench->entries[0].trade_count, 0); /* 66 bytes of fields: two lines in any order */
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(embedded_first),      CASE(deep_chain),      CASE(unions_shrink),             CASE(anonymous_children_follow), CASE(children_of_children_follow),
        CASE(layouts_that_vary),   CASE(two_targets),     CASE(targets_that_differ),       CASE(no_common_order),           CASE(model_mismatch),
        CASE(circles),             CASE(trades),          CASE(refused_on_another_target), CASE(refused_by_the_reader),     CASE(trades_in_order),
        CASE(trades_alone),
    };
    return cmocka_run_group_tests_name("plans", tests, NULL, NULL);
}

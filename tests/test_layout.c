/* The replay of C's layout rules, against offsets worked out by hand; test_oracle.c holds it against compilers. */
#include "tests/engine_bench.h"

/* "24/8: a0 b64 c128": size and alignment, then each field's bit offset in the order of `record`. */
static const char *told(engine_bench *bench, const ul_record *record)
{
    const char *text = ul_arena_printf(&bench->arena, "%llu/%u:", (unsigned long long)record->size_bytes, record->align_bytes);
    for (uint32_t i = 0; i < record->field_count; i++)
        text = ul_arena_printf(&bench->arena, "%s %s%llu", text, record->fields[i].name, (unsigned long long)record->fields[i].offset_bits);
    return text;
}

static const char *replay(engine_bench *bench, const ul_record *record, const uint32_t *order, uint32_t count)
{
    ul_record *after;
    assert_int_equal(ul_layout_replay(&after, record, &bench->target, order, count, NULL, NULL, &bench->arena), UL_OK);
    assert_int_equal(after->field_count, record->field_count);
    return told(bench, after);
}

static const made_field plain[] = {
    {"a", "char", 1, 1}, {"b", "long", 8, 8}, {"c", "short", 2, 2}, {"d", "int [3]", 12, 4}, {"e", "char", 1, 1},
};

static void orders(void **state)
{
    engine_bench *bench = *state;
    static const uint32_t back[] = {4, 3, 2, 1, 0}, best[] = {1, 3, 2, 0, 4};
    ul_record *record = made_record(&bench->arena, &bench->target, "struct s", plain, COUNT(plain));
    ul_field before[COUNT(plain)];
    memcpy(before, record->fields, sizeof before);
    assert_string_equal(told(bench, record), "40/8: a0 b64 c128 d160 e256");
    assert_string_equal(replay(bench, record, NULL, 0), "40/8: a0 b64 c128 d160 e256");
    assert_string_equal(replay(bench, record, back, 5), "40/8: e0 d32 c128 b192 a256");
    assert_string_equal(replay(bench, record, best, 5), "24/8: b0 d64 c160 a176 e184");
    assert_memory_equal(record->fields, before, sizeof before);
    record->own_align_bytes = 32;
    assert_string_equal(replay(bench, record, best, 5), "32/32: b0 d64 c160 a176 e184");
    record->flags |= UL_RECORD_PACKED;
    for (uint32_t i = 0; i < record->field_count; i++)
        record->fields[i].align_bytes = 1;
    record->own_align_bytes = 1;
    assert_string_equal(replay(bench, record, NULL, 0), "24/1: a0 b8 c72 d88 e184");
}

static void no_permutations(void **state)
{
    engine_bench *bench = *state;
    static const made_field fields[] = {
        {"a", "char", 1, 1}, {"", "struct <anonymous>", 8, 4, UL_FIELD_ANONYMOUS}, {"x", "int", 4, 4, .parent = 2}, {"b", "int", 4, 4}};
    static const uint32_t twice[] = {0, 1, 1}, child[] = {0, 2, 3}, beyond[] = {0, 1, 9}, all[] = {0, 1, 2, 3}, good[] = {3, 1, 0};
    static const struct {
        const uint32_t *order;
        uint32_t count;
        ul_status status;
    } cases[] = {{twice, 3, UL_ERR_INPUT}, {child, 3, UL_ERR_INPUT}, {beyond, 3, UL_ERR_INPUT}, {all, 4, UL_ERR_INPUT},
                 {good, 2, UL_ERR_INPUT},  {good, 0, UL_ERR_INPUT},  {good, 3, UL_OK}};
    ul_record *record = made_record(&bench->arena, &bench->target, "struct s", fields, COUNT(fields)), *after;
    for (unsigned i = 0; i < COUNT(cases); i++)
        assert_int_equal(ul_layout_replay(&after, record, &bench->target, cases[i].order, cases[i].count, NULL, NULL, &bench->arena),
                         cases[i].status);
}

static void bit_fields(void **state)
{
    engine_bench *bench = *state;
    enum { BITS = UL_FIELD_BIT_FIELD };
    static const made_field fields[] = {
        {"a", "int", 4, 4, BITS, 3},       {"b", "int", 4, 4, BITS, 30}, {"c", "_Bool", 1, 1, BITS, 1}, {"", "int", 4, 4, BITS, 0},
        {"d", "long long", 8, 8, BITS, 40}, {"e", "char", 1, 1, BITS, 7}, {"f", "char", 1, 1},
    };
    static const uint32_t other[] = {6, 4, 5, 0, 1, 2, 3};
    ul_record *record = made_record(&bench->arena, &bench->target, "struct s", fields, COUNT(fields));
    assert_string_equal(told(bench, record), "16/8: a0 b32 c62 64 d64 e104 f112");
    /* d from bit 8 within its 64; e would cross its byte at 48 not at all; b crosses its 32 bits. */
    assert_string_equal(replay(bench, record, other, 7), "16/8: f0 d8 e48 a55 b64 c94 96");
    record->flags |= UL_RECORD_PACKED;
    for (uint32_t i = 0; i < record->field_count; i++) {
        if (record->fields[i].size_bits)
            record->fields[i].align_bytes = 1;
    }
    /* `:0` still ends a unit of int. */
    assert_string_equal(replay(bench, record, NULL, 0), "15/1: a0 b3 c33 64 d64 e104 f112");
}

/* A packed field whose type is one byte is told from a plain one by its own attribute. */
static void packed_bytes(void **state)
{
    engine_bench *bench = *state;
    enum { BITS = UL_FIELD_BIT_FIELD };
    made_field fields[] = {{"i", "int", 4, 4}, {"a", "_Bool", 1, 1, BITS, 1}, {"b", "char", 1, 1, BITS, 8}};
    assert_string_equal(told(bench, made_record(&bench->arena, &bench->target, "struct s", fields, 3)), "8/4: i0 a32 b40");
    fields[2].flags |= UL_FIELD_ATTRIBUTED;
    assert_string_equal(told(bench, made_record(&bench->arena, &bench->target, "struct s", fields, 3)), "8/4: i0 a32 b33");
}

static void unnamed_bits(void **state)
{
    engine_bench *bench = *state;
    static const made_field fields[] = {{"a", "char", 1, 1}, {"", "int", 4, 4, UL_FIELD_BIT_FIELD, 0}, {"b", "char", 1, 1}};
    assert_string_equal(told(bench, made_record(&bench->arena, &bench->target, "struct s", fields, 3)), "5/1: a0 32 b32");
    bench->target.unnamed_bits_align = true;
    assert_string_equal(told(bench, made_record(&bench->arena, &bench->target, "struct s", fields, 3)), "8/4: a0 32 b32");
}

static void unions(void **state)
{
    engine_bench *bench = *state;
    static const made_field fields[] = {{"a", "char [9]", 9, 1}, {"b", "long", 8, 8}, {"c", "int", 4, 4, UL_FIELD_BIT_FIELD, 5}};
    static const uint32_t back[] = {2, 1, 0};
    ul_record *record = made_record(&bench->arena, &bench->target, "union u", fields, COUNT(fields));
    record->kind = UL_RECORD_UNION;
    assert_string_equal(replay(bench, record, NULL, 0), "16/8: a0 b0 c0");
    assert_string_equal(replay(bench, record, back, 3), "16/8: c0 b0 a0");
}

static void anonymous_members(void **state)
{
    engine_bench *bench = *state;
    static const made_field fields[] = {
        {"a", "char", 1, 1},
        {"", "struct <anonymous>", 24, 8, UL_FIELD_ANONYMOUS},
        {"x", "int", 4, 4, .inner_offset_bytes = 0, .parent = 2},
        {"", "union <anonymous>", 8, 8, UL_FIELD_ANONYMOUS, .inner_offset_bytes = 8, .parent = 2},
        {"y", "long", 8, 8, .inner_offset_bytes = 8, .parent = 4},
        {"z", "int", 4, 4, .inner_offset_bytes = 16, .parent = 2},
        {"b", "char", 1, 1},
    };
    static const uint32_t order[] = {6, 0, 1};
    ul_record *record = made_record(&bench->arena, &bench->target, "struct s", fields, COUNT(fields)), *after;
    assert_string_equal(told(bench, record), "40/8: a0 64 x64 128 y128 z192 b256");
    assert_string_equal(replay(bench, record, order, 3), "32/8: b0 a8 64 x64 128 y128 z192");
    assert_int_equal(ul_layout_replay(&after, record, &bench->target, order, 3, NULL, NULL, &bench->arena), UL_OK);
    assert_int_equal(after->fields[2].parent, UL_NO_PARENT);
    assert_int_equal(after->fields[3].parent, 2);
    assert_int_equal(after->fields[4].parent, 2);
    assert_int_equal(after->fields[5].parent, 4);
    assert_int_equal(after->fields[6].parent, 2);
}

/* "inner" takes 8 bytes less, whatever it took; every other key keeps its size. */
static uint64_t shrink_inner(void *context, const char *key, uint64_t size_bytes)
{
    ++*(uint32_t *)context;
    return strcmp(key, "inner") == 0 ? size_bytes - 8 : size_bytes;
}

static void resized_members(void **state)
{
    engine_bench *bench = *state;
    static const made_field fields[] = {
        {"a", "char", 1, 1},           {"in", "struct inner", 24, 8, UL_FIELD_RECORD}, {"some", "struct inner [3]", 72, 8, UL_FIELD_RECORD},
        {"o", "struct other", 24, 8, UL_FIELD_RECORD}, {"none", "struct inner []", 0, 8, UL_FIELD_RECORD | UL_FIELD_FLEXIBLE},
    };
    ul_record *record = made_record(&bench->arena, &bench->target, "struct s", fields, COUNT(fields)), *after;
    static const char *const keys[] = {NULL, "inner", "inner", "other", "inner"};
    static const uint64_t counts[] = {0, 1, 3, 1, 0};
    uint32_t calls = 0;
    for (uint32_t i = 0; i < COUNT(fields); i++) {
        record->fields[i].embedded = keys[i];
        record->fields[i].embedded_count = counts[i];
    }
    assert_int_equal(ul_layout_replay(&after, record, &bench->target, NULL, 0, shrink_inner, &calls, &bench->arena), UL_OK);
    assert_string_equal(told(bench, after), "96/8: a0 in64 some192 o576 none768");
    assert_int_equal(after->fields[2].size_bits, 3 * 128);
    assert_int_equal(calls, 3);
    assert_string_equal(told(bench, record), "128/8: a0 in64 some256 o832 none1024");
}

static void overflows(void **state)
{
    engine_bench *bench = *state;
    static const made_field fields[] = {{"a", "char", 1, 1}, {"b", "int", 4, 4}, {"c", "int", 4, 4}};
    ul_record *record = made_record(&bench->arena, &bench->target, "struct s", fields, COUNT(fields)), *after;
    const char *why;
    record->fields[1].size_bits = UINT64_MAX - 63;
    assert_int_equal(ul_layout_replay(&after, record, &bench->target, NULL, 0, NULL, NULL, &bench->arena), UL_ERR_LIMIT);
    assert_false(ul_layout_agrees(record, &bench->target, &bench->arena, &why));
    assert_string_equal(why, "an offset overflows");
    record->fields[1].size_bits = UINT64_MAX - 39; /* its end alone does not overflow, the padding behind it does */
    record->field_count = 2;
    record->fields[0].size_bits = 1;
    record->fields[1].align_bytes = 1;
    record->own_align_bytes = 64;
    assert_int_equal(ul_layout_replay(&after, record, &bench->target, NULL, 0, NULL, NULL, &bench->arena), UL_ERR_LIMIT);
}

static uint64_t grow_over(void *context, const char *key, uint64_t size_bytes)
{
    (void)context, (void)key, (void)size_bytes;
    return UINT64_MAX / 4;
}

static void overflowing_sizes(void **state)
{
    engine_bench *bench = *state;
    static const made_field fields[] = {{"a", "struct inner [2]", 16, 4, UL_FIELD_RECORD}};
    ul_record *record = made_record(&bench->arena, &bench->target, "struct s", fields, COUNT(fields)), *after;
    record->fields[0].embedded = "inner";
    record->fields[0].embedded_count = 2;
    assert_int_equal(ul_layout_replay(&after, record, &bench->target, NULL, 0, grow_over, NULL, &bench->arena), UL_ERR_LIMIT);
}

static void disagreements(void **state)
{
    engine_bench *bench = *state;
    ul_record *record = made_record(&bench->arena, &bench->target, "struct s", plain, COUNT(plain));
    const char *why;
    assert_true(ul_layout_agrees(record, &bench->target, &bench->arena, &why));
    assert_string_equal(why, "");
    record->size_bytes = 48;
    assert_false(ul_layout_agrees(record, &bench->target, &bench->arena, &why));
    assert_string_equal(why, "size 48 align 8, the replay says 40 and 8");
    record->size_bytes = 40;
    record->align_bytes = 4;
    assert_false(ul_layout_agrees(record, &bench->target, &bench->arena, &why));
    assert_string_equal(why, "size 40 align 4, the replay says 40 and 8");
    record->align_bytes = 8;
    record->fields[4].offset_bits = 264;
    record->fields[2].offset_bits = 144;
    assert_false(ul_layout_agrees(record, &bench->target, &bench->arena, &why));
    assert_string_equal(why, "`c` is at bit 144, the replay says 128");
}

static void empty_records(void **state)
{
    engine_bench *bench = *state;
    static const uint32_t none[1] = {0};
    ul_record *record = made_record(&bench->arena, &bench->target, "struct s", plain, 0);
    const char *why;
    assert_string_equal(told(bench, record), "0/1:");
    assert_string_equal(replay(bench, record, none, 0), "0/1:");
    assert_true(ul_layout_agrees(record, &bench->target, &bench->arena, &why));
    record->own_align_bytes = 0; /* as a record from elsewhere may say "none" */
    assert_string_equal(replay(bench, record, NULL, 0), "0/1:");
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, engine_set_up, engine_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(orders),          CASE(no_permutations), CASE(bit_fields),        CASE(packed_bytes),  CASE(unnamed_bits),  CASE(unions),
        CASE(resized_members), CASE(overflows),       CASE(anonymous_members), CASE(disagreements), CASE(empty_records), CASE(overflowing_sizes),
    };
    return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}

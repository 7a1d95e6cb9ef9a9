/* Holes, padding and lines, worked out by hand; the books close on every record here. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/engine_bench.h"
#include "tests/record_gen.h"

static void check_books(const ul_facts *facts, const ul_record *record)
{
    uint64_t bytes = 0, bits = 0;
    for (uint32_t i = 0; i < facts->hole_count; i++)
        bytes += facts->holes[i].size_bits / 8;
    for (uint32_t i = 0; i < facts->bit_hole_count; i++)
        bits += facts->bit_holes[i].size_bits;
    assert_int_equal(bytes, facts->hole_bytes);
    assert_int_equal(bits, facts->bit_hole_bits);
    assert_int_equal(facts->field_bits + 8 * facts->hole_bytes + facts->bit_hole_bits + 8 * facts->tail_padding_bytes, 8 * record->size_bytes);
}

/* "26 fields 7 holes after flag@72+56 0 bits 7 tail": bytes, and each hole in bits. */
static const char *told(engine_bench *bench, const ul_record *record)
{
    const ul_facts *facts = &bench->facts;
    ul_facts_of(&bench->facts, record, &bench->target, &bench->arena);
    check_books(facts, record);
    const char *text = ul_arena_printf(&bench->arena, "%llu bits", (unsigned long long)facts->field_bits);
    for (int is_bits = 0; is_bits < 2; is_bits++) {
        const ul_hole *holes = is_bits ? facts->bit_holes : facts->holes;
        for (uint32_t i = 0; i < (is_bits ? facts->bit_hole_count : facts->hole_count); i++)
            text = ul_arena_printf(&bench->arena, "%s, %s after %s@%llu+%llu", text, is_bits ? "bits" : "hole",
                                   holes[i].after == UL_NO_PARENT ? "-" : record->fields[holes[i].after].name,
                                   (unsigned long long)holes[i].offset_bits, (unsigned long long)holes[i].size_bits);
    }
    return ul_arena_printf(&bench->arena, "%s, tail %llu", text, (unsigned long long)facts->tail_padding_bytes);
}

static const char *told_of(engine_bench *bench, const made_field *fields, uint32_t count)
{
    return told(bench, made_record(&bench->arena, &bench->target, "struct s", fields, count));
}

static void holes_and_tail(void **state)
{
    engine_bench *bench = *state;
    static const made_field conn[] = {{"id", "uint64_t", 8, 8}, {"flag", "char", 1, 1}, {"peer", "void *", 8, 8}, {"fd", "int", 4, 4},
                                      {"l", "short", 2, 2},     {"n", "int", 4, 4},    {"end", "char", 1, 1}};
    assert_string_equal(told_of(bench, conn, COUNT(conn)), "224 bits, hole after flag@72+56, hole after l@240+16, tail 3");
    assert_int_equal(bench->facts.hole_bytes, 9);
    assert_int_equal(bench->facts.line_count, 1);
    assert_int_equal(bench->facts.fit.class_bytes, 40);
    assert_string_equal(told_of(bench, conn, 1), "64 bits, tail 0");
    assert_string_equal(told_of(bench, conn, 0), "0 bits, tail 0");
    assert_int_equal(bench->facts.line_count, 0);
}

static void bit_holes(void **state)
{
    engine_bench *bench = *state;
    enum { BITS = UL_FIELD_BIT_FIELD };
    static const made_field fields[] = {
        {"a", "int", 4, 4, BITS, 3}, {"b", "int", 4, 4, BITS, 31}, {"c", "char", 1, 1}, {"d", "int", 4, 4, BITS, 5}, {"e", "short", 2, 2}};
    /* a: 3 bits of 4 bytes; b from 32 to 63; c at 64; d at 72 to 77; e at 80. */
    assert_string_equal(told_of(bench, fields, COUNT(fields)),
                        "63 bits, hole after a@8+24, bits after a@3+5, bits after b@63+1, bits after d@77+3, tail 0");
    static const made_field tail[] = {{"a", "long", 8, 8, BITS, 3}};
    assert_string_equal(told_of(bench, tail, 1), "3 bits, bits after a@3+5, tail 7");
    /* A gap between two bit-fields that begins and ends inside bytes. */
    static const made_field middle[] = {{"a", "int", 4, 4, BITS, 3}, {"b", "int", 4, 4, BITS, 6}};
    ul_record *record = made_record(&bench->arena, &bench->target, "struct s", middle, 2);
    record->fields[1].offset_bits = 22;
    assert_string_equal(told(bench, record), "9 bits, hole after a@8+8, bits after a@3+5, bits after a@16+6, bits after b@28+4, tail 0");
    record->fields[1].offset_bits = 13;
    assert_string_equal(told(bench, record), "9 bits, bits after a@3+5, bits after a@8+5, bits after b@19+5, tail 1");
    record->fields[1].offset_bits = 5;
    assert_string_equal(told(bench, record), "9 bits, bits after a@3+2, bits after b@11+5, tail 2");
    record->fields[0].offset_bits = 16;
    record->fields[1].offset_bits = 19;
    assert_string_equal(told(bench, record), "9 bits, hole after -@0+16, bits after b@25+7, tail 0");
}

static void markers(void **state)
{
    engine_bench *bench = *state;
    static const made_field fields[] = {{"n", "int", 4, 4},
                                        {"mark", "long [0]", 0, 8, UL_FIELD_ZERO_LENGTH},
                                        {"c", "char", 1, 1},
                                        {"data", "short []", 0, 2, UL_FIELD_FLEXIBLE}};
    assert_string_equal(told_of(bench, fields, COUNT(fields)), "40 bits, hole after n@32+32, hole after c@72+8, tail 6");
}

static void lines_and_straddles(void **state)
{
    engine_bench *bench = *state;
    static const made_field fields[] = {
        {"a", "char [60]", 60, 1}, {"b", "long", 8, 4}, {"c", "char [64]", 64, 1}, {"d", "char [100]", 100, 1}, {"e", "int", 4, 4}};
    /* b crosses 64; c of a whole line from 68 crosses 128; d is longer than a line; e ends at 236. */
    ul_record *record = made_record(&bench->arena, &bench->target, "struct s", fields, COUNT(fields));
    assert_string_equal(told(bench, record), "1888 bits, tail 0");
    assert_int_equal(bench->facts.straddle_count, 2);
    assert_int_equal(bench->facts.line_count, 4);
    bench->target.line_bytes = 128;
    told(bench, record);
    assert_int_equal(bench->facts.straddle_count, 1); /* c; d from 132 to 232 now fits a line, and stands in one */
    assert_int_equal(bench->facts.line_count, 2);
    bench->target.line_bytes = 256;
    told(bench, record);
    assert_int_equal(bench->facts.straddle_count, 0);
    assert_int_equal(bench->facts.line_count, 1);
}

static void anonymous_members(void **state)
{
    engine_bench *bench = *state;
    static const made_field fields[] = {
        {"a", "char", 1, 1},
        {"", "struct <anonymous>", 16, 8, UL_FIELD_ANONYMOUS},
        {"x", "char", 1, 1, .parent = 2},
        {"y", "long", 8, 8, .inner_offset_bytes = 8, .parent = 2},
        {"b", "char", 1, 1},
    };
    /* A member counts as one field: the hole inside it is its own record's. */
    assert_string_equal(told_of(bench, fields, COUNT(fields)), "144 bits, hole after a@8+56, tail 7");
}

static void unions(void **state)
{
    engine_bench *bench = *state;
    static const made_field fields[] = {{"a", "char [9]", 9, 1}, {"b", "long", 8, 8}};
    ul_record *record = made_record(&bench->arena, &bench->target, "union u", fields, COUNT(fields)), *replayed;
    record->kind = UL_RECORD_UNION;
    assert_int_equal(ul_layout_replay(&replayed, record, &bench->target, NULL, 0, NULL, NULL, &bench->arena), UL_OK);
    assert_string_equal(told(bench, replayed), "72 bits, tail 7");
    replayed->field_count = 0;
    replayed->size_bytes = 0;
    assert_string_equal(told(bench, replayed), "0 bits, tail 0");
    static const made_field bits[] = {{"a", "int", 4, 4, UL_FIELD_BIT_FIELD, 3}};
    record = made_record(&bench->arena, &bench->target, "union u", bits, 1);
    record->kind = UL_RECORD_UNION;
    assert_string_equal(told(bench, record), "3 bits, bits after a@3+5, tail 3");
}

/* What the compiler rejected has books that need not close, and is shown all the same. */
static void rejected_records(void **state)
{
    engine_bench *bench = *state;
    static const made_field fields[] = {{"a", "long", 8, 8}, {"b", "int", 4, 4}};
    ul_record *record = made_record(&bench->arena, &bench->target, "struct s", fields, COUNT(fields));
    ul_record_refuse(record, &bench->arena, UL_REFUSE_INVALID_TYPE, "");
    record->fields[1].offset_bits = 32;
    ul_facts_of(&bench->facts, record, &bench->target, &bench->arena);
    assert_int_equal(bench->facts.field_bits, 64); /* b lies inside of a */
    record->fields[1].offset_bits = 48;
    record->size_bytes = 4;
    ul_facts_of(&bench->facts, record, &bench->target, &bench->arena);
    assert_int_equal(bench->facts.field_bits, 80);
    assert_int_equal(bench->facts.tail_padding_bytes, 0);
}

/* Whether asking for the facts of `record` ends the process by abort(). */
static bool aborts(engine_bench *bench, const ul_record *record)
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        ul_facts_of(&bench->facts, record, &bench->target, &bench->arena);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void books_that_do_not_close(void **state)
{
    engine_bench *bench = *state;
    static const made_field fields[] = {{"a", "long", 8, 8}, {"b", "int", 4, 4}};
    ul_record *record = made_record(&bench->arena, &bench->target, "struct s", fields, COUNT(fields));
    assert_false(aborts(bench, record));
    record->fields[1].offset_bits = 32;
    assert_true(aborts(bench, record));
    record->fields[1].offset_bits = 64;
    record->size_bytes = 8;
    assert_true(aborts(bench, record));
}

static void generated_records(void **state)
{
    engine_bench *bench = *state;
    gen_record *gen = malloc(sizeof *gen);
    assert_non_null(gen);
    for (uint32_t i = 0; i < 2000; i++) {
        assert_true(gen_make(gen, 40000 + i, 1 + i % 40, 15, &bench->arena));
        for (int target = 0; target < GEN_TARGETS; target++) {
            ul_facts_of(&bench->facts, &gen->records[target], &gen_targets[target], &bench->arena);
            check_books(&bench->facts, &gen->records[target]);
            uint64_t bits = 0;
            for (uint32_t j = 0; j < gen->records[target].field_count; j++)
                bits += gen->fields[target][j].size_bits;
            assert_int_equal(bench->facts.field_bits, bits);
        }
        ul_arena_clear(&bench->arena);
    }
    free(gen);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, engine_set_up, engine_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(holes_and_tail),    CASE(bit_holes), CASE(markers),          CASE(lines_and_straddles),
        CASE(anonymous_members), CASE(unions),    CASE(rejected_records), CASE(books_that_do_not_close),
        CASE(generated_records),
    };
    return cmocka_run_group_tests_name("facts", tests, NULL, NULL);
}

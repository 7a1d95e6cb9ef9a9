/*
 * Generated programs whose records and initializers are rewritten: compiled by gcc and by clang, they print what they printed before. So
 * every value still sets its field. Refused ones keep their order, and their share is bounded.
 */
#include "tests/gen_initializers.h"
#include "tests/initializer_bench.h"
#include "tests/oracle.h"

enum { PROGRAMS = 12, LISTS_MIN = 1500, NAMED_REFUSED_PERCENT_MAX = 2 };

typedef struct tally {
    uint32_t lists, changed, refused, reasons[UL_REWRITE_REFUSAL_COUNT];
} tally;

/* A chance order for most records that are plain structs; a flexible one there is not. */
static void choose_orders(initializer_bench *b, gen_source *chance, uint32_t **orders, uint32_t *counts)
{
    for (uint32_t r = 0; r < b->parse.result.record_count; r++) {
        const ul_record *record = &b->parse.result.records[r];
        uint32_t *order = UL_NEW_ARRAY(&b->parse.arena, uint32_t, record->field_count + 1u), count = 0;
        for (uint32_t i = 0; i < record->field_count; i++) {
            if (record->fields[i].parent == UL_NO_PARENT)
                order[count++] = i;
        }
        for (uint32_t i = count; i-- > 1;) {
            uint32_t other = gen_below(chance, i + 1), held = order[i];
            order[i] = order[other];
            order[other] = held;
        }
        counts[r] = count;
        orders[r] = record->kind == UL_RECORD_STRUCT && gen_chance(chance, 80) ? order : NULL;
    }
}

static uint32_t index_of(const ul_unit_result *result, const char *key)
{
    for (uint32_t i = 0; i < result->record_count; i++) {
        if (strcmp(result->records[i].key, key) == 0)
            return i;
    }
    fail_msg("no record %s", key);
    return 0;
}

/* One attempt; records whose initializers are refused lose their order. True when none was. */
static bool attempt(initializer_bench *b, const char *source, const ul_uses *uses, uint32_t **orders, const uint32_t *counts, bool reorders,
                    tally *t, const char **after)
{
    ul_arena *arena = &b->parse.arena;
    const ul_unit_result *result = &b->parse.result;
    ul_rewrite_request *records = UL_NEW_ARRAY(arena, ul_rewrite_request, result->record_count + 1u);
    ul_initializer_request *lists = UL_NEW_ARRAY(arena, ul_initializer_request, uses->initializer_count + 1u);
    uint32_t record_count = 0;
    for (uint32_t r = 0; r < result->record_count; r++) {
        if (orders[r])
            records[record_count++] = (ul_rewrite_request){&result->records[r], orders[r], counts[r], false};
    }
    for (uint32_t i = 0; i < uses->initializer_count; i++) {
        uint32_t r = index_of(result, uses->initializers[i].record);
        lists[i] = (ul_initializer_request){&uses->initializers[i], &result->records[r], orders[r], counts[r]};
    }
    ul_rewrite text;
    ul_initializer_edits edits;
    assert_int_equal(ul_rewrite_text(&text, source, strlen(source), records, record_count, arena), UL_OK);
    assert_int_equal(ul_initializers_rewrite(&edits, source, strlen(source), lists, uses->initializer_count, reorders, arena), UL_OK);
    for (uint32_t i = 0; i < record_count; i++)
        assert_int_equal(text.outcomes[i].refusal, UL_REWRITE_DONE);
    bool is_whole = true;
    for (uint32_t i = 0; i < uses->initializer_count; i++) {
        if (!edits.outcomes[i].refusal)
            continue;
        t->refused++;
        t->reasons[edits.outcomes[i].refusal]++;
        orders[index_of(result, uses->initializers[i].record)] = NULL;
        is_whole = false;
    }
    *after = initializer_apply(arena, source, text.edits, text.edit_count, edits.edits, edits.edit_count);
    t->changed += is_whole ? edits.edit_count : 0;
    return is_whole;
}

/* What the program prints. */
static const char *output_of(initializer_bench *b, const char *name, const char *source, const char *compiler)
{
    ul_arena *arena = &b->parse.arena;
    parse_put(&b->parse, name, source);
    const char *path = parse_path(&b->parse, name), *program = ul_arena_printf(arena, "%s.run", path), *log = ul_arena_printf(arena, "%s.log", path);
    const char *const args[] = {compiler, "-std=gnu17", "-w", "-O0", "-o", program, path, NULL}, *const run[] = {program, NULL};
    oracle_job job = oracle_start(args, log);
    if (oracle_finish(&job, compiler))
        fail_msg("%s does not compile %s", compiler, path);
    job = oracle_start(run, log);
    if (oracle_finish(&job, program))
        fail_msg("%s fails", program);
    ul_strbuf text;
    ul_strbuf_init(&text);
    FILE *in = fopen(log, "r");
    assert_non_null(in);
    for (int byte; (byte = getc(in)) != EOF;)
        ul_strbuf_putc(&text, (char)byte);
    fclose(in);
    const char *copy = ul_arena_strdup(arena, text.data ? text.data : "");
    ul_strbuf_free(&text);
    return copy;
}

static void run_program(void **state, uint32_t index, bool reorders, tally *t)
{
    initializer_bench *b = *state;
    ul_arena *arena = &b->parse.arena;
    const char *more = getenv("ULLAGE_ORACLE_SEED"), *compilers[2] = {"gcc", oracle_clang()};
    init_gen gen;
    uint64_t seed = (more ? strtoull(more, NULL, 10) * 1000 : 0) + index;
    init_program(&gen, seed, index % 2 == 1, reorders, arena);
    ul_uses uses;
    uses_read(&b->parse, gen.out.data, true, &uses);
    uint32_t **orders = UL_NEW_ARRAY(arena, uint32_t *, b->parse.result.record_count + 1u);
    uint32_t *counts = UL_NEW_ARRAY(arena, uint32_t, b->parse.result.record_count + 1u);
    gen_source chance = {.state = seed ^ 0x5eed};
    choose_orders(b, &chance, orders, counts);
    const char *after;
    t->lists += uses.initializer_count;
    while (!attempt(b, gen.out.data, &uses, orders, counts, reorders, t, &after))
        continue;
    const char *want = output_of(b, "before.c", gen.out.data, compilers[index % 2]);
    assert_string_equal(output_of(b, "after.c", after, compilers[index / 2 % 2]), want);
    ul_strbuf_free(&gen.out);
}

static void tell(const char *what, const tally *t)
{
    printf("%s: %u lists, %u edits, %u refusals", what, t->lists, t->changed, t->refused);
    for (uint32_t i = 1; i < UL_REWRITE_REFUSAL_COUNT; i++) {
        if (t->reasons[i])
            printf(", %u %s", t->reasons[i], ul_rewrite_refusal_name((ul_rewrite_refusal)i));
    }
    printf("\n");
}

static void names_keep_what_is_set(void **state)
{
    tally t = {0};
    for (uint32_t i = 0; i < PROGRAMS; i++)
        run_program(state, i, false, &t);
    tell("named", &t);
    assert_true(t.lists >= LISTS_MIN && t.changed >= LISTS_MIN);
    assert_true(t.refused * 100 <= t.lists * NAMED_REFUSED_PERCENT_MAX);
}

static void exchanges_keep_what_is_set(void **state)
{
    tally t = {0};
    for (uint32_t i = 0; i < PROGRAMS; i++)
        run_program(state, i, true, &t);
    tell("exchanged", &t);
    assert_true(t.lists >= LISTS_MIN && t.changed >= 1000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, initializer_set_up, initializer_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(names_keep_what_is_set),
        TEST(exchanges_keep_what_is_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

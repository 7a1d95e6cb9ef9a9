/* Units that crash, hang or starve libclang, and bytes that are hardly C: each costs itself alone. */
#include "layout/engine/merge.h"
#include "tests/parse_bench.h"

#include <time.h>

static const char plain[] = "struct plain { char a; long b; };\n";

static void put_text(parse_bench *b, const char *name, ul_strbuf *text)
{
    assert_false(text->has_failed);
    parse_put_bytes(b, name, text->data, text->length);
    ul_strbuf_free(text);
}

/* `count` times `byte`, between two texts. */
static void put_filled(parse_bench *b, const char *name, const char *before, char byte, size_t count, const char *after)
{
    ul_strbuf text;
    ul_strbuf_init(&text);
    ul_strbuf_puts(&text, before);
    ul_strbuf_fill(&text, byte, count);
    ul_strbuf_puts(&text, after);
    put_text(b, name, &text);
}

/* Each type holds two of the one before it: libclang walks all of them for each offset that it is asked for. */
static void put_doubling(parse_bench *b, const char *name)
{
    ul_strbuf text;
    ul_strbuf_init(&text);
    ul_strbuf_puts(&text, "struct t0 { char a; };\n");
    for (unsigned i = 1; i < 60; i++)
        ul_strbuf_printf(&text, "struct t%u { struct t%u a, b; };\n", i, i - 1);
    put_text(b, name, &text);
}

/* A macro that would expand to 2^40 words. */
static void put_growing(parse_bench *b, const char *name)
{
    ul_strbuf text;
    ul_strbuf_init(&text);
    ul_strbuf_puts(&text, "#define A0 int\n");
    for (unsigned i = 1; i <= 40; i++)
        ul_strbuf_printf(&text, "#define A%u A%u A%u\n", i, i - 1, i - 1);
    ul_strbuf_puts(&text, "A40 x;\n");
    put_text(b, name, &text);
}

/* Units and merged records in one line each, for comparison: nothing in it may depend on time or on the worker. */
static char *told_all(parse_bench *b, const ul_unit_result *results, uint32_t count)
{
    ul_strbuf text;
    ul_strbuf_init(&text);
    for (uint32_t i = 0; i < count; i++) {
        const ul_unit_result *result = &results[i];
        ul_strbuf_printf(&text, "%u: %d [%s] %s %u\n", i, (int)result->outcome, result->detail, result->triple, result->include_count);
        for (uint32_t j = 0; j < result->diag_count; j++)
            ul_strbuf_printf(&text, "  %s:%u: %s\n", result->diags[j].file, result->diags[j].line, result->diags[j].message);
    }
    ul_entry *entries;
    uint32_t entry_count;
    ul_merge_units(&entries, &entry_count, results, count, &b->arena);
    for (uint32_t i = 0; i < entry_count; i++)
        ul_strbuf_printf(&text, "%s %s %s in %s, %u variants\n", entries[i].record->name, parse_told(b, entries[i].record),
                         parse_refusals(b, entries[i].record), entries[i].record->unit, entries[i].variant_count);
    char *copy = ul_arena_strdup(&b->arena, text.data);
    ul_strbuf_free(&text);
    return copy;
}

static void crash_costs_one_unit(void **state)
{
    parse_bench *b = *state;
    static const char *const names[] = {"a.c", "stars.c", "b.c", "plus.c", "c.c"};
    for (unsigned i = 0; i < 5; i += 2)
        parse_put(b, names[i], plain);
    put_filled(b, "stars.c", "struct s { char c; int ", '*', 100000, "x; long l; };\n");
    put_filled(b, "plus.c", "struct s { char c[ ", '~', 400000, "0 ]; long l; };\n");
    for (uint32_t workers = 1; workers <= 3; workers += 2) {
        ul_unit_result results[5];
        parse_read_all(b, results, names, 5, workers);
        for (unsigned i = 0; i < 5; i++) {
            bool is_good = i % 2 == 0;
            assert_int_equal(results[i].outcome, is_good ? UL_UNIT_READ : UL_UNIT_CRASHED);
            if (is_good)
                parse_expect(b, &results[i], "struct plain", "16/8 a@0+8/1i b@64+64/8i");
            else
                assert_non_null(strstr(results[i].detail, "crashed"));
        }
    }
}

static void time_runs_out(void **state)
{
    parse_bench *b = *state;
    static const char *const names[] = {"a.c", "slow.c", "b.c"};
    ul_unit_result results[3];
    struct timespec begin, end;
    parse_put(b, "a.c", plain);
    parse_put(b, "b.c", plain);
    put_doubling(b, "slow.c");
    b->options.timeout_seconds = 2;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    parse_read_all(b, results, names, 3, 1);
    clock_gettime(CLOCK_MONOTONIC, &end);
    assert_true(end.tv_sec - begin.tv_sec < 30);
    assert_int_equal(results[1].outcome, UL_UNIT_TIMED_OUT);
    assert_string_equal(results[1].detail, "it took more than 2 s");
    assert_int_equal(results[1].record_count, 0);
    assert_int_equal(results[0].outcome, UL_UNIT_READ);
    assert_int_equal(results[2].outcome, UL_UNIT_READ);
    assert_int_equal(results[2].record_count, 1);
}

static void memory_runs_out(void **state)
{
    parse_bench *b = *state;
    static const char *const names[] = {"a.c", "large.c", "b.c"};
    ul_unit_result results[3];
    if (PARSE_HAS_SANITIZER)
        skip(); /* it needs an address space without bounds */
    parse_put(b, "a.c", plain);
    parse_put(b, "b.c", plain);
    put_growing(b, "large.c");
    b->options.memory_bytes = UINT64_C(640) << 20;
    parse_read_all(b, results, names, 3, 1);
    assert_int_equal(results[1].outcome, UL_UNIT_OUT_OF_MEMORY);
    assert_string_equal(results[1].detail, "it needs more than the 640 MiB allowed");
    assert_int_equal(results[0].outcome, UL_UNIT_READ);
    assert_int_equal(results[2].outcome, UL_UNIT_READ);
    parse_expect(b, &results[2], "struct plain", "16/8 a@0+8/1i b@64+64/8i");
}

/* Words of progress come once for each unit, failed ones too. */
static void count_progress(void *context, uint32_t done, uint32_t total, const char *file)
{
    uint32_t *seen = context;
    assert_int_equal(total, 20);
    assert_int_equal(done, ++*seen);
    assert_non_null(file);
}

static void same_for_any_workers(void **state)
{
    parse_bench *b = *state;
    const char *names[20], *told[3];
    parse_put(b, "common.h", "struct common { char a; long b __attribute__((aligned(16))); };\n");
    for (unsigned i = 0; i < 20; i++) {
        names[i] = ul_arena_printf(&b->arena, "u%u.c", i);
        parse_put(b, names[i], ul_arena_printf(&b->arena, "#include \"common.h\"\nstruct own%u { char a; int b[%u]; %s c; };\n", i, i + 1,
                                               i % 7 == 3 ? "nowhere" : "struct common"));
    }
    names[11] = "none.c";
    put_filled(b, "u5.c", "struct s { char c; int ", '*', 100000, "x; long l; };\n");
    for (unsigned i = 0; i < 3; i++) {
        ul_unit_result results[20];
        uint32_t seen = 0;
        b->options.progress = count_progress;
        b->options.context = &seen;
        parse_read_all(b, results, names, 20, i == 0 ? 1 : i == 1 ? 3 : 40);
        assert_int_equal(seen, 20);
        told[i] = told_all(b, results, 20);
    }
    assert_string_equal(told[1], told[0]);
    assert_string_equal(told[2], told[0]);
    assert_non_null(strstr(told[0], "struct own19"));
    assert_non_null(strstr(told[0], ul_arena_printf(&b->arena, "struct common 32/16 a@0+8/1i b@128+64/16ti  in %s/u0.c, 0 variants", b->folder)));
    assert_non_null(strstr(told[0], "5: 2 "));  /* crashed */
    assert_non_null(strstr(told[0], "11: 1 ")); /* not there */
}

static void no_jobs(void **state)
{
    parse_bench *b = *state;
    ul_unit_result none;
    parse_read_all(b, &none, NULL, 0, 4);
}

static void self_include(void **state)
{
    parse_bench *b = *state;
    parse_put(b, "self.h", "#include \"self.h\"\nstruct a { char c; long l; };\ntypedef struct { char c; int i; } b_t;\n");
    parse_put(b, "a.c", "#include \"self.h\"\nstruct after { int x; };\n");
    const ul_unit_result *result = parse_read(b, "a.c");
    assert_int_equal(result->outcome, UL_UNIT_READ);
    assert_string_equal(parse_names(b, result), "struct a, b_t, struct after");
    const ul_record *a = parse_record(result, "struct a");
    assert_string_equal(parse_told(b, a), "16/8 c@0+8/1i l@64+64/8i");
    assert_string_equal(parse_refusals(b, a), "error-in-record (line 2)");
    assert_string_equal(result->diags[0].message, "#include nested too deeply");
    assert_true(result->diag_count <= 41);
    assert_non_null(strstr(result->diags[result->diag_count - 1].message, "more errors in this unit"));
}

static void redefined(void **state)
{
    parse_bench *b = *state;
    parse_put(b, "a.c", "struct a { char c; };\nstruct a { long l; };\nunion u { int i; };\nunion u { int i; long l; };\n");
    const ul_unit_result *result = parse_read(b, "a.c");
    assert_string_equal(parse_names(b, result), "struct a, struct a, union u, union u");
    assert_int_equal(result->records[0].size_bytes, 1);
    assert_int_equal(result->records[1].refusals[0].reason, UL_REFUSE_INVALID_RECORD);
    assert_true(result->records[0].refusal_count > 0);
}

static void byte_order_marks(void **state)
{
    parse_bench *b = *state;
    static const char little[] = "\xff\xfes\0t\0r\0u\0c\0t\0 \0s\0;\0\n", big[] = "\xfe\xff\0s\0t\0r\0u\0c\0t\0 \0s\0;\0\n";
    static const char *const names[] = {"little.h", "big.h"}, *const told[] = {"UTF-16 (LE)", "UTF-16 (BE)"};
    parse_put_bytes(b, "little.h", little, sizeof little);
    parse_put_bytes(b, "big.h", big, sizeof big - 1);
    for (unsigned i = 0; i < 2; i++) {
        const ul_unit_result *result = parse_read(b, names[i]);
        assert_int_equal(result->outcome, UL_UNIT_READ);
        assert_int_equal(result->diag_count, 1);
        assert_int_equal(result->diags[0].level, UL_LEVEL_ERROR);
        assert_string_equal(result->diags[0].message,
                            ul_arena_printf(&b->arena, "the file is in %s: only UTF-8 and ASCII can be read", told[i]));
        assert_string_equal(result->diags[0].file, parse_path(b, names[i]));
        assert_int_equal(result->record_count, 0);
    }
    parse_put(b, "a.c", "\xef\xbb\xbfstruct s { char a; /* \xff\xfe */ int b; };\n");
    const ul_unit_result *result = parse_read(b, "a.c");
    assert_int_equal(result->diag_count, 0);
    parse_expect(b, result, "struct s", "8/4 a@0+8/1i b@32+32/4i");
    assert_int_equal(parse_record(result, "struct s")->span.begin, 3);
}

static void hardly_text(void **state)
{
    parse_bench *b = *state;
    char bytes[20000];
    uint64_t random = 88172645463325252u;
    for (unsigned i = 0; i < sizeof bytes; i++) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        bytes[i] = (char)random;
    }
    parse_put_bytes(b, "random.c", bytes, sizeof bytes);
    const ul_unit_result *result = parse_read(b, "random.c");
    assert_int_equal(result->outcome, UL_UNIT_UNREADABLE);
    assert_string_equal(result->detail, "it is no text");
    assert_int_equal(result->diag_count + result->record_count, 0);
    put_filled(b, "zeros.c", plain, '\0', 5000, plain);
    result = parse_read(b, "zeros.c");
    assert_int_equal(result->outcome, UL_UNIT_READ);
    assert_int_equal(result->records[0].size_bytes, 16);
    parse_put(b, "empty.c", "");
    assert_int_equal(parse_clean(b, "")->record_count, 0);
    result = parse_read(b, "empty.c");
    assert_int_equal(result->outcome, UL_UNIT_READ);
    assert_int_equal(result->include_count, 1);
    parse_put(b, "open.c", "struct s { char a; long b;");
    result = parse_read(b, "open.c");
    assert_int_equal(result->outcome, UL_UNIT_READ);
    assert_true(result->diag_count > 0 && result->records[0].refusal_count > 0);
}

static void endless_line(void **state)
{
    parse_bench *b = *state;
    put_filled(b, "spaces.c", "struct s { char a;", ' ', 5u << 20, "int b; };\n");
    const ul_unit_result *result = parse_read(b, "spaces.c");
    parse_expect(b, result, "struct s", "8/4 a@0+8/1i b@32+32/4i");
    assert_int_equal(result->records[0].fields[1].line, 1);
    put_filled(b, "word.c", "struct s { char ", 'w', 5u << 20, "; int b; };\n");
    result = parse_read(b, "word.c");
    assert_int_equal(result->outcome, UL_UNIT_READ);
    assert_int_equal(strlen(result->records[0].fields[0].name), 5u << 20);
    assert_int_equal(result->records[0].size_bytes, 8);
}

static void many_fields(void **state)
{
    parse_bench *b = *state;
    enum { COUNT = 100000 };
    ul_strbuf text;
    ul_strbuf_init(&text);
    ul_strbuf_puts(&text, "struct many {\n");
    for (unsigned i = 0; i < COUNT; i++)
        ul_strbuf_printf(&text, "%s f%u;\n", i % 2 ? "int" : "char", i);
    ul_strbuf_puts(&text, "};\n");
    put_text(b, "many.c", &text);
    const ul_unit_result *result = parse_read(b, "many.c");
    assert_int_equal(result->outcome, UL_UNIT_READ);
    const ul_record *many = parse_record(result, "struct many");
    assert_int_equal(many->field_count, COUNT);
    assert_int_equal(many->group_count, COUNT);
    assert_int_equal(many->refusal_count, 0);
    for (uint32_t i = 0; i < COUNT; i++)
        assert_int_equal(many->fields[i].offset_bits, i / 2 * 64 + i % 2 * 32);
    assert_int_equal(many->size_bytes, COUNT / 2 * 8);
}

static void many_records(void **state)
{
    parse_bench *b = *state;
    enum { COUNT = 100000 };
    ul_strbuf text;
    ul_strbuf_init(&text);
    for (unsigned i = 0; i < COUNT; i++)
        ul_strbuf_printf(&text, "struct s%u { char a; int b[%u]; };\n", i, i % 5 + 1);
    put_text(b, "many.c", &text);
    const ul_unit_result *result = parse_read(b, "many.c");
    assert_int_equal(result->outcome, UL_UNIT_READ);
    assert_int_equal(result->record_count, COUNT);
    for (uint32_t i = 0; i < COUNT; i++) {
        assert_int_equal(result->records[i].line, i + 1);
        assert_int_equal(result->records[i].size_bytes, 4 + 4 * (i % 5 + 1));
    }
}

/* Anonymous members as deep as clang goes, and as wide. */
static void deep_members(void **state)
{
    parse_bench *b = *state;
    enum { DEPTH = 200 };
    ul_strbuf text;
    ul_strbuf_init(&text);
    ul_strbuf_puts(&text, "struct deep {\n");
    for (unsigned i = 0; i < DEPTH; i++)
        ul_strbuf_printf(&text, "struct { char c%u;\n", i);
    ul_strbuf_puts(&text, "long end;\n");
    for (unsigned i = 0; i < DEPTH; i++)
        ul_strbuf_puts(&text, "};\n");
    ul_strbuf_puts(&text, "};\n");
    put_text(b, "deep.c", &text);
    const ul_unit_result *result = parse_read(b, "deep.c");
    assert_int_equal(result->outcome, UL_UNIT_READ);
    assert_int_equal(result->record_count, DEPTH + 1);
    const ul_record *deep = parse_record(result, "struct deep");
    assert_int_equal(deep->field_count, 2 * DEPTH + 1);
    assert_int_equal(deep->fields[2 * DEPTH].offset_bits, 64u * DEPTH);
    assert_int_equal(deep->fields[2 * DEPTH].parent, 2 * DEPTH - 2);
    assert_int_equal(deep->size_bytes, 8u * DEPTH + 8);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, parse_set_up, parse_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(crash_costs_one_unit), CASE(time_runs_out), CASE(memory_runs_out), CASE(same_for_any_workers), CASE(no_jobs),
        CASE(self_include),         CASE(redefined),     CASE(byte_order_marks), CASE(hardly_text),         CASE(endless_line),
        CASE(many_fields),          CASE(many_records),  CASE(deep_members),
    };
    return cmocka_run_group_tests_name("parse_hostile", tests, NULL, NULL);
}

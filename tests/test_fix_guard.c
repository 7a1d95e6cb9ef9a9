/* What `fix --guard` writes is what `guard --check` wants, whatever the goal was; and a header of assertions is not left behind. */
#include "tests/fix_bench.h"

static const char use[] = "#include <pthread.h>\n#include \"s.h\"\n%s\n"
                          "static void *put(void *none)\n{\n    for (unsigned i = 0; i < all.limit; i++) all.in++;\n    return none;\n}\n"
                          "static void *get(void *none)\n{\n    for (unsigned i = 0; i < all.limit; i++) all.out++;\n    return none;\n}\n"
                          "int start(pthread_t t[2])\n{\n    return pthread_create(t, 0, put, 0) || pthread_create(t + 1, 0, get, 0);\n}\n";

static const char *const records[] = {
    "struct s {\n    char flag;\n    long in;\n    unsigned limit;\n    long out;\n    char last;\n    char name[14];\n};\n",
    "struct s {\n    char flag;\n    long out;       // ullage: writer(consumer)\n    unsigned limit; // ullage: readmostly\n    long in;        // ullage: writer(producer)\n"
    "    char last;\n    char name[14];\n};\n",
    "struct s {\n    char flag;\n    long in;        // ullage: writer(producer)\n    long out;       // ullage: writer(consumer)\n    unsigned limit;\n    char last;\n"
    "    char name[190]; // ullage: cold\n};\n",
    "typedef struct s {\n    char flag;\n    struct in {\n        char a; // ullage: hot\n        long b;\n        char c;\n    } inner;\n    long in;\n    unsigned limit;\n    long out;\n"
    "    char last;\n} s_t;\n",
};

static const char *replaced(bench *b, const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    assert_non_null(at);
    return ul_arena_printf(&b->arena, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static void put_record(bench *b, const char *record)
{
    put(b, "s.h", ul_arena_printf(&b->arena, "#pragma once\n%s", record));
    put(b, "a.c", ul_arena_printf(&b->arena, use, "static struct s all;")); /* NOLINT(clang-diagnostic-format-nonliteral) */
    put_database(b, "a.c", "");
}

static void every_goal_leaves_guards_that_hold(void **state)
{
    bench *b = *state;
    static const char *const goals[] = {"size", "class", "lines"};
    uint32_t written = 0;
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        for (size_t k = 0; k < sizeof goals / sizeof *goals; k++) {
            put_record(b, records[i]);
            if (fix(b, ul_arena_printf(&b->arena, "--goal %s --guard .", goals[k])) != 0)
                fail_msg("record %zu, goal %s: %s%s", i, goals[k], b->out, b->err);
            const char *after = slurp(b, "s.h");
            if (!strstr(after, "ullage guard: begin"))
                continue;
            written++;
            if (run(b, "guard --check .") != 0)
                fail_msg("record %zu, goal %s: %s%s", i, goals[k], b->out, b->err);
            assert_int_equal(run(b, "guard --write ."), 0);
            assert_string_equal(slurp(b, "s.h"), after);
        }
    }
    assert_true(written >= 8);
}

/* A guard that nothing in the source asks for stays until somebody takes it away, and changes along. */
static void kept_guards(void **state)
{
    bench *b = *state;
    put_record(b, records[0]);
    assert_int_equal(fix(b, "--guard ."), 0);
    const char *after = slurp(b, "s.h");
    has(after, "};\n/* ullage guard: begin, kept */\n");
    put(b, "s.h", replaced(b, after, "    char flag;", "    char flag[9];"));
    assert_int_equal(run(b, "guard --check ."), 1);
    has(b->err, "the guard of `struct s` is stale");
    assert_int_equal(run(b, "guard --write ."), 0);
    assert_int_equal(run(b, "guard --check ."), 0);
    has(slurp(b, "s.h"), "/* ullage guard: begin, kept */\n");
    put(b, "s.h", replaced(b, after, "begin, kept", "begin"));
    assert_int_equal(run(b, "guard --check ."), 1);
    has(b->err, "the guard of `struct s` is one too many");
    put(b, "s.h", ul_arena_printf(&b->arena, "// ullage: guard\n%s", after)); /* now something asks */
    assert_int_equal(run(b, "guard --write ."), 0);
    has(slurp(b, "s.h"), "/* ullage guard: begin */\n");
}

static void headers_of_assertions(void **state)
{
    bench *b = *state;
    put_record(b, records[1]);
    assert_int_equal(run(b, "guard . -o ullage_guard.h"), 0);
    for (int included = 0; included < 2; included++) {
        if (included)
            put(b, "a.c", ul_arena_printf(&b->arena, "%s#include \"ullage_guard.h\"\n", slurp(b, "a.c")));
        assert_int_equal(fix(b, "--guard --check -v ."), 0);
        has(b->out, "guard-header: a header that `ullage guard -o` made holds its layout");
        has(b->out, "ullage_guard.h:1: ");
        lacks(b->out, "layout-assert");
    }
    put(b, "ullage_guard.h", "");
    if (fix(b, "."))
        fail_msg("%s%s", b->out, b->err);
    has(b->out, "1 record in 1 file changed");
    assert_int_equal(run(b, "guard . -o ullage_guard.h"), 0);
    assert_int_equal(run(b, "guard . --check -o ullage_guard.h"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_goal_leaves_guards_that_hold, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(kept_guards, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(headers_of_assertions, fix_set_up, bench_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

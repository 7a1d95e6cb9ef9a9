/*
 * Whole generated projects through `ullage fix`: a program that prints every value of every object prints the same before
 * and after, built by gcc and by clang, and every record has the size that the run promised.
 */
#include "tests/fix_bench.h"

#include <cjson/cJSON.h>

#include "tests/gen_project.h"

enum { PROJECTS = 14, RECORDS = 150, FLOOR_RECORDS = 2000, FLOOR_CHANGED = 500, FLOOR_INITIALIZERS = 700 };

static const char say[] = "#include <stdio.h>\n#include \"h3.h\"\n"
                          "void say_integer(const char *name, long value) { printf(\"%s %ld\\n\", name, value); }\n"
                          "void say_float(const char *name, double value) { printf(\"%s %g\\n\", name, value); }\n"
                          "void say_text(const char *name, const char *value) { printf(\"%s %s\\n\", name, value ? value : \"none\"); }\n"
                          "void print0(void); void print1(void); void print2(void);\n"
                          "int main(void) { print0(); print1(); print2(); return 0; }\n";

static const char *clang_of(bench *b)
{
    static const char *const names[] = {"clang", "clang-14", "clang-15", "clang-16", "clang-17", "clang-18", "clang-19"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (sh(b, ul_arena_printf(&b->arena, "command -v %s", names[i])) == 0)
            return names[i];
    }
    return NULL;
}

static void build_and_run(bench *b, const char *compiler, const char *output)
{
    if (sh(b, ul_arena_printf(&b->arena, "%s -std=gnu17 -O0 -w -o p main.c s0.c s1.c s2.c && ./p >%s", compiler, output)) != 0)
        fail_msg("%s: %.3000s", compiler, b->err);
}

/* Every record's size as the report of the run has it, asserted by the compilers. */
static void put_sizes(bench *b, const cJSON *report)
{
    const cJSON *record;
    ul_strbuf text;
    ul_strbuf_init(&text);
    ul_strbuf_puts(&text, "#include \"h3.h\"\n");
    cJSON_ArrayForEach(record, cJSON_GetObjectItemCaseSensitive(report, "records"))
    {
        const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(record, "name"));
        const cJSON *fix = cJSON_GetObjectItemCaseSensitive(record, "fix");
        if (!strstr(name, "::"))
            ul_strbuf_printf(&text, "_Static_assert(sizeof(%s) == %.0f, \"%s\");\n", name,
                             cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(fix, "size_bytes")), name);
    }
    put(b, "sizes.c", text.data);
    ul_strbuf_free(&text);
}

static void count(const cJSON *report, uint32_t *records, uint32_t *changed, uint32_t *initializers)
{
    const cJSON *record;
    cJSON_ArrayForEach(record, cJSON_GetObjectItemCaseSensitive(report, "records"))
    {
        const cJSON *fix = cJSON_GetObjectItemCaseSensitive(record, "fix");
        ++*records;
        *changed += strcmp(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(fix, "state")), "changed") == 0;
        *initializers += (uint32_t)cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(fix, "initializers"));
    }
}

static void try_project(bench *b, const char *clang, uint64_t seed, const char *options, uint32_t *totals)
{
    gen_project project;
    const char *const compilers[] = {"gcc", clang};
    assert_true(project_make(&project, b->folder, RECORDS, seed, &b->arena));
    put(b, "main.c", say);
    put_database(b, "s0.c s1.c s2.c", "\"-std=gnu17\"");
    build_and_run(b, "gcc", "before");
    if (fix(b, ul_arena_printf(&b->arena, "--format json -o report.json %s .", options)) != 0)
        fail_msg("seed %llu: %.3000s", (unsigned long long)seed, b->err);
    cJSON *report = cJSON_Parse(slurp(b, "report.json"));
    assert_non_null(report);
    put_sizes(b, report);
    count(report, &totals[0], &totals[1], &totals[2]);
    cJSON_Delete(report);
    for (size_t i = 0; i < 2; i++) {
        build_and_run(b, compilers[i], "after");
        if (sh(b, "cmp before after") != 0)
            fail_msg("seed %llu, %s: the program prints otherwise: %s", (unsigned long long)seed, compilers[i], b->out);
        if (sh(b, ul_arena_printf(&b->arena, "%s -std=gnu17 -w -fsyntax-only sizes.c", compilers[i])) != 0)
            fail_msg("seed %llu, %s: %.2000s", (unsigned long long)seed, compilers[i], b->err);
    }
}

/* main.c is left out of the database: it includes the headers, so --allow unseen-users says that it is known. */
static void projects_print_the_same(void **state)
{
    bench *b = *state;
    const char *clang = clang_of(b);
    uint32_t totals[3] = {0};
    const char *one = getenv("ULLAGE_SEED");
    if (!clang)
        fail_msg("no clang to ask: apt-get install clang");
    for (uint64_t i = 0; i < PROJECTS; i++) {
        static const char *const ways[] = {"", "--initializers=reorder", "--split-declarators", "--initializers=designate"};
        uint64_t seed = one ? strtoull(one, NULL, 10) : i;
        try_project(b, clang, seed, ul_arena_printf(&b->arena, "--allow unseen-users %s", ways[seed % 4]), totals);
        if (one)
            return;
    }
    printf("fix: %u records, %u changed, %u initializers followed\n", totals[0], totals[1], totals[2]);
    assert_true(totals[0] >= FLOOR_RECORDS && totals[1] >= FLOOR_CHANGED && totals[2] >= FLOOR_INITIALIZERS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(projects_print_the_same, fix_set_up, bench_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

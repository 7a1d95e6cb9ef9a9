/* The baseline of `check`: what it accepts, what it does not, how it merges, and files that are none. */
#include "repo_bench.h"

static int check(repo *r, const char *arguments)
{
    return repo_sh(r, ul_arena_printf(&r->arena, "ullage check --fail-level note %s", arguments));
}

static const char waste[] = "struct waste { char a; void *b; char c; };\n";
static const char more_waste[] = "struct waste { char a; void *b; char c; void *d; char e; };\n";
static const char tight[] = "struct waste { void *b; char a, c; };\n";

static const char *baseline(repo *r)
{
    return repo_slurp(r, repo_path(r, "work/.ullage-baseline.json"));
}

static void known_findings_are_accepted_until_they_grow(void **state)
{
    repo *r = *state;
    repo_put(r, "a.h", waste);
    assert_int_equal(check(r, ""), 1);
    assert_int_equal(check(r, "--update-baseline"), 0);
    repo_has(r->err, ".ullage-baseline.json: note: written: 1 record, 1 accepted finding");
    assert_string_equal(baseline(r),
                        "[{\"schema\":\"ullage.baseline/1\",\"target\":\"x86_64-pc-linux-gnu\",\"allocator\":\"glibc\",\"line_bytes\":64}\n"
                        ",{\"file\":\"a.h\",\"record\":\"struct waste\",\"size_bytes\":24,\"lines\":1,\"footprint_bytes\":32,"
                        "\"findings\":[{\"rule\":\"reorder-saves\",\"field\":\"\",\"saved_bytes\":8}]}\n]\n");
    assert_int_equal(check(r, "--baseline .ullage-baseline.json"), 0);
    repo_put(r, "a.h", ul_arena_printf(&r->arena, "/* the lines move */\n\n\n%s", waste));
    assert_int_equal(check(r, "--baseline .ullage-baseline.json"), 0);
    repo_put(r, "b.h", "struct other { char x; void *y; char z; };\n");
    assert_int_equal(check(r, "--baseline .ullage-baseline.json --format concise"), 1);
    repo_has(r->out, "struct other");
    repo_lacks(r->out, "struct waste");
    repo_put(r, "a.h", more_waste);
    assert_int_equal(check(r, "--baseline .ullage-baseline.json --format concise"), 1);
    repo_has(r->out, "takes 40 bytes where 24 would do"); /* 16 lost, 8 were accepted */
    repo_has(r->out, "error: `struct waste` grew since the baseline: 32 -> 48 bytes of heap an object, 24 -> 40 bytes [layout-regression]");
}

static void what_is_mended_is_stale(void **state)
{
    repo *r = *state;
    repo_put(r, "a.h", waste);
    repo_put(r, "b.h", "struct b { int x; };\n");
    assert_int_equal(check(r, "--update-baseline"), 0);
    repo_put(r, "a.h", tight);
    assert_int_equal(check(r, "--baseline .ullage-baseline.json"), 1);
    repo_has(r->err, "warning: stale: reorder-saves of `struct waste` in a.h is mended; --update-baseline drops it");
    assert_int_equal(check(r, "--baseline .ullage-baseline.json --allow-stale"), 0);
    assert_int_equal(check(r, "--baseline .ullage-baseline.json b.h"), 0); /* nobody looked at a.h */
    repo_do(r, "rm b.h");
    assert_int_equal(check(r, "--baseline .ullage-baseline.json a.h"), 1);
    repo_lacks(r->err, "struct b");
    assert_int_equal(check(r, "--baseline .ullage-baseline.json"), 1);
    repo_has(r->err, "warning: stale: `struct b` of b.h is not there any more; --update-baseline drops it");
    assert_int_equal(check(r, "--update-baseline"), 0);
    repo_lacks(baseline(r), "struct b\"");
    repo_has(baseline(r), "\"findings\":[]");
    assert_int_equal(check(r, "--baseline .ullage-baseline.json"), 0);
}

static void a_part_is_updated_by_itself(void **state)
{
    repo *r = *state;
    repo_put(r, "a.h", waste);
    repo_put(r, "sub/b.h", "struct b { char x; void *y; char z; };\n");
    assert_int_equal(check(r, "--update-baseline"), 0);
    const char *before = baseline(r);
    repo_put(r, "a.h", tight);
    assert_int_equal(check(r, "--update-baseline sub"), 0);
    assert_string_equal(baseline(r), before);
    r->in = "sub/"; /* from below the root too: paths stay relative to it */
    assert_int_equal(check(r, "--update-baseline ."), 0);
    assert_int_equal(check(r, "--baseline ../.ullage-baseline.json ."), 0);
    r->in = "";
    assert_string_equal(baseline(r), before);
    repo_put(r, "bad.h", "struct bad { int a b; };\n");
    assert_int_equal(check(r, "--update-baseline"), 2);
    repo_has(r->err, "the baseline is not written: some input could not be read");
    assert_string_equal(baseline(r), before);
}

static void branches_merge(void **state)
{
    repo *r = *state;
    repo_put(r, "a.h", waste);
    repo_put(r, "m.h", "struct m1 { int x; };\nstruct m2 { int x; };\nstruct m3 { int x; };\nstruct m4 { int x; };\n");
    repo_put(r, "z.h", "struct z { char z1; void *z2; char z3; };\n");
    repo_put(r, ".gitattributes", ".ullage-baseline.json merge=union\n");
    assert_int_equal(check(r, "--update-baseline"), 0);
    repo_do(r, "git add -A && git commit -qm one && git checkout -qb side");
    repo_put(r, "z.h", "struct z { char z1; void *z2; char z3; };\nstruct zz { char y1; void *y2; char y3; };\n");
    assert_int_equal(check(r, "--update-baseline"), 0);
    repo_do(r, "git commit -qam side && git checkout -q main");
    repo_put(r, "zy.h", "struct zy { char w1; void *w2; char w3; };\n");
    assert_int_equal(check(r, "--update-baseline"), 0);
    repo_do(r, "git add -A && git commit -qm main && git merge -q -m both side");
    assert_int_equal(check(r, "--baseline .ullage-baseline.json"), 0);
    repo_has(baseline(r), "struct zy");
    repo_has(baseline(r), "struct zz");
}

static void files_that_are_none(void **state)
{
    repo *r = *state;
    static const struct {
        const char *text, *words;
    } bad[] = {
        {"", "not a baseline: --update-baseline makes one"},
        {"{}", "not a baseline: --update-baseline makes one"},
        {"[\n{\"schema\":\"ullage.baseline/1\"}\n,{\n]\n", "b.json:4: error: not a baseline"},
        {"[{\"schema\":\"ullage.baseline/9\"}]", "not a baseline that this version reads"},
        {"[{\"schema\":\"ullage.baseline/1\",\"target\":\"x\",\"allocator\":\"musl\",\"line_bytes\":128}]", "it was made for x, musl and lines of 128 bytes"},
        {"<<<<<<< HEAD\n[]", "a merge left it with conflicts"},
    };
    repo_put(r, "a.h", waste);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        repo_put(r, "b.json", bad[i].text);
        assert_int_equal(check(r, "--baseline b.json"), 2);
        repo_has(r->err, bad[i].words);
    }
    repo_put(r, "b.json", "[{\"schema\":\"ullage.baseline/1\",\"target\":\"x86_64-pc-linux-gnu\",\"allocator\":\"glibc\",\"line_bytes\":64}\n,{\"file\":3}]");
    assert_int_equal(check(r, "--baseline b.json"), 2);
    repo_has(r->err, "b.json:2: error: not a line of a baseline");
    assert_int_equal(check(r, "--baseline nothere.json"), 2);
    repo_has(r->err, "cannot read the baseline: No such file or directory; --update-baseline makes it");
    assert_int_equal(check(r, "--update-baseline --baseline no/where.json"), 2);
    repo_has(r->err, "cannot write the baseline");
    assert_int_equal(check(r, "--update-baseline --struct waste"), 2);
    repo_has(r->err, "a baseline is of whole files");
    assert_int_equal(check(r, "--allow-stale"), 2);
}

/* Eight counters of threads on one line: what is found is about the variable. */
static const char counters[] = "static unsigned pending[8];\n"
                               "static unsigned hit(int tid) { return ++pending[tid]; }\n"
                               "unsigned one(int tid) { return hit(tid); }\n";

static void findings_about_variables_are_accepted_too(void **state)
{
    repo *r = *state;
    repo_put(r, "a.c", counters);
    assert_int_equal(check(r, "a.c"), 1);
    assert_int_equal(check(r, "--update-baseline a.c"), 0);
    repo_has(r->err, "written: 0 records, 1 variable, 1 accepted finding");
    repo_has(baseline(r), ",{\"file\":\"a.c\",\"variable\":\"pending\",\"size_bytes\":32,"
                          "\"findings\":[{\"rule\":\"array-false-sharing\",\"field\":\"\",\"saved_bytes\":0}]}\n");
    assert_int_equal(check(r, "--baseline .ullage-baseline.json a.c"), 0);
    assert_int_equal(check(r, "--baseline .ullage-baseline.json --layout-only a.c"), 0); /* it read no bodies: nothing is stale */
    repo_put(r, "a.c", ul_arena_printf(&r->arena, "%sstatic long more[4];\nlong two(int tid) { return ++more[tid]; }\n", counters));
    assert_int_equal(check(r, "--baseline .ullage-baseline.json --format concise a.c"), 1);
    repo_has(r->out, "`more`");
    repo_lacks(r->out, "`pending`");
    repo_put(r, "a.c", "static unsigned pending[8];\nunsigned one(int slot) { return ++pending[slot]; }\n");
    assert_int_equal(check(r, "--baseline .ullage-baseline.json a.c"), 1);
    repo_has(r->err, "stale: array-false-sharing of `pending` in a.c is mended");
}

static void a_span_is_part_of_what_it_was_made_for(void **state)
{
    repo *r = *state;
    repo_put(r, "a.h", waste);
    assert_int_equal(check(r, "--update-baseline --span-bytes 128"), 0);
    repo_has(baseline(r), "\"line_bytes\":64,\"span_bytes\":128}");
    assert_int_equal(check(r, "--baseline .ullage-baseline.json --span-bytes 128"), 0);
    assert_int_equal(check(r, "--baseline .ullage-baseline.json"), 2);
    repo_has(r->err, "it was made for spans of 128 bytes, this run is for 64");
}

static void the_schema(void **state)
{
    repo *r = *state;
    repo_put(r, "a.h", waste);
    repo_put(r, "a.c", counters);
    assert_int_equal(check(r, "--update-baseline"), 0);
    const char *command = "python3 " ULLAGE_SOURCE_DIR "/tests/validate.py " ULLAGE_SOURCE_DIR "/docs/schema/ullage.baseline-1.schema.json .ullage-baseline.json";
    if (repo_sh(r, command) == 77)
        skip();
    assert_string_equal(r->out, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, repo_set_up, repo_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(known_findings_are_accepted_until_they_grow),
        TEST(what_is_mended_is_stale),
        TEST(a_part_is_updated_by_itself),
        TEST(branches_merge),
        TEST(files_that_are_none),
        TEST(findings_about_variables_are_accepted_too),
        TEST(a_span_is_part_of_what_it_was_made_for),
        TEST(the_schema),
    };
    return cmocka_run_group_tests_name("baseline", tests, NULL, NULL);
}

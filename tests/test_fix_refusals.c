/* What fix leaves because it cannot be sure: users that were not read, code behind errors, texts that are not plain, and how each is overruled. */
#include "tests/fix_bench.h"

static const char wide[] = "struct conn {\n    char flag;\n    double rate;\n    char other;\n};\n";
static const char user[] = "#include \"conn.h\"\nint a(struct conn *c) { return c->flag; }\n";

static void put_project(bench *b)
{
    put(b, "conn.h", wide);
    put(b, "a.c", user);
    put_database(b, "a.c", "");
}

/* conn.h stays, for `reason`, and the report names `place`; with the word it changes. */
static void stays(bench *b, const char *options, const char *reason, const char *place, bool is_allowable)
{
    int status = fix(b, ul_arena_printf(&b->arena, "--check -v %s .", options));
    if (status != 0)
        fail_msg("status %d: %.1000s %.1000s", status, b->out, b->err);
    has(b->out, "`struct conn` stays as it is: 24 bytes, could be 16");
    has(b->out, ul_arena_printf(&b->arena, "\n  %s: ", reason));
    has(b->out, place);
    if (is_allowable)
        has(b->out, "overrules it");
    else
        lacks(b->out, "--allow");
    if (is_allowable)
        assert_int_equal(fix(b, ul_arena_printf(&b->arena, "--check %s --allow %s .", options, reason)), 1);
}

static void users_that_nobody_reads(void **state)
{
    bench *b = *state;
    put_project(b);
    assert_int_equal(fix(b, "--check ."), 1);
    assert_int_equal(sh(b, "mkdir -p tools inc && cp a.c tools/tool.c"), 0);
    stays(b, "", "unseen-users", "tools/tool.c: it includes the file and is in no unit that was read", true);
    assert_int_equal(sh(b, "mv tools/tool.c tools/tool.cc"), 0);
    stays(b, "", "unseen-users", "tools/tool.cc", true);
    put(b, "tools/tool.cc", "#include <inc/deep.hpp>\n");
    put(b, "inc/deep.hpp", "  #  include \"../conn.h\"\n");
    stays(b, "", "unseen-users", "inc/deep.hpp", true);
    assert_int_equal(sh(b, "rm -r inc"), 0);
    put(b, "tools/tool.cc", "#include \"other/conn.h\"\n// #include \"conn.h\"\n"); /* another file of the name; and a comment */
    assert_int_equal(fix(b, "--check ."), 1);
    put(b, "tools/conn.h", "struct conn;\n");
    put(b, "tools/tool.cc", "#include \"conn.h\"\n"); /* the one beside it */
    assert_int_equal(fix(b, "--check ."), 1);
}

/* What a build left in a folder that git ignores is no user, but leads to those that are. */
static void users_that_git_ignores(void **state)
{
    bench *b = *state;
    put_project(b);
    assert_int_equal(sh(b, "git init -q . && mkdir -p out/deep tools && cp a.c out/deep/made.c"), 0);
    stays(b, "", "unseen-users", "out/deep/made.c", true);
    put(b, ".gitignore", "out/\n/lone.c\n");
    assert_int_equal(fix(b, "--check ."), 1);
    assert_int_equal(sh(b, "cp a.c lone.c"), 0);
    assert_int_equal(fix(b, "--check ."), 1);
    assert_int_equal(sh(b, "cp a.c tools/lone.c"), 0);
    stays(b, "", "unseen-users", "tools/lone.c", true);
    put(b, "out/made.h", "#include \"../conn.h\"\n");
    put(b, "tools/lone.c", "#include \"../out/made.h\"\n");
    stays(b, "", "unseen-users", "tools/lone.c", true);
    assert_int_equal(sh(b, "rm tools/lone.c && git add -f out/deep/made.c"), 0); /* ignored in vain: it is tracked */
    stays(b, "", "unseen-users", "out/deep/made.c", true);
}

static void users_in_a_c_file_are_its_own(void **state)
{
    bench *b = *state;
    put(b, "one.c", "struct conn {\n    char flag;\n    double rate;\n    char other;\n} all;\n");
    assert_int_equal(fix(b, "--check one.c -- -std=gnu17"), 1);
    stays(b, "", "unseen-users", "no compile_commands.json", true); /* no flags either: nobody knows what it is compiled as */
    put(b, "two.c", "#include \"one.c\"\n");
    assert_int_equal(fix(b, "--check one.c -- -std=gnu17"), 0);
    has(b->out, "two.c: it includes the file");
}

/* Without a work tree the working directory is searched for users. */
static void files_elsewhere(void **state)
{
    bench *b = *state;
    assert_int_equal(sh(b, "rmdir .git && mkdir here there"), 0);
    put(b, "there/one.c", "struct conn {\n    char flag;\n    double rate;\n    char other;\n} all;\n");
    assert_int_equal(fix(b, "--diff there/one.c -- -std=gnu17"), 0);
    has(b->out, "--- a/there/one.c\n");
    assert_int_equal(sh(b, ul_arena_printf(&b->arena, "cd here && '%s' fix --check ../there/one.c -- -std=gnu17", ULLAGE_BINARY)), 0);
    has(b->out, "its users were looked for below");
}

static void code_behind_errors(void **state)
{
    bench *b = *state;
    put_project(b);
    put(b, "a.c", "#include \"conn.h\"\nint a(struct conn *c) { return unknown(c->flag) + nothing; }\n");
    assert_int_equal(fix(b, "--check ."), 0);
    has(b->out, "unseen-users");
    has(b->out, "a.c:2: an error hides code: use of undeclared identifier 'nothing'");
    put_project(b);
    put(b, "b.c", "#include \"conn.h\"\n#include \"missing.h\"\n");
    put_database(b, "a.c b.c", "");
    fix(b, "--check .");
    has(b->out, "0 records in 0 files");
    assert_int_equal(b->status, 2);
}

static void a_unit_that_cannot_be_read(void **state)
{
    bench *b = *state;
    put_project(b);
    put(b, "compile_commands.json",
        ul_arena_printf(&b->arena, "[{\"directory\": \"%s\", \"file\": \"a.c\", \"arguments\": [\"cc\", \"-c\", \"a.c\"]},\n"
                                   "{\"directory\": \"%s\", \"file\": \"b.c\", \"arguments\": [\"cc\", \"-std=none\", \"-c\", \"b.c\"]}]\n",
                        b->folder, b->folder));
    put(b, "b.c", user);
    assert_int_equal(fix(b, "--check --keep-going ."), 2);
    has(b->out, "b.c: it includes the file and is in no unit that was read");
}

static void macros_and_conditionals(void **state)
{
    bench *b = *state;
    put_project(b);
    put(b, "conn.h", "#define BODY char flag; double rate; char other;\nstruct conn { BODY };\n");
    assert_int_equal(fix(b, "--check -v ."), 0);
    has(b->out, "0 records in 0 files");
    put(b, "conn.h", "struct conn {\n    char flag;\n#ifdef X\n    double rate;\n#endif\n    char other;\n};\n");
    put_database(b, "a.c", "\"-DX\"");
    assert_int_equal(fix(b, "--check -v ."), 0);
    has(b->out, "0 records in 0 files"); /* walls */
}

static void annotations_are_obeyed(void **state)
{
    bench *b = *state;
    put_project(b);
    put(b, "conn.h", ul_arena_printf(&b->arena, "// ullage: ignore[reorder-saves] -- one of them\n%s", wide));
    stays(b, "", "ignored", "an annotation on it silences reorder-saves", false);
    put(b, "conn.h", ul_arena_printf(&b->arena, "// ullage: keep-order -- on a disk\n%s", wide));
    assert_int_equal(fix(b, "--check ."), 0);
    has(b->out, "not planned: keep-order 1");
}

static void the_configuration_names_public_headers(void **state)
{
    bench *b = *state;
    put_project(b);
    put(b, ".ullage.yml", "root: true\npublic:\n  - conn.h\n");
    stays(b, "", "public-header", ".ullage.yml:3", true);
    put(b, ".ullage.yml", "root: true\nexclude:\n  - conn.h\n");
    assert_int_equal(fix(b, "--check ."), 0);
    lacks(b->out, "struct conn");
}

static void initializers_as_asked(void **state)
{
    bench *b = *state;
    put_project(b);
    put(b, "a.c", "#include \"conn.h\"\nstruct conn c = { 1, 2.0, 3 };\n");
    stays(b, "--initializers=refuse", "positional-initializer", "a.c:2: --initializers=refuse", false);
    assert_int_equal(fix(b, "--initializers=reorder --diff ."), 0);
    has(b->out, "+struct conn c = { 1, 3, 2.0 };");
    assert_int_equal(fix(b, "--initializers=designate --diff ."), 0);
    has(b->out, "+struct conn c = { .flag = 1, .rate = 2.0, .other = 3 };");
    put(b, "a.c", "/* DO NOT EDIT */\n#include \"conn.h\"\nstruct conn c = { 1, 2.0, 3 };\n");
    stays(b, "", "positional-initializer", "a.c:3: a program writes its file", false);
}

/* Each embeds a record of the other: when one is left, the other is planned with its size as it is. */
static void headers_that_hold_each_others_records(void **state)
{
    bench *b = *state;
    put(b, "a.h", "#ifndef A\n#define A\nstruct a1 { char p; long q; char r; };\n#include \"b.h\"\nstruct a2 { char s; struct b1 t; char u; };\n#endif\n");
    put(b, "b.h", "#ifndef B\n#define B\n#include \"a.h\"\nstruct b1 { char v; struct a1 w; char x; };\n#endif\n");
    put(b, "a.c", "#include \"a.h\"\nstruct a2 all;\n");
    put_database(b, "a.c", "");
    assert_int_equal(fix(b, "--check ."), 1);
    has(b->out, "`struct a1`: 24 -> 16 bytes");
    has(b->out, "`struct b1`: 40 -> 24 bytes");
    has(b->out, "`struct a2`: 56 -> 32 bytes");
    put(b, "a.c", "/* DO NOT EDIT */\n#include \"a.h\"\nstruct a2 all;\nstruct a1 one = { 1, 2, 3 };\n");
    assert_int_equal(fix(b, "."), 0);
    has(b->out, "`struct a1` stays as it is");
    has(b->out, "`struct b1`: 40 -> 32 bytes");
    has(b->out, "`struct a2`: 56 -> 40 bytes");
    put(b, "sizes.c", "#include \"a.h\"\n_Static_assert(sizeof(struct b1) == 32 && sizeof(struct a2) == 40, \"\");\n");
    assert_int_equal(sh(b, "cc -fsyntax-only sizes.c"), 0);
}

/* One way to look at the bytes of a record for each kind of evidence, and one that does not count. */
static void evidence_refuses_until_it_is_allowed(void **state)
{
    static const struct {
        const char *word, *code;
    } ways[] = {
        {"memcmp", "int f(struct conn *a, struct conn *b) { return memcmp(a, b, sizeof *a); }"},
        {"raw-io", "void f(FILE *out, struct conn *a) { fwrite(a, sizeof *a, 1, out); }"},
        {"offset-arithmetic", "double *f(struct conn *a) { return (double *)((char *)a + 8 * offsetof(struct conn, rate) / 8); }"},
        {"layout-assert", "_Static_assert(offsetof(struct conn, other) == 16, \"\");"},
        {"record-cast", "struct other { long x, y, z; }; long f(struct conn *a) { return ((struct other *)a)->y; }"},
        {"record-cast", "char f(char *bytes) { return ((struct conn *)bytes)->other; }"},
        {"byte-access", "int f(struct conn *a) { return ((unsigned char *)a)[8]; }"},
    };
    static const char harmless[] = "void f(struct conn *a, struct conn *b) { *a = *b; memset(a, 0, sizeof *a); memcpy(a, b, sizeof *b); }";
    bench *b = *state;
    static const char head[] = "#include <stddef.h>\n#include <stdio.h>\n#include <string.h>\n#include \"conn.h\"\n";
    put_project(b);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        put(b, "a.c", ul_arena_printf(&b->arena, "%s%s\n", head, ways[i].code));
        if (strcmp(ways[i].word, "layout-assert") != 0) {
            stays(b, "", ways[i].word, "a.c:5: ", true);
            continue;
        }
        assert_int_equal(fix(b, "--check ."), 0);
        has(b->out, "layout-assert: ");
        assert_int_equal(fix(b, "--check --allow layout-assert ."), 0); /* allowed, but the compiler says no */
        has(b->out, "not-proven: ");
    }
    put(b, "a.c", ul_arena_printf(&b->arena, "%s%s\n", head, harmless));
    assert_int_equal(fix(b, "--check ."), 1);
}

/* Every record is right on every target, or stays. */
static void targets(void **state)
{
    bench *b = *state;
    put(b, "one.c", "struct conn {\n    char flag;\n    double rate;\n    char other;\n    long count;\n} all;\n");
    put_database(b, "one.c", "");
    assert_int_equal(fix(b, "--target x86_64-linux-gnu --target i686-linux-gnu ."), 0);
    has(b->out, "1 record in 1 file changed");
    assert_int_equal(sh(b, "cc -fsyntax-only one.c"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(users_that_nobody_reads, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(users_that_git_ignores, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(users_in_a_c_file_are_its_own, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(files_elsewhere, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(code_behind_errors, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(a_unit_that_cannot_be_read, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(macros_and_conditionals, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(annotations_are_obeyed, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(the_configuration_names_public_headers, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(initializers_as_asked, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(headers_that_hold_each_others_records, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(evidence_refuses_until_it_is_allowed, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(targets, fix_set_up, bench_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

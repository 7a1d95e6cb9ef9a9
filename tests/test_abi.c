/*
 * `ullage diff --abi` against the verdict of abidiff (libabigail) on two libraries built with -g from the same headers: over a set of
 * changes of a record that exported functions take, both call the same ones breaks. What abidiff is known not to see stands
 * in the table as such.
 */
#include "repo_bench.h"

static const struct {
    const char *name, *old, *new;
    bool breaks;
    bool abidiff_is_blind; /* why: the comment beside it */
} cases[] = {
    {"same", "struct NAME { int a; long b; };", "struct NAME { int a; long b; };", false, false},
    {"comment", "struct NAME { int a; };", "struct NAME { /* said */ int a; };", false, false},
    {"append", "struct NAME { int a; long b; };", "struct NAME { int a; long b; int c; };", true, false},
    {"into_hole", "struct NAME { int a; long b; };", "struct NAME { int a; int n; long b; };", true, false},
    {"into_tail", "struct NAME { long b; int a; };", "struct NAME { long b; int a; int n; };", true, false},
    {"reorder", "struct NAME { int a; int b; };", "struct NAME { int b; int a; };", true, false},
    {"remove", "struct NAME { int a; int b; long c; };", "struct NAME { int a; long c; };", true, false},
    {"rename", "struct NAME { int a; int b; };", "struct NAME { int a; int z; };", false, false},
    {"signedness", "struct NAME { int a; };", "struct NAME { unsigned a; };", true, false},
    {"one_typedef", "struct NAME { int a; };", "struct NAME { my_int a; };", false, false},
    {"typedefs", "struct NAME { long a; };", "struct NAME { int64_t a; };", false, false},
    {"to_float", "struct NAME { int a; };", "struct NAME { float a; };", true, false},
    {"rank", "struct NAME { long a; };", "struct NAME { long long a; };", true, false},
    {"boolean", "struct NAME { _Bool a; };", "struct NAME { char a; };", true, false},
    {"pointee", "struct NAME { struct fwd *a; };", "struct NAME { struct fwd2 *a; };", true, false},
    {"void_pointer", "struct NAME { char *a; };", "struct NAME { void *a; };", true, false},
    {"const_pointee", "struct NAME { char *a; };", "struct NAME { const char *a; };", false, false},
    {"volatility", "struct NAME { int a; };", "struct NAME { volatile int a; };", true, false},
    {"enum_to_int", "struct NAME { enum e a; };", "struct NAME { int a; };", false, false},
    {"extent", "struct NAME { int a[2]; };", "struct NAME { int a[3]; };", true, false},
    {"bits_move", "struct NAME { unsigned a : 3, b : 5; };", "struct NAME { unsigned a : 4, b : 4; };", true, false},
    {"bits_widen", "struct NAME { unsigned a : 3, b : 5; };", "struct NAME { unsigned a : 3, b : 6; };", true, true}, /* no offset changes */
    {"align_grows", "struct NAME { int a; };", "struct NAME { int a; } __attribute__((aligned(8)));", true, false},
    {"align_only", "struct NAME { int a, b; };", "struct NAME { int a, b; } __attribute__((aligned(8)));", true, true}, /* not in its model */
    {"embedded", "struct NAME { struct in1 a; };", "struct NAME { struct in2 a; };", true, false},
    {"union_member", "struct NAME { union { int a; float b; }; };", "struct NAME { union { int a; float b; char c; }; };", false, false},
    {"union_grows", "struct NAME { union { int a; float b; }; };", "struct NAME { union { int a; float b; char c[8]; }; };", true, false},
    {"reserved", "struct NAME { int a; int reserved[2]; };", "struct NAME { int a; int b; int reserved[1]; };", true, false},
    {"function", "struct NAME { int (*f)(int); };", "struct NAME { int (*f)(long); };", true, false},
};

enum { CASES = sizeof cases / sizeof *cases };

static const char before[] = "#pragma once\n#include <stdint.h>\ntypedef int my_int;\nenum e { E1, E2 };\nstruct fwd;\nstruct fwd2;\n"
                             "struct in1 { int x; };\nstruct in2 { int x, y; };\n";

static void put_api(repo *r, bool is_new)
{
    ul_strbuf header, source;
    ul_strbuf_init(&header);
    ul_strbuf_init(&source);
    ul_strbuf_puts(&header, before);
    ul_strbuf_puts(&source, "#include \"api.h\"\n");
    for (int i = 0; i < CASES; i++) {
        const char *text = is_new ? cases[i].new : cases[i].old, *at = strstr(text, "NAME");
        ul_strbuf_printf(&header, "%.*s%s%s\n", (int)(at - text), text, cases[i].name, at + 4);
        ul_strbuf_printf(&source, "int use_%s(struct %s *p);\nint use_%s(struct %s *p) { return p != 0; }\n", cases[i].name, cases[i].name, cases[i].name,
                         cases[i].name);
    }
    repo_put(r, "include/api.h", header.data);
    repo_put(r, "src/api.c", source.data);
    ul_strbuf_free(&header);
    ul_strbuf_free(&source);
}

static bool mentions(const char *text, const char *before_name, const char *name, const char *after_name, repo *r)
{
    return strstr(text, ul_arena_printf(&r->arena, "%s%s%s", before_name, name, after_name)) != NULL;
}

static void the_verdicts_are_those_of_abidiff(void **state)
{
    repo *r = *state;
    int failures = 0;
    if (repo_sh(r, "command -v abidiff") != 0)
        skip();
    put_api(r, false);
    repo_do(r, "gcc -g -shared -fPIC -Iinclude -o ../old.so src/api.c && git add -A && git commit -qm old");
    put_api(r, true);
    repo_do(r, "gcc -g -shared -fPIC -Iinclude -o ../new.so src/api.c");
    assert_int_equal(repo_sh(r, "abidiff --no-show-locs ../old.so ../new.so"), 4);
    const char *theirs = r->out;
    assert_int_equal(repo_sh(r, "ullage diff --abi --public include --fail-on abi --format concise -- -Iinclude"), 1);
    for (int i = 0; i < CASES; i++) {
        bool is_theirs = mentions(theirs, "use_", cases[i].name, "(", r);
        bool is_ours = false;
        for (const char *line = r->out; *line && !is_ours; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : "") {
            const char *text = ul_arena_strndup(&r->arena, line, strcspn(line, "\n"));
            is_ours = mentions(text, "error: struct ", cases[i].name, " ", r) && strstr(text, "[abi]");
        }
        if (is_ours == cases[i].breaks && is_theirs == (cases[i].breaks && !cases[i].abidiff_is_blind))
            continue;
        printf("abi: %s: ours %d, abidiff's %d, should be %d\n", cases[i].name, is_ours, is_theirs, cases[i].breaks);
        failures++;
    }
    assert_int_equal(failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_verdicts_are_those_of_abidiff, repo_set_up, repo_tear_down),
    };
    return cmocka_run_group_tests_name("abi", tests, NULL, NULL);
}

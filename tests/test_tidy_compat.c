/* `ullage tidy-compat` where clang-tidy is expected: in a build that CMake drives, and on command lines as editors write them. */
#include "repo_bench.h"

static const char project[] = "cmake_minimum_required(VERSION 3.25)\nproject(demo C)\nadd_executable(demo main.c other.c)\n"
                              "target_include_directories(demo PRIVATE include)\ntarget_compile_definitions(demo PRIVATE \"NAME=\\\"a b\\\"\" WIDE=8)\n";

static void make_project(repo *r)
{
    repo_put(r, "CMakeLists.txt", project);
    repo_put(r, "include/rec.h", "struct rec { char a; void *b; char c; void *d; char e[WIDE]; char f; void *g; char h; };\n");
    repo_put(r, "main.c", "#include \"rec.h\"\nstruct own { char a; void *b; char c; void *d; char e; void *f; };\n"
                          "int main(void)\n{\n    return sizeof(NAME) == 4 ? 0 : 1;\n}\n");
    repo_put(r, "other.c", "#include \"rec.h\"\nint other(const struct rec *r)\n{\n    return r->a;\n}\n");
}

static int build(repo *r, const char *tidy)
{
    repo_do(r, ul_arena_printf(&r->arena, "rm -rf b && cmake -S . -B b -G Ninja '-DCMAKE_C_CLANG_TIDY=%s'", tidy));
    return repo_sh(r, "cmake --build b 2>&1");
}

static void a_build_of_cmake(void **state)
{
    repo *r = *state;
    make_project(r);
    assert_int_equal(build(r, "ullage;tidy-compat"), 0); /* warnings are shown and fail nothing */
    repo_has(r->out, "main.c:2:8: warning: ");
    repo_has(r->out, "[reorder-saves]");
    repo_lacks(r->out, "rec.h");
    repo_do(r, "./b/demo");
    assert_int_equal(build(r, "ullage;tidy-compat;--warnings-as-errors=*"), 1);
    repo_has(r->out, "main.c:2:8: warning: ");
    assert_int_equal(build(r, "ullage;tidy-compat;--fail-level=warning;--rule;reorder-saves=off"), 0);
    repo_lacks(r->out, "[reorder-saves]");
    assert_int_equal(build(r, "ullage;tidy-compat;--header-filter=include/.*"), 0);
    repo_has(r->out, "include/rec.h:1:8: warning: ");
    assert_int_equal(build(r, "ullage;tidy-compat;--header-filter=elsewhere"), 0);
    repo_lacks(r->out, "rec.h");
}

static void command_lines(void **state)
{
    repo *r = *state;
    make_project(r);
    assert_int_equal(repo_sh(r, "ullage tidy-compat -checks='-*,misc-*' --quiet --export-fixes=f.yaml main.c -- -Iinclude -DWIDE=8 -DNAME='\"a\"'"), 0);
    repo_has(r->out, "main.c:2:8: warning: ");
    assert_string_equal(r->err, "");
    assert_int_equal(repo_sh(r, "ullage tidy-compat --checks '*' -header-filter '.*' --extra-arg=-DWIDE=16 --extra-arg-before=-Iinclude main.c -- cc '-DNAME=\"a\"' -c main.c -o main.o"), 0);
    repo_has(r->out, "rec.h:1:8: ");
    assert_int_equal(repo_sh(r, "ullage tidy-compat --fix main.c --"), 2);
    repo_has(r->err, "tidy-compat changes no file: '--fix' is what `ullage fix` is for");
    assert_int_equal(repo_sh(r, "ullage tidy-compat --checks"), 2);
    assert_int_equal(repo_sh(r, "ullage tidy-compat --nonsense main.c --"), 2);
    repo_has(r->err, "unknown option '--nonsense'");
    assert_int_equal(repo_sh(r, "ullage check --header-filter '(' main.c --all --"), 2);
    repo_has(r->err, "not a regular expression");
    assert_int_equal(repo_sh(r, "ullage tidy-compat main.c -- -DWIDE=8 -DNAME=1"), 2); /* as it does not compile either */
    repo_has(r->err, "'rec.h' file not found");
    repo_do(r, "cmake -S . -B b -G Ninja -DCMAKE_EXPORT_COMPILE_COMMANDS=ON");
    assert_int_equal(repo_sh(r, "ullage tidy-compat -p b main.c"), 0);
    repo_has(r->out, "main.c:2:8: warning: ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, repo_set_up, repo_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_build_of_cmake),
        TEST(command_lines),
    };
    return cmocka_run_group_tests_name("tidy_compat", tests, NULL, NULL);
}

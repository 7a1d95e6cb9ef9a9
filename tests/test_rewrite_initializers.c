/* Initializers that follow a new order of their records: by names, by exchange of values, and what is refused. */
#include "layout/rewrite/initializers.h"
#include "layout/rewrite/rewrite.h"
#include "tests/initializer_bench.h"

#define TYPES                                                                                                                          \
    "struct P { int a, b; };\n"                                                                                                        \
    "struct R { struct P p; int z; char s[4]; };\n"
#define P_TURNS {{"struct P", "b a"}}
#define R_TURNS {{"struct R", "s z p"}}
#define BOTH_TURN {{"struct P", "b a"}, {"struct R", "s z p"}}

typedef struct test_case {
    const char *source, *want; /* behind the types; "!name detail": the first refusal */
    initializer_turn turns[2];
} test_case;

static void check(void **state, const test_case *cases, uint32_t count, bool reorders)
{
    initializer_bench *b = *state;
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < count; i++) {
        const char *got = initializer_rewrite(b, ul_arena_printf(&b->parse.arena, "%s%s", TYPES, cases[i].source), cases[i].turns, reorders);
        const char *types = strstr(got, "struct R {"); /* their order is another test's */
        got = got[0] == '!' ? got : strchr(types, '\n') + 1;
        if (strcmp(got, cases[i].want) == 0)
            continue;
        printf("--- %s--- want\n%s--- got\n%s\n", cases[i].source, cases[i].want, got);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof *(array)))

static void values_get_names(void **state)
{
    static const test_case cases[] = {
        {"struct P x = { 1, 2 };\n", "struct P x = { .a = 1, .b = 2 };\n", P_TURNS},
        {"struct P x = { 1 };\n", "struct P x = { .a = 1 };\n", P_TURNS},
        {"struct P x = { /* first */ 1, /* second */ 2 /* end */, };\n", "struct P x = { /* first */ .a = 1, /* second */ .b = 2 /* end */, };\n", P_TURNS},
        {"struct P x = {\n\t1,\t/* a */\n\t(2, 3)\t/* b */\n};\n", "struct P x = {\n\t.a = 1,\t\t/* a */\n\t.b = (2, 3)\t/* b */\n};\n", P_TURNS},
        {"struct P x[] = { { 1, 2 }, [4] = { 3 } };\n", "struct P x[] = { { .a = 1, .b = 2 }, [4] = { .a = 3 } };\n", P_TURNS},
        {"struct R x = { { 1, 2 }, 3, \"abc\" };\n", "struct R x = { .p = { 1, 2 }, .z = 3, .s = \"abc\" };\n", R_TURNS},
        {"struct R x = { { 1, 2 }, 3, \"abc\" };\n", "struct R x = { { .a = 1, .b = 2 }, 3, \"abc\" };\n", P_TURNS},
        {"struct R x = { { 1, 2 }, 3, \"abc\" };\n", "struct R x = { .p = { .a = 1, .b = 2 }, .z = 3, .s = \"abc\" };\n", BOTH_TURN},
        {"struct R x = { 1, 2, 3, \"abc\" };\n", "struct R x = { .p = { 1, 2 }, .z = 3, .s = \"abc\" };\n", R_TURNS},
        {"struct R x = { 1, 2, 3, \"abc\" };\n", "struct R x = { { .a = 1, .b = 2 }, 3, \"abc\" };\n", P_TURNS},
        {"struct R x = { 1, 2, 3, \"abc\" };\n", "struct R x = { .p = { .a = 1, .b = 2 }, .z = 3, .s = \"abc\" };\n", BOTH_TURN},
        {"struct R x = { 1 };\n", "struct R x = { .p = { .a = 1 } };\n", BOTH_TURN},
        {"struct P x[] = { 1, 2, 3 };\n", "struct P x[] = { { .a = 1, .b = 2 }, { .a = 3 } };\n", P_TURNS},
        {"struct R x = { .p = { 1, 2 }, 3 };\n", "struct R x = { .p = { .a = 1, .b = 2 }, .z = 3 };\n", BOTH_TURN},
        {"struct A { int n[2]; struct P q[2]; int e; } x = { 1, 2, 3, 4, 5, 6, 7 };\n", "struct A { int n[2]; struct P q[2]; int e; } x = { 1, 2, { { .a = 3, .b = 4 }, { .a = 5, .b = 6 } }, 7 };\n", P_TURNS},
        {"struct A { int n[2]; struct P q[2]; int e; } x = { 1, 2, 3, 4, 5, 6, 7 };\n", "struct A { int e; struct P q[2]; int n[2]; } x = { .n = { 1, 2 }, .q = { 3, 4, 5, 6 }, .e = 7 };\n", {{"struct A", "e q n"}}},
        {"struct A { int n[2]; struct P q[2]; int e; } x = { 1, 2, 3, 4, 5, 6, 7 };\n", "struct A { int e; struct P q[2]; int n[2]; } x = { .n = { 1, 2 }, .q = { { .a = 3, .b = 4 }, { .a = 5, .b = 6 } }, .e = 7 };\n", {{"struct A", "e q n"}, {"struct P", "b a"}}},
        {"struct R x[2][2] = { 1, 2, 3, \"a\", 5 };\n", "!initializer-unclear an array of arrays of records is filled without braces", R_TURNS},
        {"struct U { union { int i; float f; }; int k; } x = { 1, 2 }, y = { { 3 }, 4 };\n", "struct U { int k; union { int i; float f; }; } x = { .i = 1, .k = 2 }, y = { .i = 3, .k = 4 };\n", {{"struct U", "k ?"}}},
        {"int f(int n) { return ((struct P){ n, 3 }).a; }\n", "int f(int n) { return ((struct P){ .a = n, .b = 3 }).a; }\n", P_TURNS},
        {"#define INIT { 1, 2 }\nstruct P x = INIT;\n", "!initializer-macro macro `INIT`", P_TURNS},
        {"#define A 1\n#define TWICE(x) x, x\nstruct P x = { A, 2 }, y = { TWICE(1) };\n", "!initializer-unclear its values do not stand one by one in the text", P_TURNS},
        {"struct P x = { 1, 2 };\n", "struct P x = { 1, 2 };\n", R_TURNS},
        {"struct P x = {\n    1,    // one\n    .b = 2, // two\n};\n", "struct P x = {\n    .a = 1,    // one\n    .b = 2, // two\n};\n", P_TURNS},
        {"struct R x = {\n    { 1, 2 },      // p\n    3,             // z\n    \"a\"            // s\n};\n", "struct R x = {\n    .p = { 1, 2 }, // p\n    .z = 3,        // z\n    .s = \"a\"       // s\n};\n", R_TURNS},
    };
    check(state, cases, COUNT(cases), false);
}

static void values_change_places(void **state)
{
    static const test_case cases[] = {
        {"struct P x = { 1, 2 };\n", "struct P x = { 2, 1 };\n", P_TURNS},
        {"struct P x = { 1 };\n", "!initializer-partial line 3", P_TURNS},
        {"int f(void);\nstruct P g(void) { struct P x = { f(), f() }; return x; }\n", "!initializer-effects line 4", P_TURNS},
        {"int f(void);\nstruct P g(int n) { struct P x = { f(), n++ }; return x; }\n", "!initializer-effects line 4", P_TURNS},
        {"int f(void);\nstruct P g(void) { struct P x = { f(), sizeof(int) == 4 }; return x; }\n", "int f(void);\nstruct P g(void) { struct P x = { sizeof(int) == 4, f() }; return x; }\n", P_TURNS},
        {"struct R x = { { 1, 2 }, 3, \"abc\" };\n", "struct R x = { \"abc\", 3, { 2, 1 } };\n", BOTH_TURN},
        {"struct R x = { 1, 2, 3, \"abc\" };\n", "!initializer-unclear line 3", BOTH_TURN},
        {"struct P x = {\n    1,  /* one */\n    2   /* two */\n};\n", "struct P x = {\n    2,  /* two */\n    1   /* one */\n};\n", P_TURNS},
        {"struct P x = {\n    /* one */\n    1,\n\n    /* two */\n    2,\n};\n", "struct P x = {\n    /* two */\n    2,\n\n    /* one */\n    1,\n};\n", P_TURNS},
        {"struct P x = { 1, /* one */ 2 };\n", "!comment-owner line 3", P_TURNS},
    };
    check(state, cases, COUNT(cases), true);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, initializer_set_up, initializer_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(values_get_names),
        TEST(values_change_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

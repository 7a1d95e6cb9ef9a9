/* Initializer lists by position: which value sets which field, where it stands, and when it cannot be told apart. */
#include "tests/uses_bench.h"

#define SAYS(source, ...) assert_string_equal(uses_initializers(*state, source), __VA_ARGS__)

static void plain_lists(void **state)
{
    SAYS(P_AND_R "struct P x = { 1, 2 };\n", "3 struct P{ a=1 b=2 }");
    SAYS(P_AND_R "struct P x = { 1 };\n", "3 struct P{ a=1 }");
    SAYS(P_AND_R "struct P x = { 1, /* c */ 2 /* d */, };\n", "3 struct P{ a=1 b=2 }");
    SAYS(P_AND_R "typedef struct P T;\nconst T x = (T){ (1, 2), sizeof(int[2]) };\n", "4 struct P{ a=(1, 2) b=sizeof(int[2]) }");
    SAYS(P_AND_R "struct R x = { { 1, 2 }, 3, \"abc\" };\n", "3 struct R{ p={ 1, 2 } z=3 s=\"abc\" }; 3 struct P{ a=1 b=2 }");
    SAYS(P_AND_R "struct P x[] = { { 1, 2 }, [4] = { 3 } };\n", "3 struct P{ a=1 b=2 }; 3 struct P{ a=3 }");
}

static void lists_that_depend_on_no_order(void **state)
{
    SAYS(P_AND_R "struct P x = { 0 }, y[3] = { 0 }, z = {};\nstruct R r = { 0 };\n", "");
    SAYS(P_AND_R "struct P x = { .a = 1, .b = 2 }, y = { .b = 1 };\nstruct R r = { .p = { .b = 1 }, .p.a = 2, .s = \"x\" };\n", "");
    SAYS(P_AND_R "struct P x = { b: 1, a: 2 };\n", "");
    SAYS(P_AND_R "int n[] = { 1, 2 };\nunion { struct P p; int i; } u = { .i = 1 };\n", "");
    SAYS(P_AND_R "struct P x[2] = { { 0 }, { .a = 1 } };\n", "");
    SAYS(P_AND_R "struct P x = { 0, 0 };\n", "3 struct P{ a=0 b=0 }"); /* two zeros are two values */
}

static void by_name_and_by_position(void **state)
{
    SAYS(P_AND_R "struct R x = { .p = { 1, 2 }, 3 };\n", "3 struct R{ .p={ 1, 2 } z=3 }; 3 struct P{ a=1 b=2 }");
    SAYS(P_AND_R "struct R x = { z: 1 ? 2 : 3, \"ab\" };\n", "3 struct R{ .z=1 ? 2 : 3 s=\"ab\" }");
    SAYS(P_AND_R "struct R x = { .p.b = 1, 2 };\n",
         "3 struct R{ .p=1 z=2 | a value goes on behind a designator of several steps }; "
         "3 struct P( | a value goes on behind a designator of several steps )");
    SAYS(P_AND_R "struct P x[] = { [2].a = 3, 4 };\n", "3 struct P( | a value goes on behind a designator of several steps ); "
         "3 struct P( a=4 | a value goes on behind a designator of several steps )");
    SAYS(P_AND_R "struct R x = { .p = 1, 2, .z = 3 };\n",
         "3 struct R{ .~p=1, 2 .z=3 | values follow a designator without braces }; "
         "3 struct P( a=1 b=2 | values follow a designator without braces )");
}

static void braces_left_out(void **state)
{
    SAYS(P_AND_R "struct R x = { 1, 2, 3, \"ab\" };\n", "3 struct R{ ~p=1, 2 z=3 s=\"ab\" }; 3 struct P( a=1 b=2 )");
    SAYS(P_AND_R "struct R x = { 1 };\n", "3 struct R{ ~p=1 }; 3 struct P( a=1 )");
    SAYS(P_AND_R "struct P x[] = { 1, 2, 3, 4 };\n", "3 struct P( a=1 b=2 ); 3 struct P( a=3 b=4 )");
    SAYS(P_AND_R "struct P x[] = { 1, 2, { 3, 4 } };\n", "3 struct P( a=1 b=2 ); 3 struct P{ a=3 b=4 }");
    SAYS("struct P { int a, b; };\nstruct A { int n[2]; struct P q[2]; int e; } x = { 1, 2, 3, 4, 5, 6, 7 };\n",
         "2 struct A{ ~n=1, 2 ~q=3, 4, 5, 6 e=7 }; 2 struct P( a=3 b=4 ); 2 struct P( a=5 b=6 )");
    SAYS("struct W { const char *s[2]; int k; } x = { \"a\", \"b\", 3 };\n", "1 struct W{ ~s=\"a\", \"b\" k=3 }");
    SAYS("struct C { char c[2][3]; int k; } x = { \"ab\", \"cd\", 3 };\n", "1 struct C{ ~c=\"ab\", \"cd\" k=3 }");
    SAYS("struct C { char c[3]; int k; } x = { 'a', 'b', 'c', 3 }, y = { { \"ab\" }, 3 };\n",
         "1 struct C{ ~c='a', 'b', 'c' k=3 }; 1 struct C{ c={ \"ab\" } k=3 }");
    SAYS(P_AND_R "struct P x[1][2] = { 1, 2, 3 };\n",
         "3 struct P( a=1 b=2 | an array of arrays of records is filled without braces ); "
         "3 struct P( a=3 | an array of arrays of records is filled without braces )");
    SAYS(P_AND_R "struct P x[1][2] = { { 1, 2, 3 } };\n", "3 struct P( a=1 b=2 ); 3 struct P( a=3 )");
}

static void values_that_are_structs(void **state)
{
    SAYS(P_AND_R "int f(struct P q) { struct R x = { q, 3 }; return x.z; }\n", "3 struct R{ p=q z=3 }");
    SAYS(P_AND_R "int f(struct P q) { struct P x[] = { q, 1, 2, q }; return x[0].a; }\n", "3 struct P( a=1 b=2 )");
    SAYS(P_AND_R "struct D { struct R r; int k; };\nint f(struct P q) { struct D x = { q, 1, \"a\", 2 }; return x.k; }\n",
         "4 struct R( p=q z=1 s=\"a\" ); 4 struct D{ ~r=q, 1, \"a\" k=2 }");
}

static void where_lists_stand(void **state)
{
    SAYS(P_AND_R "static inline int f(int n) {\n  static struct P s = { 1, 2 };\n  int m = ((struct P){ n, 3 }).a;\n"
                 "  return s.a + m + ({ struct P u = { 4, 5 }; u.a; }) + _Generic(n, int: (struct P){ 6, 7 }.a, long: 8);\n}\n"
                 "__typeof__((struct P){ 8, 9 }) t;\n",
         "4 struct P{ a=1 b=2 }; 5 struct P{ a=n b=3 }; 6 struct P{ a=4 b=5 }; 6 struct P{ a=6 b=7 }; 8 struct P{ a=8 b=9 }");
    SAYS("int f(void) { struct L { int a, b; } l = { 1, 2 }; return l.a; }\n", "1 struct L{ a=1 b=2 }");
    SAYS("struct F { int n; struct { int a, b; } tail[]; } x = { 1, { { 1, 2 } } };\n",
         "1 struct F::<anonymous>.tail{ a=1 b=2 }; 1 struct F{ n=1 tail={ { 1, 2 } } }");
}

static void unions_and_anonymous_members(void **state)
{
    SAYS("struct P { int a, b; };\nunion V { struct P p; int i; } x = { 1, 2 }, y = { { 3, 4 } };\n",
         "2 struct P( a=1 b=2 ); 2 struct P{ a=3 b=4 }");
    SAYS("struct U { union { int i; float f; }; int k; } x = { 1, 2 }, y = { { 3 }, 4 };\n",
         "1 struct U{ i=1 k=2 }; 1 struct U{ i=3 k=4 }");
    SAYS("struct U { union { int i; float f; }; int k; } x = { { .f = 1 }, 2 };\n",
         "1 struct U{ ?={ .f = 1 } k=2 | it sets an anonymous member by position }");
    SAYS("struct U { union { int i; float f; }; int k; } x = { .f = 1, 2 }, y = { .i = 1, .k = 2 };\n", "1 struct U{ .f=1 k=2 }");
    SAYS("struct U { struct { int i; float f; }; int k; } x = { .i = 1, 2, 3 };\n",
         "1 struct U::<anonymous>( i=2 f=3 | a value goes on behind a designator of several steps ); "
         "1 struct U{ .i=1 ~?=2, 3 | a value goes on behind a designator of several steps }");
    SAYS("struct U { int k; struct { int x, y; }; } x = { 1, { 2, 3 } };\n",
         "1 struct U::<anonymous>{ x=2 y=3 }; 1 struct U{ k=1 ?={ 2, 3 } | it sets an anonymous member by position }");
}

static void bit_fields(void **state)
{
    SAYS("struct B { int x : 3; int : 5; int y : 2; int : 0; char c; } v = { 1, 2, 3 };\n", "1 struct B{ x=1 y=2 c=3 }");
}

static void values_from_macros(void **state)
{
    SAYS(P_AND_R "#define A 1\n#define B(x) x\n#define NONE\nstruct P x = { A, B(B(2)) }, y = { NONE A, B(2) NONE };\n",
         "6 struct P{ a=A b=B(B(2)) }; 6 struct P{ a=NONE A b=B(2) NONE }");
    SAYS(P_AND_R "#define PAIR 1, 2\nstruct P x = { PAIR };\n", "4 struct P{ | macro `PAIR` gives several of its values }");
    SAYS(P_AND_R "#define COMMA ,\nstruct P x = { 1 COMMA 2 };\n", "4 struct P{ | its values do not stand one by one in the text }");
    SAYS(P_AND_R "#define B(x) x\n#define S(...) __VA_ARGS__\nint f(struct P *);\nint g(void) { return f(B((&(struct P){ 1, 2 }))) + f(S(&(struct P){ B(3), 4 })); }\n",
         "6 struct P{ a=1 b=2 }; 6 struct P{ a=B(3) b=4 }");
    SAYS(P_AND_R "#define DEF(n, ...) struct P n = __VA_ARGS__\nDEF(x, { 1, 2 });\n", "4 struct P{ a=1 b=2 }");
}

static void lists_in_macros(void **state)
{
    SAYS(P_AND_R "#define INIT { 1, 2 }\nstruct P x = INIT;\n", "4 struct P !INIT");
    SAYS(P_AND_R "#define ROW(n) { n, 2 },\nstruct P x[] = { ROW(1) ROW(2) };\n", "4 struct P !ROW; 4 struct P !ROW");
    SAYS(P_AND_R "#define OPEN { 1,\nstruct P x = OPEN 2 };\n", "4 struct P !OPEN");
    SAYS(P_AND_R "#define CLOSE 2 }\nstruct P x = { 1, CLOSE;\n", "4 struct P{ | its braces do not both stand in the text }");
    SAYS(P_AND_R "#define NEW(n) ((struct P){ n, 1 })\nint f(void) { return NEW(2).a; }\n", "4 struct P !NEW");
    SAYS(P_AND_R "#define INIT { 1, 2, 3, \"a\" }\nstruct R x = INIT;\n", "4 struct R !INIT; 4 struct P !INIT");
}

static void directives_in_lists(void **state)
{
    SAYS(P_AND_R "struct P x = {\n#ifdef Q\n  7\n#else\n  1\n#endif\n  , 2 };\n",
         "3 struct P{ | a preprocessor directive stands between its values }");
    SAYS(P_AND_R "struct P x[] = {\n#ifdef Q\n  { 7, 8 },\n#endif\n  { 1, 2 } };\n", "7 struct P{ a=1 b=2 }");
}

static void too_many_values(void **state)
{
    SAYS(P_AND_R "struct P x = { 1, 2, 3 };\n", "3 struct P{ a=1 b=2 | it has more values than there are fields }");
    SAYS("struct E { struct { } none; int a; } x = { 1 };\n", "1 struct E{ ~none=1 | an empty member is passed over }");
}

static void vectors(void **state)
{
    SAYS("typedef int four __attribute__((vector_size(16)));\nstruct V { four v; int k; };\n"
         "struct V x = { { 1, 2, 3, 4 }, 5 };\nstruct V f(four v) { return (struct V){ v, 5 }; }\n",
         "3 struct V{ v={ 1, 2, 3, 4 } k=5 }; 4 struct V{ v=v k=5 }");
    SAYS("typedef int four __attribute__((vector_size(16)));\nstruct V { four v; int k; };\nstruct V x = { 1, 2, 3, 4, 5 };\n",
         "3 struct V{ v=1 k=2 | a vector is filled without braces }");
}

/* A record that is not wanted may hold one that is. */
static void wanted_inside_unwanted(void **state)
{
    parse_bench *b = *state;
    parse_put(b, "p.h", "struct P { int a, b; };\n");
    static const char *only[1];
    only[0] = parse_path(b, "p.h");
    b->filter.paths = only;
    b->filter.count = 1;
    SAYS("#include \"p.h\"\nstruct R { struct P p; int z; } x = { 1, 2, 3 }, y = { { 4, 5 } };\n",
         "2 struct P( a=1 b=2 ); 2 struct P{ a=4 b=5 }");
}

static void no_bodies_without_need(void **state)
{
    parse_bench *b = *state;
    const ul_unit_result *result = parse_clean(b, P_AND_R "struct P x = { 1, 2 };\n");
    assert_int_equal(result->uses.initializer_count, 0);
    assert_int_equal(result->uses.evidence_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, parse_set_up, parse_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(plain_lists),
        TEST(lists_that_depend_on_no_order),
        TEST(by_name_and_by_position),
        TEST(braces_left_out),
        TEST(values_that_are_structs),
        TEST(where_lists_stand),
        TEST(unions_and_anonymous_members),
        TEST(bit_fields),
        TEST(values_from_macros),
        TEST(lists_in_macros),
        TEST(directives_in_lists),
        TEST(too_many_values),
        TEST(vectors),
        TEST(wanted_inside_unwanted),
        TEST(no_bodies_without_need),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

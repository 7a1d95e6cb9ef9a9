/*
 * Where threads begin and what they reach, which roles functions have, which locks their callers hold, and what is done without asking.
 */
#include "tests/census_bench.h"

#define THREADS                                                                                                        \
    "static void *work(void *arg) { struct s *s = arg; s->x++; return s; }\n"                                          \
    "static void step(struct s *s) { s->y++; }\n"                                                                      \
    "static void *loop(void *arg) { for (;;) step(arg); }\n"                                                           \
    "static void early(struct s *s) { s->n = 4; }\n"                                                                   \
    "static void late(struct s *s) { s->n++; }\n"                                                                      \
    "static int spawn(pthread_t *t, void *(*go)(void *), void *arg) { return pthread_create(t, 0, go, arg); }\n"

static void test_threads_and_roles(void **state)
{
    parse_bench *b = *state;
    b->reads_census = true;
    parse_clean(b, S THREADS "int main(void) {\n"
                             "    pthread_t t[4]; struct s s[4]; early(&s[0]);\n"
                             "    pthread_create(&t[0], 0, work, &s[0]);\n"
                             "    for (int i = 1; i < 4; i++) spawn(&t[i], loop, &s[i]);\n"
                             "    late(&s[0]); return 0; }\n");
    const ul_census *census = merged(b);
    assert_string_equal(functions(b, census), "work runtime entry threaded; step runtime threaded; loop runtime entry many threaded;"
                                              " early setup; late runtime; spawn runtime; main setup");
    assert_int_equal(census->start_count, 3); /* main goes on beside them */
    assert_int_equal(census->thread_creations, 3); /* the one inside spawn, and both of main */
    uint32_t count, handed = 0;
    const ul_instance *instances = ul_census_instances(census, parse_record(&b->result, "struct s")->key, &count);
    for (uint32_t i = 0; i < count; i++)
        handed += instances[i].region == UL_REGION_HANDED && instances[i].flags & UL_INSTANCE_ELEMENT;
    assert_int_equal(handed, 2);
}

/* main() counts as a thread between its first and the first that it waits for. */
static void test_main_beside_threads(void **state)
{
    parse_bench *b = *state;
    uint32_t count, runtime = 0;
    b->reads_census = true;
    parse_clean(b, S "static void *work(void *arg) { return arg; }\nstatic pthread_t t;\n"
                     "static void end(void) { pthread_join(t, 0); }\n"
                     "static void step(struct s *s) { s->y++; }\nstatic void tell(struct s *s) { s->n++; }\n"
                     "int main(void) {\n    struct s s;\n    s.x = 1;\n    pthread_create(&t, 0, work, &s);\n    s.x = 2;\n    step(&s);\n"
                     "    end();\n    s.x = 3;\n    tell(&s);\n    return 0;\n}\n");
    const ul_census *census = merged(b);
    const ul_tally *tallies = ul_census_tallies(census, parse_record(&b->result, "struct s")->key, &count);
    for (uint32_t i = 0; i < count; i++) {
        const ul_census_function *function = &census->functions[tallies[i].function];
        const char *name = census->words[function->name];
        if (strcmp(name, "main") == 0 && strcmp(census->words[tallies[i].field], "x") == 0)
            runtime += ul_census_is_runtime(census, &tallies[i]);
        if (strcmp(name, "step") == 0)
            assert_int_equal(function->threads, 2);
        if (strcmp(name, "tell") == 0)
            assert_int_equal(function->threads, 0);
    }
    assert_int_equal(runtime, 1); /* of three */
}

/* A call that creates a thread, and what start routines it is found to have. */
static void test_starts_by_way(void **state)
{
    static const char *const bodies[] = {
        "pthread_create(&t, 0, s ? a : c, s);",
        "void *(*go)(void *) = a; pthread_create(&t, 0, go, s); go = c; pthread_create(&t, 0, go, s);",
        "static void *(*const all[])(void *) = {a, c}; for (int i = 0; i < 2; i++) pthread_create(&t, 0, all[i], s);",
        "static const struct job all[] = {{\"a\", a}, {.run = c}}; for (int i = 0; i < 2; i++) pthread_create(&t, 0, all[i].run, s);",
        "spawn(a, s); spawn(c, s);",
    };
    parse_bench *b = *state;
    b->reads_census = true;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        parse_clean(b, ul_arena_printf(&b->arena,
                                       S "struct job { const char *name; void *(*run)(void *); void *arg; };\nstatic pthread_t t;\n"
                                         "static void *a(void *arg) { return arg; }\nstatic void *c(void *arg) { return arg; }\n"
                                         "static void *d(void *arg) { return arg; }\nvoid *(*const other)(void *) = d;\n"
                                         "static void *bounce(void *arg) { struct job *job = arg; return job->run(job->arg); }\n"
                                         "void spawn(void *(*run)(void *), void *arg);\n"
                                         "void spawn(void *(*run)(void *), void *arg) { struct job *job = malloc(sizeof *job); job->run = run; job->arg = arg;"
                                         " pthread_create(&t, 0, bounce, job); }\n"
                                         "void f(struct s *s);\nvoid f(struct s *s) { %s }\n", bodies[i]));
        const ul_census *census = merged(b);
        for (uint32_t k = 0; k < census->function_count; k++) {
            const char *name = census->words[census->functions[k].name];
            bool is_entry = census->functions[k].flags & UL_FUNCTION_ENTRY, is_wanted = strcmp(name, "a") == 0 || strcmp(name, "c") == 0;
            if (strlen(name) == 1 && is_entry != is_wanted)
                fail_msg("`%s`: %s is %s start routine", bodies[i], name, is_entry ? "a" : "no");
        }
    }
}

/* What a program does behind `work()` and `more()`, and whether its threads run in turn. */
typedef struct program {
    const char *code;
    bool is_turn;
} program;

#define MAIN(body) "int main(int argc, char **argv) { pthread_t t, u; int rc; (void)argc; (void)argv; (void)u; (void)rc; " body " return 0; }"
#define JOIN " pthread_join(t, 0); "

static const program programs[] = {
    {MAIN("pthread_create(&t, 0, work, 0);" JOIN "pthread_create(&t, 0, more, 0);" JOIN), true},
    {MAIN("if (pthread_create(&t, 0, work, 0) != 0) return 1;" JOIN), true},
    {MAIN("if (pthread_create(&t, 0, work, 0)) { s.y++; return 1; } if (pthread_join(t, 0) != 0) return 1;"), true},
    {MAIN("if (pthread_create(&t, 0, work, 0) == 0)" JOIN), true},
    {MAIN("if (!pthread_create(&t, 0, work, 0)) { rc = pthread_join(t, 0); } else s.y++;"), true},
    {MAIN("if (pthread_create(&t, 0, work, 0) || pthread_join(t, 0)) return 1;"), true},
    {MAIN("rc = pthread_create(&t, 0, work, 0); if (rc) { fprintf(stderr, \"%d\", rc); return 1; }" JOIN), true},
    {MAIN("int e = pthread_create(&t, 0, work, 0); if (e != 0) exit(e); printf(\"made\"); e = pthread_join(t, 0);"), true},
    {MAIN("if ((rc = pthread_create(&t, 0, work, 0)) != 0) return rc; return pthread_join(t, 0);"), true},
    {MAIN("assert(pthread_create(&t, 0, work, 0) == 0); assert(pthread_join(t, 0) == 0);"), true},
    {MAIN("rc = pthread_create(&t, 0, work, 0); assert(rc == 0); (void)rc;" JOIN), true},
    {"#define CHECK(call) do { int code = (call); if (code != 0) { perror(#call); exit(1); } } while (0)\n"
     MAIN("CHECK(pthread_create(&t, 0, work, 0)); CHECK(pthread_join(t, 0)); more(0);"), true},
    {MAIN("while (pthread_create(&t, 0, work, 0) != 0) sleep(1);" JOIN), true},
    {MAIN("pthread_t all[4]; for (int i = 0; i < 4; i++) { pthread_create(&all[i], 0, work, 0); pthread_join(all[i], 0); }"), true},
    {"static void run(void *(*go)(void *)) { pthread_t t; if (pthread_create(&t, 0, go, 0) != 0) abort();" JOIN "}\n" MAIN("run(work); run(more);"), true},
    {"static void *outer(void *arg) { pthread_t t; pthread_create(&t, 0, work, arg);" JOIN "return arg; }\n" MAIN("pthread_create(&t, 0, outer, 0);" JOIN), true},
    {"static int by(const void *a, const void *b) { return a < b; }\n"
     MAIN("int n[4] = {0}; qsort(n, 4, sizeof *n, by); pthread_create(&t, 0, work, 0);" JOIN), true},
    {"static void end(void) { s.y++; }\n" MAIN("atexit(end); if (pthread_create(&t, 0, work, 0)) return 1;" JOIN), true},
    {"static int unused(void) { return s.x++; }\n" MAIN("pthread_create(&t, 0, work, 0);" JOIN), true},

    {MAIN("pthread_create(&t, 0, work, 0); pthread_create(&u, 0, more, 0);" JOIN "pthread_join(u, 0);"), false},
    {MAIN("pthread_attr_t at; pthread_create(&t, &at, work, 0);" JOIN), false},
    {MAIN("pthread_create(&t, 0, work, 0); s.y++;" JOIN), false},
    {MAIN("pthread_create(&t, 0, work, 0); if (argc)" JOIN), false},
    {MAIN("pthread_create(&t, 0, work, 0); pthread_join(u, 0);"), false},
    {MAIN("pthread_create(&t, 0, work, 0); 0 && pthread_join(t, 0);"), false},
    {MAIN("if (pthread_create(&t, 0, work, 0) == 0) { s.y++; }" JOIN), false},
    {MAIN("if (pthread_create(&t, 0, work, 0) != 0) return 1; else s.y++;" JOIN), false},
    {MAIN("if (pthread_create(&t, 0, work, 0) != 0 || s.y++) return 1;" JOIN), false},
    {MAIN("if (pthread_create(&t, 0, work, 0) && pthread_join(t, 0)) return 1;"), false},
    {MAIN("rc = pthread_create(&t, 0, work, 0); rc = 1; if (rc) s.y++;" JOIN), false},
    {MAIN("rc = pthread_create(&t, 0, work, 0); rc++; if (rc) s.y++;" JOIN), false},
    {MAIN("if (pthread_create(&t, 0, work, 0) != argc) s.y++;" JOIN), false},
    {MAIN("s.n = pthread_create(&t, 0, work, 0);" JOIN), false},
    {MAIN("rc = s.y + pthread_create(&t, 0, work, 0);" JOIN), false},
    {MAIN("for (int i = 0; i < 2; i++) pthread_create(&t, 0, work, 0);" JOIN), false},
    {MAIN("for (int i = 0; i < 2; i++) { pthread_create(&t, 0, work, 0); }" JOIN), false},
    {MAIN("pthread_t all[4]; int i = 0; pthread_create(&all[i++], 0, work, 0); pthread_join(all[i++], 0);"), false},
    {MAIN("pthread_t all[4]; pthread_create(&all[0], 0, work, 0); pthread_join(all[1], 0);"), false},
    {MAIN("void *r = 0; if (!pthread_create(&t, 0, work, 0)) r = &s; (void)r;" JOIN), false},
    {"static void *loose(void *arg) { pthread_detach(pthread_self()); return work(arg); }\n" MAIN("pthread_create(&t, 0, loose, 0);" JOIN), false},
    {"static pthread_t g; void go(void); void go(void) { pthread_create(&g, 0, more, 0); }\n" MAIN("go(); pthread_create(&t, 0, work, 0);" JOIN), false},
    {"static void h(void) { s.y++; }\nextern void reg(void (*)(void));\n" MAIN("reg(h); pthread_create(&t, 0, work, 0);" JOIN), false},
    {"extern void out_of_sight(void);\n" MAIN("out_of_sight(); pthread_create(&t, 0, work, 0);" JOIN), false},
    {"static void on(int n) { s.y += n; }\n" MAIN("signal(SIGINT, on); pthread_create(&t, 0, work, 0);" JOIN), false},
    {"static void end(void) { s.y++; }\n#define CHECK(call) do { if ((call) != 0) exit(1); } while (0)\n"
     MAIN("atexit(end); CHECK(pthread_create(&t, 0, work, 0));" JOIN), false},
    {"static void *outer(void *arg) { pthread_t t; pthread_create(&t, 0, work, arg); more(arg);" JOIN "return arg; }\n" MAIN("pthread_create(&t, 0, outer, 0);" JOIN), false},
    {"static int spawn(pthread_t *t, void *(*go)(void *)) { return pthread_create(t, 0, go, 0); }\n" MAIN("spawn(&t, work);" JOIN), false},
    {"static void run(void *(*go)(void *), void (*other)(void *(*)(void *))) { pthread_t t; other(go); pthread_create(&t, 0, go, 0);" JOIN "}\n"
     "extern void out_of_sight(void *(*)(void *));\n" MAIN("run(work, out_of_sight);"), false},
    {"int run(void);\nint run(void) { return s.y++; }\n" MAIN("pthread_create(&t, 0, work, 0);" JOIN), false},
    {"int run(void);\nint run(void) { pthread_t t; pthread_create(&t, 0, work, 0);" JOIN "return 0; }\n", false},
    {MAIN("for (int i = 0; i < 1; i++) argc++; pthread_create(&t, 0, work, 0); void (*go)(int) = (void (*)(int))argv; go(1);" JOIN), false},
    {MAIN("if (fork() == 0) s.y++; pthread_create(&t, 0, work, 0);" JOIN), false},
};

static void test_threads_in_turn(void **state)
{
    parse_bench *b = *state;
    b->reads_census = true;
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        parse_clean(b, ul_arena_printf(&b->arena,
                                       S "#include <assert.h>\n#include <signal.h>\n#include <stdio.h>\n#include <unistd.h>\nstatic struct s s;\n"
                                         "static void *work(void *arg) { for (int i = 0; i < 9; i++) s.x++; return arg; }\n"
                                         "static void *more(void *arg) { for (int i = 0; i < 9; i++) s.y++; return arg; }\n"
                                         "%s\n",
                                       programs[i].code));
        bool is_turn = merged(b)->thread_creations == 0;
        if (is_turn != programs[i].is_turn)
            fail_msg("%s: %s", programs[i].code, is_turn ? "taken for turns" : "not seen to run in turn");
    }
}

static void test_locks_of_callers(void **state)
{
    parse_bench *b = *state;
    b->reads_census = true;
    parse_clean(b, S "static void inner(struct s *s) { s->x = 1; }\n"
                     "static void open(struct s *s) { s->y = 1; }\n"
                     "void f(struct s *s); void g(struct s *s);\n"
                     "void f(struct s *s) { pthread_mutex_lock(&s->lock); inner(s); open(s); pthread_mutex_unlock(&s->lock); }\n"
                     "void g(struct s *s) { open(s); pthread_mutex_lock(&s->lock); inner(s); pthread_mutex_unlock(&s->lock); }\n");
    const ul_census *census = merged(b);
    assert_string_equal(field_of(b, census, "struct s", "x"), "write+constant inner callers:lock");
    assert_string_equal(field_of(b, census, "struct s", "y"), "write+constant open");
}

/* A body, and whether the store to `x` in it is made whenever it comes by. */
typedef struct branch {
    const char *body;
    bool is_unasked;
} branch;

static void test_stores_without_a_condition(void **state)
{
    static const branch branches[] = {
        {"s->x = 1;", true},
        {"for (;;) s->x = 1;", true},
        {"do { s->x = 1; } while (i); return;", true},
        {"do { s->x = 1; } while (0);", true},
        {"if (!i) return; for (;;) s->x = 1;", true},
        {"for (; i; i--) { if (i == 3) break; s->x = 1; }", true},
        {"for (int k = 0; (s->x = 1), k < 3; k++) ;", true},
        {"if (i) s->x = 1;", false},
        {"if (i) s->y = 1; else s->x = 1;", false},
        {"for (;;) { if (i) { s->x = 1; } }", false},
        {"if (i) for (;;) s->x = 1;", false},
        {"if (!i) return; s->x = 1;", false},
        {"for (; i; i--) { if (i & 1) continue; s->x = 1; }", false},
        {"if (i) goto out; s->x = 1; out: return;", false},
        {"switch (i) { case 1: s->x = 1; }", false},
        {"(void)(i && (s->x = 1));", false},
        {"(void)(i ? (s->x = 1) : 0);", false},
        {"while (i && (s->x = 1)) i--;", false},
    };
    parse_bench *b = *state;
    b->reads_census = true;
    for (size_t i = 0; i < sizeof branches / sizeof *branches; i++) {
        uint32_t count, unasked = 0, stores = 0;
        parse_clean(b, ul_arena_printf(&b->arena, "%svoid f(struct s *s, long i);\nvoid f(struct s *s, long i) { (void)i; %s }\n", S, branches[i].body));
        const ul_census *census = merged(b);
        const ul_tally *tallies = ul_census_tallies(census, parse_record(&b->result, "struct s")->key, &count);
        for (uint32_t k = 0; k < count; k++) {
            bool is_store = tallies[k].kind == UL_ACCESS_WRITE && strcmp(census->words[tallies[k].field], "x") == 0;
            stores += is_store;
            unasked += is_store && tallies[k].flags & UL_ACCESS_UNASKED;
        }
        assert_int_equal(stores, 1);
        if (unasked != branches[i].is_unasked)
            fail_msg("`%s`: the store is %s", branches[i].body, unasked ? "made in any case" : "made in some cases");
    }
}

/* Names that a macro makes, and those that are given to it. */
static void test_names_of_variables(void **state)
{
    parse_bench *b = *state;
    b->reads_census = true;
    parse_clean(b, "#define GLUE(a, b) a##b\n#define MADE(n) static int GLUE(made_, n)\n#define GIVEN(type, n) static type n\n"
                   "#define PASTED(n) static int n##_one\n"
                   "MADE(1);\nGIVEN(int, given_1) ; PASTED(made); int given_2;\nint *f(int i);\n"
                   "int *f(int i) { return i == 1 ? &made_1 : i == 2 ? &given_1 : i == 3 ? &made_one : &given_2; }\n");
    const ul_census *census = merged(b);
    assert_int_equal(census->variable_count, 4);
    for (uint32_t i = 0; i < census->variable_count; i++) {
        const char *name = census->words[census->variables[i].name];
        bool is_made = strncmp(name, "made", 4) == 0;
        if (is_made != ((census->variables[i].flags & UL_VARIABLE_MACRO_NAMED) != 0))
            fail_msg("%s is said to be named %s", name, is_made ? "by hand" : "by a macro");
    }
}

/* Two variables that one macro makes at one place are two. */
static void test_variables_of_one_macro(void **state)
{
    parse_bench *b = *state;
    uint32_t count;
    b->reads_census = true;
    parse_clean(b, "#define STATS(n) static long n##_in, n##_out; static long n##_other\nSTATS(a);\n"
                   "void f(void);\nvoid f(void) { a_in++; a_out = 0; a_other = a_in; }\n");
    const ul_census *census = merged(b);
    assert_int_equal(census->variable_count, 3);
    for (uint32_t i = 0; i < 3; i++) {
        const ul_tally *tallies = ul_census_tallies(census, census->words[census->variables[i].id], &count);
        bool is_in = strcmp(census->words[census->variables[i].name], "a_in") == 0;
        assert_int_equal(count, is_in ? 2 : 1);
        assert_int_equal(tallies[count - 1].kind, is_in ? UL_ACCESS_UPDATE : UL_ACCESS_WRITE);
        for (uint32_t k = 0; k < i; k++)
            assert_int_not_equal(census->variables[i].id, census->variables[k].id);
    }
}

/* The same of functions, whether other units see them or not; the one that is called is the one that runs in threads. */
static void test_functions_of_one_macro(void **state)
{
    parse_bench *b = *state;
    uint32_t count;
    b->reads_census = true;
    parse_clean(b, S "#define MAKE(name) static void name##_up(struct s *s) { s->x++; } static void name##_down(struct s *s) { s->y = 0; } \\\n"
                     "void name##_other(struct s *s); void name##_other(struct s *s) { s->n = 1; } void name##_last(struct s *s); void name##_last(struct s *s) { s->n++; }\n"
                     "MAKE(a)\n"
                     "static void *work(void *arg) { a_down(arg); return arg; }\n"
                     "int main(void) { pthread_t t; static struct s s; a_up(&s); pthread_create(&t, 0, work, &s); a_other(&s); a_last(&s); return 0; }\n");
    const ul_census *census = merged(b);
    assert_string_equal(functions(b, census), "a_up setup; a_down runtime threaded; a_other runtime; a_last runtime; work runtime entry threaded; main setup");
    for (uint32_t i = 0; i < census->function_count; i++) {
        for (uint32_t k = 0; k < i; k++)
            assert_int_not_equal(census->functions[i].key, census->functions[k].key);
    }
    ul_census_tallies(census, parse_record(&b->result, "struct s")->key, &count);
    assert_int_equal(count, 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, parse_set_up, parse_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_threads_and_roles),
        TEST(test_main_beside_threads),
        TEST(test_starts_by_way),
        TEST(test_threads_in_turn),
        TEST(test_locks_of_callers),
        TEST(test_stores_without_a_condition),
        TEST(test_names_of_variables),
        TEST(test_variables_of_one_macro),
        TEST(test_functions_of_one_macro),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

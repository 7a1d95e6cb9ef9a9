/*
 * The census: every way of touching a field is told for what it is, locks are held where statements say, units are merged into the same
 * bytes whatever their split. Threads and roles: test_threads.c.
 */
#include "tests/census_bench.h"

#define GUARDS                                                                                                          \
    "static inline void unguard(pthread_mutex_t **m) { pthread_mutex_unlock(*m); }\n"                                  \
    "#define GUARD(m) __attribute__((cleanup(unguard))) pthread_mutex_t *guard_ = (pthread_mutex_lock(m), (m))\n"

/* The body of one function, and what it is told to do to a field. */
typedef struct shape {
    const char *body, *field, *told;
} shape;

static void expect_shapes(parse_bench *b, const shape *shapes, size_t count)
{
    b->reads_census = true;
    for (size_t i = 0; i < count; i++) {
        parse_clean(b, ul_arena_printf(&b->arena, "%s" GUARDS "int use(int);\nvoid f(struct s *s, long i);\nvoid f(struct s *s, long i) { (void)i; %s }\n", S, shapes[i].body));
        const char *told = field_of(b, merged(b), "struct s", shapes[i].field);
        if (strcmp(told, shapes[i].told) != 0)
            fail_msg("`%s`: %s is told as \"%s\", not as \"%s\"", shapes[i].body, shapes[i].field, told, shapes[i].told);
    }
}

#define EXPECT(shapes) expect_shapes(*state, (shapes), sizeof(shapes) / sizeof *(shapes))

static void test_plain_accesses(void **state)
{
    static const shape shapes[] = {
        {"use(s->x);", "x", "read f"},
        {"s->x = use(1);", "x", "write f"},
        {"s->x = 1;", "x", "write+constant f"},
        {"s->x += 2;", "x", "update f"},
        {"s->x++; --s->x;", "x", "update f"},
        {"(s->x)++;", "x", "update f"},
        {"if (s->x && !s->y) use(2);", "x", "read f"},
        {"use((int)sizeof s->x);", "x", ""},
        {"__typeof__(s->x) t = 0; use(t);", "x", ""},
        {"(void)s->x;", "x", "read f"},
        {"*(volatile int *)&s->x = 3;", "x", "write+constant f"},
        {"use(*(volatile int *)&s->x);", "x", "read f"},
        {"(&s->x)[0] = use(3);", "x", "write@constant f"},
        {"s->p++;", "p", "update f"},
        {"*s->p = 0;", "p", "read f"},
        {"s->p[i] = 0;", "p", "read f"},
        {"s->a[3] = 0;", "a", "write+constant@constant f"},
        {"s->a[tid]++;", "a", "update@thread f"},
        {"for (int k = 0; k < 8; k++) s->a[k] = use(k);", "a", "write*1@loop f"},
        {"s->a[i] = use(1);", "a", "write@other f"},
        {"unsigned hash = (unsigned)i; s->a[hash & 7]++;", "a", "update@hash f"},
        {"*(s->a + 2) = use(1);", "a", "write@constant f"},
        {"s->sub.in = use(4);", "sub", "write f"},
        {"s->u |= 4;", "u", "update f"},
        {"struct s t = *s; use(t.x);", "x", "read f"},
        {"while (use(1)) for (;;) use(s->y);", "y", "read*2 f"},
        {"do { s->y = use(1); } while (0);", "y", "write f"},
        {"static int *keep; keep = &s->x; (void)keep;", "x", "address f"},
        {"int *q = &s->x; (void)q;", "x", "address f"},
        {"s->v = use(s->v);", "v", "read f; write f"},
    };
    EXPECT(shapes);
}

static void test_atomic_accesses(void **state)
{
    static const shape shapes[] = {
        {"ADD(&s->n);", "n", "rmw f"},
        {"__sync_fetch_and_add(&s->n, 1);", "n", "rmw f"},
        {"__sync_bool_compare_and_swap(&s->n, 1, 2);", "n", "rmw+constant f"},
        {"__sync_lock_release(&s->n);", "n", "write+atomic+constant f"},
        {"use((int)__atomic_load_n(&s->n, 0));", "n", "read+atomic f"},
        {"long t; __atomic_load(&s->n, &t, 0); use((int)t);", "n", "read+atomic f"},
        {"__atomic_store_n(&s->n, 1, 0);", "n", "write+atomic+constant f"},
        {"long e = 1; __atomic_compare_exchange_n(&s->n, &e, 2, 0, 0, 0);", "n", "rmw f"},
        {"__atomic_compare_exchange_n((long *)s, &s->n, 2, 0, 0, 0);", "n", "update f"},
        {"__atomic_exchange_n(&s->p, (char *)0, 0);", "p", "rmw f"},
        {"use(__atomic_load_n(&s->p, 0) != 0);", "p", "read+atomic f"},
        {"s->c++;", "c", "rmw f"},
        {"s->c = use(1);", "c", "write+atomic f"},
        {"use(s->c);", "c", "read+atomic f"},
        {"atomic_fetch_add(&s->c, 1);", "c", "rmw f"},
        {"use(atomic_load_explicit(&s->c, memory_order_relaxed));", "c", "read+atomic f"},
        {"atomic_store(&s->c, 1);", "c", "write+atomic+constant f"},
        {"atomic_init(&s->c, 1);", "c", "write+atomic f"},
        {"__asm__ volatile(\"lock; incq %0\" : \"+m\"(s->n));", "n", "rmw f"},
        {"__asm__ volatile(\"lock; incq %0\" : \"+m\"(*(volatile long *)&s->n));", "n", "rmw f"},
    };
    EXPECT(shapes);
}

static void test_locks(void **state)
{
    static const shape shapes[] = {
        {"pthread_mutex_lock(&s->lock); s->x = use(1); pthread_mutex_unlock(&s->lock); s->x++;", "x",
         "write f held:lock; update f"},
        {"pthread_mutex_lock(&s->lock); if (use(1)) { pthread_mutex_unlock(&s->lock); return; } s->x = use(1);"
         " pthread_mutex_unlock(&s->lock);",
         "x", "write f held:lock"},
        {"if (use(1)) { pthread_mutex_lock(&s->lock); s->y++; } s->x = use(1);", "x", "write f"},
        {"if (use(1)) pthread_mutex_lock(&s->lock); s->x = use(1);", "x", "write f"},
        {"pthread_mutex_lock(&s->lock); if (use(1)) pthread_mutex_unlock(&s->lock); s->x = use(1);", "x", "write f"},
        {"pthread_mutex_lock(&s->lock); while (use(1)) { if (use(2)) break; s->x = use(1); }"
         " pthread_mutex_unlock(&s->lock);",
         "x", "write*1 f held:lock"},
        {"switch (use(1)) { case 1: pthread_mutex_lock(&s->lock); s->y = use(1); case 2: s->x = use(1); }", "x", "write f"},
        {"if (pthread_mutex_trylock(&s->lock)) return; s->x = use(1); pthread_mutex_unlock(&s->lock);", "x",
         "write f held:lock"},
        {"SPIN_LOCK(&s->v); s->x = use(1); SPIN_UNLOCK(&s->v); s->y = use(1);", "x", "write f held:v"},
        {"SPIN_LOCK(&s->v); s->x = use(1); SPIN_UNLOCK(&s->v); s->y = use(1);", "y", "write f"},
        {"SPIN_LOCK(&s->v); SPIN_UNLOCK(&s->v);", "v", "lock*1 f; unlock f held:v"},
    };
    EXPECT(shapes);
}

/* What is a lock by its use: a loop waits for it; a semaphore that comes back; what a variable's cleanup releases. */
static void test_locks_by_use(void **state)
{
    static const shape shapes[] = {
        {"while (atomic_exchange(&s->c, 1)) ; s->x = use(1); atomic_store(&s->c, 0); s->y = use(1);", "x", "write f held:c"},
        {"while (atomic_exchange(&s->c, 1)) ; s->x = use(1); atomic_store(&s->c, 0); s->y = use(1);", "y", "write f"},
        {"do { } while (__atomic_exchange_n(&s->v, 1, 0)); s->x = use(1); s->v = 0;", "x", "write f held:v"},
        {"while (!__sync_bool_compare_and_swap(&s->v, 0, 1)) ; s->x = use(1);", "x", "write f held:v"},
        {"int e = 0; while (!atomic_compare_exchange_weak(&s->c, &e, 1)) e = 0; s->x = use(1);", "x", "write f held:c"},
        {"for (;;) { if (!atomic_exchange(&s->c, 1)) break; } s->x = use(1);", "x", "write f held:c"},
        {"while (s->c || atomic_exchange(&s->c, 1)) ; s->x = use(1);", "x", "write f held:c"},
        {"while (atomic_exchange(&s->c, 0)) ; s->x = use(1);", "x", "write f"},                  /* takes what others left */
        {"while (atomic_fetch_add(&s->c, 1)) ; s->x = use(1);", "x", "write f"},                 /* counts */
        {"while (__sync_bool_compare_and_swap(&s->v, 0, 1)) ; s->x = use(1);", "x", "write f"}, /* goes on while it succeeds */
        {"int e = 0; while (!atomic_compare_exchange_weak(&s->c, &e, e + 1)) ; s->x = use(1);", "x", "write f"},
        {"if (atomic_exchange(&s->c, 1)) use(2); s->x = use(1);", "x", "write f"},
        {"pthread_mutex_t *l = &s->lock; pthread_mutex_lock(l); s->x = use(1); pthread_mutex_unlock(l); s->y = use(1);", "x", "write f held:lock"},
        {"pthread_mutex_t *l = &s->lock; pthread_mutex_lock(l); s->x = use(1); pthread_mutex_unlock(l); s->y = use(1);", "y", "write f"},
        {"GUARD(&s->lock); s->x = use(1);", "x", "write f held:lock"},
        {"{ GUARD(&s->lock); s->y = use(1); } s->x = use(1);", "x", "write f"},
    };
    EXPECT(shapes);
}

static void test_semaphores(void **state)
{
    parse_bench *b = *state;
    b->reads_census = true;
    parse_clean(b, "#include <semaphore.h>\nstruct s { sem_t items, room; int x, y; };\n"
                   "void f(struct s *s); void g(struct s *s);\n"
                   "void f(struct s *s) { sem_wait(&s->items); s->x = 1; sem_post(&s->items); }\n"
                   "void g(struct s *s) { sem_wait(&s->items); s->y = 1; sem_post(&s->room); }\n");
    const ul_census *census = merged(b);
    assert_string_equal(field_of(b, census, "struct s", "x"), "write+constant f held:items");
    assert_string_equal(field_of(b, census, "struct s", "y"), "write+constant g"); /* it signals, and excludes nobody */
}

static void test_lockers_that_come_later(void **state)
{
    parse_bench *b = *state;
    b->reads_census = true;
    parse_clean(b, S "static void enter(struct s *s); static void leave(struct s *s); static void grab(int *l); static void drop(int *l);\n"
                     "void f(struct s *s);\n"
                     "void f(struct s *s) { enter(s); s->x = 1; leave(s); s->y = 1; grab(&s->u); s->n = 1; drop(&s->u); s->p = 0; }\n"
                     "static void enter(struct s *s) { pthread_mutex_lock(&s->lock); }\n"
                     "static void leave(struct s *s) { pthread_mutex_unlock(&s->lock); }\n"
                     "static void grab(int *l) { while (__sync_lock_test_and_set(l, 1)) ; }\n"
                     "static void drop(int *l) { __sync_lock_release(l); }\n");
    const ul_census *census = merged(b);
    assert_string_equal(field_of(b, census, "struct s", "x"), "write+constant f held:lock");
    assert_string_equal(field_of(b, census, "struct s", "y"), "write+constant f");
    assert_string_equal(field_of(b, census, "struct s", "n"), "write+constant f held:u");
    assert_string_equal(field_of(b, census, "struct s", "p"), "write+constant f");
}

static void test_locks_of_the_project(void **state)
{
    parse_bench *b = *state;
    static const char *const locks[] = {"grab*"}, *const unlocks[] = {"let_go"};
    b->names = (ul_census_names){.locks = locks, .lock_count = 1, .unlocks = unlocks, .unlock_count = 1};
    b->reads_census = true;
    parse_clean(b, S "void grab_it(int *); void let_go(int *);\n"
                     "void f(struct s *s);\nvoid f(struct s *s) { grab_it(&s->x); s->y = 1; let_go(&s->x); s->n = 1; }\n");
    const ul_census *census = merged(b);
    assert_string_equal(field_of(b, census, "struct s", "y"), "write+constant f held:x");
    assert_string_equal(field_of(b, census, "struct s", "n"), "write+constant f");
}

static void test_addresses_are_followed(void **state)
{
    parse_bench *b = *state;
    b->reads_census = true;
    parse_clean(b, S "static void bump(long *p) { ADD(p); }\n"
                     "static void twice(long *p) { bump(p); }\n"
                     "static long get(const long *p) { return *p; }\n"
                     "static void set(struct s *t) { t->x = 1; }\n"
                     "struct o { long a, b, c, d, e; struct s in; };\n"
                     "long far(const long *); void away(long *);\n"
                     "void f(struct o *o);\n"
                     "void f(struct o *o) { bump(&o->a); twice(&o->b); get(&o->c); far(&o->d); away(&o->e); set(&o->in); }\n");
    const ul_census *census = merged(b);
    assert_string_equal(field_of(b, census, "struct o", "a"), "rmw f");
    assert_string_equal(field_of(b, census, "struct o", "b"), "rmw f");
    assert_string_equal(field_of(b, census, "struct o", "c"), "read f");
    assert_string_equal(field_of(b, census, "struct o", "d"), "read f"); /* const, and out of sight */
    assert_string_equal(field_of(b, census, "struct o", "e"), "address f");
    assert_string_equal(field_of(b, census, "struct o", "in"), "write f");
    assert_string_equal(field_of(b, census, "struct s", "x"), "write+constant set");
}

static const char *instances_of(parse_bench *b, const ul_census *census, const char *record)
{
    uint32_t count;
    ul_strbuf text;
    ul_strbuf_init(&text);
    const ul_instance *instances = ul_census_instances(census, parse_record(&b->result, record)->key, &count);
    for (uint32_t i = 0; i < count; i++)
        ul_strbuf_printf(&text, "%s%s %s%s%s", i ? "; " : "", ul_region_name(instances[i].region), census->words[instances[i].size],
                         instances[i].flags & UL_INSTANCE_ARRAY ? " []" : "", instances[i].flags & UL_INSTANCE_PLAIN_HEAP ? " plain" : "");
    return keep(b, &text);
}

static void test_instances(void **state)
{
    parse_bench *b = *state;
    b->reads_census = true;
    parse_clean(b, S "struct s one; struct s full = {.x = 1}; static struct s many[4]; _Thread_local struct s own; struct s *pointer;\n"
                     "void *my_alloc(unsigned long);\nvoid f(int n);\n"
                     "void f(int n) {\n"
                     "    struct s here; here.x = n;\n"
                     "    struct s *p = malloc(sizeof *p);\n"
                     "    struct s *q = calloc(n, sizeof(struct s));\n"
                     "    pointer = my_alloc(sizeof(struct s) * 4); (void)p; (void)q; }\n");
    assert_string_equal(instances_of(b, merged(b), "struct s"),
                        "data full; bss many []; bss one; thread own; stack here; heap sizeof *p plain;"
                        " heap n, sizeof(struct s) [] plain; heap sizeof(struct s) * 4 []");
}

/* Everything of a census as text: two of them are the same when these are. */
static const char *told_whole(parse_bench *b, const ul_census *census)
{
    ul_strbuf text;
    ul_strbuf_init(&text);
    for (uint32_t i = 0; i < census->tally_count; i++) {
        ul_strbuf_printf(&text, "\n%s.%s %u ", census->words[census->tallies[i].object], census->words[census->tallies[i].field], census->tallies[i].line);
        tell(&text, census, &census->tallies[i]);
    }
    for (uint32_t i = 0; i < census->call_count; i++)
        ul_strbuf_printf(&text, "\n%s", census->words[census->calls[i].callee]);
    ul_strbuf_puts(&text, functions(b, census));
    return keep(b, &text);
}

static void test_merge_is_the_same_for_any_workers(void **state)
{
    parse_bench *b = *state;
    static const char *const names[] = {"a.c", "b.c", "c.c", "d.c"};
    ul_unit_result one[4], many[4];
    ul_census *first, *second;
    b->reads_census = true;
    parse_put(b, "s.h", "#pragma once\nstruct s { int x, y; };\nstatic inline void touch(struct s *s) { s->x++; }\n");
    for (int i = 0; i < 4; i++)
        parse_put(b, names[i], ul_arena_printf(&b->arena, "#include \"s.h\"\nvoid f%d(struct s *s);\nvoid f%d(struct s *s) { touch(s); s->y = %d; }\n", i, i, i));
    parse_read_all(b, one, names, 4, 1);
    parse_read_all(b, many, names, 4, 3);
    ul_census_merge(&first, one, 4, NULL, &b->arena);
    ul_census_merge(&second, many, 4, NULL, &b->arena);
    assert_int_equal(first->function_count, 5); /* the header's once */
    assert_string_equal(told_whole(b, first), told_whole(b, second));
}

/* Macros and short functions that take or release for those who use them. */
static void test_wrapped_locks(void **state)
{
    parse_bench *b = *state;
    b->reads_census = true;
    parse_clean(b, S
                "#include <pthread.h>\n"
                "#define ENTER(s) pl_take_w(&(s)->n)\n#define LEAVE(s) SPIN_UNLOCK(&(s)->n)\n"
                "#define pl_take_w(p) ((void)__atomic_exchange_n((p), 1, __ATOMIC_ACQUIRE))\n"
                "#define CHANGE(s) ({ pl_take_w(&(s)->n); SPIN_UNLOCK(&(s)->n); })\n"
                "pthread_mutex_t m;\n"
                "static void begin(void) { pthread_mutex_lock(&m); }\nstatic void end(void) { pthread_mutex_unlock(&m); }\n"
                "static void both(void) { pthread_mutex_lock(&m); pthread_mutex_unlock(&m); }\n"
                "static void grab(pthread_mutex_t *l) { pthread_mutex_lock(l); }\nstatic void drop(pthread_mutex_t *l) { pthread_mutex_unlock(l); }\n"
                "void f(struct s *s);\nvoid g(struct s *s);\nvoid h(struct s *s);\nvoid k(struct s *s);\n"
                "void f(struct s *s) { ENTER(s); s->x = 1; LEAVE(s); s->x++; }\n"
                "void g(struct s *s) { begin(); s->y = 1; end(); s->y++; both(); s->y |= 3; }\n"
                "void h(struct s *s) { grab(&m); s->u = 1; drop(&m); s->u++; }\n"
                "void k(struct s *s) { CHANGE(s); s->v = 1; }\n");
    const ul_census *census = merged(b);
    assert_string_equal(field_of(b, census, "struct s", "x"), "write+constant f held:n; update f");
    assert_string_equal(field_of(b, census, "struct s", "y"), "write+constant g held:m; update g");
    assert_string_equal(field_of(b, census, "struct s", "u"), "write+constant h held:m; update h");
    assert_string_equal(field_of(b, census, "struct s", "v"), "write+constant k");
}

static void test_without_a_census(void **state)
{
    parse_bench *b = *state;
    ul_census *census;
    parse_clean(b, S);
    assert_null(b->result.census);
    ul_census_merge(&census, &b->result, 1, NULL, &b->arena);
    assert_null(census);
}

static void test_names(void **state)
{
    (void)state;
    static const char *const patterns[] = {"a*c", "*lock*", "exact"};
    assert_true(ul_name_matches("abc", patterns, 3) && ul_name_matches("ac", patterns, 3) && ul_name_matches("aXcYc", patterns, 3));
    assert_true(ul_name_matches("my_lock_it", patterns, 3) && ul_name_matches("exact", patterns, 3));
    assert_false(ul_name_matches("ab", patterns, 3) || ul_name_matches("exactly", patterns, 3) || ul_name_matches("", patterns, 3));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, parse_set_up, parse_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_plain_accesses),
        TEST(test_atomic_accesses),
        TEST(test_locks),
        TEST(test_locks_by_use),
        TEST(test_semaphores),
        TEST(test_lockers_that_come_later),
        TEST(test_locks_of_the_project),
        TEST(test_addresses_are_followed),
        TEST(test_instances),
        TEST(test_merge_is_the_same_for_any_workers),
        TEST(test_wrapped_locks),
        TEST(test_without_a_census),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

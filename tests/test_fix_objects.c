/* Objects that `fix --goal lines` may not overlook: one that a line is begun in, and that has not the room or the alignment, is undefined behaviour. */
#include "tests/fix_bench.h"

typedef struct way {
    const char *file_scope, *body; /* body: makes p point to an object */
    const char *detail;            /* why the record stays; NULL: all is known */
} way;

static const way ways[] = {
    {"", "p = &S;", NULL},
    {"static struct T S2;", "p = c ? &S : &S2;", NULL},
    {"", "p = aligned_alloc(64, sizeof(struct T));", NULL},
    {"", "p = c ? &S : aligned_alloc(64, (sizeof *p + 63) & ~63ul);", NULL},
    {"", "p = aligned_alloc(128, 8 * sizeof *p);", NULL},
    {"", "if (posix_memalign((void **)&p, 64, sizeof *p)) return 1;", NULL},
    {"", "void *v; if (posix_memalign(&v, 64, sizeof *p)) return 1; p = v;", NULL},
    {"static struct T *mk(void) { struct T *q = aligned_alloc(64, sizeof *q); return q; }", "p = mk();", NULL},
    {"static void *g;", "g = &S; p = g;", NULL},
    {"static void *pick(void) { return &S; }", "p = pick();", NULL},
    {"static struct T *table[4];", "table[1] = &S; p = table[1]; struct T **many = malloc(4 * sizeof *many); many[0] = p; free(many);", NULL},
    {"", "p = aligned_alloc(_Alignof(struct T), sizeof(struct T));", NULL},
    {"static void *start(struct T *t) { t->sent++; return 0; }", "p = &S; pthread_t x; pthread_create(&x, 0, (void *(*)(void *))start, p);", NULL},
    {"static struct T *sp;", "__sync_bool_compare_and_swap(&sp, 0, &S); p = __atomic_load_n(&sp, 5);", NULL},
    {"", "p = NULL; p = c ? NULL : &S; if (p == (struct T *)-1) return 1;", NULL},
    {"", "size_t n = sizeof(struct T); p = c ? malloc(n) : &S;", "malloc() makes one"},
    {"", "size_t n = sizeof(struct T); void *v = malloc(n); p = v;", "malloc() makes one"},
    {"static void *(*alloc)(size_t) = malloc;", "p = alloc(sizeof *p);", "`alloc(sizeof *p)` is taken for one"},
    {"static void *(*alloc)(size_t) = malloc;", "p = alloc(sizeof *p + sizeof(unsigned long) * 100 + sizeof(unsigned long) * 1000 + sizeof(unsigned long) * 1);", "`alloc(...)` is taken for one"},
    {"static struct { void *(*alloc)(size_t); } ops = { malloc };", "p = ops.alloc(sizeof *p);", "`ops.alloc(sizeof *p)` is taken for one"},
    {"static char pool[4096]; static void *carve(size_t n) { static size_t used; void *r = pool + used; used += n; return r; }", "p = carve(sizeof *p);", "`pool + used` is taken for one"},
    {"static char pool[4096]; static struct T *carve(void) { return (struct T *)pool; }", "p = carve();", "`pool` is taken for one"},
    {"", "p = c ? &S : malloc(64);", "malloc() makes one"},
    {"", "p = c ? &S : __builtin_alloca(sizeof *p);", "`__builtin_alloca(sizeof *p)` is taken for one, and no unit read shows what it is"},
    {"", "p = alloca(sizeof *p);", "__builtin_alloca() makes one"},
    {"static char pool[4096];", "p = c ? &S : (void *)pool;", "`pool` is taken for one"},
    {"extern struct T *pool_get(void);", "p = pool_get();", "`pool_get()` may give one, and no unit read has its body"},
    {"extern int pool_get(struct T **out);", "pool_get(&p);", "`pool_get()` may give one, and no unit read has its body"},
    {"extern struct T *the_one;", "p = the_one;", "no unit read defines `the_one`"},
    {"extern struct T those[];", "p = &those[1];", "no unit read defines `those`"},
    {"struct box { void *data; }; static struct box box;", "box.data = malloc(64); p = box.data;", "`box.data` is taken for one"},
    {"static void run(void *d) { struct T *q = d; q->sent++; }", "run(malloc(64)); p = &S;", "malloc() makes one"},
    {"static void run(void *d) { struct T *q = d; q->sent++; } void (*cb)(void *) = run;", "cb(malloc(64)); p = &S;", "`run() through a pointer` is taken for one"},
    {"static char buf[4096];", "p = (struct T *)(buf + 64 * c);", "`buf + 64 * c` is taken for one"},
    {"struct outer { int a; struct T t; };", "struct outer *o = malloc(sizeof *o); p = &o->t;", "`struct outer` holds it by value"},
    {"struct outer { struct T t[4]; };", "struct outer *o = malloc(sizeof *o); p = o->t;", "`struct outer` holds it by value"},
    {"union u { struct T *t; void *v; };", "union u u; u.v = malloc(64); p = u.t;", "`t of a union` is taken for one"},
    {"struct in { struct T *t; }; union u { struct in i; void *v; };", "union u u; u.v = malloc(64); struct in *i = &u.i; p = i->t;", "`t` lies in a union: anything may be taken for one"},
    {"void *g; ", "g = malloc(64); p = g;", "malloc() makes one"},
    {"", "p = realloc(p, sizeof *p);", "realloc() makes one"},
    {"", "void *v = malloc(sizeof S); memcpy(v, &S, sizeof S); p = v;", "malloc() makes one"},
    {"", "void *v = malloc(64); memcpy(&p, &v, sizeof p);", "`&p` is taken for one"},
    {"", "uintptr_t a = (uintptr_t)malloc(64); p = (struct T *)a;", "`a` is taken for one"},
    {"", "p = aligned_alloc(16, sizeof *p);", "aligned_alloc() makes one that is aligned to 16"},
    {"", "p = aligned_alloc(64, 64);", "aligned_alloc() makes one of a size that is not seen to be its own"},
    {"", "p = aligned_alloc(64, sizeof *p / 64 * 64);", "aligned_alloc() makes one of a size that is not seen to be its own"},
    {"", "*(void **)&p = malloc(64);", "`(void **)&p` is taken for one"},
    {"static void *slots[4];", "slots[0] = malloc(64); p = slots[0];", "`slots[0]` is taken for one"},
    {"static void *slots[4]; static struct T *elt(void *at) { return *(struct T **)at; }", "slots[0] = malloc(64); p = elt(&slots[0]);", "`at` is taken for one"},
    {"static void *start(struct T *t) { t->sent++; return 0; }", "p = &S; pthread_t x; pthread_create(&x, 0, (void *(*)(void *))start, malloc(64));", "malloc() makes one"},
    {"static void *mk(void) { return malloc(64); }", "struct T *(*f)(void) = (struct T *(*)(void))mk; p = f();", "`(struct T *(*)(void))mk` is taken for one"},
    {"struct Q { char b[72]; }; static struct Q q;", "p = (struct T *)&q;", "`&q` is taken for one"},
    {"", "p = ({ void *v = malloc(64); v; });", "`({ void *v = malloc(64); v; })` is taken for one"},
    {"", "void *v = malloc(64); p = v ?: &S;", "`v ?: &S` is taken for one"},
    {"static void fill(void **v) { *v = malloc(64); }", "void *v = &S; fill(&v); p = v;", "`&v` is taken for one"},
    {"static void *third(void *a) { struct T *t = a; t->sent++; return 0; }", "p = &S; pthread_t x; pthread_create(&x, 0, third, malloc(64));", "malloc() makes one"},
    {"", "__asm__(\"\" : \"=r\"(p));", "`p` is taken for one"},
    {"", "unsigned long *m = malloc(64); p = (struct T *)((char *)m - offsetof(struct T, sent));", "`(char *)m - offsetof(struct T, sent)` is taken for one"},
    {"struct hd { int n; struct T items[]; };", "struct hd *h = malloc(sizeof *h + 4 * sizeof(struct T)); p = h->items;", "`struct hd` holds it by value"},
    {"#include <stdarg.h>\nstatic struct T *va(int n, ...) { va_list ap; va_start(ap, n); struct T *q = va_arg(ap, struct T *); va_end(ap); return q; }", "p = va(1, malloc(64));", "`ap` is taken for one"},
    {"static struct T *take(); static struct T *take(a) void *a; { return a; }", "p = take(malloc(64));", "malloc() makes one"},
    {"static pthread_key_t key;", "pthread_setspecific(key, malloc(64)); p = pthread_getspecific(key);", "`pthread_getspecific(key)` is taken for one"},
    {"static void *g;", "(g) = malloc(64); p = (g);", "malloc() makes one"},
    {"", "p = (c++, malloc(64));", "`c++, malloc(64)` is taken for one"},
    {"", "void *v; p = v = malloc(64);", "`v = malloc(64)` is taken for one"},
    {"struct holder { int a; struct T *t; };", "struct holder h = { 1, malloc(64) }; p = h.t;", "malloc() makes one"},
    {"static struct T *mk(void) { return malloc(64); }", "p = mk();", "malloc() makes one"},
    {"static void take(struct T *t) { t->sent++; }", "take(malloc(64)); p = &S;", "malloc() makes one"},
};

static const char record[] = "struct T { unsigned limit; unsigned batch; unsigned long sent; unsigned long received; char name[40]; };\n";
static const char program[] = "#include <alloca.h>\n#include <pthread.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <stdlib.h>\n#include <string.h>\n#include \"t.h\"\n"
                              "static struct T S;\n%s\n"
                              "static void *send_all(void *given)\n{\n    struct T *t = given;\n"
                              "    for (unsigned i = 0; i < t->limit; i += t->batch) t->sent++;\n    return 0;\n}\n"
                              "static void *receive_all(void *given)\n{\n    struct T *t = given;\n"
                              "    for (unsigned i = 0; i < t->limit; i += t->batch) t->received++;\n    return 0;\n}\n"
                              "int main(int argc, char **argv)\n{\n    pthread_t threads[2];\n    int c = argc > 1 && argv;\n    struct T *p = 0;\n    %s\n"
                              "    pthread_create(&threads[0], 0, send_all, p);\n    pthread_create(&threads[1], 0, receive_all, p);\n    return c;\n}\n";

/* With runs of blanks as one: lines are wrapped. */
static const char *flat(const bench *b)
{
    char *text = ul_arena_strdup((ul_arena *)&b->arena, b->out);
    size_t length = 0;
    for (const char *c = text; *c; c++) {
        bool is_blank = *c == ' ' || *c == '\n';
        if (!is_blank || (length && text[length - 1] != ' '))
            text[length++] = is_blank ? ' ' : *c;
    }
    text[length] = '\0';
    return text;
}

static void put_program(bench *b, const char *name, const char *file_scope, const char *body)
{
    put(b, "t.h", record);
    put(b, name, ul_arena_printf(&b->arena, program, file_scope, body)); /* NOLINT(clang-diagnostic-format-nonliteral) */
}

static void each_way_to_an_object(void **state)
{
    bench *b = *state;
    put_database(b, "a.c", "\"-std=gnu11\"");
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        put_program(b, "a.c", ways[i].file_scope, ways[i].body);
        int status = fix(b, "--goal lines --check -v .");
        if (status != (ways[i].detail ? 0 : 1))
            fail_msg("status %d for %s: %.2000s", status, ways[i].body, b->out);
        if (ways[i].detail)
            has(flat(b), ways[i].detail);
        else
            has(flat(b), "as are all objects that the 1 unit read makes");
    }
}

static void objects_of_other_units(void **state)
{
    bench *b = *state;
    put_program(b, "a.c", "struct T *give(void); void *raw(void); extern struct T *shared; void run(void *);", "p = c ? give() : raw(); p = shared; run(p);");
    put(b, "b.c", "#include \"t.h\"\nstatic struct T one; struct T *shared = &one;\nstruct T *give(void) { return &one; }\nvoid *raw(void) { return &one; }\n"
                  "void run(void *given) { struct T *t = given; t->batch++; }\n");
    put_database(b, "a.c b.c", "");
    assert_int_equal(fix(b, "--goal lines --check -v ."), 1);
    has(flat(b), "as are all objects that the 2 units read make");
    put_program(b, "a.c", "struct T *give(void);", "p = give();");
    put(b, "b.c", "struct T; static char room[999];\nstruct T *give(void) { return (struct T *)room; }\n");
    assert_int_equal(fix(b, "--goal lines --check -v ."), 0); /* its tag is all that is known there */
    has(flat(b), "b.c:2: 93 % less cost is predicted with fields on lines of their own, but `room` is taken for one");
    put_program(b, "a.c", "void *raw(void);", "p = raw();");
    put(b, "b.c", "#include <stdlib.h>\n#include \"t.h\"\n\nvoid *raw(void) { return malloc(200); }\n");
    assert_int_equal(fix(b, "--goal lines --check -v ."), 0);
    has(flat(b), "b.c:4: 93 % less cost is predicted with fields on lines of their own, but malloc() makes one");
}

/* Its members are objects too, where the record around is seen by one function only. */
static void records_inside_functions(void **state)
{
    bench *b = *state;
    put_database(b, "a.c", "");
    put_program(b, "a.c", "", "struct { int n; struct T t; } *o = malloc(sizeof *o); p = &o->t;");
    assert_int_equal(fix(b, "--goal lines --check -v ."), 0);
    has(flat(b), "`t of another record` is taken for one");
    put_program(b, "a.c", "struct in { struct T *t; };", "union { struct in in; void *raw[2]; } u; u.raw[0] = malloc(64); struct in *in = &u.in; p = in->t;");
    assert_int_equal(fix(b, "--goal lines --check -v ."), 0);
    has(flat(b), "lies in a union: anything may be taken for one");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_way_to_an_object, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(objects_of_other_units, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(records_inside_functions, fix_set_up, bench_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

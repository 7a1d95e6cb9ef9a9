/*
 * The rule alloc-pattern: what bodies tell of allocations, what is judged of it over several units, and hostile bodies.
 */
#include "layout/engine/allocations.h"
#include "layout/engine/census.h"
#include "layout/rules/rule.h"
#include "tests/parse_bench.h"

#define HEAD                                                                                                                     \
    "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <sys/stat.h>\n#include <unistd.h>\n"                 \
    "struct node { struct node *next; int value; char *name; };\nstruct list { struct node *head; int *items; int n, room; };\n" \
    "void *zmalloc(size_t);\nvoid *zrealloc(void *, size_t);\nvoid zfree(void *);\nvoid keep(void *);\nint use(int);\n"

/* "growth 12 f items; pool ..." of everything that is to be said about `count` results. */
static const char *told(parse_bench *b, const ul_unit_result *results, uint32_t count)
{
    ul_census *census;
    ul_allocations rows;
    ul_advice *advice;
    const char *text = "";
    ul_census_merge(&census, results, count, &b->names, &b->arena);
    assert_non_null(census);
    ul_allocations_merge(&rows, results, count, &b->arena);
    uint32_t total = ul_allocations_judge(&advice, NULL, &rows, census, &b->arena);
    for (uint32_t i = 0; i < total; i++) {
        const ul_allocation *at = &rows.items[advice[i].allocation];
        text = ul_arena_printf(&b->arena, "%s%s%s %s %s", text, i ? "; " : "", ul_advice_pattern_name(advice[i].pattern), at->function, at->receiver);
    }
    return text;
}

typedef struct shape {
    const char *code, *told;
} shape;

static void expect(parse_bench *b, const shape *shapes, size_t count)
{
    b->reads_census = true;
    for (size_t i = 0; i < count; i++) {
        parse_clean(b, ul_arena_printf(&b->arena, "%s%s\n", HEAD, shapes[i].code));
        const char *text = told(b, &b->result, 1);
        if (strcmp(text, shapes[i].told) != 0)
            fail_msg("`%s` is told as \"%s\", not as \"%s\"", shapes[i].code, text, shapes[i].told);
    }
}

#define EXPECT(shapes) expect(*state, (shapes), sizeof(shapes) / sizeof *(shapes))

/* One function `f` about `l`, for patterns that a statement or two show. */
#define BODY(text) "void f(struct list *l, int k, char *t);\nvoid f(struct list *l, int k, char *t) { (void)l; (void)k; (void)t; " text " }"

static void test_growth(void **state)
{
    static const shape shapes[] = {
        {BODY("l->items = realloc(l->items, sizeof(int) * (l->n + 1)); l->n++;"), "growth f l->items"},
        {BODY("l->items = realloc(l->items, (1 + l->n) * sizeof *l->items); l->n += 1;"), "growth f l->items"},
        {BODY("l->items = realloc(l->items, sizeof(int) * ++l->n);"), "growth f l->items"},
        {BODY("l->n = l->n + 2; l->items = realloc(l->items, sizeof(int) * (size_t)(l->n));"), "growth f l->items"},
        {BODY("l->items = reallocarray(l->items, l->n + 1, sizeof(int)); l->n++;"), "growth f l->items"},
        {BODY("static int *all, n; all = realloc(all, sizeof *all * (n + 1)); all[n++] = k;"), "growth f all"},
        {BODY("int *all = 0, n = 0; while (k--) { all = zrealloc(all, sizeof *all * (n + 1)); all[n++] = k; } free(all);"), "growth f all"},
        {BODY("int *all = 0, n = 0; all = zrealloc(all, sizeof *all * (n + 1)); all[n++] = k; free(all);"), ""},
        {BODY("l->items = realloc(l->items, sizeof(int) * (l->n + 64)); l->n++;"), ""},
        {BODY("l->items = realloc(l->items, sizeof(int) * (l->n + k)); l->n++;"), ""},
        {BODY("l->items = realloc(l->items, sizeof(int) * (l->n * 2)); l->n++;"), ""},
        {BODY("l->room *= 2; l->room++; l->items = realloc(l->items, sizeof(int) * l->room);"), ""},
        {BODY("l->room <<= 1; l->items = realloc(l->items, sizeof(int) * (l->room + 1)); l->room++;"), ""},
        {BODY("int c, n = 0; char *s = 0; while ((c = getchar()) != EOF) { s = realloc(s, n + 2); s[n++] = c; s[n] = 0; } free(s);"), "growth f s"},
        {BODY("size_t n = 0; unsigned char *s = 0; for (; k; k--) { s = realloc(s, ++n); s[n - 1] = k; } free(s);"), "growth f s"},
        {BODY("if (l->n == l->room) { int more = l->room + 16; l->items = realloc(l->items, more * sizeof *l->items); l->room = more; } l->items[l->n++] = k;"), "growth f l->items"},
        {BODY("if (l->n == l->room) { size_t more = (l->room + 8) * sizeof(int); l->items = realloc(l->items, more); l->room += 8; }"), "growth f l->items"},
        {BODY("if (l->n == l->room) { int more = l->room * 2; l->items = realloc(l->items, more * sizeof *l->items); l->room = more; }"), ""},
        {BODY("int more = l->room + 16; if (k) more = l->room * 2; l->items = realloc(l->items, more * sizeof *l->items); l->room = more;"), ""},
        {BODY("int more = l->room + 16; more *= 2; l->items = realloc(l->items, more * sizeof *l->items); l->room = more;"), ""},
        {BODY("int more = l->room + k; l->items = realloc(l->items, more * sizeof *l->items); l->room = more;"), ""},
        {BODY("int more = l->room + 16; l->items = realloc(l->items, more * sizeof *l->items); l->room = more * 2;"), ""},
        {BODY("int n = 0; char *s = 0; while (k--) { s = realloc(s, n + 1); n += k; } free(s);"), ""},
        {BODY("int n = 0; int *s = 0; while (k--) { s = realloc(s, n + 4); n++; } free(s);"), ""},
        {BODY("int *all = 0; while (k--) { int n = strlen(t); n++; all = realloc(all, n * sizeof *all); } free(all);"), ""},
        {BODY("int *all = realloc(0, sizeof(int) * (l->n + 1)); l->n++; keep(all);"), ""},
        {BODY("l->n--; l->items = realloc(l->items, sizeof(int) * l->n);"), ""},
        {BODY("l->n += k; l->items = realloc(l->items, sizeof(int) * l->n);"), ""},
        {BODY("l->n = k; l->items = realloc(l->items, sizeof(int) * (l->n + 1)); l->n++;"), ""},
        {BODY("scanf(\"%d\", &l->n); l->items = realloc(l->items, sizeof(int) * (l->n + 1)); l->n++;"), ""},
        {BODY("t = realloc(t, (size_t)l->n + 1); l->n++;"), ""},
        {"#define STEP(x) (x)++\n" BODY("l->items = realloc(l->items, sizeof(int) * (l->n + 1)); STEP(l->n);"), ""},
        {"#define GROW(p, n) p = realloc(p, sizeof *(p) * ((n) + 1))\n" BODY("GROW(l->items, l->n); l->n++;"), ""},
        {"struct list g;\n" BODY("l->items = realloc(l->items, sizeof(int) * (l->n + 1)); g.n++;"), ""},
        {"void init_list(struct list *l);\nvoid init_list(struct list *l) { l->items = realloc(l->items, sizeof(int) * (l->n + 1)); l->n++; }", ""},
    };
    EXPECT(shapes);
}

static void test_local(void **state)
{
    static const shape shapes[] = {
        {BODY("char *p = malloc(k); memset(p, 0, k); free(p);"), "local f p"},
        {BODY("char *p; if (!(p = malloc(k))) return; p[0] = 1; free(p);"), "local f p"},
        {BODY("char *p = strdup(t); for (char *at = p; *at; at++) *at = 'x'; puts(p); free(p);"), "local f p"},
        {BODY("char *p = malloc(k), *q = p + 1; q[0] = 1; printf(\"%s\", q); free(p);"), "local f p"},
        {BODY("char *p = NULL; if (k) p = malloc(k); if (p) { snprintf(p, k, \"%d\", k); free(p); p = NULL; }"), "local f p"},
        {BODY("char *p = malloc(k); if (fread(p, 1, k, stdin) < 9) goto out; use(p[0]); out: free(p);"), "local f p"},
        {"static void fill(int *a, int n) { while (n--) *a++ = n; }\n" BODY("int *p = malloc(k * sizeof *p); fill(p, k); use(p[0]); free(p);"), "local f p"},
        {"static int sum(const struct node *n) { return n ? n->value + sum(n->next) : 0; }\n" BODY("struct node *p = calloc(1, sizeof *p); use(sum(p)); free(p);"),
         "local f p"},
        {"void say(int, const char *, ...) __attribute__((format(printf, 2, 3)));\n" BODY("char *p = strdup(t); say(1, \"%s\", p); free(p);"), "local f p"},
        {BODY("while (k--) { char *p = strdup(t); use(p[0]); free(p); }"), "local f p"},
        {BODY("char *p = malloc(8); p[0] = 1; a: if (k--) goto a; goto *(&&a); free(p);"), "local f p"},
        {BODY("char *p = ({ char *q = malloc(8); free(q); q; }); use(p[0]);"), "local f q"},
        {BODY("size_t n = sizeof(char *); char *p = malloc(n * sizeof *p); p[0] = 1; free(p); (void)p;"), "local f p"},
        /* It leaves. */
        {BODY("l->items = malloc(k); free(l->items);"), ""},
        {BODY("char *p = malloc(k); keep(p); free(p);"), ""},
        {BODY("char *p = malloc(k); keep(&p[2]); free(p);"), ""},
        {BODY("struct node *n = malloc(sizeof *n); keep(&n->name); free(n);"), ""},
        {BODY("struct node *n = malloc(sizeof *n); l->head = n; free(n);"), ""},
        {BODY("struct node *n = malloc(sizeof *n); l->head = n->next; l->items = &n->value; free(n);"), ""},
        {BODY("struct node *n = malloc(sizeof *n), *m = n; l->head = m; free(n);"), ""},
        {BODY("char *p = malloc(k); static char *last; last = p; free(p);"), ""},
        {BODY("char *p = malloc(k); static char *last = 0; last = strchr(p, 'x'); free(p);"), ""},
        {BODY("char *p = malloc(k); struct { char *at; } s = {p}; keep(&s); free(p);"), ""},
        {BODY("char *p = malloc(k); char **q = &p; keep(q); free(p);"), ""},
        {BODY("char *p = malloc(k); size_t n = (size_t)p; use((int)n); free(p);"), ""},
        {BODY("char *p = malloc(k); void (*g)(char *) = 0; g(p); free(p);"), ""},
        {BODY("char *p = malloc(k); __atomic_store_n(&t, p, 0); free(p);"), ""},
        {BODY("char *p = malloc(k); asm volatile(\"\" : : \"r\"(p) : \"memory\"); free(p);"), ""},
        {BODY("char *p = malloc(k); t = k ? p : t; keep(t); free(p);"), ""},
        {"char *g(int k);\nchar *g(int k) { char *p = malloc(k); if (k > 3) return p; free(p); return 0; }", ""},
        {"char *g(int k);\nchar *g(int k) { char *p = strdup(\"x\"), *q = ({ p; }); free(p); return q; }", ""},
        {"static char *kept;\nstatic void hold(char *p) { kept = p; }\n" BODY("char *p = malloc(k); hold(p); free(p);"), ""},
        {"static char *same(char *p) { return p; }\n" BODY("char *p = malloc(k); t = same(p); free(p);"), ""},
        {"static char *same(char *p) { return p; }\n" BODY("char *p = malloc(k), *q = same(p); keep(q); free(p);"), ""},
        {"static char *same(char *p) { return p; }\n" BODY("char *p = malloc(k), *q = same(p); use(q[0]); free(p);"), "local f p"},
        {"static void end(char *p) { free(p); }\n" BODY("char *p = malloc(k); end(p); free(p);"), ""},
        {"static void again(char *p) { if (p) again(p); keep(p); }\n" BODY("char *p = malloc(k); again(p); free(p);"), ""},
        /* What the variable holds is in doubt. */
        {BODY("char b[64], *p = b; if (k > 64) p = malloc(k); p[0] = 1; if (p != b) free(p);"), ""},
        {BODY("char *p = malloc(k); p = t; free(p);"), ""},
        {BODY("char *p = malloc(k); while (*p) p++; free(p);"), ""},
        {BODY("char *p = malloc(k); p = realloc(p, 2 * k); free(p);"), ""},
        {BODY("char *p = malloc(k); p[0] = 1;"), ""},
        {BODY("char *p = malloc((size_t)-1 / 2); free(p);"), ""},
        {"void init_all(int k);\nvoid init_all(int k) { char *p = malloc(k); free(p); }", ""},
    };
    EXPECT(shapes);
}

/* Round after round: who has the pointer longer than that? */
static void test_local_in_loops(void **state)
{
    static const shape shapes[] = {
        {BODY("char *best = 0; while (k--) { char *cur = malloc(8); if (!best || cur[0] > best[0]) best = cur; else free(cur); } use(best[0]);"), ""},
        {BODY("char *best = 0; while (k--) { char *cur = malloc(8); best = cur; free(cur); } use(best != 0);"), ""},
        {BODY("char *old = 0, *cur; while (k--) { cur = malloc(8); if (old) memcpy(cur, old, 8); free(old); old = cur; } free(old);"), ""},
        {BODY("char *p = 0; while (k--) { char *old = p; p = malloc(8); if (old) use(old[0] + p[0]); free(old); }"), ""},
        {BODY("char *at = 0; do { char *p = strdup(t); if (k > 3) at = p; use(at[0]); free(p); } while (k--);"), ""},
        {BODY("for (char *q = t; k--;) { char *p = strdup(t); use(q[0]); q = p; free(p); }"), ""},
        {BODY("char *p, *at; while (k--) { p = strdup(t); if (k == 3) goto skip; at = p; skip: use(at[0]); free(p); }"), ""},
        {BODY("char *q = 0; again: ; char *p = strdup(t); if (q) use(q[0]); q = p; if (k--) goto again; free(p);"), ""},
        {BODY("char *q; while (k--) { char *p = strdup(t); strtol(p, &q, 10); free(p); } use(q != 0);"), ""},
        {BODY("while (k--) { char *p = strdup(t), *at = p; while (*at) use(*at++); free(p); }"), "local f p"},
        {BODY("char *p, *at; while (k--) { p = strdup(t); for (at = p; *at; at++) use(*at); free(p); }"), "local f p"},
        {BODY("char *p, *at; for (; k; k--) { if (!(p = strdup(t))) continue; at = strchr(p, 'x'); if (at) use(*at); free(p); }"), "local f p"},
        {BODY("char *p; while (k--) { p = malloc(8); p[0] = 1; use(p[0]); free(p); }"), "local f p"},
        {BODY("char *p; again: p = malloc(8); use(p[0]); free(p); if (k--) goto again;"), "local f p"},
        {BODY("char *p = strdup(t), *best = 0; while (k--) { if (p[k] > 3) best = p + k; } if (best) use(*best); free(p);"), "local f p"},
    };
    EXPECT(shapes);
}

/* What libc returns or leaves elsewhere is an address inside of the object. */
static void test_addresses_inside(void **state)
{
    static const shape shapes[] = {
        {"#include <arpa/inet.h>\n" BODY("char *p = malloc(64); const char *q = inet_ntop(AF_INET, t, p, 64); keep((void *)q); free(p);"), ""},
        {"char *g(char *t);\nchar *g(char *t) { char *p = malloc(4096), *q = realpath(t, p); free(p); return q; }", ""},
        {"char *g(void);\nchar *g(void) { char *p = malloc(64); char *q = getcwd(p, 64); free(p); return q; }", ""},
        {BODY("char *p = malloc(64); t = fgets(p, 64, stdin); keep(t); free(p);"), ""},
        {BODY("char *p = malloc(64); l->head->name = strncpy(p, t, 63); free(p);"), ""},
        {BODY("char *p = malloc(64); l->head->name = stpcpy(p, t); free(p);"), ""},
        {BODY("char *p = malloc(64); l->head->name = memcpy(p + 1, t, 63); free(p);"), ""},
        {BODY("char *p = strdup(t), *end; use((int)strtol(p, &end, 10)); keep(end); free(p);"), ""},
        {BODY("char *p = strdup(t); use((int)strtol(p, &l->head->name, 10)); free(p);"), ""},
        {BODY("char *p = strdup(t), *save; strtok_r(p, \" \", &save); keep(strtok_r(NULL, \" \", &save)); free(p);"), ""},
        {BODY("char *p = strdup(t), *save; strtok_r(p, \" \", &save); keep(save); free(p);"), ""},
        {BODY("char *p = strdup(t); strtok(p, \" \"); l->head->name = strtok(NULL, \" \"); free(p);"), ""},
        {BODY("char *p = strdup(t), *at = p, *w; while ((w = strsep(&at, \" \"))) keep(w); free(p);"), ""},
        {"void other(void);\nvoid other(void) { keep(strtok(NULL, \" \")); }\n" BODY("char *p = strdup(t); strtok(p, \" \"); other(); free(p);"), ""},
        {BODY("char *p = malloc(4096); setvbuf(stdout, p, _IOFBF, 4096); free(p);"), ""},
        {BODY("char *p = strdup(t); putenv(p); free(p);"), ""},
        {BODY("char *p = malloc(64); FILE *m = fmemopen(p, 64, \"r\"); use(getc(m)); free(p);"), ""},
        {BODY("char *p = strdup(t), *end; use((int)strtol(p, &end, 10)); if (*end) use(1); free(p);"), "local f p"},
        {BODY("char *p = strdup(t); use((int)strtol(p, NULL, 10)); free(p);"), "local f p"},
        {BODY("char *p = strdup(t), *save; for (char *w = strtok_r(p, \" \", &save); w; w = strtok_r(NULL, \" \", &save)) use(*w); free(p);"), "local f p"},
        {BODY("char *p = strdup(t), *at = p, *w; while ((w = strsep(&at, \" \"))) use(*w); free(p);"), "local f p"},
        {BODY("char *p = strdup(t); for (char *w = strtok(p, \" \"); w; w = strtok(NULL, \" \")) use(*w); free(p);"), "local f p"},
        {"#include <arpa/inet.h>\n" BODY("char *p = malloc(64); inet_ntop(AF_INET, t, p, 64); puts(p); free(p);"), "local f p"},
        {BODY("char *p = malloc(64); if (getcwd(p, 64)) puts(p); free(p);"), "local f p"},
    };
    EXPECT(shapes);
}

/* Names of libc that a project has for its own, what prints, and names that only look like malloc. */
static void test_names_prove_nothing(void **state)
{
    static const shape shapes[] = {
        {"void queue_send(int, const void *);\n#define send queue_send\n" BODY("char *p = strdup(t); send(1, p); free(p);"), ""},
        {"int send(struct list *, const void *, int);\n" BODY("char *p = strdup(t); send(l, p, 1); free(p);"), ""},
        {"static char *last;\nstatic void index_of(char *p) { last = p; }\n" BODY("char *p = strdup(t); index_of(p); free(p);"), ""},
        {"static char *last;\nstatic int link_(char *p) { last = p; return 0; }\n" BODY("char *p = strdup(t); link_(p); free(p);"), ""},
        {"char *rindex(const char *, int);\n" BODY("char *p = strdup(t); use(rindex(p, 1) != 0); free(p);"), "local f p"}, /* string.h declares it first */
        {"void say(int, const char *, ...);\n" BODY("char *p = strdup(t); say(1, \"x\", p); free(p);"), ""},
        {"void set(struct list *, const char *, ...);\n" BODY("char *p = strdup(t); set(l, \"name\", p); free(p);"), ""},
        {"#include <stdarg.h>\nstatic const char *kept;\nstatic void say(const char *f, ...) { va_list a; va_start(a, f); kept = va_arg(a, char *); va_end(a); }\n" BODY(
             "char *p = strdup(t); say(\"x\", p); free(p);"),
         ""},
        {"#include <stdarg.h>\nstatic void say(const char *f, ...) { va_list a; va_start(a, f); vfprintf(stderr, f, a); va_end(a); }\n" BODY(
             "char *p = strdup(t); say(\"%s\", p); free(p);"),
         "local f p"},
        {"#define PRINTS __attribute__((format(printf, 1, 2)))\nvoid say(const char *, ...) PRINTS;\nvoid say(const char *, ...);\n" BODY("char *p = strdup(t); say(\"%s\", p); free(p);"), "local f p"},
        {BODY("char *p = zmalloc(8); use(p[0]); zfree(p);"), ""},
        {"void *chan_alloc(int id);\nvoid chan_free(void *);\n" BODY("char *p = chan_alloc(k); use(p[0]); chan_free(p);"), ""},
        {"struct c { struct c *next; } *all;\nvoid *chan_alloc(int id) { struct c *c = malloc(sizeof *c + id); c->next = all; all = c; return c; }\nvoid chan_free(void *c) { all = 0; free(c); }\n" BODY(
             "char *p = chan_alloc(k); use(p[0]); chan_free(p);"),
         ""},
        {"void *sodium_malloc(size_t n);\nvoid sodium_free(void *);\n" BODY("char *p = sodium_malloc(8); use(p[0]); sodium_free(p);"), ""},
        {"void *kmalloc(size_t n, unsigned flags);\nvoid kfree(const void *);\n" BODY("char *p = kmalloc(8, 3); use(p[0]); kfree(p);"), ""},
        {"void *zmalloc(size_t n) { void *p = malloc(n); if (!p) exit(1); return p; }\nvoid zfree(void *p) { free(p); }\n" BODY("char *p = zmalloc(8); use(p[0]); zfree(p);"), "local f p"},
        {"void *xmalloc(size_t n) { return malloc(n ? n : 1); }\n" BODY("char *p = xmalloc(8); use(p[0]); free(p);"), "local f p"},
        {"void zfree(void *p);\n" BODY("char *p = malloc(8); use(p[0]); zfree(p);"), ""},
    };
    EXPECT(shapes);
}

/* C that goes another way than its text says, and memory that is used as more than it is declared to be. */
static void test_local_is_proved(void **state)
{
    static const shape shapes[] = {
        {"#include <setjmp.h>\n" BODY("jmp_buf j; char *p = malloc(8); if (!setjmp(j)) use(p[0]); free(p);"), ""},
        {BODY("char *volatile p = malloc(8); use(p[0]); free(p);"), ""},
        {BODY("volatile char *p = malloc(8); use(p[0]); free((void *)p);"), ""},
        {"#include <pthread.h>\nvoid *run(void *);\n" BODY("char *p = malloc(8); pthread_t id; pthread_create(&id, 0, run, p); free(p);"), ""},
        {"struct job { char *text; };\nvoid push(struct job *);\n" BODY("struct job j; j.text = malloc(8); char *p = malloc(8); j.text = p; push(&j); free(p);"), ""},
        {BODY("char *p = malloc(64); struct node *n = (struct node *)p; use(n->value); free(p);"), ""},
        {BODY("void *p = malloc(64); struct node *n = p; use(n->value); free(p);"), ""},
        {"static int value(void *p) { struct node *n = p; return n->value; }\n" BODY("char *p = malloc(64); use(value(p)); free(p);"), ""},
        {"static int value(void *p) { struct node *n = p; return n->value; }\n" BODY("struct node *p = malloc(sizeof *p); use(value(p)); free(p);"), "local f p"},
        {BODY("struct node *p = malloc(sizeof *p); memset((char *)p, 0, sizeof *p); use(p->value); free(p);"), "local f p"},
        {BODY("char *p = malloc(8), *q = k ? p : t; free(q);"), ""},
        {BODY("char *p = malloc(8); free(k ? p : t);"), ""},
        {BODY("char *p = malloc(8), *q = p; if (k) q = t; free(q);"), ""},
        {BODY("char *p = malloc(8), *q = p; use(q[0]); free(q);"), "local f p"},
        {"#define PLACE(n) (&(n)->name)\n" BODY("struct node *n = malloc(sizeof *n); keep(PLACE(n)); free(n);"), ""},
        {BODY("void *p = 0; while (!p) { p = malloc(k); k /= 2; } free(p); use(k);"), ""},
        {BODY("char *p = malloc(k); if (!p) use(1); free(p);"), ""},
        {"__attribute__((weak)) void look(char *p) { use(p[0]); }\n" BODY("char *p = malloc(8); look(p); free(p);"), ""},
        {"void look(char *p) { use(p[0]); }\n" BODY("char *p = malloc(8); look(p); free(p);"), "local f p"},
        {"static void freep(void *p) { free(*(void **)p); }\n" BODY("__attribute__((cleanup(freep))) char *p = malloc(8); use(p[0]);"), "local f p"},
        {"#define AUTO __attribute__((cleanup(freep)))\nstatic void freep(char **p) { if (*p) free(*p); }\n" BODY("AUTO char *p = strdup(t); use(p[0]);"), "local f p"},
        {"static void keepp(char **p) { keep(*p); }\n" BODY("__attribute__((cleanup(keepp))) char *p = malloc(8); use(p[0]); free(p);"), ""},
        {"void endp(char **p);\n" BODY("__attribute__((cleanup(endp))) char *p = malloc(8); use(p[0]);"), ""},
        {"static void freep(char **p) { free(*p); }\n" BODY("char *p = malloc(8); __attribute__((cleanup(freep))) char *q = k ? p : t; use(q[0]);"), ""},
        {"void swapcontext_(void);\nvoid coro_yield(void);\nvoid turn(void) { coro_yield(); }\n" BODY("char *p = malloc(8); use(p[0]); free(p);"), ""},
        {"char *gets_line(char *t);\nchar *gets_line(char *t) { char *p = strdup(t), *q[2]; q[0] = p; free(p); return q[0]; }", ""},
    };
    EXPECT(shapes);
}

/* A function that calls itself gets no array of its own for it. */
static void test_recursion_is_told(void **state)
{
    static const struct {
        const char *code;
        bool is_recursive;
    } cases[] = {
        {HEAD BODY("char *p = malloc(512); use(p[0]); free(p);"), false},
        {HEAD "void f(int k);\nvoid f(int k) { char *p = malloc(512); use(p[0]); if (k) f(k - 1); free(p); }\n", true},
        {HEAD "void f(int k);\nstatic void g(int k) { f(k); }\nvoid f(int k) { char *p = malloc(512); use(p[0]); while (k--) g(k); free(p); }\n", true},
    };
    parse_bench *b = *state;
    b->reads_census = true;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ul_census *census;
        ul_allocations rows;
        ul_advice *advice;
        parse_clean(b, cases[i].code);
        ul_census_merge(&census, &b->result, 1, &b->names, &b->arena);
        ul_allocations_merge(&rows, &b->result, 1, &b->arena);
        assert_int_equal(ul_allocations_judge(&advice, NULL, &rows, census, &b->arena), 1);
        assert_int_equal(advice[0].is_recursive, cases[i].is_recursive);
    }
}

#define TAKE_NODE "void add(struct list *l);\nvoid add(struct list *l) { struct node *n = malloc(sizeof *n); n->next = l->head; l->head = n; }\n"

static void test_pools_and_arenas(void **state)
{
    static const shape shapes[] = {
        {TAKE_NODE "void del(struct list *l);\nvoid del(struct list *l) { struct node *n = l->head; l->head = n->next; free(n); }", "pool add n"},
        {TAKE_NODE "void clear(struct list *l);\nvoid clear(struct list *l) { while (l->head) { struct node *n = l->head; l->head = n->next; free(n); } }", "arena add n"},
        {TAKE_NODE "void clear(struct list *l);\nvoid clear(struct list *l) { struct node *n = l->head, *m; for (; n; n = m) { m = n->next; free(n); } }", "arena add n"},
        /* Both: what goes alone decides. */
        {TAKE_NODE "void del(struct list *l);\nvoid del(struct list *l) { struct node *n = l->head; l->head = n->next; free(n); }\n"
                   "void clear(struct list *l);\nvoid clear(struct list *l) { while (l->head) { struct node *n = l->head; l->head = n->next; free(n); } }",
         "pool add n"},
        /* A function that frees, called while there is work; and one that nobody calls then. */
        {TAKE_NODE "static void node_free(struct node *n) { free(n); }\nvoid del(struct list *l);\nvoid del(struct list *l) { struct node *n = l->head; l->head = n->next; node_free(n); }",
         "pool add n"},
        {TAKE_NODE "void node_free(struct node *n);\nvoid node_free(struct node *n) { free(n); }", ""},
        /* Some are left, some are freed on a condition, some come otherwise. */
        {TAKE_NODE "void sweep(struct list *l);\nvoid sweep(struct list *l) { struct node *n = l->head, *m; for (; n; n = m) { m = n->next; if (n->value) free(n); } }", "pool add n"},
        {TAKE_NODE "void destroy_list(struct list *l);\nvoid destroy_list(struct list *l) { struct node *n = l->head, *m; for (; n; n = m) { m = n->next; if (n->value) free(n); } }", ""},
        {TAKE_NODE "void add_named(struct list *l, size_t k);\nvoid add_named(struct list *l, size_t k) { struct node *n = malloc(sizeof *n + k); n->next = l->head; l->head = n; }\n"
                   "void del(struct list *l);\nvoid del(struct list *l) { struct node *n = l->head; l->head = n->next; free(n); }",
         ""},
        /* No nodes of anything. */
        {"struct one { struct one *owner; int x; };\nvoid keep_one(struct one *);\nvoid add(int x);\nvoid add(int x) { struct one *o = malloc(sizeof *o); o->x = x; keep_one(o); }\n"
         "void del(struct one *o);\nvoid del(struct one *o) { free(o); }",
         ""},
        /* Set up once. */
        {"void init_list(struct list *l);\nvoid init_list(struct list *l) { struct node *n = malloc(sizeof *n); n->next = 0; l->head = n; }\n"
         "void del(struct list *l);\nvoid del(struct list *l) { struct node *n = l->head; l->head = n->next; free(n); }",
         ""},
    };
    EXPECT(shapes);
}

/* A pool's object must not reach free(): what is done to nodes that come and go besides. */
#define GO "void del(struct list *l);\nvoid del(struct list *l) { struct node *n = l->head; l->head = n->next; free(n); }\n"
#define MAIN "int main(void) { return 0; }\n"

static void test_pools_are_proven(void **state)
{
    static const shape shapes[] = {
        {TAKE_NODE GO, "pool add n"},
        {TAKE_NODE GO MAIN, "pool add n"},
        /* Where other code can free it. */
        {TAKE_NODE GO "struct node *pop(struct list *l);\nstruct node *pop(struct list *l) { struct node *n = l->head; l->head = n->next; return n; }", ""},
        {TAKE_NODE GO "struct node *pop(struct list *l);\nstruct node *pop(struct list *l) { struct node *n = l->head; l->head = n->next; return n; }\n" MAIN, "pool add n"},
        {TAKE_NODE GO "static struct node *pop(struct list *l) { struct node *n = l->head; l->head = n->next; return n; }\nint top(struct list *l);\nint top(struct list *l) { return "
                      "pop(l)->value; }",
         "pool add n"},
        {TAKE_NODE GO "void see(struct list *l, void (*look)(struct node *));\nvoid see(struct list *l, void (*look)(struct node *)) { look(l->head); }", ""},
        {TAKE_NODE GO "void see(struct list *l, void (*look)(const struct node *));\nvoid see(struct list *l, void (*look)(const struct node *)) { look(l->head); }", "pool add n"},
        {TAKE_NODE GO "void eat(struct node *);\nvoid see(struct list *l);\nvoid see(struct list *l) { eat(l->head); }\n" MAIN, ""},
        {TAKE_NODE GO "void eat_all(struct node **);\nvoid see(struct list *l);\nvoid see(struct list *l) { eat_all(&l->head); }\n" MAIN, ""},
        {TAKE_NODE GO "struct node *made(void);\nvoid see(struct list *l);\nvoid see(struct list *l) { l->head = made(); }\n" MAIN, ""},
        {TAKE_NODE GO "void eat(struct node *n) { n->value = 1; }\nvoid see(struct list *l);\nvoid see(struct list *l) { eat(l->head); }\n" MAIN, "pool add n"},
        /* Taken in one function and given back in another, and as nothing is seen of it in a third. */
        {"struct node *node_new(void);\nstruct node *node_new(void) { return malloc(sizeof(struct node)); }\nvoid node_free(struct node *n);\nvoid node_free(struct node *n) { free(n); }\n"
         "void work(int k);\nvoid work(int k) { while (k--) { struct node *n = node_new(); n->value = k; node_free(n); } }\n" MAIN,
         "pool node_new "},
        {TAKE_NODE GO "struct node *node_new(size_t k);\nstruct node *node_new(size_t k) { return malloc(sizeof(struct node) + k); }\n" MAIN, ""},
        /* Where its type is lost. */
        {TAKE_NODE GO "static void drop(void *p) { free(p); }\nvoid see(struct list *l);\nvoid see(struct list *l) { drop(l->head); }\n" MAIN, ""},
        {TAKE_NODE GO "struct box { void *it; };\nvoid see(struct list *l, struct box *b);\nvoid see(struct list *l, struct box *b) { b->it = l->head; }\n" MAIN, ""},
        {TAKE_NODE GO "void see(struct list *l, struct list **b);\nvoid see(struct list *l, struct list **b) { *b = (struct list *)l->head; }\n" MAIN, ""},
        {TAKE_NODE GO "size_t see(struct list *l);\nsize_t see(struct list *l) { return (size_t)l->head; }\n" MAIN, ""},
        {TAKE_NODE GO "void see(struct list *l);\nvoid see(struct list *l) { void *p = malloc(sizeof(struct node)); l->head = p; }\n" MAIN, ""},
        {TAKE_NODE GO "void *of_my_own(size_t size);\nvoid see(struct list *l);\nvoid see(struct list *l) { l->head = of_my_own(sizeof *l->head); }\n" MAIN, ""},
        {TAKE_NODE GO "void see(struct list *l, char *at);\nvoid see(struct list *l, char *at) { l->head = (struct node *)at; }\n" MAIN, ""},
        /* What is known to keep nothing. */
        {TAKE_NODE GO "void see(struct list *l);\nvoid see(struct list *l) { memset(l->head, 0, sizeof *l->head); if ((void *)l->head == (void *)l) use(1); (void)l->head; }", "pool add n"},
        {TAKE_NODE GO "void see(struct list *l, int *v);\nvoid see(struct list *l, int *v) { l->head = (struct node *)((char *)v - __builtin_offsetof(struct node, value)); }", "pool add n"},
    };
    EXPECT(shapes);
}

#define CLEAR "void clear(struct list *l);\nvoid clear(struct list *l) { while (l->head) { struct node *n = l->head; l->head = n->next; free(n); } }\n"
#define WALK(type, from) "void clear(" type ");\nvoid clear(" type ") { struct node *n = " from ", *m; for (; n; n = m) { m = n->next; free(n); } }\n"

/* An arena ends with all that is in it: lists that are cut, spliced, kept twice, or left before their end. */
static void test_arenas_are_proven(void **state)
{
    static const shape shapes[] = {
        {TAKE_NODE CLEAR, "arena add n"},
        {TAKE_NODE WALK("struct list *l", "l->head"), "arena add n"},
        {TAKE_NODE "static void drop(struct node *n) { while (n) { struct node *m = n->next; free(n); n = m; } }\nvoid clear(struct list *l);\nvoid clear(struct list *l) { "
                   "drop(l->head); l->head = 0; }",
         "arena add n"},
        {TAKE_NODE "static void drop(struct node **all) { struct node *n = *all, *m; for (; n; n = m) { m = n->next; free(n); } }\nvoid clear(struct list *l);\nvoid clear(struct list "
                   "*l) { drop(&l->head); l->head = 0; }",
         "arena add n"},
        /* From a mark. */
        {TAKE_NODE WALK("struct list *l", "l->head->next"), ""},
        {TAKE_NODE "void cut(struct list *l);\nvoid cut(struct list *l) { struct node *k = l->head, *n = k->next, *m; k->next = 0; for (; n; n = m) { m = n->next; free(n); } }", ""},
        {TAKE_NODE "void cut(struct list *l);\nvoid cut(struct list *l) { struct node *n = l->head, *m; while (n->value) n = n->next; for (; n; n = m) { m = n->next; free(n); } }", ""},
        {TAKE_NODE "static void drop(struct node *n) { while (n) { struct node *m = n->next; free(n); n = m; } }\nvoid cut(struct list *l);\nvoid cut(struct list *l) { "
                   "drop(l->head->next); l->head->next = 0; }",
         ""},
        {TAKE_NODE "static void drop(struct node **all) { struct node *n = *all, *m; for (; n; n = m) { m = n->next; free(n); } }\nvoid cut(struct list *l);\nvoid cut(struct list *l) "
                   "{ drop(&l->head->next); }",
         ""},
        /* To somewhere. */
        {TAKE_NODE "void cut(struct list *l, struct node *to);\nvoid cut(struct list *l, struct node *to) { struct node *n = l->head, *m; for (; n != to; n = m) { m = n->next; free(n); } "
                   "l->head = to; }",
         ""},
        {TAKE_NODE "void cut(struct list *l, int k);\nvoid cut(struct list *l, int k) { while (l->head && k--) { struct node *n = l->head; l->head = n->next; free(n); } }", ""},
        /* From one list to another. */
        {TAKE_NODE CLEAR "void splice(struct list *a, struct list *b);\nvoid splice(struct list *a, struct list *b) { a->head = b->head; b->head = 0; }", ""},
        {TAKE_NODE CLEAR "void give(struct list *a, struct list *b);\nvoid give(struct list *a, struct list *b) { struct node *n = a->head; a->head = n->next; n->next = b->head; b->head = n; }", ""},
        {TAKE_NODE CLEAR "static void put(struct list *l, struct node *n) { n->next = l->head; l->head = n; }\nvoid give(struct list *a, struct list *b);\nvoid give(struct list *a, struct "
                         "list *b) { struct node *n = a->head; a->head = n->next; put(b, n); }",
         ""},
        {TAKE_NODE CLEAR "static struct node *pop(struct list *l) { struct node *n = l->head; l->head = n->next; return n; }\nvoid give(struct list *a, struct list *b);\nvoid give(struct "
                         "list *a, struct list *b) { b->head = pop(a); }",
         ""},
        {TAKE_NODE CLEAR "void turn(struct list *a, struct list *b);\nvoid turn(struct list *a, struct list *b) { struct list t = *a; *a = *b; *b = t; }", ""},
        {TAKE_NODE CLEAR "void turn(struct list *a, struct list *b);\nvoid turn(struct list *a, struct list *b) { memcpy(a, b, sizeof *a); }", ""},
        {TAKE_NODE CLEAR "struct other { struct node *all; };\nvoid lend(struct list *l, struct other *o);\nvoid lend(struct list *l, struct other *o) { o->all = l->head; }", ""},
        {TAKE_NODE CLEAR "static struct node *kept;\nvoid lend(struct list *l);\nvoid lend(struct list *l) { kept = l->head; }", ""},
        /* Within one list they may move. */
        {TAKE_NODE CLEAR "void back(struct list *l);\nvoid back(struct list *l) { struct node *done = 0, *n = l->head, *m; for (; n; n = m) { m = n->next; n->next = done; done = n; } l->head "
                         "= done; }",
         "arena add n"},
        /* More is done in the loop: that stays. */
        {TAKE_NODE "int close(int);\nvoid clear(struct list *l);\nvoid clear(struct list *l) { while (l->head) { struct node *n = l->head; l->head = n->next; close(n->value); free(n->name); "
                   "free(n); } }",
         "arena add n"},
    };
    EXPECT(shapes);
}

#define PAIR "struct pair { char *a, *b, *c; int x; };\nvoid keep_pair(struct pair *);\nint main(void) { return 0; }\n"
#define CLOSE_PAIR "void close_pair(struct pair *p);\nvoid close_pair(struct pair *p) { free(p->a); free(p->b); free(p->c); free(p); }\n"
#define TAKE_PAIR                                                                                                                                                   \
    "struct pair *open_pair(int k);\nstruct pair *open_pair(int k) { struct pair *p = malloc(sizeof *p); p->a = malloc(k); p->b = calloc(1, k); p->c = malloc(8); if (!p->b) { free(p->a); free(p->c); free(p); " \
    "return 0; } return p; }\n"

static void test_owners(void **state)
{
    static const shape shapes[] = {
        {PAIR TAKE_PAIR "void close_pair(struct pair *p);\nvoid close_pair(struct pair *p) { free(p->a); free(p->b); free(p->c); free(p); }", "arena open_pair p"},
        {PAIR TAKE_PAIR "void close_pair(struct pair *p);\nvoid close_pair(struct pair *p) { free(p->a); free(p->b); free(p->c); free(p); }\n"
                        "void swap_pair(struct pair *p, char *t);\nvoid swap_pair(struct pair *p, char *t) { free(p->a); p->a = t; }",
         ""},
        {PAIR TAKE_PAIR "void close_pair(struct pair *p);\nvoid close_pair(struct pair *p) { free(p->a); free(p->b); free(p->c); free(p); }\n"
                        "void swap_pair(struct pair *p, char *t);\nvoid swap_pair(struct pair *p, char *t) { p->b = t; }",
         ""},
        {PAIR TAKE_PAIR "void close_pair(struct pair *p);\nvoid close_pair(struct pair *p) { free(p->a); free(p->b); free(p->c); free(p); }\n"
                        "void grow_pair(struct pair *p);\nvoid grow_pair(struct pair *p) { p->b = realloc(p->b, 100); }",
         ""},
        /* Members and owners that part. */
        {PAIR TAKE_PAIR CLOSE_PAIR "void turn(struct pair *p, struct pair *q);\nvoid turn(struct pair *p, struct pair *q) { struct pair t = *p; *p = *q; *q = t; }", ""},
        {PAIR TAKE_PAIR CLOSE_PAIR "void turn(struct pair *p, struct pair *q);\nvoid turn(struct pair *p, struct pair *q) { memcpy(p, q, sizeof *p); }", ""},
        {PAIR TAKE_PAIR "void close_pair(struct pair *p);\nvoid close_pair(struct pair *p) { struct pair q = *p; free(p); free(q.a); free(q.b); free(q.c); }", ""},
        {PAIR TAKE_PAIR "void close_pair(struct pair *p);\nvoid close_pair(struct pair *p) { if (p->x) free(p->a); free(p->b); free(p->c); free(p); }", ""},
        {PAIR TAKE_PAIR "void close_pair(struct pair *p);\nvoid close_pair(struct pair *p) { if (--p->x) return; if (p->a) free(p->a); if (p->b != NULL) free(p->b); free(p->c); free(p); }",
         "arena open_pair p"},
        {PAIR TAKE_PAIR CLOSE_PAIR "void join(struct pair *p, struct pair *q);\nvoid join(struct pair *p, struct pair *q) { free(p->a); p->a = q->a; free(q->b); free(q->c); free(q); }", ""},
        {PAIR TAKE_PAIR CLOSE_PAIR "void show(struct pair *p);\nvoid see(void);\nvoid see(void) { show(open_pair(3)); }", ""},
        {PAIR TAKE_PAIR "void close_pair(struct pair *p);\nvoid close_pair(struct pair *p) { free(p->a); free(p->b); free(p); }", ""},
        {PAIR TAKE_PAIR "char *take_pair(struct pair *p);\nchar *take_pair(struct pair *p) { char *a = p->a; free(p->b); free(p); return a; }", ""},
    };
    EXPECT(shapes);
}

#define READ "struct stat s; FILE *in = fopen(t, \"r\"); fstat(fileno(in), &s); "

static void test_streams(void **state)
{
    static const shape shapes[] = {
        {BODY(READ "char *p = malloc(s.st_size + 1); fread(p, 1, s.st_size, in); for (k = 0; k < s.st_size; k++) use(p[k]); free(p);"), "stream f p"},
        {BODY("FILE *in = fopen(t, \"r\"); fseek(in, 0, SEEK_END); long n = ftell(in); rewind(in); char *p = malloc(n + 1); fread(p, 1, n, in); p[n] = 0; "
              "for (char *at = p; *at; at++) use(*at); free(p);"),
         "stream f p"},
        {BODY(READ "char *p = malloc(s.st_size + 1); read(0, p, s.st_size); for (char *w = strtok(p, \" \"); w; w = strtok(0, \" \")) use(w[0]); free(p);"), "stream f p"},
        {BODY(READ "char *p = malloc(s.st_size); fread(p, 1, s.st_size, in); fwrite(p, 1, s.st_size, stdout); free(p);"), "stream f p"},
        {BODY(READ "char *p = malloc(s.st_size + 1), *at, *end; size_t n = fread(p, 1, s.st_size, in); fclose(in); end = p + n; for (at = p; at < end; at++) use(*at); free(p);"), "stream f p"},
        {BODY(READ "char *p = malloc(s.st_size + 1); fread(p, 1, s.st_size, in); char *at = p; while (*at == ' ') at++; while (*at) use(*at++); free(p);"), "stream f p"},
        {"static long size_of(FILE *in) { fseek(in, 0, SEEK_END); long n = ftell(in); rewind(in); return n; }\n" BODY(
             "FILE *in = fopen(t, \"r\"); long n = size_of(in); char *p = malloc(n); fread(p, 1, n, in); for (k = 0; k < n; k++) use(p[k]); free(p);"),
         "stream f p"},
        {"static void copy(int in, int out) { struct stat s; fstat(in, &s); char *p = malloc(s.st_size); size_t got = 0; while (got < s.st_size) { ssize_t n = read(in, p + got, s.st_size - got); "
         "if (n <= 0) break; got += n; } write(out, p, got); free(p); }\n" BODY("while (k--) copy(k, k + 1);"),
         "stream copy p"},
        /* Twice, here and there, kept, or not the size of a file. */
        {BODY(READ "char *p = malloc(s.st_size); fread(p, 1, s.st_size, in); for (k = 0; k < 9; k++) use(p[k]);\nfor (k = 0; k < 9; k++) use(p[k]); free(p);"), "local f p"},
        {BODY(READ "char *p = malloc(s.st_size); fread(p, 1, s.st_size, in); use(p[0]); for (k = 0; k < 9; k++) use(p[k]); free(p);"), "local f p"},
        {BODY(READ "char *p = malloc(s.st_size); fread(p, 1, s.st_size, in); keep(p); for (k = 0; k < 9; k++) use(p[k]); free(p);"), ""},
        {BODY("char *p = malloc(k); read(0, p, k); for (int i = 0; i < k; i++) use(p[i]); free(p);"), "local f p"},
        /* Back and forth. */
        {BODY(READ "char *p = malloc(s.st_size); fread(p, 1, s.st_size, in); int lo = 0, hi = s.st_size; while (lo < hi) { int mid = (lo + hi) / 2; if (p[mid] < k) lo = mid + 1; else hi = mid; } free(p);"),
         "local f p"},
        {BODY(READ "char *p = malloc(s.st_size); fread(p, 1, s.st_size, in); for (k = s.st_size; k--;) use(p[k]); free(p);"), "local f p"},
        {BODY(READ "char *p = malloc(s.st_size); fread(p, 1, s.st_size, in); for (k = 0; k < 9; k++) use(p[9 - k]); free(p);"), "local f p"},
        {BODY(READ "char *p = malloc(s.st_size); fread(p, 1, s.st_size, in); char *at = p + s.st_size; while (at > p) use(*--at); free(p);"), ""},
        {BODY(READ "char *p = malloc(s.st_size); fread(p, 1, s.st_size, in); for (k = 0; k < 9; k++) for (int i = 0; i < 9; i++) use(p[i] == p[k]); free(p);"), "local f p"},
        {BODY(READ "char *p = malloc(s.st_size); fread(p, 1, s.st_size, in); for (int i = 0; i < 9; i++) for (k = 0; k < 9; k++) use(p[k]); free(p);"), "local f p"},
        {BODY(READ "unsigned char *p = malloc(s.st_size); fread(p, 1, s.st_size, in); for (k = 0; k < 9; k++) use(p[l->items[k]]); free(p);"), "local f p"},
        {BODY(READ "unsigned char *p = malloc(s.st_size); fread(p, 1, s.st_size, in); for (k = 0; k < 9;) k = p[k]; free(p);"), "local f p"},
        {BODY(READ "char *p = malloc(s.st_size); fread(p, 1, s.st_size, in); for (k = 0; k < 9; k++) { use(p[k]); if (p[k] == 'x') k -= 2; } free(p);"), "local f p"},
        {BODY(READ "char *p = malloc(s.st_size); fread(p, 1, s.st_size, in); again: for (k = 0; k < 9; k++) use(p[k]); if (use(0)) goto again; free(p);"), "local f p"},
        {BODY(READ "char *p = malloc(s.st_size); fread(p, 1, s.st_size, in); for (char *at = p; *at; at++) if (*at == 'x') at = p; free(p);"), "local f p"},
        {BODY(READ "char *p = malloc(s.st_size); fread(p, 1, s.st_size, in); int i = 0; for (k = 0; k < 9; k++) if (p[k] != 'x') p[i++] = p[k]; free(p);"), "local f p"},
        {BODY(READ "char *p = malloc(s.st_size); fread(p, 1, s.st_size, in); char *first = strtok(p, \" \"), *next; while ((next = strtok(0, \" \"))) use(*next == *first); free(p);"), "local f p"},
        /* The file is written again. */
        {BODY(READ "char *p = malloc(s.st_size); fread(p, 1, s.st_size, in); fclose(in); in = fopen(t, \"w\"); fwrite(p, 1, s.st_size, in); free(p);"), "local f p"},
        {BODY(READ "char *p = malloc(s.st_size); fread(p, 1, s.st_size, in); fclose(in); FILE *out = fopen(t, \"w\"); for (k = 0; k < 9; k++) putc(p[k], out); free(p);"), "local f p"},
        {BODY("FILE *in = fopen(t, \"r+\"); fseek(in, 0, SEEK_END); long n = ftell(in); rewind(in); char *p = malloc(n); fread(p, 1, n, in); rewind(in); for (k = 0; k < n; k++) putc(p[k], in); free(p);"),
         "local f p"},
        {"void save(const char *, int);\n" BODY(READ "char *p = malloc(s.st_size); fread(p, 1, s.st_size, in); for (k = 0; k < 9; k++) save(t, p[k]); free(p);"), "local f p"},
    };
    EXPECT(shapes);
}

#define CACHE                                                                                                                                                  \
    "static struct node *cache[16];\nint cached(int k);\nint cached(int k) { for (struct node *n = cache[k & 15]; n; n = n->next) { if (n->value == k) return k; } " \
    "struct node *n = malloc(sizeof *n); n->value = k; n->next = cache[k & 15]; cache[k & 15] = n; return k; }\nint main(void) { while (cached(1)) ; return 0; }\n"

static void test_caches(void **state)
{
    static const shape shapes[] = {
        {CACHE, "cache cached n"},
        /* One for each slot, a bound, a count, an entry that goes, another that is added without looking. */
        {"static struct node *cache[16];\nint cached(int k);\nint cached(int k) { struct node *n = cache[k & 15]; if (n && n->value == k) return k; n = malloc(sizeof *n); n->value = k; "
         "n->next = 0; cache[k & 15] = n; return k; }\nint main(void) { while (cached(1)) ; return 0; }\n",
         ""},
        {"static struct node *cache[16];\nstatic int count;\nint cached(int k);\nint cached(int k) { for (struct node *n = cache[k & 15]; n; n = n->next) { if (n->value == k) return k; } if "
         "(count > 99) return k; struct node *n = malloc(sizeof *n); count++; n->value = k; n->next = cache[k & 15]; cache[k & 15] = n; return k; }\n"
         "int main(void) { while (cached(1)) ; return 0; }\n",
         ""},
        {"static struct node *cache[16];\nint cached(int k);\nint cached(int k) { struct node *n = malloc(sizeof *n); n->value = k; n->next = cache[k & 15]; cache[k & 15] = n; return k; }\n"
         "int main(void) { while (cached(1)) ; return 0; }\n",
         ""},
        {CACHE "void trim(int k);\nvoid trim(int k) { cache[k] = cache[k]->next; }", ""},
        {CACHE "void trim(struct node *n);\nvoid trim(struct node *n) { n->next = 0; }", ""},
        {CACHE "static void drop(void *p) { free(p); }\nvoid trim(int k);\nvoid trim(int k) { drop(cache[k]); }", ""},
        {CACHE "void trim(void);\nvoid trim(void) { struct node *n = cache[0]; cache[0] = n->next; free(n); }", "pool cached n"},
        {CACHE "void drop(void);\nvoid drop(void) { while (cache[0]) { struct node *n = cache[0]; cache[0] = n->next; free(n); } }", ""}, /* of one bucket */
        {"static struct node *table[16];\nvoid put(int k);\nvoid put(int k) { struct node *n = malloc(sizeof *n); n->next = table[k & 15]; table[k & 15] = n; }\nint main(void) { for (;;) "
         "put(1); }\n",
         ""},
    };
    EXPECT(shapes);
}

/* What is hardly C, or C that goes far: nothing is said, nothing breaks. */
static void test_hostile_bodies(void **state)
{
    parse_bench *b = *state;
    static const char *const bodies[] = {
        "void f(void) { realloc(; }\n",
        "void f(struct nowhere *p) { p->items = realloc(p->items, sizeof(int) * (p->n + 1)); p->n++; }\n",
        "void f(void) { int n; n = realloc(n, sizeof(int) * (n + 1)); n++; }\n",
        "void *realloc(void *, unsigned long);\nvoid f(void) { realloc(0, sizeof(undeclared) * (1 + 1)); }\n",
        "void *malloc(unsigned long);\nvoid f(void) { char *p = malloc(-1); p = p; free(p, p, p); }\n",
        "void *malloc();\nvoid free();\nvoid f() { char *p = malloc(); free(); free(p); malloc(p); }\n",
        "void *malloc(unsigned long);\nvoid free(void *);\nvoid f(void) { char *p = malloc(8); keep(unknown, p); free(p); }\n",
        "void *malloc(unsigned long);\nvoid free(void *);\nvoid f(void) { char *p = malloc(8); x.y = p; free(p); }\n",
        "void *malloc(unsigned long);\nvoid free(void *);\nvoid f(void) { char *p = malloc(8); keep(p); free(p); }\n",
        "void free(void *);\nvoid f(void) { free((void *)0); free(\"\"); free(f); free((free)(0)); }\n",
        "int malloc(int);\nvoid f(void) { int p = malloc(malloc(malloc(1))); }\n",
        "// ullage: ignore[alloc-pattern",
        "/* ullage: ignore[alloc-pattern] */",
    };
    b->reads_census = true;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        parse_put(b, "a.c", bodies[i]);
        assert_int_equal(parse_read(b, "a.c")->outcome, UL_UNIT_READ);
        assert_string_equal(told(b, &b->result, 1), "");
    }
    ul_strbuf text;
    ul_strbuf_init(&text);
    ul_strbuf_puts(&text, "void *malloc(unsigned long);\nvoid free(void *);\nint f(void) { char *p = malloc(8); int x = ");
    ul_strbuf_fill(&text, '(', 200);
    ul_strbuf_puts(&text, "*p");
    ul_strbuf_fill(&text, ')', 200);
    ul_strbuf_puts(&text, "; ");
    ul_strbuf_fill(&text, '{', 240);
    ul_strbuf_puts(&text, "free(p);");
    ul_strbuf_fill(&text, '}', 240);
    ul_strbuf_puts(&text, " return x; }\n");
    parse_put_bytes(b, "a.c", text.data, text.length);
    ul_strbuf_free(&text);
    assert_int_equal(parse_read(b, "a.c")->outcome, UL_UNIT_READ);
    told(b, &b->result, 1);
}

/* A header's function is met in each unit that includes it, and counts once; the order of units decides nothing. */
static void test_merging(void **state)
{
    parse_bench *b = *state;
    static const char *const names[] = {"a.c", "b.c"}, *const turned[] = {"b.c", "a.c"};
    ul_unit_result one[2], two[2];
    parse_put(b, "h.h", HEAD "static inline void grow(struct list *l) { l->items = realloc(l->items, sizeof(int) * (l->n + 1)); l->n++; }\n");
    parse_put(b, "a.c", "#include \"h.h\"\nvoid a(struct list *l);\nvoid a(struct list *l) { grow(l); }\n");
    parse_put(b, "b.c", "#include \"h.h\"\nvoid b(struct list *l);\nvoid b(struct list *l) { grow(l); l->items = realloc(l->items, sizeof(int) * ++l->n); }\n");
    b->reads_census = true;
    parse_read_all(b, one, names, 2, 1);
    parse_read_all(b, two, turned, 2, 2);
    assert_string_equal(told(b, one, 2), "growth b l->items; growth grow l->items");
    assert_string_equal(told(b, two, 2), "growth b l->items; growth grow l->items");
}

/* Functions that take and free: what is looked at and the memory that it takes, for each of them. */
static void cost_of(double *looked_each, double *bytes_each, parse_bench *b, uint32_t count)
{
    ul_strbuf text;
    ul_census *census;
    ul_allocations rows;
    ul_advice *advice;
    uint64_t looked;
    ul_strbuf_init(&text);
    ul_strbuf_puts(&text, HEAD);
    for (uint32_t i = 0; i < count; i++)
        ul_strbuf_printf(&text,
                         "struct n%u { struct n%u *next; char *a, *b, *c; };\n"
                         "void add%u(struct n%u **all);\nvoid add%u(struct n%u **all) { char *t = malloc(9); t[0] = 1; free(t); struct node *o = malloc(sizeof *o); keep(o); "
                         "struct n%u *n = malloc(sizeof *n); n->a = malloc(4); n->b = malloc(5); n->c = malloc(6); n->next = *all; *all = n; }\n"
                         "void del%u(struct n%u **all);\nvoid del%u(struct n%u **all) { struct n%u *n = *all; *all = n->next; free(n->a); free(n->b); free(n->c); free(n); }\n",
                         i, i, i, i, i, i, i, i, i, i, i, i);
    parse_put_bytes(b, "a.c", text.data, text.length);
    ul_strbuf_free(&text);
    b->reads_census = true;
    assert_int_equal(parse_read(b, "a.c")->outcome, UL_UNIT_READ);
    ul_census_merge(&census, &b->result, 1, &b->names, &b->arena);
    ul_allocations_merge(&rows, &b->result, 1, &b->arena);
    assert_int_equal(rows.count, 6 * count);
    size_t before = ul_arena_used_bytes(&b->arena);
    assert_true(ul_allocations_judge(&advice, &looked, &rows, census, &b->arena) >= count);
    *looked_each = (double)looked / count;
    *bytes_each = (double)(ul_arena_used_bytes(&b->arena) - before) / count;
}

/* Four times as many functions cost four times as much: no list is gone through for each of its own rows. */
static void test_cost_grows_with_the_rows(void **state)
{
    double looked[2], bytes[2];
    cost_of(&looked[0], &bytes[0], *state, 50);
    cost_of(&looked[1], &bytes[1], *state, 200);
    if (looked[1] > 1.5 * looked[0] || bytes[1] > 1.5 * bytes[0])
        fail_msg("a function costs %.1f rows and %.0f bytes among 50, %.1f and %.0f among 200", looked[0], bytes[0], looked[1], bytes[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_growth, parse_set_up, parse_tear_down),
        cmocka_unit_test_setup_teardown(test_local, parse_set_up, parse_tear_down),
        cmocka_unit_test_setup_teardown(test_local_in_loops, parse_set_up, parse_tear_down),
        cmocka_unit_test_setup_teardown(test_addresses_inside, parse_set_up, parse_tear_down),
        cmocka_unit_test_setup_teardown(test_names_prove_nothing, parse_set_up, parse_tear_down),
        cmocka_unit_test_setup_teardown(test_local_is_proved, parse_set_up, parse_tear_down),
        cmocka_unit_test_setup_teardown(test_recursion_is_told, parse_set_up, parse_tear_down),
        cmocka_unit_test_setup_teardown(test_pools_and_arenas, parse_set_up, parse_tear_down),
        cmocka_unit_test_setup_teardown(test_pools_are_proven, parse_set_up, parse_tear_down),
        cmocka_unit_test_setup_teardown(test_arenas_are_proven, parse_set_up, parse_tear_down),
        cmocka_unit_test_setup_teardown(test_owners, parse_set_up, parse_tear_down),
        cmocka_unit_test_setup_teardown(test_streams, parse_set_up, parse_tear_down),
        cmocka_unit_test_setup_teardown(test_caches, parse_set_up, parse_tear_down),
        cmocka_unit_test_setup_teardown(test_hostile_bodies, parse_set_up, parse_tear_down),
        cmocka_unit_test_setup_teardown(test_merging, parse_set_up, parse_tear_down),
        cmocka_unit_test_setup_teardown(test_cost_grows_with_the_rows, parse_set_up, parse_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

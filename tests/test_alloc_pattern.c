/*
 * The rule alloc-pattern: what bodies tell of allocations, what is judged of it over several units, and hostile bodies. Pools, arenas,
 * streams and caches: test_alloc_pools.c.
 */
#include "tests/alloc_bench.h"

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
        {"size_t malloc_usable_size(void *); static size_t used; void *counted_alloc(size_t n); void *counted_alloc(size_t n) { void *p = malloc(n); used += malloc_usable_size(p); return p; }\n"
         "int f(int k); int f(int k) { int *t = counted_alloc(k * sizeof *t); t[0] = k; k = use(t[0]); free(t); return k; }",
         "local f t"},
        {"size_t malloc_usable_size(void *); size_t f(int k); size_t f(int k) { int *t = malloc(k * sizeof *t); size_t n = malloc_usable_size(t); free(t); return n; }", ""},
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
        cmocka_unit_test_setup_teardown(test_hostile_bodies, parse_set_up, parse_tear_down),
        cmocka_unit_test_setup_teardown(test_merging, parse_set_up, parse_tear_down),
        cmocka_unit_test_setup_teardown(test_cost_grows_with_the_rows, parse_set_up, parse_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

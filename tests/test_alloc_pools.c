/*
 * The rule alloc-pattern: pools, arenas and their owners, streams and caches.
 */
#include "tests/alloc_bench.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_pools_and_arenas, parse_set_up, parse_tear_down),
        cmocka_unit_test_setup_teardown(test_pools_are_proven, parse_set_up, parse_tear_down),
        cmocka_unit_test_setup_teardown(test_arenas_are_proven, parse_set_up, parse_tear_down),
        cmocka_unit_test_setup_teardown(test_owners, parse_set_up, parse_tear_down),
        cmocka_unit_test_setup_teardown(test_streams, parse_set_up, parse_tear_down),
        cmocka_unit_test_setup_teardown(test_caches, parse_set_up, parse_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

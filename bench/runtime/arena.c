/*
 * usage: bench_arena KIND CASE BYTES ROUNDS
 *
 * KIND: arena (ours), bump (one array and an index: the limit), chain (20 lines of chained blocks), apr
 * (apr_palloc), talloc (talloc_pool), obstack, mi_heap (mi_heap_destroy), malloc (whatever is preloaded, free
 * of each). CASE: req (10,000 objects, then reset; a thousand times) or big (ten million, a million at 1 KiB;
 * then reset). The first word of every object is written; the reset is in the time.
 */
#include <dlfcn.h>
#include <obstack.h>

#include <apr-1.0/apr_pools.h>
#include <talloc.h>

#include "bench/runtime/bench.h"

#include "ullage/arena.h"

#define obstack_chunk_alloc malloc
#define obstack_chunk_free free

enum { REQUEST = 10000, REQUESTS = 300 };

#define WRITE(object) (*(volatile uint64_t *)(object) = i)

/* ---- the limits -----------------------------------------------------------------------------------------
 */

typedef struct bump {
    char *at, *end, *start;
} bump;

static void *bump_take(bump *b, size_t bytes)
{
    bytes = (bytes + 7) & ~(size_t)7;
    if (__builtin_expect((size_t)(b->end - b->at) < bytes, 0))
        return NULL;
    void *object = b->at;
    b->at += bytes;
    return object;
}

typedef struct chain {
    char *at, *end;
    struct block {
        struct block *next;
        size_t bytes;
    } * first, *now;
} chain;

static __attribute__((noinline)) void *chain_more(chain *c, size_t bytes)
{
    struct block *next = c->now ? c->now->next : c->first;
    if (!next) {
        size_t size = (size_t)1 << 20;
        next = malloc(size);
        if (!next)
            abort();
        *next = (struct block){NULL, size};
        *(c->now ? &c->now->next : &c->first) = next;
    }
    c->now = next;
    c->at = (char *)(next + 1) + bytes;
    c->end = (char *)next + next->bytes;
    return next + 1;
}

static void *chain_take(chain *c, size_t bytes)
{
    bytes = (bytes + 7) & ~(size_t)7;
    if (__builtin_expect((size_t)(c->end - c->at) < bytes, 0))
        return chain_more(c, bytes);
    void *object = c->at;
    c->at += bytes;
    return object;
}

/* ---- the cases ------------------------------------------------------------------------------------------
 */

static void **kept;

/* BYTES is a constant in each instance, as sizeof is. */
#define LOOP(BYTES, TAKE, RESET)                                                                             \
    for (size_t round = 0; round < times; round++) {                                                         \
        for (size_t i = 0; i < count; i++) {                                                                 \
            const size_t bytes = BYTES;                                                                      \
            void *object = TAKE;                                                                             \
            WRITE(object);                                                                                   \
        }                                                                                                    \
        RESET;                                                                                               \
    }
#define RUN(TAKE, RESET)                                                                                     \
    do {                                                                                                     \
        switch (size) {                                                                                      \
        case 16:                                                                                             \
            LOOP(16, TAKE, RESET) break;                                                                     \
        case 64:                                                                                             \
            LOOP(64, TAKE, RESET) break;                                                                     \
        case 200:                                                                                            \
            LOOP(200, TAKE, RESET) break;                                                                    \
        default:                                                                                             \
            LOOP(1024, TAKE, RESET) break;                                                                   \
        }                                                                                                    \
    } while (0)

typedef struct kinds {
    ul_arena arena;
    bump bump;
    chain chain;
    apr_pool_t *apr;
    void *talloc;
    struct obstack obstack;
    void *obstack_start;
    void *(*mi_new)(void), *mi_heap;
    void *(*mi_take)(void *, size_t);
    void (*mi_destroy)(void *);
} kinds;

static void open_mimalloc(kinds *k)
{
    void *library = dlopen("libmimalloc.so.2.0", RTLD_NOW | RTLD_LOCAL);
    if (!library)
        exit(3);
    *(void **)&k->mi_new = dlsym(library, "mi_heap_new");
    *(void **)&k->mi_take = dlsym(library, "mi_heap_malloc");
    *(void **)&k->mi_destroy = dlsym(library, "mi_heap_destroy");
    k->mi_heap = k->mi_new();
}

static void open_kind(kinds *k, const char *kind, size_t count, size_t size)
{
    ul_arena_init(&k->arena, NULL);
    if (strcmp(kind, "bump") == 0) {
        k->bump.start = k->bump.at = malloc(count * (size + 16));
        k->bump.end = k->bump.start + count * (size + 16);
    } else if (strcmp(kind, "apr") == 0) {
        apr_initialize();
        apr_pool_create(&k->apr, NULL);
    } else if (strcmp(kind, "talloc") == 0) {
        k->talloc = talloc_pool(NULL, count * (size + 128));
    } else if (strcmp(kind, "obstack") == 0) {
        obstack_begin(&k->obstack, 65536);
        k->obstack_start = obstack_alloc(&k->obstack, 1);
    } else if (strcmp(kind, "mi_heap") == 0) {
        open_mimalloc(k);
    } else if (strcmp(kind, "malloc") == 0) {
        kept = malloc(count * sizeof *kept);
    }
}

static void free_kept(size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(kept[i]);
}

static double run(kinds *k, const char *kind, size_t times, size_t count, size_t size)
{
    double from = bench_now();
    if (strcmp(kind, "arena") == 0)
        RUN(ul_arena_take(&k->arena, bytes, 8), ul_arena_reset(&k->arena));
    else if (strcmp(kind, "bump") == 0)
        RUN(bump_take(&k->bump, bytes), k->bump.at = k->bump.start);
    else if (strcmp(kind, "chain") == 0)
        RUN(chain_take(&k->chain, bytes), (k->chain.now = NULL, k->chain.at = k->chain.end = NULL));
    else if (strcmp(kind, "apr") == 0)
        RUN(apr_palloc(k->apr, bytes), apr_pool_clear(k->apr));
    else if (strcmp(kind, "talloc") == 0)
        RUN(talloc_size(k->talloc, bytes), talloc_free_children(k->talloc));
    else if (strcmp(kind, "obstack") == 0)
        RUN(obstack_alloc(&k->obstack, bytes),
            (obstack_free(&k->obstack, k->obstack_start), k->obstack_start = obstack_alloc(&k->obstack, 1)));
    else if (strcmp(kind, "mi_heap") == 0)
        RUN(k->mi_take(k->mi_heap, bytes), (k->mi_destroy(k->mi_heap), k->mi_heap = k->mi_new()));
    else
        RUN(kept[i] = malloc(bytes), free_kept(count));
    return (bench_now() - from) / (double)(times * count);
}

int main(int count, char **words)
{
    if (count != 5)
        return 2;
    bool is_big = strcmp(words[2], "big") == 0;
    size_t size = strtoul(words[3], NULL, 10), rounds = strtoul(words[4], NULL, 10);
    size_t objects = !is_big ? REQUEST : size == 1024 ? 1000000 : 10000000;
    static kinds k;
    open_kind(&k, words[1], objects, size);
    run(&k, words[1], 1, objects, size); /* page faults */
    for (size_t round = 0; round < rounds; round++)
        printf("%.4f\n", run(&k, words[1], is_big ? 1 : REQUESTS, objects, size));
    return 0;
}

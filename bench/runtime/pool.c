/*
 * usage: bench_pool KIND CASE BYTES ROUNDS
 *
 * One object's life under KIND: pool (ours), shared (ours, for threads), malloc (whatever is preloaded),
 * stack (an array of free pointers over one array of objects: the limit), list (a free list through the
 * objects, inline: the other limit). CASE: pair (get, put), order, reverse, random (a million live, put so),
 * churn (random replace). The first word is written.
 * For the memory: fill (a million, every byte written, and no more) and none.
 */
#include "bench/runtime/bench.h"

#include "ullage/pool.h"
#include "ullage/shared_pool.h"

enum { LIVE = 1000000, PAIRS = 4000000 };

static void *objects[LIVE];
static uint32_t order[LIVE];
static uint32_t victims[LIVE];

/* ---- the limits -----------------------------------------------------------------------------------------
 */

typedef struct stack {
    void **top, **bottom, **end;
} stack;

static void *stack_get(stack *s)
{
    return s->top == s->bottom ? NULL : *--s->top;
}

static void stack_put(stack *s, void *object)
{
    if (s->top != s->end)
        *s->top++ = object;
}

static void stack_init(stack *s, size_t bytes)
{
    char *all = aligned_alloc(4096, (LIVE * bytes + 4095) / 4096 * 4096);
    s->bottom = malloc(LIVE * sizeof(void *));
    if (!all || !s->bottom)
        abort();
    s->top = s->end = s->bottom + LIVE;
    for (size_t i = 0; i < LIVE; i++)
        s->bottom[LIVE - 1 - i] = all + i * bytes;
}

typedef struct list {
    void *head;
} list;

static void list_refill(list *l, size_t bytes)
{
    char *slab = malloc(256 * bytes);
    if (!slab)
        abort();
    for (size_t i = 256; i-- > 0;) {
        *(void **)(slab + i * bytes) = l->head;
        l->head = slab + i * bytes;
    }
}

static size_t list_bytes;

static void *list_get(list *l)
{
    if (__builtin_expect(!l->head, 0))
        list_refill(l, list_bytes);
    void *object = l->head;
    l->head = *(void **)object;
    return object;
}

static void list_put(list *l, void *object)
{
    *(void **)object = l->head;
    l->head = object;
}

/* ---- the cases ------------------------------------------------------------------------------------------
 */

#define WRITE(object) (*(volatile uint64_t *)(object) = i)

#define CASES(kind, state_type, GET, PUT)                                                                    \
    static double kind##_pair(state_type *state)                                                             \
    {                                                                                                        \
        double from = bench_now();                                                                           \
        for (uint32_t i = 0; i < PAIRS; i++) {                                                               \
            void *object = GET;                                                                              \
            WRITE(object);                                                                                   \
            BENCH_CALL(object);                                                                              \
            PUT(object);                                                                                     \
        }                                                                                                    \
        return (bench_now() - from) / PAIRS;                                                                 \
    }                                                                                                        \
    static void kind##_fill(state_type *state)                                                               \
    {                                                                                                        \
        for (uint32_t i = 0; i < LIVE; i++) {                                                                \
            objects[i] = GET;                                                                                \
            WRITE(objects[i]);                                                                               \
        }                                                                                                    \
    }                                                                                                        \
    static double kind##_order(state_type *state)                                                            \
    {                                                                                                        \
        double from = bench_now();                                                                           \
        kind##_fill(state);                                                                                  \
        for (uint32_t i = 0; i < LIVE; i++)                                                                  \
            PUT(objects[i]);                                                                                 \
        return (bench_now() - from) / LIVE;                                                                  \
    }                                                                                                        \
    static double kind##_reverse(state_type *state)                                                          \
    {                                                                                                        \
        double from = bench_now();                                                                           \
        kind##_fill(state);                                                                                  \
        for (uint32_t i = LIVE; i-- > 0;)                                                                    \
            PUT(objects[i]);                                                                                 \
        return (bench_now() - from) / LIVE;                                                                  \
    }                                                                                                        \
    static double kind##_random(state_type *state)                                                           \
    {                                                                                                        \
        double from = bench_now();                                                                           \
        kind##_fill(state);                                                                                  \
        for (uint32_t i = 0; i < LIVE; i++)                                                                  \
            PUT(objects[order[i]]);                                                                          \
        return (bench_now() - from) / LIVE;                                                                  \
    }                                                                                                        \
    static double kind##_churn(state_type *state)                                                            \
    {                                                                                                        \
        if (!objects[0])                                                                                     \
            kind##_fill(state);                                                                              \
        double from = bench_now();                                                                           \
        for (uint32_t i = 0; i < LIVE; i++) {                                                                \
            PUT(objects[victims[i]]);                                                                        \
            objects[victims[i]] = GET;                                                                       \
            WRITE(objects[victims[i]]);                                                                      \
        }                                                                                                    \
        return (bench_now() - from) / LIVE;                                                                  \
    }                                                                                                        \
    static double kind##_run(const char *name, state_type *state, size_t bytes)                              \
    {                                                                                                        \
        if (strcmp(name, "fill") == 0) {                                                                     \
            kind##_fill(state);                                                                              \
            for (uint32_t i = 0; i < LIVE; i++)                                                              \
                memset(objects[i], 1, bytes);                                                                \
        }                                                                                                    \
        if (strcmp(name, "fill") == 0 || strcmp(name, "none") == 0)                                          \
            return 0;                                                                                        \
        return strcmp(name, "pair") == 0      ? kind##_pair(state)                                           \
               : strcmp(name, "order") == 0   ? kind##_order(state)                                          \
               : strcmp(name, "reverse") == 0 ? kind##_reverse(state)                                        \
               : strcmp(name, "random") == 0  ? kind##_random(state)                                         \
                                              : kind##_churn(state);                                          \
    }

#define POOL_PUT(object) ul_pool_put(state, object)
#define SHARED_PUT(object) ul_shared_pool_put(*state, object)
#define STACK_PUT(object) stack_put(state, object)
#define LIST_PUT(object) list_put(state, object)
#define MALLOC_PUT(object) free(object)
CASES(pool, ul_pool, ul_pool_get(state), POOL_PUT)
CASES(shared, ul_shared_pool *, ul_shared_pool_get(*state), SHARED_PUT)
CASES(stack, stack, stack_get(state), STACK_PUT)
CASES(list, list, list_get(state), LIST_PUT)
CASES(plain, size_t, malloc(*state), MALLOC_PUT)

static void shuffle(uint32_t *of, uint64_t seed)
{
    for (uint32_t i = 0; i < LIVE; i++)
        of[i] = i;
    for (uint32_t i = LIVE - 1; i > 0; i--) {
        uint32_t with = bench_random(&seed) % (i + 1), kept = of[i];
        of[i] = of[with];
        of[with] = kept;
    }
}

int main(int count, char **words)
{
    if (count != 5)
        return 2;
    const char *kind = words[1], *name = words[2];
    size_t bytes = strtoul(words[3], NULL, 10);
    unsigned rounds = (unsigned)strtoul(words[4], NULL, 10);
    shuffle(order, 1);
    uint64_t chance = 7;
    for (uint32_t i = 0; i < LIVE; i++)
        victims[i] = bench_random(&chance) % LIVE;
    ul_pool pool;
    ul_pool_options options = {.size_bytes = bytes, .align_bytes = bytes % 16 ? 8 : 16};
    ul_pool_init(&pool, &options);
    ul_shared_pool *shared = NULL;
    if (strcmp(kind, "shared") == 0 && ul_shared_pool_new(&shared, &options) != UL_OK)
        return 1;
    stack s = {0};
    if (strcmp(kind, "stack") == 0)
        stack_init(&s, bytes);
    list l = {0};
    list_bytes = bytes;
    BENCH_CALL(&s); /* their state is in memory, as that of an allocator is */
    BENCH_CALL(&l);
    memset(objects, 1, sizeof objects); /* its pages are not the allocator's */
    objects[0] = NULL;
    for (unsigned round = 0; round <= rounds; round++) {
        double ns = strcmp(kind, "pool") == 0     ? pool_run(name, &pool, bytes)
                    : strcmp(kind, "shared") == 0 ? shared_run(name, &shared, bytes)
                    : strcmp(kind, "stack") == 0  ? stack_run(name, &s, bytes)
                    : strcmp(kind, "list") == 0   ? list_run(name, &l, bytes)
                                                  : plain_run(name, &bytes, bytes);
        if (round) /* the first takes the page faults */
            printf("%.4f\n", ns);
    }
    return 0;
}

/*
 * usage: bench_threads KIND BYTES ROUNDS
 *
 * One thread gets and writes objects, another reads and puts them; a ring of 8,192 pointers lies between.
 * KIND: ring (one array of objects, nothing allocated: the limit), shared (ours), malloc (whatever is
 * preloaded). Nanoseconds on the clock for each object, then of processor time of both threads.
 */
#include <pthread.h>

#include "bench/runtime/bench.h"

#include "ullage/line.h"
#include "ullage/shared_pool.h"

enum { RING = 8192, BATCH = 64, HANDED = 1000000 };
_Static_assert(HANDED % BATCH == 0, "the last batch is whole");

static struct {
    UL_LINE uint32_t written;
    UL_LINE uint32_t read;
    UL_LINE uint64_t *slots[RING];
} ring;
static ul_shared_pool *pool;
static const char *kind;
static size_t size;
static char *array;

static void wait_a_little(uint32_t *tries)
{
    if (++*tries < 64)
        ul_spin_pause_();
    else /* on a machine that is busy, yielding would burn the time that is to be measured */
        nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
}

static void *consume(void *sum_of)
{
    uint64_t sum = 0;
    bool is_shared = strcmp(kind, "shared") == 0, is_malloc = strcmp(kind, "malloc") == 0;
    for (uint32_t i = 0; i < HANDED;) {
        uint32_t written, tries = 0;
        while ((written = __atomic_load_n(&ring.written, __ATOMIC_ACQUIRE)) == i)
            wait_a_little(&tries);
        for (; i != written; i++) {
            uint64_t *object = ring.slots[i % RING];
            sum += *object;
            if (is_shared)
                ul_shared_pool_put(pool, object);
            else if (is_malloc)
                free(object);
        }
        __atomic_store_n(&ring.read, i, __ATOMIC_RELEASE);
    }
    *(uint64_t *)sum_of = sum;
    return NULL;
}

static void produce(void)
{
    bool is_shared = strcmp(kind, "shared") == 0, is_malloc = strcmp(kind, "malloc") == 0;
    uint32_t read = 0; /* as last seen: the counters would otherwise cost more than what is measured */
    for (uint32_t i = 0; i < HANDED; i++) {
        uint32_t tries = 0;
        while (i - read == RING && i - (read = __atomic_load_n(&ring.read, __ATOMIC_ACQUIRE)) == RING)
            wait_a_little(&tries);
        uint64_t *object = is_shared   ? ul_shared_pool_get(pool)
                           : is_malloc ? malloc(size)
                                       : (uint64_t *)(void *)(array + i % RING * size);
        *object = i;
        ring.slots[i % RING] = object;
        if (i % BATCH == BATCH - 1)
            __atomic_store_n(&ring.written, i + 1, __ATOMIC_RELEASE);
    }
}

static double wall_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

int main(int count, char **words)
{
    if (count != 4)
        return 2;
    kind = words[1];
    size = strtoul(words[2], NULL, 10);
    array = aligned_alloc(4096, RING * size);
    if (ul_shared_pool_new(
            &pool, &(ul_pool_options){.size_bytes = size, .align_bytes = size % 16 ? 8 : 16}) != UL_OK)
        return 1;
    for (unsigned long round = 0, rounds = strtoul(words[3], NULL, 10); round <= rounds; round++) {
        ring.written = ring.read = 0;
        pthread_t consumer;
        uint64_t sum;
        double wall = wall_now(), cpu = bench_now();
        if (pthread_create(&consumer, NULL, consume, &sum) != 0)
            return 1;
        produce();
        pthread_join(consumer, NULL);
        if (round)
            printf("%.4f %.4f\n", (wall_now() - wall) / HANDED, (bench_now() - cpu) / HANDED);
    }
    return 0;
}

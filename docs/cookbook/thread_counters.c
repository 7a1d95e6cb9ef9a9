/*
 * Padding between threads' counters: counters of different threads on one line make the line travel at every
 * add. Before: an array of numbers, one for each thread. After: ul_line_counter, a line for each; or one
 * ul_sharded_counter for all. The difference shows where threads run at once; processor time counts both
 * cores.
 */
#include <pthread.h>

#include <ullage/line.h>

#include "cook.h"

enum { THREADS = 2, ADDS = 3000000 };

static uint64_t packed[THREADS]; /* neighbours */
static ul_line_counter padded[THREADS];
static ul_sharded_counter sharded;

static void *add_packed(void *number)
{
    for (unsigned i = 0; i < ADDS; i++)
        __atomic_fetch_add(&packed[(uintptr_t)number], 1, __ATOMIC_RELAXED);
    return NULL;
}

static void *add_padded(void *number)
{
    for (unsigned i = 0; i < ADDS; i++)
        ul_line_counter_add(&padded[(uintptr_t)number], 1);
    return NULL;
}

static void *add_sharded(void *number)
{
    (void)number;
    for (unsigned i = 0; i < ADDS; i++)
        ul_sharded_counter_add(&sharded, 1);
    return NULL;
}

static void in_threads(void *(*run)(void *))
{
    pthread_t threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++)
        COOK_CHECK(pthread_create(&threads[i], NULL, run, (void *)i) == 0);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

static void before(void)
{
    in_threads(add_packed);
}

static void after(void)
{
    in_threads(add_padded);
}

static void after_sharded(void)
{
    in_threads(add_sharded);
}

int main(void)
{
    double packed_ns = cook_time(before, THREADS * ADDS);
    cook_show("an add, a line for each", packed_ns, cook_time(after, THREADS * ADDS), "ns");
    cook_show("an add, one sharded counter", packed_ns, cook_time(after_sharded, THREADS * ADDS), "ns");
    COOK_CHECK(packed[0] == 5u * ADDS && ul_line_counter_read(&padded[1]) == 5u * ADDS);
    COOK_CHECK(ul_sharded_counter_read(&sharded) == 5u * THREADS * ADDS);
    return 0;
}

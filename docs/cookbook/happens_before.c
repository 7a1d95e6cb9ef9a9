/*
 * Happens-before: an object goes from thread to thread, and its contents with it. Before: a free list under a
 * mutex, which orders everything and makes every thread wait. After: a shared pool; what a thread wrote
 * before its put happens before the next get of that object, and only full magazines are exchanged. `reset`
 * runs in put, before anyone can get it.
 */
#include <pthread.h>

#include <ullage/shared_pool.h>

#include "cook.h"

enum { THREADS = 2, ROUNDS = 500000 };

typedef struct job {
    struct job *next;
    uint64_t owner, twice; /* twice is always 2 * owner: a job seen half-written would show */
} job;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static job *free_jobs;
static ul_shared_pool *pool;

static void use(job *j, uint64_t number)
{
    COOK_CHECK(j->twice == 2 * j->owner);
    j->owner = number;
    j->twice = 2 * number;
}

static void *run_locked(void *number)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&lock);
        job *j = free_jobs;
        if (j)
            free_jobs = j->next;
        pthread_mutex_unlock(&lock);
        if (!j)
            j = calloc(1, sizeof *j);
        COOK_CHECK(j);
        use(j, (uintptr_t)number + i);
        pthread_mutex_lock(&lock);
        j->next = free_jobs;
        free_jobs = j;
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

static void *run_pooled(void *number)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        job *j = ul_shared_pool_get(pool);
        COOK_CHECK(j);
        use(j, (uintptr_t)number + i);
        ul_shared_pool_put(pool, j);
    }
    return NULL;
}

static void in_threads(void *(*run)(void *))
{
    pthread_t threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++)
        COOK_CHECK(pthread_create(&threads[i], NULL, run, (void *)(i * 1000)) == 0);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

static void before(void)
{
    in_threads(run_locked);
}

static void after(void)
{
    in_threads(run_pooled);
}

int main(void)
{
    COOK_CHECK(ul_shared_pool_new(
                   &pool, &(ul_pool_options){.name = "job", .size_bytes = sizeof(job), .align_bytes = 8}) ==
               UL_OK);
    cook_show("a job's round", cook_time(before, THREADS * ROUNDS), cook_time(after, THREADS * ROUNDS), "ns");
    ul_shared_pool_free(pool);
    while (free_jobs) {
        job *next = free_jobs->next;
        free(free_jobs);
        free_jobs = next;
    }
    return 0;
}

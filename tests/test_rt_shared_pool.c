/*
 * The pool that threads share: hand-over between threads, eight threads at once (also under ThreadSanitizer:
 * preset tsan), bounds, thread exit with full fronts, fork, ageing, faults.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/rt_faults.h"
#include "ullage/line.h"
#include "ullage/shared_pool.h"

static ul_shared_pool *new_pool(const ul_pool_options *options)
{
    ul_shared_pool *pool;
    assert_int_equal(ul_shared_pool_new(&pool, options), UL_OK);
    assert_non_null(pool);
    return pool;
}

static size_t live_count(ul_shared_pool *pool)
{
    ul_pool_stats stats;
    ul_shared_pool_stats_read(pool, &stats);
    return stats.live_count;
}

static void test_one_thread(void **state)
{
    (void)state;
    enum { COUNT = 20000 };
    static uint64_t *objects[COUNT];
    ul_shared_pool *pool = new_pool(&(ul_pool_options){.size_bytes = 48});
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < COUNT; i++) {
            objects[i] = ul_shared_pool_get(pool);
            assert_non_null(objects[i]);
            objects[i][0] = objects[i][5] = i;
        }
        assert_int_equal(live_count(pool), COUNT);
        for (unsigned i = 0; i < COUNT; i++)
            assert_true(objects[i][0] == i && objects[i][5] == i);
        for (unsigned i = 0; i < COUNT; i++)
            ul_shared_pool_put(pool, objects[i * 7919u % COUNT]);
        assert_int_equal(live_count(pool), 0);
    }
    size_t freed = 0;
    for (unsigned i = 0; i < 4; i++)
        freed += ul_shared_pool_tick(pool); /* what the front holds stays */
    freed += ul_shared_pool_trim(pool);
    ul_pool_stats stats;
    ul_shared_pool_stats_read(pool, &stats);
    assert_true(stats.resident_bytes == 0 || freed == 0); /* all went, unless each was a twin */
    ul_shared_pool_free(pool);
    ul_shared_pool_free(NULL);
}

static void test_impossible(void **state)
{
    (void)state;
    ul_shared_pool *pool;
    assert_int_equal(ul_shared_pool_new(&pool, &(ul_pool_options){.size_bytes = 0}), UL_ERR_USAGE);
    assert_int_equal(ul_shared_pool_new(&pool, &(ul_pool_options){.size_bytes = 8, .has_handles = true}),
                     UL_ERR_USAGE);
    assert_int_equal(ul_shared_pool_new(&pool, &(ul_pool_options){.size_bytes = SIZE_MAX - 7}), UL_ERR_LIMIT);
    assert_int_equal(ul_shared_pool_new(&pool, &(ul_pool_options){.size_bytes = 8, .align_bytes = 12}),
                     UL_ERR_LIMIT);
    assert_null(pool);
    static ul_shared_pool *many[300]; /* more than a thread's first table has room for */
    for (unsigned i = 0; i < 300; i++) {
        many[i] = new_pool(&(ul_pool_options){.size_bytes = 8});
        ul_shared_pool_put(many[i], ul_shared_pool_get(many[i]));
    }
    for (unsigned i = 0; i < 300; i++)
        ul_shared_pool_free(many[i * 7 % 300]);
}

/* ---- two threads: one gets, the other puts --------------------------------------------------------------
 */

enum { RING = 1024, HANDED = 200000 };

typedef struct ring {
    ul_shared_pool *pool;
    UL_LINE uint32_t written;
    UL_LINE uint32_t read;
    UL_LINE uint64_t *slots[RING];
} ring;

static void *consume(void *argument)
{
    ring *r = argument;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < HANDED; i++) {
        while (__atomic_load_n(&r->written, __ATOMIC_ACQUIRE) == i)
            sched_yield();
        uint64_t *object = r->slots[i % RING];
        sum += object[0] == i;
        __atomic_store_n(&r->read, i + 1, __ATOMIC_RELEASE);
        ul_shared_pool_put(r->pool, object);
    }
    return (void *)(uintptr_t)sum;
}

static void test_hand_over(void **state)
{
    (void)state;
    static ring r;
    memset(&r, 0, sizeof r);
    r.pool = new_pool(&(ul_pool_options){.size_bytes = 64, .on_lines = true});
    pthread_t consumer;
    assert_int_equal(pthread_create(&consumer, NULL, consume, &r), 0);
    for (uint32_t i = 0; i < HANDED; i++) {
        while (i - __atomic_load_n(&r.read, __ATOMIC_ACQUIRE) == RING)
            sched_yield();
        uint64_t *object = ul_shared_pool_get(r.pool);
        assert_non_null(object);
        object[0] = i;
        r.slots[i % RING] = object;
        __atomic_store_n(&r.written, i + 1, __ATOMIC_RELEASE);
    }
    void *sum;
    assert_int_equal(pthread_join(consumer, &sum), 0);
    assert_int_equal((uintptr_t)sum, HANDED);
    assert_int_equal(live_count(r.pool), 0); /* the consumer's front was flushed when it ended */
    ul_pool_stats stats;
    ul_shared_pool_stats_read(r.pool, &stats);
    assert_true(stats.peak_count < 20000); /* objects went round, they did not pile up */
    ul_shared_pool_free(r.pool);
}

/* ---- eight threads --------------------------------------------------------------------------------------
 */

enum { THREADS = 8, SHELF = 512 };

typedef struct stress {
    ul_shared_pool *pool;
    UL_LINE uint64_t *shelf[SHELF]; /* objects change hands here */
    uint32_t failures;
    uint32_t steps;
} stress;

typedef struct worker {
    stress *all;
    uint64_t chance;
} worker;

/* An object belongs to the thread that exchanged it off the shelf; its words must agree, whoever wrote them.
 */
static void *work(void *argument)
{
    worker *w = argument;
    stress *all = w->all;
    uint64_t *own[64] = {0};
    for (uint32_t step = 0; step < all->steps; step++) {
        uint32_t chance = rt_random(&w->chance);
        uint64_t **slot = chance % 3 ? &own[chance / 8 % 64] : NULL;
        uint64_t *object = slot && *slot ? *slot : ul_shared_pool_get(all->pool);
        if (!object)
            continue;
        if (slot && *slot) {
            if (object[0] != object[3])
                __atomic_fetch_add(&all->failures, 1, __ATOMIC_RELAXED);
            *slot = NULL;
        } else {
            object[0] = object[3] = chance;
            if (slot) {
                *slot = object;
                continue;
            }
        }
        object = __atomic_exchange_n(&all->shelf[chance / 1024 % SHELF], object, __ATOMIC_ACQ_REL);
        if (object) {
            if (object[0] != object[3])
                __atomic_fetch_add(&all->failures, 1, __ATOMIC_RELAXED);
            object[0] = ~object[3];
            ul_shared_pool_put(all->pool, object);
        }
    }
    for (uint32_t i = 0; i < 64; i++) {
        if (own[i])
            ul_shared_pool_put(all->pool, own[i]);
    }
    return NULL;
}

static void run_stress(const char *mode, size_t limit, uint32_t steps)
{
    static stress all;
    memset(&all, 0, sizeof all);
    ul_debug_set_mode(mode);
    all.pool = new_pool(&(ul_pool_options){.size_bytes = 40, .limit_objects = limit});
    all.steps = steps;
    for (unsigned round = 0; round < 2; round++) { /* threads end with full fronts, others begin */
        pthread_t threads[THREADS];
        worker workers[THREADS];
        for (uint32_t i = 0; i < THREADS; i++) {
            workers[i] = (worker){&all, rt_seed() + i + round * 100};
            assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
        }
        for (unsigned i = 0; i < 20; i++) {
            ul_shared_pool_tick(all.pool);
            usleep(1000);
        }
        for (uint32_t i = 0; i < THREADS; i++)
            assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(all.failures, 0);
    size_t on_shelf = 0;
    for (uint32_t i = 0; i < SHELF; i++)
        on_shelf += all.shelf[i] != NULL;
    assert_int_equal(live_count(all.pool), on_shelf);
    if (limit)
        assert_true(on_shelf <= limit);
    for (uint32_t i = 0; i < SHELF; i++) {
        if (all.shelf[i])
            ul_shared_pool_put(all.pool, all.shelf[i]);
    }
    assert_int_equal(live_count(all.pool), 0);
    ul_shared_pool_free(all.pool);
    ul_debug_set_mode(NULL);
}

static void test_stress(void **state)
{
    (void)state;
    run_stress("fast", 0, rt_steps(150000)); /* times 16 */
    run_stress("fast", 300, rt_steps(20000));
    run_stress("watch", 0, rt_steps(10000));
    run_stress("twin", 0, rt_steps(5000));
}

/* ---- bound, exit, fork ----------------------------------------------------------------------------------
 */

static void *get_all(void *argument)
{
    ul_shared_pool *pool = argument;
    uintptr_t got = 0;
    for (; ul_shared_pool_get(pool); got++) {
    }
    return (void *)got;
}

static void test_bound(void **state)
{
    (void)state;
    ul_shared_pool *pool = new_pool(&(ul_pool_options){.size_bytes = 32, .limit_objects = 32});
    void *first = ul_shared_pool_get(pool), *got;
    pthread_t other;
    assert_int_equal(pthread_create(&other, NULL, get_all, pool), 0);
    assert_int_equal(pthread_join(other, &got), 0);
    assert_int_equal((uintptr_t)got, 31); /* every one, though another thread got before */
    assert_null(ul_shared_pool_get(pool));
    ul_shared_pool_put(pool, first);
    assert_ptr_not_equal(ul_shared_pool_get(pool), NULL);
    rt_faults faults;
    rt_faults_begin(&faults, NULL);
    ul_shared_pool_free(pool);
    rt_faults_end();
}

static void *fill_and_end(void *argument)
{
    ul_shared_pool *pool = argument;
    void *objects[700];
    for (unsigned i = 0; i < 700; i++)
        objects[i] = ul_shared_pool_get(pool);
    for (unsigned i = 0; i < 700; i++)
        ul_shared_pool_put(pool, objects[i]);
    return NULL;
}

static void test_thread_exit(void **state)
{
    (void)state;
    ul_shared_pool *pool = new_pool(&(ul_pool_options){.size_bytes = 32});
    for (unsigned i = 0; i < 200; i++) {
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, fill_and_end, pool), 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
    }
    ul_pool_stats stats;
    ul_shared_pool_stats_read(pool, &stats);
    assert_int_equal(stats.live_count, 0);
    assert_true(stats.peak_count < 3000); /* the next thread used what the last one left */
    ul_shared_pool_trim(pool);
    ul_shared_pool_stats_read(pool, &stats);
    assert_int_equal(stats.resident_bytes, 0);
    ul_shared_pool_free(pool);
}

typedef struct restless {
    ul_shared_pool *pool;
    uint32_t must_end;
} restless;

static void *never_rest(void *argument)
{
    restless *r = argument;
    while (!__atomic_load_n(&r->must_end, __ATOMIC_RELAXED))
        fill_and_end(r->pool);
    return NULL;
}

/* A child of a process whose other threads are in the middle of everything. */
static void run_fork(const char *mode, unsigned rounds)
{
    rt_faults faults;
    rt_faults_begin(&faults, mode);
    restless r = {.pool = new_pool(&(ul_pool_options){.size_bytes = 32})};
    pthread_t threads[2];
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, never_rest, &r), 0);
    for (unsigned round = 0; round < rounds; round++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            for (unsigned i = 0; i < 20; i++)
                fill_and_end(r.pool);
            ul_shared_pool_tick(r.pool);
            ul_shared_pool_free(r.pool); /* what fronts of other threads held is no leak of this process */
            _exit(faults.count ? 5 : 0);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    __atomic_store_n(&r.must_end, 1, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    ul_shared_pool_free(r.pool);
    assert_int_equal(faults.count, 0);
    rt_faults_end();
}

static void test_fork(void **state)
{
    (void)state;
    run_fork("fast", 60);
    run_fork("watch", 20);
}

static void test_faults(void **state)
{
    (void)state;
    rt_faults faults;
    rt_faults_begin(&faults, "watch");
    ul_shared_pool *pool = new_pool(&(ul_pool_options){.name = "jobs", .size_bytes = 32});
    ul_shared_pool_put(pool, &faults);
    assert_int_equal(faults.last.kind, UL_FAULT_FOREIGN_PUT);
    ul_shared_pool_free(pool);
    rt_faults_begin(&faults, "twin");
    pool = new_pool(&(ul_pool_options){.name = "jobs", .size_bytes = 32});
    void *object = ul_shared_pool_get_at(pool, "get.c:1");
    ul_shared_pool_put_at(pool, object, "put.c:2");
    ul_shared_pool_put_at(pool, object, "put.c:3");
    assert_int_equal(faults.last.kind, UL_FAULT_DOUBLE_PUT);
    assert_string_equal(faults.last.put_at, "put.c:2");
    ul_shared_pool_free(pool);
    rt_faults_begin(&faults, "fast");
    pool = new_pool(&(ul_pool_options){.name = "jobs", .size_bytes = 32});
    object = ul_shared_pool_get(pool);
    ul_shared_pool_put(pool, object);
    ul_shared_pool_put(pool, object);
    assert_int_equal(faults.count, 0);
    ul_shared_pool_trim(pool);
    assert_int_equal(faults.last.kind, UL_FAULT_DOUBLE_PUT);
    ul_shared_pool_free(pool);
    rt_faults_end();
}

static void test_every_failure(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= 30; n++) {
        ul_shared_pool *pool;
        ul_debug_fail_at(n, false);
        void *objects[3001];
        unsigned got = 0;
        if (ul_shared_pool_new(&pool, &(ul_pool_options){.size_bytes = 500}) == UL_OK) {
            for (unsigned i = 0; i < 3000; i++) {
                objects[got] = ul_shared_pool_get(pool);
                got += objects[got] != NULL;
            }
            assert_true(got >= 2999);
            for (unsigned i = 0; i < got; i++)
                ul_shared_pool_put(pool, objects[i]);
            assert_int_equal(live_count(pool), 0);
        }
        ul_debug_fail_at(0, false);
        ul_shared_pool_free(pool);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_thread),    cmocka_unit_test(test_impossible),
        cmocka_unit_test(test_hand_over),     cmocka_unit_test(test_stress),
        cmocka_unit_test(test_bound),         cmocka_unit_test(test_thread_exit),
        cmocka_unit_test(test_fork),          cmocka_unit_test(test_faults),
        cmocka_unit_test(test_every_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The memory of pools: what they hold, give back when it ages, and reserve. What a failed reserve took goes
 * back, and an impossible one takes nothing.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/rt_faults.h"
#include "ullage/pool.h"

static size_t resident_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    unsigned long whole, resident = 0;
    if (file && fscanf(file, "%lu %lu", &whole, &resident) != 2)
        resident = 0;
    if (file)
        fclose(file);
    return resident * 4096;
}

static void test_memory(void **state)
{
    (void)state;
    ul_debug_set_mode("fast");
    static const size_t sizes[] = {16, 64, 256, 1024};
    for (unsigned s = 0; s < 4; s++) {
        size_t count = ((size_t)64 << 20) / sizes[s];
        void **objects = calloc(count, sizeof *objects);
        assert_non_null(objects);
        for (size_t i = 0; i < count; i++)
            objects[i] = objects; /* its pages are there before the measurement */
        ul_pool pool;
        ul_pool_init(&pool, &(ul_pool_options){.size_bytes = sizes[s], .align_bytes = 16});
        size_t before = resident_bytes();
        for (size_t i = 0; i < count; i++)
            memset(objects[i] = ul_pool_get(&pool), 1, sizes[s]);
        size_t full = resident_bytes() - before;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* which shadow each byte */
        if (before) {
            assert_true(full >= count * sizes[s] - (1u << 20));
            assert_true(full <= count * sizes[s] / 100 * 105);
        }
#endif
        for (size_t i = 0; i < count; i++)
            ul_pool_put(&pool, objects[i * 65537 % count]);
        assert_int_equal(ul_pool_tick(&pool), 0); /* idle, but not yet old */
        assert_int_equal(ul_pool_tick(&pool), 0);
        size_t freed = ul_pool_tick(&pool);
        assert_true(freed >= count * sizes[s] / 100 * 99);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
        if (before)
            assert_true(resident_bytes() < before + full / 10);
#endif
        ul_pool_stats stats;
        ul_pool_stats_read(&pool, &stats);
        assert_true(stats.live_count == 0 && stats.peak_count >= count && stats.resident_bytes < full / 10);
        assert_non_null(objects[0] = ul_pool_get(&pool)); /* and it goes on */
        ul_pool_put(&pool, objects[0]);
        ul_pool_free(&pool);
        free(objects);
    }
    ul_debug_set_mode(NULL);
}

static void test_reserve_and_many(void **state)
{
    (void)state;
    ul_pool pool;
    ul_pool_init(&pool, &(ul_pool_options){.size_bytes = 32});
    assert_int_equal(ul_pool_reserve(&pool, 5000), UL_OK);
    if (pool.core) {
        ul_debug_set_mode("fast");
        ul_debug_fail_at(1, true); /* nothing more can be had */
        static void *objects[5000];
        size_t got = ul_pool_get_many(&pool, objects, 5000);
        ul_debug_fail_at(0, false);
        ul_debug_set_mode(NULL);
        assert_int_equal(got, 5000);
        ul_pool_put_many(&pool, objects, 5000);
    }
    ul_pool_free(&pool);
}

/* Slabs that some chunk has, with the objects of a first get among them: reserve, fail at every request, and
 * compare. */
static void check_failed_reserve(bool has_handles, uint64_t fails_at)
{
    ul_pool pool;
    ul_pool_init(&pool, &(ul_pool_options){.size_bytes = 3000, .has_handles = has_handles});
    void *object = ul_pool_get(&pool);
    assert_non_null(object);
    ul_pool_stats before, after;
    ul_pool_stats_read(&pool, &before);
    ul_debug_fail_at(fails_at, false);
    ul_status status = ul_pool_reserve(&pool, 20000);
    ul_debug_fail_at(0, false);
    ul_pool_stats_read(&pool, &after);
    assert_true(status == UL_OK || status == UL_ERR_NOMEM);
    if (status == UL_OK)
        assert_true(after.resident_bytes >= 20000u * 3000);
    else
        assert_int_equal(after.resident_bytes, before.resident_bytes);
    assert_int_equal(after.live_count, 1);
    void *objects[1500];
    for (unsigned i = 0; i < 1500; i++) { /* and the pool goes on */
        assert_non_null(objects[i] = ul_pool_get(&pool));
        memset(objects[i], (int)i, 3000);
    }
    for (unsigned i = 0; i < 1500; i++)
        ul_pool_put(&pool, objects[i]);
    ul_pool_put(&pool, object);
    ul_pool_trim(&pool);
    ul_pool_stats_read(&pool, &after);
    assert_int_equal(after.live_count, 0);
    ul_pool_free(&pool);
}

static void test_reserve_fails(void **state)
{
    (void)state;
    ul_debug_set_mode("fast");
    for (uint64_t n = 1; n < 70; n += n < 12 ? 1 : 7) {
        check_failed_reserve(false, n);
        check_failed_reserve(true, n);
    }
    ul_debug_set_mode(NULL);
}

static void test_reserve_impossible(void **state)
{
    (void)state;
    static const size_t counts[] = {SIZE_MAX, SIZE_MAX / 2, SIZE_MAX / 24, SIZE_MAX / 24 - 100,
                                    (size_t)1 << 44};
    static const char *const modes[] = {"fast", "watch", "twin"};
    for (unsigned mode = 0; mode < 3; mode++) {
        ul_debug_set_mode(modes[mode]);
        for (unsigned i = 0; i < sizeof counts / sizeof counts[0]; i++) {
            ul_pool pool;
            ul_pool_init(&pool, &(ul_pool_options){.size_bytes = i % 2 ? 1 : 24});
            assert_int_equal(ul_pool_reserve(&pool, counts[i]), UL_ERR_NOMEM);
            ul_pool_stats stats;
            ul_pool_stats_read(&pool, &stats);
            assert_int_equal(stats.resident_bytes, 0);
            void *object = ul_pool_get(&pool);
            assert_non_null(object);
            ul_pool_put(&pool, object);
            assert_int_equal(ul_pool_reserve(&pool, 0), UL_OK);
            ul_pool_free(&pool);
        }
        ul_pool pool;
        ul_pool_init(&pool, &(ul_pool_options){.size_bytes = 24, .limit_objects = 100});
        void *object = ul_pool_get(&pool);
        assert_int_equal(ul_pool_reserve(&pool, 99), UL_OK);
        assert_int_equal(ul_pool_reserve(&pool, 100), UL_ERR_LIMIT);
        ul_pool_put(&pool, object);
        assert_int_equal(ul_pool_reserve(&pool, 100), UL_OK);
        ul_pool_free(&pool);
    }
    ul_debug_set_mode(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_reserve_and_many),
        cmocka_unit_test(test_reserve_fails),
        cmocka_unit_test(test_reserve_impossible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

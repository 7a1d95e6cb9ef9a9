/*
 * What is told of wrong puts, by who watches: nobody (the slabs notice later), the watched pool at once, the
 * twin with the places of get and put. NULL is no wrong put.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/rt_faults.h"
#include "ullage/pool.h"
#include "ullage/shared_pool.h"

static void test_faults_fast(void **state)
{
    (void)state;
    rt_faults faults;
    rt_faults_begin(&faults, "fast");
    ul_pool pool, other;
    ul_pool_init(&pool, &(ul_pool_options){.name = "conns", .size_bytes = 32});
    ul_pool_init(&other, &(ul_pool_options){.size_bytes = 32});
    char *object = ul_pool_get(&pool), *stranger = ul_pool_get(&other);
    ul_pool_put(&pool, object);
    ul_pool_put(&pool, object); /* nobody looks yet */
    ul_pool_put(&pool, stranger);
    ul_pool_put(&pool, object + 1);
    ul_pool_put(&pool, (void *)&pool);
    assert_int_equal(faults.count, 0);
    ul_pool_tick(&pool); /* but the slabs know */
    assert_int_equal(faults.count, 4);
    assert_string_equal(faults.owner, "conns");
    ul_pool_stats stats;
    ul_pool_stats_read(&pool, &stats);
    assert_int_equal(stats.live_count, 0);
    ul_pool_put(&other, stranger);
    ul_pool_free(&pool);
    ul_pool_free(&other);
    assert_int_equal(faults.count, 4);
    rt_faults_end();
}

static void test_faults_watched(void **state)
{
    (void)state;
    rt_faults faults;
    rt_faults_begin(&faults, "watch");
    ul_pool pool;
    ul_pool_init(&pool, &(ul_pool_options){.name = "conns", .size_bytes = 32});
    ul_pool_put(&pool, &faults);
    assert_int_equal(faults.last.kind, UL_FAULT_FOREIGN_PUT);
    void *object = ul_pool_get(&pool);
    ul_pool_put(&pool, object);
    ul_pool_put_at(&pool, object, "twice.c:9"); /* at once, not at the next flush */
    assert_int_equal(faults.count, 2);
    assert_int_equal(faults.last.kind, UL_FAULT_DOUBLE_PUT);
    assert_string_equal(faults.last.here, "twice.c:9");
    assert_non_null(ul_pool_get(&pool));
    ul_pool_free_at(&pool, "end.c:1");
    assert_int_equal(faults.count, 3);
    assert_int_equal(faults.last.kind, UL_FAULT_LEAK);
    assert_int_equal(faults.last.size_bytes, 1);
    rt_faults_end();
}

/* What is no pool's is not called an object of the one that it was put to. */
static void test_foreign_words(void **state)
{
    (void)state;
    static const char *const modes[] = {"fast", "watch", "twin"};
    for (unsigned i = 0; i < 3; i++) {
        rt_faults faults;
        rt_faults_begin(&faults, modes[i]);
        ul_pool pool;
        ul_pool_init(&pool, &(ul_pool_options){.name = "conns", .size_bytes = 32});
        void *object = ul_pool_get(&pool);
        char other[32], text[300];
        ul_pool_put_at(&pool, other, "put.c:1");
        ul_pool_put(&pool, object);
        ul_pool_free(&pool);
        assert_int_equal(faults.count, 1);
        assert_int_equal(faults.last.kind, UL_FAULT_FOREIGN_PUT);
        assert_int_equal(faults.last.size_bytes, 0);
        faults.last.owner = "conns";
        ul_fault_format(text, sizeof text, &faults.last);
        assert_non_null(strstr(text, " is no object of 'conns'; noticed at "));
        rt_faults_end();
    }
}

static void test_faults_twin(void **state)
{
    (void)state;
    rt_faults faults;
    rt_faults_begin(&faults, "twin");
    ul_pool pool, other;
    ul_pool_init(&pool, &(ul_pool_options){.name = "conns", .size_bytes = 32});
    ul_pool_init(&other, &(ul_pool_options){.name = "other", .size_bytes = 32});
    char *object = ul_pool_get_at(&pool, "get.c:1");
    ul_pool_put_at(&pool, object, "put.c:2");
    ul_pool_put_at(&pool, object, "put.c:3");
    assert_int_equal(faults.count, 1);
    assert_int_equal(faults.last.kind, UL_FAULT_DOUBLE_PUT);
    assert_string_equal(faults.last.got_at, "get.c:1");
    assert_string_equal(faults.last.put_at, "put.c:2");
    assert_string_equal(faults.last.here, "put.c:3");
    object = ul_pool_get_at(&other, "get.c:4");
    ul_pool_put_at(&pool, object, "put.c:5");
    assert_int_equal(faults.last.kind, UL_FAULT_FOREIGN_PUT);
    assert_string_equal(faults.owner, "other"); /* whose it is */
    ul_pool_put(&other, object);
    assert_int_equal(faults.count, 2);
#if !defined(__SANITIZE_ADDRESS__) /* which ends the program at the write */
    object = ul_pool_get_at(&pool, "get.c:6");
    object[-1] = 'x';
    ul_pool_put_at(&pool, object, "put.c:7");
    assert_int_equal(faults.last.kind, UL_FAULT_OVERFLOW);
    object = ul_pool_get_at(&pool, "get.c:8");
    ul_pool_put_at(&pool, object, "put.c:9");
    object[5] = 'y';
    for (unsigned i = 0; i < 200000; i++)
        ul_pool_put(&pool, ul_pool_get(&pool)); /* until it leaves the quarantine */
    assert_int_equal(faults.last.kind, UL_FAULT_USE_AFTER_PUT);
    assert_string_equal(faults.last.got_at, "get.c:8");
    assert_string_equal(faults.last.put_at, "put.c:9");
    assert_int_equal(faults.count, 4);
#endif
    ul_pool_get_at(&pool, "get.c:10");
    unsigned before = faults.count;
    ul_pool_free_at(&pool, "end.c:1");
    ul_pool_free(&other);
    assert_int_equal(faults.count, before + 1);
    assert_int_equal(faults.last.kind, UL_FAULT_LEAK);
    rt_faults_end();
}

/* ---- NULL -----------------------------------------------------------------------------------------------
 */

static unsigned reset_count;

static void count_reset(void *object, void *context)
{
    (void)context;
    assert_non_null(object);
    reset_count++;
}

static void put_nothing(bool resets)
{
    ul_pool pool;
    ul_pool_options options = {.size_bytes = 40, .reset = resets ? count_reset : NULL};
    ul_pool_init(&pool, &options);
    ul_pool_put(&pool, NULL); /* before anything was got */
    void *objects[700];
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 700; i++) {
            assert_non_null(objects[i] = ul_pool_get(&pool));
            ul_pool_put(&pool, NULL);
        }
        for (unsigned i = 0; i < 700; i++) {
            ul_pool_put(&pool, objects[i]);
            ul_pool_put(&pool, NULL);
        }
    }
    static void *nothing[2];
    ul_pool_put_many(&pool, nothing, 2);
    ul_pool_stats stats;
    ul_pool_stats_read(&pool, &stats);
    assert_int_equal(stats.live_count, 0);
    ul_pool_free(&pool);
    ul_shared_pool *shared;
    assert_int_equal(ul_shared_pool_new(&shared, &options), UL_OK);
    ul_shared_pool_put(shared, NULL);
    for (unsigned i = 0; i < 700; i++) {
        assert_non_null(objects[i] = ul_shared_pool_get(shared));
        ul_shared_pool_put(shared, NULL);
    }
    for (unsigned i = 0; i < 700; i++)
        ul_shared_pool_put(shared, objects[i]);
    ul_shared_pool_free(shared);
}

static void test_null(void **state)
{
    (void)state;
    static const char *const modes[] = {"fast", "sample", "watch", "twin"};
    for (unsigned mode = 0; mode < 4; mode++) {
        rt_faults faults;
        rt_faults_begin(&faults, modes[mode]);
        reset_count = 0;
        put_nothing(false);
        put_nothing(true);
        assert_int_equal(reset_count, 4 * 700);
        assert_int_equal(faults.count, 0);
        rt_faults_end();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults_fast),
        cmocka_unit_test(test_faults_watched),
        cmocka_unit_test(test_faults_twin),
        cmocka_unit_test(test_foreign_words),
        cmocka_unit_test(test_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

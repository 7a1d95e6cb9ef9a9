/*
 * A unit that is compiled with UL_DEBUG: its pools and arenas are watched whatever call starts them, and every report
 * names the line of the caller here, not one of a header or of the library.
 */
#define UL_DEBUG
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <string.h>

#include "tests/rt_faults.h"
#include "ullage/pool.h"
#include "ullage/strbuf.h"
#include "ullage/vec.h"

typedef struct point {
    double x, y;
} point;

UL_POOL_OF(point_pool, point);

/* In a build with a sanitizer units compiled with UL_DEBUG are watched by that instead. */
static bool has_twins(void)
{
#if defined(__SANITIZE_ADDRESS__)
    return false;
#else
    return getenv("UL_DEBUG") == NULL;
#endif
}

/* ---- who starts it --------------------------------------------------------------------------------------
 */

static void test_reserve_starts(void **state)
{
    (void)state;
    if (!has_twins())
        return;
    rt_faults faults;
    rt_faults_begin(&faults, NULL);
    ul_pool pool;
    ul_pool_init(&pool, &(ul_pool_options){.size_bytes = 24});
    assert_int_equal(ul_pool_reserve(&pool, 10), UL_OK);
    void *object = ul_pool_get(&pool);
    ul_pool_put(&pool, object);
    ul_pool_put(&pool, object);
    assert_int_equal(faults.count, 1);
    assert_int_equal(faults.last.kind, UL_FAULT_DOUBLE_PUT);
    ul_pool_free(&pool);
    point_pool points;
    point_pool_init(&points, NULL);
    assert_int_equal(point_pool_reserve(&points, 10), UL_OK);
    point *p = UL_POOL_GET(&points);
    UL_POOL_PUT(&points, p);
    UL_POOL_PUT(&points, p);
    assert_int_equal(faults.count, 2);
    point_pool_free(&points);
    assert_int_equal(faults.count, 2);
    rt_faults_end();
}

/* ---- places ---------------------------------------------------------------------------------------------
 */

/* An address in this program, within the function that made the call (a few dozen bytes long). */
static void check_called_in(const char *site, void (*function)(void))
{
    Dl_info info;
    const char *plus = strrchr(site, '+');
    assert_non_null(plus);
    assert_true(dladdr((void *)(uintptr_t)function, &info) != 0);
    uintptr_t at = (uintptr_t)info.dli_fbase + (uintptr_t)strtoull(plus + 1, NULL, 16);
    assert_in_range(at, (uintptr_t)function, (uintptr_t)function + 400);
}

static point_pool typed;
static point *typed_object;

static __attribute__((noinline)) void get_typed(void)
{
    typed_object = point_pool_get(&typed);
}

static __attribute__((noinline)) void put_typed(void)
{
    point_pool_put(&typed, typed_object);
}

static __attribute__((noinline)) void free_typed(void)
{
    point_pool_free(&typed);
}

static void test_typed_sites(void **state)
{
    (void)state;
    rt_faults faults;
    rt_faults_begin(&faults, "twin");
    point_pool_init(&typed, NULL);
    get_typed();
    put_typed();
    put_typed();
    assert_int_equal(faults.count, 1);
    check_called_in(faults.last.got_at, get_typed);
    check_called_in(faults.last.put_at, put_typed);
    check_called_in(faults.last.here, put_typed);
    assert_string_equal(faults.last.put_at, faults.last.here); /* one call, in put_typed() */
    assert_true(strcmp(faults.last.got_at, faults.last.here) != 0);
    point *p = UL_POOL_GET(&typed);
    const char *got = UL_SITE;
    UL_POOL_PUT(&typed, p);
    UL_POOL_PUT(&typed, p);
    const char *put = UL_SITE;
    assert_int_equal(faults.count, 2);
    assert_int_equal(atoi(strrchr(faults.last.got_at, ':') + 1), atoi(strrchr(got, ':') + 1) - 1);
    assert_int_equal(atoi(strrchr(faults.last.put_at, ':') + 1), atoi(strrchr(put, ':') + 1) - 2);
    assert_int_equal(atoi(strrchr(faults.last.here, ':') + 1), atoi(strrchr(put, ':') + 1) - 1);
    get_typed();
    free_typed(); /* a leak, told where it ended */
    assert_int_equal(faults.last.kind, UL_FAULT_LEAK);
    check_called_in(faults.last.here, free_typed);
    rt_faults_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reserve_starts),
        cmocka_unit_test(test_typed_sites),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The pool of one thread: hooks, bounds, alignment, handles, and a million random operations against a model that knows
 * every live object. Its memory: test_rt_pool_memory.c; its faults: test_rt_faults.c.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/rt_faults.h"
#include "ullage/pool.h"

typedef struct conn {
    uint64_t id;
    char name[40];
} conn;

UL_POOL_OF(conn_pool, conn);

static void test_typed(void **state)
{
    (void)state;
    conn_pool pool;
    conn_pool_init(&pool, NULL);
    conn *first = conn_pool_get(&pool), *second = conn_pool_get(&pool);
    assert_true(first && second && first != second);
    assert_int_equal((uintptr_t)first % UL_ALIGNOF(conn), 0);
    assert_int_equal(first->id, 0); /* a new slot is zero */
    memset(first, 1, sizeof *first);
    memset(second, 2, sizeof *second);
    assert_int_equal(first->name[39], 1);
    conn_pool_put(&pool, first);
    assert_int_equal(second->name[0], 2);
    ul_pool_stats stats;
    ul_pool_stats_read(&pool.pool, &stats);
    assert_int_equal(stats.live_count, 1);
    assert_int_equal(stats.object_bytes, sizeof(conn));
    assert_true(stats.stride_bytes >= sizeof(conn));
    conn_pool_put(&pool, second);
    conn_pool_free(&pool);
    conn_pool_free(&pool);                 /* as after _init */
    assert_non_null(conn_pool_get(&pool)); /* and usable */
    ul_pool_stats_read(&pool.pool, &stats);
    assert_int_equal(stats.live_count, 1);
    rt_faults faults;
    rt_faults_begin(&faults, NULL);
    conn_pool_free(&pool); /* one is out: a leak, where somebody watches */
    assert_true(faults.count == 0 || faults.last.kind == UL_FAULT_LEAK);
    rt_faults_end();
}

/* ---- hooks ----------------------------------------------------------------------------------------------
 */

typedef struct hooks {
    unsigned made, reset, dropped, fails_at;
} hooks;

typedef struct hooked {
    uint64_t made_by; /* stays as `make` left it */
    uint64_t user;    /* `reset` clears it */
} hooked;

static bool hook_make(void *object, void *context)
{
    hooks *count = context;
    hooked *made = object;
    if (++count->made == count->fails_at)
        return false;
    made->made_by = 77;
    made->user = 0;
    return true;
}

static void hook_reset(void *object, void *context)
{
    assert_int_equal(((hooked *)object)->made_by, 77);
    ((hooked *)object)->user = 0;
    ((hooks *)context)->reset++;
}

static void hook_drop(void *object, void *context)
{
    assert_int_equal(((hooked *)object)->made_by, 77);
    ((hooks *)context)->dropped++;
}

static ul_pool_options hooked_options(hooks *count)
{
    return (ul_pool_options){.name = "hooked",
                             .size_bytes = sizeof(hooked),
                             .make = hook_make,
                             .reset = hook_reset,
                             .drop = hook_drop,
                             .context = count};
}

static void test_hooks(void **state)
{
    (void)state;
    enum { COUNT = 10000 };
    static hooked *objects[COUNT];
    hooks count = {0};
    ul_pool pool;
    ul_pool_options options = hooked_options(&count);
    ul_pool_init(&pool, &options);
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < COUNT; i++) {
            objects[i] = ul_pool_get(&pool);
            assert_int_equal(objects[i]->made_by, 77);
            assert_int_equal(objects[i]->user, 0);
            objects[i]->user = i + 1;
        }
        for (unsigned i = 0; i < COUNT; i++)
            ul_pool_put(&pool, objects[(i * 7919) % COUNT]);
        assert_int_equal(count.reset, (round + 1) * COUNT);
    }
    assert_in_range(count.made, COUNT, 3 * COUNT); /* once a slot; as twins, once a get */
    ul_pool_trim(&pool);
    assert_int_equal(count.dropped, count.made);
    assert_non_null(ul_pool_get(&pool)); /* made anew */
    objects[0] = ul_pool_get(&pool);
    ul_pool_put(&pool, objects[0]);
    rt_faults faults;
    rt_faults_begin(&faults, NULL);
    ul_pool_free(&pool);
    rt_faults_end();
    assert_in_range(count.dropped, count.made - 1, count.made); /* all but the one that is out */
}

static void test_make_fails(void **state)
{
    (void)state;
    for (unsigned n = 1; n < 300; n += 13) {
        hooks count = {.fails_at = n};
        ul_pool pool;
        ul_pool_options options = hooked_options(&count);
        ul_pool_init(&pool, &options);
        void *objects[601];
        unsigned got = 0;
        for (unsigned i = 0; i < 600; i++) {
            objects[got] = ul_pool_get(&pool);
            got += objects[got] != NULL;
        }
        assert_true(got >= 599);
        for (unsigned i = 0; i < got; i++)
            ul_pool_put(&pool, objects[i]);
        ul_pool_free(&pool);
        assert_int_equal(count.dropped, count.made - 1);
    }
}

/* ---- bounds and geometry --------------------------------------------------------------------------------
 */

static size_t wanted_bytes;

static void note_oom(size_t want)
{
    wanted_bytes = want;
}

static void test_bound(void **state)
{
    (void)state;
    static const size_t limits[] = {1, 2, 100, 1000};
    for (unsigned l = 0; l < 4; l++) {
        ul_pool pool;
        ul_pool_init(&pool,
                     &(ul_pool_options){.size_bytes = 24, .limit_objects = limits[l], .oom = note_oom});
        static void *objects[1001];
        for (unsigned round = 0; round < 3; round++) {
            for (size_t i = 0; i < limits[l]; i++)
                assert_non_null(objects[i] = ul_pool_get(&pool));
            wanted_bytes = 0;
            assert_null(ul_pool_get(&pool));
            assert_int_equal(wanted_bytes, 24);
            ul_pool_put(&pool, objects[0]);
            assert_non_null(objects[0] = ul_pool_get(&pool));
            for (size_t i = 0; i < limits[l]; i++)
                ul_pool_put(&pool, objects[i]);
        }
        ul_pool_free(&pool);
    }
}

static void check_size(size_t size, size_t align, bool on_lines)
{
    ul_pool pool;
    ul_pool_init(&pool, &(ul_pool_options){.size_bytes = size, .align_bytes = align, .on_lines = on_lines});
    enum { COUNT = 150 };
    unsigned char *objects[COUNT];
    size_t whole = on_lines ? UL_LINE_BYTES : align ? align : 1;
    for (unsigned i = 0; i < COUNT; i++) {
        objects[i] = ul_pool_get(&pool);
        assert_non_null(objects[i]);
        assert_int_equal((uintptr_t)objects[i] % whole, 0);
        objects[i][0] = objects[i][size - 1] = (unsigned char)i;
    }
    for (unsigned i = 0; i < COUNT; i++)
        assert_true(objects[i][0] == i && objects[i][size - 1] == i);
    for (unsigned i = 0; i < COUNT; i++)
        ul_pool_put(&pool, objects[i]);
    ul_pool_free(&pool);
}

static void test_sizes(void **state)
{
    (void)state;
    static const size_t sizes[] = {1,   2,   3,   7,   8,    9,    16,   24,   63,    64,    65,
                                   200, 256, 512, 768, 1000, 1024, 4096, 5000, 65536, 70000, 300000};
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        check_size(sizes[i], 1, false);
        check_size(sizes[i], 0, false);
        check_size(sizes[i], 0, true);
        check_size(sizes[i], 4096, false);
    }
}

static void test_impossible(void **state)
{
    (void)state;
    static const ul_pool_options wrong[] = {
        {.size_bytes = 0},
        {.size_bytes = SIZE_MAX},
        {.size_bytes = SIZE_MAX / 2},
        {.size_bytes = 8, .align_bytes = 24},
        {.size_bytes = 8, .align_bytes = SIZE_MAX / 2 + 1},
        {.size_bytes = (size_t)1 << 46},
    };
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        ul_pool pool;
        ul_pool_init(&pool, &wrong[i]);
        assert_null(ul_pool_get(&pool));
        ul_pool_free(&pool);
    }
}

/* Heads of objects of 1 KiB must not all fall into the same cache sets. */
static void test_colors(void **state)
{
    (void)state;
    ul_debug_set_mode("fast");
    ul_pool pool;
    ul_pool_init(&pool, &(ul_pool_options){.size_bytes = 1024, .align_bytes = 16});
    unsigned seen[64] = {0}, sets = 0;
    for (unsigned i = 0; i < 4000; i++)
        seen[(uintptr_t)ul_pool_get(&pool) / 64 % 64]++;
    for (unsigned i = 0; i < 64; i++)
        sets += seen[i] > 0;
    assert_int_equal(sets, 64);
    ul_pool_free(&pool);
    ul_debug_set_mode(NULL);
}

/* ---- handles --------------------------------------------------------------------------------------------
 */

static void test_handles(void **state)
{
    (void)state;
    enum { COUNT = 3000 };
    static void *objects[COUNT];
    static ul_pool_handle handles[COUNT], old[COUNT];
    ul_pool pool;
    ul_pool_init(&pool, &(ul_pool_options){.size_bytes = 48, .has_handles = true});
    assert_null(ul_pool_object_of(&pool, (ul_pool_handle){0}));
    assert_null(ul_pool_object_of(&pool, (ul_pool_handle){12345}));
    for (unsigned round = 0; round < 4; round++) {
        for (unsigned i = 0; i < COUNT; i++) {
            objects[i] = ul_pool_get(&pool);
            handles[i] = ul_pool_handle_of(&pool, objects[i]);
            assert_true(handles[i].bits != 0);
        }
        for (unsigned i = 0; i < COUNT; i++) {
            assert_ptr_equal(ul_pool_object_of(&pool, handles[i]), objects[i]);
            if (round)
                assert_null(ul_pool_object_of(&pool, old[i])); /* its object was put, the slot lives again */
        }
        for (unsigned i = 0; i < COUNT; i++)
            ul_pool_put(&pool, objects[COUNT - 1 - i]);
        for (unsigned i = 0; i < COUNT; i++)
            assert_null(ul_pool_object_of(&pool, handles[i]));
        memcpy(old, handles, sizeof old);
        ul_pool_trim(&pool);
        assert_null(ul_pool_object_of(&pool, old[0])); /* nor after its memory went back */
    }
    assert_true(ul_pool_handle_of(&pool, &pool).bits == 0);
    ul_pool_free(&pool);
}

/* ---- model ----------------------------------------------------------------------------------------------
 */

enum { MODEL_MOST = 6000 };

typedef struct model_object {
    unsigned char *bytes;
    unsigned char with;
} model_object;

static void run_model(const char *mode, size_t size, uint32_t steps)
{
    static model_object live[MODEL_MOST];
    uint64_t chance = rt_seed() + size;
    size_t count = 0, wanted = 0;
    ul_debug_set_mode(mode);
    ul_pool pool;
    ul_pool_init(&pool, &(ul_pool_options){.size_bytes = size});
    for (uint32_t step = 0; step < steps; step++) {
        if (step % 20000 == 0)
            wanted = rt_random(&chance) % MODEL_MOST; /* waves: it fills and empties */
        bool grows = rt_random(&chance) % 8 < (count < wanted ? 6u : 2u);
        if (rt_random(&chance) % 5000 == 0)
            (void)(rt_random(&chance) % 2 ? ul_pool_tick(&pool) : ul_pool_trim(&pool));
        if (grows && count < MODEL_MOST) {
            model_object *object = &live[count++];
            *object = (model_object){ul_pool_get(&pool), (unsigned char)step};
            assert_non_null(object->bytes);
            memset(object->bytes, object->with, size);
        } else if (count) {
            size_t at = rt_random(&chance) % 4 ? count - 1 : rt_random(&chance) % count;
            assert_true(live[at].bytes[0] == live[at].with && live[at].bytes[size - 1] == live[at].with);
            assert_memory_equal(live[at].bytes, live[at].bytes + size / 2, size - size / 2);
            ul_pool_put(&pool, live[at].bytes);
            live[at] = live[--count];
        }
        if (step % 50000 == 0) {
            ul_pool_stats stats;
            ul_pool_stats_read(&pool, &stats);
            assert_int_equal(stats.live_count, count);
        }
    }
    while (count)
        ul_pool_put(&pool, live[--count].bytes);
    ul_pool_free(&pool);
    ul_debug_set_mode(NULL);
}

static void test_model(void **state)
{
    (void)state;
    run_model("fast", 8, rt_steps(1000000));
    run_model("fast", 200, rt_steps(200000));
    run_model("fast", 1024, rt_steps(200000));
    run_model("watch", 24, rt_steps(1000000));
    run_model("twin", 24, rt_steps(200000));
}

static void test_every_failure(void **state)
{
    (void)state;
    static const char *const modes[] = {"fast", "watch", "twin"};
    for (unsigned mode = 0; mode < 3; mode++) {
        ul_debug_set_mode(modes[mode]);
        for (unsigned n = 1; n <= 40; n++) {
            ul_pool pool;
            ul_pool_init(&pool, &(ul_pool_options){.size_bytes = 100000, .has_handles = n % 2});
            unsigned char *objects[150];
            unsigned failures = 0;
            ul_debug_fail_at(n, false);
            for (unsigned i = 0; i < 150; i++) {
                objects[i] = ul_pool_get(&pool);
                failures += objects[i] == NULL;
                if (objects[i])
                    objects[i][99999] = (unsigned char)i;
            }
            ul_debug_fail_at(0, false);
            assert_true(failures <= 1);
            for (unsigned i = 0; i < 150; i++) {
                assert_true(!objects[i] || objects[i][99999] == i);
                if (objects[i])
                    ul_pool_put(&pool, objects[i]);
            }
            ul_pool_free(&pool);
        }
    }
    ul_debug_set_mode(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_typed),
        cmocka_unit_test(test_hooks),
        cmocka_unit_test(test_make_fails),
        cmocka_unit_test(test_bound),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_impossible),
        cmocka_unit_test(test_colors),
        cmocka_unit_test(test_handles),
        cmocka_unit_test(test_model),
        cmocka_unit_test(test_every_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

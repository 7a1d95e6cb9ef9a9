/*
 * The bounded cache and the pool of buffers, each against a model for a million steps.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/rt_faults.h"
#include "ullage/bufpool.h"
#include "ullage/cache.h"

/* ---- cache ----------------------------------------------------------------------------------------------
 */

enum { KEYS = 300, LIMIT = 40, LIMIT_BYTES = 2000 };

typedef struct value {
    uint32_t key;
    uint32_t weight;
    bool is_live;
} value;

typedef struct model {
    value values[1 << 16];
    value *by_use[LIMIT + 1]; /* oldest first */
    size_t count, weight, dropped;
    uint32_t next;
} model;

static void note_drop(void *object, void *context)
{
    value *v = object;
    assert_true(v->is_live);
    v->is_live = false;
    ((model *)context)->dropped++;
}

static size_t model_find(const model *m, uint32_t key)
{
    size_t at = 0;
    while (at < m->count && m->by_use[at]->key != key)
        at++;
    return at;
}

static void model_remove(model *m, size_t at)
{
    m->weight -= m->by_use[at]->weight;
    memmove(&m->by_use[at], &m->by_use[at + 1], (--m->count - at) * sizeof m->by_use[0]);
}

static void model_use(model *m, size_t at)
{
    value *v = m->by_use[at];
    model_remove(m, at);
    m->weight += v->weight;
    m->by_use[m->count++] = v;
}

static void model_put(model *m, ul_cache *cache, uint32_t key, uint64_t *chance)
{
    value *v = &m->values[m->next++ & 0xFFFF];
    assert_false(v->is_live);
    *v = (value){key, rt_random(chance) % 100, true};
    assert_int_equal(ul_cache_put(cache, &key, sizeof key, v, v->weight), UL_OK);
    size_t at = model_find(m, key);
    if (at < m->count)
        model_remove(m, at);
    m->by_use[m->count++] = v;
    m->weight += v->weight;
    while (m->count > LIMIT || m->weight > LIMIT_BYTES)
        model_remove(m, 0);
}

static void test_cache_model(void **state)
{
    (void)state;
    static model m;
    uint64_t chance = rt_seed();
    ul_cache *cache;
    ul_cache_stats stats;
    assert_int_equal(ul_cache_new(&cache, &(ul_cache_options){LIMIT, LIMIT_BYTES, note_drop, &m}), UL_OK);
    for (uint32_t step = 0, steps = rt_steps(1000000); step < steps; step++) {
        uint32_t key = rt_random(&chance) % KEYS, what = rt_random(&chance) % 100;
        size_t at = model_find(&m, key);
        if (what < 50) {
            assert_ptr_equal(ul_cache_get(cache, &key, sizeof key), at < m.count ? m.by_use[at] : NULL);
            if (at < m.count)
                model_use(&m, at);
        } else if (what < 95) {
            model_put(&m, cache, key, &chance);
        } else {
            assert_int_equal(ul_cache_remove(cache, &key, sizeof key), at < m.count);
            if (at < m.count)
                model_remove(&m, at);
        }
        if (what == 0) {
            ul_cache_stats_read(cache, &stats);
            assert_int_equal(stats.entry_count, m.count);
            assert_int_equal(stats.weight_bytes, m.weight);
            assert_int_equal(m.next - m.dropped, m.count); /* every other value was dropped, once */
        }
    }
    ul_cache_free(cache);
    assert_int_equal(m.dropped, m.next);
}

static void test_cache_edges(void **state)
{
    (void)state;
    ul_cache *cache;
    int one = 1, two = 2;
    assert_int_equal(ul_cache_new(&cache, &(ul_cache_options){0}), UL_ERR_USAGE);
    assert_null(cache);
    ul_cache_free(NULL);
    assert_int_equal(ul_cache_new(&cache, &(ul_cache_options){.limit_bytes = 10}), UL_OK);
    assert_int_equal(ul_cache_put(cache, "", 0, &one, 11), UL_ERR_LIMIT);
    assert_int_equal(ul_cache_put(cache, "", 0, NULL, 1), UL_ERR_LIMIT);
    assert_int_equal(ul_cache_put(cache, "", 0, &one, 10), UL_OK); /* the empty key is one */
    assert_ptr_equal(ul_cache_get(cache, NULL, 0), &one);
    assert_int_equal(ul_cache_put(cache, "", 0, &two, 1), UL_OK);
    assert_ptr_equal(ul_cache_get(cache, "", 0), &two);
    for (unsigned n = 1; n < 8; n++) { /* the table, the entry: each fails once */
        ul_debug_fail_at(n, false);
        ul_status status = ul_cache_put(cache, &n, sizeof n, &one, 1);
        ul_debug_fail_at(0, false);
        assert_int_equal(ul_cache_get(cache, &n, sizeof n) != NULL, status == UL_OK);
        assert_ptr_equal(ul_cache_get(cache, "", 0), &two);
    }
    ul_cache_clear(cache);
    assert_null(ul_cache_get(cache, "", 0));
    ul_cache_free(cache);
}

/* ---- buffers --------------------------------------------------------------------------------------------
 */

enum { BUFFERS = 200 };

static void run_bufpool(const char *mode, uint32_t steps)
{
    static ul_buf out[BUFFERS];
    uint64_t chance = rt_seed();
    size_t count = 0;
    ul_bufpool pool;
    ul_debug_set_mode(mode);
    ul_bufpool_init(&pool, 1 << 20);
    for (uint32_t step = 0; step < steps; step++) {
        uint32_t what = rt_random(&chance) % 1000;
        size_t size = rt_random(&chance) % (what % 50 == 0 ? 200000 : 2000);
        if (what < 480 && count < BUFFERS) {
            ul_buf *buf = &out[count++];
            assert_int_equal(ul_bufpool_get(&pool, buf, size), UL_OK);
            assert_true(buf->capacity >= size && buf->capacity >= 64 && buf->length == 0);
            memset(buf->data, (int)(step & 0xFF), 64);
            buf->data[63] = buf->data[buf->capacity - 1] = buf->data[0];
            buf->length = 64;
        } else if (what < 500 && count) {
            ul_buf *buf = &out[rt_random(&chance) % count];
            unsigned char with = buf->data[0];
            assert_int_equal(ul_bufpool_grow(&pool, buf, size), UL_OK);
            assert_true(buf->capacity >= size && buf->data[0] == with && buf->data[63] == with);
            buf->data[buf->capacity - 1] = with;
        } else if (what < 995 && count) {
            size_t at = rt_random(&chance) % count;
            unsigned char with = out[at].data[0];
            assert_true(out[at].data[32] == with && out[at].data[63] == with); /* nobody else had it */
            assert_int_equal(out[at].data[out[at].capacity - 1], with);
            ul_bufpool_put(&pool, &out[at]);
            assert_null(out[at].data);
            out[at] = out[--count];
        } else if (what == 999) {
            ul_bufpool_tick(&pool);
        }
        assert_int_equal(pool.out_count, count);
        assert_true(pool.idle_bytes <= 1 << 20);
    }
    while (count)
        ul_bufpool_put(&pool, &out[--count]);
    ul_bufpool_tick(&pool);
    ul_bufpool_tick(&pool);
    assert_int_equal(pool.idle_bytes, 0); /* nobody needed them for two ticks */
    ul_bufpool_free(&pool);
    ul_debug_set_mode(NULL);
}

static void test_bufpool(void **state)
{
    (void)state;
    run_bufpool("fast", rt_steps(1000000));
    run_bufpool(NULL, rt_steps(1000000));
    run_bufpool("twin", rt_steps(50000));
    ul_bufpool pool = {0};
    ul_buf a, b;
    ul_debug_set_mode("fast");
    assert_int_equal(ul_bufpool_get(&pool, &a, SIZE_MAX - 3), UL_ERR_NOMEM);
    assert_null(a.data);
    ul_bufpool_put(&pool, &a);
    assert_int_equal(ul_bufpool_get(&pool, &a, 0), UL_OK);
    unsigned char *data = a.data;
    ul_bufpool_put(&pool, &a);
    assert_int_equal(ul_bufpool_get(&pool, &b, 60), UL_OK);
    assert_ptr_equal(b.data, data); /* the same class, warm */
    assert_int_equal(pool.hit_count, 1);
    rt_faults faults;
    rt_faults_begin(&faults, "fast");
    ul_buf copy = b;
    ul_bufpool_put(&pool, &b);
    ul_bufpool_put(&pool, &copy);
    assert_int_equal(faults.count, 1);
    assert_int_equal(faults.last.kind, UL_FAULT_DOUBLE_PUT);
    ul_bufpool_free(&pool);
    rt_faults_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cache_model),
        cmocka_unit_test(test_cache_edges),
        cmocka_unit_test(test_bufpool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

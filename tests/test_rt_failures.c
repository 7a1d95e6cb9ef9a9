/*
 * Each request for memory fails once, in a little program for every type of the runtime that takes any: it says so, keeps what it had, and goes on
 * when there is memory again. Arenas and pools have theirs in their own suites.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/rt_faults.h"
#include "ullage/bufpool.h"
#include "ullage/cache.h"
#include "ullage/mapfile.h"
#include "ullage/scratch.h"
#include "ullage/strbuf.h"
#include "ullage/stream.h"
#include "ullage/vec.h"

enum { MOST_REQUESTS = 400 };

/* Runs `program` with the n-th request failing, for n = 1, 2, ..., until it makes fewer than n; it returns how many of its calls failed. */
static void fail_each(unsigned (*program)(void))
{
    static const char *const modes[] = {"fast", "watch", "twin"};
    for (size_t mode = 0; mode < sizeof modes / sizeof *modes; mode++) {
        ul_debug_set_mode(modes[mode]);
        unsigned n = 1, failures = 1;
        for (; failures > 0 && n < MOST_REQUESTS; n++) {
            ul_debug_fail_at(n, false);
            failures = program();
            ul_debug_fail_at(0, false);
            assert_true(failures <= 1);
        }
        assert_true(n > 2 && n < MOST_REQUESTS); /* it did make requests, and each of them has failed */
    }
    ul_debug_set_mode(NULL);
}

static unsigned use_buffers(void)
{
    enum { COUNT = 24 };
    ul_bufpool pool;
    ul_buf out[COUNT];
    unsigned failures = 0;
    ul_bufpool_init(&pool, 0);
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < COUNT; i++) {
            ul_status status = ul_bufpool_get(&pool, &out[i], (size_t)50 << i % 12); /* the last class is malloc's */
            assert_int_equal(status == UL_OK, out[i].data != NULL);
            failures += status != UL_OK;
            if (status != UL_OK)
                continue;
            memset(out[i].data, (int)i, out[i].capacity);
            out[i].length = 40;
            ul_buf before = out[i];
            if (ul_bufpool_grow(&pool, &out[i], out[i].capacity + 1) != UL_OK) {
                failures++;
                assert_memory_equal(&before, &out[i], sizeof before);
            }
            assert_int_equal(out[i].data[39], i);
        }
        for (unsigned i = 0; i < COUNT; i++)
            ul_bufpool_put(&pool, &out[i]); /* those that were not got are all zero */
        assert_int_equal(pool.out_count, 0);
    }
    ul_bufpool_free(&pool);
    assert_int_equal(pool.idle_bytes, 0);
    return failures;
}

static void test_bufpool(void **state)
{
    (void)state;
    fail_each(use_buffers);
}

static void count_drop(void *value, void *context)
{
    (void)value;
    ++*(unsigned *)context;
}

static unsigned use_cache(void)
{
    enum { COUNT = 60 };
    ul_cache *cache;
    unsigned failures = 0, dropped = 0, taken = 0;
    static int values[COUNT];
    if (ul_cache_new(&cache, &(ul_cache_options){.limit_entries = 40, .drop = count_drop, .context = &dropped}) != UL_OK) {
        assert_null(cache);
        return 1;
    }
    for (unsigned i = 0; i < COUNT; i++) {
        ul_status status = ul_cache_put(cache, &i, sizeof i, &values[i], 1);
        failures += status != UL_OK;
        taken += status == UL_OK;
        assert_ptr_equal(ul_cache_get(cache, &i, sizeof i), status == UL_OK ? &values[i] : NULL);
    }
    ul_cache_stats stats;
    ul_cache_stats_read(cache, &stats);
    assert_true(stats.entry_count <= 40 && stats.entry_count + dropped == taken);
    ul_cache_free(cache);
    assert_int_equal(dropped, taken); /* what was refused stayed the caller's */
    return failures;
}

static void test_cache(void **state)
{
    (void)state;
    fail_each(use_cache);
}

typedef struct aligned_item {
    _Alignas(64) int number;
} aligned_item;

static unsigned use_vectors(void)
{
    enum { COUNT = 300 };
    UL_VEC(int) numbers = {0};
    UL_VEC(aligned_item) items = {0};
    unsigned failures = 0;
    for (int i = 0; i < COUNT; i++) {
        size_t before = numbers.count, items_before = items.count;
        bool has_number = ul_vec_push(&numbers, i) == UL_OK, has_item = ul_vec_push(&items, (aligned_item){i}) == UL_OK;
        failures += !has_number + !has_item;
        assert_int_equal(numbers.count, before + has_number);
        assert_int_equal(items.count, items_before + has_item);
    }
    for (size_t i = 1; i < numbers.count; i++)
        assert_true(numbers.items[i - 1] < numbers.items[i]);
    for (size_t i = 1; i < items.count; i++)
        assert_true(items.items[i - 1].number < items.items[i].number);
    assert_true(numbers.count + items.count + failures == 2 * COUNT);
    ul_vec_free(&numbers);
    ul_vec_free(&items);
    return failures;
}

static void test_vec(void **state)
{
    (void)state;
    fail_each(use_vectors);
}

static unsigned use_text(void)
{
    ul_strbuf text;
    ul_strbuf_init(&text);
    for (unsigned i = 0; i < 400 && !text.has_failed; i++) {
        size_t before = text.length;
        ul_strbuf_printf(&text, "%03u ", i);
        assert_true(text.length == before + 4 || (text.has_failed && text.length <= before + 4));
    }
    unsigned failures = text.has_failed;
    for (size_t at = 0; at + 4 <= text.length; at += 4)
        assert_int_equal(strtoul(text.data + at, NULL, 10), at / 4);
    ul_strbuf_free(&text);
    return failures;
}

static void test_strbuf(void **state)
{
    (void)state;
    fail_each(use_text);
}

static unsigned use_streams(void)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    unsigned failures = 0;
    ul_writer writer;
    ul_writer_init(&writer, fileno(file), 64);
    for (unsigned i = 0; i < 100; i++)
        ul_writer_printf(&writer, "%0*u\n", (int)(1 + i * 2), i); /* the longest do not fit the buffer */
    failures += ul_writer_close(&writer) != UL_OK;
    assert_int_equal(lseek(fileno(file), 0, SEEK_SET), 0);
    ul_stream stream;
    ul_str line;
    ul_stream_init(&stream, fileno(file), 16, 0);
    unsigned lines = 0;
    while (ul_stream_line(&stream, &line)) {
        assert_int_equal(strtoul(line.data, NULL, 10), lines);
        lines++;
    }
    assert_true(stream.status == UL_OK || stream.status == UL_ERR_NOMEM);
    assert_true(lines == 100 || failures || stream.status != UL_OK); /* nothing is lost in silence */
    failures += stream.status != UL_OK;
    ul_stream_close(&stream);
    fclose(file);
    return failures;
}

static void test_stream(void **state)
{
    (void)state;
    fail_each(use_streams);
}

static ul_status add_up(void *items, size_t count, void *context)
{
    for (size_t i = 0; i < count; i++)
        *(unsigned *)context += ((unsigned *)items)[i];
    return UL_OK;
}

static unsigned use_batch(void)
{
    unsigned sum = 0, want = 0, failures = 0;
    ul_batch batch;
    ul_batch_init(&batch, &(ul_batch_options){.item_bytes = sizeof(unsigned), .limit_count = 8, .run = add_up, .context = &sum});
    for (unsigned i = 1; i <= 30; i++) {
        bool is_taken = ul_batch_add(&batch, &i) == UL_OK;
        failures += !is_taken;
        want += is_taken ? i : 0;
    }
    assert_int_equal(ul_batch_flush(&batch), UL_OK);
    assert_int_equal(sum, want);
    ul_batch_free(&batch);
    return failures;
}

static void test_batch(void **state)
{
    (void)state;
    fail_each(use_batch);
}

/* A pipe cannot be mapped: it is copied into memory that grows. */
static unsigned use_mapfile(void)
{
    enum { BYTES = 40000 };
    static char bytes[BYTES];
    int ends[2];
    ul_mapfile file;
    memset(bytes, 'x', sizeof bytes);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], bytes, sizeof bytes), BYTES); /* a pipe holds 64 KiB */
    close(ends[1]);
    ul_status status = ul_mapfile_open_fd(&file, ends[0], UL_MAPFILE_SEQUENTIAL, 0);
    close(ends[0]);
    if (status != UL_OK) {
        assert_int_equal(status, UL_ERR_NOMEM);
        assert_true(file.bytes.data == NULL && file.bytes.length == 0);
        return 1;
    }
    assert_int_equal(file.bytes.length, BYTES);
    assert_memory_equal(file.bytes.data, bytes, BYTES);
    ul_mapfile_close(&file);
    return 0;
}

static void test_mapfile(void **state)
{
    (void)state;
    fail_each(use_mapfile);
}

/* Runs in a thread of its own, which has no scratch arenas yet. */
static unsigned use_scratch(void)
{
    ul_arena out;
    unsigned failures = 0;
    ul_arena_init(&out, NULL);
    ul_scratch outer = ul_scratch_begin(&out);
    for (unsigned i = 0; i < 12; i++) {
        ul_scratch inner = ul_scratch_begin(outer.arena);
        assert_ptr_not_equal(inner.arena, outer.arena);
        char *mine = ul_arena_alloc(inner.arena, (size_t)40000 << i % 4, 8), *theirs = ul_arena_alloc(outer.arena, 9000, 8);
        failures += !mine + !theirs;
        if (mine)
            memset(mine, 1, (size_t)40000 << i % 4);
        if (theirs)
            memset(theirs, 2, 9000);
        ul_scratch_end(inner);
        assert_true(!theirs || (theirs[0] == 2 && theirs[8999] == 2));
    }
    ul_scratch_end(outer);
    ul_arena_free(&out);
    return failures;
}

static void *run_scratch(void *result)
{
    *(unsigned *)result = use_scratch();
    return NULL;
}

static unsigned use_scratch_of_a_thread(void)
{
    pthread_t thread;
    unsigned failures = 0;
    assert_int_equal(pthread_create(&thread, NULL, run_scratch, &failures), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    return failures;
}

static void test_scratch(void **state)
{
    (void)state;
    fail_each(use_scratch_of_a_thread);
}

/* What is found without a watching allocator, and what the twin finds of buffers. */
static void test_buffer_faults(void **state)
{
    (void)state;
    rt_faults faults;
    rt_faults_begin(&faults, "twin");
    ul_bufpool pool, other;
    ul_buf buf, copy;
    ul_bufpool_init(&pool, 0);
    ul_bufpool_init(&other, 0);
    assert_int_equal(ul_bufpool_get_at(&pool, &buf, 100, "get.c:1"), UL_OK);
    copy = buf;
    ul_bufpool_put_at(&other, &copy, "put.c:2"); /* not from there */
    assert_int_equal(faults.count, 1);
    assert_int_equal(faults.last.kind, UL_FAULT_FOREIGN_PUT);
    assert_string_equal(faults.last.got_at, "get.c:1");
    assert_string_equal(faults.last.here, "put.c:2");
    copy = buf;
    ul_bufpool_put_at(&pool, &buf, "put.c:3");
    ul_bufpool_put_at(&pool, &copy, "put.c:4");
    assert_int_equal(faults.count, 2);
    assert_int_equal(faults.last.kind, UL_FAULT_DOUBLE_PUT);
    assert_string_equal(faults.last.put_at, "put.c:3");
    assert_string_equal(faults.last.here, "put.c:4");
    assert_int_equal(pool.out_count, 0);
    assert_int_equal(ul_bufpool_get(&pool, &buf, SIZE_MAX), UL_ERR_NOMEM);
    assert_int_equal(ul_bufpool_get(&pool, &buf, SIZE_MAX - 40), UL_ERR_NOMEM);
    assert_int_equal(pool.out_count, 0);
    ul_bufpool_free(&pool);
    ul_bufpool_free(&other);
    rt_faults_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bufpool), cmocka_unit_test(test_cache),   cmocka_unit_test(test_vec),     cmocka_unit_test(test_strbuf),        cmocka_unit_test(test_stream),
        cmocka_unit_test(test_batch),   cmocka_unit_test(test_mapfile), cmocka_unit_test(test_scratch), cmocka_unit_test(test_buffer_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

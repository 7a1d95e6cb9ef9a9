/*
 * What a stranger passes in: sizes and counts near SIZE_MAX in everything that takes one, nothing at all, a
 * buffer added to itself, descriptors of the wrong kind, signals and a pool that goes out of scope. Nothing
 * may end but by its status.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/rt_faults.h"
#include "ullage/arena.h"
#include "ullage/bufpool.h"
#include "ullage/cache.h"
#include "ullage/pool.h"
#include "ullage/prof.h"
#include "ullage/shared_pool.h"
#include "ullage/strbuf.h"
#include "ullage/stream.h"
#include "ullage/vec.h"

/* What cannot be had is NULL under sanitizers too. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static const char *const modes[] = {"fast", "sample", "watch", "twin"};
static const size_t huge[] = {SIZE_MAX,        SIZE_MAX - 15,   SIZE_MAX - 63,   SIZE_MAX / 2 + 1,
                              SIZE_MAX / 2,    SIZE_MAX / 4,    SIZE_MAX / 16,   (size_t)1 << 59,
                              (size_t)1 << 58, (size_t)1 << 57, (size_t)1 << 54, (size_t)1 << 50,
                              (size_t)1 << 47};
enum { HUGE_COUNT = sizeof huge / sizeof huge[0] };

/* A machine may grant 128 TiB of address space; what is asked for is more. */
static void check_pool(size_t size)
{
    ul_pool_options options = {.size_bytes = size};
    for (unsigned variant = 0; variant < 3; variant++) {
        ul_pool pool;
        options.on_lines = options.has_handles = variant == 1;
        options.align_bytes = variant == 2 ? size : 0;
        options.size_bytes = variant == 2 ? 8 : size;
        ul_pool_init(&pool, &options);
        void *object = ul_pool_get(&pool);
        if (variant < 2) {
            assert_null(object);
            assert_int_equal(ul_pool_reserve(&pool, 1), UL_ERR_NOMEM);
        }
        ul_pool_put(&pool, object);
        assert_int_equal(ul_pool_reserve(&pool, size), UL_ERR_NOMEM);
        ul_pool_trim(&pool);
        ul_pool_free(&pool);
        ul_shared_pool *shared = NULL;
        options.has_handles = false;
        if (ul_shared_pool_new(&shared, &options) == UL_OK) {
            object = ul_shared_pool_get(shared);
            assert_true(variant == 2 || !object);
            ul_shared_pool_put(shared, object);
        }
        ul_shared_pool_free(shared);
    }
}

static void test_pools(void **state)
{
    (void)state;
    for (unsigned mode = 0; mode < 4; mode++) {
        ul_debug_set_mode(modes[mode]);
        for (unsigned i = 0; i < HUGE_COUNT; i++)
            check_pool(huge[i]);
        for (unsigned i = 0; i < HUGE_COUNT; i++) { /* a bound that is none */
            ul_pool pool;
            ul_pool_init(&pool, &(ul_pool_options){.size_bytes = 8, .limit_objects = huge[i]});
            void *object = ul_pool_get(&pool);
            assert_non_null(object);
            ul_pool_put(&pool, object);
            ul_pool_free(&pool);
        }
    }
    ul_debug_set_mode(NULL);
}

static void check_arena(ul_arena *arena, size_t size)
{
    void *small = ul_arena_alloc(arena, 32, 8);
    assert_null(ul_arena_alloc(arena, size, 8));
    assert_null(ul_arena_take(arena, size, 16));
    assert_null(ul_arena_take(arena, 8, (size & (size - 1)) == 0 ? size : 24));
    assert_null(ul_arena_alloc_lines(arena, size));
    assert_null(ul_arena_calloc(arena, size, 8, 8));
    assert_null(ul_arena_take_array(arena, size, size, 8));
    assert_null(ul_arena_resize(arena, small, small ? 32 : 0, size, 8));
    assert_null(ul_arena_grow(arena, small, small ? 4 : 0, size, 8, 8));
    assert_null(ul_arena_strndup(arena, "", size));
    assert_null(ul_arena_copy(arena, "", size, 1));
    assert_true(!small || ul_arena_alloc(arena, 0, 8) != NULL);
    ul_arena_reset(arena);
    ul_arena_trim(arena, size);
    ul_arena_free(arena);
}

static void test_arenas(void **state)
{
    (void)state;
    for (unsigned mode = 0; mode < 4; mode++) {
        ul_debug_set_mode(modes[mode]);
        for (unsigned i = 0; i < HUGE_COUNT; i++) {
            ul_arena arena = UL_ZERO;
            char buffer[256];
            check_arena(&arena, huge[i]);
            ul_arena_init_with(&arena,
                               &(ul_arena_options){.largest_block_bytes = huge[i], .limit_bytes = huge[i]});
            check_arena(&arena, huge[i]);
            ul_arena_init_with(&arena, &(ul_arena_options){.first_block_bytes = huge[i]});
            check_arena(&arena, huge[i]);
            ul_arena_init_buffer(&arena, buffer, sizeof buffer);
            check_arena(&arena, huge[i]);
            ul_arena_init_buffer(&arena, NULL, huge[i]);
            assert_null(ul_arena_alloc(&arena, 1, 1));
            assert_int_equal(ul_arena_init_reserved(&arena, huge[i]), UL_ERR_NOMEM);
            assert_null(ul_arena_alloc(&arena, 1, 1));
            ul_arena_free(&arena);
        }
    }
    ul_debug_set_mode(NULL);
}

static void test_containers(void **state)
{
    (void)state;
    for (unsigned i = 0; i < HUGE_COUNT; i++) {
        UL_VEC(uint64_t) vec = UL_ZERO;
        assert_int_equal(ul_vec_reserve(&vec, huge[i]), UL_ERR_NOMEM);
        assert_int_equal(ul_vec_push(&vec, 7), UL_OK);
        assert_int_equal(ul_vec_reserve(&vec, huge[i]), UL_ERR_NOMEM);
        assert_true(vec.count == 1 && vec.items[0] == 7);
        ul_vec_free(&vec);
        ul_bufpool buffers;
        ul_buf buf;
        ul_bufpool_init(&buffers, huge[i]);
        assert_int_equal(ul_bufpool_get(&buffers, &buf, huge[i]), UL_ERR_NOMEM);
        assert_null(buf.data);
        ul_bufpool_put(&buffers, &buf);
        assert_int_equal(ul_bufpool_get(&buffers, &buf, 0), UL_OK);
        assert_int_equal(buf.capacity, UL_BUFPOOL_LEAST_BYTES);
        assert_int_equal(ul_bufpool_grow(&buffers, &buf, huge[i]), UL_ERR_NOMEM);
        ul_bufpool_put(&buffers, &buf);
        ul_bufpool_free(&buffers);
        ul_strbuf text = UL_ZERO;
        ul_strbuf_puts(&text, "abc");
        ul_strbuf_reserve(&text, huge[i]);
        assert_true(text.has_failed && strcmp(text.data, "abc") == 0);
        ul_strbuf_clear(&text);
        ul_strbuf_fill(&text, 'x', huge[i]);
        assert_true(text.has_failed && text.length == 0);
        ul_strbuf_free(&text);
        ul_batch batch;
        ul_batch_init(&batch, &(ul_batch_options){.item_bytes = 16, .limit_count = huge[i], .run = NULL});
        assert_int_equal(ul_batch_add(&batch, "0123456789abcdef"), UL_ERR_USAGE);
        ul_batch_free(&batch);
    }
}

/* The sum of weights is no number any more, and the bound holds all the same. */
static void test_cache_weights(void **state)
{
    (void)state;
    static unsigned dropped;
    ul_cache *cache;
    ul_cache_stats stats;
    assert_int_equal(ul_cache_new(&cache, &(ul_cache_options){.limit_bytes = SIZE_MAX - 1}), UL_OK);
    assert_int_equal(ul_cache_put(cache, "a", 1, &dropped, SIZE_MAX), UL_ERR_LIMIT);
    assert_int_equal(ul_cache_put(cache, "a", 1, &dropped, SIZE_MAX - 1), UL_OK);
    assert_int_equal(ul_cache_put(cache, "b", 1, &dropped, SIZE_MAX - 1), UL_OK);
    assert_null(ul_cache_get(cache, "a", 1));
    assert_int_equal(ul_cache_put(cache, "c", 1, &dropped, 2), UL_OK);
    assert_null(ul_cache_get(cache, "b", 1));
    assert_int_equal(ul_cache_put(cache, "c", 1, &dropped, SIZE_MAX - 1), UL_OK); /* heavier than before */
    ul_cache_stats_read(cache, &stats);
    assert_true(stats.entry_count == 1 && stats.weight_bytes == SIZE_MAX - 1 && stats.evicted_count == 2);
    ul_cache_free(cache);
}

static void build(ul_arena *arena)
{
    ul_strbuf text;
    ul_strbuf_init_in(&text, arena);
    char model[20000] = "0123456789";
    ul_strbuf_puts(&text, model);
    for (unsigned i = 0; i < 5; i++) { /* four times as long, each time */
        size_t length = strlen(model);
        ul_strbuf_add(&text, text.data, text.length);
        memmove(model + length, model, length);
        ul_strbuf_add_str(&text, ul_str_slice(ul_strbuf_str(&text), 3, 8));
        memcpy(model + strlen(model), (char[]){model[3], model[4], model[5], model[6], model[7]}, 5);
        ul_strbuf_puts(&text, text.data + 1);
        length = strlen(model);
        memmove(model + length, model + 1, length - 1);
        assert_string_equal(text.data, model);
    }
    ul_strbuf_add_str(&text, ul_str_of(NULL, 0));
    assert_string_equal(text.data, model);
    ul_strbuf_free(&text);
}

static void test_self_append(void **state)
{
    (void)state;
    build(NULL);
    ul_arena arena = UL_ZERO;
    build(&arena);
    ul_arena_free(&arena);
}

/* ---- descriptors ----------------------------------------------------------------------------------------
 */

static void test_exactly(void **state)
{
    (void)state;
    for (unsigned i = 0; i < HUGE_COUNT; i++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        assert_int_equal(write(ends[1], "line\nrest", 9), 9);
        close(ends[1]);
        ul_stream stream;
        ul_str line;
        ul_bytes bytes;
        ul_stream_init(&stream, ends[0], 0, SIZE_MAX);
        assert_true(ul_stream_line(&stream, &line));
        assert_false(
            ul_stream_exactly(&stream, huge[i], &bytes)); /* behind the line the sum is over the end */
        assert_int_equal(stream.status, UL_ERR_NOMEM);
        ul_stream_close(&stream);
        close(ends[0]);
        ul_stream_init(&stream, ends[0], huge[i], 0); /* closed, and no such buffer */
        assert_false(ul_stream_line(&stream, &line));
        assert_int_equal(stream.status, UL_ERR_NOMEM);
        ul_stream_close(&stream);
    }
}

static void test_wrong_kinds(void **state)
{
    (void)state;
    ul_stream stream;
    ul_str line;
    assert_int_equal(ul_stream_open(&stream, "/", 0, 0), UL_OK); /* open(2) has nothing against it */
    assert_false(ul_stream_line(&stream, &line));
    assert_true(stream.status == UL_ERR_IO && stream.error == EISDIR);
    ul_stream_close(&stream);
    ul_stream_init(&stream, -1, 0, 0);
    assert_false(ul_stream_line(&stream, &line));
    assert_true(stream.status == UL_ERR_IO && stream.error == EBADF);
    ul_stream_close(&stream);
    assert_int_equal(ul_stream_open(&stream, "/dev/null", 1, 1), UL_OK);
    assert_false(ul_stream_line(&stream, &line));
    assert_int_equal(stream.status, UL_OK);
    ul_stream_close(&stream);
    ul_writer writer;
    int full = open("/dev/full", O_WRONLY);
    if (full < 0)
        return;
    ul_writer_init(&writer, full, 16);
    ul_writer_printf(&writer, "%s", "more than sixteen bytes");
    assert_true(writer.status == UL_ERR_IO && writer.error == ENOSPC);
    ul_writer_add(&writer, "x", 1);
    assert_int_equal(ul_writer_close(&writer), UL_ERR_IO);
    close(full);
}

/* A pipe that does not block: each half of a line comes late. */
static void test_not_yet(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    ul_stream stream;
    ul_str line;
    ul_stream_init(&stream, ends[0], 4, 0);
    for (unsigned round = 0; round < 5; round++) {
        assert_int_equal(write(ends[1], "half", 4), 4);
        assert_false(ul_stream_line(&stream, &line));
        assert_true(stream.status == UL_ERR_IO && stream.error == EAGAIN);
        assert_int_equal(write(ends[1], " line\n", 6), 6);
        stream.status = UL_OK;
        assert_true(ul_stream_line(&stream, &line));
        assert_true(ul_str_is_equal(line, UL_STR("half line")));
    }
    ul_stream_close(&stream);
    close(ends[0]);
    close(ends[1]);
}

static void on_alarm(int number)
{
    (void)number;
}

/* Reads that signals interrupt, and writes of which the system takes a part. */
static void test_interrupted(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct sigaction action = {.sa_handler = on_alarm}, before; /* without SA_RESTART */
    sigaction(SIGALRM, &action, &before);
    pid_t child = fork();
    assert_true(child >= 0);
    struct itimerval often = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &often, NULL);
    if (child == 0) {
        close(ends[0]);
        ul_writer writer;
        ul_writer_init(&writer, ends[1], 300);
        for (unsigned i = 0; i < 40000; i++)
            ul_writer_printf(&writer, "line %u\n", i);
        _exit(ul_writer_close(&writer) != UL_OK);
    }
    close(ends[1]);
    ul_stream stream;
    ul_str line;
    unsigned count = 0;
    ul_stream_init(&stream, ends[0], 100, 0);
    for (; ul_stream_line(&stream, &line); count++) {
        char expected[32];
        snprintf(expected, sizeof expected, "line %u", count);
        assert_true(ul_str_is_equal(line, ul_str_of_cstr(expected)));
        if (count % 5000 == 0)
            usleep(1000);
    }
    setitimer(ITIMER_REAL, &never, NULL);
    sigaction(SIGALRM, &before, NULL);
    assert_int_equal(stream.status, UL_OK);
    assert_int_equal(count, 40000);
    ul_stream_close(&stream);
    close(ends[0]);
}

/* ---- out of scope ---------------------------------------------------------------------------------------
 */

static const ul_prof_entry *find(const ul_prof_entry *entries, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(entries[i].name, name) == 0)
            return &entries[i];
    }
    return NULL;
}

/* A pool and an arena that are overwritten before anybody freed them: reports neither follow them nor invent.
 */
static void test_gone(void **state)
{
    (void)state;
    for (unsigned mode = 0; mode < 4; mode++) {
        ul_debug_set_mode(modes[mode]);
        ul_pool pool, pool_was;
        ul_arena arena, arena_was, other;
        ul_pool_init(&pool, &(ul_pool_options){.name = "gone pool", .size_bytes = 24});
        ul_arena_init_with(&arena, &(ul_arena_options){.name = "gone arena"});
        for (unsigned i = 0; i < 10; i++)
            assert_non_null(ul_pool_get(&pool));
        assert_non_null(ul_arena_alloc(&arena, 8, 8));
        pool_was = pool;
        arena_was = arena;
        memset(&pool, 0x5A, sizeof pool);
        memset(&arena, 0x5A, sizeof arena);
        ul_arena_init_with(&other,
                           &(ul_arena_options){.name = "another"}); /* listed beside the one that is gone */
        assert_non_null(ul_arena_alloc(&other, 8, 8));
        ul_prof_entry entries[16];
        size_t count = ul_prof_read(entries, 16);
        assert_true(count <= 16);
        const ul_prof_entry *entry = find(entries, count, "gone pool");
        assert_non_null(entry);
        assert_int_equal(entry->is_gone, mode == 0);
        assert_in_range(entry->live_count, 10, mode == 0 ? 1000 : 10);
        entry = find(entries, count, "gone arena");
        assert_true(entry && entry->is_gone && entry->live_bytes == 0);
        entry = find(entries, count, "another");
        assert_true(entry && !entry->is_gone && entry->live_bytes >= 8 &&
                    entry->total_bytes == entry->live_bytes);
        ul_arena_free(&other);
        pool = pool_was;
        arena = arena_was;
        assert_int_equal(ul_prof_leaks(NULL), 10);
        rt_faults faults;
        rt_faults_begin(&faults, NULL);
        ul_pool_free(&pool);
        rt_faults_end();
        ul_arena_free(&arena);
        assert_int_equal(ul_prof_read(entries, 16), 0);
    }
    ul_debug_set_mode(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pools),       cmocka_unit_test(test_arenas),
        cmocka_unit_test(test_containers),  cmocka_unit_test(test_cache_weights),
        cmocka_unit_test(test_self_append), cmocka_unit_test(test_exactly),
        cmocka_unit_test(test_wrong_kinds), cmocka_unit_test(test_not_yet),
        cmocka_unit_test(test_interrupted), cmocka_unit_test(test_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

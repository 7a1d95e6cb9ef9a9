/* What a small program does with the runtime, in C11 and, included by outside.cpp, in C++17. */
#include <pthread.h>
#include <stdio.h>

#include <ullage/arena.h>
#include <ullage/bufpool.h>
#include <ullage/cache.h>
#include <ullage/debug.h>
#include <ullage/line.h>
#include <ullage/mapfile.h>
#include <ullage/pool.h>
#include <ullage/prof.h>
#include <ullage/scratch.h>
#include <ullage/shared_pool.h>
#include <ullage/status.h>
#include <ullage/strbuf.h>
#include <ullage/stream.h>
#include <ullage/vec.h>
#include <ullage/view.h>

typedef struct point {
    double x, y;
} point;

UL_POOL_OF(point_pool, point);
UL_ASSERT_SIZE(point, 16);

static void *in_thread(void *argument)
{
    ul_shared_pool *pool = (ul_shared_pool *)argument;
    for (int i = 0; i < 10000; i++)
        ul_shared_pool_put(pool, ul_shared_pool_get(pool));
    return NULL;
}

static int use_threads(void)
{
    ul_shared_pool *pool;
    ul_pool_options options = {"points", sizeof(point), 8, NULL, NULL, NULL, NULL, 0, NULL, false, false};
    pthread_t thread;
    if (ul_shared_pool_new(&pool, &options) != UL_OK || pthread_create(&thread, NULL, in_thread, pool) != 0)
        return 1;
    in_thread(pool);
    pthread_join(thread, NULL);
    ul_pool_stats stats;
    ul_shared_pool_stats_read(pool, &stats);
    ul_shared_pool_free(pool);
    return stats.live_count != 0;
}

static int use_memory(void)
{
    ul_arena arena;
    ul_arena_init(&arena, NULL);
    UL_VEC(int) numbers;
    ul_vec_init(&numbers, &arena);
    for (int i = 0; i < 1000; i++) {
        if (ul_vec_push(&numbers, i) != UL_OK)
            return 1;
    }
    UL_SCOPE(&arena)
    {
        point *p = UL_NEW(&arena, point);
        point *many = UL_NEW_ARRAY(&arena, point, 100);
        if (!p || !many || p->x != 0 || many[99].y != 0)
            return 1;
    }
    int *grown = NULL;
    uint32_t count = 0, capacity = 0;
    UL_RESERVE(&arena, grown, count, capacity);
    grown[count++] = 1;
    point_pool pool;
    point_pool_init(&pool, NULL);
    point *p = point_pool_get(&pool);
    point_pool_put(&pool, p);
    if (point_pool_reserve(&pool, 100) != UL_OK)
        return 1;
    p = UL_POOL_GET(&pool);
    UL_POOL_PUT(&pool, p);
    point_pool_free(&pool);
    ul_strbuf text;
    ul_strbuf_init_in(&text, &arena);
    ul_strbuf_printf(&text, "%d", numbers.items[999]);
    int is_wrong = !ul_str_is_equal(ul_strbuf_str(&text), UL_STR("999"));
    ul_scratch scratch = ul_scratch_begin(&arena);
    is_wrong |= ul_arena_strdup(scratch.arena, "x") == NULL;
    ul_scratch_end(scratch);
    ul_arena_free(&arena);
    return is_wrong;
}

/* Every type that one may declare, all zero, with no warning in either language. */
static int use_zeroes(void)
{
    UL_VEC(int) numbers = UL_ZERO;
    UL_VEC(point) points = UL_ZERO;
    ul_arena arena = UL_ZERO;
    ul_arena_options arena_options = UL_ZERO;
    ul_mark mark = UL_ZERO;
    ul_pool_options pool_options = UL_ZERO;
    ul_pool_handle handle = UL_ZERO;
    ul_pool_stats pool_stats = UL_ZERO;
    ul_bufpool buffers = UL_ZERO;
    ul_buf buffer = UL_ZERO;
    ul_strbuf text = UL_ZERO;
    ul_str view = UL_ZERO;
    ul_bytes bytes = UL_ZERO;
    ul_stream stream = UL_ZERO;
    ul_writer writer = UL_ZERO;
    ul_batch batch = UL_ZERO;
    ul_batch_options batch_options = UL_ZERO;
    ul_mapfile file = UL_ZERO;
    ul_cache_options cache_options = UL_ZERO;
    ul_cache_stats cache_stats = UL_ZERO;
    ul_prof_entry entry = UL_ZERO;
    ul_fault fault = UL_ZERO;
    ul_line_counter counter = UL_ZERO;
    static ul_sharded_counter shards = UL_ZERO;
    ul_spin lock = UL_ZERO;
    point corner = {1, 2};
    int is_wrong = ul_vec_push(&numbers, 7) != UL_OK || ul_vec_push(&points, corner) != UL_OK ||
                   ul_vec_reserve(&numbers, 100) != UL_OK || numbers.items[0] != 7 || points.items[0].y != 2;
    ul_vec_free(&numbers);
    ul_vec_free(&points);
    ul_arena_rewind(&arena, mark);
    ul_arena_init_with(&arena, &arena_options);
    ul_strbuf_add_str(&text, view);
    ul_strbuf_free(&text);
    ul_bufpool_put(&buffers, &buffer);
    ul_batch_free(&batch);
    ul_mapfile_close(&file);
    is_wrong |=
        ul_writer_close(&writer) != UL_OK || batch_options.run != NULL || ul_spin_try(&lock) != true ||
        ul_sharded_counter_read(&shards) + ul_line_counter_read(&counter) != 0 || handle.bits != 0 ||
        pool_options.size_bytes + pool_stats.live_count + bytes.length + stream.end != 0 ||
        cache_options.limit_bytes + cache_stats.entry_count + entry.held_bytes + fault.size_bytes != 0;
    return is_wrong;
}

int main(void)
{
    if (use_memory() != 0 || use_threads() != 0 || use_zeroes() != 0)
        return 1;
    puts("the runtime works outside");
    return 0;
}

/*
 * One mistake by name, for tests/rt_watch.sh: AddressSanitizer, Valgrind or the twin must see it. "none"
 * makes none.
 */
#include <stdio.h>
#include <stdlib.h>

#include <ullage/arena.h>
#include <ullage/bufpool.h>
#include <ullage/pool.h>
#include <ullage/shared_pool.h>

static volatile char sink;

int main(int count, char **words)
{
    const char *mistake = count == 2 ? words[1] : "none";
    ul_arena arena = {0};
    ul_pool pool;
    ul_shared_pool *shared;
    ul_bufpool buffers = {0};
    ul_buf buf;
    ul_pool_options options = {.name = "watched", .size_bytes = 40};
    ul_pool_init(&pool, &options);
    if (ul_shared_pool_new(&shared, &options) != UL_OK || ul_bufpool_get(&buffers, &buf, 100) != UL_OK)
        return 3;
    char *in_arena = ul_arena_alloc(&arena, 24, 8), *object = ul_pool_get(&pool),
         *job = ul_shared_pool_get(shared);
    char **kept = ul_arena_alloc(&arena, 8, 8);
    kept[0] = malloc(100); /* only the arena leads to it: not a leak while the arena lives */
    memset(object, 1, 40);
    memset(job, 1, 40);
    buf.data[0] = 'x';
    if (strcmp(mistake, "arena-overflow") == 0)
        in_arena[24] = 1;
    if (strcmp(mistake, "pool-overflow") == 0)
        object[40] = 1;
    unsigned char *data = buf.data;
    ul_bufpool_put(&buffers, &buf);
    if (strcmp(mistake, "buffer-after-put") == 0)
        data[90] = 1;
    ul_pool_put(&pool, object);
    if (strcmp(mistake, "pool-after-put") == 0)
        sink = object[8];
    ul_shared_pool_put(shared, job);
    if (strcmp(mistake, "shared-after-put") == 0)
        sink = job[8];
    if (strcmp(mistake, "double-put") == 0)
        ul_pool_put(&pool, object);
    if (strcmp(mistake, "not-written") == 0) { /* Valgrind knows what nobody wrote */
        char *fresh = ul_pool_get(&pool);
        if (fresh[3] == 77)
            puts("77");
        ul_pool_put(&pool, fresh);
    }
    free(kept[0]);
    ul_arena_reset(&arena);
    if (strcmp(mistake, "arena-after-reset") == 0)
        sink = in_arena[0];
    ul_arena_free(&arena);
    ul_bufpool_free(&buffers);
    ul_shared_pool_free(shared);
    ul_pool_free(&pool);
    return 0;
}

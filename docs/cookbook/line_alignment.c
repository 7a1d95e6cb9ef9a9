/*
 * Cache-line alignment: a 64-byte object that begins anywhere lies in two lines, and each use fetches both.
 * malloc promises 16 bytes only. Before: objects from malloc. After: a pool with `on_lines`.
 */
#include <ullage/pool.h>

#include "cook.h"

typedef struct entry {
    uint64_t words[8];
} entry;

enum { COUNT = 500000 };
static entry *by_malloc[COUNT], *by_pool[COUNT];

static double lines_each(entry *const *entries)
{
    double lines = 0;
    for (unsigned i = 0; i < COUNT; i++)
        lines += (double)(((uintptr_t)entries[i] + sizeof(entry) - 1) / UL_LINE_BYTES -
                          (uintptr_t)entries[i] / UL_LINE_BYTES + 1);
    return lines / COUNT;
}

static void touch(entry *const *entries)
{
    for (unsigned i = 0; i < COUNT; i++) {
        entry *e = entries[i * 7919u % COUNT]; /* in no order that the processor could guess */
        e->words[0]++;
        e->words[7]++;
    }
}

static void before(void)
{
    touch(by_malloc);
}

static void after(void)
{
    touch(by_pool);
}

int main(void)
{
    ul_pool pool;
    ul_pool_init(&pool, &(ul_pool_options){.size_bytes = sizeof(entry), .on_lines = true});
    for (unsigned i = 0; i < COUNT; i++) {
        by_malloc[i] = calloc(1, sizeof(entry));
        by_pool[i] = ul_pool_get(&pool);
        COOK_CHECK(by_malloc[i] && by_pool[i]);
        memset(by_pool[i], 0, sizeof(entry));
    }
    cook_show("lines that an object touches", lines_each(by_malloc), lines_each(by_pool), "lines");
    COOK_CHECK(lines_each(by_pool) == 1);
    cook_show("an object used at random", cook_time(before, COUNT), cook_time(after, COUNT), "ns");
    for (unsigned i = 0; i < COUNT; i++) {
        free(by_malloc[i]);
        ul_pool_put(&pool, by_pool[i]);
    }
    ul_pool_free(&pool);
    return 0;
}

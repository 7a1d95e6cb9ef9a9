/*
 * Size classes: malloc rounds up, so a byte saved counts only where it crosses a class. glibc's classes end
 * at 24, 40, 56, 72...; a pool has no classes. Before: 64-byte objects from malloc. After: the same from a
 * pool, and 56 bytes.
 */
#include <malloc.h>

#include <ullage/pool.h>

#include "cook.h"

enum { COUNT = 400000 };
static void *objects[COUNT];

static double bytes_each_by_malloc(size_t size)
{
    double from = cook_resident();
    for (unsigned i = 0; i < COUNT; i++) {
        objects[i] = malloc(size);
        COOK_CHECK(objects[i]);
        memset(objects[i], 1, size);
    }
    double each = (cook_resident() - from) / COUNT;
    for (unsigned i = 0; i < COUNT; i++)
        free(objects[i]);
    malloc_trim(0);
    return each;
}

static double bytes_each_by_pool(size_t size)
{
    ul_pool pool;
    ul_pool_init(&pool, &(ul_pool_options){.size_bytes = size, .align_bytes = 8});
    double from = cook_resident();
    for (unsigned i = 0; i < COUNT; i++) {
        objects[i] = ul_pool_get(&pool);
        COOK_CHECK(objects[i]);
        memset(objects[i], 1, size);
    }
    double each = (cook_resident() - from) / COUNT;
    for (unsigned i = 0; i < COUNT; i++)
        ul_pool_put(&pool, objects[i]);
    ul_pool_free(&pool);
    return each;
}

int main(void)
{
    memset(objects, 1, sizeof objects); /* its pages are not to be counted */
    double wide = bytes_each_by_malloc(64);
    cook_show("64 bytes, malloc and pool", wide, bytes_each_by_pool(64), "bytes of memory");
    cook_show("64 and 56 bytes, malloc", wide, bytes_each_by_malloc(56), "bytes of memory");
    return 0;
}

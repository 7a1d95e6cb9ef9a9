/*
 * Profiling: who holds the memory. Before: one figure for the process. After: a sampled profile of pools and
 * arenas by stack, in the text format of gperftools: `pprof -top program heap.prof`. What it costs: nothing
 * while it is off, a call and, for a put, a look at a table while it is on.
 */
#include <ullage/pool.h>
#include <ullage/prof.h>

#include "cook.h"

enum { COUNT = 200000 };
static void *objects[COUNT];
static ul_pool *pool;

static void get_and_put(void)
{
    for (unsigned i = 0; i < COUNT; i++)
        objects[i] = ul_pool_get(pool);
    for (unsigned i = 0; i < COUNT; i++)
        ul_pool_put(pool, objects[i]);
}

int main(void)
{
    ul_pool off, on;
    ul_pool_options options = {.name = "message", .size_bytes = 64};
    ul_pool_init(&off, &options);
    pool = &off;
    double before = cook_time(get_and_put, COUNT);
    ul_prof_sample_every(512 << 10);
    ul_pool_init(&on, &options);
    pool = &on;
    double after = cook_time(get_and_put, COUNT);
    cook_show("get and put, off and on", before, after, "ns");
    for (unsigned i = 0; i < COUNT; i++)
        objects[i] = ul_pool_get(&on);
    FILE *file = tmpfile();
    COOK_CHECK(file && ul_prof_write_heap(file) == UL_OK);
    rewind(file);
    char line[256] = "";
    COOK_CHECK(fgets(line, sizeof line, file));
    printf("what pprof reads: %s", line);
    COOK_CHECK(strncmp(line, "heap profile:", 13) == 0);
    fclose(file);
    COOK_CHECK(ul_prof_write_text(stdout) == UL_OK);
    for (unsigned i = 0; i < COUNT; i++)
        ul_pool_put(&on, objects[i]);
    ul_pool_free(&on);
    ul_pool_free(&off);
    return 0;
}

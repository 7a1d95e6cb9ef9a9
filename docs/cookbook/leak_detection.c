/*
 * Leak detection: which objects are still out, and who got them. Before: a program that grows. After: the
 * pool counts, and where it is watched (-DUL_DEBUG, as here, or UL_DEBUG=twin in the environment) it names
 * the lines. The second leak is a map that nobody trims: the bounded cache cannot be one.
 */
#define UL_DEBUG
#include <ullage/cache.h>
#include <ullage/debug.h>
#include <ullage/pool.h>
#include <ullage/prof.h>

#include "cook.h"

typedef struct session {
    uint64_t id;
    char user[24];
} session;

UL_POOL_OF(session_pool, session);
static unsigned faults;

static void note(const ul_fault *fault, void *context)
{
    (void)context;
    char text[512];
    ul_fault_format(text, sizeof text, fault);
    printf("told: %.60s...\n", text);
    faults++;
}

static void drop(void *value, void *context)
{
    ++*(size_t *)context;
    free(value);
}

int main(void)
{
    session_pool pool;
    ul_debug_on_fault(note, NULL);
    session_pool_init(&pool, NULL);
    for (unsigned i = 0; i < 100; i++) {
        session *s = ul_pool_get(&pool.pool);
        COOK_CHECK(s);
        if (i % 10 != 3) /* an early return that forgets */
            session_pool_put(&pool, s);
    }
    size_t live = ul_prof_leaks(stdout);
    cook_show("sessions that are known to be lost", 0, (double)live, "sessions");
    COOK_CHECK(live == 10);
    session_pool_free(&pool);
    COOK_CHECK(faults == 1); /* the end of the pool tells it too */

    size_t dropped = 0, put = 100000;
    ul_cache *cache;
    COOK_CHECK(ul_cache_new(&cache, &(ul_cache_options){
                                        .limit_entries = 1000, .drop = drop, .context = &dropped}) == UL_OK);
    for (uint64_t key = 0; key < put; key++)
        COOK_CHECK(ul_cache_put(cache, &key, sizeof key, malloc(16), 16) == UL_OK);
    cook_show("entries of a map that is only filled", (double)put, (double)(put - dropped), "entries");
    COOK_CHECK(put - dropped == 1000);
    ul_cache_free(cache);
    return 0;
}

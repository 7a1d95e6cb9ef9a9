#include "ullage/scratch.h"

#include <pthread.h>

/* What a thread that has nothing in use keeps of each arena. */
#define KEEP_BYTES ((size_t)1 << 20)

static __thread ul_arena ul_scratch_arenas[UL_SCRATCH_ARENAS];

/* Its value says only that the thread has arenas to free. */
static struct {
    pthread_once_t once;
    pthread_key_t key;
    bool has_key;
} ul_scratch_end_of_thread = {.once = PTHREAD_ONCE_INIT};

static void free_arenas(void *arenas)
{
    for (unsigned i = 0; i < UL_SCRATCH_ARENAS; i++)
        ul_arena_free((ul_arena *)arenas + i);
}

static void make_key(void)
{
    ul_scratch_end_of_thread.has_key = pthread_key_create(&ul_scratch_end_of_thread.key, free_arenas) == 0;
}

ul_scratch ul_scratch_begin_avoiding_at(const ul_arena *const *avoid, size_t count, const char *site)
{
    unsigned at = 0;
    for (size_t i = 0; i < count; i++) { /* from the start again after each that had to be left */
        if (avoid[i] == &ul_scratch_arenas[at] && at + 1 < UL_SCRATCH_ARENAS) {
            at++;
            i = SIZE_MAX;
        }
    }
    ul_arena *arena = &ul_scratch_arenas[at];
    if (!arena->first) {
        pthread_once(&ul_scratch_end_of_thread.once, make_key);
        if (ul_scratch_end_of_thread.has_key)
            (void)pthread_setspecific(ul_scratch_end_of_thread.key, ul_scratch_arenas);
    }
    return (ul_scratch){arena, ul_arena_mark_at(arena, site)};
}

ul_scratch ul_scratch_begin_at(const ul_arena *avoid, const char *site)
{
    return ul_scratch_begin_avoiding_at(&avoid, 1, site);
}

void ul_scratch_end_at(ul_scratch scratch, const char *site)
{
    ul_arena_rewind_at(scratch.arena, scratch.mark, site);
    if (UL_LIKELY(ul_arena_held_bytes(scratch.arena) <= KEEP_BYTES))
        return;
    if (scratch.mark.block)
        ul_arena_trim(scratch.arena, KEEP_BYTES);
    else /* it was empty, so no outer scratch holds a mark of a block */
        ul_arena_free_at(scratch.arena, site);
}

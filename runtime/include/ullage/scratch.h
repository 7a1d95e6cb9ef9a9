/*
 * Scratch memory of this thread: an arena for what a function needs until it returns. A function that also
 * fills an arena of its caller names it, and gets another one: what it returns is never in the scratch that
 * it gives back.
 *
 *     char *join(ul_arena *out, ...)
 *     {
 *         ul_scratch scratch = ul_scratch_begin(out);     // out may itself be a scratch arena
 *         ... ul_arena_alloc(scratch.arena, ...) ...
 *         char *result = ul_arena_printf(out, ...);
 *         ul_scratch_end(scratch);
 *         return result;
 *     }
 *
 * Begin and end must nest; an inner one that ends after its outer one is a stale mark (arena.h). A thread's
 * arenas are freed when it ends. What happens before what: all in one thread.
 */
#ifndef ULLAGE_SCRATCH_H
#define ULLAGE_SCRATCH_H

#include "ullage/arena.h"

UL_BEGIN_DECLS

enum { UL_SCRATCH_ARENAS = 4 };

typedef struct ul_scratch {
    ul_arena *arena;
    ul_mark mark;
} ul_scratch;

/* One of this thread's arenas that is not `avoid` (NULL: any). It has no `oom` hook: allocation may return
 * NULL. */
UL_API ul_scratch ul_scratch_begin_at(const ul_arena *avoid, const char *site);
#define ul_scratch_begin(avoid) ul_scratch_begin_at((avoid), UL_SITE)
/* One that is none of `avoid[0..count)`; count at most UL_SCRATCH_ARENAS - 1 of this thread's, others do no
 * harm. */
UL_API ul_scratch ul_scratch_begin_avoiding_at(const ul_arena *const *avoid, size_t count, const char *site);
#define ul_scratch_begin_avoiding(avoid, count) ul_scratch_begin_avoiding_at((avoid), (count), UL_SITE)
/* Takes back everything since the begin. The blocks stay, warm, up to 1 MiB an arena. */
UL_API void ul_scratch_end_at(ul_scratch scratch, const char *site);
#define ul_scratch_end(scratch) ul_scratch_end_at((scratch), UL_SITE)

UL_END_DECLS

#endif

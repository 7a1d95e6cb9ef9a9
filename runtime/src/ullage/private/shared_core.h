/*
 * What a shared pool is made of: its core, the depot of magazines, the fronts of threads. shared_pool.c is what gets and puts go
 * through, shared_pool_life.c the rest; for those two only.
 */
#ifndef ULLAGE_PRIVATE_SHARED_CORE_H
#define ULLAGE_PRIVATE_SHARED_CORE_H

#include <stdatomic.h>

#include "ullage/private/process.h"
#include "ullage/private/slabs.h"
#include "ullage/shared_pool.h"

/*
 * Magazines are numbered and stay until the pool ends, so a thread may look at one that another has just
 * taken: the depot's stacks are a word of {tag, number + 1} each, and the tag changes with every push.
 */
typedef struct ul_magazine {
    _Atomic uint32_t below; /* number + 1 of the next in the stack */
    uint32_t count;
    void *slots[];
} ul_magazine;

enum {
    MAGAZINE_MOST = 256,
    MAGAZINE_LEAST = 8,
    FULL_MOST = 64, /* full magazines in the depot; more are sorted into slabs */
    SEGMENTS = 20,
    FIRST_SEGMENT = 16 /* numbers in segment 0; each next has twice as many */
};
#define MAGAZINE_BYTES ((size_t)128 << 10)

typedef struct ul_front {
    ul_pool_front inline_part; /* first */
    ul_magazine *loaded;
    ul_magazine *other; /* empty or full: one of them is at hand whichever way the thread turns */
} ul_front;

/* What a line has one writer at a time of stands on a line of its own. */
typedef struct ul_shared_core {
    ul_shared_pool pool; /* first */
    uint32_t capacity;   /* of a magazine */
    bool looks_at_puts;
    bool has_fronts;
    bool is_watched;
    bool is_open; /* the inline paths are on */
    ul_pool_options options;
    UL_LINE _Atomic uint64_t full; /* stack of full magazines */
    _Atomic uint64_t full_level;   /* magazines in it << 32 | objects in them */
    _Atomic uint64_t
        got_count; /* objects that came out of the depot, over time; where each get comes by, all */
    _Atomic uint32_t full_low;     /* fewest magazines since the last tick: so many nobody needed */
    UL_LINE _Atomic uint64_t empty;
    UL_LINE pthread_mutex_t lock; /* of all below */
    ul_slabs slabs;
    _Atomic(ul_magazine *) *_Atomic segments[SEGMENTS];
    ul_source source;
    size_t twin_count;
    size_t twin_peak;
    uint64_t sample_left_bytes; /* without the lock: a lost sample is none the worse */
    uint32_t magazine_count;
} ul_shared_core;

/* The magazine that has the number. */
ul_magazine *ul_magazine_of(ul_shared_core *c, uint32_t number);
/* Full magazines in the depot. */
uint32_t ul_depot_full_count(ul_shared_core *c);
/* One of them, or NULL; what its last owner did to the objects in it happens before. */
ul_magazine *ul_depot_pop_full(ul_shared_core *c);
/* Puts `m` on a stack of the depot. */
void ul_depot_push(ul_shared_core *c, _Atomic uint64_t *stack, ul_magazine *m);
/* The objects of `m` go back to the slabs; it is then empty. */
void ul_depot_sort_back(ul_shared_core *c, ul_magazine *m, ul_site site);
/* `m` becomes what the inline paths take from and add to; unload says how full it is again. */
void ul_front_load(const ul_shared_core *c, ul_front *f, ul_magazine *m);
void ul_front_unload(ul_front *f);
/* When its thread ends, or the pool: the objects go to the depot. */
void ul_front_end(void *pool, ul_pool_front *inline_part);

#endif

/*
 * A pool of objects of one type for many threads. Each thread has a front of its own, two magazines of free
 * pointers, and works there without atomics; full and empty magazines change hands through a lock-free depot,
 * many objects for one compare-and-swap, so that an object may be put by another thread than got it. What the
 * depot does not hold is sorted back into slabs under the pool's lock. For one thread: pool.h, which is
 * simpler and a little faster.
 *
 * What happens before what: everything a thread did to an object before its put, and `reset`, happens before
 * whatever the thread does that gets the object next. `make` and `drop` run under the pool's lock, and must
 * not use the pool; `reset` runs in the thread that puts, without it. A thread's front is flushed when the
 * thread ends (a destructor of a pthread key), before pthread_join of it returns.
 *
 * fork: the child has the pool with what the forking thread and the depot held; objects in the fronts of
 * other threads stay out for ever in the child.
 */
#ifndef ULLAGE_SHARED_POOL_H
#define ULLAGE_SHARED_POOL_H

#include "ullage/pool.h"

UL_BEGIN_DECLS

/* One thread's front of one pool. The members are the library's. */
typedef struct ul_pool_front {
    void **top; /* of the loaded magazine, as in ul_pool */
    void **floor;
    void **ceiling;
} ul_pool_front;

typedef struct ul_shared_pool {
    uint32_t id; /* in ul_thread_fronts_ of every thread; the rest is private */
} ul_shared_pool;

/* A bound (limit_objects) is exact: such a pool has no fronts, as what they hold would count, and takes its
   lock for every call. UL_ERR_NOMEM; UL_ERR_LIMIT: size, alignment, or more than 4096 pools;
   UL_ERR_USAGE: no size, or has_handles, which one thread only can have. Any thread. */
UL_API UL_MUST_USE ul_status ul_shared_pool_new_at(ul_shared_pool **out, const ul_pool_options *options,
                                                   const char *site);
#define ul_shared_pool_new(out, ...) ul_shared_pool_new_at((out), (__VA_ARGS__), UL_SITE)
/* No other thread may be in the pool, or use it again. Objects still out become invalid. NULL is allowed. */
UL_API void ul_shared_pool_free_at(ul_shared_pool *pool, const char *site);
#define ul_shared_pool_free(pool) ul_shared_pool_free_at((pool), UL_SITE)

/* The fronts of this thread by pool; `count` entries, never NULL. */
typedef struct ul_thread_fronts {
    ul_pool_front **fronts;
    uint32_t count;
} ul_thread_fronts;
#if defined(__PIC__) && !defined(__PIE__) && !defined(UL_TLS_MODEL_DEFAULT)
extern UL_API __thread ul_thread_fronts ul_thread_fronts_ __attribute__((tls_model("initial-exec")));
#else
extern UL_API __thread ul_thread_fronts ul_thread_fronts_;
#endif

UL_API UL_COLD void *ul_shared_pool_get_slow_(ul_shared_pool *pool, const char *site);
UL_API UL_COLD void ul_shared_pool_put_slow_(ul_shared_pool *pool, void *object, const char *site);

UL_INLINE void *ul_shared_pool_get_at(ul_shared_pool *pool, const char *site)
{
    const ul_thread_fronts *mine = &ul_thread_fronts_;
    if (UL_LIKELY(pool->id < mine->count)) {
        ul_pool_front *front = mine->fronts[pool->id];
        void **top = front->top;
        if (UL_LIKELY(top > front->floor)) {
            front->top = top - 1;
            return top[-1];
        }
    }
    return ul_shared_pool_get_slow_(pool, site);
}

UL_INLINE void ul_shared_pool_put_at(ul_shared_pool *pool, void *object, const char *site)
{
    const ul_thread_fronts *mine = &ul_thread_fronts_;
    if (UL_LIKELY(pool->id < mine->count)) {
        ul_pool_front *front = mine->fronts[pool->id];
        void **top = front->top;
        if (UL_LIKELY(top < front->ceiling && object != NULL)) {
            *top = object;
            front->top = top + 1;
            return;
        }
    }
    ul_shared_pool_put_slow_(pool, object, site);
}

/* An object, or NULL without memory, over the bound, or when `make` failed. Any thread. */
#define ul_shared_pool_get(pool) ul_shared_pool_get_at((pool), UL_SITE)
/* Gives back an object that this or another thread got from this pool. NULL: nothing happens. Any thread. */
#define ul_shared_pool_put(pool, object) ul_shared_pool_put_at((pool), (object), UL_SITE)

/* Call it now and then from any one thread: magazines that nobody took from the depot since the last tick are
   sorted into slabs, and slabs that were free at this tick and the two before go back to the system. The
   bytes that went. */
UL_API size_t ul_shared_pool_tick(ul_shared_pool *pool);
/* Gives back what can be had at once: the calling thread's front, the depot, and every slab that is free
 * then. */
UL_API size_t ul_shared_pool_trim(ul_shared_pool *pool);
/* Exact while no other thread is in the pool; what fronts of other threads hold counts as live, and as peak.
 */
UL_API void ul_shared_pool_stats_read(ul_shared_pool *pool, ul_pool_stats *stats);

UL_END_DECLS

#endif

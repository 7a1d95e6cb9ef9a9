/*
 * A pool of objects of one type, for one thread. get and put are a few instructions in the caller: a magazine
 * of pointers to free objects stands between the caller and slabs, and only every few hundred calls go there.
 * Free objects are not touched: what was constructed stays constructed, frees in any order cost the same, and
 * a slab without live objects goes back to the system after it was idle for a while (ul_pool_tick). For
 * several threads: shared_pool.h. For objects that die together: arena.h.
 *
 * What happens before what, all in one thread: `make` before the first get of a slot; `reset` inside the put,
 * before any get can return the object; `drop` after the last put, before the memory is given back. `make`
 * and `drop` must not use the pool.
 */
#ifndef ULLAGE_POOL_H
#define ULLAGE_POOL_H

#include "ullage/base.h"
#include "ullage/line.h"
#include "ullage/status.h"

UL_BEGIN_DECLS

typedef struct ul_pool_core ul_pool_core;

/* All members may be 0 but the size. What it points to must outlive the pool. */
typedef struct ul_pool_options {
    const char *name; /* in reports */
    size_t size_bytes;
    size_t align_bytes; /* a power of two; 0: that of max_align_t */
    /* Constructs a slot, once, before it is got for the first time; false: the get fails. Without it an
       object is zero when its slot is new, and otherwise as it was put. */
    bool (*make)(void *object, void *context);
    /* Makes an object ready for its next user, in every put. */
    void (*reset)(void *object, void *context);
    /* Undoes `make` before the slot's memory goes back, or at the end of the pool for every free object. */
    void (*drop)(void *object, void *context);
    void *context;
    size_t limit_objects;     /* at most so many are out at once; then get returns NULL. 0: no bound */
    void (*oom)(size_t want); /* called when memory or the bound is exhausted; may exit or longjmp */
    bool on_lines;            /* objects begin a cache line and share none with others */
    bool has_handles;         /* ul_pool_handle_of works; put costs a call */
} ul_pool_options;

/* The members are the library's. A pool must not move once it gave an object. */
typedef struct ul_pool {
    void *hot;      /* a free object that the next get takes; NULL: none; UL_POOL_CLOSED: there may be none */
    void **top;     /* behind the last free pointer of the magazine */
    void **floor;   /* get is inline while top is above it */
    void **ceiling; /* put is inline while top is below it; where someone has to look at every put, it is the
                       bottom */
    ul_pool_core *core;
    ul_pool_options options;
} ul_pool;

enum { UL_POOL_CLOSED = 1 }; /* as an address: no object has it */

/* Takes no memory. The options are copied. */
UL_API void ul_pool_init(ul_pool *pool, const ul_pool_options *options);
/*
 * Ends the pool: drop for every free object, then all memory goes back. Objects that are still out become
 * invalid; a watched pool tells them as leaks. The pool is as after _init.
 */
UL_API void ul_pool_free_at(ul_pool *pool, const char *site);
#define ul_pool_free(pool) ul_pool_free_at((pool), UL_SITE)

UL_API UL_COLD void *ul_pool_get_slow_(ul_pool *pool, const char *site);
UL_API UL_COLD void ul_pool_put_slow_(ul_pool *pool, void *object, const char *site);

UL_INLINE void *ul_pool_get_at(ul_pool *pool, const char *site)
{
    void *hot = pool->hot;
    if ((uintptr_t)hot > UL_POOL_CLOSED) { /* put and get in turn meet here, and touch nothing else */
        pool->hot = NULL;
        return hot;
    }
    void **top = pool->top;
    if (UL_UNLIKELY(top <= pool->floor))
        return ul_pool_get_slow_(pool, site);
    void *object = *--top;
    pool->top = top;
    return object;
}

UL_INLINE void ul_pool_put_at(ul_pool *pool, void *object, const char *site)
{
    if (pool->hot == NULL) {
        pool->hot = object;
        return;
    }
    void **top = pool->top;
    if (UL_UNLIKELY(top >= pool->ceiling || object == NULL)) { /* costs nothing that can be measured */
        ul_pool_put_slow_(pool, object, site);
        return;
    }
    *top = object;
    pool->top = top + 1;
}

/* An object, or NULL without memory, over the bound, or when `make` failed. */
#define ul_pool_get(pool) ul_pool_get_at((pool), UL_SITE)
/* Gives back an object of this pool, which nobody may use any more. NULL: nothing happens. */
#define ul_pool_put(pool, object) ul_pool_put_at((pool), (object), UL_SITE)

/* Up to `count` objects at once into `objects`; how many. */
UL_API size_t ul_pool_get_many_at(ul_pool *pool, void **objects, size_t count, const char *site);
#define ul_pool_get_many(pool, objects, count) ul_pool_get_many_at((pool), (objects), (count), UL_SITE)
UL_API void ul_pool_put_many_at(ul_pool *pool, void *const *objects, size_t count, const char *site);
#define ul_pool_put_many(pool, objects, count) ul_pool_put_many_at((pool), (objects), (count), UL_SITE)

/*
 * Call it now and then (each second, each thousand requests): memory of slabs that had no live object at this
 * tick and the two before goes back to the system. The bytes that went.
 */
UL_API size_t ul_pool_tick(ul_pool *pool);
/* The same without waiting: everything that no live object holds. */
UL_API size_t ul_pool_trim(ul_pool *pool);
/*
 * Makes room for `count` more objects beforehand, so that getting them takes no memory from the system.
 * UL_ERR_LIMIT: the bound forbids so many. UL_ERR_NOMEM: they cannot be had; more than the machine could ever
 * hold is refused at once, and what was taken until it failed has gone back.
 */
UL_API UL_MUST_USE ul_status ul_pool_reserve_at(ul_pool *pool, size_t count, const char *site);
#define ul_pool_reserve(pool, count) ul_pool_reserve_at((pool), (count), UL_SITE)

/* ---- handles --------------------------------------------------------------------------------------------
 */

/* Names one life of one object: after its put the handle leads to NULL, also when the slot lives again. 0 is
   none. After 2^32 puts of one slot its handles begin again; so do all of a pool after its _free, so that
   none may outlive it. */
typedef struct ul_pool_handle {
    uint64_t bits;
} ul_pool_handle;

/* The handle of an object that is out. Options: has_handles. */
UL_API ul_pool_handle ul_pool_handle_of(const ul_pool *pool, const void *object);
/* The object, or NULL when it has been put since. */
UL_API void *ul_pool_object_of(const ul_pool *pool, ul_pool_handle handle);

/* ---- numbers --------------------------------------------------------------------------------------------
 */

typedef struct ul_pool_stats {
    size_t live_count;     /* objects out */
    size_t peak_count;     /* most that were out, or in the magazine at that time */
    size_t object_bytes;   /* asked for */
    size_t stride_bytes;   /* from one to the next */
    size_t resident_bytes; /* slabs that may be in memory */
    size_t idle_bytes;     /* of these, not in live objects: what a put can fill again, and waste */
    uint64_t total_count;  /* objects got, over time: where somebody watches, each; otherwise those that came
                              from the slabs  (of a shared pool: or the depot), as nobody counts what a magazine
                              hands out again */
} ul_pool_stats;

UL_API void ul_pool_stats_read(const ul_pool *pool, ul_pool_stats *stats);

/* ---- typed ----------------------------------------------------------------------------------------------
 */

/*
 * UL_POOL_OF(conn_pool, struct conn); outside of functions: the type conn_pool and conn_pool_init, _get,
 * _put, _free, _tick, _reserve, so that size, alignment and type cannot disagree. conn_pool_init(&pool,
 * &options) fills size and alignment in.
 *
 * Under UL_DEBUG reports name the call of such a function as "module+offset" (addr2line -i makes a line of
 * it): a function does not learn the line that calls it. UL_POOL_GET(&pool) and UL_POOL_PUT(&pool, object)
 * are conn_pool_get and conn_pool_put as macros, typed too, and name file and line.
 */
#define UL_POOL_GET(of) ((__typeof__((of)->object))ul_pool_get_at(&(of)->pool, UL_SITE))
#define UL_POOL_PUT(of, given) ul_pool_put_at(&(of)->pool, (1 ? (given) : (of)->object), UL_SITE)

#define UL_POOL_OF(of_name, type)                                                                            \
    typedef struct of_name {                                                                                 \
        union {                                                                                              \
            ul_pool pool;                                                                                    \
            type *object; /* never read: its type is that of the objects */                                  \
        };                                                                                                   \
    } of_name;                                                                                               \
    UL_INLINE void of_name##_init(of_name *of, const ul_pool_options *options)                               \
    {                                                                                                        \
        ul_pool_options typed;                                                                               \
        memset(&typed, 0, sizeof typed);                                                                     \
        if (options)                                                                                         \
            typed = *options;                                                                                \
        typed.name = typed.name ? typed.name : #type;                                                        \
        typed.size_bytes = sizeof(type);                                                                     \
        typed.align_bytes = UL_ALIGNOF(type);                                                                \
        ul_pool_init(&of->pool, &typed);                                                                     \
    }                                                                                                        \
    UL_INLINE type *of_name##_get_at(of_name *of, const char *site)                                          \
    {                                                                                                        \
        return (type *)ul_pool_get_at(&of->pool, site);                                                      \
    }                                                                                                        \
    UL_INLINE void of_name##_put_at(of_name *of, type *object, const char *site)                             \
    {                                                                                                        \
        ul_pool_put_at(&of->pool, object, site);                                                             \
    }                                                                                                        \
    UL_INLINE type *of_name##_get(of_name *of)                                                               \
    {                                                                                                        \
        type *object = of_name##_get_at(of, UL_SITE_OF_CALL_);                                               \
        UL_STAY_();                                                                                          \
        return object;                                                                                       \
    }                                                                                                        \
    UL_INLINE void of_name##_put(of_name *of, type *object)                                                  \
    {                                                                                                        \
        of_name##_put_at(of, object, UL_SITE_OF_CALL_);                                                      \
        UL_STAY_();                                                                                          \
    }                                                                                                        \
    UL_INLINE size_t of_name##_tick(of_name *of)                                                             \
    {                                                                                                        \
        return ul_pool_tick(&of->pool);                                                                      \
    }                                                                                                        \
    UL_INLINE UL_MUST_USE ul_status of_name##_reserve(of_name *of, size_t count)                             \
    {                                                                                                        \
        ul_status status = ul_pool_reserve_at(&of->pool, count, UL_SITE_OF_CALL_);                           \
        UL_STAY_();                                                                                          \
        return status;                                                                                       \
    }                                                                                                        \
    UL_INLINE void of_name##_free(of_name *of)                                                               \
    {                                                                                                        \
        ul_pool_free_at(&of->pool, UL_SITE_OF_CALL_);                                                        \
        UL_STAY_();                                                                                          \
    }                                                                                                        \
    UL_STATIC_ASSERT(sizeof(type) > 0, "a pool of objects without size")

UL_END_DECLS

#endif

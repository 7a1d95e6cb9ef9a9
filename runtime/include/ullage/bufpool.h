/*
 * Byte buffers by size class: get one of at least so many bytes, put it back, and the next of that class
 * costs no allocation. Classes are powers of two from 64 bytes to 64 KiB; a larger buffer comes from malloc
 * and goes back there. What is idle is bounded. One thread; each thread may have its own.
 *
 * What happens before what: a buffer that is out is never given to anyone else; its bytes are as the last
 * user left them.
 */
#ifndef ULLAGE_BUFPOOL_H
#define ULLAGE_BUFPOOL_H

#include "ullage/base.h"
#include "ullage/status.h"

UL_BEGIN_DECLS

enum { UL_BUFPOOL_LEAST_BYTES = 64, UL_BUFPOOL_MOST_BYTES = 65536, UL_BUFPOOL_CLASSES = 11 };

/* A buffer that is out. All zero: none. */
typedef struct ul_buf {
    unsigned char *data;
    size_t length;   /* for its user; 0 after get */
    size_t capacity; /* at least what was asked for */
} ul_buf;

/* The members are the library's. All zero: keeps at most 4 MiB idle. */
typedef struct ul_bufpool {
    struct ul_bufpool_idle *idle[UL_BUFPOOL_CLASSES]; /* chained, newest first */
    size_t idle_bytes;
    size_t idle_limit_bytes;
    size_t out_count;
    uint64_t get_count;
    uint64_t hit_count;                     /* gets that needed no allocation */
    uint32_t low_count[UL_BUFPOOL_CLASSES]; /* fewest idle since the last tick: so many nobody needed */
    uint32_t idle_count[UL_BUFPOOL_CLASSES];
    uint32_t mode; /* private: who watches */
} ul_bufpool;

/* Takes no memory. `idle_limit_bytes` 0: 4 MiB. */
UL_API void ul_bufpool_init(ul_bufpool *pool, size_t idle_limit_bytes);
/* A buffer of at least `capacity` bytes into *out; UL_ERR_NOMEM. `capacity` 0 gives the smallest class. */
UL_API UL_MUST_USE ul_status ul_bufpool_get_at(ul_bufpool *pool, ul_buf *out, size_t capacity,
                                               const char *site);
#define ul_bufpool_get(pool, out, capacity) ul_bufpool_get_at((pool), (out), (capacity), UL_SITE)
/* Gives back a buffer of this pool, with the capacity that get said, and clears *buf, so that its holder
   cannot use it by mistake. All zero is allowed. */
UL_API void ul_bufpool_put_at(ul_bufpool *pool, ul_buf *buf, const char *site);
#define ul_bufpool_put(pool, buf) ul_bufpool_put_at((pool), (buf), UL_SITE)
/* A larger buffer with the same contents, or the same when it is large enough. UL_ERR_NOMEM: *buf is as
 * before. */
UL_API UL_MUST_USE ul_status ul_bufpool_grow_at(ul_bufpool *pool, ul_buf *buf, size_t capacity,
                                                const char *site);
#define ul_bufpool_grow(pool, buf, capacity) ul_bufpool_grow_at((pool), (buf), (capacity), UL_SITE)
/* Frees the idle buffers that nobody needed since the last tick; the bytes. */
UL_API size_t ul_bufpool_tick(ul_bufpool *pool);
/* Frees all idle buffers. Those that are out stay valid, and may still be put. */
UL_API void ul_bufpool_free_at(ul_bufpool *pool, const char *site);
#define ul_bufpool_free(pool) ul_bufpool_free_at((pool), UL_SITE)

UL_END_DECLS

#endif

/*
 * A bounded map from bytes to pointers that forgets what was used longest ago: the map that grows for ever,
 * made safe. Bounded by entries, by bytes that the caller states, or both. One thread.
 *
 * What happens before what: `drop` runs for a value once it can no longer be found, before the call that
 * replaced, evicted or removed it returns; it must not use the cache. A value that _get returned is the
 * cache's: valid until the next _put, _remove, _clear or _free.
 */
#ifndef ULLAGE_CACHE_H
#define ULLAGE_CACHE_H

#include "ullage/base.h"
#include "ullage/status.h"

UL_BEGIN_DECLS

typedef struct ul_cache ul_cache;

typedef struct ul_cache_options {
    size_t limit_entries;                     /* 0: no such bound; then limit_bytes must be one */
    size_t limit_bytes;                       /* of the sum of weights; 0: no such bound */
    void (*drop)(void *value, void *context); /* or NULL */
    void *context;
} ul_cache_options;

typedef struct ul_cache_stats {
    size_t entry_count;
    size_t weight_bytes;
    uint64_t hit_count, miss_count, evicted_count;
} ul_cache_stats;

/* UL_ERR_NOMEM; UL_ERR_USAGE: without a bound it would not be one. */
UL_API UL_MUST_USE ul_status ul_cache_new(ul_cache **out, const ul_cache_options *options);
/* Drops every value. NULL is allowed. */
UL_API void ul_cache_free(ul_cache *cache);

/* The value of a key, now the one used last, or NULL. */
UL_API void *ul_cache_get(ul_cache *cache, const void *key, size_t key_bytes);
/* Makes `value` (not NULL) the value of a copy of `key`; evicts until the bounds hold. `weight_bytes` is what
   it counts towards limit_bytes. UL_ERR_NOMEM, or UL_ERR_LIMIT when it alone is over a bound: the cache is as
   before and the value stays the caller's. */
UL_API UL_MUST_USE ul_status ul_cache_put(ul_cache *cache, const void *key, size_t key_bytes, void *value,
                                          size_t weight_bytes);
/* Drops one value; whether there was one. */
UL_API bool ul_cache_remove(ul_cache *cache, const void *key, size_t key_bytes);
/* Drops every value. */
UL_API void ul_cache_clear(ul_cache *cache);
UL_API void ul_cache_stats_read(const ul_cache *cache, ul_cache_stats *stats);

UL_END_DECLS

#endif

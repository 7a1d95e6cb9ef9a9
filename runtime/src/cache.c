#include "ullage/cache.h"

#include <stdlib.h>

/* A table that cannot grow loses the entry that was to be added; the program goes on. */
#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(element) ((element)->is_unlisted = true)
#define uthash_malloc(size) ul_sys_malloc(size)
#define uthash_free(block, size) ul_sys_free(block)
#include <uthash.h>

#include "ullage/private/sys.h"

typedef struct entry {
    struct entry *newer, *older; /* by use */
    void *value;
    size_t weight_bytes;
    UT_hash_handle hh;
    bool is_unlisted;
    unsigned char key[];
} entry;

struct ul_cache {
    entry *table;
    entry *newest, *oldest;
    ul_cache_options options;
    ul_cache_stats stats;
};

ul_status ul_cache_new(ul_cache **out, const ul_cache_options *options)
{
    *out = NULL;
    if (!options->limit_entries && !options->limit_bytes)
        return UL_ERR_USAGE;
    ul_cache *cache = ul_sys_malloc(sizeof *cache);
    if (!cache)
        return UL_ERR_NOMEM;
    *cache = (ul_cache){.options = *options};
    *out = cache;
    return UL_OK;
}

static void unlink_entry(ul_cache *cache, entry *e)
{
    *(e->newer ? &e->newer->older : &cache->newest) = e->older;
    *(e->older ? &e->older->newer : &cache->oldest) = e->newer;
}

static void link_newest(ul_cache *cache, entry *e)
{
    e->newer = NULL;
    e->older = cache->newest;
    *(cache->newest ? &cache->newest->newer : &cache->oldest) = e;
    cache->newest = e;
}

static entry *find(const ul_cache *cache, const void *key, size_t key_bytes)
{
    entry *e = NULL;
    key = key_bytes ? key : ""; /* memcmp takes no NULL */
    if (key_bytes <= UINT32_MAX)
        HASH_FIND(hh, cache->table, key, (unsigned)key_bytes, e);
    return e;
}

static void remove_entry(ul_cache *cache, entry *e)
{
    HASH_DELETE(hh, cache->table, e);
    unlink_entry(cache, e);
    cache->stats.entry_count--;
    cache->stats.weight_bytes -= e->weight_bytes;
    void *value = e->value;
    ul_sys_free(e);
    if (cache->options.drop)
        cache->options.drop(value, cache->options.context);
}

void *ul_cache_get(ul_cache *cache, const void *key, size_t key_bytes)
{
    entry *e = find(cache, key, key_bytes);
    if (!e) {
        cache->stats.miss_count++;
        return NULL;
    }
    cache->stats.hit_count++;
    if (e != cache->newest) {
        unlink_entry(cache, e);
        link_newest(cache, e);
    }
    return e->value;
}

static entry *new_entry(ul_cache *cache, const void *key, size_t key_bytes)
{
    if (key_bytes > UINT32_MAX)
        return NULL;
    entry *e = ul_sys_malloc(sizeof *e + key_bytes);
    if (!e)
        return NULL;
    *e = (entry){0};
    if (key_bytes)
        memcpy(e->key, key, key_bytes);
    HASH_ADD_KEYPTR(hh, cache->table, e->key, (unsigned)key_bytes, e);
    if (e->is_unlisted) {
        ul_sys_free(e);
        return NULL;
    }
    link_newest(cache, e);
    cache->stats.entry_count++;
    return e;
}

/* Whether the cache with `more` bytes is over a bound; the sum may not be a number. */
static bool is_over(const ul_cache *cache, size_t more)
{
    const ul_cache_options *options = &cache->options;
    return (options->limit_entries && cache->stats.entry_count > options->limit_entries) ||
           (options->limit_bytes && cache->stats.weight_bytes > options->limit_bytes - more);
}

ul_status ul_cache_put(ul_cache *cache, const void *key, size_t key_bytes, void *value, size_t weight_bytes)
{
    if (!value || (cache->options.limit_bytes && weight_bytes > cache->options.limit_bytes))
        return UL_ERR_LIMIT;
    entry *e = find(cache, key, key_bytes);
    void *replaced = e ? e->value : NULL;
    if (e) {
        cache->stats.weight_bytes -= e->weight_bytes;
        unlink_entry(cache, e);
        link_newest(cache, e);
    } else if (!(e = new_entry(cache, key, key_bytes))) {
        return UL_ERR_NOMEM;
    }
    e->value = value;
    e->weight_bytes = 0; /* until there is room for it */
    if (replaced && replaced != value && cache->options.drop)
        cache->options.drop(replaced, cache->options.context);
    while (is_over(cache, weight_bytes) && cache->oldest != e) {
        cache->stats.evicted_count++;
        remove_entry(cache, cache->oldest);
    }
    e->weight_bytes = weight_bytes;
    cache->stats.weight_bytes += weight_bytes;
    return UL_OK;
}

bool ul_cache_remove(ul_cache *cache, const void *key, size_t key_bytes)
{
    entry *e = find(cache, key, key_bytes);
    if (e)
        remove_entry(cache, e);
    return e != NULL;
}

void ul_cache_clear(ul_cache *cache)
{
    while (cache->oldest)
        remove_entry(cache, cache->oldest);
}

void ul_cache_free(ul_cache *cache)
{
    if (!cache)
        return;
    ul_cache_clear(cache);
    ul_sys_free(cache);
}

void ul_cache_stats_read(const ul_cache *cache, ul_cache_stats *stats)
{
    *stats = cache->stats;
}

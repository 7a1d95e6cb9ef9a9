/* The life of a shared pool: made, aged, trimmed, counted, freed. */
#include "ullage/private/shared_core.h"

#include "ullage/private/samples.h"
#include "ullage/private/sys.h"
#include "ullage/private/threads.h"
#include "ullage/private/twin.h"
#include "ullage/private/watch.h"

/* ---- numbers ----------------------------------------------------------------------------------------------
 */

/* The pool's list is locked by the caller, and this lock comes after it. */
static void read_source(const ul_source *source, ul_prof_entry *entry)
{
    ul_shared_core *c = (ul_shared_core *)((char *)(uintptr_t)source - offsetof(ul_shared_core, source));
    ul_pool_stats stats;
    ul_shared_pool_stats_read(&c->pool, &stats);
    *entry = (ul_prof_entry){
        .kind = UL_PROF_SHARED_POOL,
        .name = c->options.name,
        .live_count = stats.live_count,
        .live_bytes = stats.live_count * stats.object_bytes,
        .peak_bytes = stats.peak_count * stats.object_bytes,
        .held_bytes = stats.resident_bytes,
        .total_bytes = stats.total_count * stats.object_bytes,
    };
}

/* ---- life -----------------------------------------------------------------------------------------------
 */

ul_status ul_shared_pool_new_at(ul_shared_pool **out, const ul_pool_options *options, const char *site)
{
    *out = NULL;
    if (options->size_bytes == 0 || options->has_handles)
        return UL_ERR_USAGE; /* handles are of one thread */
    ul_shared_core *c = ul_sys_aligned(UL_LINE_BYTES, sizeof *c);
    if (!c)
        return UL_ERR_NOMEM;
    memset(c, 0, sizeof *c);
    ul_mode mode = ul_settings_mode(site);
    ul_status status = ul_slabs_init(&c->slabs, options, mode);
    c->options = *options;
    c->is_watched = mode == UL_MODE_WATCHED;
    c->is_open = mode == UL_MODE_FAST;
    c->looks_at_puts = !c->is_open || options->reset;
    c->source = (ul_source){.read = read_source, .owner = c};
    c->has_fronts = options->limit_objects == 0;
    size_t capacity = MAGAZINE_BYTES / options->size_bytes;
    c->capacity = capacity > MAGAZINE_MOST    ? MAGAZINE_MOST
                  : capacity < MAGAZINE_LEAST ? MAGAZINE_LEAST
                                              : (uint32_t)capacity;
    if (status != UL_OK ||
        pthread_mutex_init(&c->lock, NULL) != 0) { /* first: a fork takes the lock of every pool */
        ul_sys_free(c);
        return UL_ERR_LIMIT;
    }
    c->pool.id = ul_threads_add_pool(c, &c->lock, ul_front_end);
    if (c->pool.id == UINT32_MAX) {
        pthread_mutex_destroy(&c->lock);
        ul_sys_free(c);
        return UL_ERR_LIMIT;
    }
    ul_process_list(&ul_process.pools, &c->source.listed);
    if (mode == UL_MODE_WATCHED)
        ul_watch_pool_create(c, false);
    *out = &c->pool;
    return UL_OK;
}

/* All that the depot holds goes to the slabs, but for the last `keep` magazines. */
static void drain(ul_shared_core *c, uint32_t keep)
{
    while (ul_depot_full_count(c) > keep) {
        ul_magazine *m = ul_depot_pop_full(c);
        if (!m)
            return;
        ul_depot_sort_back(c, m, (ul_site){0});
        ul_depot_push(c, &c->empty, m);
    }
}

static void free_magazines(ul_shared_core *c)
{
    for (uint32_t number = 0; number < c->magazine_count; number++)
        ul_sys_free(ul_magazine_of(c, number));
    for (uint32_t i = 0; i < SEGMENTS; i++)
        ul_sys_free(atomic_load_explicit(&c->segments[i], memory_order_relaxed));
}

void ul_shared_pool_free_at(ul_shared_pool *pool, const char *site)
{
    ul_shared_core *c = (ul_shared_core *)pool;
    if (!c)
        return;
    ul_site here = UL_SITE_HERE(site);
    bool has_lost = ul_threads_has_lost(c->pool.id) && c->slabs.mode != UL_MODE_TWIN;
    ul_threads_remove_pool(c->pool.id);
    drain(c, 0);
    size_t live = c->slabs.mode == UL_MODE_TWIN ? c->twin_count : c->slabs.taken_count;
    bool tells = c->slabs.mode >= UL_MODE_WATCHED || ul_settings_now()->reports_leaks;
    if (live && tells &&
        !has_lost) /* else some may be free, in the front of a thread that is not in this process */
        ul_process_fault(UL_FAULT_LEAK, c->options.name, NULL, live, NULL, NULL, &here);
    if (live && c->slabs.mode == UL_MODE_TWIN)
        ul_twin_live(c, ul_process.on_fault ? NULL : stderr);
    ul_process_unlist(&c->source.listed);
    if (c->slabs.mode == UL_MODE_SAMPLED)
        ul_samples_end_from(c, 0);
    if (c->slabs.mode == UL_MODE_TWIN) {
        ul_twin_check(c, here);
        ul_twin_forget(c);
    }
    if (c->slabs.mode == UL_MODE_WATCHED)
        ul_watch_pool_destroy(c);
    ul_slabs_free(&c->slabs);
    free_magazines(c);
    pthread_mutex_destroy(&c->lock);
    ul_sys_free(c);
}

size_t ul_shared_pool_tick(ul_shared_pool *pool)
{
    ul_shared_core *c = (ul_shared_core *)pool;
    uint32_t full = ul_depot_full_count(c), low = atomic_load_explicit(&c->full_low, memory_order_relaxed);
    drain(c, full - (low < full ? low : full));
    atomic_store_explicit(&c->full_low, ul_depot_full_count(c), memory_order_relaxed);
    pthread_mutex_lock(&c->lock);
    size_t bytes = ul_slabs_tick(&c->slabs, 2);
    pthread_mutex_unlock(&c->lock);
    return bytes;
}

size_t ul_shared_pool_trim(ul_shared_pool *pool)
{
    ul_shared_core *c = (ul_shared_core *)pool;
    ul_front *f = (ul_front *)ul_threads_front(c->pool.id);
    if (f) {
        ul_front_unload(f);
        ul_depot_sort_back(c, f->loaded, (ul_site){0});
        ul_depot_sort_back(c, f->other, (ul_site){0});
        ul_front_load(c, f, f->loaded);
    }
    drain(c, 0);
    pthread_mutex_lock(&c->lock);
    size_t bytes = ul_slabs_tick(&c->slabs, 0);
    pthread_mutex_unlock(&c->lock);
    return bytes;
}

void ul_shared_pool_stats_read(ul_shared_pool *pool, ul_pool_stats *stats)
{
    ul_shared_core *c = (ul_shared_core *)pool;
    size_t in_front = 0;
    ul_front *f = (ul_front *)ul_threads_front(c->pool.id);
    if (f)
        in_front = (size_t)(f->inline_part.top - f->loaded->slots) + f->other->count;
    pthread_mutex_lock(&c->lock);
    size_t out = c->slabs.mode == UL_MODE_TWIN ? c->twin_count : c->slabs.taken_count - in_front;
    size_t in_depot = (uint32_t)atomic_load_explicit(&c->full_level, memory_order_relaxed);
    *stats = (ul_pool_stats){
        .live_count = out > in_depot ? out - in_depot : 0,
        .peak_count = c->slabs.mode == UL_MODE_TWIN ? c->twin_peak : c->slabs.peak_count,
        .object_bytes = c->options.size_bytes,
        .stride_bytes = c->slabs.stride_bytes,
        .resident_bytes = c->slabs.resident_bytes,
        .total_count = (c->is_open ? c->slabs.total_count : 0) +
                       atomic_load_explicit(&c->got_count, memory_order_relaxed),
    };
    pthread_mutex_unlock(&c->lock);
    size_t live_bytes = stats->live_count * stats->stride_bytes;
    stats->idle_bytes = stats->resident_bytes > live_bytes ? stats->resident_bytes - live_bytes : 0;
}

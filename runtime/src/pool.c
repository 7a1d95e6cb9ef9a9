#include "ullage/pool.h"

#include "ullage/private/process.h"
#include "ullage/private/samples.h"
#include "ullage/private/slabs.h"
#include "ullage/private/sys.h"
#include "ullage/private/twin.h"
#include "ullage/private/watch.h"

enum { MAGAZINE_MOST = 512, MAGAZINE_LEAST = 16 };
/* What a full magazine holds back at most, in objects' bytes. */
#define MAGAZINE_BYTES ((size_t)256 << 10)

struct ul_pool_core {
    ul_source source; /* first */
    ul_slabs slabs;
    const ul_pool *pool;
    void **end; /* of the magazine */
    void **top; /* pool->top where every call comes by; the pool's own struct may be gone when a report needs
                   it */
    size_t twin_count; /* objects out, where each is a twin */
    size_t twin_peak;
    uint64_t got_count; /* over time, where each get comes by */
    uint64_t sample_left_bytes;
    bool looks_at_puts; /* a hook, handles or a watcher */
    void *slots[];      /* the magazine: pointers to free objects */
};

void ul_pool_init(ul_pool *pool, const ul_pool_options *options)
{
    *pool = (ul_pool){.hot = (void *)UL_POOL_CLOSED, .options = *options};
}

static size_t magazine_capacity(const ul_pool_options *options)
{
    size_t count = MAGAZINE_BYTES / options->size_bytes;
    return count > MAGAZINE_MOST ? MAGAZINE_MOST : count < MAGAZINE_LEAST ? MAGAZINE_LEAST : count;
}

/* The inline paths are on as far as nobody has to look. */
static void open_paths(ul_pool *pool)
{
    ul_pool_core *core = pool->core;
    bool is_fast = core->slabs.mode == UL_MODE_FAST;
    pool->floor = is_fast ? core->slots : core->end;
    pool->ceiling = core->looks_at_puts ? core->slots : core->end;
    pool->hot = core->looks_at_puts ? (void *)UL_POOL_CLOSED : NULL;
}

/* Whether the pool went out of scope without ul_pool_free, and nobody else knows what its magazine held. */
static bool is_gone(const ul_pool_core *core)
{
    const ul_pool *pool = core->pool;
    return core->slabs.mode == UL_MODE_FAST &&
           (pool->core != core || pool->top < core->slots || pool->top > core->end);
}

/* Free objects on the inline side. */
static size_t inline_count(const ul_pool_core *core)
{
    const ul_pool *pool = core->pool;
    if (core->slabs.mode != UL_MODE_FAST)
        return (size_t)(core->top - core->slots);
    return is_gone(core) ? 0 : (size_t)(pool->top - core->slots) + ((uintptr_t)pool->hot > UL_POOL_CLOSED);
}

static void read_core(const ul_pool_core *core, ul_pool_stats *stats)
{
    const ul_slabs *slabs = &core->slabs;
    *stats = (ul_pool_stats){
        .live_count =
            slabs->mode == UL_MODE_TWIN ? core->twin_count : slabs->taken_count - inline_count(core),
        .peak_count = slabs->mode == UL_MODE_TWIN ? core->twin_peak : slabs->peak_count,
        .object_bytes = slabs->options.size_bytes,
        .stride_bytes = slabs->stride_bytes,
        .resident_bytes = slabs->resident_bytes,
        .total_count = slabs->mode == UL_MODE_FAST ? slabs->total_count : core->got_count,
    };
    size_t live_bytes = stats->live_count * stats->stride_bytes;
    stats->idle_bytes = stats->resident_bytes > live_bytes ? stats->resident_bytes - live_bytes : 0;
}

static void read_source(const ul_source *source, ul_prof_entry *entry)
{
    const ul_pool_core *core = (const ul_pool_core *)source;
    ul_pool_stats stats;
    read_core(core, &stats);
    *entry = (ul_prof_entry){
        .kind = UL_PROF_POOL,
        .name = core->slabs.options.name,
        .live_count = stats.live_count,
        .live_bytes = stats.live_count * stats.object_bytes,
        .peak_bytes = stats.peak_count * stats.object_bytes,
        .held_bytes = stats.resident_bytes,
        .total_bytes = stats.total_count * stats.object_bytes,
        .is_gone = is_gone(core),
    };
}

static bool start(ul_pool *pool, const char *site)
{
    const ul_pool_options *options = &pool->options;
    if (pool->core)
        return true;
    if (options->size_bytes == 0)
        return false;
    ul_mode mode = ul_settings_mode(site);
    if (mode == UL_MODE_TWIN && options->has_handles)
        mode = UL_MODE_WATCHED; /* a handle names a slot, and twins have none */
    size_t capacity = magazine_capacity(options);
    ul_pool_core *core = ul_sys_malloc(sizeof *core + capacity * sizeof core->slots[0]);
    if (!core)
        return false;
    if (ul_slabs_init(&core->slabs, options, mode) != UL_OK) {
        ul_sys_free(core);
        return false;
    }
    core->source = (ul_source){.read = read_source, .owner = core};
    core->sample_left_bytes = 0;
    core->pool = pool;
    core->end = core->slots + capacity;
    core->top = core->slots;
    core->twin_count = core->twin_peak = 0;
    core->got_count = 0;
    core->looks_at_puts = mode != UL_MODE_FAST || options->reset || options->has_handles;
    pool->core = core;
    pool->top = core->slots;
    open_paths(pool);
    ul_process_list(&ul_process.pools, &core->source.listed);
    if (mode == UL_MODE_WATCHED)
        ul_watch_pool_create(core, false);
    return true;
}

static void *fail_get(const ul_pool *pool)
{
    if (pool->options.oom)
        pool->options.oom(pool->options.size_bytes);
    return NULL;
}

/* ---- the twin's way -------------------------------------------------------------------------------------
 */

static void *get_twin(ul_pool_core *core, ul_site site)
{
    const ul_pool_options *options = &core->slabs.options;
    if (options->limit_objects && core->twin_count >= options->limit_objects)
        return NULL;
    size_t align = options->align_bytes ? options->align_bytes : alignof(max_align_t);
    size_t size = options->size_bytes;
    if (options->on_lines) {
        align = align > UL_LINE_BYTES ? align : UL_LINE_BYTES;
        size = (size + align - 1) / align * align;
    }
    void *object = ul_twin_take(size, align, core, options->name, site);
    if (!object)
        return NULL;
    memset(object, 0, options->size_bytes);
    if (options->make && !options->make(object, options->context)) {
        ul_twin_give(object, core, options->name, site);
        return NULL;
    }
    core->twin_count++;
    core->twin_peak = core->twin_peak > core->twin_count ? core->twin_peak : core->twin_count;
    return object;
}

static void put_twin(ul_pool_core *core, void *object, ul_site site)
{
    const ul_pool_options *options = &core->slabs.options;
    if (ul_twin_is_live(object, core)) {
        if (options->reset)
            options->reset(object, options->context);
        if (options->drop)
            options->drop(object, options->context);
    }
    if (ul_twin_give(object, core, options->name, site))
        core->twin_count--;
}

/* ---- get and put ----------------------------------------------------------------------------------------
 */

void *ul_pool_get_slow_(ul_pool *pool, const char *site)
{
    if (!start(pool, site))
        return fail_get(pool);
    ul_pool_core *core = pool->core;
    if (core->slabs.mode == UL_MODE_TWIN) {
        void *twin = get_twin(core, UL_SITE_HERE(site));
        core->got_count += twin != NULL;
        return twin ? twin : fail_get(pool);
    }
    if (pool->top == core->slots) {
        size_t half = (size_t)(core->end - core->slots) / 2;
        pool->top += ul_slabs_take(&core->slabs, core->slots, half);
        if (pool->top == core->slots)
            return fail_get(pool);
    }
    void *object = *--pool->top;
    core->top = pool->top;
    core->got_count++;
    if (core->slabs.mode == UL_MODE_SAMPLED)
        ul_source_sample(&core->source, &core->sample_left_bytes, object, core->slabs.options.size_bytes,
                         __builtin_return_address(0));
    if (core->slabs.mode == UL_MODE_WATCHED) {
        ul_watch_pool_take(core, object, core->slabs.options.size_bytes);
        if (core->slabs.options.make || core->slabs.options.reset)
            ul_watch_open_defined(object, core->slabs.options.size_bytes);
    }
    return object;
}

/* Before a hook or a watcher touches what is put: it must be an object of this pool that is out. */
static bool is_put_sound(const ul_pool *pool, const void *object, ul_site site)
{
    const ul_pool_core *core = pool->core;
    bool is_double = false;
    uint32_t slot;
    for (void *const *free_one = core->slots; free_one < pool->top; free_one++)
        is_double |= *free_one == object;
    bool is_ours = ul_slabs_find(&core->slabs, object, &slot) != NULL;
    if (is_ours && !is_double && ul_slabs_is_out(&core->slabs, object))
        return true;
    ul_process_fault(is_ours ? UL_FAULT_DOUBLE_PUT : UL_FAULT_FOREIGN_PUT, core->slabs.options.name, object,
                     is_ours ? core->slabs.options.size_bytes : 0, NULL, NULL, &site);
    return false;
}

void ul_pool_put_slow_(ul_pool *pool, void *object, const char *site)
{
    ul_site here = UL_SITE_HERE(site);
    if (!object)
        return;
    if (!start(pool, site)) { /* nothing was ever got from it */
        ul_process_fault(UL_FAULT_FOREIGN_PUT, pool->options.name, object, 0, NULL, NULL, &here);
        return;
    }
    ul_pool_core *core = pool->core;
    const ul_pool_options *options = &core->slabs.options;
    if (core->slabs.mode == UL_MODE_TWIN) {
        put_twin(core, object, here);
        return;
    }
    if (core->looks_at_puts) {
        if (core->slabs.mode == UL_MODE_WATCHED && !is_put_sound(pool, object, here))
            return;
        if (options->reset)
            options->reset(object, options->context);
        if (options->has_handles)
            ul_slabs_retire(&core->slabs, object);
        if (core->slabs.mode == UL_MODE_WATCHED)
            ul_watch_pool_give(core, object, options->size_bytes);
        if (core->slabs.mode == UL_MODE_SAMPLED)
            ul_samples_end_object(object);
    }
    if (pool->top == core->end) { /* the older half goes, what was put last stays warm */
        size_t half = (size_t)(core->end - core->slots) / 2;
        ul_slabs_give(&core->slabs, core->slots, half, here);
        memmove(core->slots, core->slots + half,
                (size_t)(core->end - core->slots - (ptrdiff_t)half) * sizeof(void *));
        pool->top -= half;
    }
    *pool->top++ = object;
    core->top = pool->top;
}

size_t ul_pool_get_many_at(ul_pool *pool, void **objects, size_t count, const char *site)
{
    size_t got = 0;
    while (got < count && (objects[got] = ul_pool_get_at(pool, site)) != NULL)
        got++;
    return got;
}

void ul_pool_put_many_at(ul_pool *pool, void *const *objects, size_t count, const char *site)
{
    for (size_t i = 0; i < count; i++)
        ul_pool_put_at(pool, objects[i], site);
}

/* ---- memory ---------------------------------------------------------------------------------------------
 */

static void flush(ul_pool *pool)
{
    ul_pool_core *core = pool->core;
    if ((uintptr_t)pool->hot > UL_POOL_CLOSED) {
        void *hot = pool->hot;
        pool->hot = NULL;
        ul_slabs_give(&core->slabs, &hot, 1, (ul_site){0});
    }
    ul_slabs_give(&core->slabs, core->slots, (size_t)(pool->top - core->slots), (ul_site){0});
    pool->top = core->top = core->slots;
}

size_t ul_pool_tick(ul_pool *pool)
{
    if (!pool->core)
        return 0;
    flush(pool);
    return ul_slabs_tick(&pool->core->slabs, 2);
}

size_t ul_pool_trim(ul_pool *pool)
{
    if (!pool->core)
        return 0;
    flush(pool);
    return ul_slabs_tick(&pool->core->slabs, 0);
}

ul_status ul_pool_reserve_at(ul_pool *pool, size_t count, const char *site)
{
    size_t bytes, limit = pool->options.limit_objects;
    if (__builtin_mul_overflow(count, pool->options.size_bytes, &bytes))
        return UL_ERR_NOMEM;
    if (!start(pool, site))
        return UL_ERR_NOMEM;
    ul_pool_stats stats;
    ul_pool_stats_read(pool, &stats);
    if (limit && count > limit - stats.live_count)
        return UL_ERR_LIMIT;
    if (pool->core->slabs.mode == UL_MODE_TWIN)
        return ul_sys_could_hold(bytes) ? UL_OK : UL_ERR_NOMEM; /* each is taken when it is got */
    size_t at_hand = inline_count(pool->core);
    return count > at_hand ? ul_slabs_reserve(&pool->core->slabs, count - at_hand) : UL_OK;
}

void ul_pool_free_at(ul_pool *pool, const char *site)
{
    ul_pool_core *core = pool->core;
    ul_pool_options options = pool->options;
    if (core) {
        ul_site here = UL_SITE_HERE(site);
        ul_pool_stats stats;
        ul_pool_stats_read(pool, &stats);
        bool tells = core->slabs.mode >= UL_MODE_WATCHED || ul_settings_now()->reports_leaks;
        if (stats.live_count && tells)
            ul_process_fault(UL_FAULT_LEAK, core->slabs.options.name, NULL, stats.live_count, NULL, NULL,
                             &here);
        if (stats.live_count && core->slabs.mode == UL_MODE_TWIN)
            ul_twin_live(core, ul_process.on_fault ? NULL : stderr);
        flush(pool);
        ul_process_unlist(&core->source.listed);
        if (core->slabs.mode == UL_MODE_SAMPLED)
            ul_samples_end_from(core, 0);
        if (core->slabs.mode == UL_MODE_TWIN) {
            ul_twin_check(core, here);
            ul_twin_forget(core);
        }
        if (core->slabs.mode == UL_MODE_WATCHED)
            ul_watch_pool_destroy(core);
        ul_slabs_free(&core->slabs);
        ul_sys_free(core);
    }
    ul_pool_init(pool, &options);
}

/* ---- handles and numbers --------------------------------------------------------------------------------
 */

ul_pool_handle ul_pool_handle_of(const ul_pool *pool, const void *object)
{
    return pool->core ? ul_slabs_handle(&pool->core->slabs, object) : (ul_pool_handle){0};
}

void *ul_pool_object_of(const ul_pool *pool, ul_pool_handle handle)
{
    return pool->core ? ul_slabs_object(&pool->core->slabs, handle) : NULL;
}

void ul_pool_stats_read(const ul_pool *pool, ul_pool_stats *stats)
{
    *stats = (ul_pool_stats){0};
    if (pool->core)
        read_core(pool->core, stats);
}

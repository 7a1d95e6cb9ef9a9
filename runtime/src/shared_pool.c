#include "ullage/shared_pool.h"

#include <stdatomic.h>

#include "ullage/private/process.h"
#include "ullage/private/samples.h"
#include "ullage/private/slabs.h"
#include "ullage/private/sys.h"
#include "ullage/private/threads.h"
#include "ullage/private/twin.h"
#include "ullage/private/watch.h"

/*
 * Magazines are numbered and stay until the pool ends, so a thread may look at one that another has just
 * taken: the depot's stacks are a word of {tag, number + 1} each, and the tag changes with every push.
 */
typedef struct magazine {
    _Atomic uint32_t below; /* number + 1 of the next in the stack */
    uint32_t count;
    void *slots[];
} magazine;

enum {
    MAGAZINE_MOST = 256,
    MAGAZINE_LEAST = 8,
    FULL_MOST = 64, /* full magazines in the depot; more are sorted into slabs */
    SEGMENTS = 20,
    FIRST_SEGMENT = 16 /* numbers in segment 0; each next has twice as many */
};
#define MAGAZINE_BYTES ((size_t)128 << 10)

typedef struct front {
    ul_pool_front inline_part; /* first */
    magazine *loaded;
    magazine *other; /* empty or full: one of them is at hand whichever way the thread turns */
} front;

/* What a line has one writer at a time of stands on a line of its own. */
typedef struct core {
    ul_shared_pool pool; /* first */
    uint32_t capacity;   /* of a magazine */
    bool looks_at_puts;
    bool has_fronts;
    bool is_watched;
    bool is_open; /* the inline paths are on */
    ul_pool_options options;
    UL_LINE _Atomic uint64_t full; /* stack of full magazines */
    _Atomic uint64_t full_level;   /* magazines in it << 32 | objects in them */
    _Atomic uint32_t full_low;     /* fewest magazines since the last tick: so many nobody needed */
    UL_LINE _Atomic uint64_t empty;
    UL_LINE pthread_mutex_t lock; /* of all below */
    ul_slabs slabs;
    _Atomic(magazine *) *_Atomic segments[SEGMENTS];
    ul_source source;
    size_t twin_count;
    uint64_t sample_left_bytes; /* without the lock: a lost sample is none the worse */
    uint32_t magazine_count;
} core;

/* ---- the depot ------------------------------------------------------------------------------------------
 */

static _Atomic(magazine *) *place_of(core *c, uint32_t number)
{
    uint32_t segment = 31 - (uint32_t)__builtin_clz(number / FIRST_SEGMENT + 1);
    uint32_t first = FIRST_SEGMENT * ((1u << segment) - 1);
    return &atomic_load_explicit(&c->segments[segment], memory_order_acquire)[number - first];
}

static magazine *magazine_of(core *c, uint32_t number)
{
    return atomic_load_explicit(place_of(c, number), memory_order_relaxed);
}

/* A new magazine; its number lies behind its slots. Under the lock. */
static magazine *new_magazine(core *c)
{
    uint32_t number = c->magazine_count, segment = 31 - (uint32_t)__builtin_clz(number / FIRST_SEGMENT + 1);
    if (segment >= SEGMENTS)
        return NULL;
    if (!atomic_load_explicit(&c->segments[segment], memory_order_relaxed)) {
        _Atomic(magazine *) *places = ul_sys_malloc((sizeof *places * FIRST_SEGMENT) << segment);
        if (!places)
            return NULL;
        atomic_store_explicit(&c->segments[segment], places, memory_order_release);
    }
    magazine *made = ul_sys_aligned(UL_LINE_BYTES, sizeof *made + (c->capacity + (size_t)1) * sizeof(void *));
    if (!made)
        return NULL;
    atomic_init(&made->below, 0);
    made->count = 0;
    made->slots[c->capacity] = (void *)(uintptr_t)number;
    atomic_init(place_of(c, number), made);
    c->magazine_count++;
    return made;
}

static uint32_t number_of(const core *c, const magazine *m)
{
    return (uint32_t)(uintptr_t)m->slots[c->capacity];
}

/* Release: what the thread did to the objects in it happens before a pop of it. */
static void push(core *c, _Atomic uint64_t *stack, magazine *m)
{
    uint64_t old = atomic_load_explicit(stack, memory_order_relaxed), next;
    ul_watch_release(m);
    do {
        atomic_store_explicit(&m->below, (uint32_t)old, memory_order_relaxed);
        next = ((old >> 32) + 1) << 32 | (number_of(c, m) + (uint64_t)1);
    } while (!atomic_compare_exchange_weak_explicit(stack, &old, next, memory_order_release,
                                                    memory_order_relaxed));
}

static magazine *pop(core *c, _Atomic uint64_t *stack)
{
    uint64_t old = atomic_load_explicit(stack, memory_order_acquire), next;
    magazine *m;
    do {
        if ((uint32_t)old == 0)
            return NULL;
        m = magazine_of(c, (uint32_t)old - 1);
        /* `below` may be of another life of the magazine by now; then the tag has changed and the exchange
         * fails. */
        next = ((old >> 32) + 1) << 32 | atomic_load_explicit(&m->below, memory_order_relaxed);
    } while (!atomic_compare_exchange_weak_explicit(stack, &old, next, memory_order_acquire,
                                                    memory_order_acquire));
    ul_watch_acquire(m);
    return m;
}

static uint32_t full_count(core *c)
{
    return (uint32_t)(atomic_load_explicit(&c->full_level, memory_order_relaxed) >> 32);
}

static magazine *pop_full(core *c)
{
    magazine *m = pop(c, &c->full);
    if (!m)
        return NULL;
    uint64_t taken = (UINT64_C(1) << 32) + m->count;
    uint32_t left =
        (uint32_t)((atomic_fetch_sub_explicit(&c->full_level, taken, memory_order_relaxed) - taken) >> 32);
    if (left < atomic_load_explicit(&c->full_low, memory_order_relaxed)) /* two at once: near enough */
        atomic_store_explicit(&c->full_low, left, memory_order_relaxed);
    return m;
}

/* Counted before it can be popped, so that the level never falls below zero. */
static void push_full(core *c, magazine *m)
{
    atomic_fetch_add_explicit(&c->full_level, (UINT64_C(1) << 32) + m->count, memory_order_relaxed);
    push(c, &c->full, m);
}

/* ---- fronts ---------------------------------------------------------------------------------------------
 */

static void load(const core *c, front *f, magazine *m)
{
    f->loaded = m;
    f->inline_part = (ul_pool_front){
        .top = m->slots + m->count,
        .floor = c->is_open ? m->slots : m->slots + c->capacity,
        .ceiling = c->looks_at_puts ? m->slots : m->slots + c->capacity,
    };
}

/* Writes the count that the inline part carries as an address back into the magazine. */
static void unload(front *f)
{
    f->loaded->count = (uint32_t)(f->inline_part.top - f->loaded->slots);
}

static void swap(const core *c, front *f)
{
    magazine *loaded = f->loaded;
    unload(f);
    load(c, f, f->other);
    f->other = loaded;
}

/* Puts what a magazine holds where others find it. */
static void retire(core *c, magazine *m)
{
    if (m->count)
        push_full(c, m);
    else
        push(c, &c->empty, m);
}

static void end_front(void *pool, ul_pool_front *inline_part)
{
    core *c = pool;
    front *f = (front *)inline_part;
    unload(f);
    retire(c, f->loaded);
    retire(c, f->other);
    ul_sys_free(f);
}

static magazine *take_empty(core *c)
{
    magazine *m = pop(c, &c->empty);
    if (m)
        return m;
    pthread_mutex_lock(&c->lock);
    m = new_magazine(c);
    pthread_mutex_unlock(&c->lock);
    return m;
}

static front *own_front(core *c)
{
    front *f = (front *)ul_threads_front(c->pool.id);
    if (f || !c->has_fronts)
        return f;
    f = ul_sys_malloc(sizeof *f);
    magazine *first = f ? take_empty(c) : NULL, *second = first ? take_empty(c) : NULL;
    if (second) {
        load(c, f, first);
        f->other = second;
        if (ul_threads_set_front(c->pool.id, &f->inline_part))
            return f;
    }
    if (first)
        push(c, &c->empty, first);
    if (second)
        push(c, &c->empty, second);
    ul_sys_free(f);
    return NULL;
}

/* The loaded magazine is empty: another that is not, from this front, the depot or the slabs. */
static bool refill(core *c, front *f)
{
    if (f->other->count) {
        swap(c, f);
        return true;
    }
    magazine *full = pop_full(c);
    if (full) {
        unload(f);
        push(c, &c->empty, f->loaded);
        load(c, f, full);
        return true;
    }
    pthread_mutex_lock(&c->lock);
    size_t got = ul_slabs_take(&c->slabs, f->loaded->slots, c->capacity / 2);
    pthread_mutex_unlock(&c->lock);
    f->inline_part.top = f->loaded->slots + got;
    return got > 0;
}

/* Sorts a full magazine's objects into their slabs. */
static void sort_back(core *c, magazine *m, ul_site site)
{
    pthread_mutex_lock(&c->lock);
    ul_slabs_give(&c->slabs, m->slots, m->count, site);
    pthread_mutex_unlock(&c->lock);
    m->count = 0;
}

/* The loaded magazine is full: another that is not. False without memory; then the objects went to their
 * slabs. */
static void make_room(core *c, front *f, ul_site site)
{
    if (f->other->count < c->capacity) {
        swap(c, f);
        return;
    }
    magazine *empty = NULL;
    if (full_count(c) < FULL_MOST)
        empty = take_empty(c);
    if (empty) {
        push_full(c, f->other);
        f->other = empty;
    } else {
        sort_back(c, f->other, site);
    }
    swap(c, f);
}

/* ---- get and put ----------------------------------------------------------------------------------------
 */

static void *fail_get(const core *c)
{
    if (c->options.oom)
        c->options.oom(c->options.size_bytes);
    return NULL;
}

/* One object, without fronts: a pool with a bound, or a thread that could not have one. */
static void *get_locked(core *c)
{
    void *object = NULL;
    magazine *full = pop_full(c);
    if (full) {
        object = full->slots[--full->count];
        retire(c, full);
        return object;
    }
    pthread_mutex_lock(&c->lock);
    (void)ul_slabs_take(&c->slabs, &object, 1);
    pthread_mutex_unlock(&c->lock);
    return object;
}

static void *get_twin(core *c, ul_site site)
{
    const ul_pool_options *options = &c->options;
    pthread_mutex_lock(&c->lock);
    bool may = !options->limit_objects || c->twin_count < options->limit_objects;
    c->twin_count += may;
    pthread_mutex_unlock(&c->lock);
    size_t align = options->align_bytes ? options->align_bytes : alignof(max_align_t);
    if (options->on_lines && align < UL_LINE_BYTES)
        align = UL_LINE_BYTES;
    void *object = may ? ul_twin_take(options->size_bytes, align, c, options->name, site) : NULL;
    if (object)
        memset(object, 0, options->size_bytes);
    if (object && options->make && !options->make(object, options->context)) {
        ul_twin_give(object, c, options->name, site);
        object = NULL;
    }
    if (may && !object) {
        pthread_mutex_lock(&c->lock);
        c->twin_count--;
        pthread_mutex_unlock(&c->lock);
    }
    return object;
}

void *ul_shared_pool_get_slow_(ul_shared_pool *pool, const char *site)
{
    core *c = (core *)pool;
    void *object;
    if (c->slabs.mode == UL_MODE_TWIN) {
        object = get_twin(c, UL_SITE_HERE(site));
        return object ? object : fail_get(c);
    }
    front *f = own_front(c);
    if (!f)
        object = get_locked(c);
    else if (f->inline_part.top == f->loaded->slots && !refill(c, f))
        object = NULL;
    else
        object = *--f->inline_part.top;
    if (!object)
        return fail_get(c);
    if (c->slabs.mode == UL_MODE_SAMPLED)
        ul_source_sample(&c->source, &c->sample_left_bytes, object, c->options.size_bytes,
                         __builtin_return_address(0));
    if (c->is_watched) {
        ul_watch_pool_take(c, object, c->options.size_bytes);
        if (c->options.make || c->options.reset)
            ul_watch_open_defined(object, c->options.size_bytes);
    }
    return object;
}

static void put_twin(core *c, void *object, ul_site site)
{
    if (ul_twin_is_live(object, c)) {
        if (c->options.reset)
            c->options.reset(object, c->options.context);
        if (c->options.drop)
            c->options.drop(object, c->options.context);
    }
    if (!ul_twin_give(object, c, c->options.name, site))
        return;
    pthread_mutex_lock(&c->lock);
    c->twin_count--;
    pthread_mutex_unlock(&c->lock);
}

/* Before a hook or a watcher touches what is put. Double puts that no slab knows of yet are found when they
 * get there. */
static bool is_put_sound(core *c, const void *object, ul_site site)
{
    pthread_mutex_lock(&c->lock);
    uint32_t slot;
    bool is_ours = ul_slabs_find(&c->slabs, object, &slot) != NULL;
    bool is_out = is_ours && ul_slabs_is_out(&c->slabs, object);
    pthread_mutex_unlock(&c->lock);
    if (!is_out)
        ul_process_fault(is_ours ? UL_FAULT_DOUBLE_PUT : UL_FAULT_FOREIGN_PUT, c->options.name, object,
                         c->options.size_bytes, NULL, NULL, &site);
    return is_out;
}

void ul_shared_pool_put_slow_(ul_shared_pool *pool, void *object, const char *site)
{
    core *c = (core *)pool;
    ul_site here = UL_SITE_HERE(site);
    if (c->slabs.mode == UL_MODE_TWIN) {
        put_twin(c, object, here);
        return;
    }
    if (c->is_watched && !is_put_sound(c, object, here))
        return;
    if (c->options.reset)
        c->options.reset(object, c->options.context);
    if (c->is_watched)
        ul_watch_pool_give(c, object, c->options.size_bytes);
    if (c->slabs.mode == UL_MODE_SAMPLED)
        ul_samples_end_object(object);
    front *f = own_front(c);
    if (!f) {
        pthread_mutex_lock(&c->lock);
        ul_slabs_give(&c->slabs, &object, 1, here);
        pthread_mutex_unlock(&c->lock);
        return;
    }
    if (f->inline_part.top == f->loaded->slots + c->capacity)
        make_room(c, f, here);
    *f->inline_part.top++ = object;
}

/* ---- numbers ----------------------------------------------------------------------------------------------
 */

/* The pool's list is locked by the caller, and this lock comes after it. */
static void read_source(const ul_source *source, ul_prof_entry *entry)
{
    core *c = (core *)((char *)(uintptr_t)source - offsetof(core, source));
    ul_pool_stats stats;
    ul_shared_pool_stats_read(&c->pool, &stats);
    *entry = (ul_prof_entry){
        .kind = UL_PROF_SHARED_POOL,
        .name = c->options.name,
        .live_count = stats.live_count,
        .live_bytes = stats.live_count * stats.object_bytes,
        .peak_bytes = stats.peak_count * stats.object_bytes,
        .held_bytes = stats.resident_bytes,
    };
}

/* ---- life -----------------------------------------------------------------------------------------------
 */

ul_status ul_shared_pool_new_at(ul_shared_pool **out, const ul_pool_options *options, const char *site)
{
    *out = NULL;
    if (options->size_bytes == 0 || options->has_handles)
        return UL_ERR_USAGE; /* handles are of one thread */
    core *c = ul_sys_aligned(UL_LINE_BYTES, sizeof *c);
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
    c->pool.id = status == UL_OK ? ul_threads_add_pool(c, &c->lock, end_front) : UINT32_MAX;
    if (c->pool.id == UINT32_MAX || pthread_mutex_init(&c->lock, NULL) != 0) {
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
static void drain(core *c, uint32_t keep)
{
    while (full_count(c) > keep) {
        magazine *m = pop_full(c);
        if (!m)
            return;
        sort_back(c, m, (ul_site){0});
        push(c, &c->empty, m);
    }
}

static void free_magazines(core *c)
{
    for (uint32_t number = 0; number < c->magazine_count; number++)
        ul_sys_free(magazine_of(c, number));
    for (uint32_t i = 0; i < SEGMENTS; i++)
        ul_sys_free(atomic_load_explicit(&c->segments[i], memory_order_relaxed));
}

void ul_shared_pool_free_at(ul_shared_pool *pool, const char *site)
{
    core *c = (core *)pool;
    if (!c)
        return;
    ul_site here = UL_SITE_HERE(site);
    ul_threads_remove_pool(c->pool.id);
    drain(c, 0);
    size_t live = c->slabs.mode == UL_MODE_TWIN ? c->twin_count : c->slabs.taken_count;
    if (live && (c->slabs.mode >= UL_MODE_WATCHED || ul_settings_now()->reports_leaks))
        ul_process_fault(UL_FAULT_LEAK, c->options.name, NULL, live, NULL, NULL, &here);
    if (live && c->slabs.mode == UL_MODE_TWIN)
        ul_twin_live(c, ul_process.on_fault ? NULL : stderr);
    ul_process_unlist(&c->source.listed);
    if (c->slabs.mode == UL_MODE_SAMPLED)
        ul_samples_end_from(c, 0);
    if (c->slabs.mode == UL_MODE_TWIN)
        ul_twin_forget(c);
    if (c->slabs.mode == UL_MODE_WATCHED)
        ul_watch_pool_destroy(c);
    ul_slabs_free(&c->slabs);
    free_magazines(c);
    pthread_mutex_destroy(&c->lock);
    ul_sys_free(c);
}

size_t ul_shared_pool_tick(ul_shared_pool *pool)
{
    core *c = (core *)pool;
    uint32_t full = full_count(c), low = atomic_load_explicit(&c->full_low, memory_order_relaxed);
    drain(c, full - (low < full ? low : full));
    atomic_store_explicit(&c->full_low, full_count(c), memory_order_relaxed);
    pthread_mutex_lock(&c->lock);
    size_t bytes = ul_slabs_tick(&c->slabs, 2);
    pthread_mutex_unlock(&c->lock);
    return bytes;
}

size_t ul_shared_pool_trim(ul_shared_pool *pool)
{
    core *c = (core *)pool;
    front *f = (front *)ul_threads_front(c->pool.id);
    if (f) {
        unload(f);
        sort_back(c, f->loaded, (ul_site){0});
        sort_back(c, f->other, (ul_site){0});
        load(c, f, f->loaded);
    }
    drain(c, 0);
    pthread_mutex_lock(&c->lock);
    size_t bytes = ul_slabs_tick(&c->slabs, 0);
    pthread_mutex_unlock(&c->lock);
    return bytes;
}

void ul_shared_pool_stats_read(ul_shared_pool *pool, ul_pool_stats *stats)
{
    core *c = (core *)pool;
    size_t in_front = 0;
    front *f = (front *)ul_threads_front(c->pool.id);
    if (f)
        in_front = (size_t)(f->inline_part.top - f->loaded->slots) + f->other->count;
    pthread_mutex_lock(&c->lock);
    size_t out = c->slabs.mode == UL_MODE_TWIN ? c->twin_count : c->slabs.taken_count - in_front;
    size_t in_depot = (uint32_t)atomic_load_explicit(&c->full_level, memory_order_relaxed);
    *stats = (ul_pool_stats){
        .live_count = out > in_depot ? out - in_depot : 0,
        .peak_count = c->slabs.peak_count,
        .object_bytes = c->options.size_bytes,
        .stride_bytes = c->slabs.stride_bytes,
        .resident_bytes = c->slabs.resident_bytes,
    };
    pthread_mutex_unlock(&c->lock);
    size_t live_bytes = stats->live_count * stats->stride_bytes;
    stats->idle_bytes = stats->resident_bytes > live_bytes ? stats->resident_bytes - live_bytes : 0;
}

#include "ullage/private/shared_core.h"

#include "ullage/private/samples.h"
#include "ullage/private/sys.h"
#include "ullage/private/threads.h"
#include "ullage/private/twin.h"
#include "ullage/private/watch.h"

/* ---- the depot ------------------------------------------------------------------------------------------
 */

static _Atomic(ul_magazine *) *place_of(ul_shared_core *c, uint32_t number)
{
    uint32_t segment = 31 - (uint32_t)__builtin_clz(number / FIRST_SEGMENT + 1);
    uint32_t first = FIRST_SEGMENT * ((1u << segment) - 1);
    return &atomic_load_explicit(&c->segments[segment], memory_order_acquire)[number - first];
}

ul_magazine *ul_magazine_of(ul_shared_core *c, uint32_t number)
{
    return atomic_load_explicit(place_of(c, number), memory_order_relaxed);
}

/* A new magazine; its number lies behind its slots. Under the lock. */
static ul_magazine *new_magazine(ul_shared_core *c)
{
    uint32_t number = c->magazine_count, segment = 31 - (uint32_t)__builtin_clz(number / FIRST_SEGMENT + 1);
    if (segment >= SEGMENTS)
        return NULL;
    if (!atomic_load_explicit(&c->segments[segment], memory_order_relaxed)) {
        _Atomic(ul_magazine *) *places = ul_sys_malloc((sizeof *places * FIRST_SEGMENT) << segment);
        if (!places)
            return NULL;
        atomic_store_explicit(&c->segments[segment], places, memory_order_release);
    }
    ul_magazine *made = ul_sys_aligned(UL_LINE_BYTES, sizeof *made + (c->capacity + (size_t)1) * sizeof(void *));
    if (!made)
        return NULL;
    atomic_init(&made->below, 0);
    made->count = 0;
    made->slots[c->capacity] = (void *)(uintptr_t)number;
    atomic_init(place_of(c, number), made);
    c->magazine_count++;
    return made;
}

static uint32_t number_of(const ul_shared_core *c, const ul_magazine *m)
{
    return (uint32_t)(uintptr_t)m->slots[c->capacity];
}

/* Release: what the thread did to the objects in it happens before a pop of it. */
void ul_depot_push(ul_shared_core *c, _Atomic uint64_t *stack, ul_magazine *m)
{
    uint64_t old = atomic_load_explicit(stack, memory_order_relaxed), next;
    ul_watch_release(m);
    do {
        atomic_store_explicit(&m->below, (uint32_t)old, memory_order_relaxed);
        next = ((old >> 32) + 1) << 32 | (number_of(c, m) + (uint64_t)1);
    } while (!atomic_compare_exchange_weak_explicit(stack, &old, next, memory_order_release,
                                                    memory_order_relaxed));
}

static ul_magazine *pop(ul_shared_core *c, _Atomic uint64_t *stack)
{
    uint64_t old = atomic_load_explicit(stack, memory_order_acquire), next;
    ul_magazine *m;
    do {
        if ((uint32_t)old == 0)
            return NULL;
        m = ul_magazine_of(c, (uint32_t)old - 1);
        /* `below` may be of another life of the magazine by now; then the tag has changed and the exchange
         * fails. */
        next = ((old >> 32) + 1) << 32 | atomic_load_explicit(&m->below, memory_order_relaxed);
    } while (!atomic_compare_exchange_weak_explicit(stack, &old, next, memory_order_acquire,
                                                    memory_order_acquire));
    ul_watch_acquire(m);
    return m;
}

uint32_t ul_depot_full_count(ul_shared_core *c)
{
    return (uint32_t)(atomic_load_explicit(&c->full_level, memory_order_relaxed) >> 32);
}

ul_magazine *ul_depot_pop_full(ul_shared_core *c)
{
    ul_magazine *m = pop(c, &c->full);
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
static void push_full(ul_shared_core *c, ul_magazine *m)
{
    atomic_fetch_add_explicit(&c->full_level, (UINT64_C(1) << 32) + m->count, memory_order_relaxed);
    ul_depot_push(c, &c->full, m);
}

/* ---- fronts ---------------------------------------------------------------------------------------------
 */

void ul_front_load(const ul_shared_core *c, ul_front *f, ul_magazine *m)
{
    f->loaded = m;
    f->inline_part = (ul_pool_front){
        .top = m->slots + m->count,
        .floor = c->is_open ? m->slots : m->slots + c->capacity,
        .ceiling = c->looks_at_puts ? m->slots : m->slots + c->capacity,
    };
}

/* Writes the count that the inline part carries as an address back into the magazine. */
void ul_front_unload(ul_front *f)
{
    f->loaded->count = (uint32_t)(f->inline_part.top - f->loaded->slots);
}

static void swap(const ul_shared_core *c, ul_front *f)
{
    ul_magazine *loaded = f->loaded;
    ul_front_unload(f);
    ul_front_load(c, f, f->other);
    f->other = loaded;
}

/* Puts what a magazine holds where others find it. */
static void retire(ul_shared_core *c, ul_magazine *m)
{
    if (m->count)
        push_full(c, m);
    else
        ul_depot_push(c, &c->empty, m);
}

void ul_front_end(void *pool, ul_pool_front *inline_part)
{
    ul_shared_core *c = pool;
    ul_front *f = (ul_front *)inline_part;
    ul_front_unload(f);
    retire(c, f->loaded);
    retire(c, f->other);
    ul_sys_free(f);
}

static ul_magazine *take_empty(ul_shared_core *c)
{
    ul_magazine *m = pop(c, &c->empty);
    if (m)
        return m;
    pthread_mutex_lock(&c->lock);
    m = new_magazine(c);
    pthread_mutex_unlock(&c->lock);
    return m;
}

static ul_front *own_front(ul_shared_core *c)
{
    ul_front *f = (ul_front *)ul_threads_front(c->pool.id);
    if (f || !c->has_fronts)
        return f;
    f = ul_sys_malloc(sizeof *f);
    ul_magazine *first = f ? take_empty(c) : NULL, *second = first ? take_empty(c) : NULL;
    if (second) {
        ul_front_load(c, f, first);
        f->other = second;
        if (ul_threads_set_front(c->pool.id, &f->inline_part))
            return f;
    }
    if (first)
        ul_depot_push(c, &c->empty, first);
    if (second)
        ul_depot_push(c, &c->empty, second);
    ul_sys_free(f);
    return NULL;
}

/* The loaded magazine is empty: another that is not, from this front, the depot or the slabs. */
static bool refill(ul_shared_core *c, ul_front *f)
{
    if (f->other->count) {
        swap(c, f);
        return true;
    }
    ul_magazine *full = ul_depot_pop_full(c);
    if (full) {
        if (c->is_open)
            atomic_fetch_add_explicit(&c->got_count, full->count, memory_order_relaxed);
        ul_front_unload(f);
        ul_depot_push(c, &c->empty, f->loaded);
        ul_front_load(c, f, full);
        return true;
    }
    pthread_mutex_lock(&c->lock);
    size_t got = ul_slabs_take(&c->slabs, f->loaded->slots, c->capacity / 2);
    pthread_mutex_unlock(&c->lock);
    f->inline_part.top = f->loaded->slots + got;
    return got > 0;
}

/* Sorts a full magazine's objects into their slabs. */
void ul_depot_sort_back(ul_shared_core *c, ul_magazine *m, ul_site site)
{
    pthread_mutex_lock(&c->lock);
    ul_slabs_give(&c->slabs, m->slots, m->count, site);
    pthread_mutex_unlock(&c->lock);
    m->count = 0;
}

/* The loaded magazine is full: another that is not. False without memory; then the objects went to their
 * slabs. */
static void make_room(ul_shared_core *c, ul_front *f, ul_site site)
{
    if (f->other->count < c->capacity) {
        swap(c, f);
        return;
    }
    ul_magazine *empty = NULL;
    if (ul_depot_full_count(c) < FULL_MOST)
        empty = take_empty(c);
    if (empty) {
        push_full(c, f->other);
        f->other = empty;
    } else {
        ul_depot_sort_back(c, f->other, site);
    }
    swap(c, f);
}

/* ---- get and put ----------------------------------------------------------------------------------------
 */

static void *fail_get(const ul_shared_core *c)
{
    if (c->options.oom)
        c->options.oom(c->options.size_bytes);
    return NULL;
}

/* One object, without fronts: a pool with a bound, or a thread that could not have one. */
static void *get_locked(ul_shared_core *c)
{
    void *object = NULL;
    ul_magazine *full = ul_depot_pop_full(c);
    if (full) {
        object = full->slots[--full->count];
        retire(c, full);
        if (c->is_open)
            atomic_fetch_add_explicit(&c->got_count, 1, memory_order_relaxed);
        return object;
    }
    pthread_mutex_lock(&c->lock);
    (void)ul_slabs_take(&c->slabs, &object, 1);
    pthread_mutex_unlock(&c->lock);
    return object;
}

static void *get_twin(ul_shared_core *c, ul_site site)
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
    pthread_mutex_lock(&c->lock);
    if (may && !object)
        c->twin_count--;
    else if (c->twin_count > c->twin_peak)
        c->twin_peak = c->twin_count;
    pthread_mutex_unlock(&c->lock);
    return object;
}

void *ul_shared_pool_get_slow_(ul_shared_pool *pool, const char *site)
{
    ul_shared_core *c = (ul_shared_core *)pool;
    void *object;
    if (c->slabs.mode == UL_MODE_TWIN) {
        object = get_twin(c, UL_SITE_HERE(site));
        atomic_fetch_add_explicit(&c->got_count, object != NULL, memory_order_relaxed);
        return object ? object : fail_get(c);
    }
    ul_front *f = own_front(c);
    if (!f)
        object = get_locked(c);
    else if (f->inline_part.top == f->loaded->slots && !refill(c, f))
        object = NULL;
    else
        object = *--f->inline_part.top;
    if (!object)
        return fail_get(c);
    if (!c->is_open)
        atomic_fetch_add_explicit(&c->got_count, 1, memory_order_relaxed);
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

static void put_twin(ul_shared_core *c, void *object, ul_site site)
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
static bool is_put_sound(ul_shared_core *c, const void *object, ul_site site)
{
    pthread_mutex_lock(&c->lock);
    uint32_t slot;
    bool is_ours = ul_slabs_find(&c->slabs, object, &slot) != NULL;
    bool is_out = is_ours && ul_slabs_is_out(&c->slabs, object);
    pthread_mutex_unlock(&c->lock);
    if (!is_out)
        ul_process_fault(is_ours ? UL_FAULT_DOUBLE_PUT : UL_FAULT_FOREIGN_PUT, c->options.name, object,
                         is_ours ? c->options.size_bytes : 0, NULL, NULL, &site);
    return is_out;
}

void ul_shared_pool_put_slow_(ul_shared_pool *pool, void *object, const char *site)
{
    ul_shared_core *c = (ul_shared_core *)pool;
    ul_site here = UL_SITE_HERE(site);
    if (!object)
        return;
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
    ul_front *f = own_front(c);
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

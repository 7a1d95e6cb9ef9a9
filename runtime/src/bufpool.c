#include "ullage/bufpool.h"

#include "ullage/private/process.h"
#include "ullage/private/sys.h"
#include "ullage/private/twin.h"
#include "ullage/private/watch.h"

/* What an idle buffer holds: its place in the list, and a sign that says it is idle. */
typedef struct ul_bufpool_idle {
    struct ul_bufpool_idle *next;
    uintptr_t sign;
} ul_bufpool_idle;

#define DEFAULT_IDLE_BYTES ((size_t)4 << 20)
#define SIGN UINT64_C(0x756c6c6167652d69)

void ul_bufpool_init(ul_bufpool *pool, size_t idle_limit_bytes)
{
    *pool = (ul_bufpool){.idle_limit_bytes = idle_limit_bytes};
}

/* Class of the smallest buffer that holds `capacity`; UL_BUFPOOL_CLASSES when it has none. */
static uint32_t class_of(size_t capacity)
{
    uint32_t class = 0;
    while (class < UL_BUFPOOL_CLASSES && ((size_t)UL_BUFPOOL_LEAST_BYTES << class) < capacity)
        class ++;
    return class;
}

static uintptr_t sign_of(const ul_bufpool_idle *idle)
{
    return (uintptr_t)idle ^ (uintptr_t)SIGN;
}

static void *pop(ul_bufpool *pool, uint32_t class)
{
    ul_bufpool_idle *idle = pool->idle[class];
    size_t size = (size_t)UL_BUFPOOL_LEAST_BYTES << class;
    pool->idle[class] = idle->next;
    pool->idle_bytes -= size;
    if (--pool->idle_count[class] < pool->low_count[class])
        pool->low_count[class] = pool->idle_count[class];
    idle->sign = 0;
    if (pool->mode == UL_MODE_WATCHED)
        ul_watch_open(idle, size);
    pool->hit_count++;
    return idle;
}

ul_status ul_bufpool_get_at(ul_bufpool *pool, ul_buf *out, size_t capacity, const char *site)
{
    uint32_t class = class_of(capacity);
    bool is_large = class == UL_BUFPOOL_CLASSES;
    size_t size = is_large ? capacity : (size_t)UL_BUFPOOL_LEAST_BYTES << class;
    if (pool->mode == UL_MODE_UNSET)
        pool->mode = ul_settings_mode(site);
    *out = (ul_buf){0};
    if (pool->mode == UL_MODE_TWIN)
        out->data = ul_twin_take(size, alignof(max_align_t), pool, "buffers", UL_SITE_HERE(site));
    else if (!is_large && pool->idle[class])
        out->data = pop(pool, class);
    else
        out->data = ul_sys_malloc(size);
    if (!out->data)
        return UL_ERR_NOMEM;
    out->capacity = size;
    pool->get_count++;
    pool->out_count++;
    return UL_OK;
}

/* Whether the buffer is in the list: asked only where its bytes look so. */
static bool is_idle(const ul_bufpool *pool, const ul_bufpool_idle *buffer, uint32_t class)
{
    for (const ul_bufpool_idle *idle = pool->idle[class]; idle; idle = idle->next) {
        if (idle == buffer)
            return true;
    }
    return false;
}

static void push(ul_bufpool *pool, ul_bufpool_idle *idle, uint32_t class, size_t size, ul_site site)
{
    if (pool->mode == UL_MODE_WATCHED)
        ul_watch_open_defined(idle, sizeof *idle); /* it may be idle already */
    if (UL_UNLIKELY(idle->sign == sign_of(idle)) && is_idle(pool, idle, class)) {
        ul_process_fault(UL_FAULT_DOUBLE_PUT, "buffers", idle, size, NULL, NULL, &site);
        pool->out_count++;
        return;
    }
    size_t limit = pool->idle_limit_bytes ? pool->idle_limit_bytes : DEFAULT_IDLE_BYTES;
    if (pool->idle_bytes + size > limit) {
        ul_sys_free(idle);
        return;
    }
    *idle = (ul_bufpool_idle){pool->idle[class], sign_of(idle)};
    pool->idle[class] = idle;
    pool->idle_count[class]++;
    pool->idle_bytes += size;
    if (pool->mode == UL_MODE_WATCHED)
        ul_watch_close(idle + 1, size - sizeof *idle);
}

void ul_bufpool_put_at(ul_bufpool *pool, ul_buf *buf, const char *site)
{
    ul_site here = UL_SITE_HERE(site);
    ul_buf given = *buf;
    *buf = (ul_buf){0};
    if (!given.data)
        return;
    uint32_t class = class_of(given.capacity);
    if (pool->mode == UL_MODE_UNSET) /* a pool that never gave any: it takes back nothing that a twin made */
        pool->mode = ul_settings_mode(site);
    if (pool->mode == UL_MODE_TWIN) {
        pool->out_count -= ul_twin_give(given.data, pool, "buffers", here);
        return;
    }
    pool->out_count--;
    if (class == UL_BUFPOOL_CLASSES || given.capacity != (size_t)UL_BUFPOOL_LEAST_BYTES << class)
        ul_sys_free(given.data);
    else
        push(pool, (ul_bufpool_idle *)(void *)given.data, class, given.capacity, here);
}

ul_status ul_bufpool_grow_at(ul_bufpool *pool, ul_buf *buf, size_t capacity, const char *site)
{
    if (capacity <= buf->capacity)
        return UL_OK;
    ul_buf grown;
    if (ul_bufpool_get_at(pool, &grown, capacity, site) != UL_OK)
        return UL_ERR_NOMEM;
    if (buf->length)
        memcpy(grown.data, buf->data, buf->length);
    grown.length = buf->length;
    ul_bufpool_put_at(pool, buf, site);
    *buf = grown;
    return UL_OK;
}

/* The `count` oldest-looking idle buffers of a class, from the head: which ones go is the same to everyone.
 */
static size_t free_idle(ul_bufpool *pool, uint32_t class, uint32_t count)
{
    size_t size = (size_t)UL_BUFPOOL_LEAST_BYTES << class;
    for (uint32_t i = 0; i < count; i++) {
        ul_bufpool_idle *idle = pool->idle[class];
        pool->idle[class] = idle->next;
        pool->idle_count[class]--;
        pool->idle_bytes -= size;
        if (pool->mode == UL_MODE_WATCHED)
            ul_watch_open(idle, size);
        ul_sys_free(idle);
    }
    return count * size;
}

size_t ul_bufpool_tick(ul_bufpool *pool)
{
    size_t bytes = 0;
    for (uint32_t class = 0; class < UL_BUFPOOL_CLASSES; class ++) {
        bytes += free_idle(pool, class, pool->low_count[class]);
        pool->low_count[class] = pool->idle_count[class];
    }
    return bytes;
}

void ul_bufpool_free_at(ul_bufpool *pool, const char *site)
{
    if (pool->mode == UL_MODE_TWIN)
        ul_twin_check(pool, UL_SITE_HERE(site));
    for (uint32_t class = 0; class < UL_BUFPOOL_CLASSES; class ++) {
        free_idle(pool, class, pool->idle_count[class]);
        pool->low_count[class] = 0;
    }
}

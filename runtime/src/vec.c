#include "ullage/vec.h"

#include "ullage/private/sys.h"

/* On the heap realloc may grow in place (mremap); what is aligned beyond malloc's promise is copied. */
static void *resize_on_heap(const ul_vec_any *vec, size_t bytes, size_t size, size_t align)
{
    if (align <= alignof(max_align_t))
        return ul_sys_realloc(vec->items, bytes);
    void *items = ul_sys_aligned(align, bytes);
    if (items && vec->count)
        memcpy(items, vec->items, vec->count * size);
    if (items)
        ul_sys_free(vec->items);
    return items;
}

ul_status ul_vec_reserve_(ul_vec_any *vec, size_t capacity, size_t size, size_t align, const char *site)
{
    size_t bytes;
    if (capacity <= vec->capacity)
        return UL_OK;
    if (__builtin_mul_overflow(capacity, size, &bytes) || bytes > SIZE_MAX / 2)
        return UL_ERR_NOMEM;
    void *items = vec->arena
                      ? ul_arena_resize_at(vec->arena, vec->items, vec->capacity * size, bytes, align, site)
                      : resize_on_heap(vec, bytes, size, align);
    if (!items)
        return UL_ERR_NOMEM;
    vec->items = items;
    vec->capacity = capacity;
    return UL_OK;
}

void ul_vec_free_(ul_vec_any *vec)
{
    if (!vec->arena)
        ul_sys_free(vec->items);
    *vec = (ul_vec_any){.arena = vec->arena};
}

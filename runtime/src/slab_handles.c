/* Single slots: which one an object is, whether it is out, and the handles that name it for as long as it is one object. */
#include "ullage/private/chunks.h"

ul_slab *ul_slabs_find(const ul_slabs *slabs, const void *object, uint32_t *slot)
{
    const ul_chunk *chunk = slabs->table ? ul_chunk_of(slabs, (uintptr_t)object) : NULL;
    uint32_t number = ul_slab_number(slabs, (uintptr_t)object);
    if (!chunk || number >= chunk->cut_count)
        return NULL;
    uintptr_t offset = (uintptr_t)object - (uintptr_t)chunk->slabs[number].base;
    *slot = (uint32_t)(offset / slabs->stride_bytes);
    return offset / slabs->stride_bytes < slabs->slot_count && *slot * slabs->stride_bytes == offset
               ? &chunk->slabs[number]
               : NULL;
}

bool ul_slabs_is_out(const ul_slabs *slabs, const void *object)
{
    uint32_t slot;
    ul_slab *slab = ul_slabs_find(slabs, object, &slot);
    return slab && !(slab->free_bits[slot / 64] >> slot % 64 & 1);
}

ul_pool_handle ul_slabs_handle(const ul_slabs *slabs, const void *object)
{
    uint32_t slot;
    ul_slab *slab = ul_slabs_find(slabs, object, &slot);
    if (!slab || !slab->generations)
        return (ul_pool_handle){0};
    const ul_chunk *chunk = ul_chunk_of(slabs, (uintptr_t)object);
    uint64_t index =
        ((uint64_t)chunk->number * slabs->slab_count + (uint64_t)(slab - chunk->slabs)) * slabs->slot_count +
        slot;
    return (ul_pool_handle){(index + 1) << 32 | slab->generations[slot]};
}

void *ul_slabs_object(const ul_slabs *slabs, ul_pool_handle handle)
{
    uint64_t index = (handle.bits >> 32) - 1;
    uint64_t slab_at = index / slabs->slot_count, slot = index % slabs->slot_count;
    if (!handle.bits || slab_at / slabs->slab_count >= slabs->chunk_count || !slabs->by_number)
        return NULL;
    const ul_chunk *chunk = slabs->by_number[slab_at / slabs->slab_count];
    const ul_slab *slab = &chunk->slabs[slab_at % slabs->slab_count];
    if (slab_at % slabs->slab_count >= chunk->cut_count || slab->generations[slot] != (uint32_t)handle.bits)
        return NULL;
    return slab->base + slot * slabs->stride_bytes;
}

void ul_slabs_retire(const ul_slabs *slabs, const void *object)
{
    uint32_t slot;
    ul_slab *slab = ul_slabs_find(slabs, object, &slot);
    if (slab && slab->generations)
        slab->generations[slot]++;
}

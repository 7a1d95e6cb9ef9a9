/*
 * The chunks of a pool's slabs: address space taken from the system and given back, and the table that finds the chunk of an address.
 * What is inline is on the path of every put. For slabs.c and slab_handles.c only; not thread safe.
 */
#ifndef ULLAGE_PRIVATE_CHUNKS_H
#define ULLAGE_PRIVATE_CHUNKS_H

#include "ullage/private/slabs.h"

/* A new chunk, the newest of `slabs`; false when there is no memory, or no handle could name its slots. */
bool ul_chunk_add(ul_slabs *slabs);
/* Gives the memory back. It must be out of the list; the table still leads to it. */
void ul_chunk_free(ul_slabs *slabs, ul_chunk *chunk);
/* Unmaps the chunks that came after `chunk` (NULL: all); none of their slabs is in the ring. */
void ul_chunks_free_newer(ul_slabs *slabs, const ul_chunk *chunk);
/* Unmaps chunks without a slab in use, unless handles might still name their slots. */
void ul_chunks_free_idle(ul_slabs *slabs);

/* NULL when the address is in none. slabs->table must be there. */
UL_INLINE ul_chunk *ul_chunk_of(const ul_slabs *slabs, uintptr_t address)
{
    uintptr_t key = address >> slabs->chunk_shift;
    size_t at = key & slabs->table_mask;
    while (UL_UNLIKELY(slabs->table[at].key != key)) {
        if (!slabs->table[at].key)
            return NULL;
        at = (at + 1) & slabs->table_mask;
    }
    return slabs->table[at].chunk;
}

UL_INLINE uint32_t ul_slab_number(const ul_slabs *slabs, uintptr_t address)
{
    return (uint32_t)(address >> slabs->slab_shift) & (slabs->slab_count - 1);
}

/* Where the slots of slab `number` of a chunk begin, from the beginning of the chunk. */
UL_INLINE size_t ul_slab_offset(const ul_slabs *slabs, uint32_t number)
{
    return ((size_t)number << slabs->slab_shift) +
           ((size_t)(number & slabs->color_mask) << slabs->color_shift);
}

/* The ring of open slabs: it is closed, slabs->open.next set, once there is a chunk. */
UL_INLINE void ul_ring_add_behind(ul_listed *place, ul_listed *entry)
{
    entry->previous = place;
    entry->next = place->next;
    place->next->previous = entry;
    place->next = entry;
}

UL_INLINE void ul_ring_remove(ul_listed *entry)
{
    entry->previous->next = entry->next;
    entry->next->previous = entry->previous;
}

/* Wholly free slabs are used last, so that they may age. */
UL_INLINE void ul_ring_move_to_end(ul_slabs *slabs, ul_slab *slab)
{
    ul_ring_remove(&slab->open);
    ul_ring_add_behind(slabs->open.previous, &slab->open);
}

#endif

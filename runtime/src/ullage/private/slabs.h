/*
 * Slots of one size in slabs: where the objects of a pool come from and go back to, many at a time. Which
 * slots are free is kept in bits beside the slabs, never in the objects: a free object is not touched, its
 * slab may be given back to the system, and a slot that is put twice is noticed. Not thread safe.
 *
 * A chunk is a piece of address space aligned to its size, cut into slabs of equal size; a table finds the
 * chunk of an address. The first slot of a slab moves from slab to slab (its colour) where the size of the
 * slots would otherwise put the heads of all objects into the same few cache sets.
 */
#ifndef ULLAGE_PRIVATE_SLABS_H
#define ULLAGE_PRIVATE_SLABS_H

#include "ullage/line.h"
#include "ullage/pool.h"
#include "ullage/private/settings.h"

/* What every put touches of a slab, close together for all slabs of a chunk. Invariants: free_count is the
   number of bits set; none is set in a word below first_word; the slab is in the ring of open slabs while
   free_count > 0. */
typedef struct ul_tally {
    uint32_t free_count;
    uint32_t first_word;
} ul_tally;

/* The rest of a slab. Slots below made_count have been made; the others have not, and are free. */
typedef struct ul_slab {
    ul_listed open; /* first: the ring leads to the slab */
    unsigned char *base;
    ul_tally *tally;
    uint64_t *free_bits;
    uint32_t *generations; /* of the slots; NULL without handles */
    uint32_t made_count;
    uint16_t idle_ticks; /* since all slots are free */
    bool is_resident;    /* its memory may be in use; otherwise it has been given back */
} ul_slab;

typedef struct ul_chunk {
    unsigned char *base;
    uint64_t *free_bits;
    ul_tally *tallies;
    ul_slab *slabs;
    uint32_t *generations;
    struct ul_chunk *next;
    uint32_t cut_count; /* slabs that have a base */
    uint32_t number;
} ul_chunk;

typedef struct ul_chunk_entry {
    uintptr_t key; /* address >> chunk_shift; 0: free */
    ul_chunk *chunk;
} ul_chunk_entry;

typedef struct ul_slabs {
    ul_listed open; /* a ring: partly used slabs first, wholly free ones last */
    ul_chunk_entry *table;
    size_t table_mask;
    ul_chunk *chunks; /* newest first */
    ul_chunk **by_number;
    ul_pool_options options;
    size_t stride_bytes;
    size_t slab_bytes;
    size_t taken_count; /* slots that are out */
    size_t peak_count;
    uint64_t total_count; /* slots taken, over time */
    size_t resident_bytes;
    uint64_t reciprocal; /* of the stride, for offsets of whole slots */
    uint32_t slot_count; /* of a slab */
    uint32_t word_count;
    uint32_t slab_shift, chunk_shift;
    uint32_t slab_count; /* of a chunk */
    uint32_t color_mask, color_shift;
    uint32_t chunk_count, number_capacity;
    ul_mode mode;
} ul_slabs;

/* UL_ERR_LIMIT: size or alignment out of range. Takes no memory. */
UL_MUST_USE ul_status ul_slabs_init(ul_slabs *slabs, const ul_pool_options *options, ul_mode mode);
/* Drops what was made and gives all memory back; slots that are out become invalid. */
void ul_slabs_free(ul_slabs *slabs);

/* Up to `want` slots; what was found. They lie at the end of `out[0..want)` reversed, so that out[count - 1],
   taken first from a stack, has the lowest address. */
size_t ul_slabs_take(ul_slabs *slabs, void **out, size_t want);
/* Cuts slabs until `count` slots are free. */
UL_MUST_USE ul_status ul_slabs_reserve(ul_slabs *slabs, size_t count);
/* Takes `count` slots back. Faults (no slot of these slabs, or free already) are told and left out. */
void ul_slabs_give(ul_slabs *slabs, void *const *objects, size_t count, ul_site site);
/* Gives back the memory of slabs that were wholly free at the last `age` ticks too; the bytes. */
size_t ul_slabs_tick(ul_slabs *slabs, uint32_t age);

/* The slab and the number of the slot of an object, or NULL when it is none. */
ul_slab *ul_slabs_find(const ul_slabs *slabs, const void *object, uint32_t *slot);
/* Whether the slot is neither free in its slab nor foreign: it is out or in a magazine. */
bool ul_slabs_is_out(const ul_slabs *slabs, const void *object);
/* A handle of a slot, and the object that a handle names or NULL. Options had has_handles. */
ul_pool_handle ul_slabs_handle(const ul_slabs *slabs, const void *object);
void *ul_slabs_object(const ul_slabs *slabs, ul_pool_handle handle);
/* Makes all handles of the slot invalid. */
void ul_slabs_retire(const ul_slabs *slabs, const void *object);

#endif

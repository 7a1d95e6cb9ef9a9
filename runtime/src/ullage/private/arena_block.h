/*
 * The blocks of an arena: where its memory comes from and goes back to. arena.c hands it out; arena_blocks.c takes it from the system. For
 * those two only.
 */
#ifndef ULLAGE_PRIVATE_ARENA_BLOCK_H
#define ULLAGE_PRIVATE_ARENA_BLOCK_H

#include "ullage/arena.h"
#include "ullage/private/settings.h"

/*
 * Blocks hang in a chain from `first` in the order in which they are filled; behind `current` lie spares that
 * a rewind left. Bytes handed out: current->before_bytes + (at - current->data).
 */
struct ul_arena_block {
    ul_arena_block *next;
    ul_arena_block *previous; /* of a twin */
    unsigned char *data;
    unsigned char *end;    /* of data; a multiple of the grain, but for a twin */
    unsigned char *usable; /* == end, but for reserved address space: pages up to here can be touched */
    size_t held_bytes;     /* 0: not ours to give back */
    size_t before_bytes;   /* handed out by earlier blocks when this one became current */
    bool is_mapped;
    bool is_twin;
};

struct ul_arena_cleanup {
    ul_arena_cleanup *older;
    void (*run)(void *argument);
    void *argument;
};

enum { BACKING_HEAP, BACKING_BUFFER, BACKING_RESERVED };

#define KIB ((size_t)1024)
enum { COMMIT_KIB = 256 }; /* what reserved address space is made usable by, at least */

#define DATA_OFFSET ((sizeof(ul_arena_block) + UL_LINE_BYTES - 1) / UL_LINE_BYTES * UL_LINE_BYTES)

UL_INLINE uintptr_t ul_grain_up(uintptr_t address)
{
    return (address + UL_ARENA_GRAIN - 1) & ~(uintptr_t)(UL_ARENA_GRAIN - 1);
}

UL_INLINE uintptr_t ul_step_up(uintptr_t address)
{
    return (address + UL_ARENA_STEP - 1) & ~(uintptr_t)(UL_ARENA_STEP - 1);
}

/* What the inline path may fill: nothing where somebody watches. Then `at` keeps the grain, as `end` always
 * does. */
UL_INLINE void ul_arena_set_place(ul_arena *arena, unsigned char *at)
{
    bool is_fast = arena->mode == UL_MODE_FAST && arena->current;
    arena->at = (unsigned char *)(is_fast ? ul_step_up((uintptr_t)at) : ul_grain_up((uintptr_t)at));
    arena->end = is_fast ? arena->current->usable : arena->at;
}

UL_INLINE void ul_arena_enter(ul_arena *arena, ul_arena_block *block, size_t before_bytes)
{
    block->before_bytes = before_bytes;
    arena->current = block;
    ul_arena_set_place(arena, block->data);
}

/* Settles how the arena is watched, and its defaults, before it hands out anything. */
void ul_arena_decide_mode(ul_arena *arena, const char *site);
/* A new block behind the current one with room for `size` at `align`; false when there is no memory or the limit is reached. */
bool ul_arena_block_add(ul_arena *arena, size_t size, size_t align);
/* Gives the block back; those of a fixed place are not ours to give. It must be out of the chain. */
void ul_arena_block_free(ul_arena *arena, ul_arena_block *block, ul_site site);
/* `block` and all behind it. */
void ul_arena_chain_free(ul_arena *arena, ul_arena_block *block, ul_site site);

#endif

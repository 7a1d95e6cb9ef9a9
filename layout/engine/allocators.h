/*
 * Which functions hand out plain memory as malloc() does, and which take it back: by their names those of libc and of a few libraries, by their
 * bodies a project's own. A name like theirs is none: what chan_alloc() or sodium_malloc() gives is more than memory. Pure.
 */
#ifndef UL_ENGINE_ALLOCATORS_H
#define UL_ENGINE_ALLOCATORS_H

#include "layout/model/allocation.h"
#include "ullage/arena.h"

/* Sets UL_ALLOCATION_HEAP and UL_ALLOCATION_ZERO in merged rows. */
void ul_allocators_prove(ul_allocations *rows, ul_arena *arena);

#endif

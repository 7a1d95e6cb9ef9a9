/*
 * Memory from the system, for arenas and pools: malloc for small blocks, mmap for large ones. Everything that
 * the library takes for its users goes through here, so that a test can let the n-th request fail.
 */
#ifndef ULLAGE_PRIVATE_SYS_H
#define ULLAGE_PRIVATE_SYS_H

#include "ullage/base.h"

/* malloc and free, or NULL when the injected fault is due. */
void *ul_sys_malloc(size_t size);
void *ul_sys_realloc(void *old, size_t size);
void *ul_sys_aligned(size_t align, size_t size);
void ul_sys_free(void *block);

/* Zeroed pages at a multiple of `align` (a power of two, at least a page); NULL without memory. */
void *ul_sys_map(size_t size, size_t align, bool wants_huge);
void ul_sys_unmap(void *pages, size_t size);
/* Address space without memory, and pages of it made usable. */
void *ul_sys_reserve(size_t size);
bool ul_sys_commit(void *pages, size_t size);
/* The pages read as zero from now on and take no memory until they are written. */
void ul_sys_discard(void *pages, size_t size);
size_t ul_sys_page_bytes(void);
/* Whether the machine has so much memory at all, free or not. A system that grants address space without
   counting would let a request for more go on until it has to kill somebody. */
bool ul_sys_could_hold(size_t bytes);

/* The n-th request from now on fails, and every n-th after it when `repeats`; 0 turns it off. */
void ul_sys_fail_at(uint64_t n, bool repeats);

#endif

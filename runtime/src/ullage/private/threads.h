/*
 * Pools that threads share, by their number, and the fronts that each thread has of them. A thread's table is
 * made at its first use of any shared pool and ends with the thread.
 */
#ifndef ULLAGE_PRIVATE_THREADS_H
#define ULLAGE_PRIVATE_THREADS_H

#include <pthread.h>

#include "ullage/shared_pool.h"

enum { UL_SHARED_POOLS_MOST = 4096 };

/* The number of a new pool, UINT32_MAX when there are too many. `end_front` ends one front of `pool`: the
   thread that owned it is ending, or the pool is. `lock` is held over a fork. */
uint32_t ul_threads_add_pool(void *pool, pthread_mutex_t *lock,
                             void (*end_front)(void *pool, ul_pool_front *front));
/* Takes the lock of the tables and of every pool, or opens them: around a fork. */
void ul_threads_lock(bool is_locked);
/* In the child of a fork, under that lock: fronts of threads that are not in it are never touched again. */
void ul_threads_forget_others(void);
/* Whether there were such fronts of the pool: what they held stays out for ever. */
bool ul_threads_has_lost(uint32_t id);
/* Ends every thread's front of the pool and frees the number. */
void ul_threads_remove_pool(uint32_t id);

/* This thread's front of a pool, or NULL when it has none yet. */
ul_pool_front *ul_threads_front(uint32_t id);
/* Makes `front` this thread's of the pool; false without memory. */
bool ul_threads_set_front(uint32_t id, ul_pool_front *front);

#endif

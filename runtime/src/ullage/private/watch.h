/*
 * Tells AddressSanitizer, LeakSanitizer, ThreadSanitizer and Valgrind what the library does with memory.
 * Whether they are there is found out at run time: an installed library serves programs with and without
 * them.
 */
#ifndef ULLAGE_PRIVATE_WATCH_H
#define ULLAGE_PRIVATE_WATCH_H

#include "ullage/base.h"

/* Bytes kept unused between objects where something would notice a write to them. */
enum { UL_RED_ZONE_BYTES = 16 };

bool ul_watch_has_asan(void);
bool ul_watch_has_valgrind(void);

/* Nobody may touch the bytes; anybody may, with contents undefined. */
void ul_watch_close(const void *bytes, size_t size);
void ul_watch_open(const void *bytes, size_t size);
/* The bytes have contents: as ul_watch_open, and Valgrind takes them for written. */
void ul_watch_open_defined(const void *bytes, size_t size);
/* Memory that is not malloc's and may hold pointers to what is. */
void ul_watch_root_add(const void *bytes, size_t size);
void ul_watch_root_remove(const void *bytes, size_t size);

/* Valgrind's pools: `pool` is any address that names it. */
void ul_watch_pool_create(const void *pool, bool is_zeroed);
void ul_watch_pool_destroy(const void *pool);
void ul_watch_pool_take(const void *pool, const void *object, size_t size);
void ul_watch_pool_give(const void *pool, const void *object, size_t size);

/* What this thread did to `object` happens before what the next one that says _acquire does: for a
   ThreadSanitizer that sees the program but not an installed library. */
void ul_watch_release(const void *object);
void ul_watch_acquire(const void *object);

#endif

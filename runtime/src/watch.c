#include "ullage/private/watch.h"

#if defined(__has_include)
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#define HAS_VALGRIND_REQUESTS 1
#endif
#endif

/* Weak: NULL where no sanitizer is linked in. */
extern void __asan_poison_memory_region(const volatile void *bytes, size_t size) __attribute__((weak));
extern void __asan_unpoison_memory_region(const volatile void *bytes, size_t size) __attribute__((weak));
extern void __lsan_register_root_region(const void *bytes, size_t size) __attribute__((weak));
extern void __lsan_unregister_root_region(const void *bytes, size_t size) __attribute__((weak));
extern void __tsan_acquire(void *object) __attribute__((weak));
extern void __tsan_release(void *object) __attribute__((weak));

bool ul_watch_has_asan(void)
{
    return __asan_poison_memory_region != NULL;
}

bool ul_watch_has_valgrind(void)
{
#ifdef HAS_VALGRIND_REQUESTS
    return RUNNING_ON_VALGRIND != 0;
#else
    return false;
#endif
}

void ul_watch_close(const void *bytes, size_t size)
{
    if (__asan_poison_memory_region)
        __asan_poison_memory_region(bytes, size);
#ifdef HAS_VALGRIND_REQUESTS
    VALGRIND_MAKE_MEM_NOACCESS(bytes, size);
#endif
}

void ul_watch_open(const void *bytes, size_t size)
{
    if (__asan_unpoison_memory_region)
        __asan_unpoison_memory_region(bytes, size);
#ifdef HAS_VALGRIND_REQUESTS
    VALGRIND_MAKE_MEM_UNDEFINED(bytes, size);
#endif
}

void ul_watch_open_defined(const void *bytes, size_t size)
{
    if (__asan_unpoison_memory_region)
        __asan_unpoison_memory_region(bytes, size);
#ifdef HAS_VALGRIND_REQUESTS
    VALGRIND_MAKE_MEM_DEFINED(bytes, size);
#endif
}

void ul_watch_root_add(const void *bytes, size_t size)
{
    if (__lsan_register_root_region)
        __lsan_register_root_region(bytes, size);
}

void ul_watch_root_remove(const void *bytes, size_t size)
{
    if (__lsan_unregister_root_region)
        __lsan_unregister_root_region(bytes, size);
}

void ul_watch_pool_create(const void *pool, bool is_zeroed)
{
#ifdef HAS_VALGRIND_REQUESTS
    VALGRIND_CREATE_MEMPOOL(pool, UL_RED_ZONE_BYTES, is_zeroed);
#endif
    (void)pool;
    (void)is_zeroed;
}

void ul_watch_pool_destroy(const void *pool)
{
#ifdef HAS_VALGRIND_REQUESTS
    VALGRIND_DESTROY_MEMPOOL(pool);
#endif
    (void)pool;
}

void ul_watch_pool_take(const void *pool, const void *object, size_t size)
{
    if (__asan_unpoison_memory_region)
        __asan_unpoison_memory_region(object, size);
#ifdef HAS_VALGRIND_REQUESTS
    VALGRIND_MEMPOOL_ALLOC(pool, object, size);
#endif
    (void)pool;
}

void ul_watch_pool_give(const void *pool, const void *object, size_t size)
{
    if (__asan_poison_memory_region)
        __asan_poison_memory_region(object, size);
#ifdef HAS_VALGRIND_REQUESTS
    VALGRIND_MEMPOOL_FREE(pool, object);
#endif
    (void)pool;
}

void ul_watch_release(const void *object)
{
    if (__tsan_release)
        __tsan_release((void *)(uintptr_t)object);
}

void ul_watch_acquire(const void *object)
{
    if (__tsan_acquire)
        __tsan_acquire((void *)(uintptr_t)object);
}

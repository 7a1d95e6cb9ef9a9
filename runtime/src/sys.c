#include "ullage/private/sys.h"

#include <stdlib.h>
#include <sys/mman.h>
#ifdef __linux__
#include <sys/sysinfo.h>
#endif
#include <unistd.h>

#include "ullage/private/process.h"

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif

/* Whether the injected fault is due at this request. */
static bool must_fail(void)
{
    uint64_t every = __atomic_load_n(&ul_process.fail_every, __ATOMIC_RELAXED);
    if (UL_LIKELY(every == 0))
        return false;
    uint64_t count = __atomic_add_fetch(&ul_process.fail_count, 1, __ATOMIC_RELAXED);
    return __atomic_load_n(&ul_process.fail_repeats, __ATOMIC_RELAXED) ? count % every == 0 : count == every;
}

void ul_sys_fail_at(uint64_t n, bool repeats)
{
    __atomic_store_n(&ul_process.fail_count, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&ul_process.fail_repeats, repeats, __ATOMIC_RELAXED);
    __atomic_store_n(&ul_process.fail_every, n, __ATOMIC_RELAXED);
}

void *ul_sys_malloc(size_t size)
{
    /* More than half of the address space cannot be had; some tools warn when they are asked. */
    return size > SIZE_MAX / 2 || must_fail() ? NULL : malloc(size);
}

void *ul_sys_realloc(void *old, size_t size)
{
    return size > SIZE_MAX / 2 || must_fail() ? NULL : realloc(old, size);
}

void *ul_sys_aligned(size_t align, size_t size)
{
    void *block = NULL;
    if (align < sizeof(void *))
        align = sizeof(void *);
    if (size > SIZE_MAX / 2 - align || must_fail() || posix_memalign(&block, align, size) != 0)
        return NULL;
    return block;
}

void ul_sys_free(void *block)
{
    free(block);
}

size_t ul_sys_page_bytes(void)
{
    long size = sysconf(_SC_PAGESIZE);
    return size > 0 ? (size_t)size : 4096;
}

bool ul_sys_could_hold(size_t bytes)
{
#ifdef __linux__
    struct sysinfo machine;
    uint64_t whole;
    if (sysinfo(&machine) == 0 &&
        !__builtin_mul_overflow((uint64_t)machine.totalram + machine.totalswap, machine.mem_unit, &whole) &&
        bytes > whole)
        return false;
#endif
    return bytes <= SIZE_MAX / 2;
}

void *ul_sys_map(size_t size, size_t align, bool wants_huge)
{
    size_t page = ul_sys_page_bytes(), slack = align > page ? align - page : 0;
    if (size == 0 || size > SIZE_MAX / 2 - slack || must_fail())
        return NULL;
    char *whole = mmap(NULL, size + slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (whole == MAP_FAILED)
        return NULL;
    char *pages = (char *)(((uintptr_t)whole + slack) & ~(uintptr_t)(align > page ? align - 1 : page - 1));
    if (pages > whole)
        munmap(whole, (size_t)(pages - whole));
    size_t behind = slack - (size_t)(pages - whole);
    if (behind)
        munmap(pages + size, behind);
#ifdef MADV_HUGEPAGE
    if (wants_huge)
        (void)madvise(pages, size, MADV_HUGEPAGE); /* advice: without huge pages it is slower, nothing else */
#endif
    (void)wants_huge;
    return pages;
}

void ul_sys_unmap(void *pages, size_t size)
{
    munmap(pages, size);
}

void *ul_sys_reserve(size_t size)
{
    if (size > SIZE_MAX / 2 || must_fail())
        return NULL;
    void *pages = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return pages == MAP_FAILED ? NULL : pages;
}

bool ul_sys_commit(void *pages, size_t size)
{
    return !must_fail() && mprotect(pages, size, PROT_READ | PROT_WRITE) == 0;
}

void ul_sys_discard(void *pages, size_t size)
{
    (void)madvise(pages, size, MADV_DONTNEED);
}

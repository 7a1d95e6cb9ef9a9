/*
 * What an allocator really does, asked from outside: reads sizes (uint64_t) on stdin and answers each on
 * stdout with one uint64_t. `usable`: malloc_usable_size. `stride`: the most frequent distance of neighbours
 * among blocks of that size, 0 when there is none; `pages`: the same of the pages that they begin on, for
 * allocators that place an object at random in its first page. A program of its own, free of sanitizers, so
 * that it runs under LD_PRELOAD and builds with musl-gcc. It uses no stdio: that would allocate. For
 * test_allocators.c only.
 */
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SIZES_MAX = 64 * 1024, BLOCKS = 256, SMALL_BYTES = 8 * 1024, BLOCKS_LARGE = 128, PAGE_BYTES = 4096 };

/* The table counts with an mmap threshold of 128 KiB and with nothing free at the top of the heap. */
static void settle_glibc(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    mallopt(M_TRIM_THRESHOLD, 0);
    mallopt(M_TOP_PAD, 0);
#endif
}

static uint64_t usable_of(uint64_t size)
{
    void *block = malloc(size);
    if (!block)
        return 0;
    uint64_t usable = malloc_usable_size(block);
    free(block);
    return usable;
}

static int compare(const void *left, const void *right)
{
    uintptr_t a = *(const uintptr_t *)left, b = *(const uintptr_t *)right;
    return (a > b) - (a < b);
}

/* The blocks stay alive, so that every size starts on fresh memory; the first half warms the class up. */
static uint64_t stride_of(uint64_t size, uintptr_t mask)
{
    static uintptr_t blocks[BLOCKS], gaps[BLOCKS];
    unsigned count = size <= SMALL_BYTES ? BLOCKS : BLOCKS_LARGE, half = count / 2;
    for (unsigned i = 0; i < count; i++)
        blocks[i] = (uintptr_t)malloc(size) & mask;
    qsort(blocks + half, count - half, sizeof *blocks, compare);
    for (unsigned i = half + 1; i < count; i++)
        gaps[i - half - 1] = blocks[i] - blocks[i - 1];
    unsigned gap_count = count - half - 1, most = 1;
    qsort(gaps, gap_count, sizeof *gaps, compare);
    uint64_t stride = 0;
    for (unsigned i = 0, run = 0; i < gap_count; i++) {
        run = i && gaps[i] == gaps[i - 1] ? run + 1 : 1;
        if (run > most) {
            most = run;
            stride = gaps[i];
        }
    }
    return stride;
}

int main(int argc, char **argv)
{
    static uint64_t sizes[SIZES_MAX];
    size_t length = 0;
    for (ssize_t got; (got = read(0, (char *)sizes + length, sizeof sizes - length)) > 0;)
        length += (size_t)got;
    settle_glibc();
    const char *mode = argc > 1 ? argv[1] : "usable";
    uintptr_t mask = strcmp(mode, "pages") == 0 ? ~(uintptr_t)(PAGE_BYTES - 1) : ~(uintptr_t)0;
    for (size_t i = 0; i < length / sizeof *sizes; i++)
        sizes[i] = strcmp(mode, "usable") == 0 ? usable_of(sizes[i]) : stride_of(sizes[i], mask);
    for (size_t done = 0; done < length;) {
        ssize_t put = write(1, (char *)sizes + done, length - done);
        if (put <= 0)
            return 1;
        done += (size_t)put;
    }
    return 0;
}

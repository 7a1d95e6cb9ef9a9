/* Orders for qsort() and bsearch() and for the comparisons that are put together from several parts. */
#ifndef UL_MODEL_COMPARE_H
#define UL_MODEL_COMPARE_H

#include <stdint.h>
#include <string.h>

static inline int ul_compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* Of elements that are indexes: uint32_t. */
static inline int ul_compare_indexes(const void *left, const void *right)
{
    return ul_compare_numbers(*(const uint32_t *)left, *(const uint32_t *)right);
}

/* Of elements that are texts: const char *. */
static inline int ul_compare_texts(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* By the first of `count` pairs that differs. */
static inline int ul_compare_keys(const uint32_t (*pairs)[2], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (pairs[i][0] != pairs[i][1])
            return ul_compare_numbers(pairs[i][0], pairs[i][1]);
    }
    return 0;
}

#endif

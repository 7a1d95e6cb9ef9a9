/*
 * For the suites of the runtime: a fault handler that counts and keeps the last fault, a small random
 * generator, a look at bytes.
 */
#ifndef TESTS_RT_FAULTS_H
#define TESTS_RT_FAULTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "ullage/debug.h"

typedef struct rt_faults {
    ul_fault last;
    char owner[64]; /* a copy: the name may be gone later */
    unsigned count;
} rt_faults;

static inline void rt_faults_note(const ul_fault *fault, void *context)
{
    rt_faults *faults = context;
    faults->last = *fault;
    snprintf(faults->owner, sizeof faults->owner, "%s", fault->owner);
    faults->count++;
}

/* All faults go to `faults` from now on, and new pools and arenas are made in `mode`. */
static inline void rt_faults_begin(rt_faults *faults, const char *mode)
{
    *faults = (rt_faults){0};
    ul_debug_on_fault(rt_faults_note, faults);
    ul_debug_set_mode(mode);
}

static inline void rt_faults_end(void)
{
    ul_debug_set_mode(NULL);
    ul_debug_on_fault(NULL, NULL);
}

/* A repeatable sequence: the seed is in UL_TEST_SEED or fixed. */
static inline uint64_t rt_seed(void)
{
    const char *given = getenv("UL_TEST_SEED");
    return given ? strtoull(given, NULL, 10) : 20260724;
}

static inline uint32_t rt_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 33);
}

/* How many steps of a model test: fewer where UL_TEST_STEPS says so (qemu). */
static inline uint32_t rt_steps(uint32_t usual)
{
    const char *given = getenv("UL_TEST_STEPS");
    return given ? (uint32_t)strtoul(given, NULL, 10) : usual;
}

/* Whether `size` bytes all are `with`. */
static inline bool rt_is_all(const unsigned char *bytes, size_t size, unsigned char with)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != with)
            return false;
    }
    return true;
}

#endif

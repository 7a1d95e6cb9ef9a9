/*
 * Time for the programs of bench/runtime. Each prints one line per round: nanoseconds of processor time per
 * object.
 */
#ifndef BENCH_RUNTIME_BENCH_H
#define BENCH_RUNTIME_BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Processor time of the whole process: on a machine that others use too, the clock on the wall measures them.
 */
static inline double bench_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static inline uint32_t bench_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 33);
}

/* What a call with the object would be to the compiler: it may have read and changed everything that is not
   local. Without it a loop of get and put keeps the allocator's state in registers, which no program's loop
   could. */
#define BENCH_CALL(object) __asm__ volatile("" : : "r"(object) : "memory")

#endif

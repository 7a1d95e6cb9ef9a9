/*
 * For the programs of the cookbook: runs the two ways of doing a thing and shows both figures. Time is
 * processor time, the least of several runs; what else the machine does is in the others.
 */
#ifndef COOK_H
#define COOK_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Keeps the compiler from leaving work out whose result nobody reads. */
#define COOK_USE(value) __asm__ volatile("" : : "r,m"(value) : "memory")

static inline double cook_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Nanoseconds for one of the `count` things that `run` does. */
static inline double cook_time(void (*run)(void), double count)
{
    double least = 1e300;
    for (int i = 0; i < 5; i++) {
        double from = cook_now();
        run();
        double took = cook_now() - from;
        least = took < least ? took : least;
    }
    return least / count;
}

/* "before 12.3 ns, after 1.2 ns: 10.2 times less" */
static inline void cook_show(const char *what, double before, double after, const char *unit)
{
    printf("%s: before %.4g %s, after %.4g %s", what, before, unit, after, unit);
    if (after > 0 && before >= after)
        printf(": %.3g times less\n", before / after);
    else if (before > 0 && after > 0)
        printf(": %.3g times more\n", after / before);
    else
        printf("\n");
}

/* What must hold whatever the machine: the example ends with status 1. */
#define COOK_CHECK(condition)                                                                                \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                  \
            exit(1);                                                                                         \
        }                                                                                                    \
    } while (0)

/* Memory of this process that is in use, in bytes; 0 where /proc is not there. */
static inline double cook_resident(void)
{
    unsigned long all = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file && fscanf(file, "%lu %lu", &all, &resident) != 2)
        resident = 0;
    if (file)
        fclose(file);
    return (double)resident * 4096;
}

#endif

/*
 * How long the planner alone takes: seeded records of growing length, planned for one target and for two. Prints records
 * a second, the median, the worst record and how many plans are proven. Not part of the tests: it judges nothing.
 * usage: bench_planner [RECORDS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "layout/engine/plan.h"
#include "tests/record_gen.h"
#include "ullage/arena.h"

enum { RECORDS = 2000, SEED = 31000 };

typedef struct timing {
    double *seconds; /* by record, then sorted */
    double total;
    uint32_t count, planned, proven;
} timing;

static double now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec * 1e-9;
}

static int compare_seconds(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static bool plan_one(timing *to, gen_record *gen, uint64_t seed, uint32_t items, uint32_t targets, ul_arena *arena)
{
    const ul_record *records[GEN_TARGETS] = {&gen->records[0], &gen->records[1]};
    ul_plan_request request = {.records = records, .targets = gen_targets, .target_count = targets};
    ul_plan_result result;
    if (!gen_make(gen, seed, items, seed % 2 ? 0 : 5, arena))
        return false;
    double begin = now();
    if (ul_plan_record(&result, &request, arena) != UL_OK)
        return false;
    to->seconds[to->count] = now() - begin;
    to->total += to->seconds[to->count++];
    to->planned += result.plan != NULL;
    to->proven += result.is_optimal;
    return true;
}

static bool time_row(uint32_t items, uint32_t targets, uint32_t records)
{
    timing row = {.seconds = calloc(records, sizeof *row.seconds)};
    gen_record *gen = malloc(sizeof *gen);
    ul_arena arena;
    ul_arena_init(&arena, NULL);
    bool is_done = row.seconds && gen;
    for (uint32_t i = 0; is_done && i < records; i++) {
        is_done = plan_one(&row, gen, SEED + i, items, targets, &arena);
        ul_arena_clear(&arena);
    }
    if (is_done) {
        qsort(row.seconds, row.count, sizeof *row.seconds, compare_seconds);
        printf("%5u %7u %7u %7u %7u %12.0f %10.1f %10.1f\n", items, targets, row.count, row.planned, row.proven,
               row.count / row.total, row.seconds[row.count / 2] * 1e6, row.seconds[row.count - 1] * 1e6);
    }
    ul_arena_free(&arena);
    free(gen);
    free(row.seconds);
    return is_done;
}

int main(int argc, char **argv)
{
    static const uint32_t items[] = {4, 8, 16, 32, 64, 120};
    long records = argc > 1 ? strtol(argv[1], NULL, 10) : RECORDS;
    if (records < 1 || records > 1000000) {
        fprintf(stderr, "usage: bench_planner [RECORDS]\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("%5s %7s %7s %7s %7s %12s %10s %10s\n", "items", "targets", "records", "planned", "proven", "records/s",
           "median us", "worst us");
    for (uint32_t targets = 1; targets <= GEN_TARGETS; targets++) {
        for (uint32_t i = 0; i < sizeof items / sizeof *items; i++) {
            if (!time_row(items[i], targets, (uint32_t)records)) {
                fprintf(stderr, "bench_planner: a record could not be made or planned\n");
                return 1;
            }
        }
    }
    return 0;
}

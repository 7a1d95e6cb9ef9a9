/*
 * What to measure of a record: its layouts, the fields that a scan reads, what two threads do to it. Pure.
 */
#ifndef UL_ENGINE_BENCH_H
#define UL_ENGINE_BENCH_H

#include "layout/engine/isolate.h"
#include "layout/model/bench.h"
#include "layout/model/report.h"

typedef struct ul_bench_request {
    const ul_report *report;       /* its census, or none; its paths */
    const ul_entry *entry;
    const ul_plan *plan;           /* worth measuring, or NULL */
    const ul_finding *finding;     /* whose fields two threads are to touch; without contention one about an array of the record; or NULL */
    const uint32_t *named;         /* instead: fields that the user named; one for the same field of two neighbours */
    uint32_t named_count;          /* 0 to 2 */
} ul_bench_request;

/*
 * UL_ERR_INPUT when there is nothing to compare, with *why: no plan and nobody who contends, or fields that cannot be parted. `arena` owns
 * what *out points to.
 */
ul_status ul_bench_make(ul_bench *out, const ul_bench_request *request, const char **why, ul_arena *arena) UL_MUST_USE;

#endif

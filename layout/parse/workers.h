/*
 * Reads many translation units in forked worker processes, each with an address-space limit and a time limit:
 * a unit that crashes or hangs libclang costs that unit alone. Results come back in the order of the jobs,
 * whatever `jobs` is. The caller must not have started a thread. Called by cli only.
 */
#ifndef UL_PARSE_WORKERS_H
#define UL_PARSE_WORKERS_H

#include "layout/model/unit.h"

typedef struct ul_workers_options {
    uint32_t workers;         /* at least 1 */
    uint32_t timeout_seconds; /* per unit; 0 for none */
    uint64_t memory_bytes;    /* address space of a worker; 0 for none */
    const ul_file_filter *filter;
    /* Called in the parent after each unit, for progress; may be NULL. */
    void (*progress)(void *context, uint32_t done, uint32_t total, const char *file);
    void *context;
} ul_workers_options;

/*
 * Fills results[0..count-1] for jobs[0..count-1], in `arena`. A failed unit is a result, not an error.
 * UL_ERR_IO when no worker can be started (errno tells why).
 */
ul_status ul_workers_run(ul_unit_result *results, const ul_unit_job *jobs, uint32_t count,
                         const ul_workers_options *options, ul_arena *arena) UL_MUST_USE;

/* "14.0.6", in `arena`. */
const char *ul_libclang_version(ul_arena *arena);

#endif

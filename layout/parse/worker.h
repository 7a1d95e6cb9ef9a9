/*
 * What a worker process does: reads job numbers from one pipe, writes results to the other, until the first
 * closes.
 */
#ifndef UL_PARSE_WORKER_H
#define UL_PARSE_WORKER_H

#include "layout/parse/workers.h"

/* Before each result on the pipe. */
typedef struct ul_result_head {
    uint64_t job;
    uint64_t length; /* bytes of the result that follow */
} ul_result_head;

/* Exit statuses of a worker that ran out of memory, or whose libclang crashed and caught itself. */
enum { UL_WORKER_EXIT_MEMORY = 77, UL_WORKER_EXIT_CRASH = 78 };

/* Serves until `in` closes, then exits. Never returns. */
void ul_worker_serve(int in, int out, const ul_unit_job *jobs, const ul_workers_options *options)
    __attribute__((noreturn));
/* Reads or writes all of `size` bytes, whatever interrupts; false at the end of the pipe or on an error. */
bool ul_read_all(int descriptor, void *data, size_t size);
bool ul_write_all(int descriptor, const void *data, size_t size);

#endif

/*
 * A benchmark as one C file that needs nothing of the project: records of opaque members with the same sizes, alignments and offsets, which
 * static assertions hold, then the program of assets/bench_*.c.in. For gcc and clang in C11, with pthreads.
 */
#ifndef UL_REPORT_BENCH_SOURCE_H
#define UL_REPORT_BENCH_SOURCE_H

#include "layout/model/bench.h"
#include "ullage/strbuf.h"

/* The bytes of `field` that one access takes: 1, 2, 4 or 8, aligned in every layout, from its beginning on. */
uint32_t ul_bench_access_bytes(const ul_bench *bench, uint32_t field);

/* Appends the program. UL_ERR_NOMEM when `out` could not grow. */
ul_status ul_bench_source_write(ul_strbuf *out, const ul_bench *bench, ul_arena *arena) UL_MUST_USE;

#endif

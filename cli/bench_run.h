/*
 * Compiles and runs a benchmark, in a directory that is gone afterwards however it ends, and reads what it prints. For cli/bench.c and tests.
 */
#ifndef UL_CLI_BENCH_RUN_H
#define UL_CLI_BENCH_RUN_H

#include "cli/terminal.h"
#include "layout/model/bench.h"

/*
 * Measures source[0..length-1] as config->compiler, bench_seconds and bench_directory have it. UL_ERR_IO or UL_ERR_INPUT after a diagnostic:
 * no compiler, an error of it, a program that died or took too long, a signal to us.
 */
ul_status ul_bench_measure(ul_bench_result *out, const char *source, size_t length, uint32_t layout_count, const ul_config *config, ul_terminal *terminal,
                           ul_diags *diags, ul_arena *arena) UL_MUST_USE;

/*
 * Reads what a benchmark of `layout_count` layouts printed with --raw. UL_ERR_INPUT with *why for lines that are none of it, and for output
 * that breaks off. Figures are not evaluated. bench_output.c
 */
ul_status ul_bench_output_read(ul_bench_result *out, const char *text, size_t length, uint32_t layout_count, const char **why, ul_arena *arena) UL_MUST_USE;

/* Adds the samples of `from`, another process of the same program. False when it did not measure the same cases. bench_output.c */
bool ul_bench_result_join(ul_bench_result *to, const ul_bench_result *from, uint32_t layout_count, ul_arena *arena);

#endif

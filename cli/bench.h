/*
 * `ullage bench`: one record as it is against better layouts of it, measured by a C program that is written for the purpose. What is
 * measured is chosen by engine/bench.h; this finds the record and the finding, has the program compiled and run, and reports.
 */
#ifndef UL_CLI_BENCH_H
#define UL_CLI_BENCH_H

#include "cli/terminal.h"

/* The exit status of the process: 0 when something was measured or written, 2 after an error. */
int ul_bench_command(const ul_config *config, ul_terminal *terminal, ul_arena *arena);

#endif

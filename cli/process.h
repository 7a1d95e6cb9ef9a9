/*
 * Child processes: one that is run to its end with what it prints, or one that is talked to over a pipe. The environment and the
 * working directory are ours. No shell.
 */
#ifndef UL_CLI_PROCESS_H
#define UL_CLI_PROCESS_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "ullage/strbuf.h"

/*
 * Runs argv[0] (looked for on PATH; NULL ends argv) with no input until it ends; adds what it prints to `out` and `err`. *status is its exit
 * status, 128 + N for signal N. UL_ERR_IO with errno set when it cannot be started: ENOENT when there is no such program.
 */
ul_status ul_process_run(ul_strbuf *out, ul_strbuf *err, int *status, const char *const *argv) UL_MUST_USE;

typedef struct ul_process {
    pid_t pid;
    FILE *to, *from; /* its standard input and output; its messages go nowhere */
} ul_process;

/* Starts argv[0] as above. UL_ERR_IO with errno set. */
ul_status ul_process_start(ul_process *out, const char *const *argv) UL_MUST_USE;
/* Closes its input and waits for it. */
void ul_process_end(ul_process *process);

#endif

/*
 * show and check: from a config to reports and an exit status. Units are selected, read in workers, merged,
 * planned, judged and rendered, in that order; what goes wrong on the way is a diagnostic in the report.
 */
#ifndef UL_CLI_RUN_H
#define UL_CLI_RUN_H

#include "cli/terminal.h"

/* The exit status of the process: see cli.h. */
int ul_run(const ul_config *config, ul_terminal *terminal, ul_arena *arena);

#endif

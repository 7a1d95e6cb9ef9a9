/*
 * `ullage guard`: static assertions that hold the layout of records, as a header of its own or below each record. What is
 * written has been parsed before, by the units that will read it.
 */
#ifndef UL_CLI_GUARD_H
#define UL_CLI_GUARD_H

#include "cli/terminal.h"

/* The exit status of the process: 0, 1 when --check finds something to write, 2 after an error. */
int ul_guard_run(const ul_config *config, ul_terminal *terminal, ul_arena *arena);

#endif

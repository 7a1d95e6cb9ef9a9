/*
 * `ullage facts` and `ullage merge`: what units say, one by one and put together, as files that `check` and `show` read
 * (facts_units.h).
 */
#ifndef UL_CLI_FACTS_H
#define UL_CLI_FACTS_H

#include "cli/terminal.h"

/* The exit status of the process: 0, or 2 after a message; then the file is as it was, unless --keep-going asks for what could be read. */
int ul_facts_run(const ul_config *config, ul_terminal *terminal, ul_arena *arena);
/* Likewise, for the files of config->paths. */
int ul_facts_run_merge(const ul_config *config, ul_terminal *terminal, ul_arena *arena);

#endif

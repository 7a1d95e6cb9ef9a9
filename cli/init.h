/*
 * `ullage init`: a .ullage.yml in which every key stands as a comment with its meaning, and what was found around it.
 */
#ifndef UL_CLI_INIT_H
#define UL_CLI_INIT_H

#include "cli/terminal.h"
#include "ullage/strbuf.h"

/* The exit status of the process: 0, or 2 after a message. A file that is there stays as it is. */
int ul_init(const ul_config *config, ul_terminal *terminal, ul_arena *arena);
/* Appends the file for `directory` (absolute, trailing slash). */
void ul_init_write(ul_strbuf *out, const char *directory, ul_arena *arena);

#endif

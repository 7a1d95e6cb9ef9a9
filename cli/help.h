/*
 * The words of --help and --version, and the options part of the manual page, made from the option table.
 * Pure: text comes out.
 */
#ifndef UL_CLI_HELP_H
#define UL_CLI_HELP_H

#include "cli/config.h"
#include "ullage/strbuf.h"

/* General help for UL_COMMAND_NONE; 80 columns. Check out->has_failed. */
void ul_help_write(ul_strbuf *out, ul_command command, ul_arena *arena);
/* Commands and options as scdoc source, for docs/ullage.1.scd.in. */
void ul_help_write_manual(ul_strbuf *out, ul_arena *arena);

#endif

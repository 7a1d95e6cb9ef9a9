/*
 * From the words of a command line to a ul_config. Opens no file but the lists of paths (@FILE,
 * --files-from); prints nothing.
 */
#ifndef UL_CLI_OPTIONS_H
#define UL_CLI_OPTIONS_H

#include "cli/config.h"

/*
 * Fills `out` from argv[1..argc-1]; strings are borrowed from argv or live in `arena`. On UL_ERR_USAGE (a
 * word that means nothing here) and UL_ERR_IO (a list that cannot be read) a diagnostic says why, and only
 * out->command is to be trusted. Options may stand before or after the command; what follows `--` is for the
 * compiler.
 */
ul_status ul_options_parse(ul_config *out, int argc, const char *const *argv, ul_diags *diags,
                           ul_arena *arena) UL_MUST_USE;

#endif

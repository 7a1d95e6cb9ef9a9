/*
 * `ullage tidy-compat`: the command line of clang-tidy as one of `ullage check`, so that what can run clang-tidy (CMake's
 * CMAKE_C_CLANG_TIDY, editors) can run ullage. Knows words, not files.
 */
#ifndef UL_CLI_TIDY_COMPAT_H
#define UL_CLI_TIDY_COMPAT_H

#include "cli/words.h"
#include "layout/model/diag.h"

/* Whether argv is such a command line. */
bool ul_tidy_compat_is(int argc, const char *const *argv);
/*
 * Translates it: *out is a command line of check, in `arena`, the program's name first. Warnings fail nothing, as with clang-tidy, unless
 * --warnings-as-errors or --fail-level is given. UL_ERR_USAGE after a diagnostic for what would change files.
 */
ul_status ul_tidy_compat_translate(ul_words *out, int argc, const char *const *argv, ul_diags *diags, ul_arena *arena) UL_MUST_USE;

#endif

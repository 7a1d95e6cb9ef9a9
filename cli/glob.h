/*
 * Patterns of file names as .gitignore has them, as far as a configuration needs them: `*` and `?` stop at slashes, `**` does not,
 * [a-z] and [!a-z] are sets. Pure.
 */
#ifndef UL_CLI_GLOB_H
#define UL_CLI_GLOB_H

#include <stdbool.h>

/* Whether `pattern` matches all of `text`. Linear in both for each `*`: a pattern cannot make it slow. */
bool ul_glob_matches(const char *pattern, const char *text);
/*
 * Whether `pattern`, written in a file of `directory` (absolute, trailing slash), names `path` (absolute) or a directory above it.
 * One without a slash but at its end names things at any depth; `./` and `/` at its beginning stand for `directory`.
 */
bool ul_glob_names(const char *pattern, const char *directory, const char *path);
/* NULL when the pattern is one, else what is wrong with it: a clause. */
const char *ul_glob_problem(const char *pattern);

#endif

/*
 * Paths as reports write them: the model holds absolute ones, documents want them relative to the work tree,
 * text relative to where the user stands. Pure text: the file system is never asked.
 */
#ifndef UL_REPORT_PATHS_H
#define UL_REPORT_PATHS_H

/* What is left of `path` below `directory` (with a trailing slash), or `path`. Either may be NULL. Borrowed. */
const char *ul_path_below(const char *path, const char *directory);

#endif

/*
 * Paths as reports write them: the model holds absolute ones, documents want them relative to the work tree,
 * text relative to where the user stands. Pure text: the file system is never asked.
 */
#ifndef UL_REPORT_PATHS_H
#define UL_REPORT_PATHS_H

#include "layout/model/report.h"

/* What is left of `path` below `directory` (with a trailing slash), or `path`. Either may be NULL. Borrowed. */
const char *ul_path_below(const char *path, const char *directory);
/* As documents name it: below the work tree, or where there is none below the directory that the user stands in. Borrowed. */
const char *ul_path_shown(const ul_report *report, const char *path);

#endif

/*
 * Says that no thread is known where code counts atomically or takes locks: a library whose threads are its callers'. The rules about what
 * threads share are silent then, and whoever reads "0 findings" should know why. For run.c, when census and rules are done; prints nothing.
 */
#ifndef UL_CLI_THREAD_NOTE_H
#define UL_CLI_THREAD_NOTE_H

#include "cli/config.h"
#include "layout/model/report.h"

/* Adds a note to `diags` where check was asked about threads, none is created or named in what was read, and some record or variable is used as theirs are. */
void ul_thread_note(ul_diags *diags, const ul_config *config, const ul_report *report, ul_arena *arena);

#endif

/*
 * `ullage diff`: the part of a run that is its own. Two states are read instead of one, and what changed between them is put into
 * the report; selecting outputs, telling and rendering are the run's (run.h).
 */
#ifndef UL_CLI_DIFF_H
#define UL_CLI_DIFF_H

#include "cli/diff_sides.h"

/* Opens and reads both sides. Errors as ul_diff_sides_open and ul_diff_sides_read have them. */
ul_status ul_diff_read(ul_diff_sides *out, const ul_config *config, ul_terminal *terminal, ul_diags *diags, ul_arena *arena) UL_MUST_USE;
/* Compares the sides: sets report->changes, and entries and targets to those of the new side. Adds the messages of both to sides->diags. */
void ul_diff_judge(ul_report *report, ul_diff_sides *sides);

#endif

/*
 * The baseline of `check`: what every record was when someone accepted it, and which of its findings. A checked-in file of one record a line,
 * sorted, without line numbers, so that branches merge. Findings that it knows are not told again unless more is lost than
 * then; a record that crossed a boundary since is a regression; what it knows and nobody finds any more is stale.
 */
#ifndef UL_CLI_BASELINE_H
#define UL_CLI_BASELINE_H

#include "cli/run_units.h"
#include "layout/model/report.h"

typedef struct ul_baseline ul_baseline;

/*
 * Reads the file; one that is not there is empty with `may_be_new`. UL_ERR_INPUT or UL_ERR_IO after a diagnostic that says how to
 * make it: not JSON, of another schema, made for another target or allocator than `report` has.
 */
ul_status ul_baseline_read(ul_baseline **out, const char *file, bool may_be_new, const ul_report *report, ul_diags *diags, ul_arena *arena) UL_MUST_USE;
/* Sets report->regressions; before the rules run. */
void ul_baseline_compare(const ul_baseline *baseline, ul_report *report, ul_arena *arena);
/*
 * Takes the findings that the baseline knows out of report->findings; after the rules. Returns how many of its entries that this run
 * has looked for are stale, with a warning each.
 */
uint32_t ul_baseline_accept(ul_baseline *baseline, ul_report *report, const ul_selection *selection, const ul_run_units *units, ul_diags *diags);
/*
 * Writes the file anew: what this run has looked at as it is, everything else as it was. Adds a note on what it holds. UL_ERR_IO after a
 * diagnostic.
 */
ul_status ul_baseline_write(const ul_baseline *baseline, const ul_report *report, const ul_selection *selection, const ul_run_units *units,
                            ul_diags *diags, ul_arena *arena) UL_MUST_USE;

#endif

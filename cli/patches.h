/*
 * Patches for a report: what the plans of its records do to the text of their files, one for each record and, for the
 * format `diff`, one for all. Asks the rewriter; changes no file.
 */
#ifndef UL_CLI_PATCHES_H
#define UL_CLI_PATCHES_H

#include "layout/model/report.h"

/*
 * Sets entry->patch of every entry that is_wanted[] names (its file in report->sources, or it is refused as unread), and report->diff
 * with `has_diff`. One that obstacles[] has something for is refused for that. Results live in `arena`. With has_diff each record
 * that is left out is a note in `diags`.
 */
void ul_patches_make(ul_report *report, const bool *is_wanted, const ul_fix_obstacle *const *obstacles, bool has_diff, ul_diags *diags,
                     ul_arena *arena);
/* The entries that there is something to move in: those with a finding of reorder-saves, or, with `all`, every plan that moves fields. */
const bool *ul_patches_wanted(const ul_report *report, bool all, ul_arena *arena);

#endif

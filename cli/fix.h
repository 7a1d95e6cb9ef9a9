/*
 * `ullage fix`: from the units that were read to changed files. Plans, refuses, rewrites in memory, has the compiler
 * confirm the result, and only then writes. The report's entries become the records that were asked for.
 */
#ifndef UL_CLI_FIX_H
#define UL_CLI_FIX_H

#include "cli/profiles.h"
#include "cli/run_units.h"
#include "layout/model/report.h"

/* What a run of fix works with; all borrowed. */
typedef struct ul_fix_request {
    const ul_config *config;
    ul_terminal *terminal;
    ul_selection *selection;
    const ul_run_units *units;
    const ul_profiles *profiles;
    ul_diags *diags;
    ul_arena *arena;
    const ul_uses *uses; /* of the units, merged already; or NULL */
} ul_fix_request;

/*
 * Fills report->entries and report->fix, and changes files unless config says otherwise. An error when files could not
 * be written or the command of --verify-command failed: then they are as they were, and `diags` says why.
 */
ul_status ul_fix_run(ul_report *report, const ul_fix_request *request) UL_MUST_USE;

/*
 * What stands in the way of the plans of report->entries, as far as the units of this run tell: for each the first obstacle, or NULL, in
 * the arena. Changes nothing; users that were not read do not count, and an initializer by position always does, since whoever shows a
 * patch of the record alone does not rewrite it.
 */
const ul_fix_obstacle *const *ul_fix_look(const ul_report *report, const ul_fix_request *request);

#endif

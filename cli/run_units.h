/*
 * The units of a run: read in workers, the failed ones named, their diagnostics put together in an order that
 * does not depend on who read what when; and the targets that the units were laid out for.
 */
#ifndef UL_CLI_RUN_UNITS_H
#define UL_CLI_RUN_UNITS_H

#include "cli/select.h"
#include "cli/terminal.h"

typedef struct ul_run_units {
    ul_unit_result *results; /* in the order of selection->jobs */
    uint32_t count, target_count;
    ul_target targets[UL_TARGETS_MAX];
} ul_run_units;

/*
 * Reads every job of `selection`, then a unit of its own for each header that turned out to be in none.
 * Failed units are errors in selection->diags, like what the units themselves complain of. UL_ERR_IO after a
 * diagnostic when no worker can be started, UL_ERR_USAGE when libclang does not know a target of
 * config->targets.
 */
ul_status ul_run_units_read(ul_run_units *out, ul_selection *selection, ul_terminal *terminal) UL_MUST_USE;

/* The second half of it, for results that are there: targets, what the units complain of, and what is configured for their records. */
ul_status ul_run_units_settle(ul_run_units *out, const ul_selection *selection) UL_MUST_USE;
/* Adds to `diags` that a unit was not read, and what it complains of. */
void ul_run_unit_tell(ul_diags *diags, const ul_unit_job *job, const ul_unit_result *result);

/* Fills results[0..count-1] for `jobs`, with the workers and the filter of the run; `terminal` is for progress, or NULL. */
ul_status ul_run_jobs(ul_unit_result *results, const ul_unit_job *jobs, uint32_t count,
                      const ul_selection *selection, ul_terminal *terminal) UL_MUST_USE;

/* The compiler's own target as libclang names it, read in a worker; NULL when it does not say. */
const char *ul_run_own_triple(const ul_config *config, ul_arena *arena);

/* Sorts by file (the run first), line (the whole file last), column and text, drops repetitions and counts
 * errors anew. */
void ul_diags_settle(ul_diags *diags);

#endif

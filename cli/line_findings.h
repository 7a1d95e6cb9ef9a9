/*
 * What `ullage check` says of one record about cache lines: false-sharing, mixed-access, array-false-sharing, line-straddle. A layout for use
 * is planned with it, and may not make it more.
 */
#ifndef UL_CLI_LINE_FINDINGS_H
#define UL_CLI_LINE_FINDINGS_H

#include "cli/settings.h"
#include "layout/rules/rule.h"

/*
 * Findings about the one entry, not sorted, silenced ones left out; their entry is 0. Of `scope` root, cwd, targets and census are looked at. In
 * `arena`.
 */
ul_finding_list ul_line_findings_of(const ul_report *scope, const ul_entry *entry, ul_settings *settings, uint32_t allow, ul_arena *arena);

#endif

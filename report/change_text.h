/*
 * What changed, for a terminal: each change with the boundary it crossed first, its fields, and both maps stacked; or one line each. For
 * the text formats only.
 */
#ifndef UL_REPORT_CHANGE_TEXT_H
#define UL_REPORT_CHANGE_TEXT_H

#include "layout/model/change.h"
#include "report/ink.h"

/* All of report->changes with maps; a summary unless `is_quiet`. */
void ul_changes_draw(ul_ink *ink, const ul_report *report, bool is_quiet, ul_arena *arena);
/* One line a change. */
void ul_changes_draw_lines(ul_ink *ink, const ul_report *report, ul_arena *arena);

#endif

/*
 * What became of the plans of a run that changes files, in text: a line for each record that changed, and for each that
 * is left the reasons with their places. For the text formats only.
 */
#ifndef UL_REPORT_FIXES_H
#define UL_REPORT_FIXES_H

#include "report/ink.h"

/* Every entry with something to tell, then, unless `is_quiet`, the sum. */
void ul_fixes_draw(ul_ink *ink, const ul_report *report, bool is_quiet, bool is_verbose, ul_arena *arena);

#endif

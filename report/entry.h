/*
 * One record in text: its line of facts, its map or table, its plan with the proof, what else could be had, and
 * why it is not planned. Shared by `show` and by the findings of `check`. For the text formats only.
 */
#ifndef UL_REPORT_ENTRY_H
#define UL_REPORT_ENTRY_H

#include "layout/model/report.h"
#include "report/ink.h"

/* Everything about the record, for `show`. */
void ul_entry_draw(ul_ink *ink, const ul_report *report, const ul_entry *entry, bool is_verbose, ul_arena *arena);
/* Its line of facts after `name`, and its map where it fits; fields that are `marked` (by index, or NULL) stand out. */
void ul_entry_draw_layout(ul_ink *ink, const ul_report *report, const ul_entry *entry, const char *name, const bool *marked, ul_arena *arena);
/* Its layout and the planned one, stacked, for a finding; the entry has a plan. */
void ul_entry_draw_plan(ul_ink *ink, const ul_report *report, const ul_entry *entry, ul_arena *arena);
/* "keep-order (line 3)" */
const char *ul_entry_refusal(const ul_refusal *refusal, ul_arena *arena);

/* What "read alone" means. Said once, behind everything, when it holds for every record: ul_entry_all_alone. */
#define UL_ENTRY_ALONE "no unit that includes it is known, so flags and macros may differ from your build's"
bool ul_entry_all_alone(const ul_report *report);

#endif

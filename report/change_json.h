/*
 * The members of schema ullage.diff/1 (docs/schema) that a comparison has of its own: one change a line. For the format `json` only.
 */
#ifndef UL_REPORT_CHANGE_JSON_H
#define UL_REPORT_CHANGE_JSON_H

#include "layout/model/change.h"
#include "ullage/strbuf.h"

/* Appends ",\n" and the members sides, fail_on, changes, guards and summary, in this order. */
void ul_changes_write_json(ul_strbuf *out, const ul_report *report, ul_arena *arena);

#endif

/*
 * The lines of source under a diagnostic, with marks below what it is about: for reorder-saves the declarations
 * before the holes, else the field or the head of the record. Reads the bytes that the report carries, never a
 * file. Findings should come in file order: the index of lines is kept from one to the next.
 */
#ifndef UL_REPORT_EXCERPT_H
#define UL_REPORT_EXCERPT_H

#include "layout/model/report.h"
#include "report/ink.h"
#include "report/lines.h"

typedef struct ul_excerpt {
    const ul_report *report;
    ul_arena *arena;
    ul_lines lines;
} ul_excerpt;

void ul_excerpt_init(ul_excerpt *excerpt, const ul_report *report, ul_arena *arena);
/* At most eight lines with `...` between; nothing when the report does not carry the file. */
void ul_excerpt_draw(ul_excerpt *excerpt, ul_ink *ink, const ul_finding *finding);

#endif

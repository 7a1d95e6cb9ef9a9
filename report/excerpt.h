/*
 * The lines of source under a diagnostic, with marks below what it is about: for reorder-saves the declarations
 * before the holes, else the field or the head of the record. Reads the bytes that the report carries, never a
 * file. Findings should come in file order: the index of lines is kept from one to the next.
 */
#ifndef UL_REPORT_EXCERPT_H
#define UL_REPORT_EXCERPT_H

#include "layout/model/report.h"
#include "report/ink.h"

typedef struct ul_excerpt {
    const ul_report *report;
    ul_arena *arena;
    const ul_source *source; /* whose lines are indexed, NULL for none */
    uint64_t *starts;        /* byte of each line, and one past the last */
    uint32_t line_count, capacity;
    uint32_t last_source;
} ul_excerpt;

void ul_excerpt_init(ul_excerpt *excerpt, const ul_report *report, ul_arena *arena);
/* At most eight lines with `...` between; nothing when the report does not carry the file. */
void ul_excerpt_draw(ul_excerpt *excerpt, ul_ink *ink, const ul_finding *finding);

#endif

/*
 * The lines of the source files that a report carries, one file at a time: the index of the last one is kept, so that whoever goes
 * through findings in file order indexes each file once. Reads no file. For report/ only.
 */
#ifndef UL_REPORT_LINES_H
#define UL_REPORT_LINES_H

#include "layout/model/report.h"

typedef struct ul_lines {
    const ul_report *report;
    ul_arena *arena;
    const ul_source *source; /* whose lines are indexed, NULL for none */
    uint64_t *starts;        /* byte of each line, and one past the last */
    uint32_t count, capacity;
    uint32_t last_source;
} ul_lines;

void ul_lines_init(ul_lines *lines, const ul_report *report, ul_arena *arena);
/* Makes the lines of `file` current; false when the report does not carry it. */
bool ul_lines_open(ul_lines *lines, const char *file);
/* Line 1 to lines->count without its end; borrowed, not terminated. */
const char *ul_lines_at(const ul_lines *lines, uint32_t line, size_t *length);

#endif

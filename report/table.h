/*
 * A record as rows of text: offset, size, alignment, type, name, and a row for every hole. For records too long
 * for a map, and for readers who want numbers. For the text formats only.
 */
#ifndef UL_REPORT_TABLE_H
#define UL_REPORT_TABLE_H

#include "report/cells.h"
#include "report/ink.h"

/* One row a field, those of anonymous members indented under them. `line_bytes` marks where lines begin. */
void ul_table_draw(ul_ink *ink, const ul_record *record, const char *const *labels, uint32_t line_bytes, ul_arena *arena);

#endif

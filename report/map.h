/*
 * The cache-line map: one column a byte, 64 columns a row, names under what they name. Draws structs as they lie
 * and unions as bars over each other. Whoever calls it decides whether a record is small enough.
 * For the text formats only.
 */
#ifndef UL_REPORT_MAP_H
#define UL_REPORT_MAP_H

#include "report/cells.h"
#include "report/ink.h"

enum { UL_MAP_ROW_BYTES = 64, UL_MAP_ROWS_MAX = 16 };

/* Whether the record fits in UL_MAP_ROWS_MAX rows. */
bool ul_map_fits(const ul_record *record);
/* Draws a struct of `cells`, with rows named after lines of `line_bytes`. */
void ul_map_draw(ul_ink *ink, const ul_record *record, const ul_cells *cells, const char *const *labels,
                 uint32_t line_bytes, ul_arena *arena);
/* Draws a union: a bar for each member, cut at 64 bytes. */
void ul_map_draw_union(ul_ink *ink, const ul_record *record, const char *const *labels);

#endif

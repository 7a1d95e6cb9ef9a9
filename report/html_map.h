/*
 * The cache-line map as inline SVG: a row is 64 bytes, holes are hatched, what moves carries a letter, and where the record
 * has a plan its new layout stands below, joined to the old one. Says in words whatever it draws. For the HTML report only.
 */
#ifndef UL_REPORT_HTML_MAP_H
#define UL_REPORT_HTML_MAP_H

#include "layout/model/report.h"
#include "ullage/strbuf.h"

/* One layout to draw. */
typedef struct ul_html_layout {
    const ul_record *record;
    const uint32_t *marks; /* by field: the number of its letter, from 1; 0 for none. The same number in both layouts is joined */
    const ul_class_fit *fit;
    const char *caption;   /* "before" */
    uint32_t line_count;
} ul_html_layout;

/* Draws `before` above `after`, of which one may be NULL. Patterns #hole, #inner and #bits are the document's. */
void ul_html_map_pair(ul_strbuf *out, const ul_report *report, const ul_html_layout *before, const ul_html_layout *after, uint32_t mark_count,
                      ul_arena *arena);
/* "A" for mark 1; numbers when there are more than letters. */
const char *ul_html_map_mark(uint32_t mark, uint32_t mark_count, ul_arena *arena);
/* Draws the record of `entry`, and its plan where it has one. */
void ul_html_map_draw(ul_strbuf *out, const ul_report *report, const ul_entry *entry, ul_arena *arena);
/* The same as lines of text: offset, size, type, name, and the new offset of what moves. */
void ul_html_map_list(ul_strbuf *out, const ul_entry *entry, ul_arena *arena);

#endif

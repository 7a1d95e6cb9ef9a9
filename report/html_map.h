/*
 * The cache-line map as inline SVG: a row is 64 bytes, holes are hatched, what moves carries a letter, and where the record
 * has a plan its new layout stands below, joined to the old one. Says in words whatever it draws. For the HTML report only.
 */
#ifndef UL_REPORT_HTML_MAP_H
#define UL_REPORT_HTML_MAP_H

#include "layout/model/report.h"
#include "ullage/strbuf.h"

/* Draws the record of `entry`, and its plan where it has one. Patterns #hole, #inner and #bits are the document's. */
void ul_html_map_draw(ul_strbuf *out, const ul_report *report, const ul_entry *entry, ul_arena *arena);
/* The same as lines of text: offset, size, type, name, and the new offset of what moves. */
void ul_html_map_list(ul_strbuf *out, const ul_entry *entry, ul_arena *arena);

#endif

/*
 * Where the bytes are lost: an area for each header in proportion to its padding, headers of a directory side by side, as inline
 * SVG whose areas are links to the header's records. Laid out here, so that it needs no script. For the HTML report only.
 */
#ifndef UL_REPORT_HTML_TREEMAP_H
#define UL_REPORT_HTML_TREEMAP_H

#include "layout/model/report.h"
#include "ullage/strbuf.h"

/* Padding of a record in bytes, bit holes rounded down; and the part of it that its plan gives back by moves of its own. */
uint64_t ul_html_lost_bytes(const ul_entry *entry);
uint64_t ul_html_gained_bytes(const ul_entry *entry);

/* Draws the map; nothing when no byte is lost. Links lead to #r<index of the first entry of the header>. */
void ul_html_treemap_draw(ul_strbuf *out, const ul_report *report, ul_arena *arena);

#endif

/*
 * Text that nobody vouches for, made safe between tags and inside double-quoted attributes of HTML, and in the HTML that Markdown
 * lets through. Names, types, paths and source lines all go through here. For report/ only.
 */
#ifndef UL_REPORT_HTML_TEXT_H
#define UL_REPORT_HTML_TEXT_H

#include "ullage/strbuf.h"

/* Appends text[0..length-1]: & < > " ' escaped, what is not UTF-8 and control characters other than tab and newline as U+FFFD. */
void ul_html_add(ul_strbuf *out, const char *text, size_t length);
void ul_html_text(ul_strbuf *out, const char *text);

#endif

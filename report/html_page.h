/*
 * The frame of the HTML report that every view of it shares: head, style and script, sentence, numbers, errors, controls, legend. What is in
 * between, html.c and html_changes.c write. For the HTML report only.
 */
#ifndef UL_REPORT_HTML_PAGE_H
#define UL_REPORT_HTML_PAGE_H

#include "report/format.h"

typedef struct ul_html_page {
    ul_strbuf *out;
    const ul_report *report;
    const ul_render_options *options;
    ul_arena *arena;
} ul_html_page;

/* What a row can be: the key in the document, the word and what it means. */
typedef struct ul_html_kind {
    const char *key, *word, *meaning;
} ul_html_kind;

/* "12,345" */
const char *ul_html_grouped(uint64_t number, ul_arena *arena);
/* "" or "s". */
const char *ul_html_plural(uint64_t count);
/* A sentence that nobody vouches for; what stands between two backticks in it is code. */
void ul_html_prose(ul_strbuf *out, const char *text);
/* A paragraph that begins with a word in bold, either may be ""; nothing without text. */
void ul_html_paragraph(ul_strbuf *out, const char *style, const char *word, const char *text);

/* Everything up to the numbers; `sentence` is title and heading. */
void ul_html_begin(const ul_html_page *page, const char *sentence);
/* One of the numbers: a <dl class="numbers"> has them. `unit` is markup. */
void ul_html_number(const ul_html_page *page, const char *number, const char *unit, const char *words, const char *more);
/* Ends the header and says what could not be read. */
void ul_html_errors(const ul_html_page *page);
/* The filter above a table, with a box for each kind that there is. */
void ul_html_controls(const ul_html_page *page, const ul_html_kind *kinds, const uint32_t *counts, uint32_t count);
void ul_html_column(const ul_html_page *page, const char *key, const char *name, const char *title);
/* How to read the maps and the kinds; then the end of the document. */
void ul_html_end(const ul_html_page *page, const ul_html_kind *kinds, const uint32_t *counts, uint32_t count);

#endif

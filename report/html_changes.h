/*
 * The HTML report of a comparison: what got worse and what fails, and for each record the old layout above the new one, what is new, gone or
 * moved marked with a letter in both. For the HTML report only.
 */
#ifndef UL_REPORT_HTML_CHANGES_H
#define UL_REPORT_HTML_CHANGES_H

#include "report/html_page.h"

/* The whole document; page->report->changes is set. */
void ul_html_changes(const ul_html_page *page);

#endif

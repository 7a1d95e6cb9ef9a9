/*
 * A comparison as one review comment: the verdict, a table with what fails first, fields and maps of each record folded below it. For
 * the format `markdown` only.
 */
#ifndef UL_REPORT_CHANGE_MARKDOWN_H
#define UL_REPORT_CHANGE_MARKDOWN_H

#include "layout/model/change.h"
#include "report/format.h"

/* Appends the comment; what does not fit in GitHub's 65,536 characters is left out whole, and counted. */
void ul_changes_render_markdown(ul_strbuf *out, const ul_report *report, const ul_render_options *options, ul_arena *arena);

#endif

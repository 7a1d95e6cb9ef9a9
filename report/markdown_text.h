/*
 * Text that nobody vouches for, made safe in GitHub's and GitLab's Markdown: as a code span, as prose, as a fenced block.
 * For report/ only.
 */
#ifndef UL_REPORT_MARKDOWN_TEXT_H
#define UL_REPORT_MARKDOWN_TEXT_H

#include "ullage/strbuf.h"

/* Appends `text` as one code span that may stand in a cell of a table. */
void ul_markdown_code(ul_strbuf *out, const char *text);
/* Appends a sentence; what stands between two backticks in it becomes a code span, everything else is plain text. */
void ul_markdown_prose(ul_strbuf *out, const char *text);
/* Appends text[0..length-1] as a fenced block of `language`, which ends its last line. */
void ul_markdown_fence(ul_strbuf *out, const char *language, const char *text, size_t length);

#endif

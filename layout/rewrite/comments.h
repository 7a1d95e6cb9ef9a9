/*
 * What the form and the words of a comment tell about whom it speaks of. No look at its surroundings: chunks.c
 * weighs both. `span` is the comment with its delimiters. For the rewrite room only.
 */
#ifndef UL_REWRITE_COMMENTS_H
#define UL_REWRITE_COMMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "layout/model/record.h"

/* `///<`, `/ **<`, `//!<`, `/ *!<`: about the declaration before it. */
bool ul_comment_is_back(const char *bytes, ul_span span);
/* `///`, `//!`, `/ **`, `/ *!` and no group command: about the one declaration after it. */
bool ul_comment_is_doc(const char *bytes, ul_span span);
/* A ruled line, an ending colon, the opening of a documentation group: a heading by its looks. */
bool ul_comment_is_heading(const char *bytes, ul_span span);
/* Ends a group or a formatter's region: about nothing that follows. */
bool ul_comment_is_closer(const char *bytes, ul_span span);
/* One line of one or two words and no sentence: a title. */
bool ul_comment_is_title(const char *bytes, ul_span span);
/* Whether `word` stands in it as a word. */
bool ul_comment_mentions(const char *bytes, ul_span span, const char *word);
bool ul_comment_is_line(const char *bytes, ul_span span);

#endif

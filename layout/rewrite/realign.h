/*
 * Trailing comments that stood below one another still do when edits have made the lines longer. For the rewrite room only.
 */
#ifndef UL_REWRITE_REALIGN_H
#define UL_REWRITE_REALIGN_H

#include "layout/rewrite/chunks.h"
#include "layout/rewrite/edits.h"
#include "ullage/status.h"

/* Adds to the sorted edits what makes up for them: other blanks before the comments of such lines. No edit may hold a newline. */
ul_status ul_realign_comments(ul_edit **edits, uint32_t *count, const ul_source_text *text) UL_MUST_USE;

#endif

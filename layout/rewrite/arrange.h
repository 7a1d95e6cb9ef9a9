/*
 * Puts one segment of a record into a new order, in whole lines where it can: most lines stay, each moved declaration goes
 * behind its new predecessor, headings stay above what is left of their section, and no blank lines pile up.
 * For the rewrite room only.
 */
#ifndef UL_REWRITE_ARRANGE_H
#define UL_REWRITE_ARRANGE_H

#include "layout/rewrite/chunks.h"
#include "layout/rewrite/edits.h"
#include "layout/rewrite/rewrite.h"

typedef struct ul_arranged {
    ul_recuts recuts;
    const char **notes;
    uint32_t note_count, note_capacity;
} ul_arranged;

/* Adds a sentence for the user. */
void ul_arranged_note(ul_arranged *to, const char *note, ul_arena *arena);
/* `order`: all declarations of the segment, relative to its first. Adds to `out`; adds nothing when it refuses. */
ul_rewrite_refusal ul_arrange(ul_arranged *out, const ul_chunks *chunks, const uint32_t *order);

#endif

/*
 * A change in words: plain text without markup that text, concise and review comments share, so that they say the same. Names stand in
 * backquotes. Everything lands in the arena.
 */
#ifndef UL_REPORT_CHANGE_WORDS_H
#define UL_REPORT_CHANGE_WORDS_H

#include "layout/model/change.h"

/* "grew: class 56 -> 72, 1 -> 2 lines, 56 -> 64 B": what it crossed first, bytes last. Without the record's name. */
const char *ul_change_headline(const ul_change *change, const ul_report *report, ul_arena *arena);
/* "`flag` (bool) is new at 8", "6 following fields moved by +8". */
const char *ul_change_field_words(const ul_change *change, const ul_field_change *field, ul_arena *arena);
/*
 * What else there is to say, a clause each: assertions, old binaries, holes, straddles, hot groups, cost, a better order. *count is set.
 */
const char *const *ul_change_remarks(uint32_t *count, const ul_change *change, const ul_report *report, ul_arena *arena);
/* "size-class, lines": the effects that it fails for; "" for none. */
const char *ul_change_failures(const ul_change *change, const ul_changes *changes, ul_arena *arena);
/* "3 records changed (1 grew, 2 added), 120 compared; 1 fails". */
const char *ul_changes_summary(const ul_changes *changes, ul_arena *arena);
/* Fields of `after` that are new, moved or of another type, by index; in the arena. */
const bool *ul_change_marks(const ul_change *change, ul_arena *arena);

#endif

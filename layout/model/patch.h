/*
 * What a record's plan does to the text of its file, as plain data for reports: they may not ask the rewriter. Made by cli
 * for the formats that show patches; whether a file should be changed is the user's to say, and `caution` tells why.
 */
#ifndef UL_MODEL_PATCH_H
#define UL_MODEL_PATCH_H

#include <stdint.h>

typedef struct ul_patch {
    const char *refusal;     /* NULL: it can be rewritten; else the reason's name, e.g. "comment-owner" */
    const char *explanation; /* the reason in words, with the place where there is one; "" without a refusal */
    const char *caution;     /* what was not looked at and has to be before the patch is applied; "" for nothing */
    const char *diff;        /* of this record alone, for `git apply -p1` below the root; "" when refused */
    const char *text;        /* whole lines that take the place of first_line to last_line, without the last line end */
    uint32_t first_line, last_line; /* the fewest lines, side by side, that change; 1-based, inclusive */
} ul_patch;

#endif

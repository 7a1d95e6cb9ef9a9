/*
 * What became of a plan when a run was asked to change files: made, or left and why. Built by cli, rendered by report.
 * Plain data; nothing here knows how texts are edited or proven.
 */
#ifndef UL_MODEL_FIX_H
#define UL_MODEL_FIX_H

#include <stdbool.h>
#include <stdint.h>

/* One reason for leaving a record as it is. */
typedef struct ul_fix_obstacle {
    const char *reason; /* a word: of the evidence, of the rewriter's refusal, or of fix_reasons.def */
    const char *text;   /* what the word means, one sentence without a full stop */
    const char *detail; /* one clause about this very place, or "" */
    const char *file;   /* absolute; NULL when it has no place */
    uint32_t line;
    bool is_allowable;  /* --allow with the same word overrules it */
} ul_fix_obstacle;

typedef enum ul_fix_state {
    UL_FIX_NOTHING, /* there is no plan */
    UL_FIX_CHANGED, /* it has its planned order: in the files, or in what would be written */
    UL_FIX_LEFT     /* the obstacles say why */
} ul_fix_state;

typedef struct ul_fix {
    ul_fix_state state;
    bool is_unworthy;           /* LEFT: planned for its use, and no change is worth while */
    bool is_shown;              /* is_unworthy: it was asked about by name, or somebody wrote down how it is used */
    uint32_t obstacle_count, obstacle_capacity, note_count, initializer_count;
    ul_fix_obstacle *obstacles; /* of a record that is left */
    const char *const *notes;   /* sentences about a record that is changed, e.g. a section without fields */
    const char *why;            /* what a layout for use is to bring, or NULL */
    uint64_t size_bytes;        /* of the record after the run */
} ul_fix;

typedef struct ul_fix_summary {
    const char *const *files; /* absolute: written, or to be */
    const char *diff;         /* unified, all files; "" when nothing changes */
    uint64_t saved_bytes;     /* in one object of each record that is changed */
    uint64_t grown_bytes;     /* the same, of those that grow */
    uint32_t file_count, changed_count, left_count;
    uint32_t unworthy_count;  /* records for which no change is worth while: among the left ones they are not counted */
    bool is_written;
    bool is_rolled_back;      /* the command of --verify-command failed */
} ul_fix_summary;

#endif

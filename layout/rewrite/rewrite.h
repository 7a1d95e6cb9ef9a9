/*
 * Puts the declarations of records into another order in the text of their file: text in, text out. Kept declarations
 * stay where they are; moved ones take their lines and their comments along. A record whose text is not clear enough
 * is left as it is and says why. Reads no file, knows nothing of libclang; initializers are somebody else's.
 */
#ifndef UL_REWRITE_REWRITE_H
#define UL_REWRITE_REWRITE_H

#include "layout/model/record.h"
#include "layout/rewrite/edits.h"

typedef enum ul_rewrite_refusal {
    UL_REWRITE_DONE,
#define UL_REWRITE_REFUSAL(id, name, text) UL_REWRITE_##id,
#include "layout/rewrite/refusals.def"
#undef UL_REWRITE_REFUSAL
    UL_REWRITE_REFUSAL_COUNT
} ul_rewrite_refusal;

/* How a declaration is told to begin a cache line. */
typedef struct ul_align_style {
    const char *text; /* "_Alignas(64)", "CACHE_ALIGNED" */
    bool is_behind;   /* before the `;`, else before the declaration */
} ul_align_style;

/* A record and the new order of its direct fields, as in ul_plan.order. Spans are offsets into the file's bytes. */
typedef struct ul_rewrite_request {
    const ul_record *record;
    const uint32_t *order;
    uint32_t order_count;
    bool may_split; /* declarations that the order takes apart become one a declarator; else they are refused */
    uint32_t aligned_count;
    const uint32_t *aligned; /* direct fields that begin a line from now on; one that shares its declaration gets its own, with may_split */
    const char *const *aligned_notes; /* for a comment on a line above each, without its delimiters; NULL entries: none */
    const ul_align_style *style;      /* when aligned_count is not 0 */
} ul_rewrite_request;

typedef struct ul_rewrite_outcome { // ullage: ignore[reorder-saves] -- one a record
    ul_rewrite_refusal refusal; /* UL_REWRITE_DONE: the order is in the new text */
    const char *detail;         /* where, e.g. "line 12"; "" when there is nothing to say */
    const char **notes;         /* sentences for the user, e.g. a section without fields */
    uint32_t note_count;
} ul_rewrite_outcome;

typedef struct ul_rewrite {
    ul_edit *edits; /* sorted, without overlap */
    uint32_t edit_count;
    const char *text; /* the bytes with the edits */
    uint64_t length;
    ul_rewrite_outcome *outcomes; /* one for each request */
} ul_rewrite;

/*
 * Rewrites bytes[0..length-1], which all records were read from; nested records (an anonymous member's own, inside its
 * parent's braces) may both be asked for. The tokens of the new text, comments and directives included, are those
 * of the old one, each as often, but for split declarations and what begins a line; a rewrite that fails this check is refused. UL_ERR_LIMIT: over 1 GiB.
 * UL_ERR_NOMEM.
 */
ul_status ul_rewrite_text(ul_rewrite *out, const char *bytes, uint64_t length, const ul_rewrite_request *requests,
                          uint32_t count, ul_arena *arena) UL_MUST_USE;

/* "comment-owner" and "it is not clear which field ..."; for UL_REWRITE_DONE "" both. */
const char *ul_rewrite_refusal_name(ul_rewrite_refusal refusal);
const char *ul_rewrite_refusal_text(ul_rewrite_refusal refusal);

#endif

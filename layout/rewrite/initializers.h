/*
 * Initializers by position follow a new order of their record's fields: either each value gets a designator and stays where it is, or the
 * values change places with their comments. Text in, edits out; which value sets which field comes from the model (use.h).
 * Nested lists compose: all that stand in one file are given at once.
 */
#ifndef UL_REWRITE_INITIALIZERS_H
#define UL_REWRITE_INITIALIZERS_H

#include "layout/model/use.h"
#include "layout/rewrite/rewrite.h"

typedef struct ul_initializer_request {
    const ul_initializer *initializer;
    const ul_record *record; /* as it was read */
    const uint32_t *order;   /* of its direct fields, as in ul_plan.order; NULL: it keeps its order */
    uint32_t order_count;
} ul_initializer_request;

/* No notes; `detail` names the macro, the obstacle or the line. */
typedef struct ul_initializer_edits {
    ul_edit *edits; /* sorted, without overlap */
    uint32_t edit_count;
    ul_rewrite_outcome *outcomes; /* one for each request; UL_REWRITE_DONE also where nothing had to change */
} ul_initializer_edits;

/*
 * Edits for bytes[0..length-1], the file of all requests. `reorders`: values change places, else they get designators. An initializer that
 * is refused is left as it is, the others are not: its record must keep its order. Lists of records that keep
 * theirs should be given too: one around a list without braces may need some. UL_ERR_LIMIT: over 1 GiB. UL_ERR_NOMEM.
 */
ul_status ul_initializers_rewrite(ul_initializer_edits *out, const char *bytes, uint64_t length, const ul_initializer_request *requests,
                                  uint32_t count, bool reorders, ul_arena *arena) UL_MUST_USE;

#endif

/*
 * Values of an initializer list that change places, with their comments. For the rewrite room only.
 */
#ifndef UL_REWRITE_EXCHANGE_H
#define UL_REWRITE_EXCHANGE_H

#include "layout/model/use.h"
#include "layout/rewrite/chunks.h"
#include "layout/rewrite/edits.h"
#include "layout/rewrite/rewrite.h"

/*
 * Puts the items of `list` in the order of `members`, the places of what they set. Adds a recut to `out`, or refuses: where evaluation
 * could change what they do, where a value in between is missing, where it is not clear whose a comment is.
 */
ul_rewrite_refusal ul_exchange_values(ul_recuts *out, const ul_source_text *text, const ul_initializer *list, const uint32_t *members);

#endif

/*
 * Requests whose order takes declarations apart: their text is split first (declarators.h) and put in order then; the edits of
 * both become edits of the old text. For the rewrite room only.
 */
#ifndef UL_REWRITE_SPLIT_H
#define UL_REWRITE_SPLIT_H

#include "layout/rewrite/rewrite.h"

/* ul_rewrite_text for requests that align nothing. */
ul_status ul_rewrite_split(ul_rewrite *out, const char *bytes, uint64_t length, const ul_rewrite_request *requests, uint32_t count,
                           ul_arena *arena) UL_MUST_USE;
/* The same for orders that leave every declaration whole. */
ul_status ul_rewrite_in_order(ul_rewrite *out, const char *bytes, uint64_t length, const ul_rewrite_request *requests, uint32_t count,
                              ul_arena *arena) UL_MUST_USE;

#endif

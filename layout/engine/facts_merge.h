/*
 * Several sets of facts into one: the union of their units and sources. Associative, commutative and idempotent: any split and any
 * order give the same set. Two sets that say different things of one unit or one file have no union. Pure.
 */
#ifndef UL_ENGINE_FACTS_MERGE_H
#define UL_ENGINE_FACTS_MERGE_H

#include "layout/model/facts_file.h"

/*
 * The union of sets[0..count-1], which must be of this build; out->units borrow from them. UL_ERR_INPUT after one diagnostic for each pair of sets
 * that does not go together: made for different targets or configurations, or of different states of a file.
 */
ul_status ul_facts_merge(ul_facts_set *out, const ul_facts_set *sets, uint32_t count, ul_diags *diags, ul_arena *arena) UL_MUST_USE;
/*
 * The first line in which two made_by differ: its key, and what stands there on either side ("" when it is missing). False when they are equal.
 * All in `arena`.
 */
bool ul_facts_made_differs(const char **key, const char **left, const char **right, const char *a, const char *b, ul_arena *arena);

#endif

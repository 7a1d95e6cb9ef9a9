/*
 * Many units' censuses into one: functions of headers counted once, addresses passed to known functions resolved by what those do,
 * roles of functions, threads and the locks that callers hold derived. Deterministic: the order of jobs decides, never the order
 * of arrival. The merged census is sorted by object, field, function: a record's accesses stand together. Pure.
 */
#ifndef UL_ENGINE_CENSUS_H
#define UL_ENGINE_CENSUS_H

#include "layout/model/unit.h"

/* NULL in *out when no result has a census. `names` may be NULL. All in `arena`. */
void ul_census_merge(ul_census **out, const ul_unit_result *results, uint32_t count, const ul_census_names *names, ul_arena *arena);

/* Second half of the merge (census_roles.c): entries, threads, roles, locks of callers. */
void ul_census_find_roles(ul_census *census, const ul_census_names *names, ul_arena *arena);

/* Functions with one id: indexes into functions[], in *first[0..count-1]. */
typedef struct ul_function_index {
    const uint32_t *order;  /* of functions, by id */
    const uint32_t *starts; /* of ids, into order */
    const ul_census *census;
} ul_function_index;

void ul_function_index_build(ul_function_index *index, const ul_census *census, ul_arena *arena);
const uint32_t *ul_function_index_find(const ul_function_index *index, ul_word id, uint32_t *count);

#endif

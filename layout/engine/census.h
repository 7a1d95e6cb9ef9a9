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

/* Accesses to the record or variable `key`, sorted by field and function; *count is set. */
const ul_tally *ul_census_tallies(const ul_census *census, const char *key, uint32_t *count);
/* Places where records of `key` come to be, by file and line. */
const ul_instance *ul_census_instances(const ul_census *census, const char *key, uint32_t *count);
/* The index of `text` in words[], or 0. */
ul_word ul_census_word(const ul_census *census, const char *text);

/* Whether the access happens while threads run: not in setup, teardown or show functions. */
bool ul_census_is_runtime(const ul_census *census, const ul_tally *tally);
/* Whether `lock` ("<key>#<field>"; "<key>#" for any lock of the record) is held at the access, by the function or by all its callers. */
bool ul_census_holds(const ul_census *census, const ul_tally *tally, const char *lock);
/* How often the place may run, as a guess: 10 for each loop around it, at most 1000. */
double ul_census_weight(const ul_tally *tally);

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

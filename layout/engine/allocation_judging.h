/* What the files that judge allocations share. For this room only. */
#ifndef UL_ENGINE_ALLOCATION_JUDGING_H
#define UL_ENGINE_ALLOCATION_JUDGING_H

#include "layout/engine/allocations.h"

typedef struct ul_judging {
    const ul_allocations *rows;
    const ul_census *census;
    const uint32_t *repeated; /* by function of the census: see repeated.h */
    ul_advice *out;
    uint32_t count, capacity;
    ul_arena *arena;
} ul_judging;

/* The function of a row in the census, or UL_NO_FUNCTION. */
uint32_t ul_judging_function(const ul_judging *j, const char *function_key);
/* Code that runs again and again while there is work to do, as far as its name and its callers tell: what happens once costs nothing that matters. */
bool ul_judging_is_busy(const ul_judging *j, const char *function_key, uint32_t loop_depth);
/* Keeps an advice; its entry is set to UINT32_MAX. */
void ul_judging_advise(ul_judging *j, ul_advice advice);

/* Objects of the record that items[index] takes: pool, or arena (allocation_groups.c). Said once for each record. */
void ul_judge_nodes(ul_judging *j, uint32_t index);
/* Entries that a cache takes and never gives back. */
bool ul_judge_cache(ul_judging *j, uint32_t index);
/* What the fields of the object that items[index] takes point to: arena. */
void ul_judge_owner(ul_judging *j, uint32_t index);

#endif

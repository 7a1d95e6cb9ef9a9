/*
 * The second half of a merge in the making: what its files share. census_starts.c finds where threads begin and what they reach,
 * census_turns.c whether any run at once, census_roles.c when functions run and under which locks, census_wrappers.c who hands on what malloc()
 * gave. For these files only.
 */
#ifndef UL_ENGINE_CENSUS_STATE_H
#define UL_ENGINE_CENSUS_STATE_H

#include "layout/engine/census.h"

enum { UL_CENSUS_ROUNDS = 4 };

typedef struct ul_census_merging {
    ul_census *census;
    const ul_census_names *names;
    ul_arena *arena;
    ul_function_index index;
    uint32_t *calls_first, *calls; /* of functions: indexes into census->calls */
    uint32_t *callers_first, *callers; /* calls to functions */
    int *creates;       /* parameter that starts a thread, -1 for none */
    bool *is_holder, *is_many_holder; /* by words: what is kept there starts threads; several */
    uint32_t *held_counts; /* by words: functions that are kept there */
    bool *is_early;     /* reached from main before the first thread and from nowhere later */
    bool *leads_to_thread;
    uint32_t start_capacity;
    bool has_main;
} ul_census_merging;

/* census_starts.c: needs calls and index; sets creates, starts, flags and threads of functions. */
void ul_census_find_starts(ul_census_merging *r);
/* Needs leads_to_thread. */
void ul_census_find_main(ul_census_merging *r);
/* Which argument of `id` starts a thread, ANY for the function among them, or -1. */
int ul_census_start_argument(const ul_census_merging *r, ul_word id);
/* Marks in set[] what `from` reaches by calls and was not marked; `stack` has room for every function. */
void ul_census_spread(const ul_census_merging *r, bool *set, uint32_t *stack, uint32_t from);
/* The only main(), or UL_NO_FUNCTION: several programs share no threads. */
uint32_t ul_census_only_main(const ul_census_merging *r);
/* census_turns.c: no thread is one where none runs beside another. */
void ul_census_drop_turns(ul_census_merging *r);
/* census_wrappers.c */
void ul_census_find_wrappers(ul_census_merging *r);

#endif

/* What the files that judge allocations share. For this room only. */
#ifndef UL_ENGINE_ALLOCATION_JUDGING_H
#define UL_ENGINE_ALLOCATION_JUDGING_H

#include "layout/engine/allocation_index.h"
#include "layout/engine/allocations.h"

/* Functions that call one while the program works. */
typedef struct ul_busy_callers {
    uint32_t one; /* of them, UL_NO_FUNCTION for none */
    bool has_another;
} ul_busy_callers;

/* What the locals of one function have in common. */
typedef struct ul_function_note {
    const uint32_t *leaving; /* allocations whose pointer leaves the function */
    uint32_t leaving_count;
    uint32_t stay_count;     /* whose pointer does not */
    bool is_made;
} ul_function_note;

typedef struct ul_judging {
    const ul_allocations *rows;
    const ul_census *census;
    ul_allocation_index *index;
    const uint32_t *repeated;       /* by function of the census: see repeated.h */
    const ul_busy_callers *callers; /* by id of a function of the census */
    ul_function_index functions;
    ul_function_note *notes;        /* by number of the function in the index */
    bool *is_judged;                /* by number of a record: its nodes */
    const bool *is_recursive;       /* by function of the census: see repeated.h */
    ul_busy_callers tokens;         /* functions that call strtok(), whatever they are */
    bool switches_stacks;
    bool has_main;                  /* the run has seen where a program begins */
    ul_advice *out;
    uint32_t count, capacity;
    ul_arena *arena;
} ul_judging;

/* The function of a row in the census, or UL_NO_FUNCTION. */
uint32_t ul_judging_function(const ul_judging *j, const ul_row_ids *row);
/* Code that runs again and again while there is work to do, as far as its name and its callers tell: what happens once costs nothing that matters. */
bool ul_judging_is_busy(const ul_judging *j, const ul_row_ids *row, uint32_t loop_depth);
/* Keeps an advice; its entry is set to UINT32_MAX. */
void ul_judging_advise(ul_judging *j, ul_advice advice);

/* Whether code that is not in the run cannot know the record: it is defined in a source file, or the run has the program's main(). */
bool ul_judging_sees_whole(const ul_judging *j, const char *record);
/* Whether every pointer to the record stays, as such, within functions that the run has read. allocation_proofs.c */
bool ul_judging_is_closed(const ul_judging *j, const char *record);
/* Whether objects of it are copied as a whole somewhere. */
bool ul_judging_is_copied(const ul_judging *j, const char *record);

/* Whether the loop of releases[release] frees all nodes of a list, from its head, and nodes stay in the list that took them: an arena can end there. */
bool ul_judging_frees_whole_list(const ul_judging *j, uint32_t release);

/* Objects of the record that items[index] takes: pool, or arena (allocation_groups.c). Said once for each record. */
void ul_judge_nodes(ul_judging *j, uint32_t index);
/* Entries that a cache takes and never gives back. */
bool ul_judge_cache(ul_judging *j, uint32_t index);
/* What the fields of the object that items[index] takes point to: arena. */
void ul_judge_owner(ul_judging *j, uint32_t index);

#endif

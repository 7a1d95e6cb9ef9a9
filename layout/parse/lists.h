/*
 * Lists of nodes in one function: whether a loop that frees them goes over a whole list from its head, and whether nodes go from one place that
 * keeps them to another. An arena takes the place of such loops only where neither is in doubt. For the parse room only.
 */
#ifndef UL_PARSE_LISTS_H
#define UL_PARSE_LISTS_H

#include "layout/parse/allocations.h"

/* What a function does with its nodes; told for each place, in source order. */
typedef struct ul_list_events {
    void *context;
    /* `node` of the tree, a value of the type `pointer`; `kind` is MOVED, HEAD (callee: the place) or PART (callee: the function that gets it). */
    void (*tell)(void *context, ul_passage_kind kind, CXType pointer, CXCursor at, const char *callee);
} ul_list_events;

void ul_lists_read(const ul_list_events *events, ul_allocation_reader *allocations, const ul_function_tree *tree);

/* Where the walk begins whose loop frees `given`, a variable: ul_walk_begin. */
uint32_t ul_list_walk_begin(ul_allocation_reader *allocations, const ul_function_tree *tree, uint32_t call, uint32_t given);
/* The calls besides `call` in the loop around it, as written; "" for none. In the unit's arena. */
const char *ul_list_walk_also(const ul_function_tree *tree, uint32_t call);
/* The line of the innermost condition around `call` that does not just ask whether what is given is null; 0 for none. */
uint32_t ul_release_condition(const ul_function_tree *tree, uint32_t call, uint32_t given);

#endif

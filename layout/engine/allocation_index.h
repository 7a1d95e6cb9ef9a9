/*
 * Rows about allocations by what is asked of them: the function that they stand in, the record, the field. Every list that a judgement
 * walks comes from here and is counted, so that a test can hold the work to the number of rows. For this room only.
 */
#ifndef UL_ENGINE_ALLOCATION_INDEX_H
#define UL_ENGINE_ALLOCATION_INDEX_H

#include "layout/engine/census.h"

/* Texts of a row as numbers, equal where the texts are; 0: the row has none. */
typedef struct ul_row_ids {
    uint32_t function, record;
    uint32_t place;    /* of the field that receives, or that is given back: its record and its name */
    uint32_t receiver; /* the pointer as written */
} ul_row_ids;

/* Rows by two numbers, in their own order where both are equal. */
typedef struct ul_row_list {
    const uint64_t *keys;
    const uint32_t *rows;
    uint32_t count;
} ul_row_list;

typedef struct ul_allocation_index {
    const ul_row_ids *items, *releases;
    ul_row_list items_by_function;   /* function, receiver */
    ul_row_list items_by_record;     /* record, function */
    ul_row_list items_by_place;      /* place, function */
    ul_row_list releases_by_record;  /* record, function */
    ul_row_list releases_by_place;   /* place, function */
    const uint32_t *census_function; /* by function id: its index in the census, or UL_NO_FUNCTION */
    const uint32_t *function_number; /* by function of the census: its number here, 0 for one without rows */
    uint32_t number_count;           /* numbers are below it */
    uint64_t looked;                 /* rows handed out so far */
} ul_allocation_index;

/* In `arena`. */
ul_allocation_index *ul_allocation_index_build(const ul_allocations *rows, const ul_census *census, ul_arena *arena);
/* The rows of `list` under `first`; *count is set. None under 0. */
const uint32_t *ul_rows_under(ul_allocation_index *index, const ul_row_list *list, uint32_t first, uint32_t *count);
/* How many those are. */
uint32_t ul_rows_count(ul_allocation_index *index, const ul_row_list *list, uint32_t first);
/* Those of them with `second` too. */
const uint32_t *ul_rows_under_both(ul_allocation_index *index, const ul_row_list *list, uint32_t first, uint32_t second, uint32_t *count);

#endif

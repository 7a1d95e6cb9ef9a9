/*
 * Where the pointers of a function come from, as far as its own text tells: an element of an array (and what picks it), an allocation,
 * a queue or list that gives the object away, memory that keeps it. One for the function being read. For the census of this room only.
 */
#ifndef UL_PARSE_ORIGINS_H
#define UL_PARSE_ORIGINS_H

#include "layout/parse/census.h"

typedef struct ul_origin_note ul_origin_note;
typedef struct ul_origin_sum ul_origin_sum;

typedef struct ul_origins {
    ul_origin_note *notes; /* uthash: of local pointers */
    ul_origin_sum *sums;   /* uthash: by record */
    bool is_queue;         /* the function itself takes things off a queue or puts them there: what it loads on the way does not count */
} ul_origins;

/* Begins the function named `name`. */
void ul_origins_reset(ul_origins *origins, const char *name);

/* A local pointer gets `value`; `record` is what it points to. */
void ul_origins_assign(ul_origins *origins, const ul_walk *walk, ul_census_reader *census, CXCursor variable, CXCursor value, ul_word record);
/* A local integer gets `value`; whether it was ever given a thread's number. */
void ul_origins_number(ul_origins *origins, const ul_walk *walk, ul_census_reader *census, CXCursor variable, CXCursor value);
bool ul_origins_is_number(const ul_origins *origins, CXCursor variable);
/* A call gets the address of a local pointer, and may set it: queue_pop(q, &p), posix_memalign(&p, ...). */
void ul_origins_fill(ul_origins *origins, ul_census_reader *census, CXCursor variable, CXCursor call, const ul_walk *walk, ul_word record);
/* The member being visited is touched: counts where the pointer to its record comes from, and says in *touch what picks the element. */
void ul_origins_member(ul_touch *touch, ul_origins *origins, const ul_walk *walk, ul_census_reader *census, ul_word record);
/* Whether `argument`, a pointer, is the address of an element; then what picks it, and for UL_INDEX_PARAMETER which one. */
bool ul_origins_element(ul_index_kind *index, uint32_t *parameter, ul_origins *origins, const ul_walk *walk, ul_census_reader *census, CXCursor argument);
/* The id of the function that gave the local what it has; 0 for none. */
ul_word ul_origins_maker_of(const ul_origins *origins, CXCursor variable);
/* The id of the function that gave `value`, directly or by a local; 0 for none, and *is_null when it is no address at all. */
ul_word ul_origins_maker(bool *is_null, ul_origins *origins, const ul_walk *walk, ul_census_reader *census, CXCursor value);
/* Calls `add` for each record and kind of source in the function. */
void ul_origins_tell(const ul_origins *origins, ul_census_reader *census, void (*add)(ul_census_reader *census, ul_origin source));

#endif

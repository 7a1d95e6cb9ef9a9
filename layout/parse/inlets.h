/*
 * Where pointers to records come to be pointers to them: each place of a unit where one is made of something else (a void pointer,
 * bytes, a call without a body), told as rows of the census. What is not recognized is told as unknown: a record whose rows are all known has no
 * object that was not seen. For the census of this room only.
 */
#ifndef UL_PARSE_INLETS_H
#define UL_PARSE_INLETS_H

#include "layout/parse/census_reader.h"

/* As the walk leaves a conversion, written or not; a call; a return statement. */
void ul_inlets_see_cast(ul_census_reader *census, const ul_walk *walk);
void ul_inlets_see_call(ul_census_reader *census, const ul_walk *walk);
void ul_inlets_see_return(ul_census_reader *census, const ul_walk *walk);
/* As it leaves an assembly statement: its outputs are set there. */
void ul_inlets_see_assembly(ul_census_reader *census, const ul_walk *walk);
/* As it enters a name of a variable or parameter, of a function that is not called there, the definition of a variable. */
void ul_inlets_see_place(ul_census_reader *census, const ul_walk *walk, CXCursor target);
void ul_inlets_see_mention(ul_census_reader *census, const ul_walk *walk, CXCursor function);
void ul_inlets_see_variable(ul_census_reader *census, CXCursor variable);
/* As it enters the name of a variable with static storage, `id`, in an initializer at file scope: there nothing but its address is meant. */
void ul_inlets_see_taken(ul_census_reader *census, ul_word id);
/* As it enters the left side of an assignment; a call that copies or clears what its first argument points to: stores to a whole record. */
void ul_inlets_see_store(ul_census_reader *census, const ul_walk *walk);
bool ul_inlets_is_copy(const char *name);
void ul_inlets_see_copy(ul_census_reader *census, CXCursor call);
/* A field is met for the first time in the unit; `record` is its record's key. */
void ul_inlets_see_field(ul_census_reader *census, CXCursor field, ul_word record);

#endif

/*
 * What code says of records beyond their definitions: evidence and initializers (uses.h), the census of accesses (census.h), and what
 * functions do with memory (allocations.h). Each is an observer of one walk over the unit. For the parse room only.
 */
#ifndef UL_PARSE_BODIES_H
#define UL_PARSE_BODIES_H

#include "layout/parse/reader.h"

/* Fills in what the job asks for: result->uses, result->census and allocations. Needs the records to be collected. `counted`: see census.h. */
void ul_reader_bodies(ul_reader *reader, ul_census_cache *counted);

#endif

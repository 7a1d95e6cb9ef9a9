/*
 * Where pointers to records go out of sight: an observer of the shared walk that notes, for each record that a pool or an arena might hold, the
 * functions outside the unit that get one, and the places where the pointer's type no longer tells what it points to. For the parse room only.
 */
#ifndef UL_PARSE_PASSAGES_H
#define UL_PARSE_PASSAGES_H

#include "layout/parse/allocations.h"
#include "layout/parse/walk.h"

typedef struct ul_passage_reader ul_passage_reader;

/* In the reader's arena. Ends with ul_passage_reader_end(), which adds to reader->result->allocations: after those of `allocations`. */
ul_passage_reader *ul_passage_reader_begin(ul_reader *reader, ul_allocation_reader *allocations);
ul_observer ul_passage_observer(ul_passage_reader *passages);
void ul_passage_reader_end(ul_passage_reader *passages);

#endif

/*
 * What a unit's function bodies do with allocated memory: an observer of the shared walk that notes which functions take or give back
 * memory, and reads the bodies of those as trees. For the parse room only.
 */
#ifndef UL_PARSE_ALLOCATIONS_H
#define UL_PARSE_ALLOCATIONS_H

#include "layout/parse/function_tree.h"
#include "layout/parse/memory_calls.h"

typedef struct ul_allocation_reader ul_allocation_reader;

/* In the reader's arena. Ends with ul_allocation_reader_end(), which sets reader->result->allocations. */
ul_allocation_reader *ul_allocation_reader_begin(ul_reader *reader);
ul_observer ul_allocation_observer(ul_allocation_reader *allocations);
void ul_allocation_reader_end(ul_allocation_reader *allocations);

/* What the function that `call` names does. */
ul_memory_verb ul_allocation_verb(ul_allocation_reader *allocations, CXCursor call);

/* Whether the compiler understood all of the function: where it did not, statements are missing. */
bool ul_allocation_is_understood(const ul_allocation_reader *allocations, CXCursor function);

/* The body of the function that the walk leaves, as a tree: the walk has made it. */
const ul_function_tree *ul_allocation_tree_left(const ul_allocation_reader *allocations);

/* Whether the type is a record with a field that links it to others of its kind, by type and name. */
bool ul_is_node(ul_allocation_reader *allocations, CXType type);
bool ul_is_node_pointer(ul_allocation_reader *allocations, CXType type);

/* What a function does with a pointer that it does not keep. */
typedef struct ul_borrowing {
    CXType as;    /* what it takes it for besides bytes and the parameter's type, kind CXType_Invalid for nothing */
    bool returns; /* the result may point into it */
} ul_borrowing;

/* Whether `function` is defined in this unit and keeps nothing of the pointer that is its argument there, nor frees it. */
bool ul_allocation_is_lent(ul_borrowing *out, ul_allocation_reader *allocations, CXCursor function, uint32_t argument);
/* Whether it is defined in this unit and gives what stands behind its `...` to vprintf() and its like only. */
bool ul_allocation_is_printer(ul_allocation_reader *allocations, CXCursor function);
/* Whether it, a definition, frees what its argument points at and does nothing else: `static void freep(void *p) { free(*(void **)p); }`. */
bool ul_allocation_is_cleaner(ul_allocation_reader *allocations, CXCursor function);

#endif

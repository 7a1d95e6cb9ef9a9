/*
 * What becomes of a pointer that a variable of a function holds: each use of the variable, and of others that take its value, followed
 * through the expressions around it to where the pointer stays or is let go. Of the order of statements nothing is asked. For the
 * parse room only.
 */
#ifndef UL_PARSE_POINTER_USES_H
#define UL_PARSE_POINTER_USES_H

#include "layout/parse/allocations.h"

typedef struct ul_pointer_uses {
    ul_pointer_use *items; /* in the unit's arena */
    uint32_t count, capacity;
    bool is_touched; /* something is done with what it points to */
    CXType retyped; /* what it is used as besides bytes and what it is declared to point to; kind CXType_Invalid: nothing */
} ul_pointer_uses;

/*
 * Every use of `variable`, a local variable or a parameter. `source`, a call that takes memory, gives the variable its value there; UL_NO_NODE
 * for a parameter. Another value than that and a null pointer is told as UL_USE_REPLACED.
 */
void ul_pointer_uses_read(ul_pointer_uses *out, ul_allocation_reader *reader, const ul_function_tree *tree, CXCursor variable, uint32_t source);

#endif

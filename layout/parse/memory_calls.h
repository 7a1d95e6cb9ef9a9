/*
 * Which functions take and give back memory as malloc and free do: by the shape of the name (zmalloc, g_free, git__calloc) and
 * of the type, since a pool's functions have such names too and take the pool. For the parse room only.
 */
#ifndef UL_PARSE_MEMORY_CALLS_H
#define UL_PARSE_MEMORY_CALLS_H

#include "layout/model/allocation.h"
#include "layout/parse/clang.h"

ul_memory_verb ul_memory_verb_of(CXCursor function);
/* The argument of such a function that is the count of elements, *size that of their size; -1: it has none. */
int ul_memory_count_argument(CXCursor function, ul_memory_verb verb, int *size);

#endif

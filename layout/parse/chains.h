/* Whether a function looks for an entry, and adds one to its chain whenever it finds none: what makes a cache. For the parse room only. */
#ifndef UL_PARSE_CHAINS_H
#define UL_PARSE_CHAINS_H

#include "layout/parse/allocations.h"

/* `call` takes the entry, which `variable` receives. Conditions that may bound the chain, and anything that is counted, make it false. */
bool ul_chain_is_looked_up(const ul_function_tree *tree, uint32_t call, CXCursor variable);

#endif

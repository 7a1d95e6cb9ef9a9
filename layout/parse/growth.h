/*
 * What sizes are made of: whether a realloc makes room for a fixed number of elements more than there were, whether a size is that of a
 * file. For the parse room only.
 */
#ifndef UL_PARSE_GROWTH_H
#define UL_PARSE_GROWTH_H

#include "layout/parse/function_tree.h"

/*
 * Whether `size` (bytes, a product with sizeof) or, where `count` is not UL_NO_NODE, the number of elements there follows a counter that the
 * function changes only by ++ or += literal. *counter is its node, *step by how much it grows.
 */
bool ul_growth_steps(uint32_t *counter, uint64_t *step, const ul_function_tree *tree, uint32_t call, uint32_t size, uint32_t count);

/* Whether a size comes from st_size, ftell() or lseek(), straight or through a local variable. */
bool ul_size_is_of_file(const ul_function_tree *tree, uint32_t size);

#endif

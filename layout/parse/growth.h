/*
 * What sizes are made of: whether a realloc makes room for a fixed number of elements more than there were, whether a size is that of a
 * file. For the parse room only.
 */
#ifndef UL_PARSE_GROWTH_H
#define UL_PARSE_GROWTH_H

#include "layout/parse/function_tree.h"

/*
 * Whether `size` or, where `count` is not UL_NO_NODE, the number of elements there follows a counter that the function changes only by ++ or
 * += literal. `size` is a product with sizeof, or any number where the elements are bytes, `is_of_bytes`, and a loop is around. *counter is the
 * counter's node, *step by how much it grows.
 */
bool ul_growth_steps(uint32_t *counter, uint64_t *step, const ul_function_tree *tree, uint32_t call, uint32_t size, uint32_t count, bool is_of_bytes);

/* Whether a size comes from st_size, ftell() or lseek(), straight, through a local variable, or from a function of the unit that returns such a one. */
bool ul_size_is_of_file(const ul_function_tree *tree, uint32_t size);

#endif

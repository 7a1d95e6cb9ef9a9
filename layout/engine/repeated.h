/* Which functions run again and again, within themselves, or on stacks of their own, as far as the calls in the source tell. Pure. */
#ifndef UL_ENGINE_REPEATED_H
#define UL_ENGINE_REPEATED_H

#include "layout/engine/census.h"

/*
 * By function of a merged census: 1 where it is called in a loop, by itself, or from where is not seen (a callback, an interface); 2 where one
 * with 1 calls it, and so on; 0: once, as what main() and commands of a command line do straight on. In `arena`.
 */
uint32_t *ul_functions_repeated(const ul_census *census, ul_arena *arena);
/* By function: whether it calls itself, straight or by others that it calls by their names. In `arena`. */
bool *ul_functions_recursive(const ul_census *census, ul_arena *arena);
/* Whether the run has calls that leave one stack for another, as coroutines do: what one function has begun others go on with in between. */
bool ul_functions_switch_stacks(const ul_census *census);

#endif

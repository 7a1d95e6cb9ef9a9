/* Which functions run again and again, as far as the calls in the source tell. Pure. */
#ifndef UL_ENGINE_REPEATED_H
#define UL_ENGINE_REPEATED_H

#include "layout/engine/census.h"

/*
 * By function of a merged census: 1 where it is called in a loop, by itself, or from where is not seen (a callback, an interface); 2 where one
 * with 1 calls it, and so on; 0: once, as what main() and commands of a command line do straight on. In `arena`.
 */
uint32_t *ul_functions_repeated(const ul_census *census, ul_arena *arena);

#endif

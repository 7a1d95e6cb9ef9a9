/* Which functions run again and again, as far as the calls in the source tell. Pure. */
#ifndef UL_ENGINE_REPEATED_H
#define UL_ENGINE_REPEATED_H

#include "layout/engine/census.h"

/*
 * By function of a merged census: whether it is called in a loop, by one that is, from where is not seen (a callback, an interface), or by
 * itself. What main() and commands of a command line do straight on is done once. In `arena`.
 */
bool *ul_functions_repeated(const ul_census *census, ul_arena *arena);

#endif

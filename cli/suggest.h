/*
 * "did you mean": the word of a list that a mistyped one was probably meant to be. Pure.
 */
#ifndef UL_CLI_SUGGEST_H
#define UL_CLI_SUGGEST_H

#include <stdint.h>

/* The word nearest to `typed` by edits (insert, delete, change, swap of neighbours), NULL when none is near. The first of equals. */
const char *ul_suggest(const char *typed, const char *const *words, uint32_t count);

#endif

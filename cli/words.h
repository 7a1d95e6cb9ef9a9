/*
 * Cuts a command line that was stored as text into its words: the "command" of a compilation database and
 * the contents of an @response file. Nothing is expanded.
 */
#ifndef UL_CLI_WORDS_H
#define UL_CLI_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "ullage/arena.h"

typedef struct ul_words {
    const char **items; /* NUL-terminated each */
    uint32_t count;
    uint32_t capacity;
} ul_words;

typedef enum ul_quoting {
    UL_QUOTING_SHELL,   /* a backslash means nothing inside '...' */
    UL_QUOTING_RESPONSE /* a backslash takes the next byte as it is, inside '...' too, as gcc reads @files */
} ul_quoting;

/* Appends `word`, borrowed. */
void ul_words_add(ul_words *words, const char *word, ul_arena *arena);
/* Appends the words of text[0..length-1], copied into `arena`. False when a quote is left open: the rest is then one word. */
bool ul_words_split(ul_words *words, const char *text, size_t length, ul_quoting quoting, ul_arena *arena);

#endif

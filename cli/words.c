#include "cli/words.h"

#include <string.h>

void ul_words_add(ul_words *words, const char *word, ul_arena *arena)
{
    UL_RESERVE(arena, words->items, words->count, words->capacity);
    words->items[words->count++] = word;
}

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r' || byte == '\f' || byte == '\v';
}

bool ul_words_split(ul_words *words, const char *text, size_t length, ul_quoting quoting, ul_arena *arena)
{
    /* Unquoting never lengthens: one buffer holds all words and their NULs (a word and its NUL take at most word and space). */
    char *at = ul_arena_alloc(arena, length + 1, 1);
    bool is_closed = true;
    for (size_t i = 0; i < length;) {
        while (i < length && is_space(text[i]))
            i++;
        if (i == length)
            break;
        char *word = at;
        char quote = 0;
        for (; i < length && (quote || !is_space(text[i])); i++) {
            char byte = text[i];
            if (byte == '\\' && (quote != '\'' || quoting == UL_QUOTING_RESPONSE)) {
                if (i + 1 < length)
                    *at++ = text[++i];
            } else if (quote ? byte == quote : byte == '"' || byte == '\'') {
                quote = quote ? 0 : byte;
            } else {
                *at++ = byte;
            }
        }
        is_closed = quote == 0;
        *at++ = '\0';
        ul_words_add(words, word, arena);
    }
    return is_closed;
}

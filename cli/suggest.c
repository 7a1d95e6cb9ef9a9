#include "cli/suggest.h"

#include <string.h>

enum { LONGEST_WORD = 63 };

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment distance by rows; both words are at most LONGEST_WORD bytes. */
static uint32_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    uint32_t rows[3][LONGEST_WORD + 1];
    uint32_t *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b_length; j++)
        above[j] = (uint32_t)j;
    for (size_t i = 1; i <= a_length; i++) {
        row[0] = (uint32_t)i;
        for (size_t j = 1; j <= b_length; j++) {
            uint32_t change = above[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = least(least(above[j] + 1, row[j - 1] + 1), change);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
        uint32_t *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[b_length];
}

const char *ul_suggest(const char *typed, const char *const *words, uint32_t count)
{
    size_t length = strlen(typed);
    const char *best = NULL;
    uint32_t best_distance = 0;
    if (length == 0 || length > LONGEST_WORD)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        size_t word_length = strlen(words[i]);
        if (word_length > LONGEST_WORD)
            continue;
        uint32_t edits = distance(typed, length, words[i], word_length);
        /* A beginning of two letters or more counts as near: `comp` for `completions`. */
        if (edits > 2 && length >= 2 && strncmp(words[i], typed, length) == 0)
            edits = 2;
        uint32_t most = word_length <= 3 ? 1 : word_length <= 6 ? 2 : 3;
        if (edits <= most && (!best || edits < best_distance)) {
            best = words[i];
            best_distance = edits;
        }
    }
    return best;
}

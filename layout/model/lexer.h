/*
 * A lexer for what stands between the braces of a record: it cuts raw bytes of C into tokens, with comments
 * and preprocessor directives as tokens of their own, in skipped branches too. It expands nothing and never
 * fails: an unfinished comment or literal ends at the end of the text. Byte offsets are into the whole file.
 * For parse (groups, annotations) and rewrite (edits).
 */
#ifndef UL_MODEL_LEXER_H
#define UL_MODEL_LEXER_H

#include <stdbool.h>
#include <stdint.h>

#include "ullage/arena.h"

typedef enum ul_token_kind {
    UL_TOKEN_WORD,      /* identifier or keyword; bytes over 127 count as letters */
    UL_TOKEN_NUMBER,    /* preprocessing number */
    UL_TOKEN_LITERAL,   /* string or character, prefix included */
    UL_TOKEN_PUNCT,     /* one byte; the digraphs for braces and brackets are two */
    UL_TOKEN_COMMENT,   /* either form; a line comment ends before its newline */
    UL_TOKEN_DIRECTIVE, /* from `#` to before the newline that ends it */
    UL_TOKEN_END
} ul_token_kind;

typedef struct ul_token {
    ul_token_kind kind;
    char punct; /* of UL_TOKEN_PUNCT; digraphs as what they stand for */
    uint32_t begin, end;
    uint32_t line; /* 1-based, of its first byte */
} ul_token;

typedef struct ul_tokens {
    ul_token *items; /* ends with one UL_TOKEN_END that is not counted */
    uint32_t count;
    uint32_t capacity;
} ul_tokens;

/* Cuts all of bytes[0..length-1] into tokens in `arena`. Lengths over 4 GiB are cut off there. */
void ul_tokens_read(ul_tokens *out, const char *bytes, uint64_t length, ul_arena *arena);
/* Index of the first token that begins at or after `offset`; tokens->count when there is none. */
uint32_t ul_tokens_at(const ul_tokens *tokens, uint32_t offset);
/* Whether `token` is the word `word`. */
bool ul_token_is_word(const ul_token *token, const char *bytes, const char *word);
/* Whether `token` is the punctuator `punct`, or the digraph for it. */
bool ul_token_is_punct(const ul_token *token, char punct);

#endif

#include "layout/model/lexer.h"

#include <string.h>

typedef struct cursor {
    const char *bytes;
    uint32_t at, end;
    uint32_t line;
    bool is_line_start; /* only blanks and comments since the newline */
} cursor;

static char peek(const cursor *c, uint32_t ahead)
{
    return c->end - c->at > ahead ? c->bytes[c->at + ahead] : '\0';
}

static bool is_word_start(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' || byte == '$' ||
           (unsigned char)byte >= 0x80;
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* Bytes of a backslash-newline at `ahead`, else 0. */
static uint32_t splice_length(const cursor *c, uint32_t ahead)
{
    if (peek(c, ahead) != '\\')
        return 0;
    if (peek(c, ahead + 1) == '\n')
        return 2;
    return peek(c, ahead + 1) == '\r' && peek(c, ahead + 2) == '\n' ? 3 : 0;
}

static void step(cursor *c)
{
    if (c->bytes[c->at] == '\n')
        c->line++;
    c->at++;
}

static void skip_splice(cursor *c, uint32_t length)
{
    while (length--)
        step(c);
}

static void read_block_comment(cursor *c)
{
    c->at += 2;
    while (c->at < c->end) {
        if (peek(c, 0) == '*' && peek(c, 1) == '/') {
            c->at += 2;
            return;
        }
        step(c);
    }
}

static void read_literal(cursor *c, char quote)
{
    c->at++;
    while (c->at < c->end && c->bytes[c->at] != quote) {
        if (c->bytes[c->at] == '\n')
            return; /* unfinished: raw text of a skipped branch, an apostrophe in #error */
        uint32_t splice = splice_length(c, 0);
        if (splice) {
            skip_splice(c, splice);
            continue;
        }
        if (c->bytes[c->at] == '\\' && c->at + 1 < c->end)
            c->at++;
        step(c);
    }
    if (c->at < c->end)
        c->at++;
}

/* To before the newline that ends the line, spliced lines included; in a directive, block comments may hold
 * newlines, and what looks like one in a literal is none. */
static void read_line(cursor *c, bool is_directive)
{
    while (c->at < c->end && c->bytes[c->at] != '\n') {
        uint32_t splice = splice_length(c, 0);
        if (splice)
            skip_splice(c, splice);
        else if (is_directive && peek(c, 0) == '/' && peek(c, 1) == '*')
            read_block_comment(c);
        else if (is_directive && peek(c, 0) == '/' && peek(c, 1) == '/')
            read_line(c, false);
        else if (is_directive && (peek(c, 0) == '"' || peek(c, 0) == '\''))
            read_literal(c, peek(c, 0));
        else
            c->at++;
    }
}

static void read_word(cursor *c)
{
    while (c->at < c->end) {
        uint32_t splice = splice_length(c, 0);
        if (splice)
            skip_splice(c, splice);
        else if (is_word_start(peek(c, 0)) || is_digit(peek(c, 0)))
            c->at++;
        else
            break;
    }
}

static void read_number(cursor *c)
{
    while (c->at < c->end) {
        char byte = peek(c, 0), next = peek(c, 1);
        if ((byte == 'e' || byte == 'E' || byte == 'p' || byte == 'P') && (next == '+' || next == '-'))
            c->at += 2;
        else if (is_word_start(byte) || is_digit(byte) || byte == '.')
            c->at++;
        else
            break;
    }
}

/* What a digraph at the cursor stands for, or 0. */
static char digraph(const cursor *c)
{
    static const struct {
        char first, second, means;
    } digraphs[] = {{'<', '%', '{'}, {'%', '>', '}'}, {'<', ':', '['}, {':', '>', ']'}, {'%', ':', '#'}};
    for (unsigned i = 0; i < sizeof digraphs / sizeof *digraphs; i++) {
        if (peek(c, 0) == digraphs[i].first && peek(c, 1) == digraphs[i].second)
            return digraphs[i].means;
    }
    return 0;
}

/* Bytes of the encoding prefix of the literal at the cursor, 0 when there is none. */
static uint32_t prefix_length(const cursor *c)
{
    static const char *const prefixes[] = {"", "L", "U", "u", "u8"};
    for (uint32_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        uint32_t length = (uint32_t)strlen(prefixes[i]);
        char quote = peek(c, length);
        if (c->end - c->at > length && memcmp(c->bytes + c->at, prefixes[i], length) == 0 &&
            (quote == '"' || quote == '\''))
            return length;
    }
    return 0;
}

/* Reads the token at the cursor, which stands on neither blank nor newline. */
static void read_token(cursor *c, ul_token *token)
{
    char byte = peek(c, 0);
    char pair = digraph(c);
    if (byte == '/' && (peek(c, 1) == '*' || peek(c, 1) == '/')) {
        token->kind = UL_TOKEN_COMMENT;
        if (peek(c, 1) == '*')
            read_block_comment(c);
        else
            read_line(c, false);
        return;
    }
    if (c->is_line_start && (byte == '#' || pair == '#')) {
        token->kind = UL_TOKEN_DIRECTIVE;
        read_line(c, true);
        return;
    }
    c->is_line_start = false;
    uint32_t prefix = prefix_length(c);
    if (prefix || byte == '"' || byte == '\'') {
        token->kind = UL_TOKEN_LITERAL;
        c->at += prefix;
        read_literal(c, peek(c, 0));
    } else if (is_word_start(byte)) {
        token->kind = UL_TOKEN_WORD;
        read_word(c);
    } else if (is_digit(byte) || (byte == '.' && is_digit(peek(c, 1)))) {
        token->kind = UL_TOKEN_NUMBER;
        read_number(c);
    } else {
        token->kind = UL_TOKEN_PUNCT;
        token->punct = pair ? pair : byte;
        c->at += pair ? 2 : 1;
    }
}

void ul_tokens_read(ul_tokens *out, const char *bytes, uint64_t length, ul_arena *arena)
{
    *out = (ul_tokens){0};
    cursor c = {bytes, 0, length > UINT32_MAX - 1 ? UINT32_MAX - 1 : (uint32_t)length, 1, true};
    for (;;) {
        while (c.at < c.end) {
            char byte = c.bytes[c.at];
            uint32_t splice = splice_length(&c, 0);
            if (splice) {
                skip_splice(&c, splice);
            } else if (byte == '\n') {
                c.is_line_start = true;
                step(&c);
            } else if (byte == ' ' || byte == '\t' || byte == '\r' || byte == '\f' || byte == '\v' ||
                       byte == '\0') {
                c.at++;
            } else {
                break;
            }
        }
        if (c.at == 0 && c.end >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
            c.at = 3;
            continue;
        }
        UL_RESERVE(arena, out->items, out->count, out->capacity);
        ul_token *token = &out->items[out->count];
        *token = (ul_token){.kind = UL_TOKEN_END, .begin = c.at, .end = c.at, .line = c.line};
        if (c.at >= c.end)
            return;
        read_token(&c, token);
        token->end = c.at;
        out->count++;
    }
}

uint32_t ul_tokens_at(const ul_tokens *tokens, uint32_t offset)
{
    uint32_t low = 0, high = tokens->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (tokens->items[middle].begin < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool ul_token_is_word(const ul_token *token, const char *bytes, const char *word)
{
    size_t length = strlen(word);
    return token->kind == UL_TOKEN_WORD && token->end - token->begin == length &&
           memcmp(bytes + token->begin, word, length) == 0;
}

bool ul_token_is_punct(const ul_token *token, char punct)
{
    return token->kind == UL_TOKEN_PUNCT && token->punct == punct;
}

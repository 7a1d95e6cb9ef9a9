/* Where assertions stand: below the line on which the declaration of a record ends, where nothing else is in the way. */
#include <string.h>

#include "layout/rewrite/guard.h"
#include "layout/rewrite/lines.h"

ul_status ul_guard_block(const char **out, const struct ul_guard_place *place, const ul_guarded *items, uint32_t count, const char **detail, ul_arena *arena)
{
    ul_guard_style style = {place->newline, place->indent, "__builtin_offsetof"};
    ul_strbuf text;
    ul_strbuf_init(&text);
    ul_strbuf_printf(&text, "%s%s", place->is_kept ? UL_GUARD_BEGIN_KEPT : UL_GUARD_BEGIN, style.newline);
    ul_status status = ul_guard_write(&text, items, count, &style, detail, arena);
    ul_strbuf_printf(&text, "%s%s", style.indent, UL_GUARD_END);
    *out = text.has_failed ? NULL : ul_arena_strndup(arena, text.data, text.length);
    ul_strbuf_free(&text);
    return *out ? status : UL_ERR_NOMEM;
}

/* Whether the directive is one of `words`. */
static bool is_directive(const ul_token *token, const char *bytes, const char *const *words)
{
    if (token->kind != UL_TOKEN_DIRECTIVE)
        return false;
    const char *at = bytes + token->begin, *end = bytes + token->end;
    at += *at == '%' ? 2 : 1; /* %: is # */
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    for (; *words; words++) {
        size_t length = strlen(*words);
        if ((size_t)(end - at) >= length && memcmp(at, *words, length) == 0)
            return true;
    }
    return false;
}

static const char *const openers[] = {"if", NULL}, *const closers[] = {"endif", NULL}, *const branches[] = {"el", NULL};

const char *ul_guard_obstacle(const ul_record *record, const char *bytes, const ul_tokens *tokens, ul_arena *arena)
{
    if (strstr(record->name, "<anonymous"))
        return "it has no name of its own; the record around it can be held";
    for (uint32_t i = 0; i < record->refusal_count; i++) {
        ul_refusal_reason reason = record->refusals[i].reason;
        if (reason == UL_REFUSE_MACRO_BODY || reason == UL_REFUSE_INCLUDE_IN_BODY)
            return ul_refusal_text(reason);
        if (reason == UL_REFUSE_RANDOMIZE_LAYOUT)
            return "its layout is another in every build: the compiler shuffles its fields";
    }
    for (uint32_t i = ul_tokens_at(tokens, record->body.begin); i < tokens->count && tokens->items[i].begin < record->body.end; i++) {
        if (is_directive(&tokens->items[i], bytes, openers))
            return ul_arena_printf(arena, "its fields depend on a condition of the preprocessor, line %u: other builds lay it out otherwise",
                                   tokens->items[i].line);
    }
    return NULL;
}

/* Index of the `;` that ends the declaration, or UINT32_MAX. */
static uint32_t declaration_end(const ul_record *record, const ul_tokens *tokens)
{
    uint32_t depth = 0;
    for (uint32_t i = ul_tokens_at(tokens, record->span.end); i < tokens->count; i++) {
        const ul_token *token = &tokens->items[i];
        if (ul_token_is_punct(token, ';') && depth == 0)
            return i;
        if (ul_token_is_punct(token, '{') || ul_token_is_punct(token, '(') || ul_token_is_punct(token, '['))
            depth++;
        if ((ul_token_is_punct(token, '}') || ul_token_is_punct(token, ')') || ul_token_is_punct(token, ']')) && depth-- == 0)
            break;
    }
    return UINT32_MAX;
}

/* Whether conditions of the preprocessor begin or end between the tokens, rather than lie wholly inside. */
static bool is_cut(const char *bytes, const ul_tokens *tokens, uint32_t from, uint32_t to)
{
    uint32_t depth = 0;
    for (uint32_t i = from; i < to; i++) {
        if (is_directive(&tokens->items[i], bytes, openers))
            depth++;
        else if (is_directive(&tokens->items[i], bytes, closers) && depth-- == 0)
            return true;
        else if (is_directive(&tokens->items[i], bytes, branches) && depth == 0)
            return true;
    }
    return depth != 0;
}

static bool is_mark(const ul_token *token, const char *bytes, const char *mark)
{
    return token->kind == UL_TOKEN_COMMENT && token->end - token->begin == strlen(mark) && memcmp(bytes + token->begin, mark, strlen(mark)) == 0;
}

static bool is_begin(const ul_token *token, const char *bytes)
{
    return is_mark(token, bytes, UL_GUARD_BEGIN) || is_mark(token, bytes, UL_GUARD_BEGIN_KEPT);
}

bool ul_guard_blank(char *bytes, uint64_t length, ul_arena *arena)
{
    bool has_any = false;
    uint32_t begin = UINT32_MAX;
    if (!memmem(bytes, length, UL_GUARD_ANY_BEGIN, strlen(UL_GUARD_ANY_BEGIN)))
        return false;
    ul_tokens tokens;
    ul_tokens_read(&tokens, bytes, length, arena);
    for (uint32_t i = 0; i < tokens.count; i++) {
        if (is_begin(&tokens.items[i], bytes))
            begin = tokens.items[i].begin;
        if (begin == UINT32_MAX || !is_mark(&tokens.items[i], bytes, UL_GUARD_END))
            continue;
        for (uint32_t at = begin; at < tokens.items[i].end; at++)
            bytes[at] = bytes[at] == '\n' || bytes[at] == '\r' ? bytes[at] : ' ';
        begin = UINT32_MAX;
        has_any = true;
    }
    return has_any;
}

/* The block that begins with the token at `at`. */
static void take_block(ul_guard_place *out, const char *bytes, const ul_tokens *tokens, uint32_t at, ul_arena *arena)
{
    uint32_t end = at + 1;
    while (end < tokens->count && !is_mark(&tokens->items[end], bytes, UL_GUARD_END) && !is_begin(&tokens->items[end], bytes))
        end++;
    if (end == tokens->count || !is_mark(&tokens->items[end], bytes, UL_GUARD_END)) {
        out->obstacle = ul_arena_printf(arena, "the guard that begins on line %u does not end", tokens->items[at].line);
        return;
    }
    out->span = (ul_span){tokens->items[at].begin, tokens->items[end].end};
    out->is_kept = is_mark(&tokens->items[at], bytes, UL_GUARD_BEGIN_KEPT);
}

/*
 * 1. The declaration ends with a `;` that no condition separates from its beginning.
 * 2. What follows on that line are comments, whole ones; below the last of them there is room.
 * 3. When the next thing of all is our mark, the place is what stands between the marks.
 */
void ul_guard_find(ul_guard_place *out, const ul_record *outermost, const char *bytes, uint32_t length, const ul_tokens *tokens, ul_arena *arena)
{
    uint32_t begin = ul_line_begin(bytes, outermost->span.begin);
    uint32_t blanks = ul_line_skip_blanks(bytes, begin, length);
    *out = (ul_guard_place){.newline = "\n", .indent = ul_arena_strndup(arena, bytes + begin, blanks - begin)};
    uint32_t semicolon = declaration_end(outermost, tokens);
    if (semicolon == UINT32_MAX) {
        out->obstacle = "where its declaration ends is not clear";
        return;
    }
    if (is_cut(bytes, tokens, ul_tokens_at(tokens, outermost->span.begin), semicolon)) {
        out->obstacle = "a condition of the preprocessor cuts through its declaration";
        return;
    }
    uint32_t last = semicolon, next = semicolon + 1;
    while (next < tokens->count && !memchr(bytes + tokens->items[last].end, '\n', tokens->items[next].begin - tokens->items[last].end)) {
        if (tokens->items[next].kind != UL_TOKEN_COMMENT) {
            out->obstacle = "other code stands on the line where its declaration ends";
            return;
        }
        last = next++;
    }
    uint32_t end = ul_line_end(bytes, length, tokens->items[last].end);
    bool has_newline = bytes[end - 1] == '\n';
    end -= has_newline;
    if (has_newline && bytes[end - 1] == '\r') { /* which a line comment takes along */
        out->newline = "\r\n";
        end--;
    }
    if (end > 0 && bytes[end - 1] == '\\') {
        out->obstacle = "the line where its declaration ends goes on in the next";
        return;
    }
    out->span = (ul_span){end, end};
    if (next < tokens->count && is_begin(&tokens->items[next], bytes))
        take_block(out, bytes, tokens, next, arena);
}

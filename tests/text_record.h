/*
 * A record out of text alone: where its declarations, walls and direct fields are, by brackets and semicolons, without
 * a compiler. Enough for the rewriter, which asks for no more. Nothing here knows a type or a size. For tests and
 * fuzzing only.
 */
#ifndef UL_TESTS_TEXT_RECORD_H
#define UL_TESTS_TEXT_RECORD_H

#include <string.h>

#include "layout/model/lexer.h"
#include "layout/model/record.h"

static inline bool text_is(const ul_token *token, char punct)
{
    return token->kind == UL_TOKEN_PUNCT && token->punct == punct;
}

static inline int text_depth(const ul_token *token)
{
    if (token->kind != UL_TOKEN_PUNCT)
        return 0;
    return strchr("{([", token->punct) && token->punct ? 1 : strchr("})]", token->punct) && token->punct ? -1 : 0;
}

typedef struct text_cutter {
    const char *bytes;
    const ul_token *items;
    ul_record *record;
    ul_arena *arena;
    uint32_t group_capacity, field_capacity, segment;
} text_cutter;

/* A field for each declarator of items[from..to], `;` at `to`; its name is the last word before its end, or stands in `(*name)`. */
static inline void text_add_group(text_cutter *t, uint32_t from, uint32_t to)
{
    ul_record *record = t->record;
    UL_RESERVE(t->arena, record->groups, record->group_count, t->group_capacity);
    ul_group *group = &record->groups[record->group_count];
    *group = (ul_group){record->field_count, 0, t->segment, {t->items[from].begin, t->items[to].end}};
    const ul_token *name = NULL;
    bool is_past = false;
    int depth = 0;
    for (uint32_t i = from; i <= to; i++) {
        const ul_token *token = &t->items[i];
        depth += text_depth(token);
        is_past |= depth == 0 && text_is(token, ':');
        is_past |= name && token->kind == UL_TOKEN_WORD && ul_token_is_word(token, t->bytes, "__attribute__");
        is_past |= name && depth == 1 && text_is(token, '[');
        bool is_pointed = depth == 1 && i >= from + 2 && text_is(&t->items[i - 1], '*') && text_is(&t->items[i - 2], '(');
        if ((depth == 0 || is_pointed) && !is_past && token->kind == UL_TOKEN_WORD)
            name = token;
        is_past |= is_pointed; /* `(*name)`: what follows are parameters */
        if (i < to && !(depth == 0 && text_is(token, ',')))
            continue;
        UL_RESERVE(t->arena, record->fields, record->field_count, t->field_capacity);
        const char *word = name ? ul_arena_strndup(t->arena, t->bytes + name->begin, name->end - name->begin) : "";
        record->fields[record->field_count++] =
            (ul_field){.name = word, .type = "", .parent = UL_NO_PARENT, .group = record->group_count};
        group->field_count++;
        is_past = false;
        name = NULL;
    }
    record->group_count++;
}

/*
 * The record whose `{` is the first at or after token `at`; false when it has no end. Static assertions and directives
 * are walls.
 */
static inline bool text_record_read(ul_record *out, const char *bytes, const ul_tokens *tokens, uint32_t at, ul_arena *arena)
{
    *out = (ul_record){.name = "struct text", .key = "", .file = "", .unit = ""};
    text_cutter t = {.bytes = bytes, .items = tokens->items, .record = out, .arena = arena};
    while (at < tokens->count && !text_is(&tokens->items[at], '{'))
        at++;
    if (at == tokens->count)
        return false;
    out->body.begin = tokens->items[at].end;
    out->groups = UL_NEW_ARRAY(arena, ul_group, 1);
    uint32_t from = UINT32_MAX;
    int depth = 0;
    for (uint32_t i = at + 1; i < tokens->count; i++) {
        const ul_token *token = &tokens->items[i];
        if (depth == 0 && text_is(token, '}')) {
            out->body.end = token->begin;
            out->span = (ul_span){tokens->items[at].begin, token->end};
            return from == UINT32_MAX;
        }
        if (token->kind == UL_TOKEN_COMMENT)
            continue;
        if (token->kind == UL_TOKEN_DIRECTIVE) {
            t.segment += from == UINT32_MAX;
            continue;
        }
        depth += text_depth(token);
        if (depth < 0)
            return false;
        if (depth > 0 || !text_is(token, ';')) {
            from = from == UINT32_MAX ? i : from;
            continue;
        }
        if (from == UINT32_MAX)
            continue;
        if (ul_token_is_word(&tokens->items[from], bytes, "_Static_assert"))
            t.segment++;
        else
            text_add_group(&t, from, i);
        from = UINT32_MAX;
    }
    return false;
}

/* The order of fields that puts declaration groups[0], groups[1], ... one after the other. */
static inline uint32_t *text_order(const ul_record *record, const uint32_t *groups, ul_arena *arena)
{
    uint32_t *order = UL_NEW_ARRAY(arena, uint32_t, record->field_count + 1u), at = 0;
    for (uint32_t i = 0; i < record->group_count; i++) {
        const ul_group *group = &record->groups[groups[i]];
        for (uint32_t f = 0; f < group->field_count; f++)
            order[at++] = group->first_field + f;
    }
    return order;
}

#endif

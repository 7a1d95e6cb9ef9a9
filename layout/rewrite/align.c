/*
 * Declarations that begin a cache line from now on:
 *  1. Put a word of its own into each, as long as the text that it stands for, so that comments behind it are set below one another again. Of one
 *     that shares its declaration with others it goes behind its declarator, which takes it along when the declaration is split.
 *  2. Split and put in order what results, as if nobody had been here (split.h). A request that is refused there is left without its words: again from 1.
 *  3. Each word becomes its text, and where its declaration begins a line of the file a note goes above it, above its comment too.
 *  4. Make the edits of all steps one list.
 */
#include <stdlib.h>
#include <string.h>

#include "layout/rewrite/lines.h"
#include "layout/rewrite/realign.h"
#include "layout/rewrite/rewrite.h"
#include "layout/rewrite/split.h"

/* A word and what it stands for. */
typedef struct stand_in {
    const char *word;
    const char *text, *note;
    uint32_t request;
    bool moves_front; /* it stands behind a declarator, and its text begins the declaration */
} stand_in;

typedef struct aligning {
    const ul_source_text *text;
    const ul_rewrite_request *requests;
    stand_in *words;
    ul_edit *edits; /* of step 1 */
    uint32_t count, word_count, edit_count;
    bool *is_left;  /* by request: it was refused */
} aligning;

/* --- Step 1. --- */

/* "ul____3", a word that is not in the text. */
static const char *make_word(const aligning *a, uint32_t number, size_t length)
{
    ul_arena *arena = a->text->arena;
    const char *digits = ul_arena_printf(arena, "%u", number);
    int pad = (int)length - 2 - (int)strlen(digits);
    for (int more = pad > 1 ? pad : 1;; more++) {
        const char *word = ul_arena_printf(arena, "ul%.*s%s", more, "________________________________________________________________", digits);
        if (!memmem(a->text->bytes, a->text->length, word, strlen(word)) || more > 60)
            return word;
    }
}

/* Whether the group's span is a declaration of this text. */
static bool is_in_text(const aligning *a, ul_span span)
{
    return span.begin < span.end && span.end <= a->text->length && a->text->bytes[span.end - 1] == ';';
}

/* Whether one of the edits is before a comment that goes on in the next lines, which would not move along. */
static bool moves_long_comment(const aligning *a, const ul_edit *edits, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t next = ul_tokens_at(a->text->tokens, edits[i].span.end);
        const ul_token *token = next < a->text->tokens->count ? &a->text->tokens->items[next] : NULL;
        if (token && token->kind == UL_TOKEN_COMMENT && memchr(a->text->bytes + token->begin, '\n', token->end - token->begin))
            return true;
    }
    return false;
}

/* Comments below one another again, unless that would touch many lines for few: a patch is read by people. */
static ul_status realign(aligning *a)
{
    enum { LINES_PER_WORD = 5 };
    ul_edit *edits = a->edits;
    uint32_t count = a->edit_count;
    ul_status status = ul_realign_comments(&edits, &count, a->text);
    if (status != UL_OK || count > a->edit_count + LINES_PER_WORD * a->word_count || moves_long_comment(a, edits, count))
        return status;
    a->edits = edits;
    a->edit_count = count;
    return status;
}

/* Where the declarator of a field ends that shares its declaration with others: at a comma of the declaration's own, or its `;`. */
static uint32_t declarator_end(const aligning *a, const ul_record *record, uint32_t field)
{
    const ul_group *group = &record->groups[record->fields[field].group];
    const ul_tokens *tokens = a->text->tokens;
    uint32_t before = 0, depth = 0;
    for (uint32_t i = 0; i < field; i++)
        before += record->fields[i].parent == UL_NO_PARENT && record->fields[i].group == record->fields[field].group;
    for (uint32_t i = ul_tokens_at(tokens, group->span.begin); i < tokens->count && tokens->items[i].end < group->span.end; i++) {
        const ul_token *token = &tokens->items[i];
        depth += ul_token_is_punct(token, '(') || ul_token_is_punct(token, '[') || ul_token_is_punct(token, '{');
        depth -= depth && (ul_token_is_punct(token, ')') || ul_token_is_punct(token, ']') || ul_token_is_punct(token, '}'));
        if (depth == 0 && ul_token_is_punct(token, ',') && before-- == 0)
            return token->begin;
    }
    return group->span.end - 1;
}

static ul_status insert_words(aligning *a)
{
    uint32_t most = 0;
    ul_arena *arena = a->text->arena;
    for (uint32_t i = 0; i < a->count; i++)
        most += a->requests[i].aligned_count;
    a->words = UL_NEW_ARRAY(arena, stand_in, most + 1u);
    a->edits = UL_NEW_ARRAY(arena, ul_edit, most + 1u);
    a->word_count = a->edit_count = 0;
    for (uint32_t i = 0; i < a->count; i++) {
        const ul_rewrite_request *request = &a->requests[i];
        for (uint32_t k = 0; k < request->aligned_count && !a->is_left[i]; k++) {
            ul_span span = request->record->groups[request->record->fields[request->aligned[k]].group].span;
            const ul_align_style *style = request->style;
            if (!is_in_text(a, span))
                continue; /* the next step refuses it */
            stand_in *it = &a->words[a->word_count];
            bool is_shared = request->record->groups[request->record->fields[request->aligned[k]].group].field_count > 1, is_behind = style->is_behind || is_shared;
            *it = (stand_in){make_word(a, a->word_count, strlen(style->text)), style->text, request->aligned_notes ? request->aligned_notes[k] : NULL, i,
                             is_shared && !style->is_behind};
            const char *put = is_behind ? ul_arena_printf(arena, " %s", it->word) : ul_arena_printf(arena, "%s ", it->word);
            uint32_t at = is_shared ? declarator_end(a, request->record, request->aligned[k]) : is_behind ? span.end - 1 : span.begin;
            a->edits[a->word_count++] = (ul_edit){{at, at}, put, (uint32_t)strlen(put)};
        }
    }
    a->edit_count = a->word_count;
    ul_edits_sort(a->edits, a->edit_count);
    return realign(a);
}

/* Where what begins or ends at `offset` does so after the edits; what is put in right there belongs to what begins. */
static uint32_t moved(const aligning *a, uint32_t offset)
{
    uint32_t to = offset;
    for (uint32_t i = 0; i < a->edit_count && a->edits[i].span.begin < offset; i++) {
        if (a->edits[i].span.end <= offset)
            to += a->edits[i].length - (a->edits[i].span.end - a->edits[i].span.begin);
    }
    return to;
}

static ul_span moved_span(const aligning *a, ul_span span)
{
    return (ul_span){moved(a, span.begin), moved(a, span.end)};
}

static const ul_record *moved_record(const aligning *a, const ul_record *record)
{
    ul_record *copy = UL_NEW(a->text->arena, ul_record);
    *copy = *record;
    copy->body = moved_span(a, record->body);
    copy->span = moved_span(a, record->span);
    if (record->groups)
        copy->groups = UL_NEW_ARRAY(a->text->arena, ul_group, record->group_count + 1u);
    for (uint32_t i = 0; i < record->group_count && record->groups; i++) {
        copy->groups[i] = record->groups[i];
        copy->groups[i].span = moved_span(a, record->groups[i].span);
    }
    return copy;
}

/* --- Step 3. --- */

/* The first token of the declaration that `at` is in, comments left out. */
static uint32_t declaration_begin(const ul_tokens *tokens, uint32_t at)
{
    uint32_t depth = 0, first = at;
    for (uint32_t i = at; i-- > 0;) {
        const ul_token *token = &tokens->items[i];
        if (token->kind == UL_TOKEN_DIRECTIVE || (depth == 0 && (ul_token_is_punct(token, ';') || ul_token_is_punct(token, '{'))))
            break;
        depth += ul_token_is_punct(token, '}');
        depth -= ul_token_is_punct(token, '{');
        if (token->kind != UL_TOKEN_COMMENT)
            first = i;
    }
    return first;
}

static bool begins_line(const char *bytes, uint32_t offset)
{
    uint32_t line = ul_line_begin(bytes, offset);
    return ul_line_skip_blanks(bytes, line, offset) == offset;
}

/* Up over the comments on lines of their own that stand directly above the token. */
static uint32_t above_comments(const char *bytes, const ul_tokens *tokens, uint32_t token)
{
    while (token > 0 && tokens->items[token - 1].kind == UL_TOKEN_COMMENT) {
        const ul_token *above = &tokens->items[token - 1];
        if (!begins_line(bytes, above->begin) || ul_line_count(bytes, above->end, tokens->items[token].begin) != 1)
            break;
        token--;
    }
    return token;
}

/* The note on a line above the declaration, where that begins one. */
static void add_note(ul_edit *edits, uint32_t *count, const char *bytes, const ul_tokens *tokens, uint32_t word, const char *note, ul_arena *arena)
{
    uint32_t first = declaration_begin(tokens, word);
    if (!begins_line(bytes, tokens->items[first].begin))
        return;
    uint32_t at = tokens->items[above_comments(bytes, tokens, first)].begin, line = ul_line_begin(bytes, at);
    const char *newline = line > 1 && bytes[line - 2] == '\r' ? "\r\n" : "\n";
    const char *text = ul_arena_printf(arena, "%.*s/* %s */%s", (int)(at - line), bytes + line, note, newline);
    edits[(*count)++] = (ul_edit){{line, line}, text, (uint32_t)strlen(text)};
}

/* Token `word` becomes its text: there, or in front of its declaration. */
static void put_text(ul_edit *edits, uint32_t *count, const char *bytes, const ul_tokens *tokens, uint32_t word, const stand_in *it, ul_arena *arena)
{
    ul_span span = {tokens->items[word].begin, tokens->items[word].end};
    if (!it->moves_front) {
        edits[(*count)++] = (ul_edit){span, it->text, (uint32_t)strlen(it->text)};
        return;
    }
    const ul_token *first = &tokens->items[declaration_begin(tokens, word)];
    const char *text = ul_arena_printf(arena, "%s %.*s", it->text, (int)(first->end - first->begin), bytes + first->begin);
    edits[(*count)++] = (ul_edit){{first->begin, first->end}, text, (uint32_t)strlen(text)};
    span.begin -= span.begin && bytes[span.begin - 1] == ' '; /* that was put before it */
    edits[(*count)++] = (ul_edit){span, "", 0};
}

/* Edits of the new text that put each word's text in its place. False when a word is not there once. */
static bool replace_words(const aligning *a, const ul_rewrite *ordered, ul_edit **edits, uint32_t *count)
{
    ul_arena *arena = a->text->arena;
    ul_tokens tokens;
    uint32_t found = 0;
    ul_tokens_read(&tokens, ordered->text, ordered->length, arena);
    *edits = UL_NEW_ARRAY(arena, ul_edit, a->word_count * 3 + 1u);
    *count = 0;
    for (uint32_t i = 0; i < tokens.count; i++) {
        for (uint32_t k = 0; k < a->word_count && tokens.items[i].kind == UL_TOKEN_WORD; k++) {
            const stand_in *it = &a->words[k];
            if (!ul_token_is_word(&tokens.items[i], ordered->text, it->word))
                continue;
            if (it->note)
                add_note(*edits, count, ordered->text, &tokens, i, it->note, arena);
            put_text(*edits, count, ordered->text, &tokens, i, it, arena);
            found++;
        }
    }
    ul_edits_sort(*edits, *count);
    return found == a->word_count;
}

/* --- Steps 2 and 4. --- */

static const char *apply(const char *bytes, uint64_t length, const ul_edit *edits, uint32_t count, uint64_t *new_length, ul_arena *arena)
{
    ul_strbuf buffer;
    ul_strbuf_init(&buffer);
    ul_edits_apply(&buffer, bytes, (uint32_t)length, edits, count);
    const char *text = buffer.has_failed ? NULL : ul_arena_strndup(arena, buffer.data ? buffer.data : "", buffer.length);
    *new_length = buffer.length;
    ul_strbuf_free(&buffer);
    return text;
}

/* One round. *again tells that a request with words in the text was refused. */
static ul_status run_round(ul_rewrite *out, aligning *a, bool *again)
{
    ul_arena *arena = a->text->arena;
    ul_status status = insert_words(a);
    uint64_t length = 0;
    const char *bytes = status == UL_OK ? apply(a->text->bytes, a->text->length, a->edits, a->edit_count, &length, arena) : NULL;
    if (!bytes)
        return status == UL_OK ? UL_ERR_NOMEM : status;
    ul_rewrite_request *requests = UL_NEW_ARRAY(arena, ul_rewrite_request, a->count + 1u);
    for (uint32_t i = 0; i < a->count; i++) {
        requests[i] = a->requests[i];
        requests[i].record = moved_record(a, a->requests[i].record);
    }
    status = ul_rewrite_split(out, bytes, length, requests, a->count, arena);
    *again = false;
    for (uint32_t i = 0; status == UL_OK && i < a->count; i++) {
        if (!out->outcomes[i].refusal || !a->requests[i].aligned_count || a->is_left[i])
            continue;
        a->is_left[i] = *again = true;
    }
    if (status != UL_OK || *again)
        return status;
    ul_edit *last, *both;
    uint32_t last_count, both_count;
    if (!replace_words(a, out, &last, &last_count)) {
        for (uint32_t i = 0; i < a->count; i++) {
            a->is_left[i] |= a->requests[i].aligned_count > 0;
            *again |= a->requests[i].aligned_count > 0;
        }
        return UL_OK;
    }
    status = ul_edits_compose(&both, &both_count, bytes, a->edits, a->edit_count, out->edits, out->edit_count, arena);
    if (status == UL_OK)
        status = ul_edits_compose(&out->edits, &out->edit_count, out->text, both, both_count, last, last_count, arena);
    if (status == UL_OK)
        out->text = apply(a->text->bytes, a->text->length, out->edits, out->edit_count, &out->length, arena);
    return status == UL_OK && !out->text ? UL_ERR_NOMEM : status;
}

ul_status ul_rewrite_text(ul_rewrite *out, const char *bytes, uint64_t length, const ul_rewrite_request *requests,
                          uint32_t count, ul_arena *arena)
{
    bool aligns = false;
    for (uint32_t i = 0; i < count; i++)
        aligns |= requests[i].aligned_count > 0 && requests[i].record->groups;
    if (!aligns || length > INT32_MAX / 2)
        return ul_rewrite_split(out, bytes, length, requests, count, arena);
    ul_tokens tokens;
    ul_tokens_read(&tokens, bytes, length, arena);
    ul_source_text text = {bytes, (uint32_t)length, &tokens, arena};
    aligning a = {.text = &text, .requests = requests, .count = count, .is_left = UL_NEW_ARRAY(arena, bool, count + 1u)};
    for (bool again = true; again;) {
        ul_status status = run_round(out, &a, &again);
        if (status != UL_OK)
            return status;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (a.is_left[i] && !out->outcomes[i].refusal)
            out->outcomes[i] = (ul_rewrite_outcome){.refusal = UL_REWRITE_INTERNAL_CHECK, .detail = ""};
    }
    return UL_OK;
}

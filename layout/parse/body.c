/*
 * What the text of a record tells: where its braces are and how its body falls into declarations.
 *
 *  1. The record's own `{` is the first in its extent, the matching `}` ends the extent; else a macro made
 * them.
 *  2. Cut the body at each `;` outside nested brackets.
 *  3. A directive or a declaration without fields (an assertion, a skipped branch) is a wall: it starts a
 * segment.
 *  4. A declaration that defines a tag or enumerators which later ones use is a segment of its own, as is a last one without `;`.
 *  5. Each direct field must lie in exactly one declaration, in order; else nothing is said about groups.
 */
#include <stdlib.h>
#include <string.h>

#include "layout/parse/reader.h"

typedef struct body {
    ul_reader *reader;
    ul_found *found;
    const char *bytes;
    const ul_token *items;
    uint32_t open, close; /* indexes of the braces in items */
    uint32_t capacity;
    uint32_t segment;
} body;

static bool is_open(const ul_token *token)
{
    return token->kind == UL_TOKEN_PUNCT &&
           (token->punct == '{' || token->punct == '(' || token->punct == '[');
}

static bool is_close(const ul_token *token)
{
    return token->kind == UL_TOKEN_PUNCT &&
           (token->punct == '}' || token->punct == ')' || token->punct == ']');
}

static bool find_braces(body *b)
{
    const ul_tokens *tokens = &b->found->file->tokens;
    uint32_t at = ul_tokens_at(tokens, b->found->record.span.begin);
    while (at < tokens->count && tokens->items[at].begin < b->found->record.span.end &&
           !ul_token_is_punct(&tokens->items[at], '{'))
        at++;
    b->open = at;
    uint32_t depth = 0;
    for (; at < tokens->count && tokens->items[at].begin < b->found->record.span.end; at++) {
        if (ul_token_is_punct(&tokens->items[at], '{'))
            depth++;
        if (ul_token_is_punct(&tokens->items[at], '}') && --depth == 0) {
            b->close = at;
            return tokens->items[at].end == b->found->record.span.end;
        }
    }
    return false;
}

/* Whether items[from..to-1] hold the word that token `word` is. */
static bool mentions(const body *b, uint32_t from, uint32_t to, const ul_token *word)
{
    uint32_t length = word->end - word->begin;
    for (uint32_t i = from; i < to; i++) {
        const ul_token *token = &b->items[i];
        if (token->kind == UL_TOKEN_WORD && token->end - token->begin == length &&
            memcmp(b->bytes + token->begin, b->bytes + word->begin, length) == 0)
            return true;
    }
    return false;
}

/*
 * The tag that the keyword at `at` defines: the last word before the brace, attributes in parentheses passed over. NULL
 * where no definition follows before items[to].
 */
static const ul_token *defined_tag(const body *b, uint32_t at, uint32_t to)
{
    const ul_token *tag = NULL;
    uint32_t depth = 0;
    for (uint32_t i = at + 1; i < to; i++) {
        const ul_token *token = &b->items[i];
        if (depth == 0 && ul_token_is_punct(token, '{'))
            return tag;
        if (depth == 0 && ul_token_is_punct(token, ';'))
            return NULL;
        if (is_open(token))
            depth++;
        else if (is_close(token))
            depth -= depth > 0;
        else if (depth == 0 && token->kind == UL_TOKEN_WORD)
            tag = token;
    }
    return NULL;
}

/* Whether the declaration items[from..to-1] defines a tag or an enumerator that the rest of the body uses. */
static bool defines_for_later(const body *b, uint32_t from, uint32_t to)
{
    bool in_enum = false;
    for (uint32_t i = from; i < to; i++) {
        const ul_token *token = &b->items[i];
        bool is_enum = ul_token_is_word(token, b->bytes, "enum");
        if (is_enum || ul_token_is_word(token, b->bytes, "struct") ||
            ul_token_is_word(token, b->bytes, "union")) {
            const ul_token *tag = defined_tag(b, i, to);
            if (tag && mentions(b, to, b->close, tag))
                return true;
            in_enum |= is_enum;
        } else if (in_enum && token->kind == UL_TOKEN_WORD && mentions(b, to, b->close, token)) {
            return true;
        }
        if (ul_token_is_punct(token, '}'))
            in_enum = false;
    }
    return false;
}

/* Whether items[from..to], `;` at `to`, is `count` declarators behind plain specifiers: it can be written as so many declarations. */
static bool is_separable(const body *b, uint32_t from, uint32_t to, uint32_t count)
{
    uint32_t commas = 0, depth = 0;
    for (uint32_t i = from; i < to; i++) {
        const ul_token *token = &b->items[i];
        if (token->kind == UL_TOKEN_DIRECTIVE || ul_token_is_punct(token, '{'))
            return false;
        if (is_open(token))
            depth++;
        else if (is_close(token))
            depth -= depth > 0;
        commas += depth == 0 && ul_token_is_punct(token, ',');
    }
    return count > 1 && commas + 1 == count && ul_token_is_punct(&b->items[to], ';');
}

/* Marks the fields of the record's last group, when all of them are plain: no macro made them, and their type has a name. */
static void mark_separable(body *b)
{
    ul_record *record = &b->found->record;
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = record->groups[record->group_count - 1].first_field; i < record->field_count; i++) {
            ul_field *field = &record->fields[i];
            if (field->parent != UL_NO_PARENT || field->group != record->group_count - 1)
                continue;
            if (pass == 0 && (field->flags & UL_FIELD_MACRO_MADE || strchr(field->type, '<')))
                return;
            field->flags |= pass ? UL_FIELD_SEPARABLE : 0;
        }
    }
}

/* Adds the declaration items[from..to], `;` at `to`, with the direct fields from *next on that lie in it. */
static void add_group(body *b, uint32_t from, uint32_t to, uint32_t *next)
{
    ul_record *record = &b->found->record;
    ul_span span = {b->items[from].begin, b->items[to].end};
    uint32_t first = *next, count = 0;
    while (*next < record->field_count) {
        ul_field *field = &record->fields[*next];
        if (field->parent == UL_NO_PARENT) {
            uint32_t offset = ul_clang_cursor_place(b->found->cursors[*next]).offset;
            if (offset < span.begin || offset >= span.end)
                break;
            field->group = record->group_count;
            count++;
        }
        (*next)++;
    }
    if (count == 0) {
        b->segment++; /* an assertion, a skipped branch, a type alone */
        return;
    }
    bool is_alone = defines_for_later(b, from, to);
    if (is_alone)
        b->segment++;
    UL_RESERVE(b->reader->arena, record->groups, record->group_count, b->capacity);
    record->groups[record->group_count++] = (ul_group){first, count, b->segment, span};
    if (is_separable(b, from, to, count))
        mark_separable(b);
    if (is_alone)
        b->segment++;
}

static void refuse_body(body *b, ul_refusal_reason reason, const char *detail)
{
    ul_record *record = &b->found->record;
    ul_record_refuse(record, b->reader->arena, reason, detail);
    record->groups = NULL;
    record->group_count = 0;
    for (uint32_t i = 0; i < record->field_count; i++)
        record->fields[i].group = UL_NO_GROUP;
}

static void cut_groups(body *b)
{
    ul_record *record = &b->found->record;
    uint32_t depth = 0, next = 0, from = UINT32_MAX, last = b->open;
    for (uint32_t i = b->open + 1; i < b->close; i++) {
        const ul_token *token = &b->items[i];
        if (token->kind == UL_TOKEN_COMMENT)
            continue;
        last = token->kind == UL_TOKEN_DIRECTIVE ? last : i;
        if (token->kind == UL_TOKEN_DIRECTIVE) {
            if (from == UINT32_MAX)
                b->segment++;
            continue;
        }
        if (is_close(token) && depth > 0)
            depth--;
        if (depth == 0 && ul_token_is_punct(token, ';')) {
            if (from != UINT32_MAX)
                add_group(b, from, i, &next);
            from = UINT32_MAX;
            continue;
        }
        if (is_open(token))
            depth++;
        if (from == UINT32_MAX)
            from = i;
    }
    if (from != UINT32_MAX) {
        b->segment++; /* its `;` is a macro's, or missing: nothing can be written behind it */
        add_group(b, from, last, &next);
    }
    if (next != record->field_count)
        refuse_body(
            b, UL_REFUSE_UNREADABLE_BODY,
            ul_arena_printf(b->reader->arena, "near `%s`", ul_field_label(record, next, b->reader->arena)));
    else if (!record->groups)
        record->groups =
            UL_NEW_ARRAY(b->reader->arena, ul_group, 1); /* an empty body: known to have no groups */
}

/* Words after the closing brace or in the head that change layouts but leave no trace in libclang 14. */
static void scan_words(body *b)
{
    ul_record *record = &b->found->record;
    const ul_tokens *tokens = &b->found->file->tokens;
    uint32_t head = ul_tokens_at(tokens, record->span.begin);
    uint32_t depth = 0;
    for (uint32_t i = head; i < tokens->count; i++) {
        if (i == b->open)
            i = b->close + 1;
        const ul_token *token = &tokens->items[i];
        if (i > b->close && depth == 0 && ul_token_is_punct(token, ';'))
            break;
        if (is_open(token))
            depth++;
        if (is_close(token) && depth-- == 0)
            break;
        if (token->kind != UL_TOKEN_WORD)
            continue;
        uint32_t length = token->end - token->begin;
        const char *word = b->bytes + token->begin;
        const char *where = ul_arena_printf(b->reader->arena, "line %u", token->line);
        if (memmem(word, length, "randomize_layout", 16) && !memmem(word, length, "no_randomize_layout", 19))
            ul_record_refuse(record, b->reader->arena, UL_REFUSE_RANDOMIZE_LAYOUT, where);
        else if (memmem(word, length, "scalar_storage_order", 20))
            ul_record_refuse(record, b->reader->arena, UL_REFUSE_LAYOUT_ATTRIBUTE,
                             ul_arena_printf(b->reader->arena, "scalar_storage_order, line %u", token->line));
    }
}

static void mark_macro_made(body *b)
{
    for (uint32_t i = 0; i < b->found->record.field_count; i++) {
        ul_field *field = &b->found->record.fields[i];
        uint64_t length = strlen(field->name);
        uint64_t offset = ul_clang_cursor_place(b->found->cursors[i]).offset;
        if (offset + length > b->found->file->length || memcmp(b->bytes + offset, field->name, length) != 0)
            field->flags |= UL_FIELD_MACRO_MADE;
    }
}

/* "cache line", "cacheline", "CACHE_LINE_SIZE"; false sharing, false_sharing. */
static bool speaks_of_lines(const char *text, size_t length)
{
    for (size_t i = 0; i + 9 <= length; i++) {
        if (strncasecmp(text + i, "cache", 5) == 0) {
            size_t at = i + 5 + (text[i + 5] == ' ' || text[i + 5] == '_' || text[i + 5] == '-');
            if (at + 4 <= length && strncasecmp(text + at, "line", 4) == 0)
                return true;
        }
        if (i + 13 <= length && strncasecmp(text + i, "false", 5) == 0 && strncasecmp(text + i + 6, "sharing", 7) == 0)
            return true;
    }
    return false;
}

/* Whether tokens of the declaration, or the comments right before it and behind it, say that its padding is for cache lines: by words, or by 64 or 128. */
static bool is_for_lines(const body *b, const ul_group *group, bool counts_numbers)
{
    const ul_tokens *tokens = &b->found->file->tokens;
    uint32_t at = ul_tokens_at(tokens, group->span.begin);
    uint32_t first = at, line = tokens->items[at].line;
    while (first > b->open + 1 && tokens->items[first - 1].kind == UL_TOKEN_COMMENT && tokens->items[first - 1].line + 8 > line &&
           tokens->items[first - 2].line != tokens->items[first - 1].line)
        first--;
    for (uint32_t i = first; i < b->close; i++) {
        const ul_token *token = &tokens->items[i];
        if (token->begin >= group->span.end && (token->kind != UL_TOKEN_COMMENT || token->line != tokens->items[i - 1].line))
            return false;
        if (counts_numbers && token->kind == UL_TOKEN_NUMBER) {
            unsigned long value = strtoul(ul_arena_strndup(b->reader->arena, b->bytes + token->begin, token->end - token->begin), NULL, 0);
            if (value == 64 || value == 128)
                return true;
        }
        if ((token->kind == UL_TOKEN_WORD || token->kind == UL_TOKEN_COMMENT) &&
            speaks_of_lines(b->bytes + token->begin, token->end - token->begin))
            return true;
    }
    return false;
}

static void mark_line_pads(body *b)
{
    ul_record *record = &b->found->record;
    for (uint32_t i = 0; i < record->field_count; i++) {
        ul_field *field = &record->fields[i];
        if (field->group < record->group_count && ul_field_is_padding(field) && field->flags & (UL_FIELD_ARRAY | UL_FIELD_INTEGER) &&
            is_for_lines(b, &record->groups[field->group], strcasestr(field->name, "pad") != NULL))
            field->flags |= UL_FIELD_LINE_PAD;
    }
}

static bool has_foreign_fields(const body *b)
{
    for (uint32_t i = 0; i < b->found->record.field_count; i++) {
        if (!clang_File_isEqual(ul_clang_cursor_place(b->found->cursors[i]).file, b->found->file->handle))
            return true;
    }
    return false;
}

void ul_reader_body(ul_reader *reader, ul_found *found)
{
    CXSourceRange extent = clang_getCursorExtent(found->cursor);
    ul_clang_place begin = ul_clang_place_of(clang_getRangeStart(extent));
    ul_clang_place end = ul_clang_place_of(clang_getRangeEnd(extent));
    ul_record *record = &found->record;
    record->span = (ul_span){begin.offset, end.offset};
    record->end_line = end.line;
    ul_source_file_load(reader, found->file);
    body b = {
        .reader = reader, .found = found, .bytes = found->file->bytes, .items = found->file->tokens.items};
    if (!begin.file || !end.file || !clang_File_isEqual(begin.file, found->file->handle) ||
        !clang_File_isEqual(end.file, found->file->handle) || !find_braces(&b)) {
        if (record->end_line < record->line)
            record->end_line = record->line;
        refuse_body(&b, UL_REFUSE_MACRO_BODY, "");
        return;
    }
    record->body = (ul_span){b.items[b.open].end, b.items[b.close].begin};
    scan_words(&b);
    if (has_foreign_fields(&b)) {
        refuse_body(&b, UL_REFUSE_INCLUDE_IN_BODY, "");
        return;
    }
    mark_macro_made(&b);
    cut_groups(&b);
    mark_line_pads(&b);
}

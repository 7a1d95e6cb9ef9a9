/*
 *  1. Check each request against the text: braces, declarations on token bounds, an order within walls.
 *  2. Arrange each segment that changes (arrange.h), by itself.
 *  3. Check the new body: its code is the old declarations in the order asked for, and the walls where they were.
 *  4. Make edits of all of them together; the whole file must have the same tokens as before, comments included.
 */
#include "layout/rewrite/rewrite.h"

#include <stdlib.h>
#include <string.h>

#include "layout/rewrite/arrange.h"
#include "layout/rewrite/comments.h"
#include "layout/rewrite/lines.h"
#include "layout/rewrite/split.h"

static const struct {
    const char *name, *text;
} refusals[UL_REWRITE_REFUSAL_COUNT] = {
    [UL_REWRITE_DONE] = {"", ""},
#define UL_REWRITE_REFUSAL(id, name, text) [UL_REWRITE_##id] = {name, text},
#include "layout/rewrite/refusals.def"
#undef UL_REWRITE_REFUSAL
};

const char *ul_rewrite_refusal_name(ul_rewrite_refusal refusal)
{
    return refusals[refusal].name;
}

const char *ul_rewrite_refusal_text(ul_rewrite_refusal refusal)
{
    return refusals[refusal].text;
}

/* One request on its way. */
typedef struct job {
    const ul_source_text *text;
    const ul_record *record;
    uint32_t *order; /* of groups */
    ul_span *spans;  /* of groups, stray semicolons included */
    ul_arranged arranged;
    ul_rewrite_refusal refusal;
    const char *detail;
} job;

/* --- Step 1. --- */

static bool is_at_token(const ul_source_text *text, uint32_t offset)
{
    uint32_t at = ul_tokens_at(text->tokens, offset);
    return at < text->tokens->count && text->tokens->items[at].begin == offset;
}

static bool is_after_token(const ul_source_text *text, uint32_t offset)
{
    uint32_t at = ul_tokens_at(text->tokens, offset);
    return at > 0 && text->tokens->items[at - 1].end == offset;
}

static bool is_brace(const ul_source_text *text, uint32_t token, char brace)
{
    const ul_token *items = text->tokens->items;
    return token < text->tokens->count && items[token].kind == UL_TOKEN_PUNCT && items[token].punct == brace;
}

/* Whether the record's spans fit the text's tokens. */
static bool is_current(const ul_source_text *text, const ul_record *record)
{
    uint32_t at = record->body.begin;
    if (at == 0 || record->body.end > text->length || at > record->body.end)
        return false;
    uint32_t open = ul_tokens_at(text->tokens, at), close = ul_tokens_at(text->tokens, record->body.end);
    if (open == 0 || !is_after_token(text, at) || !is_brace(text, open - 1, '{') || !is_brace(text, close, '}') ||
        !is_at_token(text, record->body.end))
        return false;
    for (uint32_t i = 0; i < record->group_count; i++) {
        ul_span span = record->groups[i].span;
        if (span.begin < at || span.end <= span.begin || span.end > record->body.end ||
            !is_at_token(text, span.begin) || !is_after_token(text, span.end) ||
            (i > 0 && record->groups[i].segment < record->groups[i - 1].segment))
            return false;
        at = span.end;
    }
    return true;
}

static uint32_t next_direct(const ul_record *record, uint32_t from)
{
    while (from < record->field_count && record->fields[from].parent != UL_NO_PARENT)
        from++;
    return from;
}

/* The order of groups that the order of fields makes: each declaration whole, none across a wall. */
static bool read_order(job *j, const ul_rewrite_request *request)
{
    const ul_record *record = j->record;
    uint32_t at = 0, *first = UL_NEW_ARRAY(j->text->arena, uint32_t, record->group_count + 1u);
    memset(first, 0xff, sizeof *first * record->group_count);
    for (uint32_t i = next_direct(record, 0); i < record->field_count; i = next_direct(record, i + 1)) {
        if (record->fields[i].group >= record->group_count)
            return false;
        if (first[record->fields[i].group] == UINT32_MAX)
            first[record->fields[i].group] = i;
    }
    for (uint32_t slot = 0; slot < record->group_count; slot++) {
        if (at >= request->order_count || request->order[at] >= record->field_count)
            return false;
        uint32_t group = record->fields[request->order[at]].group;
        if (group >= record->group_count || record->groups[group].segment != record->groups[slot].segment ||
            first[group] == UINT32_MAX)
            return false;
        j->order[slot] = group;
        for (uint32_t i = first[group]; i < record->field_count && record->fields[i].group == group;
             i = next_direct(record, i + 1)) {
            if (at >= request->order_count || request->order[at++] != i)
                return false;
        }
        first[group] = UINT32_MAX;
    }
    return at == request->order_count;
}

/* Whether the directives in the span are whole conditionals. */
static bool has_clean_directives(const ul_source_text *text, ul_span span)
{
    uint32_t depth = 0;
    const ul_token *items = text->tokens->items;
    for (uint32_t i = ul_tokens_at(text->tokens, span.begin); i < text->tokens->count && items[i].begin < span.end; i++) {
        if (items[i].kind != UL_TOKEN_DIRECTIVE)
            continue;
        uint32_t at = items[i].begin + (text->bytes[items[i].begin] == '%' ? 2 : 1);
        at = ul_line_skip_blanks(text->bytes, at, items[i].end);
        const char *word = text->bytes + at;
        size_t length = 0;
        while (at + length < items[i].end && word[length] >= 'a' && word[length] <= 'z')
            length++;
        bool is_if = length >= 2 && memcmp(word, "if", 2) == 0; /* if, ifdef, ifndef */
        bool is_else = length >= 3 && memcmp(word, "el", 2) == 0;
        bool is_end = length == 5 && memcmp(word, "endif", 5) == 0;
        if (!(is_if || is_else || is_end) || (!is_if && depth == 0))
            return false;
        depth += is_if;
        depth -= is_end;
    }
    return depth == 0;
}

static const char *line_of(const job *j, uint32_t offset)
{
    const ul_token *token = &j->text->tokens->items[ul_tokens_at(j->text->tokens, offset)];
    return ul_arena_printf(j->text->arena, "line %u", token->line);
}

static void refuse(job *j, ul_rewrite_refusal refusal, const char *detail)
{
    j->refusal = refusal;
    j->detail = detail;
    j->arranged = (ul_arranged){0};
}

/* --- Step 2. --- */

static void arrange_segment(job *j, uint32_t first, uint32_t count)
{
    uint32_t *order = UL_NEW_ARRAY(j->text->arena, uint32_t, count);
    bool is_same = true;
    for (uint32_t i = 0; i < count; i++) {
        order[i] = j->order[first + i] - first;
        is_same &= order[i] == i;
    }
    if (is_same)
        return;
    const char *where = line_of(j, j->record->groups[first].span.begin);
    for (uint32_t i = 0; i < count; i++) {
        const ul_token *token = &j->text->tokens->items[ul_tokens_at(j->text->tokens, j->record->groups[first + i].span.begin)];
        if (token->kind == UL_TOKEN_PUNCT && token->punct == '#') {
            refuse(j, UL_REWRITE_STRAY_TOKEN, where); /* no C, and a directive as soon as it begins a line */
            return;
        }
        if (!has_clean_directives(j->text, j->record->groups[first + i].span)) {
            refuse(j, UL_REWRITE_DIRECTIVE_INSIDE, line_of(j, j->record->groups[first + i].span.begin));
            return;
        }
    }
    ul_chunks chunks;
    if (!ul_chunks_cut(&chunks, j->text, j->record, first, count)) {
        refuse(j, UL_REWRITE_STRAY_TOKEN, where);
        return;
    }
    memcpy(j->spans + first, chunks.spans, count * sizeof *chunks.spans);
    ul_rewrite_refusal refusal = ul_arrange(&j->arranged, &chunks, order);
    if (refusal)
        refuse(j, refusal, where);
}

/* A comment about the layout that changes may be true no longer: "4 bytes hole here". */
static void note_layout_comment(job *j)
{
    static const char *const words[] = {"hole", "holes", "padding", "cacheline", "cache line"};
    const ul_token *items = j->text->tokens->items;
    ul_span body = j->record->body;
    for (uint32_t i = ul_tokens_at(j->text->tokens, body.begin); i < j->text->tokens->count && items[i].begin < body.end; i++) {
        for (uint32_t w = 0; items[i].kind == UL_TOKEN_COMMENT && w < sizeof words / sizeof *words; w++) {
            if (!ul_comment_mentions(j->text->bytes, (ul_span){items[i].begin, items[i].end}, words[w]))
                continue;
            ul_arranged_note(&j->arranged, ul_arena_printf(j->text->arena, "line %u: a comment speaks of `%s`: see whether it is still true",
                                                           items[i].line, words[w]),
                             j->text->arena);
            return;
        }
    }
}

static void arrange(job *j, const ul_rewrite_request *request)
{
    const ul_record *record = j->record;
    ul_arena *arena = j->text->arena;
    if (!record->groups) {
        refuse(j, UL_REWRITE_MACRO_BODY, "");
        return;
    }
    if (!is_current(j->text, record)) {
        refuse(j, UL_REWRITE_STALE_TEXT, "");
        return;
    }
    j->order = UL_NEW_ARRAY(arena, uint32_t, record->group_count);
    j->spans = UL_NEW_ARRAY(arena, ul_span, record->group_count);
    for (uint32_t i = 0; i < record->group_count; i++)
        j->spans[i] = record->groups[i].span;
    if (!read_order(j, request)) {
        refuse(j, UL_REWRITE_BAD_ORDER, "");
        return;
    }
    if (ul_line_has_lone_cr(j->text->bytes, record->body.begin, record->body.end)) {
        refuse(j, UL_REWRITE_LONE_CR, "");
        return;
    }
    for (uint32_t first = 0, end; first < record->group_count && !j->refusal; first = end) {
        end = first + 1;
        while (end < record->group_count && record->groups[end].segment == record->groups[first].segment)
            end++;
        arrange_segment(j, first, end - first);
    }
    if (!j->refusal && j->arranged.recuts.count)
        note_layout_comment(j);
}

/* --- Step 3. --- */

typedef struct code_reader {
    const char *bytes;
    const ul_tokens *tokens;
    uint32_t at;
} code_reader;

static bool same_token(const char *a_bytes, const ul_token *a, const char *b_bytes, const ul_token *b)
{
    return a->kind == b->kind && a->end - a->begin == b->end - b->begin &&
           memcmp(a_bytes + a->begin, b_bytes + b->begin, a->end - a->begin) == 0;
}

/* Whether the code of the old text's span comes next in the new one. */
static bool follows(code_reader *reader, const ul_source_text *text, ul_span span)
{
    for (uint32_t i = ul_tokens_at(text->tokens, span.begin);
         i < text->tokens->count && text->tokens->items[i].begin < span.end; i++) {
        const ul_token *token = &text->tokens->items[i];
        if (token->kind == UL_TOKEN_COMMENT)
            continue;
        while (reader->at < reader->tokens->count && reader->tokens->items[reader->at].kind == UL_TOKEN_COMMENT)
            reader->at++;
        if (reader->at == reader->tokens->count ||
            !same_token(text->bytes, token, reader->bytes, &reader->tokens->items[reader->at]))
            return false;
        reader->at++;
    }
    return true;
}

/* Whether the body with this job's recuts alone has the declarations in the order asked for, walls in place. */
static bool has_right_code(job *j, const ul_recuts *recuts)
{
    const ul_record *record = j->record;
    uint32_t at = j->text->tokens->items[ul_tokens_at(j->text->tokens, record->body.begin) - 1].begin; /* the brace */
    ul_strbuf body;
    ul_strbuf_init(&body);
    ul_recuts_render(&body, j->text->bytes, (ul_span){at, record->body.end}, recuts);
    ul_tokens tokens;
    ul_tokens_read(&tokens, body.data ? body.data : "", body.length, j->text->arena);
    code_reader reader = {.bytes = body.data, .tokens = &tokens};
    bool is_right = !body.has_failed;
    for (uint32_t i = 0; is_right && i < record->group_count; i++) {
        is_right = follows(&reader, j->text, (ul_span){at, j->spans[i].begin}) &&
                   follows(&reader, j->text, j->spans[j->order[i]]);
        at = j->spans[i].end;
    }
    is_right = is_right && follows(&reader, j->text, (ul_span){at, record->body.end});
    while (reader.at < tokens.count && tokens.items[reader.at].kind == UL_TOKEN_COMMENT)
        reader.at++;
    is_right &= reader.at == tokens.count;
    ul_strbuf_free(&body);
    return is_right;
}

static bool overlaps(const job *jobs, uint32_t index)
{
    ul_span b = jobs[index].record->body;
    for (uint32_t i = 0; i < index; i++) {
        ul_span a = jobs[i].record->body;
        bool is_apart = a.end < b.begin || b.end < a.begin;
        bool is_nested = (a.begin < b.begin && b.end < a.end) || (b.begin < a.begin && a.end < b.end);
        if (!jobs[i].refusal && !is_apart && !is_nested)
            return true;
    }
    return false;
}

/* --- Step 4. --- */

typedef struct token_view {
    const char *bytes;
    const ul_token *token;
} token_view;

static int compare_views(const void *left, const void *right)
{
    const token_view *a = left, *b = right;
    uint32_t a_length = a->token->end - a->token->begin, b_length = b->token->end - b->token->begin;
    if (a->token->kind != b->token->kind)
        return a->token->kind < b->token->kind ? -1 : 1;
    if (a_length != b_length)
        return a_length < b_length ? -1 : 1;
    return memcmp(a->bytes + a->token->begin, b->bytes + b->token->begin, a_length);
}

static token_view *sorted_views(const char *bytes, const ul_tokens *tokens, ul_arena *arena)
{
    token_view *views = UL_NEW_ARRAY(arena, token_view, tokens->count);
    for (uint32_t i = 0; i < tokens->count; i++)
        views[i] = (token_view){bytes, &tokens->items[i]};
    if (tokens->count > 1)
        qsort(views, tokens->count, sizeof *views, compare_views);
    return views;
}

static bool has_same_tokens(const ul_source_text *old, const char *bytes, uint64_t length)
{
    ul_tokens tokens;
    ul_tokens_read(&tokens, bytes, length, old->arena);
    if (tokens.count != old->tokens->count)
        return false;
    const token_view *before = sorted_views(old->bytes, old->tokens, old->arena);
    const token_view *after = sorted_views(bytes, &tokens, old->arena);
    for (uint32_t i = 0; i < tokens.count; i++) {
        if (compare_views(&before[i], &after[i]) != 0)
            return false;
    }
    return true;
}

static void add_recuts(ul_recuts *all, const job *j, ul_arena *arena)
{
    for (uint32_t i = 0; !j->refusal && i < j->arranged.recuts.count; i++) {
        UL_RESERVE(arena, all->items, all->count, all->capacity);
        all->items[all->count++] = j->arranged.recuts.items[i];
    }
}

/* Edits and text out of jobs[0..count-1]; *is_right tells whether the tokens are the same. */
static ul_status write_text(ul_rewrite *out, const ul_source_text *text, const job *jobs, uint32_t count, bool *is_right)
{
    ul_recuts all = {0};
    for (uint32_t i = 0; i < count; i++)
        add_recuts(&all, &jobs[i], text->arena);
    ul_recuts_sort(&all);
    ul_status status = ul_recuts_edits(&out->edits, &out->edit_count, text->bytes, &all, text->arena);
    if (status != UL_OK)
        return status;
    ul_strbuf buffer;
    ul_strbuf_init(&buffer);
    ul_edits_apply(&buffer, text->bytes, text->length, out->edits, out->edit_count);
    if (!buffer.has_failed)
        out->text = ul_arena_strndup(text->arena, buffer.data ? buffer.data : "", buffer.length);
    status = buffer.has_failed || !out->text ? UL_ERR_NOMEM : UL_OK;
    out->length = buffer.length;
    ul_strbuf_free(&buffer);
    *is_right = status == UL_OK && (all.count == 0 || has_same_tokens(text, out->text, out->length));
    return status;
}

/* Refuses each job that alone gives a text with other tokens; all, when none does. */
static ul_status refuse_wrong(const ul_source_text *text, job *jobs, uint32_t count)
{
    bool has_found = false;
    for (uint32_t i = 0; i < count; i++) {
        ul_rewrite alone = {0};
        bool is_right;
        ul_status status = write_text(&alone, text, &jobs[i], 1, &is_right);
        if (status != UL_OK)
            return status;
        if (!is_right) {
            refuse(&jobs[i], UL_REWRITE_INTERNAL_CHECK, "");
            has_found = true;
        }
    }
    for (uint32_t i = 0; !has_found && i < count; i++) {
        if (!jobs[i].refusal)
            refuse(&jobs[i], UL_REWRITE_INTERNAL_CHECK, "");
    }
    return UL_OK;
}

ul_status ul_rewrite_in_order(ul_rewrite *out, const char *bytes, uint64_t length, const ul_rewrite_request *requests, uint32_t count,
                              ul_arena *arena)
{
    *out = (ul_rewrite){0};
    if (length > INT32_MAX)
        return UL_ERR_LIMIT;
    ul_tokens tokens;
    ul_tokens_read(&tokens, bytes, length, arena);
    ul_source_text text = {bytes, (uint32_t)length, &tokens, arena};
    job *jobs = UL_NEW_ARRAY(arena, job, count + 1u);
    for (uint32_t i = 0; i < count; i++) {
        job *j = &jobs[i];
        *j = (job){.text = &text, .record = requests[i].record, .detail = ""};
        if (j->record->groups && overlaps(jobs, i))
            refuse(j, UL_REWRITE_OVERLAP, "");
        else
            arrange(j, &requests[i]);
        ul_recuts_sort(&j->arranged.recuts);
        if (!j->refusal && j->arranged.recuts.count && !has_right_code(j, &j->arranged.recuts))
            refuse(j, UL_REWRITE_INTERNAL_CHECK, "");
    }
    bool is_right = false;
    for (uint32_t round = 0; !is_right && round < 3; round++) {
        ul_status status = write_text(out, &text, jobs, count, &is_right);
        if (status == UL_OK && !is_right)
            status = refuse_wrong(&text, jobs, count);
        if (status != UL_OK)
            return status;
    }
    out->outcomes = UL_NEW_ARRAY(arena, ul_rewrite_outcome, count + 1u);
    for (uint32_t i = 0; i < count; i++)
        out->outcomes[i] = (ul_rewrite_outcome){jobs[i].refusal, jobs[i].detail, jobs[i].arranged.notes,
                                                jobs[i].arranged.note_count};
    return UL_OK;
}

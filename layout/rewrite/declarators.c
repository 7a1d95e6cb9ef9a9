/*
 *  1. Cut the declaration at its commas outside brackets: one part a field.
 *  2. In the first part, go back from the field's name over stars, qualifiers and brackets: what is left in front are
 *     the specifiers, which hold for all (C11 6.7p1; attributes in front too, see GCC's "Attribute Syntax").
 *  3. See whose the comments between the parts are.
 *  4. Write each part with the specifiers in front, on lines of their own where the declaration has its lines for itself.
 *  5. Read what was written: the code of each must be the specifiers, the declarator and a semicolon. What is no C, such as a
 *     quote without its pair, may read otherwise.
 */
#include "layout/rewrite/declarators.h"

#include <string.h>

#include "layout/rewrite/lines.h"

/* What stands between a comma and the next declarator. */
typedef struct joint {
    uint32_t comma;       /* token */
    bool has_newline;
    bool has_inline;      /* comments on the line of both sides */
    bool has_trailing;    /* comments on the line of the comma, with a newline behind them */
} joint;

typedef struct splitter {
    const ul_source_text *text;
    const ul_record *record;
    const ul_token *items;
    uint32_t first, end;       /* tokens of the declaration; `;` is end - 1 */
    uint32_t *parts;           /* first token of each declarator, comments passed over */
    uint32_t *fields;
    joint *joints;             /* count - 1 */
    uint32_t count;
    bool has_own_lines;        /* nothing else stands on its lines */
    bool is_before;            /* inline comments are about what follows them */
} splitter;

static bool is_any(const splitter *s, uint32_t token, const char *const *words, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (ul_token_is_word(&s->items[token], s->text->bytes, words[i]))
            return true;
    }
    return false;
}

static int depth_of(const ul_token *token)
{
    if (token->kind != UL_TOKEN_PUNCT || !token->punct)
        return 0;
    return strchr("{([", token->punct) ? 1 : strchr("})]", token->punct) ? -1 : 0;
}

/* --- Step 1. --- */

static ul_rewrite_refusal find_fields(splitter *s, uint32_t group)
{
    for (uint32_t i = 0; i < s->record->field_count; i++) {
        const ul_field *field = &s->record->fields[i];
        if (field->parent != UL_NO_PARENT || field->group != group)
            continue;
        if (field->flags & UL_FIELD_MACRO_MADE)
            return UL_REWRITE_SPLIT_MACRO;
        s->fields[s->count++] = i;
    }
    return UL_REWRITE_DONE;
}

static uint32_t skip_comments(const splitter *s, uint32_t at)
{
    while (at < s->end && s->items[at].kind == UL_TOKEN_COMMENT)
        at++;
    return at;
}

static ul_rewrite_refusal cut_parts(splitter *s)
{
    uint32_t parts = 1;
    int depth = 0;
    s->parts[0] = s->first;
    for (uint32_t i = s->first; i < s->end - 1; i++) {
        const ul_token *token = &s->items[i];
        if (token->kind == UL_TOKEN_DIRECTIVE)
            return UL_REWRITE_DIRECTIVE_INSIDE;
        if (ul_token_is_punct(token, '{'))
            return UL_REWRITE_SPLIT_DEFINITION;
        depth += depth_of(token);
        if (depth < 0 || (depth == 0 && ul_token_is_punct(token, ';')))
            return UL_REWRITE_SPLIT_MACRO;
        if (depth > 0 || !ul_token_is_punct(token, ','))
            continue;
        if (parts == s->count)
            return UL_REWRITE_SPLIT_MACRO;
        s->joints[parts - 1].comma = i;
        s->parts[parts++] = skip_comments(s, i + 1);
    }
    return parts == s->count && depth == 0 && ul_token_is_punct(&s->items[s->end - 1], ';') ? UL_REWRITE_DONE : UL_REWRITE_SPLIT_MACRO;
}

static uint32_t part_end(const splitter *s, uint32_t part)
{
    return part + 1 < s->count ? s->joints[part].comma : s->end - 1;
}

/* --- Step 2. --- */

static bool is_name_at(const splitter *s, uint32_t token, const char *name)
{
    static const char *const keywords[] = {"struct", "union", "enum"};
    return ul_token_is_word(&s->items[token], s->text->bytes, name) &&
           !(token > s->first && is_any(s, token - 1, keywords, 3));
}

/* The first token of the declarator whose name is token `name`. */
static uint32_t declarator_start(const splitter *s, uint32_t name)
{
    static const char *const qualifiers[] = {"const",     "volatile",     "restrict", "_Atomic", "__const", "__const__", "__volatile__",
                                             "__volatile", "__restrict__", "__restrict"};
    enum { QUALIFIERS = sizeof qualifiers / sizeof *qualifiers };
    uint32_t at = name;
    while (at > s->first && (ul_token_is_punct(&s->items[at - 1], '*') || ul_token_is_punct(&s->items[at - 1], '(') ||
                             is_any(s, at - 1, qualifiers, QUALIFIERS)))
        at--;
    while (at < name && s->items[at].kind == UL_TOKEN_WORD)
        at++; /* qualifiers of the type, not of a pointer */
    return at;
}

/* Whether tokens [first, end) can be specifiers: balanced, no star outside brackets, no comment. */
static bool are_specifiers(const splitter *s, uint32_t end)
{
    int depth = 0;
    for (uint32_t i = s->first; i < end; i++) {
        if (s->items[i].kind == UL_TOKEN_COMMENT || (depth == 0 && ul_token_is_punct(&s->items[i], '*')))
            return false;
        depth += depth_of(&s->items[i]);
        if (depth < 0)
            return false;
    }
    return end > s->first && depth == 0;
}

/* An unnamed bit-field's declarator is its width. */
static uint32_t unnamed_start(const splitter *s, uint32_t from, uint32_t end)
{
    int depth = 0;
    for (uint32_t i = from; i < end; i++) {
        depth += depth_of(&s->items[i]);
        if (depth == 0 && ul_token_is_punct(&s->items[i], ':'))
            return i;
    }
    return UINT32_MAX;
}

/* The declarator of a part: the field's name outside brackets, or else the first in a declarator's own: `(*name)(int)`. */
static uint32_t named_start(const splitter *s, uint32_t part, const char *name)
{
    uint32_t end = part_end(s, part);
    for (int wants_brackets = 0; wants_brackets < 2; wants_brackets++) {
        int depth = 0;
        for (uint32_t i = s->parts[part]; i < end; i++) {
            depth += depth_of(&s->items[i]);
            if ((depth > 0) != wants_brackets || !is_name_at(s, i, name))
                continue;
            uint32_t start = declarator_start(s, i), next = skip_comments(s, i + 1);
            bool is_closed = depth == 0 || ul_token_is_punct(&s->items[next], ')') || depth_of(&s->items[next]) > 0;
            if (is_closed && (part > 0 || are_specifiers(s, start)))
                return start;
        }
    }
    return UINT32_MAX;
}

static bool find_declarators(splitter *s)
{
    for (uint32_t part = 0; part < s->count; part++) {
        const char *name = s->record->fields[s->fields[part]].name;
        uint32_t found = name[0] ? named_start(s, part, name) : unnamed_start(s, s->parts[part], part_end(s, part));
        if (found == UINT32_MAX || (part == 0 && !are_specifiers(s, found)))
            return false;
        if (part == 0)
            s->parts[0] = found;
    }
    return !memchr(s->text->bytes + s->items[s->first].begin, '\n', s->items[s->parts[0]].begin - s->items[s->first].begin);
}

/* --- Step 3. --- */

static bool has_newline(const splitter *s, uint32_t from, uint32_t to)
{
    return memchr(s->text->bytes + from, '\n', to - from) != NULL;
}

static bool are_joints_clear(splitter *s)
{
    uint32_t with_inline = 0, with_trailing = 0, on_line = 1;
    const char *bytes = s->text->bytes;
    uint32_t begin = s->items[s->first].begin, end = s->items[s->end - 1].end;
    bool leads = s->first > 0 && s->items[s->first - 1].kind == UL_TOKEN_COMMENT && !has_newline(s, s->items[s->first - 1].end, begin);
    bool trails = s->items[s->end].kind == UL_TOKEN_COMMENT && !has_newline(s, end, s->items[s->end].begin);
    for (uint32_t i = 0; i + 1 < s->count; i++) {
        joint *j = &s->joints[i];
        uint32_t next = s->items[s->parts[i + 1]].begin, comment = j->comma + 1;
        j->has_newline = has_newline(s, s->items[j->comma].end, next);
        bool has_comment = comment < s->parts[i + 1];
        j->has_inline = has_comment && !j->has_newline;
        j->has_trailing = has_comment && j->has_newline && !has_newline(s, s->items[j->comma].end, s->items[comment].begin);
        if (j->has_trailing && on_line > 1)
            return false;
        on_line = j->has_newline ? 1 : on_line + 1;
        with_inline += j->has_inline;
        with_trailing += j->has_trailing;
    }
    uint32_t line = ul_line_begin(bytes, begin);
    s->has_own_lines = ul_line_skip_blanks(bytes, line, begin) == begin;
    if (with_inline) {
        s->is_before = leads;
        return with_inline == s->count - 1 && leads != trails;
    }
    if (leads || (trails && (on_line > 1 || !with_trailing)))
        return false;
    return true;
}

/* Whether what follows the declaration on its last line is nothing or comments. */
static bool is_last_on_line(const splitter *s)
{
    uint32_t at = s->end;
    while (s->items[at].kind == UL_TOKEN_COMMENT && !has_newline(s, s->items[at - 1].end, s->items[at].begin))
        at++;
    return s->items[at].kind == UL_TOKEN_END || has_newline(s, s->items[at - 1].end, s->items[at].begin);
}

/* --- Step 4. --- */

static void add_bytes(const splitter *s, ul_strbuf *out, uint32_t from, uint32_t to)
{
    ul_strbuf_add(out, s->text->bytes + from, to - from);
}

/* A new line with the declaration's indentation. */
static void add_line(const splitter *s, ul_strbuf *out)
{
    const char *bytes = s->text->bytes;
    uint32_t begin = s->items[s->first].begin, line = ul_line_begin(bytes, begin);
    uint32_t end = ul_line_end(bytes, s->text->length, begin);
    ul_strbuf_puts(out, end > 1 && bytes[end - 1] == '\n' && bytes[end - 2] == '\r' ? "\r\n" : "\n");
    add_bytes(s, out, line, ul_line_skip_blanks(bytes, line, begin));
}

/* What comes between the semicolon of part i and the specifiers of the next. */
static void add_joint(const splitter *s, ul_strbuf *out, uint32_t i)
{
    const joint *j = &s->joints[i];
    uint32_t from = s->items[j->comma].end, to = s->items[s->parts[i + 1]].begin;
    if (j->has_newline) {
        uint32_t line = ul_line_begin(s->text->bytes, to), begin = s->items[s->first].begin, own = ul_line_begin(s->text->bytes, begin);
        bool is_blank = ul_line_skip_blanks(s->text->bytes, line, to) == to;
        if (s->has_own_lines && is_blank) {
            add_bytes(s, out, from, line);
            add_bytes(s, out, own, begin);
        } else {
            add_bytes(s, out, from, to);
        }
        return;
    }
    uint32_t last = s->parts[i + 1] - 1; /* the comma or an inline comment */
    if (!s->is_before)
        add_bytes(s, out, from, s->items[last].end);
    if (s->has_own_lines)
        add_line(s, out);
    else
        ul_strbuf_putc(out, ' ');
    if (s->is_before)
        add_bytes(s, out, s->items[j->comma + 1].begin, to);
}

static void write_split(const splitter *s, ul_strbuf *out, ul_span *spans)
{
    for (uint32_t part = 0; part < s->count; part++) {
        if (part > 0)
            add_joint(s, out, part - 1);
        spans[part].begin = (uint32_t)out->length;
        add_bytes(s, out, s->items[s->first].begin, s->items[s->parts[0]].begin);
        add_bytes(s, out, s->items[s->parts[part]].begin, s->items[part_end(s, part) - 1].end);
        ul_strbuf_putc(out, ';');
        spans[part].end = (uint32_t)out->length;
    }
}

/* --- Step 5. --- */

static bool is_same_token(const splitter *s, uint32_t old, const char *bytes, const ul_token *token)
{
    const ul_token *was = &s->items[old];
    return was->kind == token->kind && was->end - was->begin == token->end - token->begin &&
           memcmp(s->text->bytes + was->begin, bytes + token->begin, token->end - token->begin) == 0;
}

/* Moves *at over the tokens [from, to) of the old text, kinds other than `kind` passed over; false where they differ. */
static bool passes(const splitter *s, uint32_t from, uint32_t to, bool comments, const char *bytes, const ul_tokens *tokens, uint32_t *at)
{
    for (uint32_t i = from; i < to; i++) {
        if ((s->items[i].kind == UL_TOKEN_COMMENT) != comments)
            continue;
        while (*at < tokens->count && (tokens->items[*at].kind == UL_TOKEN_COMMENT) != comments)
            ++*at;
        if (*at == tokens->count || !is_same_token(s, i, bytes, &tokens->items[*at]))
            return false;
        ++*at;
    }
    return true;
}

static bool is_right(const splitter *s, const char *bytes, uint64_t length)
{
    ul_tokens tokens;
    ul_tokens_read(&tokens, bytes, length, s->text->arena);
    uint32_t at = 0, comment_at = 0;
    for (uint32_t part = 0; part < s->count; part++) {
        if (!passes(s, s->first, s->parts[0], false, bytes, &tokens, &at) ||
            !passes(s, s->parts[part], part_end(s, part), false, bytes, &tokens, &at))
            return false;
        while (at < tokens.count && tokens.items[at].kind == UL_TOKEN_COMMENT)
            at++;
        if (at == tokens.count || !ul_token_is_punct(&tokens.items[at++], ';'))
            return false;
    }
    if (!passes(s, s->first, s->end, true, bytes, &tokens, &comment_at))
        return false;
    for (; comment_at < tokens.count; comment_at++) {
        if (tokens.items[comment_at].kind == UL_TOKEN_COMMENT)
            return false;
    }
    return true;
}

ul_rewrite_refusal ul_declarators_split(ul_split *out, const ul_source_text *text, const ul_record *record, uint32_t group)
{
    ul_span span = record->groups[group].span;
    splitter s = {.text = text, .record = record, .items = text->tokens->items};
    s.first = ul_tokens_at(text->tokens, span.begin);
    s.end = ul_tokens_at(text->tokens, span.end);
    uint32_t most = record->groups[group].field_count;
    s.fields = UL_NEW_ARRAY(text->arena, uint32_t, record->field_count + 1u);
    s.parts = UL_NEW_ARRAY(text->arena, uint32_t, most + 1u);
    s.joints = UL_NEW_ARRAY(text->arena, joint, most + 1u);
    ul_rewrite_refusal refusal = find_fields(&s, group);
    if (!refusal)
        refusal = s.count < 2 || s.count > most ? UL_REWRITE_SPLIT_MACRO : cut_parts(&s);
    if (!refusal && !find_declarators(&s))
        refusal = UL_REWRITE_SPLIT_MACRO;
    if (!refusal && !are_joints_clear(&s))
        refusal = UL_REWRITE_SHARED_COMMENT;
    if (refusal)
        return refusal;
    s.has_own_lines = s.has_own_lines && is_last_on_line(&s);
    ul_strbuf buffer;
    ul_strbuf_init(&buffer);
    out->count = s.count;
    out->spans = UL_NEW_ARRAY(text->arena, ul_span, s.count);
    write_split(&s, &buffer, out->spans);
    out->edit = (ul_edit){span, ul_arena_strndup(text->arena, buffer.data ? buffer.data : "", buffer.length), (uint32_t)buffer.length};
    bool failed = buffer.has_failed;
    ul_strbuf_free(&buffer);
    return failed || !is_right(&s, out->edit.text, out->edit.length) ? UL_REWRITE_SPLIT_MACRO : UL_REWRITE_DONE;
}

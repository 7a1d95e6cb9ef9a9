/*
 * Annotations: ordinary comments that say `ullage: word(argument) ... -- reason`, and NOLINT.
 * A comment with code before it on its line belongs to what that code ends or opens; one on a line of its
 * own, to what follows. NOLINT goes by line alone, as clang-tidy has it.
 */
#include <stdlib.h>
#include <string.h>

#include "layout/parse/reader.h"

/* Where a comment stands among the tokens of code around it. */
typedef struct comment {
    const char *text; /* a copy, without the closing mark of a block */
    uint32_t line;
    const ul_token *before; /* code token before it on its line, or NULL */
    const ul_token *after;  /* next code token, or NULL */
} comment;

typedef struct attach {
    ul_reader *reader;
    ul_record *record;
    uint32_t capacity;
} attach;

static bool is_code(const ul_token *token)
{
    return token->kind != UL_TOKEN_COMMENT && token->kind != UL_TOKEN_DIRECTIVE &&
           token->kind != UL_TOKEN_END;
}

static comment comment_at(ul_reader *reader, const ul_source_file *file, uint32_t index)
{
    const ul_tokens *tokens = &file->tokens;
    const ul_token *token = &tokens->items[index];
    uint32_t length = token->end - token->begin;
    if (length >= 4 && memcmp(file->bytes + token->end - 2, "*/", 2) == 0)
        length -= 2;
    comment result = {.text = ul_arena_strndup(reader->arena, file->bytes + token->begin, length),
                      .line = token->line};
    while (index > 0 && tokens->items[index - 1].kind == UL_TOKEN_COMMENT)
        index--; /* another comment may stand between */
    if (index > 0 && is_code(&tokens->items[index - 1])) {
        const ul_token *before = &tokens->items[index - 1];
        if (!memchr(file->bytes + before->end, '\n', token->begin - before->end))
            result.before = before;
    }
    for (uint32_t i = (uint32_t)(token - tokens->items) + 1; i < tokens->count; i++) {
        if (is_code(&tokens->items[i])) {
            result.after = &tokens->items[i];
            break;
        }
    }
    return result;
}

static void add_annotation(attach *a, ul_annotation_kind kind, const char *argument, const char *reason,
                           uint32_t field, uint32_t line)
{
    ul_record *record = a->record;
    UL_RESERVE(a->reader->arena, record->annotations, record->annotation_count, a->capacity);
    record->annotations[record->annotation_count++] = (ul_annotation){kind, argument, reason, field, line};
    const char *where = ul_arena_printf(a->reader->arena, "line %u", line);
    if (kind == UL_ANNOTATION_KEEP_ORDER && *reason)
        where = ul_arena_printf(a->reader->arena, "%s: %s", where, reason);
    if (kind == UL_ANNOTATION_KEEP_ORDER)
        ul_record_refuse(record, a->reader->arena, UL_REFUSE_KEEP_ORDER, where);
    if (kind == UL_ANNOTATION_INSTANCES && field == UL_NO_PARENT)
        record->instances = strtod(argument, NULL);
}

static const struct {
    const char *word;
    ul_annotation_kind kind;
} words[] = {
    {"ignore", UL_ANNOTATION_IGNORE},
    {"keep-order", UL_ANNOTATION_KEEP_ORDER},
    {"hot", UL_ANNOTATION_HOT},
    {"cold", UL_ANNOTATION_COLD},
    {"writer", UL_ANNOTATION_WRITER},
    {"readmostly", UL_ANNOTATION_READMOSTLY},
    {"instances", UL_ANNOTATION_INSTANCES},
    {"guard", UL_ANNOTATION_GUARD},
};

static ul_annotation_kind kind_of(const char *word, size_t length)
{
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
        if (strlen(words[i].word) == length && memcmp(words[i].word, word, length) == 0)
            return words[i].kind;
    }
    return UL_ANNOTATION_UNKNOWN;
}

/* Reads `word[argument] word(argument) ... -- reason` after "ullage:". */
static void read_words(attach *a, const char *text, uint32_t field, uint32_t line)
{
    ul_arena *arena = a->reader->arena;
    size_t length = strcspn(text, "\r\n");
    const char *dashes = memmem(text, length, "--", 2);
    const char *end = dashes ? dashes : text + length;
    const char *reason = "";
    if (dashes) {
        const char *from = dashes + 2 + strspn(dashes + 2, " \t");
        size_t size = from < text + length ? (size_t)(text + length - from) : 0;
        while (size && (from[size - 1] == ' ' || from[size - 1] == '\t'))
            size--;
        reason = ul_arena_strndup(arena, from, size);
    }
    for (const char *at = text; at < end;) {
        at += strspn(at, " \t,");
        size_t size = strcspn(at, " \t,([\r\n");
        if (at >= end || size == 0)
            break;
        if (at + size > end)
            size = (size_t)(end - at);
        const char *argument = "";
        const char *word = at;
        at += size;
        if (*at == '(' || *at == '[') {
            size_t inside = strcspn(at + 1, *at == '(' ? ")\r\n" : "]\r\n");
            argument = ul_arena_strndup(arena, at + 1, inside);
            at += inside + 1 + (at[inside + 1] == ')' || at[inside + 1] == ']');
        }
        ul_annotation_kind kind = kind_of(word, size);
        if (kind == UL_ANNOTATION_UNKNOWN)
            argument = ul_arena_strndup(arena, word, size);
        add_annotation(a, kind, argument, reason, field, line);
    }
}

/* Reads the list of NOLINT: the rules of ours that it silences ("" for all), or NULL when it is not about us.
 */
static const char *nolint_rules(ul_reader *reader, const char *after, const char **reason)
{
    if (*after != '(')
        return "";
    const char *rules = NULL;
    size_t length = strcspn(after, ")");
    for (const char *at = after + 1; at < after + length;) {
        at += strspn(at, " ,");
        size_t size = strcspn(at, " ,)");
        if (size == 1 && *at == '*')
            return "";
        if ((size == 6 && memcmp(at, "ullage", 6) == 0) || (size == 8 && memcmp(at, "ullage-*", 8) == 0)) {
            *reason = "NOLINT(ullage)"; /* of no other tool */
            return "";
        }
        if (size > 7 && memcmp(at, "ullage-", 7) == 0)
            rules = ul_arena_printf(reader->arena, "%s%s%.*s", rules ? rules : "", rules ? "," : "",
                                    (int)(size - 7), at + 7);
        at += size;
        if (size == 0)
            break;
    }
    return rules;
}

/* The line that a NOLINT in `text` is about, with its list; 0 when there is none. Block form is not
 * line-bound and not ours. */
static uint32_t nolint_line(ul_reader *reader, const comment *c, const char **rules, const char **reason)
{
    const char *at = strstr(c->text, "NOLINT");
    if (!at || strncmp(at, "NOLINTBEGIN", 11) == 0 || strncmp(at, "NOLINTEND", 9) == 0)
        return 0;
    bool is_next = strncmp(at, "NOLINTNEXTLINE", 14) == 0;
    *rules = nolint_rules(reader, at + (is_next ? 14 : 6), reason);
    return *rules ? c->line + (is_next ? 1 : 0) : 0;
}

/* First token of the declaration that the token at `offset` is part of. */
static uint32_t statement_begin(const ul_source_file *file, uint32_t offset)
{
    uint32_t at = ul_tokens_at(&file->tokens, offset), begin = offset;
    while (at-- > 0) {
        const ul_token *token = &file->tokens.items[at];
        if (token->kind == UL_TOKEN_COMMENT)
            continue;
        if (token->kind == UL_TOKEN_DIRECTIVE ||
            (token->kind == UL_TOKEN_PUNCT &&
             (token->punct == ';' || token->punct == '{' || token->punct == '}')))
            break;
        begin = token->begin;
    }
    return begin;
}

/* Offset of the `;` that ends the declaration of the record, UINT32_MAX when there is none. */
static uint32_t statement_end(const ul_source_file *file, const ul_record *record)
{
    uint32_t depth = 0;
    for (uint32_t at = ul_tokens_at(&file->tokens, record->span.end); at < file->tokens.count; at++) {
        const ul_token *token = &file->tokens.items[at];
        if (token->kind != UL_TOKEN_PUNCT)
            continue;
        if (token->punct == ';' && depth == 0)
            return token->begin;
        if (token->punct == '{' || token->punct == '(')
            depth++;
        if ((token->punct == '}' || token->punct == ')') && depth-- == 0)
            break;
    }
    return UINT32_MAX;
}

static bool is_on_record(const ul_source_file *file, const ul_record *record, const comment *c)
{
    if (!c->before)
        return c->after && c->after->begin == statement_begin(file, record->span.begin);
    if (c->before->end == record->body.begin || c->before->end == record->span.end)
        return true;
    return c->before->begin == statement_end(file, record);
}

/* Index of the group that the comment is about, or UL_NO_GROUP. */
static uint32_t group_of(const ul_record *record, const comment *c)
{
    for (uint32_t i = 0; i < record->group_count; i++) {
        ul_span span = record->groups[i].span;
        if (c->before ? c->before->begin >= span.begin && c->before->end <= span.end
                      : c->after && c->after->begin == span.begin)
            return i;
    }
    return UL_NO_GROUP;
}

static void attach_comment(attach *a, const ul_source_file *file, uint32_t index)
{
    ul_record *record = a->record;
    const ul_token *token = &file->tokens.items[index];
    const char *bytes = file->bytes + token->begin;
    const char *mark = memmem(bytes, token->end - token->begin, "ullage:", 7);
    bool is_nolint = memmem(bytes, token->end - token->begin, "NOLINT", 6) != NULL;
    if (!mark && !is_nolint)
        return;
    comment c = comment_at(a->reader, file, index);
    const char *rules = NULL, *reason = "NOLINT";
    uint32_t silenced = is_nolint ? nolint_line(a->reader, &c, &rules, &reason) : 0;
    if (silenced == record->line)
        add_annotation(a, UL_ANNOTATION_IGNORE, rules, reason, UL_NO_PARENT, c.line);
    for (uint32_t i = 0; silenced && i < record->field_count; i++) {
        if (record->fields[i].line == silenced && record->fields[i].parent == UL_NO_PARENT)
            add_annotation(a, UL_ANNOTATION_IGNORE, rules, reason, i, c.line);
    }
    if (!mark)
        return;
    const char *text = strstr(c.text, "ullage:") + 7;
    if (is_on_record(file, record, &c)) {
        read_words(a, text, UL_NO_PARENT, c.line);
        return;
    }
    uint32_t group = group_of(record, &c);
    for (uint32_t i = 0; group != UL_NO_GROUP && i < record->field_count; i++) {
        if (record->fields[i].group == group)
            read_words(a, text, i, c.line);
    }
}

static void report_unknown(ul_reader *reader, const ul_record *record)
{
    for (uint32_t i = 0; i < record->annotation_count; i++) {
        const ul_annotation *annotation = &record->annotations[i];
        if (annotation->kind == UL_ANNOTATION_UNKNOWN)
            ul_diags_add(&reader->diags, UL_LEVEL_WARNING, record->file, annotation->line, 1,
                         "unknown annotation `%s`: ignore, keep-order, hot, cold, writer, readmostly, "
                         "instances and guard are known",
                         annotation->argument);
    }
}

void ul_reader_annotations(ul_reader *reader, ul_found *found)
{
    const ul_source_file *file = found->file;
    if (!file->has_annotations)
        return;
    attach a = {.reader = reader, .record = &found->record};
    const ul_tokens *tokens = &file->tokens;
    /* From the comments above the declaration to the one after its end. */
    uint32_t first = ul_tokens_at(tokens, statement_begin(file, found->record.span.begin));
    while (first > 0 && !is_code(&tokens->items[first - 1]))
        first--;
    uint32_t end = statement_end(file, &found->record);
    uint32_t last = ul_tokens_at(tokens, end == UINT32_MAX ? found->record.span.end : end);
    for (uint32_t i = first; i < tokens->count && (i <= last + 1); i++) {
        if (tokens->items[i].kind == UL_TOKEN_COMMENT)
            attach_comment(&a, file, i);
    }
    report_unknown(reader, &found->record);
}

/* Whether the comment stands in front of the variable's declaration, within it, or behind it on its last line. */
static bool is_on_variable(const ul_source_file *file, const ul_record *span, const comment *c)
{
    uint32_t begin = statement_begin(file, span->span.begin), end = statement_end(file, span);
    if (!c->before)
        return c->after && c->after->begin == begin;
    return c->before->begin >= begin && (end == UINT32_MAX ? c->before->end <= span->span.end : c->before->begin <= end);
}

/* The declaration as text in a wanted file that has annotations; NULL for any other. */
static ul_source_file *variable_file(ul_record *span, ul_reader *reader, CXCursor variable)
{
    CXSourceRange extent = clang_getCursorExtent(variable);
    ul_clang_place begin = ul_clang_place_of(clang_getRangeStart(extent)), end = ul_clang_place_of(clang_getRangeEnd(extent));
    ul_source_file *file = begin.file && clang_File_isEqual(begin.file, end.file) ? ul_reader_file(reader, begin.file) : NULL;
    *span = (ul_record){.line = ul_clang_cursor_place(variable).line, .span = {begin.offset, end.offset}};
    if (!file || (!file->is_wanted && (!reader->filter->wants_all || file->is_excluded)))
        return NULL;
    ul_source_file_load(reader, file);
    return file->has_annotations ? file : NULL;
}

/* Reads the comments on the declaration into annotations of `span`, a stand-in. */
static void read_variable(ul_reader *reader, ul_record *span, const ul_source_file *file)
{
    attach a = {.reader = reader, .record = span};
    const ul_tokens *tokens = &file->tokens;
    uint32_t first = ul_tokens_at(tokens, statement_begin(file, span->span.begin)), end = statement_end(file, span);
    while (first > 0 && !is_code(&tokens->items[first - 1]))
        first--;
    uint32_t last = ul_tokens_at(tokens, end == UINT32_MAX ? span->span.end : end);
    for (uint32_t i = first; i < tokens->count && i <= last + 1; i++) {
        if (tokens->items[i].kind != UL_TOKEN_COMMENT)
            continue;
        comment c = comment_at(reader, file, i);
        const char *rules = NULL, *reason = "NOLINT", *mark = strstr(c.text, "ullage:");
        if (nolint_line(reader, &c, &rules, &reason) == span->line)
            add_annotation(&a, UL_ANNOTATION_IGNORE, rules, reason, UL_NO_PARENT, c.line);
        else if (mark && is_on_variable(file, span, &c))
            read_words(&a, mark + 7, UL_NO_PARENT, c.line);
    }
}

const char *ul_reader_variable_ignores(const char **reason, uint32_t *line, ul_reader *reader, CXCursor variable)
{
    ul_record span;
    const ul_source_file *file = variable_file(&span, reader, variable);
    const char *rules = NULL;
    if (file)
        read_variable(reader, &span, file);
    for (uint32_t i = 0; i < span.annotation_count; i++) {
        const ul_annotation *annotation = &span.annotations[i];
        if (annotation->kind != UL_ANNOTATION_IGNORE)
            continue;
        if (!rules) {
            *reason = annotation->reason;
            *line = annotation->line;
        }
        const char *more = *annotation->argument ? annotation->argument : "*";
        rules = rules ? ul_arena_printf(reader->arena, "%s,%s", rules, more) : more;
    }
    return rules;
}

typedef struct variable_scan {
    ul_reader *reader;
    const ul_source_file *file;
    const ul_token *comment;
    bool is_found;
} variable_scan;

/* Looks for a variable that the comment silences; into functions only where the comment is. */
static enum CXChildVisitResult find_variable(CXCursor cursor, CXCursor parent, CXClientData data)
{
    variable_scan *scan = data;
    ul_record span;
    (void)parent;
    if (clang_getCursorKind(cursor) == CXCursor_VarDecl && variable_file(&span, scan->reader, cursor) == scan->file) {
        read_variable(scan->reader, &span, scan->file);
        for (uint32_t i = 0; i < span.annotation_count; i++)
            scan->is_found |= span.annotations[i].line == scan->comment->line && span.annotations[i].kind == UL_ANNOTATION_IGNORE;
    }
    if (scan->is_found)
        return CXChildVisit_Break;
    CXSourceRange extent = clang_getCursorExtent(cursor);
    ul_clang_place begin = ul_clang_place_of(clang_getRangeStart(extent)), end = ul_clang_place_of(clang_getRangeEnd(extent));
    if (clang_getCursorKind(cursor) == CXCursor_DeclStmt)
        return CXChildVisit_Recurse; /* the comment is in front of it or behind it */
    bool is_around = begin.file && ul_reader_file(scan->reader, begin.file) == scan->file && begin.offset <= scan->comment->begin &&
                     scan->comment->begin < end.offset;
    return is_around ? CXChildVisit_Recurse : CXChildVisit_Continue;
}

static bool is_on_any_variable(ul_reader *reader, const ul_source_file *file, const ul_token *token)
{
    variable_scan scan = {.reader = reader, .file = file, .comment = token};
    clang_visitChildren(clang_getTranslationUnitCursor(reader->unit), find_variable, &scan);
    return scan.is_found;
}

static bool is_attached(const ul_reader *reader, const ul_source_file *file, uint32_t line)
{
    for (uint32_t i = 0; i < reader->found_count; i++) {
        const ul_record *record = &reader->found[i]->record;
        if (reader->found[i]->file != file)
            continue;
        for (uint32_t j = 0; j < record->annotation_count; j++) {
            if (record->annotations[j].line == line)
                return true;
        }
    }
    return false;
}

/* Comments in function bodies silence what is said about statements: judged when all bodies are read (engine/allocations.c), not here. */
static bool is_in_body(uint32_t *first, uint32_t *last, ul_reader *reader, const ul_source_file *file, const comment *c)
{
    return ul_reader_statement_lines(first, last, reader, file, c->before, c->after);
}

static bool is_about_bodies(ul_reader *reader, const ul_source_file *file, uint32_t index)
{
    uint32_t first, last;
    const ul_token *token = &file->tokens.items[index];
    const char *mark = memmem(file->bytes + token->begin, token->end - token->begin, "ullage: ", 8);
    const char *word = mark ? mark + 8 + strspn(mark + 8, " ") : "";
    ul_annotation_kind kind = kind_of(word, strcspn(word, " \t,([\r\n"));
    comment c = comment_at(reader, file, index);
    bool is_told = kind == UL_ANNOTATION_IGNORE || (kind == UL_ANNOTATION_UNKNOWN && reader->job->reads_census);
    return (is_told && is_in_body(&first, &last, reader, file, &c)) || ul_reader_is_on_unread_record(reader, file, c.before, c.after);
}

/* Widens the lines that the comment is about to its statement's. */
static void add_body_comment(ul_reader *reader, ul_body_comment made, uint32_t first, uint32_t last, ul_body_comment **items, uint32_t *count,
                             uint32_t *capacity)
{
    made.about_end = made.about_line;
    if (first && first < made.about_line)
        made.about_line = first;
    if (last > made.about_end)
        made.about_end = last;
    UL_RESERVE(reader->arena, *items, *count, *capacity);
    (*items)[(*count)++] = made;
}

static void add_line_comments(attach *a, const ul_source_file *file, uint32_t index, ul_body_comment **items, uint32_t *count, uint32_t *capacity)
{
    const ul_token *token = &file->tokens.items[index];
    const char *bytes = file->bytes + token->begin;
    size_t length = token->end - token->begin;
    bool is_ours = memmem(bytes, length, "ullage:", 7) != NULL;
    if (!is_ours && !memmem(bytes, length, "NOLINT", 6))
        return;
    comment c = comment_at(a->reader, file, index);
    const char *rules = NULL, *reason = "NOLINT";
    uint32_t about = nolint_line(a->reader, &c, &rules, &reason), first = 0, last = 0;
    a->record->annotation_count = 0;
    if (is_ours && is_in_body(&first, &last, a->reader, file, &c))
        read_words(a, strstr(c.text, "ullage:") + 7, UL_NO_PARENT, c.line);
    else if (!is_ours && about && (!*rules || strstr(rules, "alloc-pattern")))
        add_annotation(a, UL_ANNOTATION_IGNORE, rules, reason, UL_NO_PARENT, c.line);
    for (uint32_t i = 0; i < a->record->annotation_count; i++) {
        const ul_annotation *annotation = &a->record->annotations[i];
        uint32_t line = !is_ours ? about : c.before || !c.after ? c.line : c.after->line;
        if (annotation->kind == UL_ANNOTATION_IGNORE)
            add_body_comment(a->reader, (ul_body_comment){file->path, annotation->argument, annotation->reason, c.line, line, line}, first, last,
                             items, count, capacity);
    }
    a->record->file = file->path;
    report_unknown(a->reader, a->record);
}

uint32_t ul_reader_line_comments(ul_reader *reader, ul_source_file *file, ul_body_comment **items)
{
    ul_record none = {.name = ""};
    attach a = {.reader = reader, .record = &none};
    uint32_t count = 0, capacity = 0;
    *items = NULL;
    for (uint32_t i = 0; i < file->tokens.count; i++) {
        if (file->tokens.items[i].kind == UL_TOKEN_COMMENT)
            add_line_comments(&a, file, i, items, &count, &capacity);
    }
    return count;
}

void ul_reader_stray_annotations(ul_reader *reader)
{
    for (uint32_t f = 0; f < reader->found_count; f++) {
        ul_source_file *file = reader->found[f]->file;
        bool is_first = true;
        for (uint32_t g = 0; g < f && is_first; g++)
            is_first = reader->found[g]->file != file;
        for (uint32_t i = 0; is_first && file->has_annotations && i < file->tokens.count; i++) {
            const ul_token *token = &file->tokens.items[i];
            if (token->kind == UL_TOKEN_COMMENT &&
                memmem(file->bytes + token->begin, token->end - token->begin, "ullage: ", 8) &&
                !is_attached(reader, file, token->line) && !is_on_any_variable(reader, file, token) && !is_about_bodies(reader, file, i))
                ul_diags_add(&reader->diags, UL_LEVEL_WARNING, file->path, token->line, 1,
                             "this annotation stands on no record, field or variable");
        }
    }
}

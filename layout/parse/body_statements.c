/*
 * Which statement of a function body a comment belongs to: from the syntax tree, so that neither braces in #if nor macros mislead.
 * A statement that holds a block is what stands before that block: a comment on an `if` says nothing about what is within.
 */
#include "layout/parse/reader.h"

typedef struct statement_scan {
    const ul_source_file *file;
    uint32_t anchor;
    uint32_t first_line, last_line; /* 0: no statement */
    bool is_in_body, is_other, is_record; /* is_record: defined in a body */
} statement_scan;

/* Its ends in the file, `end` behind its last token; false where it stands elsewhere or is not around the anchor. */
static bool is_around(ul_clang_place *begin, ul_clang_place *end, const statement_scan *scan, CXCursor cursor)
{
    CXSourceRange extent = clang_getCursorExtent(cursor);
    *begin = ul_clang_place_of(clang_getRangeStart(extent));
    *end = ul_clang_place_of(clang_getRangeEnd(extent));
    return begin->file && end->file && scan->file->handle && clang_File_isEqual(begin->file, scan->file->handle) &&
           clang_File_isEqual(end->file, scan->file->handle) && begin->offset <= scan->anchor && scan->anchor < end->offset;
}

/* What statements stand in side by side, or one by one. */
static bool holds_statements(enum CXCursorKind kind)
{
    return kind == CXCursor_CompoundStmt || kind == CXCursor_IfStmt || kind == CXCursor_ForStmt || kind == CXCursor_WhileStmt ||
           kind == CXCursor_DoStmt || kind == CXCursor_SwitchStmt || kind == CXCursor_CaseStmt || kind == CXCursor_DefaultStmt ||
           kind == CXCursor_LabelStmt;
}

static enum CXChildVisitResult cut_at_block(CXCursor cursor, CXCursor parent, CXClientData data)
{
    statement_scan *scan = data;
    (void)parent;
    if (clang_getCursorKind(cursor) != CXCursor_CompoundStmt)
        return holds_statements(clang_getCursorKind(cursor)) ? CXChildVisit_Recurse : CXChildVisit_Continue;
    uint32_t line = ul_clang_place_of(clang_getRangeStart(clang_getCursorExtent(cursor))).line;
    if (line >= scan->first_line && line < scan->last_line)
        scan->last_line = line;
    return CXChildVisit_Break;
}

/* Records within a function and variables that outlive it have annotations of their own. */
static bool is_declared(CXCursor cursor)
{
    enum CXCursorKind kind = clang_getCursorKind(cursor);
    return kind == CXCursor_StructDecl || kind == CXCursor_UnionDecl || kind == CXCursor_EnumDecl ||
           (kind == CXCursor_VarDecl && clang_Cursor_getStorageClass(cursor) == CX_SC_Static);
}

static enum CXChildVisitResult find_statement(CXCursor cursor, CXCursor parent, CXClientData data)
{
    statement_scan *scan = data;
    ul_clang_place begin, end;
    if (!is_around(&begin, &end, scan, cursor))
        return CXChildVisit_Continue;
    scan->is_other |= is_declared(cursor);
    scan->is_record |= scan->is_in_body && (clang_getCursorKind(cursor) == CXCursor_StructDecl || clang_getCursorKind(cursor) == CXCursor_UnionDecl);
    if (clang_getCursorKind(cursor) == CXCursor_CompoundStmt) {
        scan->is_in_body = true;
        if (begin.offset == scan->anchor)
            return CXChildVisit_Break; /* behind the head of its statement */
        scan->first_line = scan->last_line = 0;
    } else if (scan->is_in_body && holds_statements(clang_getCursorKind(parent))) {
        scan->first_line = begin.line;
        scan->last_line = end.line;
        clang_visitChildren(cursor, cut_at_block, scan);
    }
    return CXChildVisit_Recurse;
}

/* No statement has its `;`: what stands before that one is in it. */
static const ul_token *before_end(const ul_source_file *file, const ul_token *token)
{
    const ul_token *first = file->tokens.items;
    if (!ul_token_is_punct(token, ';'))
        return token;
    while (token > first && (token[-1].kind == UL_TOKEN_COMMENT || token[-1].kind == UL_TOKEN_DIRECTIVE))
        token--;
    return token > first ? token - 1 : token;
}

static bool scan_statements(statement_scan *scan, const ul_reader *reader, const ul_source_file *file, const ul_token *before, const ul_token *after)
{
    const ul_token *anchor = before ? before_end(file, before) : after;
    *scan = (statement_scan){.file = file, .anchor = anchor ? anchor->begin : 0};
    if (anchor)
        clang_visitChildren(clang_getTranslationUnitCursor(reader->unit), find_statement, scan);
    return anchor != NULL;
}

/* Bodies that were skipped may hold anything that stands in braces. */
static bool may_be_in_skipped_body(const ul_reader *reader, const ul_source_file *file, const ul_token *token)
{
    const ul_unit_job *job = reader->job;
    long depth = 0;
    if (!token || job->reads_bodies || job->reads_uses || job->reads_census || job->keeps_warnings)
        return false;
    for (const ul_token *at = file->tokens.items; at < token; at++)
        depth += ul_token_is_punct(at, '{') - ul_token_is_punct(at, '}');
    return depth > 0;
}

bool ul_reader_is_on_unread_record(const ul_reader *reader, const ul_source_file *file, const ul_token *before, const ul_token *after)
{
    statement_scan scan;
    if (reader->job->reads_bodies)
        return false;
    return may_be_in_skipped_body(reader, file, before ? before : after) || (scan_statements(&scan, reader, file, before, after) && scan.is_record);
}

bool ul_reader_statement_lines(uint32_t *first, uint32_t *last, ul_reader *reader, const ul_source_file *file, const ul_token *before,
                               const ul_token *after)
{
    statement_scan scan;
    *first = *last = 0;
    if (!scan_statements(&scan, reader, file, before, after))
        return false;
    *first = scan.first_line;
    *last = scan.last_line;
    return scan.is_in_body && !scan.is_other;
}

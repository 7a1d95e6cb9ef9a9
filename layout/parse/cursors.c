#include "layout/parse/cursors.h"

enum { CASTS_DEEP = 16 };

typedef struct child_at {
    uint32_t wanted, seen;
    CXCursor cursor;
} child_at;

static enum CXChildVisitResult see_child(CXCursor cursor, CXCursor parent, CXClientData data)
{
    child_at *at = data;
    (void)parent;
    if (at->seen++ == at->wanted) {
        at->cursor = cursor;
        return CXChildVisit_Break;
    }
    return CXChildVisit_Continue;
}

CXCursor ul_cursor_child(CXCursor cursor, uint32_t index)
{
    child_at at = {.wanted = index, .cursor = clang_getNullCursor()};
    clang_visitChildren(cursor, see_child, &at);
    return at.cursor;
}

static enum CXChildVisitResult keep_last(CXCursor cursor, CXCursor parent, CXClientData data)
{
    (void)parent;
    *(CXCursor *)data = cursor;
    return CXChildVisit_Continue;
}

CXCursor ul_cursor_last_child(CXCursor cursor)
{
    CXCursor last = clang_getNullCursor();
    clang_visitChildren(cursor, keep_last, &last);
    return last;
}

uint32_t ul_cursor_child_count(CXCursor cursor)
{
    child_at at = {.wanted = UINT32_MAX, .cursor = clang_getNullCursor()};
    clang_visitChildren(cursor, see_child, &at);
    return at.seen;
}

CXCursor ul_cursor_stripped(CXCursor cursor)
{
    for (int depth = 0; depth < 64; depth++) {
        enum CXCursorKind kind = clang_getCursorKind(cursor);
        if (kind != CXCursor_ParenExpr && kind != CXCursor_UnexposedExpr)
            break;
        CXCursor inner = ul_cursor_child(cursor, 0);
        if (clang_Cursor_isNull(inner))
            break;
        cursor = inner;
    }
    return cursor;
}

CXCursor ul_cursor_uncast(CXCursor cursor)
{
    CXCursor inner = ul_cursor_stripped(cursor);
    for (int depth = 0; depth < CASTS_DEEP && clang_getCursorKind(inner) == CXCursor_CStyleCastExpr; depth++)
        inner = ul_cursor_stripped(ul_cursor_last_child(inner));
    return inner;
}

bool ul_cursor_is_pointer(CXCursor expression)
{
    return ul_clang_bare_type(clang_getCursorType(expression)).kind == CXType_Pointer;
}

bool ul_cursor_is_local(CXCursor declaration)
{
    return clang_getCursorKind(declaration) == CXCursor_VarDecl && clang_getCursorLinkage(declaration) == CXLinkage_NoLinkage &&
           clang_Cursor_getStorageClass(declaration) != CX_SC_Static;
}

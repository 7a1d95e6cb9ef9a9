/* Children of a cursor, where the walk does not tell them. */
#include "layout/parse/census.h"

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

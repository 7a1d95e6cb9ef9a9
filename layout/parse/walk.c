#include "layout/parse/walk.h"

enum { DEPTH_MAX = 4096 }; /* expressions nest; beyond this only generated code does, and the stack is finite */

const ul_frame *ul_walk_frame(const ul_walk *walk, uint32_t up)
{
    return up < walk->depth ? &walk->frames[walk->depth - 1 - up] : NULL;
}

static enum CXChildVisitResult keep_last(CXCursor cursor, CXCursor parent, CXClientData data)
{
    (void)parent;
    *(CXCursor *)data = cursor;
    return CXChildVisit_Continue;
}

/* Whether the body of a `do` runs but once, as macros have it: `while (0)`. */
static bool is_once(CXCursor loop)
{
    CXCursor condition = clang_getNullCursor();
    clang_visitChildren(loop, keep_last, &condition);
    while (clang_getCursorKind(condition) == CXCursor_ParenExpr || clang_getCursorKind(condition) == CXCursor_UnexposedExpr) {
        CXCursor inner = clang_getNullCursor();
        clang_visitChildren(condition, keep_last, &inner);
        condition = inner;
    }
    if (clang_getCursorKind(condition) != CXCursor_IntegerLiteral)
        return false;
    CXEvalResult value = clang_Cursor_Evaluate(condition);
    bool is_zero = value && clang_EvalResult_getKind(value) == CXEval_Int && clang_EvalResult_getAsInt(value) == 0;
    clang_EvalResult_dispose(value);
    return is_zero;
}

static bool is_loop(CXCursor cursor, enum CXCursorKind kind)
{
    return kind == CXCursor_ForStmt || kind == CXCursor_WhileStmt || (kind == CXCursor_DoStmt && !is_once(cursor));
}

static bool is_function(CXCursor cursor, enum CXCursorKind kind)
{
    return kind == CXCursor_FunctionDecl && clang_isCursorDefinition(cursor);
}

static void push(ul_walk *walk, CXCursor cursor)
{
    UL_RESERVE(walk->reader->arena, walk->frames, walk->depth, walk->capacity);
    uint32_t child = walk->depth ? walk->frames[walk->depth - 1].child_count++ : 0;
    walk->frames[walk->depth++] =
        (ul_frame){.cursor = cursor, .kind = clang_getCursorKind(cursor), .child = child};
}

static enum CXChildVisitResult visit(CXCursor cursor, CXCursor parent, CXClientData data)
{
    (void)parent;
    ul_walk *walk = data;
    if (walk->depth == DEPTH_MAX)
        return CXChildVisit_Continue;
    if (walk->depth == 0 && clang_Location_isInSystemHeader(clang_getCursorLocation(cursor)))
        return CXChildVisit_Continue;
    CXCursor outer = walk->function;
    uint32_t outer_loops = walk->loop_depth;
    push(walk, cursor);
    enum CXCursorKind kind = walk->frames[walk->depth - 1].kind;
    if (is_function(cursor, kind)) {
        walk->function = cursor;
        walk->loop_depth = 0;
    }
    walk->done_count = 0;
    for (uint32_t i = 0; i < walk->observer_count; i++) {
        if (walk->observers[i].enter)
            walk->observers[i].enter(walk->observers[i].context, walk);
    }
    bool loops = is_loop(cursor, kind);
    walk->loop_depth += loops;
    if (walk->done_count == 0 || walk->done_count < walk->observer_count)
        clang_visitChildren(cursor, visit, walk);
    walk->loop_depth -= loops;
    for (uint32_t i = 0; i < walk->observer_count; i++) {
        if (walk->observers[i].leave)
            walk->observers[i].leave(walk->observers[i].context, walk);
    }
    walk->depth--;
    walk->function = outer;
    walk->loop_depth = outer_loops;
    return CXChildVisit_Continue;
}

void ul_walk_unit(ul_reader *reader, const ul_observer *observers, uint32_t count)
{
    ul_walk walk = {.reader = reader,
                    .function = clang_getNullCursor(),
                    .observers = observers,
                    .observer_count = count};
    clang_visitChildren(clang_getTranslationUnitCursor(reader->unit), visit, &walk);
}

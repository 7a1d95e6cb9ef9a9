#include "layout/parse/walk.h"

enum { DEPTH_MAX = 4096 }; /* expressions nest; beyond this only generated code does, and the stack is finite */

const ul_frame *ul_walk_frame(const ul_walk *walk, uint32_t up)
{
    return up < walk->depth ? &walk->frames[walk->depth - 1 - up] : NULL;
}

static bool is_loop(enum CXCursorKind kind)
{
    return kind == CXCursor_ForStmt || kind == CXCursor_WhileStmt || kind == CXCursor_DoStmt;
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
    for (uint32_t i = 0; i < walk->observer_count; i++) {
        if (walk->observers[i].enter)
            walk->observers[i].enter(walk->observers[i].context, walk);
    }
    walk->loop_depth += is_loop(kind);
    clang_visitChildren(cursor, visit, walk);
    walk->loop_depth -= is_loop(kind);
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

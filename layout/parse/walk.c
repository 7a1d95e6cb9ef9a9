#include "layout/parse/walk.h"

#include <time.h>

enum { DEPTH_MAX = 4096 }; /* expressions nest; beyond this only generated code does, and the stack is finite */
enum { CLOCKED_OF = 32 };  /* one top-level declaration in so many is clocked */

typedef struct round {
    ul_walk walk;
    const ul_observer *observers;
    uint32_t observer_count, awake_count;
    uint32_t asleep_at[UL_OBSERVERS_MAX]; /* walk.depth below which there is nothing for it; 0: awake */
    uint32_t declaration_count;
    bool is_clocked;
    double clocked[UL_OBSERVERS_MAX]; /* seconds */
} round;

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

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void enter(round *r)
{
    for (uint32_t i = 0; i < r->observer_count; i++) {
        if (r->asleep_at[i])
            continue;
        double begin = r->is_clocked ? now() : 0;
        if (!r->observers[i].enter(r->observers[i].context, &r->walk)) {
            r->asleep_at[i] = r->walk.depth;
            r->awake_count--;
        }
        if (r->is_clocked)
            r->clocked[i] += now() - begin;
    }
}

static void leave(round *r)
{
    for (uint32_t i = 0; i < r->observer_count; i++) {
        if (r->asleep_at[i] && r->asleep_at[i] < r->walk.depth)
            continue;
        r->awake_count += r->asleep_at[i] != 0;
        r->asleep_at[i] = 0;
        double begin = r->is_clocked ? now() : 0;
        if (r->observers[i].leave)
            r->observers[i].leave(r->observers[i].context, &r->walk);
        if (r->is_clocked)
            r->clocked[i] += now() - begin;
    }
}

static enum CXChildVisitResult visit(CXCursor cursor, CXCursor parent, CXClientData data)
{
    (void)parent;
    round *r = data;
    ul_walk *walk = &r->walk;
    if (walk->depth == DEPTH_MAX)
        return CXChildVisit_Continue;
    if (walk->depth == 0) {
        if (clang_Location_isInSystemHeader(clang_getCursorLocation(cursor)))
            return CXChildVisit_Continue;
        r->is_clocked = r->declaration_count++ % CLOCKED_OF == 0;
    }
    CXCursor outer = walk->function;
    uint32_t outer_loops = walk->loop_depth;
    push(walk, cursor);
    enum CXCursorKind kind = walk->frames[walk->depth - 1].kind;
    if (is_function(cursor, kind)) {
        walk->function = cursor;
        walk->loop_depth = 0;
    }
    enter(r);
    if (r->awake_count) {
        bool loops = is_loop(cursor, kind);
        walk->loop_depth += loops;
        clang_visitChildren(cursor, visit, r);
        walk->loop_depth -= loops;
    }
    leave(r);
    walk->depth--;
    walk->function = outer;
    walk->loop_depth = outer_loops;
    return CXChildVisit_Continue;
}

void ul_walk_unit(ul_reader *reader, const ul_observer *observers, uint32_t count)
{
    round r = {.walk = {.reader = reader, .function = clang_getNullCursor()},
               .observers = observers,
               .observer_count = count,
               .awake_count = count};
    clang_visitChildren(clang_getTranslationUnitCursor(reader->unit), visit, &r);
    double share = r.declaration_count ? (double)r.declaration_count / (double)((r.declaration_count - 1) / CLOCKED_OF + 1) : 0;
    for (uint32_t i = 0; i < count; i++) {
        if (observers[i].seconds)
            *observers[i].seconds = r.clocked[i] * share;
    }
}

/* Which variables a loop changes with each turn. Each loop is looked through once, for all that is asked about it. */
#include "layout/parse/census.h"

enum { LOOP_PARTS_MAX = 5 };

/* `variable` is set by `loop`; NULL: the loop was looked through. */
typedef struct loop_key {
    const void *loop, *variable; /* libclang's */
} loop_key;

typedef struct ul_loop_note {
    loop_key key;
    UT_hash_handle hh;
} loop_note;

typedef struct loop_scan {
    ul_loops *loops;
    ul_arena *arena;
    const void *loop;
} loop_scan;

static bool is_noted(const ul_loops *loops, loop_key key)
{
    loop_note *note = NULL;
    HASH_FIND(hh, loops->notes, &key, sizeof key, note);
    return note != NULL;
}

static void add_note(const loop_scan *scan, const void *variable)
{
    loop_key key = {scan->loop, variable};
    if (is_noted(scan->loops, key))
        return;
    loop_note *note = UL_NEW(scan->arena, loop_note);
    note->key = key;
    HASH_ADD(hh, scan->loops->notes, key, sizeof key, note);
}

/* A variable that is declared, or stands where a value is put: the target of =, += or ++. What is read is loaded first, by a node between. */
static enum CXChildVisitResult find_assignment(CXCursor cursor, CXCursor parent, CXClientData data)
{
    bool is_declared = cursor.kind == CXCursor_VarDecl || cursor.kind == CXCursor_ParmDecl;
    bool is_target = cursor.kind == CXCursor_DeclRefExpr &&
                     (parent.kind == CXCursor_BinaryOperator || parent.kind == CXCursor_CompoundAssignOperator || parent.kind == CXCursor_UnaryOperator);
    if (is_declared)
        add_note(data, cursor.data[0]);
    else if (is_target)
        add_note(data, clang_getCursorReferenced(cursor).data[0]);
    return CXChildVisit_Recurse;
}

typedef struct loop_parts {
    CXCursor items[LOOP_PARTS_MAX];
    uint32_t count;
} loop_parts;

static enum CXChildVisitResult keep_part(CXCursor cursor, CXCursor parent, CXClientData data)
{
    loop_parts *parts = data;
    (void)parent;
    if (parts->count < LOOP_PARTS_MAX)
        parts->items[parts->count++] = cursor;
    return CXChildVisit_Continue;
}

/* The head of a `for`, all of a `while`: where what changes with each turn is set. */
static void look_through(ul_loops *loops, ul_arena *arena, const ul_frame *loop)
{
    loop_scan scan = {loops, arena, loop->cursor.data[1]};
    loop_parts parts = {.count = 0};
    clang_visitChildren(loop->cursor, keep_part, &parts);
    uint32_t end = loop->kind == CXCursor_ForStmt && parts.count ? parts.count - 1 : parts.count;
    for (uint32_t i = 0; i < end; i++) {
        find_assignment(parts.items[i], loop->cursor, &scan);
        clang_visitChildren(parts.items[i], find_assignment, &scan);
    }
    add_note(&scan, NULL);
}

bool ul_loop_sets(ul_loops *loops, const ul_walk *walk, CXCursor variable)
{
    if (variable.kind != CXCursor_VarDecl && variable.kind != CXCursor_ParmDecl)
        return false;
    for (uint32_t up = 0; up < walk->depth; up++) {
        const ul_frame *frame = ul_walk_frame(walk, up);
        if (frame->kind != CXCursor_ForStmt && frame->kind != CXCursor_WhileStmt)
            continue;
        if (!is_noted(loops, (loop_key){frame->cursor.data[1], NULL}))
            look_through(loops, walk->reader->arena, frame);
        if (is_noted(loops, (loop_key){frame->cursor.data[1], variable.data[0]}))
            return true;
    }
    return false;
}

void ul_loops_clear(ul_loops *loops)
{
    HASH_CLEAR(hh, loops->notes);
}

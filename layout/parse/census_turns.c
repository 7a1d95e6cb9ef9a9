/*
 * Threads that somebody waits for at once: `pthread_create(&t, 0, f, p); pthread_join(t, 0);`, two statements of one block, `t` a local.
 * Nothing runs beside such a thread that did not run beside its creator. Anything else is none; a thread with attributes may be detached.
 */
#include "layout/parse/census_reader.h"

#include <string.h>

typedef struct statements {
    CXCursor wanted, next;
    bool is_found;
} statements;

static enum CXChildVisitResult see_statement(CXCursor cursor, CXCursor parent, CXClientData data)
{
    statements *s = data;
    (void)parent;
    if (s->is_found) {
        s->next = cursor;
        return CXChildVisit_Break;
    }
    s->is_found = cursor.kind == s->wanted.kind && cursor.data[1] == s->wanted.data[1]; /* of a visit that begins here, data[0] differs */
    return CXChildVisit_Continue;
}

/* The statement behind the one that is the call being visited, (void) or not, or the null cursor. */
static CXCursor next_statement(const ul_walk *walk)
{
    uint32_t up = 1;
    const ul_frame *above;
    while ((above = ul_walk_frame(walk, up)) != NULL && (above->kind == CXCursor_CStyleCastExpr || above->kind == CXCursor_ParenExpr || above->kind == CXCursor_UnexposedExpr))
        up++;
    if (!above || above->kind != CXCursor_CompoundStmt)
        return clang_getNullCursor();
    statements s = {.wanted = ul_walk_frame(walk, up - 1)->cursor, .next = clang_getNullCursor()};
    clang_visitChildren(above->cursor, see_statement, &s);
    return s.next;
}

/* The local variable that `expression` names, or the null cursor. */
static CXCursor local_of(CXCursor expression)
{
    CXCursor stripped = ul_cursor_stripped(expression);
    CXCursor variable = clang_getCursorKind(stripped) == CXCursor_DeclRefExpr ? clang_getCursorReferenced(stripped) : clang_getNullCursor();
    return ul_cursor_is_local(variable) ? variable : clang_getNullCursor();
}

bool ul_census_is_turn(ul_census_reader *census, const ul_walk *walk, ul_word callee)
{
    const char *name = census->out->words[callee];
    bool is_pthread = strcmp(name, "pthread_create") == 0, is_zero = false;
    if (!is_pthread && strcmp(name, "thrd_create") != 0)
        return false;
    CXCursor create = ul_walk_frame(walk, 0)->cursor, join = next_statement(walk);
    while (clang_getCursorKind(join) == CXCursor_CStyleCastExpr || clang_getCursorKind(join) == CXCursor_UnexposedExpr)
        join = ul_cursor_child(join, 0);
    ul_word waiting = clang_getCursorKind(join) == CXCursor_CallExpr ? ul_census_callee(census, join) : 0;
    if (strcmp(census->out->words[waiting], is_pthread ? "pthread_join" : "thrd_join") != 0 || clang_Cursor_getNumArguments(join) != 2 ||
        clang_Cursor_getNumArguments(create) != (is_pthread ? 4 : 3))
        return false;
    if (is_pthread && !(ul_cursor_is_number(clang_Cursor_getArgument(create, 1), &is_zero) && is_zero))
        return false;
    CXCursor handle = ul_cursor_stripped(clang_Cursor_getArgument(create, 0));
    CXCursor made = clang_getCursorKind(handle) == CXCursor_UnaryOperator ? local_of(ul_cursor_child(handle, 0)) : clang_getNullCursor();
    return !clang_Cursor_isNull(made) && clang_equalCursors(made, local_of(clang_Cursor_getArgument(join, 0))) != 0;
}

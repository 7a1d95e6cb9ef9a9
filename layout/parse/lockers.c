/*
 * Short functions that take or release locks for those who call them. What was read before the call is known (census_locks.c); a body that comes
 * later in the unit is looked through for the calls that it makes for certain: outside branches, and bodies of loops.
 */
#include "layout/parse/census_reader.h"

#include <string.h>

typedef struct peek {
    ul_census_reader *census;
    ul_known_function *known;
    ul_held_set held, given;
    bool is_condition; /* of a loop */
} peek;

uint32_t ul_census_line_count(CXCursor function)
{
    CXSourceRange extent = clang_getCursorExtent(function);
    uint32_t first = ul_clang_place_of(clang_getRangeStart(extent)).line, last = ul_clang_place_of(clang_getRangeEnd(extent)).line;
    return last - first + 1;
}

static void take(peek *p, ul_lock_name name)
{
    if (name.word)
        ul_held_note(&p->held, name.word);
    else if (name.parameter)
        p->known->locked_parameter = name.parameter;
}

static void drop(ul_held_set *set, ul_word lock)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        if (set->locks[i] != lock)
            set->locks[kept++] = set->locks[i];
    }
    set->count = kept;
}

static void give(peek *p, ul_lock_name name)
{
    if (name.word && !ul_held_has(&p->held, name.word))
        ul_held_note(&p->given, name.word);
    else if (name.word)
        drop(&p->held, name.word);
    else if (name.parameter)
        p->known->unlocked_parameter = name.parameter;
}

static void see_operation(peek *p, CXCursor operation, CXCursor pointer)
{
    ul_lock_name name;
    bool is_call = clang_getCursorKind(operation) == CXCursor_CallExpr, is_compare;
    ul_call_verb verb = is_call ? ul_census_verb(p->census, operation) : UL_CALL_PLAIN;
    if (clang_Cursor_isNull(pointer) || !ul_census_lock_name(&name, p->census, pointer))
        return;
    if (verb == UL_CALL_LOCK || (p->is_condition && ul_census_swaps_number(&is_compare, p->census->reader, operation)))
        take(p, name);
    else if (verb == UL_CALL_UNLOCK)
        give(p, name);
    else if ((verb == UL_CALL_ATOMIC_WRITE || (!is_call && clang_getCursorType(operation).kind == CXType_Void)) && name.parameter)
        p->known->cleared_parameter = name.parameter;
}

static enum CXChildVisitResult see(CXCursor cursor, CXCursor parent, CXClientData data)
{
    peek *p = data;
    CXCursor condition;
    (void)parent;
    switch (clang_getCursorKind(cursor)) {
    case CXCursor_CallExpr:
        see_operation(p, cursor, clang_Cursor_getArgument(cursor, 0));
        return CXChildVisit_Recurse;
    case CXCursor_UnexposedExpr: /* an atomic builtin has its pointer first */
        if (ul_cursor_child_count(cursor) >= 2)
            see_operation(p, cursor, ul_cursor_child(cursor, 0));
        return CXChildVisit_Recurse;
    case CXCursor_WhileStmt:
    case CXCursor_DoStmt:
        condition = ul_cursor_child(cursor, clang_getCursorKind(cursor) == CXCursor_WhileStmt ? 0 : 1);
        p->is_condition = true;
        if (see(condition, cursor, p) == CXChildVisit_Recurse)
            clang_visitChildren(condition, see, p);
        p->is_condition = false;
        return CXChildVisit_Continue;
    case CXCursor_IfStmt:
        condition = ul_cursor_child(cursor, 0);
        if (see(condition, cursor, p) == CXChildVisit_Recurse)
            clang_visitChildren(condition, see, p);
        return CXChildVisit_Continue;
    case CXCursor_ForStmt:
    case CXCursor_SwitchStmt:
    case CXCursor_ConditionalOperator:
        return CXChildVisit_Continue;
    default:
        return CXChildVisit_Recurse;
    }
}

static char *text_of(const ul_census_reader *census, const ul_held_set *set)
{
    const char *text = "";
    for (uint32_t i = 0; i < set->count; i++)
        text = ul_arena_printf(census->reader->arena, "%s%s%s", text, i ? "|" : "", census->out->words[set->locks[i]]);
    return set->count ? ul_arena_strdup(census->reader->arena, text) : NULL;
}

static const ul_known_function *look_through(ul_census_reader *census, CXCursor definition)
{
    ul_known_function *known = UL_NEW(census->reader->arena, ul_known_function);
    peek p = {.census = census, .known = known};
    clang_visitChildren(definition, see, &p);
    if (known->locked_parameter && known->unlocked_parameter) /* taken for a while */
        known->locked_parameter = known->unlocked_parameter = 0;
    known->takes = text_of(census, &p.held);
    known->gives = text_of(census, &p.given);
    known->is_locker = known->takes || known->gives || known->locked_parameter || known->unlocked_parameter || known->cleared_parameter;
    return known->is_locker ? known : NULL;
}

const ul_known_function *ul_census_locker(ul_census_reader *census, CXCursor call)
{
    CXCursor callee = clang_getCursorReferenced(call);
    if (callee.kind != CXCursor_FunctionDecl)
        return NULL;
    const ul_declaration_note *note = ul_census_note(census, callee);
    const ul_known_function *known = note->is_peeked || census->cache->locker_count == 0 ? NULL : ul_census_known(census, callee);
    if (known)
        return known->is_locker ? known : NULL;
    if (note->is_peeked)
        return note->locker;
    CXCursor definition = clang_getCursorDefinition(callee);
    bool has_body = !clang_Cursor_isNull(definition), is_later = false;
    if (has_body) {
        ul_clang_place body = ul_clang_cursor_place(definition), use = ul_clang_cursor_place(call);
        is_later = body.offset > use.offset && clang_File_isEqual(body.file, use.file) && ul_census_line_count(definition) <= UL_LOCKER_LINES_MAX;
    }
    const ul_known_function *locker = is_later ? look_through(census, definition) : NULL;
    ul_census_note_locker(census, callee, locker, is_later || !has_body);
    return locker;
}

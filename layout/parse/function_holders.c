/*
 * Where functions are kept without being called: variables, locals, tables and fields, by names that are the same in all units. A start routine may
 * come to pthread_create() by way of one: `f = worker; pthread_create(&t, 0, f, 0)`, `start[i]`, `task->run` that a trampoline calls.
 */
#include "layout/parse/census_reader.h"

#include <string.h>

enum { CLIMB_MAX = 16 };

static ul_word variable_word(ul_census_reader *census, CXCursor variable)
{
    const ul_declaration_note *note = ul_census_note(census, variable);
    return note->object ? note->object : ul_census_word_of(census, ul_reader_place_key(census->reader, variable));
}

ul_word ul_census_holder(ul_census_reader *census, CXCursor expression)
{
    CXCursor inner = ul_cursor_stripped(expression);
    for (int depth = 0; depth < CLIMB_MAX; depth++) {
        CXCursor target = clang_getCursorReferenced(inner);
        switch (clang_getCursorKind(inner)) {
        case CXCursor_MemberRefExpr:
            return ul_census_field_path(census, target);
        case CXCursor_DeclRefExpr:
            return clang_getCursorKind(target) == CXCursor_VarDecl ? variable_word(census, target) : 0;
        case CXCursor_ArraySubscriptExpr:
        case CXCursor_UnaryOperator:
            inner = ul_cursor_stripped(ul_cursor_child(inner, 0));
            break;
        case CXCursor_CStyleCastExpr:
            inner = ul_cursor_stripped(ul_cursor_last_child(inner));
            break;
        default:
            return 0;
        }
    }
    return 0;
}

typedef struct nth_field {
    CXCursor field;
    uint32_t left;
    bool is_found;
} nth_field;

static enum CXVisitorResult see_field(CXCursor field, CXClientData data)
{
    nth_field *nth = data;
    if (nth->left--)
        return CXVisit_Continue;
    nth->field = field;
    nth->is_found = true;
    return CXVisit_Break;
}

/* The field of a record that a value in a list initializes: `.run = worker`, or by its place. */
static ul_word listed_field(ul_census_reader *census, const ul_frame *list, const ul_frame *item)
{
    CXCursor first = item->kind == CXCursor_UnexposedExpr ? ul_cursor_child(item->cursor, 0) : clang_getNullCursor();
    if (clang_getCursorKind(first) == CXCursor_MemberRef)
        return ul_census_field_path(census, clang_getCursorReferenced(first));
    nth_field nth = {.left = item->child};
    clang_Type_visitFields(ul_clang_bare_type(clang_getCursorType(list->cursor)), see_field, &nth);
    return nth.is_found ? ul_census_field_path(census, nth.field) : 0;
}

ul_word ul_census_find_holder(ul_census_reader *census, const ul_walk *walk)
{
    for (uint32_t up = 0; up < CLIMB_MAX; up++) {
        const ul_frame *child = ul_walk_frame(walk, up), *parent = ul_walk_frame(walk, up + 1);
        if (!parent)
            return 0;
        switch (parent->kind) {
        case CXCursor_UnexposedExpr:
        case CXCursor_ParenExpr:
        case CXCursor_CStyleCastExpr:
        case CXCursor_UnaryOperator:
        case CXCursor_CompoundLiteralExpr:
            break;
        case CXCursor_ConditionalOperator:
            if (child->child == 0)
                return 0;
            break;
        case CXCursor_InitListExpr:
            if (ul_clang_bare_type(clang_getCursorType(parent->cursor)).kind == CXType_Record)
                return listed_field(census, parent, child);
            break;
        case CXCursor_VarDecl:
            return variable_word(census, parent->cursor);
        case CXCursor_BinaryOperator:
            return child->child == 1 ? ul_census_holder(census, ul_cursor_child(parent->cursor, 0)) : 0;
        default:
            return 0;
        }
    }
    return 0;
}

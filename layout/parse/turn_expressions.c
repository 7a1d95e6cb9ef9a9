/* Which expressions tell whether a thread was created, and which wait for it: see census_turns.c. */
#include "layout/parse/turns.h"

#include <string.h>

static enum CXChildVisitResult keep_child(CXCursor cursor, CXCursor parent, CXClientData data)
{
    ul_turn_parts *all = data;
    (void)parent;
    if (all->count < sizeof all->items / sizeof *all->items)
        all->items[all->count] = cursor;
    all->count++;
    return CXChildVisit_Continue;
}

ul_turn_parts ul_turn_children(CXCursor cursor)
{
    CXCursor none = clang_getNullCursor();
    ul_turn_parts all = {.items = {none, none, none, none}};
    clang_visitChildren(cursor, keep_child, &all);
    return all;
}

/* Of what libclang gives in visits of their own, data[0] differs. */
bool ul_turn_is_same(CXCursor a, CXCursor b)
{
    return a.kind == b.kind && a.data[1] == b.data[1];
}

/* Whether the operator between two operands is written there as `sign`. */
static bool says(const ul_turn *t, CXCursor left, CXCursor right, const char *sign)
{
    ul_clang_place from = ul_clang_place_of(clang_getRangeEnd(clang_getCursorExtent(left))), to = ul_clang_place_of(clang_getRangeStart(clang_getCursorExtent(right)));
    size_t length = 0;
    const char *bytes = from.file && clang_File_isEqual(from.file, to.file) ? ul_reader_contents(t->census->reader, from.file, &length) : NULL;
    if (!bytes || to.offset > length || from.offset >= to.offset)
        return false;
    char text[4] = "";
    uint32_t count = 0;
    for (const char *at = bytes + from.offset; at < bytes + to.offset; at++) {
        if (strchr(" \t\r\n()", *at))
            continue;
        if (count == sizeof text - 1)
            return false; /* a comment, among others */
        text[count++] = *at;
    }
    return strcmp(text, sign) == 0;
}

static bool is_not(const ul_turn *t, CXCursor operation)
{
    ul_clang_place place = ul_clang_place_of(clang_getRangeStart(clang_getCursorExtent(operation)));
    size_t length = 0;
    const char *bytes = place.file ? ul_reader_contents(t->census->reader, place.file, &length) : NULL;
    return bytes && place.offset < length && bytes[place.offset] == '!';
}

/* The local variable that `expression` names, or the null cursor. */
CXCursor ul_turn_local(CXCursor expression)
{
    CXCursor stripped = ul_cursor_stripped(expression);
    CXCursor variable = clang_getCursorKind(stripped) == CXCursor_DeclRefExpr ? clang_getCursorReferenced(stripped) : clang_getNullCursor();
    return ul_cursor_is_local(variable) ? variable : clang_getNullCursor();
}

const char *ul_turn_name(const ul_turn *t, CXCursor call)
{
    return ul_clang_text(clang_getCursorSpelling(call), t->census->reader->arena);
}

/* `local = value` */
bool ul_turn_is_kept(const ul_turn *t, const ul_turn_parts *sides, CXCursor *local)
{
    *local = sides->count == 2 ? ul_turn_local(sides->items[0]) : clang_getNullCursor();
    return !clang_Cursor_isNull(*local) && says(t, sides->items[0], sides->items[1], "=");
}

/* Whether the value is what the creation gave; where a local gets it, that has it from then on. */
bool ul_turn_is_result(ul_turn *t, CXCursor expression)
{
    CXCursor inner = ul_cursor_uncast(expression), local = ul_turn_local(inner);
    if (ul_turn_is_same(inner, t->create) || (!clang_Cursor_isNull(local) && clang_equalCursors(local, t->result)))
        return true;
    if (clang_getCursorKind(inner) != CXCursor_BinaryOperator)
        return false;
    ul_turn_parts sides = ul_turn_children(inner);
    if (!ul_turn_is_kept(t, &sides, &local) || !ul_turn_is_result(t, sides.items[1]))
        return false;
    t->result = local;
    return true;
}

static ul_turn_news opposite(ul_turn_news known)
{
    return known == UL_NEWS_FAILED ? UL_NEWS_MADE : known == UL_NEWS_MADE ? UL_NEWS_FAILED : UL_NEWS_NONE;
}

/* `result != 0` and the like. No creation gives a negative number. */
static ul_turn_news compared(ul_turn *t, const ul_turn_parts *sides)
{
    bool is_zero = false;
    for (uint32_t i = 0; i < 2 && sides->count == 2; i++) {
        if (!ul_cursor_is_number(sides->items[1 - i], &is_zero) || !ul_turn_is_result(t, sides->items[i]))
            continue;
        if (says(t, sides->items[0], sides->items[1], "!="))
            return is_zero ? UL_NEWS_FAILED : UL_NEWS_MADE;
        if (says(t, sides->items[0], sides->items[1], "=="))
            return is_zero ? UL_NEWS_MADE : UL_NEWS_FAILED;
        bool is_order = says(t, sides->items[0], sides->items[1], "<") || says(t, sides->items[0], sides->items[1], ">");
        return is_order && is_zero ? UL_NEWS_FAILED : UL_NEWS_NONE;
    }
    return UL_NEWS_NONE;
}

ul_turn_news ul_turn_told_by(ul_turn *t, CXCursor condition)
{
    CXCursor inner = ul_cursor_uncast(condition);
    if (ul_turn_is_result(t, inner))
        return UL_NEWS_FAILED;
    ul_turn_parts sides = ul_turn_children(inner);
    switch (clang_getCursorKind(inner)) {
    case CXCursor_UnaryOperator:
        return is_not(t, inner) ? opposite(ul_turn_told_by(t, sides.items[0])) : UL_NEWS_NONE;
    case CXCursor_BinaryOperator:
        return compared(t, &sides);
    case CXCursor_CallExpr:
        return sides.count == 3 && strcmp(ul_turn_name(t, inner), "__builtin_expect") == 0 ? ul_turn_told_by(t, sides.items[1]) : UL_NEWS_NONE;
    default:
        return UL_NEWS_NONE;
    }
}

/* Whether two expressions are the same object as long as nobody else runs: a thread that changes its own handle is none to wait for. */
static bool is_same_object(CXCursor one, CXCursor other, uint32_t depth)
{
    CXCursor a = ul_cursor_stripped(one), b = ul_cursor_stripped(other);
    if (clang_getCursorKind(a) != clang_getCursorKind(b) || depth == 0)
        return false;
    switch (clang_getCursorKind(a)) {
    case CXCursor_DeclRefExpr:
        return clang_equalCursors(clang_getCursorReferenced(a), clang_getCursorReferenced(b)) != 0;
    case CXCursor_MemberRefExpr:
        if (!clang_equalCursors(clang_getCursorReferenced(a), clang_getCursorReferenced(b)))
            return false;
        break;
    case CXCursor_IntegerLiteral: {
        CXEvalResult first = clang_Cursor_Evaluate(a), second = clang_Cursor_Evaluate(b);
        bool is_equal = first && second && clang_EvalResult_getAsLongLong(first) == clang_EvalResult_getAsLongLong(second);
        clang_EvalResult_dispose(first);
        clang_EvalResult_dispose(second);
        return is_equal;
    }
    case CXCursor_ArraySubscriptExpr:
        break;
    case CXCursor_UnaryOperator: /* `*p`: of `p++` nothing is known */
        if (!ul_cursor_is_pointer(ul_cursor_child(a, 0)) || ul_cursor_is_pointer(a))
            return false;
        break;
    default:
        return false;
    }
    ul_turn_parts first = ul_turn_children(a), second = ul_turn_children(b);
    if (first.count != second.count || first.count > 2)
        return false;
    for (uint32_t i = 0; i < first.count; i++) {
        if (clang_isExpression(clang_getCursorKind(first.items[i])) && !is_same_object(first.items[i], second.items[i], depth - 1))
            return false;
    }
    return true;
}

/* Whether `call` waits for what `create` made: the one got `&handle` and the other `handle`, or `p` and `*p`. */
static bool is_wait(const ul_turn *t, CXCursor call)
{
    if (clang_getCursorKind(call) != CXCursor_CallExpr || clang_Cursor_getNumArguments(call) != 2 || strcmp(ul_turn_name(t, call), t->waiting) != 0)
        return false;
    CXCursor made = ul_cursor_stripped(clang_Cursor_getArgument(t->create, 0)), awaited = ul_cursor_stripped(clang_Cursor_getArgument(call, 0));
    CXType handle = ul_clang_bare_type(clang_getCursorType(awaited));
    CXCursor inner = ul_cursor_child(made, 0);
    bool is_address = clang_getCursorKind(made) == CXCursor_UnaryOperator && clang_equalTypes(ul_clang_bare_type(clang_getCursorType(inner)), handle);
    if (is_address)
        return is_same_object(inner, awaited, UL_TURN_DEEP);
    inner = ul_cursor_child(awaited, 0);
    return clang_getCursorKind(awaited) == CXCursor_UnaryOperator &&
           clang_equalTypes(ul_clang_bare_type(clang_getCursorType(inner)), ul_clang_bare_type(clang_getCursorType(made))) &&
           is_same_object(made, inner, UL_TURN_DEEP);
}

/* Whether the first thing that an expression does is to wait: what stands around it are numbers, and a local that gets the result. */
bool ul_turn_waits_first(ul_turn *t, CXCursor expression)
{
    CXCursor inner = ul_cursor_uncast(expression), local;
    bool is_zero;
    if (is_wait(t, inner))
        return true;
    ul_turn_parts sides = ul_turn_children(inner);
    switch (clang_getCursorKind(inner)) {
    case CXCursor_UnaryOperator:
        return sides.count == 1 && ul_turn_waits_first(t, sides.items[0]);
    case CXCursor_ConditionalOperator:
        return ul_turn_waits_first(t, sides.items[0]);
    case CXCursor_BinaryOperator:
        if (ul_turn_is_kept(t, &sides, &local))
            return ul_turn_waits_first(t, sides.items[1]);
        if (sides.count == 2 && ul_cursor_is_number(sides.items[1], &is_zero))
            return ul_turn_waits_first(t, sides.items[0]);
        if (sides.count == 2 && ul_cursor_is_number(sides.items[0], &is_zero))
            return ul_turn_waits_first(t, sides.items[1]) && (says(t, sides.items[0], sides.items[1], "==") || says(t, sides.items[0], sides.items[1], "!="));
        /* create() || join(), create() == 0 && join() == 0 */
        return sides.count == 2 && ul_turn_waits_first(t, sides.items[1]) &&
               ((ul_turn_told_by(t, sides.items[0]) == UL_NEWS_FAILED && says(t, sides.items[0], sides.items[1], "||")) ||
                (ul_turn_told_by(t, sides.items[0]) == UL_NEWS_MADE && says(t, sides.items[0], sides.items[1], "&&")));
    case CXCursor_CallExpr:
        return sides.count == 3 && strcmp(ul_turn_name(t, inner), "__builtin_expect") == 0 && ul_turn_waits_first(t, sides.items[1]);
    default:
        return false;
    }
}

/*
 * What calls do with a pointer:
 *  1. free, realloc and their like;
 *  2. what is printed behind a format: the compiler knows it for one, or the body hands the list to vprintf() and nobody else;
 *  3. functions of libc that keep nothing; where they return an address inside of the object or leave one elsewhere, that is followed;
 *  4. a function that this unit defines, whose body is read; any other may keep the pointer.
 */
#include "layout/parse/pointer_follow.h"

#include <string.h>

#include "layout/parse/libc_calls.h"

static const ul_node *node_of(const ul_follow *f, uint32_t node)
{
    return &f->tree->nodes[node];
}

/* `log("%s", p)`: what goes where `...` stands. */
static bool is_printed(const ul_follow *f, CXCursor callee, uint32_t argument)
{
    CXType type = ul_clang_bare_type(clang_getCursorType(callee));
    int count = type.kind == CXType_FunctionProto ? clang_getNumArgTypes(type) : 0;
    return count > 0 && clang_isFunctionTypeVariadic(type) && argument >= (uint32_t)count && (ul_libc_prints(callee) || ul_allocation_is_printer(f->reader, callee));
}

/* Whether it is `&variable` of one of the function's own, which is set. */
static bool is_own_address(const ul_follow *f, uint32_t argument, CXCursor *variable)
{
    uint32_t at, node = ul_tree_strip(f->tree, argument);
    if (node_of(f, node)->kind != CXCursor_UnaryOperator)
        return false;
    uint32_t operand = ul_tree_strip(f->tree, ul_tree_child(f->tree, node, 0));
    if (node_of(f, operand)->kind != CXCursor_DeclRefExpr || ul_tree_change(&at, f->tree, operand) != UL_CHANGE_ADDRESS)
        return false;
    *variable = ul_tree_declaration(f->tree, operand);
    return ul_cursor_is_local(*variable);
}

/* strtol(p, &end, 10): `end` points into the object. */
static void see_inside(ul_follow *f, uint32_t call, int argument)
{
    CXCursor variable;
    uint32_t given = ul_tree_argument(f->tree, call, (uint32_t)argument);
    if (given == UL_NO_NODE || ul_follow_is_null(f, given))
        return;
    if (is_own_address(f, given, &variable))
        ul_follow_variable(f, call, variable);
    else
        ul_follow_tell(f, UL_USE_STORED, call, ul_tree_text(f->tree, given));
}

static bool is_named(const ul_follow *f, uint32_t call, const char *wanted)
{
    CXString spelling = clang_getCursorSpelling(node_of(f, call)->cursor);
    const char *name = clang_getCString(spelling);
    bool is_it = name && strcmp(name, wanted) == 0;
    clang_disposeString(spelling);
    return is_it;
}

/* strtok(NULL, " "), wherever it is, goes on with the text that strtok() was given. */
static void see_tokens(ul_follow *f)
{
    if (f->has_tokens)
        return;
    f->has_tokens = true;
    for (uint32_t i = 1; i < f->tree->count; i++) {
        if (node_of(f, i)->kind == CXCursor_CallExpr && is_named(f, i, "strtok"))
            ul_follow_value(f, i);
    }
}

static void see_lent(ul_follow *f, uint32_t call, const char *name, const ul_lending *lending)
{
    ul_follow_tell(f, lending->fills ? UL_USE_FILLED : UL_USE_LENT, call, name);
    if (lending->inside_argument >= 0)
        see_inside(f, call, lending->inside_argument);
    if (lending->is_token)
        see_tokens(f);
    if (lending->returns && ul_cursor_is_pointer(node_of(f, call)->cursor))
        ul_follow_value(f, call);
}

bool ul_follow_is_place(ul_follow *f, uint32_t address)
{
    uint32_t node = address, parent = node_of(f, address)->parent;
    while (node_of(f, parent)->kind == CXCursor_ParenExpr || node_of(f, parent)->kind == CXCursor_UnexposedExpr) {
        node = parent;
        parent = node_of(f, parent)->parent;
    }
    if (node_of(f, parent)->kind != CXCursor_CallExpr || node_of(f, node)->child == 0)
        return false;
    CXCursor callee = ul_tree_callee(f->tree, parent);
    uint32_t argument = node_of(f, node)->child - 1;
    ul_lending lending;
    if (argument == 0 && is_named(f, parent, "strsep") && ul_libc_declares(callee)) { /* it moves on, and returns where it was */
        ul_follow_value(f, parent);
        return true;
    }
    bool is_place = ul_libc_lends(&lending, callee, 0) && lending.inside_argument == (int)argument;
    if (is_place && lending.returns) /* strtok_r(NULL, " ", &at) */
        ul_follow_value(f, parent);
    return is_place;
}

static bool is_constant_text(CXCursor callee, uint32_t argument)
{
    return clang_isConstQualifiedType(clang_getPointeeType(ul_clang_bare_type(clang_getArgType(ul_clang_bare_type(clang_getCursorType(callee)), argument))));
}

void ul_follow_call(ul_follow *f, uint32_t call, uint32_t child)
{
    CXCursor callee = ul_tree_callee(f->tree, call);
    uint32_t argument = child - 1;
    ul_lending lending;
    ul_borrowing borrowing = {.returns = false};
    if (child == 0 || clang_Cursor_isNull(callee)) {
        ul_follow_tell(f, child ? UL_USE_PASSED : UL_USE_UNCLEAR, call, "a pointer to a function");
        return;
    }
    const char *name = ul_clang_text(clang_getCursorSpelling(callee), f->tree->uses->reader->arena);
    ul_memory_verb verb = ul_allocation_verb(f->reader, node_of(f, call)->cursor);
    if (verb == UL_MEMORY_FREE || verb == UL_MEMORY_REALLOC) {
        ul_follow_tell(f, argument ? UL_USE_UNCLEAR : verb == UL_MEMORY_FREE ? UL_USE_FREED : UL_USE_RESIZED, call, name);
        f->is_freed[f->current] = true;
    } else if ((verb == UL_MEMORY_COPY && is_constant_text(callee, argument)) || is_printed(f, callee, argument)) {
        ul_follow_tell(f, UL_USE_LENT, call, name);
    } else if (ul_libc_lends(&lending, callee, argument)) {
        see_lent(f, call, name, &lending);
    } else if (ul_allocation_is_lent(&borrowing, f->reader, callee, argument)) {
        ul_follow_tell(f, UL_USE_LENT, call, name);
        if (borrowing.as.kind != CXType_Invalid && !ul_is_same_type(borrowing.as, ul_pointee(clang_getCursorType(f->variables[0]))))
            f->out->retyped = borrowing.as;
        if (borrowing.returns && ul_cursor_is_pointer(node_of(f, call)->cursor))
            ul_follow_value(f, call);
    } else {
        ul_follow_tell(f, UL_USE_PASSED, call, name);
    }
}

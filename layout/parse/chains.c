/*
 * 1. The entry's link takes what is kept somewhere, and the entry is kept there: the chain grows, no slot is overwritten.
 * 2. Before, a loop goes over links and returns from the function.
 * 3. The function hands out no pointer, which would outlive an entry that goes, and what it is asked for has more than a few values.
 * 4. Nothing but null pointers is asked about outside loops, and nothing that outlives the function is counted: no bound is hidden there.
 */
#include "layout/parse/chains.h"

#include <string.h>

static bool is_variable(const ul_function_tree *tree, uint32_t node, CXCursor variable)
{
    node = ul_tree_strip(tree, node);
    return tree->nodes[node].kind == CXCursor_DeclRefExpr && clang_equalCursors(ul_tree_declaration(tree, node), variable);
}

/* The lvalue that `entry->next` takes the value of, UL_NO_NODE for none. */
static uint32_t chained_to(const ul_function_tree *tree, uint32_t assignment, CXCursor variable)
{
    if (!ul_tree_is_assignment(tree, assignment))
        return UL_NO_NODE;
    uint32_t target = ul_tree_strip(tree, ul_tree_child(tree, assignment, 0)), value = ul_tree_strip(tree, ul_tree_child(tree, assignment, 1));
    if (tree->nodes[target].kind != CXCursor_MemberRefExpr || ul_tree_child(tree, target, 0) == UL_NO_NODE || !is_variable(tree, ul_tree_child(tree, target, 0), variable) ||
        !clang_equalTypes(clang_getCanonicalType(clang_getCursorType(tree->nodes[target].cursor)), clang_getCanonicalType(clang_getCursorType(variable))))
        return UL_NO_NODE;
    enum CXCursorKind kind = tree->nodes[value].kind;
    return kind == CXCursor_ArraySubscriptExpr || kind == CXCursor_MemberRefExpr || kind == CXCursor_DeclRefExpr ? value : UL_NO_NODE;
}

/* As written, since `table[hash & mask]` is more than ul_tree_same() looks through; a long text is cut, and none. */
static bool is_same(const ul_function_tree *tree, uint32_t a, uint32_t b)
{
    const char *text = ul_tree_text(tree, a);
    return strcmp(text, ul_tree_text(tree, b)) == 0 && !strstr(text, "...");
}

static bool is_chained(const ul_function_tree *tree, CXCursor variable)
{
    for (uint32_t i = 1; i < tree->count; i++) {
        uint32_t place = tree->nodes[i].kind == CXCursor_BinaryOperator ? chained_to(tree, i, variable) : UL_NO_NODE;
        for (uint32_t k = 1; place != UL_NO_NODE && k < tree->count; k++) {
            if (tree->nodes[k].kind == CXCursor_BinaryOperator && ul_tree_is_assignment(tree, k) && is_variable(tree, ul_tree_child(tree, k, 1), variable) &&
                is_same(tree, ul_tree_strip(tree, ul_tree_child(tree, k, 0)), place))
                return true;
        }
    }
    return false;
}

/* A loop before the call that follows links of the type and may return. */
static bool is_searched(const ul_function_tree *tree, uint32_t call, CXType pointer)
{
    bool returns = false, follows = false;
    for (uint32_t i = 1; i < call; i++) {
        if (!tree->nodes[i].loop_depth)
            continue;
        returns |= tree->nodes[i].kind == CXCursor_ReturnStmt;
        follows |= tree->nodes[i].kind == CXCursor_MemberRefExpr &&
                   clang_equalTypes(clang_getCanonicalType(clang_getCursorType(tree->nodes[i].cursor)), clang_getCanonicalType(pointer));
    }
    return returns && follows;
}

/* `if (!p)`, `if (p == NULL)`, `if ((p = get()) != NULL)`. */
static bool asks_for_pointer(const ul_function_tree *tree, uint32_t condition)
{
    uint32_t node = ul_tree_strip(tree, condition);
    if (tree->nodes[node].kind == CXCursor_UnaryOperator)
        node = ul_tree_strip(tree, ul_tree_child(tree, node, 0));
    if (tree->nodes[node].kind == CXCursor_BinaryOperator && !ul_tree_is_assignment(tree, node)) {
        long long value;
        uint32_t right = ul_tree_strip(tree, ul_tree_child(tree, node, 1));
        if (!ul_expression_value(tree->nodes[right].cursor, &value) || value != 0)
            return false;
        node = ul_tree_strip(tree, ul_tree_child(tree, node, 0));
    }
    return ul_cursor_is_pointer(tree->nodes[node].cursor);
}

static bool is_own(CXCursor variable)
{
    return clang_getCursorKind(variable) == CXCursor_ParmDecl || ul_cursor_is_local(variable);
}

/* Whether something may bound what is added. */
static bool is_bounded(const ul_function_tree *tree)
{
    for (uint32_t i = 1; i < tree->count; i++) {
        uint32_t at;
        enum CXCursorKind kind = tree->nodes[i].kind;
        bool is_branch = kind == CXCursor_IfStmt || kind == CXCursor_SwitchStmt || kind == CXCursor_ConditionalOperator;
        if (kind == CXCursor_GotoStmt || kind == CXCursor_IndirectGotoStmt)
            return true;
        if (is_branch && !tree->nodes[i].loop_depth && !asks_for_pointer(tree, ul_tree_child(tree, i, 0)))
            return true;
        if (kind != CXCursor_DeclRefExpr && kind != CXCursor_MemberRefExpr && kind != CXCursor_ArraySubscriptExpr)
            continue;
        ul_change change = ul_tree_change(&at, tree, i);
        bool is_counted = change == UL_CHANGE_INCREMENT || change == UL_CHANGE_COMPOUND || change == UL_CHANGE_DECREMENT || change == UL_CHANGE_ADDRESS;
        if (is_counted && !(kind == CXCursor_DeclRefExpr && is_own(ul_tree_declaration(tree, i))))
            return true;
    }
    return false;
}

/* A key that is an enum or smaller than an int bounds the chain by itself. */
static bool has_wide_key(CXCursor function)
{
    CXType type = clang_getCursorType(function);
    for (int i = 0; i < clang_getNumArgTypes(type); i++) {
        CXType key = ul_clang_bare_type(clang_getArgType(type, (unsigned)i));
        if (key.kind != CXType_Enum && clang_Type_getSizeOf(key) >= 4)
            return true;
    }
    return false;
}

/* Whether it gives the caller an address, which may be an entry's: as its result, or where a parameter points. */
static bool hands_out(const ul_function_tree *tree)
{
    if (ul_is_pointer(ul_clang_bare_type(clang_getResultType(clang_getCursorType(tree->nodes[0].cursor)))))
        return true;
    for (uint32_t i = 1; i < tree->count; i++) {
        if (tree->nodes[i].kind != CXCursor_BinaryOperator || !ul_tree_is_assignment(tree, i))
            continue;
        uint32_t target = ul_tree_strip(tree, ul_tree_child(tree, i, 0));
        if (tree->nodes[target].kind == CXCursor_UnaryOperator && ul_cursor_is_pointer(tree->nodes[target].cursor))
            return true;
    }
    return false;
}

bool ul_chain_is_looked_up(const ul_function_tree *tree, uint32_t call, CXCursor variable)
{
    if (!has_wide_key(tree->nodes[0].cursor) || hands_out(tree))
        return false;
    return !tree->nodes[call].loop_depth && is_searched(tree, call, clang_getCursorType(variable)) && is_chained(tree, variable) && !is_bounded(tree);
}

/*
 * A realloc that makes room for a few elements more each time:
 *  1. its size is sizeof times X, or it is told the number X apart; X is a counter, or a counter and a literal;
 *  2. the function changes the counter somewhere, and only by ++, += literal, or `x = x + literal`;
 *  3. the counter outlives the call, or the realloc is in the loop that changes it: else it happens once.
 */
#include "layout/parse/growth.h"

#include <string.h>

enum { STEP_MAX = 63 }; /* beyond, few arrays are copied often enough to matter */

static bool is_sizeof(const ul_function_tree *tree, uint32_t node)
{
    long long value;
    uint32_t inner = ul_tree_strip(tree, node);
    return tree->nodes[inner].kind == CXCursor_UnaryExpr && ul_expression_value(tree->nodes[inner].cursor, &value);
}

/* `st_mult(a, b)`: products that look out for overflow. */
static bool is_checked_product(const ul_function_tree *tree, uint32_t node)
{
    if (tree->nodes[node].kind != CXCursor_CallExpr || ul_tree_child_count(tree, node) != 3)
        return false;
    CXString spelling = clang_getCursorSpelling(tree->nodes[node].cursor);
    const char *name = clang_getCString(spelling);
    bool is_product = name && strstr(name, "mul") != NULL;
    clang_disposeString(spelling);
    return is_product;
}

/* What sizeof is multiplied with, or UL_NO_NODE. */
static uint32_t factor_of(const ul_function_tree *tree, uint32_t size)
{
    uint32_t node = ul_tree_strip(tree, size), left, right;
    if (tree->nodes[node].kind == CXCursor_BinaryOperator && ul_tree_operator(tree, node) == '*') {
        left = ul_tree_child(tree, node, 0);
        right = ul_tree_child(tree, node, 1);
    } else if (is_checked_product(tree, node)) {
        left = ul_tree_argument(tree, node, 0);
        right = ul_tree_argument(tree, node, 1);
    } else {
        return UL_NO_NODE;
    }
    return is_sizeof(tree, left) ? right : is_sizeof(tree, right) ? left : UL_NO_NODE;
}

static bool literal_of(long long *value, const ul_function_tree *tree, uint32_t node)
{
    return ul_expression_value(tree->nodes[ul_tree_strip(tree, node)].cursor, value) && *value > 0;
}

static bool is_counter(const ul_function_tree *tree, uint32_t node)
{
    enum CXCursorKind kind = tree->nodes[node].kind;
    if (!ul_is_integer(ul_clang_bare_type(clang_getCursorType(tree->nodes[node].cursor))))
        return false;
    if (kind == CXCursor_DeclRefExpr) {
        enum CXCursorKind declared = clang_getCursorKind(ul_tree_declaration(tree, node));
        return declared == CXCursor_VarDecl || declared == CXCursor_ParmDecl;
    }
    return kind == CXCursor_MemberRefExpr || kind == CXCursor_UnaryOperator;
}

/* `n`, `n + literal`, `++n`: the node of n, and the literal. */
static uint32_t counter_of(long long *ahead, const ul_function_tree *tree, uint32_t factor)
{
    uint32_t node = ul_tree_strip(tree, factor), at;
    *ahead = 0;
    if (tree->nodes[node].kind == CXCursor_BinaryOperator && ul_tree_operator(tree, node) == '+') {
        uint32_t left = ul_tree_child(tree, node, 0), right = ul_tree_child(tree, node, 1);
        if (!literal_of(ahead, tree, right)) {
            if (!literal_of(ahead, tree, left))
                return UL_NO_NODE;
            left = right;
        }
        node = ul_tree_strip(tree, left);
    } else if (tree->nodes[node].kind == CXCursor_UnaryOperator) {
        uint32_t operand = ul_tree_strip(tree, ul_tree_child(tree, node, 0));
        if (ul_tree_change(&at, tree, operand) == UL_CHANGE_INCREMENT)
            node = operand;
    }
    return is_counter(tree, node) ? node : UL_NO_NODE;
}

/* `x = x + literal` */
static bool is_plain_step(long long *by, const ul_function_tree *tree, uint32_t assignment, uint32_t counter)
{
    uint32_t value = ul_tree_strip(tree, ul_tree_child(tree, assignment, 1));
    if (tree->nodes[value].kind != CXCursor_BinaryOperator || ul_tree_operator(tree, value) != '+')
        return false;
    return ul_tree_same(tree, ul_tree_child(tree, value, 0), counter) && literal_of(by, tree, ul_tree_child(tree, value, 1));
}

static bool is_around(const ul_function_tree *tree, uint32_t outer, uint32_t node)
{
    return outer == UL_NO_NODE || (node > outer && node < tree->nodes[outer].end);
}

/* How one change of the counter adds to it; 0: in another way. */
static long long step_of(const ul_function_tree *tree, ul_change change, uint32_t at, uint32_t counter)
{
    long long by = 0;
    if (change == UL_CHANGE_INCREMENT)
        return 1;
    if (change == UL_CHANGE_COMPOUND && ul_tree_operator(tree, at) == 'P' && literal_of(&by, tree, ul_tree_child(tree, at, 1)))
        return by;
    return change == UL_CHANGE_SET && is_plain_step(&by, tree, at, counter) ? by : 0;
}

/* Whether the counter is one of the function's own, which begins anew with each call. */
static bool is_own(const ul_function_tree *tree, uint32_t counter)
{
    CXCursor declaration = ul_tree_declaration(tree, counter);
    if (tree->nodes[counter].kind != CXCursor_DeclRefExpr)
        return false;
    return clang_getCursorKind(declaration) == CXCursor_ParmDecl ||
           (clang_getCursorLinkage(declaration) == CXLinkage_NoLinkage && clang_Cursor_getStorageClass(declaration) != CX_SC_Static);
}

bool ul_growth_steps(uint32_t *counter, uint64_t *step, const ul_function_tree *tree, uint32_t call, uint32_t size, uint32_t count)
{
    long long ahead, least = 0;
    uint32_t factor = count != UL_NO_NODE ? count : factor_of(tree, size), at;
    *counter = factor == UL_NO_NODE ? UL_NO_NODE : counter_of(&ahead, tree, factor);
    if (*counter == UL_NO_NODE)
        return false;
    for (uint32_t i = 1; i < tree->count; i++) {
        if (tree->nodes[i].kind != tree->nodes[*counter].kind || !ul_tree_same(tree, i, *counter))
            continue;
        ul_change change = ul_tree_change(&at, tree, i);
        if (change == UL_CHANGE_NONE)
            continue;
        long long by = step_of(tree, change, at, *counter);
        if (by == 0)
            return false;
        uint32_t loop = ul_tree_loop(tree, i);
        if (!is_around(tree, loop, call) || (is_own(tree, *counter) && loop == UL_NO_NODE))
            return false;
        least = least == 0 || by < least ? by : least;
    }
    *step = (uint64_t)(ahead > least + 1 ? ahead : least); /* one more is for what ends the array */
    return least > 0 && *step <= STEP_MAX;
}

static bool names_file_size(const ul_function_tree *tree, uint32_t node)
{
    static const char *const sizes[] = {"st_size", "ftell", "ftello", "lseek", "lseek64", NULL};
    enum CXCursorKind kind = tree->nodes[node].kind;
    if (kind != CXCursor_MemberRefExpr && kind != CXCursor_CallExpr)
        return false;
    CXString spelling = clang_getCursorSpelling(tree->nodes[node].cursor);
    const char *name = clang_getCString(spelling);
    bool is_size = false;
    for (const char *const *at = sizes; *at && name && !is_size; at++)
        is_size = strcmp(name, *at) == 0;
    clang_disposeString(spelling);
    return is_size;
}

static bool holds_file_size(const ul_function_tree *tree, uint32_t node)
{
    for (uint32_t i = node; i < tree->nodes[node].end; i++) {
        if (names_file_size(tree, i))
            return true;
    }
    return false;
}

/* Whether a local variable is given such a size anywhere. */
static bool takes_file_size(const ul_function_tree *tree, CXCursor variable)
{
    uint32_t at;
    for (uint32_t i = 1; i < tree->count; i++) {
        enum CXCursorKind kind = tree->nodes[i].kind;
        if (kind == CXCursor_VarDecl && clang_equalCursors(tree->nodes[i].cursor, variable) && holds_file_size(tree, i))
            return true;
        if (kind == CXCursor_DeclRefExpr && clang_equalCursors(ul_tree_declaration(tree, i), variable) && ul_tree_change(&at, tree, i) == UL_CHANGE_SET &&
            holds_file_size(tree, at))
            return true;
    }
    return false;
}

bool ul_size_is_of_file(const ul_function_tree *tree, uint32_t size)
{
    for (uint32_t i = size; i < tree->nodes[size].end; i++) {
        if (names_file_size(tree, i))
            return true;
        CXCursor declaration = tree->nodes[i].kind == CXCursor_DeclRefExpr ? ul_tree_declaration(tree, i) : clang_getNullCursor();
        if (clang_getCursorKind(declaration) == CXCursor_VarDecl && takes_file_size(tree, declaration))
            return true;
    }
    return false;
}

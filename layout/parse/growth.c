/*
 * A realloc that makes room for a few elements more each time:
 *  1. its size is sizeof times X, or it is told the number X apart, or X is of bytes and the loop around it changes the counter; X is a counter, or
 *     a counter and a literal, or a local variable that is given such a sum and nothing else;
 *  2. the function changes the counter somewhere, and only by ++, += literal, `x = x + literal`, or by that local variable;
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

/* What a local variable is given, where that is one value; UL_NO_NODE for others. */
static uint32_t only_value(const ul_function_tree *tree, uint32_t reference)
{
    uint32_t value = UL_NO_NODE, at;
    CXCursor variable = tree->nodes[reference].kind == CXCursor_DeclRefExpr ? ul_tree_declaration(tree, reference) : clang_getNullCursor();
    if (!ul_cursor_is_local(variable))
        return UL_NO_NODE;
    for (uint32_t i = 1; i < tree->count; i++) {
        uint32_t given = UL_NO_NODE;
        if (tree->nodes[i].kind == CXCursor_VarDecl && clang_equalCursors(tree->nodes[i].cursor, variable)) {
            uint32_t count = ul_tree_child_count(tree, i);
            given = count ? ul_tree_child(tree, i, count - 1) : UL_NO_NODE;
        } else if (tree->nodes[i].kind == CXCursor_DeclRefExpr && clang_equalCursors(ul_tree_declaration(tree, i), variable)) {
            ul_change change = ul_tree_change(&at, tree, i);
            if (change != UL_CHANGE_NONE && change != UL_CHANGE_SET)
                return UL_NO_NODE;
            given = change == UL_CHANGE_SET ? ul_tree_child(tree, at, 1) : UL_NO_NODE;
        }
        if (given == UL_NO_NODE || !clang_isExpression(tree->nodes[given].kind))
            continue;
        if (value != UL_NO_NODE)
            return UL_NO_NODE;
        value = given;
    }
    return value;
}

/* `n`, `n + literal`, `++n`, or a local variable that is given that: the node of n, and the literal. *through: the variable, or UL_NO_NODE. */
static uint32_t counter_of(long long *ahead, uint32_t *through, const ul_function_tree *tree, uint32_t factor)
{
    uint32_t node = ul_tree_strip(tree, factor), at, value = only_value(tree, node);
    bool is_sum = value != UL_NO_NODE && tree->nodes[ul_tree_strip(tree, value)].kind == CXCursor_BinaryOperator;
    *ahead = 0;
    *through = is_sum ? node : UL_NO_NODE;
    if (is_sum)
        node = ul_tree_strip(tree, value);
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

/* How one change of the counter adds to it; 0: in another way. `through` has the counter and `ahead`, see counter_of(). */
static long long step_of(const ul_function_tree *tree, ul_change change, uint32_t at, uint32_t counter, uint32_t through, long long ahead)
{
    long long by = 0;
    if (change == UL_CHANGE_SET && through != UL_NO_NODE && ul_tree_same(tree, ul_tree_child(tree, at, 1), through))
        return ahead;
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
    return clang_getCursorKind(declaration) == CXCursor_ParmDecl || ul_cursor_is_local(declaration);
}

/* Whether the counter is a variable that each round of the loop has anew. */
static bool begins_within(const ul_function_tree *tree, uint32_t loop, uint32_t counter)
{
    for (uint32_t i = loop; loop != UL_NO_NODE && i < tree->nodes[loop].end; i++) {
        if (tree->nodes[i].kind == CXCursor_VarDecl && tree->nodes[counter].kind == CXCursor_DeclRefExpr &&
            clang_equalCursors(tree->nodes[i].cursor, ul_tree_declaration(tree, counter)))
            return true;
    }
    return false;
}

/* What the number of elements of `size` is made of; UL_NO_NODE when that is not seen. */
static uint32_t number_of(const ul_function_tree *tree, uint32_t call, uint32_t size, uint32_t count, bool is_of_bytes)
{
    if (count != UL_NO_NODE)
        return count;
    uint32_t value = only_value(tree, ul_tree_strip(tree, size)), factor = factor_of(tree, size);
    if (factor == UL_NO_NODE && value != UL_NO_NODE)
        factor = factor_of(tree, value); /* `size_t bytes = (n + 1) * sizeof *all;` */
    return factor == UL_NO_NODE && is_of_bytes && ul_tree_loop(tree, call) != UL_NO_NODE ? size : factor;
}

static bool is_of_nothing(const ul_function_tree *tree, uint32_t call)
{
    uint32_t old = ul_tree_argument(tree, call, 0);
    long long value = 1;
    return old != UL_NO_NODE && ul_expression_value(tree->nodes[ul_tree_strip(tree, old)].cursor, &value) && value == 0;
}

bool ul_growth_steps(uint32_t *counter, uint64_t *step, const ul_function_tree *tree, uint32_t call, uint32_t size, uint32_t count, bool is_of_bytes)
{
    long long ahead, least = 0;
    uint32_t number = number_of(tree, call, size, count, is_of_bytes), at, through;
    *counter = number == UL_NO_NODE || is_of_nothing(tree, call) ? UL_NO_NODE : counter_of(&ahead, &through, tree, number);
    if (*counter == UL_NO_NODE)
        return false;
    bool needs_loop = is_own(tree, *counter) || (count == UL_NO_NODE && number == size);
    for (uint32_t i = 1; i < tree->count; i++) {
        if (tree->nodes[i].kind != tree->nodes[*counter].kind || !ul_tree_same(tree, i, *counter))
            continue;
        ul_change change = ul_tree_change(&at, tree, i);
        if (change == UL_CHANGE_NONE)
            continue;
        uint32_t loop = ul_tree_loop(tree, i);
        long long by = step_of(tree, change, at, *counter, through, ahead);
        if (by == 0 || begins_within(tree, loop, *counter))
            return false;
        if (!is_around(tree, loop, call) || (needs_loop && loop == UL_NO_NODE))
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

/* A function of the unit that returns such a size: `static long size_of(FILE *in)`. Its own calls are not looked into. */
static bool returns_file_size(const ul_function_tree *tree, uint32_t call);

static bool holds_file_size(const ul_function_tree *tree, uint32_t node, bool looks_into_calls)
{
    for (uint32_t i = node; i < tree->nodes[node].end; i++) {
        if (names_file_size(tree, i) || (looks_into_calls && tree->nodes[i].kind == CXCursor_CallExpr && returns_file_size(tree, i)))
            return true;
    }
    return false;
}

/* Whether a local variable is given such a size anywhere. */
static bool takes_file_size(const ul_function_tree *tree, CXCursor variable, bool looks_into_calls)
{
    uint32_t at;
    for (uint32_t i = 1; i < tree->count; i++) {
        enum CXCursorKind kind = tree->nodes[i].kind;
        if (kind == CXCursor_VarDecl && clang_equalCursors(tree->nodes[i].cursor, variable) && holds_file_size(tree, i, looks_into_calls))
            return true;
        if (kind == CXCursor_DeclRefExpr && clang_equalCursors(ul_tree_declaration(tree, i), variable) && ul_tree_change(&at, tree, i) == UL_CHANGE_SET &&
            holds_file_size(tree, at, looks_into_calls))
            return true;
    }
    return false;
}

static bool is_file_size(const ul_function_tree *tree, uint32_t node, bool looks_into_calls)
{
    for (uint32_t i = node; i < tree->nodes[node].end; i++) {
        CXCursor declaration = tree->nodes[i].kind == CXCursor_DeclRefExpr ? ul_tree_declaration(tree, i) : clang_getNullCursor();
        if (clang_getCursorKind(declaration) == CXCursor_VarDecl && takes_file_size(tree, declaration, looks_into_calls))
            return true;
    }
    return holds_file_size(tree, node, looks_into_calls);
}

static bool returns_file_size(const ul_function_tree *tree, uint32_t call)
{
    ul_function_tree body = {.uses = NULL};
    CXCursor definition = clang_getCursorDefinition(ul_tree_callee(tree, call));
    if (clang_Cursor_isNull(definition) || !ul_is_integer(ul_clang_bare_type(clang_getCursorType(tree->nodes[call].cursor))))
        return false;
    ul_function_tree_read(&body, tree->uses, definition);
    for (uint32_t i = 1; i < body.count && body.is_whole; i++) {
        if (body.nodes[i].kind == CXCursor_ReturnStmt && is_file_size(&body, i, false))
            return true;
    }
    return false;
}

bool ul_size_is_of_file(const ul_function_tree *tree, uint32_t size)
{
    return is_file_size(tree, size, true);
}

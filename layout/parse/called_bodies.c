/* What functions that a unit defines do with what they are given, by their bodies. Each is read once for each question. */
#include "layout/parse/allocation_reader.h"

#include <string.h>

#include "layout/parse/libc_calls.h"
#include "layout/parse/pointer_uses.h"

enum { CALLS_DEEP_MAX = 3 };

/* The definition that runs when `function` is called: a weak one may be another's. */
static bool find_body(CXCursor *definition, CXCursor function)
{
    *definition = clang_getCursorDefinition(function);
    return !clang_Cursor_isNull(*definition) && !ul_attributes_have(*definition, "weak") && !ul_attributes_have(clang_getCanonicalCursor(function), "weak");
}

static bool reads_lent(ul_allocation_reader *allocations, CXCursor function, uint32_t argument, ul_borrowing *out)
{
    enum { HARMLESS = 1u << UL_USE_LENT | 1u << UL_USE_FILLED | 1u << UL_USE_REPLACED | 1u << UL_USE_RETURNED };
    ul_function_tree tree = {.uses = NULL};
    ul_pointer_uses uses = {.items = NULL};
    if (!ul_allocation_tree(allocations, &tree, function))
        return false;
    ul_pointer_uses_read(&uses, allocations, &tree, clang_Cursor_getArgument(function, argument), UL_NO_NODE);
    for (uint32_t i = 0; i < uses.count; i++) {
        if (!(1u << uses.items[i].kind & HARMLESS))
            return false;
        out->returns |= uses.items[i].kind == UL_USE_RETURNED;
    }
    out->as = uses.retyped;
    return true;
}

bool ul_allocation_is_lent(ul_borrowing *out, ul_allocation_reader *allocations, CXCursor function, uint32_t argument)
{
    CXCursor definition;
    if (!find_body(&definition, function) || (int)argument >= clang_Cursor_getNumArguments(definition) || allocations->calls_deep >= CALLS_DEEP_MAX)
        return false;
    lent_note *note = NULL;
    lent_key key = {definition.data[0], argument};
    HASH_FIND(hh, allocations->lent, &key, sizeof key, note);
    if (!note) {
        note = UL_NEW(allocations->uses.reader->arena, lent_note);
        note->key = key; /* false while it is read: what calls itself is not followed */
        HASH_ADD(hh, allocations->lent, key, sizeof key, note);
        allocations->calls_deep++;
        note->is_lent = reads_lent(allocations, definition, argument, &note->borrowing);
        allocations->calls_deep--;
    }
    *out = note->borrowing;
    return note->is_lent;
}

static bool is_list(CXType type)
{
    CXString spelling = clang_getTypeSpelling(type);
    const char *name = clang_getCString(spelling);
    bool is_it = name && (strcmp(name, "va_list") == 0 || strcmp(name, "__builtin_va_list") == 0 || strcmp(name, "__gnuc_va_list") == 0);
    clang_disposeString(spelling);
    return is_it;
}

/* Whether a reference to the list of arguments starts or ends it, or hands it to be printed. */
static bool is_harmless_list(const ul_function_tree *tree, uint32_t reference)
{
    uint32_t node = reference;
    while (tree->nodes[node].kind != CXCursor_CallExpr && tree->nodes[node].parent != UL_NO_NODE && clang_isExpression(tree->nodes[node].kind))
        node = tree->nodes[node].parent;
    if (tree->nodes[node].kind != CXCursor_CallExpr)
        return false;
    CXString spelling = clang_getCursorSpelling(tree->nodes[node].cursor);
    const char *name = clang_getCString(spelling);
    bool is_bracket = name && (strcmp(name, "__builtin_va_start") == 0 || strcmp(name, "__builtin_va_end") == 0);
    clang_disposeString(spelling);
    return is_bracket || ul_libc_prints_list(ul_tree_callee(tree, node));
}

bool ul_allocation_is_printer(ul_allocation_reader *allocations, CXCursor function)
{
    CXCursor definition;
    ul_function_tree tree = {.uses = NULL};
    bool is_printed = false;
    if (!find_body(&definition, function) || !ul_allocation_tree(allocations, &tree, definition))
        return false;
    for (uint32_t i = 1; i < tree.count; i++) {
        if (tree.nodes[i].kind != CXCursor_DeclRefExpr || !is_list(clang_getCursorType(ul_tree_declaration(&tree, i))))
            continue;
        if (!is_harmless_list(&tree, i))
            return false;
        is_printed = true;
    }
    return is_printed;
}

/* Whether a node is `*(T **)parameter` or the like. */
static bool is_behind(const ul_function_tree *tree, uint32_t node, CXCursor parameter)
{
    uint32_t inner = ul_tree_strip(tree, node);
    if (!ul_tree_is_dereference(tree, inner))
        return false;
    uint32_t pointer = ul_tree_strip(tree, ul_tree_child(tree, inner, 0));
    return tree->nodes[pointer].kind == CXCursor_DeclRefExpr && clang_equalCursors(ul_tree_declaration(tree, pointer), parameter);
}

bool ul_allocation_is_cleaner(ul_allocation_reader *allocations, CXCursor function)
{
    ul_function_tree tree = {.uses = NULL};
    bool frees = false;
    if (clang_Cursor_getNumArguments(function) != 1 || !ul_allocation_tree(allocations, &tree, function))
        return false;
    CXCursor parameter = clang_Cursor_getArgument(function, 0);
    for (uint32_t i = 1; i < tree.count; i++) {
        enum CXCursorKind kind = tree.nodes[i].kind;
        if (kind == CXCursor_VarDecl || kind == CXCursor_BinaryOperator || kind == CXCursor_ReturnStmt)
            return false;
        if (kind != CXCursor_CallExpr)
            continue;
        uint32_t argument = ul_tree_argument(&tree, i, 0);
        if (ul_allocation_verb(allocations, tree.nodes[i].cursor) != UL_MEMORY_FREE || argument == UL_NO_NODE || !is_behind(&tree, argument, parameter))
            return false;
        frees = true;
    }
    return frees;
}

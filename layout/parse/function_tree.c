#include "layout/parse/function_tree.h"

#include "layout/parse/cursors.h"

#include <string.h>

enum { DEPTH_MAX = 400, NODES_MAX = 200000, STRIP_MAX = 64 };

typedef struct reading {
    ul_function_tree *tree;
    uint32_t children[DEPTH_MAX]; /* of the open nodes so far, by depth */
} reading;

static bool is_loop(enum CXCursorKind kind)
{
    return kind == CXCursor_ForStmt || kind == CXCursor_WhileStmt || kind == CXCursor_DoStmt;
}

static bool is_branch(enum CXCursorKind kind)
{
    return kind == CXCursor_IfStmt || kind == CXCursor_SwitchStmt || kind == CXCursor_ConditionalOperator;
}

/* `do { } while (0)`, as macros have it, is no loop: its condition, the last child, is a literal. */
static bool is_once(const ul_function_tree *tree, uint32_t loop)
{
    uint32_t last = ul_tree_child(tree, loop, ul_tree_child_count(tree, loop) - 1);
    return tree->nodes[loop].kind == CXCursor_DoStmt && last != UL_NO_NODE &&
           tree->nodes[ul_tree_strip(tree, last)].kind == CXCursor_IntegerLiteral;
}

static void leave_loop(ul_function_tree *tree, uint32_t loop)
{
    for (uint32_t i = loop + 1; i < tree->count; i++)
        tree->nodes[i].loop_depth--;
}

static bool returns_twice(CXCursor call)
{
    static const char *const names[] = {"setjmp", "_setjmp", "sigsetjmp", "__sigsetjmp", "__builtin_setjmp", "vfork", "getcontext", "swapcontext", "makecontext"};
    CXString spelling = clang_getCursorSpelling(call);
    const char *name = clang_getCString(spelling);
    bool is_found = false;
    for (size_t i = 0; name && i < sizeof names / sizeof *names; i++)
        is_found |= strcmp(name, names[i]) == 0;
    clang_disposeString(spelling);
    return is_found;
}

static bool is_odd(CXCursor cursor, enum CXCursorKind kind)
{
    bool is_omp = kind >= CXCursor_OMPParallelDirective && kind <= CXCursor_LastStmt && kind != CXCursor_DeclStmt;
    return is_omp || kind == CXCursor_BlockExpr || (kind == CXCursor_CallExpr && returns_twice(cursor));
}

void ul_function_tree_begin(ul_function_tree *tree, ul_use_reader *uses, CXCursor function)
{
    tree->uses = uses;
    tree->count = tree->open = tree->depth = 0;
    tree->is_whole = true;
    tree->is_odd = false;
    UL_RESERVE(uses->reader->arena, tree->nodes, tree->count, tree->capacity);
    tree->nodes[tree->count++] = (ul_node){.cursor = function, .kind = function.kind, .parent = UL_NO_NODE};
}

bool ul_function_tree_enter(ul_function_tree *tree, CXCursor cursor, uint32_t child)
{
    if (!tree->is_whole || tree->depth + 1 >= DEPTH_MAX || tree->count >= NODES_MAX) {
        tree->is_whole = false;
        return false;
    }
    UL_RESERVE(tree->uses->reader->arena, tree->nodes, tree->count, tree->capacity);
    const ul_node *above = &tree->nodes[tree->open];
    ul_node *node = &tree->nodes[tree->count];
    node->cursor = cursor;
    node->kind = cursor.kind;
    node->parent = tree->open;
    node->child = child;
    node->loop_depth = above->loop_depth + is_loop(above->kind);
    node->branch_depth = above->branch_depth + is_branch(above->kind);
    node->has_declaration = node->has_type = false;
    tree->is_odd |= is_odd(cursor, cursor.kind);
    tree->open = tree->count++;
    tree->depth++;
    return true;
}

void ul_function_tree_leave(ul_function_tree *tree)
{
    uint32_t node = tree->open;
    if (!tree->is_whole)
        return;
    tree->nodes[node].end = tree->count;
    if (tree->nodes[node].kind == CXCursor_DoStmt && is_once(tree, node))
        leave_loop(tree, node);
    tree->open = tree->nodes[node].parent;
    tree->depth--;
}

void ul_function_tree_end(ul_function_tree *tree)
{
    while (tree->is_whole && tree->depth)
        ul_function_tree_leave(tree);
    if (!tree->is_whole)
        tree->count = 1;
    tree->nodes[0].end = tree->count;
}

/* One visit for all, as in walk.c: to start one for each node costs several times as much. */
static enum CXChildVisitResult see_node(CXCursor cursor, CXCursor parent, CXClientData data)
{
    reading *at = data;
    ul_function_tree *tree = at->tree;
    while (tree->depth && !ul_cursor_is_same(&tree->nodes[tree->open].cursor, &parent))
        ul_function_tree_leave(tree);
    if (!ul_function_tree_enter(tree, cursor, at->children[tree->depth]++))
        return CXChildVisit_Break;
    at->children[tree->depth] = 0;
    return CXChildVisit_Recurse;
}

void ul_function_tree_read(ul_function_tree *tree, ul_use_reader *uses, CXCursor function)
{
    reading at = {.tree = tree};
    ul_function_tree_begin(tree, uses, function);
    clang_visitChildren(function, see_node, &at);
    ul_function_tree_end(tree);
}

uint32_t ul_tree_child(const ul_function_tree *tree, uint32_t node, uint32_t index)
{
    if (node == UL_NO_NODE)
        return UL_NO_NODE;
    uint32_t end = tree->nodes[node].end;
    for (uint32_t at = node + 1; at < end; at = tree->nodes[at].end) {
        if (index-- == 0)
            return at;
    }
    return UL_NO_NODE;
}

uint32_t ul_tree_child_count(const ul_function_tree *tree, uint32_t node)
{
    uint32_t count = 0;
    for (uint32_t at = node + 1; at < tree->nodes[node].end; at = tree->nodes[at].end)
        count++;
    return count;
}

uint32_t ul_tree_strip(const ul_function_tree *tree, uint32_t node)
{
    for (int i = 0; i < STRIP_MAX; i++) {
        enum CXCursorKind kind = tree->nodes[node].kind;
        uint32_t count = ul_tree_child_count(tree, node);
        bool is_shell = count == 1 && (kind == CXCursor_UnexposedExpr || kind == CXCursor_ParenExpr);
        if (!is_shell && (kind != CXCursor_CStyleCastExpr || count == 0))
            break;
        node = ul_tree_child(tree, node, count - 1); /* the type that a cast names comes first */
    }
    return node;
}

uint32_t ul_tree_argument(const ul_function_tree *tree, uint32_t call, uint32_t index)
{
    return ul_tree_child(tree, call, index + 1);
}

CXCursor ul_tree_callee(const ul_function_tree *tree, uint32_t call)
{
    CXCursor callee = clang_getCursorReferenced(tree->nodes[call].cursor);
    return clang_getCursorKind(callee) == CXCursor_FunctionDecl ? callee : clang_getNullCursor();
}

CXCursor ul_tree_declaration(const ul_function_tree *tree, uint32_t node)
{
    ul_node *at = &tree->nodes[node];
    if (!at->has_declaration)
        at->declaration = clang_getCursorReferenced(at->cursor);
    at->has_declaration = true;
    return at->declaration;
}

CXType ul_tree_type(const ul_function_tree *tree, uint32_t node)
{
    ul_node *at = &tree->nodes[node];
    if (!at->has_type)
        at->type = clang_getCursorType(at->cursor);
    at->has_type = true;
    return at->type;
}

uint32_t ul_tree_loop(const ul_function_tree *tree, uint32_t node)
{
    while (node != UL_NO_NODE && tree->nodes[node].loop_depth > 0) {
        uint32_t parent = tree->nodes[node].parent;
        if (is_loop(tree->nodes[parent].kind) && tree->nodes[node].loop_depth > tree->nodes[parent].loop_depth)
            return parent;
        node = parent;
    }
    return UL_NO_NODE;
}

uint32_t ul_tree_loop_body(const ul_function_tree *tree, uint32_t loop)
{
    return ul_tree_child(tree, loop, tree->nodes[loop].kind == CXCursor_DoStmt ? 0 : ul_tree_child_count(tree, loop) - 1);
}

bool ul_tree_is_jumped_over(const ul_function_tree *tree, uint32_t node)
{
    for (uint32_t i = 1; i < tree->count; i++) {
        if (tree->nodes[i].kind == CXCursor_IndirectGotoStmt)
            return true;
        if (tree->nodes[i].kind != CXCursor_LabelRef || i < node || tree->nodes[tree->nodes[i].parent].kind != CXCursor_GotoStmt)
            continue;
        CXSourceLocation label = clang_getCursorLocation(ul_tree_declaration(tree, i)); /* of the cursors themselves some members differ */
        for (uint32_t k = 1; k <= node; k++) {
            if (tree->nodes[k].kind == CXCursor_LabelStmt && clang_equalLocations(clang_getCursorLocation(tree->nodes[k].cursor), label))
                return true;
        }
    }
    return false;
}

/* Whether a child of a loop, a condition or an operator is evaluated whenever that is reached, and first. */
static bool is_always_evaluated(const ul_function_tree *tree, uint32_t child)
{
    uint32_t parent = tree->nodes[child].parent;
    bool is_first = tree->nodes[child].child == 0;
    switch ((int)tree->nodes[parent].kind) {
    case CXCursor_IfStmt:
    case CXCursor_WhileStmt:
    case CXCursor_ConditionalOperator:
        return is_first;
    case CXCursor_ForStmt: /* parts that are left out have no child: of two the first may be the step */
        return is_first && ul_tree_child_count(tree, parent) > 2;
    case CXCursor_BinaryOperator:
        return is_first || ul_tree_is_assignment(tree, parent) || ul_tree_operator(tree, parent) != 0; /* `&&` has no sign of its own there */
    case CXCursor_CompoundStmt:
    case CXCursor_DeclStmt:
    case CXCursor_VarDecl:
    case CXCursor_ParenExpr:
    case CXCursor_UnexposedExpr:
    case CXCursor_CStyleCastExpr:
    case CXCursor_UnaryOperator:
    case CXCursor_CallExpr:
    case CXCursor_FunctionDecl:
        return true;
    default:
        return false;
    }
}

bool ul_tree_is_unconditional(const ul_function_tree *tree, uint32_t node, uint32_t loop)
{
    uint32_t from = loop == UL_NO_NODE ? 0 : loop;
    bool is_left = false; /* a goto before it, and a label behind it: it may be jumped over */
    for (uint32_t i = from + 1; i < tree->nodes[from].end; i++) {
        is_left |= i < node && tree->nodes[i].kind == CXCursor_GotoStmt;
        if (is_left && i > node && tree->nodes[i].kind == CXCursor_LabelStmt)
            return false;
    }
    uint32_t body = loop == UL_NO_NODE ? 0 : ul_tree_loop_body(tree, loop);
    while (node != body && node != UL_NO_NODE && is_always_evaluated(tree, node))
        node = tree->nodes[node].parent;
    return node == body;
}

/* The first two and the last two characters, as written: what operator a unary one is. A macro's are those of its name. */
typedef struct ends {
    char first[2], last[2];
} ends;

static ends ends_of(const ul_function_tree *tree, uint32_t node)
{
    CXSourceRange extent = clang_getCursorExtent(tree->nodes[node].cursor);
    ul_clang_place begin = ul_clang_offset_of(clang_getRangeStart(extent)), end = ul_clang_offset_of(clang_getRangeEnd(extent));
    size_t length = 0;
    const char *bytes = begin.file ? ul_reader_contents(tree->uses->reader, begin.file, &length) : NULL;
    if (!bytes || !clang_File_isEqual(begin.file, end.file) || end.offset > length || end.offset < begin.offset + 2)
        return (ends){.first = {0}};
    const char *from = bytes + begin.offset, *to = bytes + end.offset - 2;
    return (ends){.first = {from[0], from[1]}, .last = {to[0], to[1]}};
}

bool ul_tree_is_dereference(const ul_function_tree *tree, uint32_t node)
{
    return tree->nodes[node].kind == CXCursor_UnaryOperator && ends_of(tree, node).first[0] == '*';
}

bool ul_tree_same(const ul_function_tree *tree, uint32_t a, uint32_t b)
{
    for (int depth = 0; depth < STRIP_MAX; depth++) {
        a = ul_tree_strip(tree, a);
        b = ul_tree_strip(tree, b);
        enum CXCursorKind kind = tree->nodes[a].kind;
        if (kind != tree->nodes[b].kind)
            return false;
        if (kind == CXCursor_DeclRefExpr)
            return clang_equalCursors(ul_tree_declaration(tree, a), ul_tree_declaration(tree, b));
        if (kind == CXCursor_IntegerLiteral)
            return strcmp(ul_tree_text(tree, a), ul_tree_text(tree, b)) == 0;
        if (kind == CXCursor_MemberRefExpr && !clang_equalCursors(ul_tree_declaration(tree, a), ul_tree_declaration(tree, b)))
            return false;
        if (kind == CXCursor_ArraySubscriptExpr && !ul_tree_same(tree, ul_tree_child(tree, a, 1), ul_tree_child(tree, b, 1)))
            return false;
        bool is_followed = kind == CXCursor_MemberRefExpr || kind == CXCursor_ArraySubscriptExpr || kind == CXCursor_UnaryOperator;
        if (!is_followed || (kind == CXCursor_UnaryOperator && (!ul_tree_is_dereference(tree, a) || !ul_tree_is_dereference(tree, b))))
            return false;
        a = ul_tree_child(tree, a, 0);
        b = ul_tree_child(tree, b, 0);
        if (a == UL_NO_NODE || b == UL_NO_NODE)
            return a == b;
    }
    return false;
}

static uint32_t without_parens(const ul_function_tree *tree, uint32_t node)
{
    while (node != UL_NO_NODE && tree->nodes[node].kind == CXCursor_ParenExpr)
        node = ul_tree_child(tree, node, 0);
    return node;
}

/* The left side of every other operator is converted, if only from an lvalue to its value, and libclang shows that. */
bool ul_tree_is_assignment(const ul_function_tree *tree, uint32_t node)
{
    if (tree->nodes[node].kind != CXCursor_BinaryOperator)
        return false;
    uint32_t left = without_parens(tree, ul_tree_child(tree, node, 0));
    if (left == UL_NO_NODE)
        return false;
    switch (tree->nodes[left].kind) {
    case CXCursor_DeclRefExpr: {
        enum CXCursorKind kind = clang_getCursorKind(ul_tree_declaration(tree, left));
        return kind == CXCursor_VarDecl || kind == CXCursor_ParmDecl;
    }
    case CXCursor_MemberRefExpr:
    case CXCursor_ArraySubscriptExpr:
        return true;
    case CXCursor_UnaryOperator:
        return ul_tree_is_dereference(tree, left);
    default:
        return false;
    }
}

ul_change ul_tree_change(uint32_t *at, const ul_function_tree *tree, uint32_t reference)
{
    uint32_t node = reference;
    while (tree->nodes[tree->nodes[node].parent].kind == CXCursor_ParenExpr)
        node = tree->nodes[node].parent;
    uint32_t parent = *at = tree->nodes[node].parent;
    bool is_left = tree->nodes[node].child == 0;
    switch (tree->nodes[parent].kind) {
    case CXCursor_BinaryOperator:
        return is_left && ul_tree_is_assignment(tree, parent) ? UL_CHANGE_SET : UL_CHANGE_NONE;
    case CXCursor_CompoundAssignOperator:
        return is_left ? UL_CHANGE_COMPOUND : UL_CHANGE_NONE;
    case CXCursor_UnaryOperator: {
        ends seen = ends_of(tree, parent);
        if (memcmp(seen.first, "++", 2) == 0 || memcmp(seen.last, "++", 2) == 0)
            return UL_CHANGE_INCREMENT;
        return seen.first[0] == '&' ? UL_CHANGE_ADDRESS : UL_CHANGE_DECREMENT; /* or what a macro hides */
    }
    default:
        return UL_CHANGE_NONE;
    }
}

char ul_tree_operator(const ul_function_tree *tree, uint32_t node)
{
    uint32_t left = ul_tree_child(tree, node, 0), right = ul_tree_child(tree, node, 1);
    if (right == UL_NO_NODE)
        return 0;
    return ul_operator_between(tree->uses, tree->nodes[left].cursor, tree->nodes[right].cursor);
}

uint32_t ul_tree_line(const ul_function_tree *tree, uint32_t node)
{
    return ul_clang_cursor_place(tree->nodes[node].cursor).line;
}

const char *ul_tree_text(const ul_function_tree *tree, uint32_t node)
{
    return ul_expression_text(tree->uses, tree->nodes[node].cursor);
}

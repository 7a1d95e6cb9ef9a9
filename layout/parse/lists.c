/*
 * 1. Every variable that holds a pointer to a node gets what its values are: fresh, a head, behind another, from elsewhere; until nothing changes.
 * 2. Stores outside the function's own variables keep a node: one from elsewhere, or one list's node in another list, is moved.
 * 3. A loop frees a whole list when it begins at a head, only it goes on to the next, and only a null pointer ends it.
 */
#include "layout/parse/lists.h"

#include <string.h>

enum { LISTS_VARIABLES_MAX = 64, ROUNDS_MAX = 16, DEPTH_MAX = 32, ALSO_MAX = 3 };

/* What a value may be. */
enum {
    BEGIN_FRESH = 1u << 0,     /* allocated in the function */
    BEGIN_HEAD = 1u << 1,      /* where a list is kept: a field of another record, a variable of the file, what a pointer to a pointer points to */
    BEGIN_LINK = 1u << 2,      /* behind another node */
    BEGIN_PARAMETER = 1u << 3, /* the caller's */
    BEGIN_ELSEWHERE = 1u << 4  /* a call's result, an element, anything else */
};

typedef struct variable {
    CXCursor declaration;
    uint32_t bits;
} variable;

typedef struct lists {
    ul_allocation_reader *allocations;
    const ul_function_tree *tree;
    variable variables[LISTS_VARIABLES_MAX];
    uint32_t count;
    bool is_full;
} lists;

static enum CXCursorKind kind_of(const lists *l, uint32_t node)
{
    return l->tree->nodes[node].kind;
}

static CXType type_of(const lists *l, uint32_t node)
{
    return ul_tree_type(l->tree, node);
}

static bool is_node_pointer(const lists *l, CXType type)
{
    return ul_is_node_pointer(l->allocations, type);
}

static variable *variable_of(lists *l, CXCursor declaration)
{
    for (uint32_t i = 0; i < l->count; i++) {
        if (clang_equalCursors(l->variables[i].declaration, declaration))
            return &l->variables[i];
    }
    return NULL;
}

static bool is_own(CXCursor declaration)
{
    return clang_getCursorKind(declaration) == CXCursor_ParmDecl || ul_cursor_is_local(declaration);
}

static void find_variables(lists *l)
{
    for (uint32_t i = 1; i < l->tree->count; i++) {
        CXCursor cursor = l->tree->nodes[i].cursor;
        if ((kind_of(l, i) != CXCursor_VarDecl && kind_of(l, i) != CXCursor_ParmDecl) || !is_own(cursor) || !is_node_pointer(l, clang_getCursorType(cursor)))
            continue;
        if (l->count == LISTS_VARIABLES_MAX) {
            l->is_full = true;
            return;
        }
        l->variables[l->count++] = (variable){cursor, kind_of(l, i) == CXCursor_ParmDecl ? BEGIN_PARAMETER : 0};
    }
}

/* Whether a variable is given a value anywhere but where it is declared, or its address is taken. */
static bool is_changed(const lists *l, CXCursor declaration)
{
    for (uint32_t i = 1; i < l->tree->count; i++) {
        uint32_t at;
        if (kind_of(l, i) == CXCursor_DeclRefExpr && clang_equalCursors(ul_tree_declaration(l->tree, i), declaration) && ul_tree_change(&at, l->tree, i) != UL_CHANGE_NONE)
            return true;
    }
    return false;
}

/* Whether a member expression names a link: a field of the record that it points to. */
static bool is_link_field(const lists *l, uint32_t member)
{
    CXCursor record = clang_getCursorSemanticParent(ul_tree_declaration(l->tree, member));
    CXCursor target = clang_getCursorDefinition(clang_getTypeDeclaration(ul_pointee(type_of(l, member))));
    return clang_equalCursors(clang_getCanonicalCursor(record), clang_getCanonicalCursor(target));
}

static uint32_t bits_of(lists *l, uint32_t node, uint32_t depth);

static uint32_t bits_of_member(lists *l, uint32_t member, uint32_t depth)
{
    uint32_t base = ul_tree_child(l->tree, member, 0);
    if (base == UL_NO_NODE || clang_getCursorKind(ul_tree_declaration(l->tree, member)) != CXCursor_FieldDecl)
        return BEGIN_ELSEWHERE;
    if (!is_link_field(l, member))
        return BEGIN_HEAD;
    return is_node_pointer(l, type_of(l, base)) ? bits_of(l, base, depth + 1) | BEGIN_LINK : BEGIN_ELSEWHERE;
}

/* `*all` where the parameter stays as it is; a pointer to a pointer that moves on is anywhere in the list. */
static uint32_t bits_of_target(lists *l, uint32_t dereference)
{
    uint32_t pointer = ul_tree_strip(l->tree, ul_tree_child(l->tree, dereference, 0));
    bool is_plain = kind_of(l, pointer) == CXCursor_DeclRefExpr && clang_getCursorKind(ul_tree_declaration(l->tree, pointer)) == CXCursor_ParmDecl;
    return is_plain && !is_changed(l, ul_tree_declaration(l->tree, pointer)) ? BEGIN_HEAD : BEGIN_HEAD | BEGIN_LINK;
}

static bool is_null(const lists *l, uint32_t node)
{
    long long value = 1;
    return ul_expression_value(l->tree->nodes[ul_tree_strip(l->tree, node)].cursor, &value) && value == 0;
}

static uint32_t bits_of(lists *l, uint32_t node, uint32_t depth)
{
    const variable *known;
    node = ul_tree_strip(l->tree, node);
    if (depth > DEPTH_MAX)
        return BEGIN_ELSEWHERE;
    if (is_null(l, node))
        return 0;
    switch (kind_of(l, node)) {
    case CXCursor_DeclRefExpr:
        known = variable_of(l, ul_tree_declaration(l->tree, node));
        return known ? known->bits : is_own(ul_tree_declaration(l->tree, node)) ? BEGIN_ELSEWHERE : BEGIN_HEAD;
    case CXCursor_MemberRefExpr:
        return bits_of_member(l, node, depth);
    case CXCursor_UnaryOperator:
        return ul_tree_is_dereference(l->tree, node) ? bits_of_target(l, node) : BEGIN_ELSEWHERE;
    case CXCursor_CallExpr: {
        ul_memory_verb verb = ul_allocation_verb(l->allocations, l->tree->nodes[node].cursor);
        return verb == UL_MEMORY_MALLOC || verb == UL_MEMORY_CALLOC ? BEGIN_FRESH : BEGIN_ELSEWHERE;
    }
    case CXCursor_ConditionalOperator:
        return bits_of(l, ul_tree_child(l->tree, node, 1), depth + 1) | bits_of(l, ul_tree_child(l->tree, node, 2), depth + 1);
    case CXCursor_BinaryOperator:
        return ul_tree_is_assignment(l->tree, node) ? bits_of(l, ul_tree_child(l->tree, node, 1), depth + 1) : BEGIN_ELSEWHERE;
    default:
        return BEGIN_ELSEWHERE;
    }
}

/* Where a node's pointer gets a value: an assignment, or a declaration that has one. */
static bool see_value(const lists *l, uint32_t node, uint32_t *target, uint32_t *value)
{
    *target = *value = UL_NO_NODE;
    if (kind_of(l, node) == CXCursor_BinaryOperator && is_node_pointer(l, type_of(l, node)) && ul_tree_is_assignment(l->tree, node)) {
        *target = ul_tree_strip(l->tree, ul_tree_child(l->tree, node, 0));
        *value = ul_tree_child(l->tree, node, 1);
    } else if (kind_of(l, node) == CXCursor_VarDecl && is_node_pointer(l, type_of(l, node))) {
        uint32_t count = ul_tree_child_count(l->tree, node), last = count ? ul_tree_child(l->tree, node, count - 1) : UL_NO_NODE;
        *target = node;
        *value = last != UL_NO_NODE && clang_isExpression(kind_of(l, last)) ? last : UL_NO_NODE;
    }
    return *value != UL_NO_NODE;
}

static variable *target_variable(lists *l, uint32_t target)
{
    if (kind_of(l, target) == CXCursor_VarDecl)
        return variable_of(l, l->tree->nodes[target].cursor);
    return kind_of(l, target) == CXCursor_DeclRefExpr ? variable_of(l, ul_tree_declaration(l->tree, target)) : NULL;
}

static void settle(lists *l)
{
    bool goes_on = true;
    for (int round = 0; goes_on && round < ROUNDS_MAX; round++) {
        goes_on = false;
        for (uint32_t i = 1; i < l->tree->count; i++) {
            uint32_t target, value;
            variable *to = see_value(l, i, &target, &value) ? target_variable(l, target) : NULL;
            uint32_t bits = to ? to->bits | bits_of(l, value, 0) : 0;
            goes_on |= to && bits != to->bits;
            if (to)
                to->bits = bits;
        }
    }
    for (uint32_t i = 1, at; i < l->tree->count; i++) { /* what others may write to is anything */
        variable *named = kind_of(l, i) == CXCursor_DeclRefExpr && is_node_pointer(l, type_of(l, i)) ? variable_of(l, ul_tree_declaration(l->tree, i)) : NULL;
        if (named && ul_tree_change(&at, l->tree, i) == UL_CHANGE_ADDRESS)
            named->bits |= BEGIN_ELSEWHERE;
    }
}

static void begin(lists *l, ul_allocation_reader *allocations, const ul_function_tree *tree)
{
    l->allocations = allocations;
    l->tree = tree;
    l->count = 0;
    l->is_full = false;
    find_variables(l);
    if (l->count)
        settle(l);
}

/* Whether an lvalue is a field or a variable that keeps a list of nodes. */
static bool is_place(const lists *l, uint32_t node)
{
    enum CXCursorKind kind = kind_of(l, node);
    if ((kind != CXCursor_MemberRefExpr && kind != CXCursor_DeclRefExpr) || !is_node_pointer(l, type_of(l, node)))
        return false;
    CXCursor declaration = ul_tree_declaration(l->tree, node);
    if (kind == CXCursor_MemberRefExpr)
        return clang_getCursorKind(declaration) == CXCursor_FieldDecl && !is_link_field(l, node);
    return clang_getCursorKind(declaration) == CXCursor_VarDecl && !is_own(declaration);
}

/* "<record>#<field>" or the variable's name, of one that is_place(). */
static const char *place_of(const lists *l, uint32_t node)
{
    ul_reader *reader = l->tree->uses->reader;
    CXCursor declaration = ul_tree_declaration(l->tree, node);
    const char *name = ul_clang_text(clang_getCursorSpelling(declaration), reader->arena);
    if (kind_of(l, node) == CXCursor_MemberRefExpr)
        return ul_arena_printf(reader->arena, "%s#%s", ul_reader_key(reader, clang_getCursorSemanticParent(declaration)), name);
    return clang_getCursorLinkage(declaration) == CXLinkage_External ? name
                                                                     : ul_reader_place_key(reader, declaration);
}

/* The variable that an lvalue is reached from; the null cursor where there is none, or it changes meanwhile. */
static CXCursor root_of(const lists *l, uint32_t node)
{
    for (node = ul_tree_strip(l->tree, node); kind_of(l, node) != CXCursor_DeclRefExpr; node = ul_tree_strip(l->tree, node)) {
        node = kind_of(l, node) == CXCursor_ArraySubscriptExpr ? UL_NO_NODE : ul_tree_child(l->tree, node, 0);
        if (node == UL_NO_NODE)
            return clang_getNullCursor();
    }
    CXCursor root = ul_tree_declaration(l->tree, node);
    return is_own(root) && is_changed(l, root) ? clang_getNullCursor() : root;
}

/* Whether an lvalue is where a list is kept. */
static bool is_head(const lists *l, uint32_t node)
{
    if (!is_node_pointer(l, type_of(l, node)))
        return false;
    if (kind_of(l, node) == CXCursor_UnaryOperator)
        return ul_tree_is_dereference(l->tree, node);
    return is_place(l, node);
}

/* Whether all heads of one kind of node that the function names are one and the same. */
static bool has_one_head(const lists *l, CXType pointer)
{
    const char *text = NULL;
    for (uint32_t i = 1; i < l->tree->count; i++) {
        if (!clang_isExpression(kind_of(l, i)) || kind_of(l, i) == CXCursor_UnexposedExpr || !is_head(l, i) ||
            !clang_equalTypes(clang_getCanonicalType(type_of(l, i)), clang_getCanonicalType(pointer)))
            continue;
        const char *own = ul_tree_text(l->tree, i);
        if (clang_Cursor_isNull(root_of(l, i)) || (text && strcmp(text, own) != 0))
            return false;
        text = own;
    }
    return true;
}

static void tell_store(const ul_list_events *events, lists *l, uint32_t node, uint32_t target, uint32_t value)
{
    CXCursor at = l->tree->nodes[node].cursor;
    CXType pointer = type_of(l, target);
    uint32_t bits = bits_of(l, value, 0);
    bool keeps_list = is_place(l, target);
    bool is_kept = kind_of(l, target) == CXCursor_MemberRefExpr || keeps_list || (kind_of(l, target) == CXCursor_UnaryOperator && ul_tree_is_dereference(l->tree, target));
    if (keeps_list)
        events->tell(events->context, UL_PASSAGE_HEAD, pointer, at, place_of(l, target));
    if (!is_kept || l->is_full || bits & (BEGIN_PARAMETER | BEGIN_ELSEWHERE) || (bits & BEGIN_HEAD && !has_one_head(l, pointer)))
        events->tell(events->context, UL_PASSAGE_MOVED, pointer, at, "");
}

/* A pointer to where a node's pointer is kept, that is not the list's head: `&mark->next`, or a variable that moves on. */
static bool is_inner_place(const lists *l, uint32_t argument)
{
    uint32_t at, inner = ul_tree_strip(l->tree, argument);
    CXType pointee = ul_pointee(type_of(l, argument));
    if (pointee.kind != CXType_Pointer || !is_node_pointer(l, pointee))
        return false;
    if (kind_of(l, inner) == CXCursor_DeclRefExpr)
        return clang_getCursorKind(ul_tree_declaration(l->tree, inner)) != CXCursor_ParmDecl || is_changed(l, ul_tree_declaration(l->tree, inner));
    uint32_t kept = kind_of(l, inner) == CXCursor_UnaryOperator ? ul_tree_strip(l->tree, ul_tree_child(l->tree, inner, 0)) : UL_NO_NODE;
    if (kept == UL_NO_NODE || ul_tree_change(&at, l->tree, kept) != UL_CHANGE_ADDRESS)
        return true;
    bool is_variable = kind_of(l, kept) == CXCursor_DeclRefExpr; /* a list of the function's own */
    return !is_variable && !is_head(l, kept);
}

static void tell_call(const ul_list_events *events, lists *l, uint32_t call)
{
    ul_reader *reader = l->tree->uses->reader;
    CXCursor callee = ul_tree_callee(l->tree, call);
    if (clang_Cursor_isNull(callee))
        return;
    bool is_internal = clang_getCursorLinkage(callee) == CXLinkage_Internal;
    CXCursor definition = clang_getCursorDefinition(callee);
    const char *name = ul_clang_text(clang_getCursorSpelling(callee), reader->arena);
    if (is_internal && !clang_Cursor_isNull(definition))
        name = ul_reader_place_key(reader, definition);
    for (uint32_t i = 0, argument; (argument = ul_tree_argument(l->tree, call, i)) != UL_NO_NODE; i++) {
        if (is_node_pointer(l, type_of(l, argument)) && bits_of(l, argument, 0) & ~(uint32_t)(BEGIN_FRESH | BEGIN_HEAD))
            events->tell(events->context, UL_PASSAGE_PART, type_of(l, argument), l->tree->nodes[call].cursor, name);
        else if (is_inner_place(l, argument))
            events->tell(events->context, UL_PASSAGE_PART, ul_pointee(type_of(l, argument)), l->tree->nodes[call].cursor, name);
    }
}

void ul_lists_read(const ul_list_events *events, ul_allocation_reader *allocations, const ul_function_tree *tree)
{
    lists l;
    begin(&l, allocations, tree);
    for (uint32_t i = 1; i < tree->count; i++) {
        uint32_t target, value, at;
        if (see_value(&l, i, &target, &value) && !target_variable(&l, target))
            tell_store(events, &l, i, target, value);
        else if (kind_of(&l, i) == CXCursor_CallExpr)
            tell_call(events, &l, i);
        else if (kind_of(&l, i) == CXCursor_InitListExpr) {
            for (uint32_t k = 0, part; (part = ul_tree_child(tree, i, k)) != UL_NO_NODE; k++) {
                if (clang_isExpression(kind_of(&l, part)) && is_node_pointer(&l, type_of(&l, part)) && !is_null(&l, part))
                    events->tell(events->context, UL_PASSAGE_MOVED, type_of(&l, part), tree->nodes[part].cursor, "");
            }
        }
        if (is_place(&l, i) && ul_tree_change(&at, tree, i) == UL_CHANGE_ADDRESS)
            events->tell(events->context, UL_PASSAGE_HEAD, type_of(&l, i), tree->nodes[i].cursor, place_of(&l, i));
    }
}

/* The children of a loop that are not its body. */
static bool is_header(const ul_function_tree *tree, uint32_t loop, uint32_t child)
{
    uint32_t count = ul_tree_child_count(tree, loop);
    return tree->nodes[loop].kind == CXCursor_DoStmt ? child == count - 1 : child + 1 < count;
}

/* Whether nothing but a null pointer ends the loop: no number, no call, no comparison with anything else stands in its head. */
static bool ends_at_null(const lists *l, uint32_t loop)
{
    for (uint32_t k = 0, part; (part = ul_tree_child(l->tree, loop, k)) != UL_NO_NODE; k++) {
        for (uint32_t i = part; is_header(l->tree, loop, k) && i < l->tree->nodes[part].end; i++) {
            enum CXCursorKind kind = kind_of(l, i);
            bool is_named = kind == CXCursor_DeclRefExpr || kind == CXCursor_MemberRefExpr;
            bool is_test = kind == CXCursor_BinaryOperator && !ul_tree_is_assignment(l->tree, i);
            if (kind == CXCursor_CallExpr || kind == CXCursor_CompoundAssignOperator || kind == CXCursor_ArraySubscriptExpr || kind == CXCursor_ConditionalOperator ||
                (is_named && ul_clang_bare_type(type_of(l, i)).kind != CXType_Pointer && ul_clang_bare_type(type_of(l, i)).kind != CXType_Record) ||
                (is_test && !is_null(l, ul_tree_child(l->tree, i, 0)) && !is_null(l, ul_tree_child(l->tree, i, 1))))
                return false;
        }
    }
    return true;
}

/* Variables that the freed one is a copy of, at any remove, as bits. */
static uint64_t copies_of(lists *l, const variable *freed)
{
    uint64_t group = UINT64_C(1) << (freed - l->variables), before = 0;
    while (group != before) {
        before = group;
        for (uint32_t i = 1; i < l->tree->count; i++) {
            uint32_t target, value;
            const variable *to = see_value(l, i, &target, &value) ? target_variable(l, target) : NULL;
            uint32_t inner = to ? ul_tree_strip(l->tree, value) : 0;
            const variable *from = to && kind_of(l, inner) == CXCursor_DeclRefExpr ? variable_of(l, ul_tree_declaration(l->tree, inner)) : NULL;
            if (from && group & UINT64_C(1) << (to - l->variables))
                group |= UINT64_C(1) << (from - l->variables);
        }
    }
    return group;
}

/* Whether a value that one of the group takes leads along the list only in the loop, and from one of the group. */
static bool is_step(lists *l, uint64_t group, uint32_t loop, uint32_t at, uint32_t value)
{
    uint32_t inner = ul_tree_strip(l->tree, value);
    if (!(bits_of(l, inner, 0) & BEGIN_LINK) || kind_of(l, inner) == CXCursor_DeclRefExpr)
        return true;
    uint32_t base = kind_of(l, inner) == CXCursor_MemberRefExpr ? ul_tree_strip(l->tree, ul_tree_child(l->tree, inner, 0)) : UL_NO_NODE;
    const variable *from = base != UL_NO_NODE && kind_of(l, base) == CXCursor_DeclRefExpr ? variable_of(l, ul_tree_declaration(l->tree, base)) : NULL;
    return from && group & UINT64_C(1) << (from - l->variables) && at > loop && at < l->tree->nodes[loop].end;
}

uint32_t ul_list_walk_begin(ul_allocation_reader *allocations, const ul_function_tree *tree, uint32_t call, uint32_t given)
{
    lists l;
    uint32_t loop = ul_tree_loop(tree, call);
    begin(&l, allocations, tree);
    const variable *freed = variable_of(&l, ul_tree_declaration(tree, given));
    if (!freed || l.is_full || loop == UL_NO_NODE || freed->bits & BEGIN_ELSEWHERE || !ends_at_null(&l, loop))
        return UL_WALK_PART;
    uint64_t group = copies_of(&l, freed);
    for (uint32_t i = 1; i < tree->count; i++) {
        uint32_t target, value;
        const variable *to = see_value(&l, i, &target, &value) ? target_variable(&l, target) : NULL;
        if (to && group & UINT64_C(1) << (to - l.variables) && !is_step(&l, group, loop, i, value))
            return UL_WALK_PART;
    }
    return freed->bits & BEGIN_PARAMETER ? UL_WALK_PARAMETER : freed->bits & (BEGIN_HEAD | BEGIN_FRESH) ? UL_WALK_HEAD : UL_WALK_PART;
}

const char *ul_list_walk_also(const ul_function_tree *tree, uint32_t call)
{
    uint32_t loop = ul_tree_loop(tree, call), count = 0;
    ul_arena *arena = tree->uses->reader->arena;
    const char *text = "";
    if (loop == UL_NO_NODE)
        return text;
    for (uint32_t i = loop + 1; i < tree->nodes[loop].end; i++) {
        if (i == call || tree->nodes[i].kind != CXCursor_CallExpr)
            continue;
        if (count++ < ALSO_MAX)
            text = ul_arena_printf(arena, "%s%s`%s`", text, *text ? ", " : "", ul_tree_text(tree, i));
        i = tree->nodes[i].end - 1;
    }
    return count > ALSO_MAX ? ul_arena_printf(arena, "%s and %u more", text, count - ALSO_MAX) : text;
}

/* Whether a condition asks whether `given` is null, and nothing else. */
static bool asks_null(const ul_function_tree *tree, uint32_t condition, uint32_t given)
{
    long long value;
    uint32_t inner = ul_tree_strip(tree, condition);
    if (ul_tree_same(tree, inner, given))
        return true;
    uint32_t left = tree->nodes[inner].kind == CXCursor_BinaryOperator ? ul_tree_strip(tree, ul_tree_child(tree, inner, 0)) : UL_NO_NODE;
    uint32_t right = left == UL_NO_NODE ? UL_NO_NODE : ul_tree_strip(tree, ul_tree_child(tree, inner, 1));
    return left != UL_NO_NODE && right != UL_NO_NODE && ul_tree_same(tree, left, given) && ul_expression_value(tree->nodes[right].cursor, &value) && value == 0;
}

uint32_t ul_release_condition(const ul_function_tree *tree, uint32_t call, uint32_t given)
{
    for (uint32_t node = call; tree->nodes[node].parent != UL_NO_NODE; node = tree->nodes[node].parent) {
        uint32_t parent = tree->nodes[node].parent;
        enum CXCursorKind kind = tree->nodes[parent].kind;
        bool is_branch = kind == CXCursor_IfStmt || kind == CXCursor_SwitchStmt || kind == CXCursor_ConditionalOperator;
        if (!is_branch || tree->nodes[node].child == 0)
            continue;
        if (kind == CXCursor_IfStmt && tree->nodes[node].child == 1 && asks_null(tree, ul_tree_child(tree, parent, 0), given))
            continue;
        return ul_tree_line(tree, parent);
    }
    return 0;
}

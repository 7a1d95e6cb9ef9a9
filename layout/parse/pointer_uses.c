/*
 *  1. As a variable: a load gives the value (2); an assignment, ++ or & on it is told.
 *  2. As a value: through casts and arithmetic to a dereference (3), a call, a return, an assignment. Another local variable that
 *     takes it is followed in turn.
 *  3. As the object, or a part of it: loads and stores touch it and are nothing to tell; an array in it or `&` leads back to 2.
 *  4. A call: free, realloc and what libc is known to do; a function that this unit defines is read itself; any other may keep
 *     the pointer.
 */
#include "layout/parse/pointer_uses.h"

#include <string.h>

enum { VARIABLES_MAX = 16, USES_MAX = 400, CALLS_DEEP_MAX = 3 };

typedef struct follow {
    ul_pointer_uses *out;
    ul_allocation_reader *reader;
    const ul_function_tree *tree;
    uint32_t source;
    CXCursor variables[VARIABLES_MAX]; /* the first is the one asked about; the others take its value */
    uint32_t variable_count;
    uint32_t current;
} follow;

static const ul_node *node_of(const follow *f, uint32_t node)
{
    return &f->tree->nodes[node];
}

static bool is_pointer(const follow *f, uint32_t node)
{
    return ul_is_pointer(ul_clang_bare_type(clang_getCursorType(node_of(f, node)->cursor)));
}

static void tell(follow *f, ul_pointer_use_kind kind, uint32_t node, const char *detail)
{
    ul_arena *arena = f->tree->uses->reader->arena;
    if (f->out->count >= USES_MAX)
        kind = UL_USE_UNCLEAR;
    UL_RESERVE(arena, f->out->items, f->out->count, f->out->capacity);
    f->out->items[f->out->count++] = (ul_pointer_use){.detail = detail,
                                                      .kind = kind,
                                                      .line = ul_tree_line(f->tree, node),
                                                      .loop_depth = node_of(f, node)->loop_depth,
                                                      .branch_depth = node_of(f, node)->branch_depth};
}

static void tell_plain(follow *f, ul_pointer_use_kind kind, uint32_t node)
{
    tell(f, kind, node, "");
}

static bool is_own(CXCursor variable)
{
    return clang_getCursorKind(variable) == CXCursor_VarDecl && clang_getCursorLinkage(variable) == CXLinkage_NoLinkage &&
           clang_Cursor_getStorageClass(variable) != CX_SC_Static;
}

static void add_variable(follow *f, uint32_t node, CXCursor variable)
{
    for (uint32_t i = 0; i < f->variable_count; i++) {
        if (clang_equalCursors(f->variables[i], variable))
            return;
    }
    if (f->variable_count == VARIABLES_MAX) {
        tell_plain(f, UL_USE_UNCLEAR, node);
        return;
    }
    f->variables[f->variable_count++] = variable;
}

static void see_value(follow *f, uint32_t value);

/* A load out of the object. Told for what is as large as a file only, where it matters how often it is gone through. */
static void see_load(follow *f, uint32_t object)
{
    uint32_t loop = UL_NO_NODE;
    if (!f->out->tells_loads)
        return;
    for (uint32_t at = ul_tree_loop(f->tree, object); at != UL_NO_NODE; at = ul_tree_loop(f->tree, at))
        loop = at;
    tell_plain(f, UL_USE_SCANNED, object);
    if (loop != UL_NO_NODE)
        f->out->items[f->out->count - 1].line = ul_tree_line(f->tree, loop);
}

/* A part of what is pointed to. */
static void see_object(follow *f, uint32_t object)
{
    for (;;) {
        uint32_t parent = node_of(f, object)->parent;
        switch (node_of(f, parent)->kind) {
        case CXCursor_ParenExpr:
            break;
        case CXCursor_MemberRefExpr:
            if (is_pointer(f, object))
                return; /* what a pointer in the object leads to */
            break;
        case CXCursor_UnexposedExpr: /* a load; of an array, the address of its first element */
            if (ul_pointee(clang_getCursorType(node_of(f, object)->cursor)).kind != CXType_Invalid && !is_pointer(f, object))
                see_value(f, parent);
            else
                see_load(f, object);
            return;
        case CXCursor_UnaryOperator: {
            uint32_t at;
            if (ul_tree_change(&at, f->tree, object) == UL_CHANGE_ADDRESS)
                see_value(f, parent);
            else if (is_pointer(f, parent) && !is_pointer(f, object))
                tell_plain(f, UL_USE_UNCLEAR, parent);
            return;
        }
        default:
            return;
        }
        object = parent;
    }
}

static uint32_t parameter_of(uint32_t call_child)
{
    return call_child - 1;
}

/* `log("%s", p)`: what goes where `...` stands, behind a format, is printed. */
static bool is_printed(CXCursor callee, uint32_t argument)
{
    CXType type = ul_clang_bare_type(clang_getCursorType(callee));
    int count = type.kind == CXType_FunctionProto ? clang_getNumArgTypes(type) : 0;
    if (count < 1 || !clang_isFunctionTypeVariadic(type) || argument < (uint32_t)count)
        return false;
    CXType last = ul_clang_bare_type(clang_getArgType(type, (unsigned)count - 1));
    return last.kind == CXType_Pointer && clang_isConstQualifiedType(clang_getPointeeType(last)) && ul_is_character(ul_pointee(last));
}

static void see_call(follow *f, uint32_t call, uint32_t child)
{
    CXCursor callee = ul_tree_callee(f->tree, call);
    uint32_t argument = parameter_of(child);
    bool returns = false;
    int buffer = -1;
    if (child == 0 || clang_Cursor_isNull(callee)) {
        tell(f, child ? UL_USE_PASSED : UL_USE_UNCLEAR, call, "a pointer to a function");
        return;
    }
    const char *name = ul_clang_text(clang_getCursorSpelling(callee), f->tree->uses->reader->arena);
    ul_memory_verb verb = ul_allocation_verb(f->reader, node_of(f, call)->cursor);
    if (verb == UL_MEMORY_FREE || verb == UL_MEMORY_REALLOC) {
        tell(f, argument ? UL_USE_UNCLEAR : verb == UL_MEMORY_FREE ? UL_USE_FREED : UL_USE_RESIZED, call, name);
        return;
    }
    if (verb == UL_MEMORY_COPY || is_printed(callee, argument)) {
        tell(f, UL_USE_LENT, call, name);
        return;
    }
    if (ul_memory_is_lent(name, &returns)) {
        bool fills = ul_memory_is_read(name, &buffer) && argument == (uint32_t)buffer;
        tell(f, fills ? UL_USE_FILLED : UL_USE_LENT, call, name);
        if (returns && is_pointer(f, call))
            see_value(f, call);
        return;
    }
    tell(f, ul_allocation_is_lent(f->reader, callee, argument) ? UL_USE_LENT : UL_USE_PASSED, call, name);
}

/* An assignment of the value to something. */
static void see_store(follow *f, uint32_t assignment)
{
    uint32_t target = ul_tree_strip(f->tree, ul_tree_child(f->tree, assignment, 0));
    if (node_of(f, target)->kind == CXCursor_DeclRefExpr && is_own(ul_tree_declaration(f->tree, target)))
        add_variable(f, assignment, ul_tree_declaration(f->tree, target));
    else
        tell(f, UL_USE_STORED, assignment, ul_tree_text(f->tree, target));
}

static bool is_last_of_statement(const follow *f, uint32_t block, uint32_t child)
{
    uint32_t parent = node_of(f, block)->parent;
    return parent != UL_NO_NODE && node_of(f, parent)->kind == CXCursor_StmtExpr && node_of(f, child)->end == node_of(f, block)->end;
}

/* What a step up the tree makes of a value. */
typedef enum step { STEP_ON, STEP_DONE } step;

static step see_operator(follow *f, uint32_t parent, uint32_t value)
{
    if (ul_tree_is_assignment(f->tree, parent)) {
        if (node_of(f, value)->child == 0)
            return STEP_DONE;
        see_store(f, parent);
        return STEP_ON;
    }
    return is_pointer(f, parent) ? STEP_ON : STEP_DONE; /* arithmetic; else compared */
}

static step see_parent(follow *f, uint32_t parent, uint32_t value)
{
    const ul_node *node = node_of(f, parent);
    CXType type = ul_clang_bare_type(clang_getCursorType(node->cursor));
    switch ((int)node->kind) {
    case CXCursor_ParenExpr:
    case CXCursor_StmtExpr:
        return STEP_ON;
    case CXCursor_UnexposedExpr:
    case CXCursor_CStyleCastExpr:
        if (node->kind == CXCursor_UnexposedExpr && ul_tree_child_count(f->tree, parent) > 1) {
            tell_plain(f, UL_USE_UNCLEAR, parent); /* a builtin */
            return STEP_DONE;
        }
        if (ul_is_pointer(type))
            return STEP_ON;
        if (type.kind != CXType_Void && type.kind != CXType_Bool)
            tell_plain(f, UL_USE_UNCLEAR, parent);
        return STEP_DONE;
    case CXCursor_MemberRefExpr:
    case CXCursor_ArraySubscriptExpr:
        see_object(f, parent);
        return STEP_DONE;
    case CXCursor_UnaryOperator:
        if (ul_tree_is_dereference(f->tree, parent))
            see_object(f, parent);
        else if (ul_is_pointer(type))
            tell_plain(f, UL_USE_UNCLEAR, parent);
        return STEP_DONE;
    case CXCursor_BinaryOperator:
        return see_operator(f, parent, value);
    case CXCursor_ConditionalOperator:
        return node_of(f, value)->child == 0 ? STEP_DONE : STEP_ON;
    case CXCursor_CallExpr:
        see_call(f, parent, node_of(f, value)->child);
        return STEP_DONE;
    case CXCursor_ReturnStmt:
        tell_plain(f, UL_USE_RETURNED, parent);
        return STEP_DONE;
    case CXCursor_VarDecl:
        if (is_own(node->cursor))
            add_variable(f, parent, node->cursor);
        else
            tell(f, UL_USE_STORED, parent, ul_clang_text(clang_getCursorSpelling(node->cursor), f->tree->uses->reader->arena));
        return STEP_DONE;
    case CXCursor_InitListExpr:
        tell(f, UL_USE_STORED, parent, "a list of values");
        return STEP_DONE;
    case CXCursor_CompoundStmt:
        return is_last_of_statement(f, parent, value) ? STEP_ON : STEP_DONE;
    case CXCursor_IfStmt:
    case CXCursor_WhileStmt:
    case CXCursor_DoStmt:
    case CXCursor_ForStmt:
    case CXCursor_CaseStmt:
    case CXCursor_DefaultStmt:
    case CXCursor_LabelStmt:
    case CXCursor_UnaryExpr:
        return STEP_DONE; /* tested, or not used */
    default:
        tell_plain(f, UL_USE_UNCLEAR, parent);
        return STEP_DONE;
    }
}

static void see_value(follow *f, uint32_t value)
{
    while (node_of(f, value)->parent != UL_NO_NODE && see_parent(f, node_of(f, value)->parent, value) == STEP_ON)
        value = node_of(f, value)->parent;
}

static bool is_null(const follow *f, uint32_t node)
{
    uint32_t inner = ul_tree_strip(f->tree, node);
    long long value = 1;
    return node_of(f, inner)->kind == CXCursor_IntegerLiteral && ul_expression_value(node_of(f, inner)->cursor, &value) && value == 0;
}

/* Whether an expression is the call that the pointer comes from, or a realloc of it, which is told as such. */
static bool is_source(const follow *f, uint32_t node)
{
    uint32_t inner = ul_tree_strip(f->tree, node);
    return inner == f->source ||
           (node_of(f, inner)->kind == CXCursor_CallExpr && ul_allocation_verb(f->reader, node_of(f, inner)->cursor) == UL_MEMORY_REALLOC);
}

/* A value that the variable is given. Others that take the pointer may hold anything else at other times. */
static void see_new_value(follow *f, uint32_t at, uint32_t value)
{
    if (f->current == 0 && value != UL_NO_NODE && !is_null(f, value) && !is_source(f, value))
        tell_plain(f, UL_USE_REPLACED, at);
}

static bool is_unevaluated(const follow *f, uint32_t node)
{
    for (; node != UL_NO_NODE; node = node_of(f, node)->parent) {
        enum CXCursorKind kind = node_of(f, node)->kind;
        if (kind == CXCursor_UnaryExpr)
            return true;
        if (!clang_isExpression(kind))
            return false;
    }
    return false;
}

static void see_reference(follow *f, uint32_t reference)
{
    uint32_t at, node = reference;
    while (node_of(f, node_of(f, node)->parent)->kind == CXCursor_ParenExpr)
        node = node_of(f, node)->parent;
    uint32_t parent = node_of(f, node)->parent;
    if (is_unevaluated(f, reference))
        return;
    switch (ul_tree_change(&at, f->tree, reference)) {
    case UL_CHANGE_SET:
        see_new_value(f, at, ul_tree_child(f->tree, at, 1));
        if (is_source(f, ul_tree_child(f->tree, at, 1)) && f->current == 0)
            see_value(f, at); /* `if (!(p = malloc(n)))`, `q = p = malloc(n)` */
        return;
    case UL_CHANGE_COMPOUND:
    case UL_CHANGE_INCREMENT:
        if (f->current == 0 && f->source != UL_NO_NODE)
            tell_plain(f, UL_USE_REPLACED, at);
        see_value(f, at);
        return;
    case UL_CHANGE_DECREMENT: /* or something that is not understood */
    case UL_CHANGE_ADDRESS:
        tell_plain(f, UL_USE_UNCLEAR, at);
        return;
    default:
        break;
    }
    if (node_of(f, parent)->kind == CXCursor_UnexposedExpr)
        see_value(f, parent);
    else if (node_of(f, parent)->kind != CXCursor_UnaryExpr)
        tell_plain(f, UL_USE_UNCLEAR, parent);
}

static void see_variable(follow *f)
{
    for (uint32_t i = 1; i < f->tree->count; i++) {
        enum CXCursorKind kind = node_of(f, i)->kind;
        CXCursor cursor = node_of(f, i)->cursor;
        if (kind == CXCursor_VarDecl && clang_equalCursors(cursor, f->variables[f->current])) {
            uint32_t count = ul_tree_child_count(f->tree, i), last = count ? ul_tree_child(f->tree, i, count - 1) : UL_NO_NODE;
            if (last != UL_NO_NODE && clang_isExpression(node_of(f, last)->kind))
                see_new_value(f, i, last);
        } else if (kind == CXCursor_DeclRefExpr && clang_equalCursors(ul_tree_declaration(f->tree, i), f->variables[f->current])) {
            see_reference(f, i);
        }
    }
}

void ul_pointer_uses_read(ul_pointer_uses *out, ul_allocation_reader *reader, const ul_function_tree *tree, CXCursor variable, uint32_t source)
{
    follow f = {.out = out, .reader = reader, .tree = tree, .source = source, .variables = {variable}, .variable_count = 1};
    for (f.current = 0; f.current < f.variable_count; f.current++)
        see_variable(&f);
}

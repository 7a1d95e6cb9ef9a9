/*
 *  1. As a variable: a load gives the value (2); an assignment, ++ or & on it is told.
 *  2. As a value: through casts and arithmetic to a dereference (3), a call, a return, an assignment. Another local variable that
 *     takes it is followed in turn.
 *  3. As the object, or a part of it: loads and stores touch it and are nothing to tell; an array in it or `&` leads back to 2.
 *  4. A call: see pointer_calls.c. How long the variables have it: pointer_lives.c.
 */
#include "layout/parse/pointer_follow.h"

enum { USES_MAX = 400 };

static const ul_node *node_of(const ul_follow *f, uint32_t node)
{
    return &f->tree->nodes[node];
}

void ul_follow_tell(ul_follow *f, ul_pointer_use_kind kind, uint32_t node, const char *detail)
{
    ul_arena *arena = f->tree->uses->reader->arena;
    if (f->out->count >= USES_MAX)
        kind = UL_USE_UNCLEAR;
    f->out->is_touched |= kind == UL_USE_LENT || kind == UL_USE_FILLED;
    UL_RESERVE(arena, f->out->items, f->out->count, f->out->capacity);
    f->out->items[f->out->count++] = (ul_pointer_use){.detail = detail,
                                                      .kind = kind,
                                                      .line = ul_tree_line(f->tree, node),
                                                      .loop_depth = node_of(f, node)->loop_depth,
                                                      .branch_depth = node_of(f, node)->branch_depth};
}

static void tell_plain(ul_follow *f, ul_pointer_use_kind kind, uint32_t node)
{
    ul_follow_tell(f, kind, node, "");
}

void ul_follow_variable(ul_follow *f, uint32_t node, CXCursor variable)
{
    for (uint32_t i = 0; i < f->variable_count; i++) {
        if (clang_equalCursors(f->variables[i], variable))
            return;
    }
    if (f->variable_count == UL_FOLLOWED_MAX) {
        tell_plain(f, UL_USE_UNCLEAR, node);
        return;
    }
    f->variables[f->variable_count++] = variable;
}

/* A part of what is pointed to. */
static void see_object(ul_follow *f, uint32_t object)
{
    f->out->is_touched = true;
    for (;;) {
        uint32_t parent = node_of(f, object)->parent;
        switch (node_of(f, parent)->kind) {
        case CXCursor_ParenExpr:
            break;
        case CXCursor_MemberRefExpr:
            if (ul_cursor_is_pointer(node_of(f, object)->cursor))
                return; /* what a pointer in the object leads to */
            break;
        case CXCursor_UnexposedExpr: /* a load; of an array, the address of its first element */
            if (ul_pointee(clang_getCursorType(node_of(f, object)->cursor)).kind != CXType_Invalid && !ul_cursor_is_pointer(node_of(f, object)->cursor))
                ul_follow_value(f, parent);
            return;
        case CXCursor_UnaryOperator: {
            uint32_t at;
            CXType before = clang_getCanonicalType(clang_getCursorType(node_of(f, object)->cursor)), type = clang_getCanonicalType(clang_getCursorType(node_of(f, parent)->cursor));
            if (ul_tree_change(&at, f->tree, object) == UL_CHANGE_ADDRESS)
                ul_follow_value(f, parent);
            else if (ul_cursor_is_pointer(node_of(f, parent)->cursor) && !clang_equalTypes(type, before) && !ul_tree_is_dereference(f->tree, parent))
                tell_plain(f, UL_USE_UNCLEAR, parent); /* `&` in a macro */
            return;
        }
        default:
            return;
        }
        object = parent;
    }
}

/* An assignment of the value to something. */
static void see_store(ul_follow *f, uint32_t assignment)
{
    uint32_t target = ul_tree_strip(f->tree, ul_tree_child(f->tree, assignment, 0));
    if (node_of(f, target)->kind == CXCursor_DeclRefExpr && ul_cursor_is_local(ul_tree_declaration(f->tree, target)))
        ul_follow_variable(f, assignment, ul_tree_declaration(f->tree, target));
    else
        ul_follow_tell(f, UL_USE_STORED, assignment, ul_tree_text(f->tree, target));
}

bool ul_follow_is_null(const ul_follow *f, uint32_t node)
{
    uint32_t inner = ul_tree_strip(f->tree, node);
    long long value = 1;
    return node_of(f, inner)->kind == CXCursor_IntegerLiteral && ul_expression_value(node_of(f, inner)->cursor, &value) && value == 0;
}

static bool is_last_of_statement(const ul_follow *f, uint32_t block, uint32_t child)
{
    uint32_t parent = node_of(f, block)->parent;
    return parent != UL_NO_NODE && node_of(f, parent)->kind == CXCursor_StmtExpr && node_of(f, child)->end == node_of(f, block)->end;
}

/* Whether the pointer may be used as that type: bytes, or what the object is. Memory of malloc() has room and alignment for all, an array of char has not. */
static bool is_kept_type(const ul_follow *f, CXType from, CXType to)
{
    if (to.kind == CXType_Void || to.kind == CXType_Invalid || ul_is_character(to) || ul_is_same_type(from, to))
        return true;
    return ul_is_same_type(ul_pointee(clang_getCursorType(f->variables[0])), to);
}

static void see_conversion(ul_follow *f, uint32_t value, uint32_t parent)
{
    CXType from = ul_pointee(clang_getCursorType(node_of(f, value)->cursor)), to = ul_pointee(clang_getCursorType(node_of(f, parent)->cursor));
    if (!is_kept_type(f, from, to))
        f->out->retyped = to;
}

/* What a step up the tree makes of a value. */
typedef enum step { STEP_ON, STEP_DONE } step;

static step see_operator(ul_follow *f, uint32_t parent, uint32_t value)
{
    if (ul_tree_is_assignment(f->tree, parent)) {
        if (node_of(f, value)->child == 0)
            return STEP_DONE;
        see_store(f, parent);
        return STEP_ON;
    }
    return ul_cursor_is_pointer(node_of(f, parent)->cursor) ? STEP_ON : STEP_DONE; /* arithmetic; else compared */
}

static step see_parent(ul_follow *f, uint32_t parent, uint32_t value)
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
        if (ul_is_pointer(type)) {
            see_conversion(f, value, parent);
            return STEP_ON;
        }
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
        if (node_of(f, value)->child == 0)
            return STEP_DONE;
        f->is_mixed[f->current] |= !ul_follow_is_null(f, ul_tree_child(f->tree, parent, node_of(f, value)->child == 1 ? 2 : 1));
        return STEP_ON;
    case CXCursor_CallExpr:
        ul_follow_call(f, parent, node_of(f, value)->child);
        return STEP_DONE;
    case CXCursor_ReturnStmt:
        tell_plain(f, UL_USE_RETURNED, parent);
        return STEP_DONE;
    case CXCursor_VarDecl:
        if (ul_cursor_is_local(node->cursor))
            ul_follow_variable(f, parent, node->cursor);
        else
            ul_follow_tell(f, UL_USE_STORED, parent, ul_clang_text(clang_getCursorSpelling(node->cursor), f->tree->uses->reader->arena));
        return STEP_DONE;
    case CXCursor_InitListExpr:
        ul_follow_tell(f, UL_USE_STORED, parent, "a list of values");
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

void ul_follow_value(ul_follow *f, uint32_t value)
{
    while (node_of(f, value)->parent != UL_NO_NODE && see_parent(f, node_of(f, value)->parent, value) == STEP_ON)
        value = node_of(f, value)->parent;
}

/* Whether an expression is the call that the pointer comes from, or a realloc of it, which is told as such. */
static bool is_source(const ul_follow *f, uint32_t node)
{
    uint32_t inner = ul_tree_strip(f->tree, node);
    return inner == f->source ||
           (node_of(f, inner)->kind == CXCursor_CallExpr && ul_allocation_verb(f->reader, node_of(f, inner)->cursor) == UL_MEMORY_REALLOC);
}

static bool is_followed(const ul_follow *f, uint32_t node)
{
    uint32_t inner = ul_tree_strip(f->tree, node);
    for (uint32_t i = 0; node_of(f, inner)->kind == CXCursor_DeclRefExpr && i < f->variable_count; i++) {
        if (clang_equalCursors(ul_tree_declaration(f->tree, inner), f->variables[i]))
            return true;
    }
    return false;
}

/* A value that the variable is given. Others that take the pointer may hold anything else at other times, but are not freed then. */
static void see_new_value(ul_follow *f, uint32_t at, uint32_t value)
{
    if (value == UL_NO_NODE || ul_follow_is_null(f, value) || is_source(f, value))
        return;
    if (f->current == 0)
        tell_plain(f, UL_USE_REPLACED, at);
    else
        f->is_mixed[f->current] |= !is_followed(f, value);
}

static bool is_unevaluated(const ul_follow *f, uint32_t node)
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

static void see_reference(ul_follow *f, uint32_t reference)
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
            ul_follow_value(f, at); /* `if (!(p = malloc(n)))`, `q = p = malloc(n)` */
        return;
    case UL_CHANGE_COMPOUND:
    case UL_CHANGE_INCREMENT:
        if (f->current == 0 && f->source != UL_NO_NODE)
            tell_plain(f, UL_USE_REPLACED, at);
        f->is_mixed[f->current] = true;
        ul_follow_value(f, at);
        return;
    case UL_CHANGE_ADDRESS:
        if (f->current > 0 && ul_follow_is_place(f, at))
            return;
        tell_plain(f, UL_USE_UNCLEAR, at);
        return;
    case UL_CHANGE_DECREMENT: /* or something that is not understood */
        tell_plain(f, UL_USE_UNCLEAR, at);
        return;
    default:
        break;
    }
    if (node_of(f, parent)->kind == CXCursor_UnexposedExpr)
        ul_follow_value(f, parent);
    else if (node_of(f, parent)->kind != CXCursor_UnaryExpr)
        tell_plain(f, UL_USE_UNCLEAR, parent);
}

static void see_declaration(ul_follow *f, uint32_t node)
{
    CXCursor variable = node_of(f, node)->cursor;
    uint32_t count = ul_tree_child_count(f->tree, node), last = count ? ul_tree_child(f->tree, node, count - 1) : UL_NO_NODE;
    bool has_cleanup = false;
    if (last != UL_NO_NODE && clang_isExpression(node_of(f, last)->kind))
        see_new_value(f, node, last);
    for (uint32_t at = node + 1; at < node_of(f, node)->end && !has_cleanup; at = node_of(f, at)->end) {
        if (node_of(f, at)->kind != CXCursor_UnexposedAttr)
            continue;
        const char *cleanup = ul_follow_cleanup(&has_cleanup, f, variable);
        if (has_cleanup && cleanup)
            ul_follow_tell(f, UL_USE_FREED, node, cleanup);
        else if (has_cleanup)
            tell_plain(f, UL_USE_UNCLEAR, node);
        f->is_freed[f->current] |= has_cleanup;
    }
}

static void see_variable(ul_follow *f)
{
    for (uint32_t i = 1; i < f->tree->count; i++) {
        enum CXCursorKind kind = node_of(f, i)->kind;
        CXCursor cursor = node_of(f, i)->cursor;
        if (kind == CXCursor_VarDecl && clang_equalCursors(cursor, f->variables[f->current]))
            see_declaration(f, i);
        else if (kind == CXCursor_DeclRefExpr && clang_equalCursors(ul_tree_declaration(f->tree, i), f->variables[f->current]))
            see_reference(f, i);
    }
}

/* Whether memory is only taken to see whether there is any. */
static bool is_trial(const ul_pointer_uses *uses)
{
    for (uint32_t i = 0; i < uses->count; i++) {
        if (uses->items[i].kind != UL_USE_FREED)
            return false;
    }
    return !uses->is_touched;
}

static bool is_volatile(CXCursor variable)
{
    CXType type = clang_getCanonicalType(clang_getCursorType(variable));
    return clang_isVolatileQualifiedType(type) || clang_isVolatileQualifiedType(clang_getPointeeType(type));
}

void ul_pointer_uses_read(ul_pointer_uses *out, ul_allocation_reader *reader, const ul_function_tree *tree, CXCursor variable, uint32_t source)
{
    ul_follow f = {.out = out, .reader = reader, .tree = tree, .source = source, .variables = {variable}, .variable_count = 1};
    bool is_unclear = tree->is_odd;
    out->retyped = (CXType){.kind = CXType_Invalid};
    for (f.current = 0; f.current < f.variable_count; f.current++)
        see_variable(&f);
    for (uint32_t i = 0; i < f.variable_count; i++)
        is_unclear |= is_volatile(f.variables[i]) || (f.is_mixed[i] && f.is_freed[i]);
    is_unclear |= source != UL_NO_NODE && is_trial(out);
    if (is_unclear || (source != UL_NO_NODE && !ul_follow_is_single(&f)))
        ul_follow_tell(&f, UL_USE_UNCLEAR, source == UL_NO_NODE ? 0 : source, "");
}

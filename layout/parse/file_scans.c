/*
 *  1. The buffer is given, tested, filled (in one place, in a loop or not), ended with a zero, freed.
 *  2. It is gone through in one way: by a pointer that starts at its beginning and only moves on; by an index that starts at a number and only
 *     grows; by strtok(); or it is written elsewhere at one stroke.
 *  3. Behind the filling, the file is closed and neither it nor its path is used again, and no other is opened: it may be the same.
 */
#include "layout/parse/file_scans.h"

#include <string.h>

#include "layout/parse/libc_calls.h"

typedef enum pass { PASS_NONE, PASS_POINTER, PASS_INDEX, PASS_TOKENS, PASS_WRITE } pass;

typedef struct scan {
    ul_allocation_reader *reader;
    const ul_function_tree *tree;
    CXCursor buffer, other; /* other: the pointer, the index, or the variable that has the token */
    CXCursor bound;         /* `end = buffer + size`, or the null cursor */
    uint32_t source, fill;
    pass pass;
} scan;

static const ul_node *node_of(const scan *s, uint32_t node)
{
    return &s->tree->nodes[node];
}

static bool is_named(const scan *s, uint32_t call, const char *const *names)
{
    CXString spelling = clang_getCursorSpelling(node_of(s, call)->cursor);
    const char *name = clang_getCString(spelling);
    bool is_it = false;
    for (; *names && name && !is_it; names++)
        is_it = strcmp(name, *names) == 0;
    clang_disposeString(spelling);
    return is_it && ul_libc_declares(ul_tree_callee(s->tree, call));
}

static bool is_variable(const scan *s, uint32_t node, CXCursor variable)
{
    uint32_t inner = node == UL_NO_NODE ? 0 : ul_tree_strip(s->tree, node);
    return node_of(s, inner)->kind == CXCursor_DeclRefExpr && clang_equalCursors(ul_tree_declaration(s->tree, inner), variable);
}

static bool is_number(const scan *s, uint32_t node, long long least, long long most)
{
    long long value = -1;
    uint32_t inner = node == UL_NO_NODE ? 0 : ul_tree_strip(s->tree, node);
    return node != UL_NO_NODE && ul_expression_value(node_of(s, inner)->cursor, &value) && value >= least && value <= most;
}

/* The node whose value goes on unchanged: above conversions and parentheses. */
static uint32_t above(const scan *s, uint32_t node)
{
    for (;;) {
        uint32_t parent = node_of(s, node)->parent;
        enum CXCursorKind kind = node_of(s, parent)->kind;
        if (kind != CXCursor_ParenExpr && kind != CXCursor_UnexposedExpr && kind != CXCursor_CStyleCastExpr)
            return node;
        node = parent;
    }
}

/* Whether a value is only asked for: tested, or compared. */
static bool is_tested(const scan *s, uint32_t value)
{
    uint32_t parent = node_of(s, value)->parent;
    switch ((int)node_of(s, parent)->kind) {
    case CXCursor_BinaryOperator: /* a difference has another type */
        return ul_clang_bare_type(clang_getCursorType(node_of(s, parent)->cursor)).kind == CXType_Int && !ul_tree_is_assignment(s->tree, parent);
    case CXCursor_UnaryOperator:
        return !ul_cursor_is_pointer(node_of(s, parent)->cursor) && !ul_tree_is_dereference(s->tree, parent);
    case CXCursor_IfStmt:
    case CXCursor_WhileStmt:
    case CXCursor_DoStmt:
    case CXCursor_ForStmt:
    case CXCursor_CompoundStmt:
        return true;
    default:
        return false;
    }
}

/* Whether a part of the buffer is loaded, not changed nor its address taken. */
static bool is_load(const scan *s, uint32_t object)
{
    while (node_of(s, node_of(s, object)->parent)->kind == CXCursor_ParenExpr)
        object = node_of(s, object)->parent;
    uint32_t parent = node_of(s, object)->parent;
    return node_of(s, parent)->kind == CXCursor_UnexposedExpr && !ul_cursor_is_pointer(node_of(s, parent)->cursor);
}

static bool sets_pass(scan *s, pass as, CXCursor other)
{
    if (s->pass == PASS_NONE) {
        s->pass = as;
        s->other = other;
        return true;
    }
    return s->pass == as && (as == PASS_POINTER || as == PASS_INDEX) && clang_equalCursors(s->other, other);
}

/* The value of the buffer, or of an address in it, is given to a variable there: `at = text`, `char *at = text`. */
static bool is_taken_by(const scan *s, uint32_t value, CXCursor *variable)
{
    uint32_t parent = node_of(s, value)->parent;
    if (node_of(s, parent)->kind == CXCursor_VarDecl) {
        *variable = node_of(s, parent)->cursor;
        return ul_cursor_is_local(*variable);
    }
    if (!ul_tree_is_assignment(s->tree, parent) || node_of(s, value)->child != 1 || !is_tested(s, above(s, parent)))
        return false;
    uint32_t target = ul_tree_strip(s->tree, ul_tree_child(s->tree, parent, 0));
    *variable = ul_tree_declaration(s->tree, target);
    return node_of(s, target)->kind == CXCursor_DeclRefExpr && ul_cursor_is_local(*variable);
}

/* stdout, or what the caller opened, which is not what the buffer is filled from. */
static bool is_written_elsewhere(const scan *s, uint32_t call, uint32_t to)
{
    uint32_t node = to == UL_NO_NODE ? 0 : ul_tree_strip(s->tree, to), from = ul_tree_strip(s->tree, s->fill);
    if (is_number(s, node, 1, 2))
        return true;
    CXCursor file = node_of(s, node)->kind == CXCursor_DeclRefExpr ? ul_tree_declaration(s->tree, node) : clang_getNullCursor();
    bool is_standard = !clang_Cursor_isNull(file) && clang_Location_isInSystemHeader(clang_getCursorLocation(file));
    return node_of(s, call)->loop_depth == node_of(s, s->source)->loop_depth && (is_standard || clang_getCursorKind(file) == CXCursor_ParmDecl) &&
           !clang_equalCursors(file, ul_tree_declaration(s->tree, from));
}

/* Whether a variable is set where a scan begins: outside of loops, or where one begins. */
static bool is_beginning(const scan *s, uint32_t node)
{
    uint32_t loop = ul_tree_loop(s->tree, node), base = ul_tree_loop(s->tree, s->source);
    if (loop == base)
        return true;
    return ul_tree_loop(s->tree, loop) == base && node_of(s, loop)->kind == CXCursor_ForStmt && node < node_of(s, ul_tree_child(s->tree, loop, 0))->end &&
           ul_tree_child_count(s->tree, loop) > 2;
}

static bool see_call(scan *s, uint32_t call, uint32_t argument)
{
    static const char *const reads[] = {"fread", "fread_unlocked", "read", NULL}, *const tokens[] = {"strtok", NULL};
    static const char *const streams[] = {"fwrite", "fwrite_unlocked", NULL}, *const files[] = {"write", NULL};
    ul_lending lending;
    if (ul_allocation_verb(s->reader, node_of(s, call)->cursor) == UL_MEMORY_FREE)
        return argument == 0;
    if (is_named(s, call, reads) && ul_libc_lends(&lending, ul_tree_callee(s->tree, call), argument) && lending.fills) {
        bool is_first = s->fill == UL_NO_NODE && s->pass == PASS_NONE;
        s->fill = ul_tree_argument(s->tree, call, argument == 0 ? 3 : 0);
        return is_first && s->fill != UL_NO_NODE;
    }
    if (s->fill == UL_NO_NODE)
        return false;
    if (argument == 0 && is_named(s, call, tokens))
        return is_beginning(s, call) && sets_pass(s, PASS_TOKENS, clang_getNullCursor());
    if (argument == 0 && is_named(s, call, streams))
        return is_written_elsewhere(s, call, ul_tree_argument(s->tree, call, 3)) && sets_pass(s, PASS_WRITE, clang_getNullCursor());
    return argument == 1 && is_named(s, call, files) && is_written_elsewhere(s, call, ul_tree_argument(s->tree, call, 0)) &&
           sets_pass(s, PASS_WRITE, clang_getNullCursor());
}

/* `text[length] = '\0'` behind the filling, or `text[i]`. */
static bool see_element(scan *s, uint32_t element)
{
    uint32_t at, index = ul_tree_strip(s->tree, ul_tree_child(s->tree, element, 1));
    if (ul_tree_change(&at, s->tree, element) == UL_CHANGE_SET)
        return s->pass == PASS_NONE && node_of(s, at)->loop_depth == node_of(s, s->source)->loop_depth && is_number(s, ul_tree_child(s->tree, at, 1), 0, 0);
    if (node_of(s, index)->kind == CXCursor_UnaryOperator && ul_tree_change(&at, s->tree, ul_tree_child(s->tree, index, 0)) == UL_CHANGE_INCREMENT)
        index = ul_tree_child(s->tree, index, 0);
    CXCursor variable = node_of(s, index)->kind == CXCursor_DeclRefExpr ? ul_tree_declaration(s->tree, index) : clang_getNullCursor();
    bool is_known = ul_cursor_is_local(variable) || clang_getCursorKind(variable) == CXCursor_ParmDecl;
    return s->fill != UL_NO_NODE && is_load(s, element) && is_known && sets_pass(s, PASS_INDEX, variable);
}

/* `text + n`: where a read goes on, or where the text ends. */
static bool see_sum(scan *s, uint32_t sum)
{
    uint32_t value = above(s, sum), parent = node_of(s, value)->parent;
    if (ul_tree_operator(s->tree, sum) != '+')
        return false;
    CXCursor variable;
    if (node_of(s, parent)->kind == CXCursor_CallExpr) {
        uint32_t before = s->fill;
        return see_call(s, parent, node_of(s, value)->child - 1) && s->fill != before && s->pass == PASS_NONE;
    }
    if (!clang_Cursor_isNull(s->bound) || !is_taken_by(s, value, &variable))
        return false;
    s->bound = variable;
    return true;
}

static bool see_buffer(scan *s, uint32_t reference)
{
    uint32_t at, value = above(s, reference), parent = node_of(s, value)->parent;
    CXCursor variable;
    if (ul_tree_change(&at, s->tree, reference) == UL_CHANGE_SET) /* what it is given is the source, or a null pointer */
        return is_tested(s, above(s, at));
    if (is_tested(s, value))
        return true;
    if (is_taken_by(s, value, &variable))
        return s->fill != UL_NO_NODE && sets_pass(s, PASS_POINTER, variable);
    switch ((int)node_of(s, parent)->kind) {
    case CXCursor_CallExpr:
        return node_of(s, value)->child > 0 && see_call(s, parent, node_of(s, value)->child - 1);
    case CXCursor_ArraySubscriptExpr:
        return node_of(s, value)->child == 0 && see_element(s, parent);
    case CXCursor_BinaryOperator:
        return ul_cursor_is_pointer(node_of(s, parent)->cursor) && see_sum(s, parent);
    default:
        return false;
    }
}

/* `++`, `+= 2`: on, and whoever looks at the result loads through it. */
static bool is_step(const scan *s, ul_change change, uint32_t at)
{
    uint32_t value = above(s, at), parent = node_of(s, value)->parent;
    if (change == UL_CHANGE_COMPOUND && (ul_tree_operator(s->tree, at) != 'P' || !is_number(s, ul_tree_child(s->tree, at, 1), 1, 1 << 20)))
        return false;
    if (change != UL_CHANGE_COMPOUND && change != UL_CHANGE_INCREMENT)
        return false;
    if (ul_tree_is_dereference(s->tree, parent))
        return is_load(s, parent);
    return (s->pass == PASS_INDEX && node_of(s, parent)->kind == CXCursor_ArraySubscriptExpr) || is_tested(s, value);
}

static bool see_walker(const scan *s, uint32_t reference, uint32_t *beginnings)
{
    uint32_t at, value = above(s, reference), parent = node_of(s, value)->parent;
    ul_change change = ul_tree_change(&at, s->tree, reference);
    if (change == UL_CHANGE_SET) {
        ++*beginnings;
        return is_variable(s, ul_tree_child(s->tree, at, 1), s->buffer) && is_beginning(s, at);
    }
    if (change != UL_CHANGE_NONE)
        return is_step(s, change, at);
    if (node_of(s, parent)->kind == CXCursor_ArraySubscriptExpr)
        return node_of(s, value)->child == 0 && is_number(s, ul_tree_child(s->tree, parent, 1), 0, 0) && is_load(s, parent);
    return ul_tree_is_dereference(s->tree, parent) ? is_load(s, parent) : is_tested(s, value);
}

/* An index may be looked at in any way; it only has to grow while the buffer is gone through. */
static bool see_index(const scan *s, uint32_t reference, uint32_t *beginnings)
{
    uint32_t at;
    ul_change change = ul_tree_change(&at, s->tree, reference);
    if (change == UL_CHANGE_NONE)
        return true;
    if (change == UL_CHANGE_SET && at < s->fill)
        return true; /* it was used for something else */
    if (change == UL_CHANGE_SET) {
        ++*beginnings;
        return is_number(s, ul_tree_child(s->tree, at, 1), 0, 1 << 20) && is_beginning(s, at);
    }
    return at < s->fill ? change != UL_CHANGE_ADDRESS : is_step(s, change, at);
}

/* What the variable is declared with counts as a beginning, but a null pointer, and an index from before the filling. */
static bool see_declaration(const scan *s, uint32_t node, uint32_t *beginnings)
{
    uint32_t count = ul_tree_child_count(s->tree, node), last = count ? ul_tree_child(s->tree, node, count - 1) : UL_NO_NODE;
    if (last == UL_NO_NODE || !clang_isExpression(node_of(s, last)->kind) || node < s->fill)
        return true;
    ++*beginnings;
    bool is_start = s->pass == PASS_INDEX ? is_number(s, last, 0, 1 << 20) : is_variable(s, last, s->buffer);
    return is_start && is_beginning(s, node);
}

/* Whether a reference to the variable that has the token keeps nothing of it. */
static bool see_token(const scan *s, uint32_t reference)
{
    static const char *const tokens[] = {"strtok", NULL};
    uint32_t at, value = above(s, reference), parent = node_of(s, value)->parent;
    if (ul_tree_change(&at, s->tree, reference) == UL_CHANGE_SET) {
        uint32_t given = ul_tree_strip(s->tree, ul_tree_child(s->tree, at, 1));
        return node_of(s, given)->kind == CXCursor_CallExpr && is_named(s, given, tokens);
    }
    if (node_of(s, parent)->kind == CXCursor_CallExpr)
        return !ul_cursor_is_pointer(node_of(s, parent)->cursor);
    return is_tested(s, value) || node_of(s, parent)->kind == CXCursor_ArraySubscriptExpr || ul_tree_is_dereference(s->tree, parent);
}

/* Every strtok() gives the one variable its next token. */
static bool finds_token_variable(scan *s)
{
    static const char *const tokens[] = {"strtok", NULL};
    for (uint32_t i = s->fill; i < s->tree->count; i++) {
        CXCursor variable;
        if (node_of(s, i)->kind != CXCursor_CallExpr || !is_named(s, i, tokens))
            continue;
        if (!is_taken_by(s, above(s, i), &variable) || (!clang_Cursor_isNull(s->other) && !clang_equalCursors(variable, s->other)))
            return false;
        s->other = variable;
    }
    return !clang_Cursor_isNull(s->other);
}

/* What the pass goes by, wherever it is named. */
static bool is_forward(scan *s)
{
    uint32_t beginnings = 0;
    if (s->pass == PASS_WRITE)
        return true;
    if (s->pass == PASS_TOKENS && !finds_token_variable(s))
        return false;
    for (uint32_t i = 1; i < s->tree->count; i++) {
        bool is_named_here = node_of(s, i)->kind == CXCursor_DeclRefExpr && clang_equalCursors(ul_tree_declaration(s->tree, i), s->other), is_good = true;
        if (node_of(s, i)->kind == CXCursor_VarDecl && clang_equalCursors(node_of(s, i)->cursor, s->other))
            is_good = s->pass == PASS_TOKENS || see_declaration(s, i, &beginnings);
        else if (is_named_here)
            is_good = s->pass == PASS_TOKENS ? see_token(s, i) : s->pass == PASS_INDEX ? see_index(s, i, &beginnings) : see_walker(s, i, &beginnings);
        else if (!clang_Cursor_isNull(s->bound) && node_of(s, i)->kind == CXCursor_DeclRefExpr && clang_equalCursors(ul_tree_declaration(s->tree, i), s->bound))
            is_good = ul_tree_change(&(uint32_t){0}, s->tree, i) == UL_CHANGE_SET || is_tested(s, above(s, i));
        if (!is_good)
            return false;
    }
    return s->pass == PASS_TOKENS || beginnings == 1 || (s->pass == PASS_INDEX && beginnings == 0);
}

/* The call around an argument, UL_NO_NODE when it is none. */
static uint32_t call_of(const scan *s, uint32_t reference)
{
    uint32_t value = above(s, reference), parent = node_of(s, value)->parent;
    return node_of(s, parent)->kind == CXCursor_CallExpr && node_of(s, value)->child > 0 ? parent : UL_NO_NODE;
}

/* Where the function opened the file: `in = fopen(path, "r")`. *path: the variable that has the path, or the null cursor for a literal. */
static bool finds_path(const scan *s, CXCursor file, CXCursor *path)
{
    static const char *const opens[] = {"fopen", "fopen64", "open", "open64", NULL};
    for (uint32_t i = 1; i < s->fill; i++) {
        CXCursor variable;
        if (node_of(s, i)->kind != CXCursor_CallExpr || !is_named(s, i, opens) || !is_taken_by(s, above(s, i), &variable) || !clang_equalCursors(variable, file))
            continue;
        uint32_t given = ul_tree_strip(s->tree, ul_tree_argument(s->tree, i, 0));
        bool is_variable_path = node_of(s, given)->kind == CXCursor_DeclRefExpr;
        *path = is_variable_path ? ul_tree_declaration(s->tree, given) : clang_getNullCursor();
        return is_variable_path || node_of(s, given)->kind == CXCursor_StringLiteral;
    }
    return false;
}

/* Whether the file is left alone once it is read. */
static bool is_file_done(const scan *s)
{
    static const char *const ends[] = {"fclose", "close", "feof", "ferror", NULL};
    static const char *const changes[] = {"fopen", "fopen64", "freopen", "open", "open64", "openat", "creat", "truncate", "ftruncate", "rename", "unlink", "remove", "fseek", "rewind", NULL};
    uint32_t handle = ul_tree_strip(s->tree, s->fill);
    CXCursor file = node_of(s, handle)->kind == CXCursor_DeclRefExpr ? ul_tree_declaration(s->tree, handle) : clang_getNullCursor(), path = clang_getNullCursor();
    bool is_standard = is_number(s, handle, 0, 0) || (!clang_Cursor_isNull(file) && clang_Location_isInSystemHeader(clang_getCursorLocation(file)));
    if (!is_standard && clang_getCursorKind(file) != CXCursor_ParmDecl && !(ul_cursor_is_local(file) && finds_path(s, file, &path)))
        return false;
    bool has_path = !clang_Cursor_isNull(path);
    for (uint32_t i = handle + 1; i < s->tree->count; i++) {
        if (node_of(s, i)->kind == CXCursor_CallExpr && is_named(s, i, changes))
            return false;
        if (node_of(s, i)->kind != CXCursor_DeclRefExpr)
            continue;
        uint32_t call = call_of(s, i);
        if (is_variable(s, i, file) && (call == UL_NO_NODE || !is_named(s, call, ends)))
            return false;
        if (has_path && is_variable(s, i, path) && (call == UL_NO_NODE || !ul_libc_declares(ul_tree_callee(s->tree, call))))
            return false;
    }
    return true;
}

/* Whether the filling's own loop, if it has one, is over before the buffer is gone through. */
static bool is_filled_first(const scan *s)
{
    uint32_t base = ul_tree_loop(s->tree, s->source), loop = ul_tree_loop(s->tree, s->fill), outer = loop;
    while (loop != base && loop != UL_NO_NODE) {
        outer = loop;
        loop = ul_tree_loop(s->tree, loop);
    }
    if (loop != base || outer == base)
        return loop == base;
    for (uint32_t i = outer; i < node_of(s, outer)->end; i++) {
        if (node_of(s, i)->kind == CXCursor_ArraySubscriptExpr && is_variable(s, ul_tree_child(s->tree, i, 0), s->buffer))
            return false;
    }
    return true;
}

bool ul_file_is_scanned(ul_allocation_reader *reader, const ul_function_tree *tree, CXCursor variable, uint32_t source)
{
    scan s = {.reader = reader, .tree = tree, .buffer = variable, .other = clang_getNullCursor(), .bound = clang_getNullCursor(), .source = source, .fill = UL_NO_NODE};
    for (uint32_t i = 1; i < tree->count; i++) {
        if (tree->nodes[i].kind == CXCursor_DeclRefExpr && clang_equalCursors(ul_tree_declaration(tree, i), variable) && !see_buffer(&s, i))
            return false;
    }
    if (s.fill == UL_NO_NODE || s.pass == PASS_NONE || tree->is_odd || ul_tree_is_jumped_over(tree, s.fill))
        return false;
    for (uint32_t i = s.fill; i < tree->count; i++) {
        if (tree->nodes[i].kind == CXCursor_LabelStmt && ul_tree_is_jumped_over(tree, i))
            return false; /* back to the scan */
    }
    return is_forward(&s) && is_filled_first(&s) && is_file_done(&s);
}

/*
 * What a lock is called, and what is a lock by its use:
 *  1. `&q->lock`, `q->lock` where that is a pointer, a variable, a local that points to one: by the field or variable; a parameter: by its number;
 *  2. `while (atomic_exchange(&l, 1)) ;`, `while (!cas(&l, 0, 1)) ;`: who leaves the loop has taken l;
 *  3. sem_wait(&s) in a function that posts s too;
 *  4. `__attribute__((cleanup(f)))` on a variable: what is taken for it is released where its block ends.
 */
#include "layout/parse/census_reader.h"

#include <string.h>

enum { ALIASES_DEEP = 4, CASTS_DEEP = 16 };

static bool name_of(ul_lock_name *out, ul_census_reader *census, CXCursor expression, int deep);

static bool name_of_declaration(ul_lock_name *out, ul_census_reader *census, CXCursor declaration, int deep)
{
    enum CXCursorKind kind = clang_getCursorKind(declaration);
    const ul_declaration_note *note = kind == CXCursor_VarDecl || kind == CXCursor_ParmDecl ? ul_census_note(census, declaration) : NULL;
    if (!note)
        return false;
    out->word = note->object;
    out->parameter = note->parameter;
    if (out->word || out->parameter)
        return true;
    CXCursor value = clang_Cursor_getVarDeclInitializer(declaration);
    return kind == CXCursor_VarDecl && deep < ALIASES_DEEP && !clang_Cursor_isNull(value) && name_of(out, census, value, deep + 1);
}

static bool name_of(ul_lock_name *out, ul_census_reader *census, CXCursor expression, int deep)
{
    CXCursor inner = ul_cursor_uncast(expression);
    for (int depth = 0; depth < CASTS_DEEP; depth++) {
        CXCursor target = clang_getCursorReferenced(inner);
        switch (clang_getCursorKind(inner)) {
        case CXCursor_UnaryOperator:
        case CXCursor_ArraySubscriptExpr:
        case CXCursor_BinaryOperator:
            inner = ul_cursor_uncast(ul_cursor_child(inner, 0));
            break;
        case CXCursor_MemberRefExpr: {
            if (clang_getCursorKind(target) != CXCursor_FieldDecl)
                return false;
            const ul_declaration_note *field = ul_census_note(census, target);
            if (!field->object) { /* of a record of the system: atomic_flag */
                inner = ul_cursor_uncast(ul_cursor_child(inner, 0));
                break;
            }
            out->word = ul_census_field_path(census, target);
            return true;
        }
        case CXCursor_CallExpr: { /* lock_of(key): one of those that it gives */
            ul_word callee = ul_census_callee(census, inner);
            out->word = callee ? ul_census_word_of(census, ul_arena_printf(census->reader->arena, "%s()", census->out->words[callee])) : 0;
            return callee != 0;
        }
        case CXCursor_DeclRefExpr:
            return name_of_declaration(out, census, target, deep);
        default:
            return false;
        }
    }
    return false;
}

bool ul_census_lock_name(ul_lock_name *out, ul_census_reader *census, CXCursor expression)
{
    *out = (ul_lock_name){.word = 0};
    return name_of(out, census, expression, 0);
}

bool ul_cursor_is_number(CXCursor cursor, bool *is_zero)
{
    CXCursor inner = ul_cursor_uncast(cursor);
    enum CXCursorKind kind = clang_getCursorKind(inner);
    if (kind == CXCursor_DeclRefExpr && clang_getCursorKind(clang_getCursorReferenced(inner)) == CXCursor_EnumConstantDecl) {
        *is_zero = clang_getEnumConstantDeclValue(clang_getCursorReferenced(inner)) == 0;
        return true;
    }
    if (kind != CXCursor_IntegerLiteral && kind != CXCursor_CharacterLiteral)
        return false;
    CXEvalResult value = clang_Cursor_Evaluate(inner);
    *is_zero = value && clang_EvalResult_getKind(value) == CXEval_Int && clang_EvalResult_getAsLongLong(value) == 0;
    clang_EvalResult_dispose(value);
    return true;
}

/* The value that is put there: exchange(p, 1), test_and_set(p, 1), cas(p, 0, 1). clang's AtomicExpr: pointer, order, value, order of failure, desired. */
static bool sets_number(CXCursor operation, bool is_compare)
{
    bool is_zero = true;
    CXCursor value;
    if (clang_getCursorKind(operation) == CXCursor_CallExpr) {
        int count = clang_Cursor_getNumArguments(operation);
        value = clang_Cursor_getArgument(operation, count > 0 ? (unsigned)count - 1u : 0u);
    } else {
        value = ul_cursor_child(operation, is_compare ? 4 : 2);
    }
    return !clang_Cursor_isNull(value) && ul_cursor_is_number(value, &is_zero) && !is_zero;
}

/* `if (exchange(...)) break;`, `if (cas(...)) return;`: whatever else the loop does, who is out has it. */
static bool leaves_loop(const ul_frame *branch)
{
    CXCursor then = ul_cursor_child(branch->cursor, 1);
    if (clang_getCursorKind(then) == CXCursor_CompoundStmt && ul_cursor_child_count(then) == 1)
        then = ul_cursor_child(then, 0);
    return clang_getCursorKind(then) == CXCursor_BreakStmt;
}

/* Whether the operation decides how long a loop goes round: until it has found what it hoped for. */
static bool ends_loop(const ul_walk *walk, const ul_frame *operation, bool is_compare)
{
    bool is_negated = false, is_compared = false;
    for (const ul_frame *child = operation; child > walk->frames; child--) {
        const ul_frame *parent = child - 1;
        bool waits = is_compared || is_negated == is_compare;
        switch (parent->kind) {
        case CXCursor_UnexposedExpr:
        case CXCursor_ParenExpr:
        case CXCursor_CStyleCastExpr:
            break;
        case CXCursor_BinaryOperator:
            is_compared |= clang_getCursorType(parent->cursor).kind == CXType_Int;
            break;
        case CXCursor_UnaryOperator:
            is_negated = !is_negated;
            break;
        case CXCursor_WhileStmt:
            return child->child == 0 && waits;
        case CXCursor_DoStmt:
            return child->child == 1 && waits;
        case CXCursor_ForStmt:
            return waits;
        case CXCursor_IfStmt:
            return child->child == 0 && (is_compared || is_negated != is_compare) && walk->loop_depth > 0 && leaves_loop(parent);
        default:
            return false;
        }
    }
    return false;
}

bool ul_census_swaps_number(bool *is_compare, ul_reader *reader, CXCursor operation)
{
    bool is_call = clang_getCursorKind(operation) == CXCursor_CallExpr;
    const char *name = is_call ? ul_clang_text(clang_getCursorSpelling(operation), reader->arena)
                               : ul_reader_word(reader, clang_getRangeStart(clang_getCursorExtent(operation)));
    bool is_test = ul_name_has_word(name, "test") && ul_name_has_word(name, "set");
    *is_compare = ul_name_has_word(name, "compare") || ul_name_has_word(name, "cas") || ul_name_has_word(name, "cmpxchg");
    bool is_exchange = !*is_compare && (ul_name_has_word(name, "exchange") || ul_name_has_word(name, "xchg") || ul_name_has_word(name, "swap"));
    return is_test || ((*is_compare || is_exchange) && sets_number(operation, *is_compare));
}

bool ul_census_spins(const ul_walk *walk, const ul_frame *operation)
{
    bool is_compare;
    return ul_census_swaps_number(&is_compare, walk->reader, operation->cursor) && ends_loop(walk, operation, is_compare);
}

typedef struct post_scan {
    ul_census_reader *census;
    ul_lock_name wanted;
    bool is_found;
} post_scan;

static enum CXChildVisitResult find_post(CXCursor cursor, CXCursor parent, CXClientData data)
{
    post_scan *scan = data;
    ul_lock_name name;
    (void)parent;
    if (clang_getCursorKind(cursor) == CXCursor_CallExpr && ul_census_verb(scan->census, cursor) == UL_CALL_POST &&
        ul_census_lock_name(&name, scan->census, clang_Cursor_getArgument(cursor, 0)))
        scan->is_found |= name.word == scan->wanted.word && name.parameter == scan->wanted.parameter;
    return scan->is_found ? CXChildVisit_Break : CXChildVisit_Recurse;
}

bool ul_census_posts_too(ul_census_reader *census, const ul_walk *walk, CXCursor wait)
{
    post_scan scan = {.census = census};
    if (!ul_census_lock_name(&scan.wanted, census, clang_Cursor_getArgument(wait, 0)))
        return false;
    clang_visitChildren(walk->function, find_post, &scan);
    return scan.is_found;
}

static enum CXChildVisitResult find_cleanup(CXCursor cursor, CXCursor parent, CXClientData data)
{
    bool *is_found = ((void **)data)[1];
    ul_census_reader *census = ((void **)data)[0];
    (void)parent;
    if (!clang_isAttribute(clang_getCursorKind(cursor)))
        return CXChildVisit_Continue;
    const char *word = ul_reader_word(census->reader, clang_getRangeStart(clang_getCursorExtent(cursor)));
    *is_found |= ul_census_word_cleans(census, word);
    return CXChildVisit_Continue;
}

bool ul_census_has_cleanup(ul_census_reader *census, CXCursor variable)
{
    bool is_found = false;
    clang_visitChildren(variable, find_cleanup, (void *[]){census, &is_found});
    return is_found;
}

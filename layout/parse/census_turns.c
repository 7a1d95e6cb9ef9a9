/*
 * Threads that somebody waits for at once: `pthread_create(&t, 0, f, p); pthread_join(t, 0);`. Nothing runs beside such a thread that did not
 * run beside its creator.
 *
 *  1. What the creation gives may be kept in a local and asked about, before the wait: a condition that holds only where there is no thread
 *     leads anywhere, one that holds wherever there is one has to lead to the wait.
 *  2. What else stands between touches nothing but locals, and calls only what is known to print, or to end the program.
 *  3. The wait is the first thing that its statement does, for the very handle that was made.
 *
 * Anything else is no turn; a thread with attributes may be detached. Asked for each creation, of which there are few.
 */
#include "layout/parse/turns.h"

#include <string.h>

typedef enum course {
    COURSE_ON,  /* what comes next decides */
    COURSE_WAITED,
    COURSE_LOST
} course;

/* Calls that print, wait, or end the program. */
static bool is_harmless_call(ul_turn *t, CXCursor call)
{
    static const char *const known[] = {"printf", "fprintf", "puts",  "fputs", "putchar", "perror", "fflush", "strerror",      "sleep",         "usleep", "sched_yield",
                                        "err",    "errx",    "_exit", "_Exit", "abort",   "exit",   "warn",   "__assert_fail", "__errno_location"};
    const char *name = ul_turn_name(t, call);
    CXCursor callee = clang_getCursorReferenced(call);
    bool is_known = false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        is_known |= strcmp(name, known[i]) == 0;
    t->may_exit |= strcmp(name, "exit") == 0 || strncmp(name, "err", 3) == 0;
    return is_known && clang_Location_isInSystemHeader(clang_getCursorLocation(callee));
}

/* Whether the local that has the result gets something else, or may get it. */
static bool changes_result(const ul_turn *t, CXCursor operation)
{
    ul_turn_parts sides = ul_turn_children(operation);
    CXCursor local = ul_turn_local(sides.items[0]);
    bool changes = clang_getCursorKind(operation) != CXCursor_BinaryOperator || (sides.count == 2 && ul_turn_is_kept(t, &sides, &local));
    return changes && !clang_Cursor_isNull(local) && clang_equalCursors(local, t->result);
}

/* What is named where nobody looks: values of locals, enumerators, what the system has. */
static bool is_harmless_name(CXCursor name)
{
    CXCursor target = clang_getCursorReferenced(name);
    enum CXTypeKind type = ul_clang_bare_type(clang_getCursorType(target)).kind;
    if (clang_getCursorKind(target) == CXCursor_EnumConstantDecl || clang_Location_isInSystemHeader(clang_getCursorLocation(target)))
        return true;
    return ul_cursor_is_local(target) && type != CXType_Pointer && type != CXType_Record && type != CXType_ConstantArray && type != CXType_Atomic;
}

typedef struct idle_scan {
    ul_turn *turn;
    bool is_idle;
} idle_scan;

static enum CXChildVisitResult see_idle(CXCursor cursor, CXCursor parent, CXClientData data)
{
    idle_scan *scan = data;
    (void)parent;
    if (ul_turn_is_same(cursor, scan->turn->create))
        return CXChildVisit_Continue;
    switch (clang_getCursorKind(cursor)) {
    case CXCursor_UnaryExpr:
    case CXCursor_TypeRef:
        return CXChildVisit_Continue;
    case CXCursor_CallExpr:
        scan->is_idle &= is_harmless_call(scan->turn, cursor);
        break;
    case CXCursor_DeclRefExpr:
        scan->is_idle &= is_harmless_name(cursor);
        break;
    case CXCursor_VarDecl:
        scan->is_idle &= ul_cursor_is_local(cursor);
        break;
    case CXCursor_UnaryOperator:
    case CXCursor_BinaryOperator:
    case CXCursor_CompoundAssignOperator:
        scan->is_idle &= !changes_result(scan->turn, cursor);
        break;
    case CXCursor_IntegerLiteral:
    case CXCursor_FloatingLiteral:
    case CXCursor_CharacterLiteral:
    case CXCursor_StringLiteral:
    case CXCursor_ParenExpr:
    case CXCursor_UnexposedExpr:
    case CXCursor_CStyleCastExpr:
    case CXCursor_ConditionalOperator:
    case CXCursor_CompoundStmt:
    case CXCursor_IfStmt:
    case CXCursor_NullStmt:
    case CXCursor_DeclStmt:
        break;
    default:
        scan->is_idle = false;
        break;
    }
    return scan->is_idle ? CXChildVisit_Recurse : CXChildVisit_Break;
}

/* Whether nothing is touched that others may see; the creation apart. It goes on behind, or ends the program. */
static bool is_idle(ul_turn *t, CXCursor statement)
{
    idle_scan scan = {.turn = t, .is_idle = true};
    if (see_idle(statement, statement, &scan) == CXChildVisit_Recurse)
        clang_visitChildren(statement, see_idle, &scan);
    return scan.is_idle;
}

static course follow(ul_turn *t, CXCursor statement);

typedef struct sequence {
    ul_turn *turn;
    CXCursor after; /* what comes behind it; the null cursor: all */
    course found;
} sequence;

static enum CXChildVisitResult see_statement(CXCursor cursor, CXCursor parent, CXClientData data)
{
    sequence *all = data;
    (void)parent;
    if (!clang_Cursor_isNull(all->after)) {
        if (ul_turn_is_same(cursor, all->after))
            all->after = clang_getNullCursor();
        return CXChildVisit_Continue;
    }
    all->found = follow(all->turn, cursor);
    return all->found == COURSE_ON ? CXChildVisit_Continue : CXChildVisit_Break;
}

/* The statements of a block, from the one behind `after`. */
static course follow_all(ul_turn *t, CXCursor block, CXCursor after)
{
    sequence all = {.turn = t, .after = after, .found = COURSE_ON};
    clang_visitChildren(block, see_statement, &all);
    return all.found;
}

/* parts: the condition, what is done where it holds and, if there is one, where it does not. */
static course choose(ul_turn *t, CXCursor statement, const ul_turn_parts *parts)
{
    ul_turn_news known = ul_turn_told_by(t, parts->items[0]);
    if (known == UL_NEWS_MADE)
        return follow(t, parts->items[1]);
    if (known == UL_NEWS_FAILED)
        return parts->count > 2 ? follow(t, parts->items[2]) : COURSE_ON;
    return is_idle(t, statement) ? COURSE_ON : COURSE_LOST;
}

/* `int rc = create(), other;` */
static course declare(ul_turn *t, CXCursor statement)
{
    ul_turn_parts variables = ul_turn_children(statement);
    CXCursor variable = variables.items[0], value = ul_cursor_last_child(variable);
    bool has_value = variables.count == 1 && clang_getCursorKind(variable) == CXCursor_VarDecl && ul_cursor_is_local(variable) && !clang_Cursor_isNull(value);
    if (has_value && ul_turn_waits_first(t, value))
        return COURSE_WAITED;
    if (has_value && ul_turn_is_result(t, value)) {
        t->result = variable;
        return COURSE_ON;
    }
    return is_idle(t, statement) ? COURSE_ON : COURSE_LOST;
}

/* The block of ({ ... }) behind `__extension__` and, as assert() has it, `(void)sizeof(...),`; else the null cursor. */
static CXCursor block_of(CXCursor expression)
{
    CXCursor inner = ul_cursor_uncast(expression);
    ul_turn_parts parts = ul_turn_children(inner);
    if (clang_getCursorKind(inner) == CXCursor_BinaryOperator && parts.count == 2 && clang_getCursorKind(ul_cursor_uncast(parts.items[0])) == CXCursor_UnaryExpr)
        return block_of(parts.items[1]);
    if (clang_getCursorKind(inner) == CXCursor_UnaryOperator && parts.count == 1 && clang_getCursorKind(parts.items[0]) == CXCursor_StmtExpr)
        inner = parts.items[0];
    return clang_getCursorKind(inner) == CXCursor_StmtExpr ? ul_cursor_child(inner, 0) : clang_getNullCursor();
}

static course follow_expression(ul_turn *t, CXCursor expression)
{
    CXCursor inner = ul_cursor_uncast(expression), block = block_of(inner);
    if (!clang_Cursor_isNull(block))
        return follow_all(t, block, clang_getNullCursor());
    if (ul_turn_waits_first(t, inner))
        return COURSE_WAITED;
    if (ul_turn_is_result(t, inner))
        return COURSE_ON;
    ul_turn_parts parts = ul_turn_children(inner);
    if (clang_getCursorKind(inner) == CXCursor_ConditionalOperator && parts.count == 3)
        return choose(t, inner, &parts);
    return is_idle(t, inner) ? COURSE_ON : COURSE_LOST;
}

/* What a statement does with the thread, where that was made in it or before. */
static course follow(ul_turn *t, CXCursor statement)
{
    ul_turn_parts parts = ul_turn_children(statement);
    course found = COURSE_LOST;
    if (t->depth == UL_TURN_DEEP)
        return COURSE_LOST;
    t->depth++;
    switch (clang_getCursorKind(statement)) {
    case CXCursor_NullStmt:
        found = COURSE_ON;
        break;
    case CXCursor_CompoundStmt:
        found = follow_all(t, statement, clang_getNullCursor());
        break;
    case CXCursor_DeclStmt:
        found = declare(t, statement);
        break;
    case CXCursor_IfStmt:
        found = ul_turn_waits_first(t, parts.items[0]) ? COURSE_WAITED : choose(t, statement, &parts);
        break;
    case CXCursor_WhileStmt: /* tried again */
        found = ul_turn_told_by(t, parts.items[0]) == UL_NEWS_FAILED ? COURSE_ON : COURSE_LOST;
        break;
    case CXCursor_DoStmt: { /* of a macro */
        bool is_zero = false, is_once = parts.count == 2 && ul_cursor_is_number(parts.items[1], &is_zero) && is_zero;
        found = is_once ? follow(t, parts.items[0]) : COURSE_LOST;
        break;
    }
    case CXCursor_ReturnStmt:
        found = parts.count == 1 && ul_turn_waits_first(t, parts.items[0]) ? COURSE_WAITED : COURSE_LOST;
        break;
    default:
        if (clang_isExpression(clang_getCursorKind(statement)))
            found = follow_expression(t, statement);
        break;
    }
    t->depth--;
    return found;
}

/* Whether the block that is the frame `up` levels above is what a macro has for one statement: do { } while (0), ({ }), or plain braces. */
static bool goes_on(const ul_walk *walk, uint32_t *up)
{
    const ul_frame *parent = ul_walk_frame(walk, *up + 1);
    if (!parent || parent->is_function)
        return false;
    if (parent->kind == CXCursor_StmtExpr) {
        for (; parent && parent->kind != CXCursor_CompoundStmt; parent = ul_walk_frame(walk, *up + 1))
            ++*up;
        CXCursor outer = ul_walk_frame(walk, *up)->cursor;
        return parent && !clang_Cursor_isNull(block_of(outer));
    }
    *up += parent->kind != CXCursor_CompoundStmt;
    return parent->kind == CXCursor_CompoundStmt || (parent->kind == CXCursor_DoStmt && !parent->is_loop && ul_walk_frame(walk, *up + 1)->kind == CXCursor_CompoundStmt);
}

/* From the statement around the creation to the end of the function. */
static bool is_waited_for(ul_turn *t, const ul_walk *walk)
{
    uint32_t up = 0;
    while (ul_walk_frame(walk, up + 1) && ul_walk_frame(walk, up + 1)->kind != CXCursor_CompoundStmt)
        up++;
    course found = ul_walk_frame(walk, up + 1) ? follow(t, ul_walk_frame(walk, up)->cursor) : COURSE_LOST;
    while (found == COURSE_ON) {
        CXCursor statement = ul_walk_frame(walk, up)->cursor;
        found = follow_all(t, ul_walk_frame(walk, ++up)->cursor, statement);
        if (found == COURSE_ON && !goes_on(walk, &up))
            return false;
    }
    return found == COURSE_WAITED;
}

uint32_t ul_census_turn(ul_census_reader *census, const ul_walk *walk, ul_word callee)
{
    const char *name = census->out->words[callee];
    bool is_pthread = strcmp(name, "pthread_create") == 0, is_zero = false;
    if (!is_pthread && strcmp(name, "thrd_create") != 0)
        return 0;
    ul_turn t = {.census = census, .create = ul_walk_frame(walk, 0)->cursor, .result = clang_getNullCursor(), .waiting = is_pthread ? "pthread_join" : "thrd_join"};
    if (clang_Cursor_getNumArguments(t.create) != (is_pthread ? 4 : 3))
        return 0;
    if (is_pthread && !(ul_cursor_is_number(clang_Cursor_getArgument(t.create, 1), &is_zero) && is_zero))
        return 0;
    return !is_waited_for(&t, walk) ? 0 : t.may_exit ? UL_TURN_WAITED | UL_TURN_EXITS : UL_TURN_WAITED;
}

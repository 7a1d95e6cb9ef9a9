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
#include "layout/parse/census_reader.h"

#include <string.h>

enum { STATEMENTS_DEEP = 8 };

/* What a condition about a creation tells. */
typedef enum news {
    NEWS_NONE,
    NEWS_FAILED, /* it holds only where no thread was created */
    NEWS_MADE    /* it holds wherever one was */
} news;

typedef enum course {
    COURSE_ON,  /* what comes next decides */
    COURSE_WAITED,
    COURSE_LOST
} course;

typedef struct turn {
    ul_census_reader *census;
    CXCursor create, result; /* the call; the local that has what it gave, or the null cursor */
    const char *waiting;     /* name of the function that waits */
    uint32_t depth;
    bool may_exit;           /* the program may end before the wait: what is called then runs beside the thread */
} turn;

typedef struct children {
    CXCursor items[4];
    uint32_t count;
} children;

static enum CXChildVisitResult keep_child(CXCursor cursor, CXCursor parent, CXClientData data)
{
    children *all = data;
    (void)parent;
    if (all->count < sizeof all->items / sizeof *all->items)
        all->items[all->count] = cursor;
    all->count++;
    return CXChildVisit_Continue;
}

static children children_of(CXCursor cursor)
{
    CXCursor none = clang_getNullCursor();
    children all = {.items = {none, none, none, none}};
    clang_visitChildren(cursor, keep_child, &all);
    return all;
}

/* Of what libclang gives in visits of their own, data[0] differs. */
static bool is_same(CXCursor a, CXCursor b)
{
    return a.kind == b.kind && a.data[1] == b.data[1];
}

/* Whether the operator between two operands is written there as `sign`. */
static bool says(const turn *t, CXCursor left, CXCursor right, const char *sign)
{
    ul_clang_place from = ul_clang_place_of(clang_getRangeEnd(clang_getCursorExtent(left))), to = ul_clang_place_of(clang_getRangeStart(clang_getCursorExtent(right)));
    size_t length = 0;
    const char *bytes = from.file && clang_File_isEqual(from.file, to.file) ? ul_reader_contents(t->census->reader, from.file, &length) : NULL;
    if (!bytes || to.offset > length || from.offset >= to.offset)
        return false;
    char text[4] = "";
    uint32_t count = 0;
    for (const char *at = bytes + from.offset; at < bytes + to.offset; at++) {
        if (strchr(" \t\r\n()", *at))
            continue;
        if (count == sizeof text - 1)
            return false; /* a comment, among others */
        text[count++] = *at;
    }
    return strcmp(text, sign) == 0;
}

static bool is_not(const turn *t, CXCursor operation)
{
    ul_clang_place place = ul_clang_place_of(clang_getRangeStart(clang_getCursorExtent(operation)));
    size_t length = 0;
    const char *bytes = place.file ? ul_reader_contents(t->census->reader, place.file, &length) : NULL;
    return bytes && place.offset < length && bytes[place.offset] == '!';
}

/* The local variable that `expression` names, or the null cursor. */
static CXCursor local_of(CXCursor expression)
{
    CXCursor stripped = ul_cursor_stripped(expression);
    CXCursor variable = clang_getCursorKind(stripped) == CXCursor_DeclRefExpr ? clang_getCursorReferenced(stripped) : clang_getNullCursor();
    return ul_cursor_is_local(variable) ? variable : clang_getNullCursor();
}

static const char *name_of(const turn *t, CXCursor call)
{
    return ul_clang_text(clang_getCursorSpelling(call), t->census->reader->arena);
}

/* `local = value` */
static bool is_kept(const turn *t, const children *sides, CXCursor *local)
{
    *local = sides->count == 2 ? local_of(sides->items[0]) : clang_getNullCursor();
    return !clang_Cursor_isNull(*local) && says(t, sides->items[0], sides->items[1], "=");
}

/* Whether the value is what the creation gave; where a local gets it, that has it from then on. */
static bool is_result(turn *t, CXCursor expression)
{
    CXCursor inner = ul_cursor_uncast(expression), local = local_of(inner);
    if (is_same(inner, t->create) || (!clang_Cursor_isNull(local) && clang_equalCursors(local, t->result)))
        return true;
    if (clang_getCursorKind(inner) != CXCursor_BinaryOperator)
        return false;
    children sides = children_of(inner);
    if (!is_kept(t, &sides, &local) || !is_result(t, sides.items[1]))
        return false;
    t->result = local;
    return true;
}

static news opposite(news known)
{
    return known == NEWS_FAILED ? NEWS_MADE : known == NEWS_MADE ? NEWS_FAILED : NEWS_NONE;
}

/* `result != 0` and the like. No creation gives a negative number. */
static news compared(turn *t, const children *sides)
{
    bool is_zero = false;
    for (uint32_t i = 0; i < 2 && sides->count == 2; i++) {
        if (!ul_cursor_is_number(sides->items[1 - i], &is_zero) || !is_result(t, sides->items[i]))
            continue;
        if (says(t, sides->items[0], sides->items[1], "!="))
            return is_zero ? NEWS_FAILED : NEWS_MADE;
        if (says(t, sides->items[0], sides->items[1], "=="))
            return is_zero ? NEWS_MADE : NEWS_FAILED;
        bool is_order = says(t, sides->items[0], sides->items[1], "<") || says(t, sides->items[0], sides->items[1], ">");
        return is_order && is_zero ? NEWS_FAILED : NEWS_NONE;
    }
    return NEWS_NONE;
}

static news told_by(turn *t, CXCursor condition)
{
    CXCursor inner = ul_cursor_uncast(condition);
    if (is_result(t, inner))
        return NEWS_FAILED;
    children sides = children_of(inner);
    switch (clang_getCursorKind(inner)) {
    case CXCursor_UnaryOperator:
        return is_not(t, inner) ? opposite(told_by(t, sides.items[0])) : NEWS_NONE;
    case CXCursor_BinaryOperator:
        return compared(t, &sides);
    case CXCursor_CallExpr:
        return sides.count == 3 && strcmp(name_of(t, inner), "__builtin_expect") == 0 ? told_by(t, sides.items[1]) : NEWS_NONE;
    default:
        return NEWS_NONE;
    }
}

/* Whether two expressions are the same object as long as nobody else runs: a thread that changes its own handle is none to wait for. */
static bool is_same_object(CXCursor one, CXCursor other, uint32_t depth)
{
    CXCursor a = ul_cursor_stripped(one), b = ul_cursor_stripped(other);
    if (clang_getCursorKind(a) != clang_getCursorKind(b) || depth == 0)
        return false;
    switch (clang_getCursorKind(a)) {
    case CXCursor_DeclRefExpr:
        return clang_equalCursors(clang_getCursorReferenced(a), clang_getCursorReferenced(b)) != 0;
    case CXCursor_MemberRefExpr:
        if (!clang_equalCursors(clang_getCursorReferenced(a), clang_getCursorReferenced(b)))
            return false;
        break;
    case CXCursor_IntegerLiteral: {
        CXEvalResult first = clang_Cursor_Evaluate(a), second = clang_Cursor_Evaluate(b);
        bool is_equal = first && second && clang_EvalResult_getAsLongLong(first) == clang_EvalResult_getAsLongLong(second);
        clang_EvalResult_dispose(first);
        clang_EvalResult_dispose(second);
        return is_equal;
    }
    case CXCursor_ArraySubscriptExpr:
        break;
    case CXCursor_UnaryOperator: /* `*p`: of `p++` nothing is known */
        if (!ul_cursor_is_pointer(ul_cursor_child(a, 0)) || ul_cursor_is_pointer(a))
            return false;
        break;
    default:
        return false;
    }
    children first = children_of(a), second = children_of(b);
    if (first.count != second.count || first.count > 2)
        return false;
    for (uint32_t i = 0; i < first.count; i++) {
        if (clang_isExpression(clang_getCursorKind(first.items[i])) && !is_same_object(first.items[i], second.items[i], depth - 1))
            return false;
    }
    return true;
}

/* Whether `call` waits for what `create` made: the one got `&handle` and the other `handle`, or `p` and `*p`. */
static bool is_wait(const turn *t, CXCursor call)
{
    if (clang_getCursorKind(call) != CXCursor_CallExpr || clang_Cursor_getNumArguments(call) != 2 || strcmp(name_of(t, call), t->waiting) != 0)
        return false;
    CXCursor made = ul_cursor_stripped(clang_Cursor_getArgument(t->create, 0)), awaited = ul_cursor_stripped(clang_Cursor_getArgument(call, 0));
    CXType handle = ul_clang_bare_type(clang_getCursorType(awaited));
    CXCursor inner = ul_cursor_child(made, 0);
    bool is_address = clang_getCursorKind(made) == CXCursor_UnaryOperator && clang_equalTypes(ul_clang_bare_type(clang_getCursorType(inner)), handle);
    if (is_address)
        return is_same_object(inner, awaited, STATEMENTS_DEEP);
    inner = ul_cursor_child(awaited, 0);
    return clang_getCursorKind(awaited) == CXCursor_UnaryOperator &&
           clang_equalTypes(ul_clang_bare_type(clang_getCursorType(inner)), ul_clang_bare_type(clang_getCursorType(made))) &&
           is_same_object(made, inner, STATEMENTS_DEEP);
}

/* Whether the first thing that an expression does is to wait: what stands around it are numbers, and a local that gets the result. */
static bool waits_first(turn *t, CXCursor expression)
{
    CXCursor inner = ul_cursor_uncast(expression), local;
    bool is_zero;
    if (is_wait(t, inner))
        return true;
    children sides = children_of(inner);
    switch (clang_getCursorKind(inner)) {
    case CXCursor_UnaryOperator:
        return sides.count == 1 && waits_first(t, sides.items[0]);
    case CXCursor_ConditionalOperator:
        return waits_first(t, sides.items[0]);
    case CXCursor_BinaryOperator:
        if (is_kept(t, &sides, &local))
            return waits_first(t, sides.items[1]);
        if (sides.count == 2 && ul_cursor_is_number(sides.items[1], &is_zero))
            return waits_first(t, sides.items[0]);
        if (sides.count == 2 && ul_cursor_is_number(sides.items[0], &is_zero))
            return waits_first(t, sides.items[1]) && (says(t, sides.items[0], sides.items[1], "==") || says(t, sides.items[0], sides.items[1], "!="));
        /* create() || join(), create() == 0 && join() == 0 */
        return sides.count == 2 && waits_first(t, sides.items[1]) &&
               ((told_by(t, sides.items[0]) == NEWS_FAILED && says(t, sides.items[0], sides.items[1], "||")) ||
                (told_by(t, sides.items[0]) == NEWS_MADE && says(t, sides.items[0], sides.items[1], "&&")));
    case CXCursor_CallExpr:
        return sides.count == 3 && strcmp(name_of(t, inner), "__builtin_expect") == 0 && waits_first(t, sides.items[1]);
    default:
        return false;
    }
}

/* Calls that print, wait, or end the program. */
static bool is_harmless_call(turn *t, CXCursor call)
{
    static const char *const known[] = {"printf", "fprintf", "puts",  "fputs", "putchar", "perror", "fflush", "strerror",      "sleep",         "usleep", "sched_yield",
                                        "err",    "errx",    "_exit", "_Exit", "abort",   "exit",   "warn",   "__assert_fail", "__errno_location"};
    const char *name = name_of(t, call);
    CXCursor callee = clang_getCursorReferenced(call);
    bool is_known = false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        is_known |= strcmp(name, known[i]) == 0;
    t->may_exit |= strcmp(name, "exit") == 0 || strncmp(name, "err", 3) == 0;
    return is_known && clang_Location_isInSystemHeader(clang_getCursorLocation(callee));
}

/* Whether the local that has the result gets something else, or may get it. */
static bool changes_result(const turn *t, CXCursor operation)
{
    children sides = children_of(operation);
    CXCursor local = local_of(sides.items[0]);
    bool changes = clang_getCursorKind(operation) != CXCursor_BinaryOperator || (sides.count == 2 && is_kept(t, &sides, &local));
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
    turn *turn;
    bool is_idle;
} idle_scan;

static enum CXChildVisitResult see_idle(CXCursor cursor, CXCursor parent, CXClientData data)
{
    idle_scan *scan = data;
    (void)parent;
    if (is_same(cursor, scan->turn->create))
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
static bool is_idle(turn *t, CXCursor statement)
{
    idle_scan scan = {.turn = t, .is_idle = true};
    if (see_idle(statement, statement, &scan) == CXChildVisit_Recurse)
        clang_visitChildren(statement, see_idle, &scan);
    return scan.is_idle;
}

static course follow(turn *t, CXCursor statement);

typedef struct sequence {
    turn *turn;
    CXCursor after; /* what comes behind it; the null cursor: all */
    course found;
} sequence;

static enum CXChildVisitResult see_statement(CXCursor cursor, CXCursor parent, CXClientData data)
{
    sequence *all = data;
    (void)parent;
    if (!clang_Cursor_isNull(all->after)) {
        if (is_same(cursor, all->after))
            all->after = clang_getNullCursor();
        return CXChildVisit_Continue;
    }
    all->found = follow(all->turn, cursor);
    return all->found == COURSE_ON ? CXChildVisit_Continue : CXChildVisit_Break;
}

/* The statements of a block, from the one behind `after`. */
static course follow_all(turn *t, CXCursor block, CXCursor after)
{
    sequence all = {.turn = t, .after = after, .found = COURSE_ON};
    clang_visitChildren(block, see_statement, &all);
    return all.found;
}

/* parts: the condition, what is done where it holds and, if there is one, where it does not. */
static course choose(turn *t, CXCursor statement, const children *parts)
{
    news known = told_by(t, parts->items[0]);
    if (known == NEWS_MADE)
        return follow(t, parts->items[1]);
    if (known == NEWS_FAILED)
        return parts->count > 2 ? follow(t, parts->items[2]) : COURSE_ON;
    return is_idle(t, statement) ? COURSE_ON : COURSE_LOST;
}

/* `int rc = create(), other;` */
static course declare(turn *t, CXCursor statement)
{
    children variables = children_of(statement);
    CXCursor variable = variables.items[0], value = ul_cursor_last_child(variable);
    bool has_value = variables.count == 1 && clang_getCursorKind(variable) == CXCursor_VarDecl && ul_cursor_is_local(variable) && !clang_Cursor_isNull(value);
    if (has_value && waits_first(t, value))
        return COURSE_WAITED;
    if (has_value && is_result(t, value)) {
        t->result = variable;
        return COURSE_ON;
    }
    return is_idle(t, statement) ? COURSE_ON : COURSE_LOST;
}

/* The block of ({ ... }) behind `__extension__` and, as assert() has it, `(void)sizeof(...),`; else the null cursor. */
static CXCursor block_of(CXCursor expression)
{
    CXCursor inner = ul_cursor_uncast(expression);
    children parts = children_of(inner);
    if (clang_getCursorKind(inner) == CXCursor_BinaryOperator && parts.count == 2 && clang_getCursorKind(ul_cursor_uncast(parts.items[0])) == CXCursor_UnaryExpr)
        return block_of(parts.items[1]);
    if (clang_getCursorKind(inner) == CXCursor_UnaryOperator && parts.count == 1 && clang_getCursorKind(parts.items[0]) == CXCursor_StmtExpr)
        inner = parts.items[0];
    return clang_getCursorKind(inner) == CXCursor_StmtExpr ? ul_cursor_child(inner, 0) : clang_getNullCursor();
}

static course follow_expression(turn *t, CXCursor expression)
{
    CXCursor inner = ul_cursor_uncast(expression), block = block_of(inner);
    if (!clang_Cursor_isNull(block))
        return follow_all(t, block, clang_getNullCursor());
    if (waits_first(t, inner))
        return COURSE_WAITED;
    if (is_result(t, inner))
        return COURSE_ON;
    children parts = children_of(inner);
    if (clang_getCursorKind(inner) == CXCursor_ConditionalOperator && parts.count == 3)
        return choose(t, inner, &parts);
    return is_idle(t, inner) ? COURSE_ON : COURSE_LOST;
}

/* What a statement does with the thread, where that was made in it or before. */
static course follow(turn *t, CXCursor statement)
{
    children parts = children_of(statement);
    course found = COURSE_LOST;
    if (t->depth == STATEMENTS_DEEP)
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
        found = waits_first(t, parts.items[0]) ? COURSE_WAITED : choose(t, statement, &parts);
        break;
    case CXCursor_WhileStmt: /* tried again */
        found = told_by(t, parts.items[0]) == NEWS_FAILED ? COURSE_ON : COURSE_LOST;
        break;
    case CXCursor_DoStmt: { /* of a macro */
        bool is_zero = false, is_once = parts.count == 2 && ul_cursor_is_number(parts.items[1], &is_zero) && is_zero;
        found = is_once ? follow(t, parts.items[0]) : COURSE_LOST;
        break;
    }
    case CXCursor_ReturnStmt:
        found = parts.count == 1 && waits_first(t, parts.items[0]) ? COURSE_WAITED : COURSE_LOST;
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
static bool is_waited_for(turn *t, const ul_walk *walk)
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
    turn t = {.census = census, .create = ul_walk_frame(walk, 0)->cursor, .result = clang_getNullCursor(), .waiting = is_pthread ? "pthread_join" : "thrd_join"};
    if (clang_Cursor_getNumArguments(t.create) != (is_pthread ? 4 : 3))
        return 0;
    if (is_pthread && !(ul_cursor_is_number(clang_Cursor_getArgument(t.create, 1), &is_zero) && is_zero))
        return 0;
    return !is_waited_for(&t, walk) ? 0 : t.may_exit ? UL_TURN_WAITED | UL_TURN_EXITS : UL_TURN_WAITED;
}

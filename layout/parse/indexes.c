/*
 * What an index is: the number of a thread, core or worker (by names, thread-local variables, what the system tells, also through the
 * local variable that it is kept in), a hash, a loop's variable, a constant, the argument of the function; and what walks from object
 * to object with the turns of a loop.
 */
#include <stdlib.h>
#include <string.h>

#include "layout/parse/census_reader.h"

static bool is_integer(CXType type)
{
    CXType bare = ul_clang_bare_type(type);
    return bare.kind >= CXType_UChar && bare.kind <= CXType_Int128;
}

typedef struct index_scan {
    const ul_walk *walk;
    ul_census_reader *census;
    CXCursor parameter; /* of the function, an integer; null for none */
    bool is_thread, is_queue, is_entry, is_loop, is_hash, has_name;
    bool is_below; /* what is visited finds the value, and is not the value: t in a[b[t]], p in a[*p] */
} index_scan;

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++) {
        if (strcmp(name, *names) == 0)
            return true;
    }
    return false;
}

/* Several threads have the number of their group. */
static bool is_group(const char *name)
{
    static const char *const words[] = {"gid", "tgid", "group", "grp", "node", "numa", "socket", NULL};
    for (size_t i = 0; words[i]; i++) {
        if (ul_name_has_word(name, words[i]))
            return true;
    }
    return false;
}

/* By its name; a field named as numbers are, of a record named as threads are; a thread-local integer; what a system tells. */
static bool is_thread_number(const ul_walk *walk, CXCursor source)
{
    static const char *const numbers[] = {"id", "idx", "index", "num", "no", "nr", "slot", NULL};
    static const char *const threads[] = {"thread", "worker", "lcore", "cpu", "core", "Thread", NULL};
    static const char *const calls[] = {"sched_getcpu", "omp_get_thread_num", "smp_processor_id", "raw_smp_processor_id", "pthread_self", "gettid", NULL};
    ul_arena *arena = walk->reader->arena;
    const char *name = ul_clang_text(clang_getCursorSpelling(source), arena);
    enum CXCursorKind kind = clang_getCursorKind(source);
    if (kind == CXCursor_EnumConstantDecl)
        return false;
    if (ul_name_is_thread_number(name))
        return true;
    if (kind == CXCursor_FunctionDecl)
        return is_one_of(name, calls);
    if (kind == CXCursor_VarDecl)
        return clang_getCursorTLSKind(source) != CXTLS_None && is_integer(clang_getCursorType(source)) && !is_group(name);
    if (kind != CXCursor_FieldDecl || !is_one_of(name, numbers))
        return false;
    CXType owner = clang_getCursorType(clang_getCursorSemanticParent(source));
    const char *record = ul_clang_text(clang_getTypeSpelling(owner), arena);
    for (size_t i = 0; threads[i]; i++) {
        if (ul_name_has_word(record + (strncmp(record, "struct ", 7) == 0 ? 7 : 0), threads[i]))
            return true;
    }
    return false;
}

static bool is_void_pointer(CXType type)
{
    CXType bare = ul_clang_bare_type(type);
    return bare.kind == CXType_Pointer && ul_clang_bare_type(clang_getPointeeType(bare)).kind == CXType_Void;
}

/* unsigned at = rte_lcore_id(); */
static enum CXChildVisitResult see_number_source(CXCursor cursor, CXCursor parent, CXClientData data)
{
    index_scan *scan = data;
    (void)parent;
    enum CXCursorKind kind = clang_getCursorKind(cursor);
    CXCursor source = clang_getCursorReferenced(cursor);
    if (kind == CXCursor_DeclRefExpr || kind == CXCursor_MemberRefExpr || kind == CXCursor_CallExpr)
        scan->is_thread |= is_thread_number(scan->walk, source);
    if (kind == CXCursor_CallExpr && clang_getCursorKind(source) == CXCursor_FunctionDecl)
        scan->is_thread |= ul_census_returns_number(scan->census, source);
    if (kind == CXCursor_DeclRefExpr && clang_getCursorKind(source) == CXCursor_ParmDecl && is_integer(clang_getCursorType(source)))
        scan->parameter = source; /* int at = id - 1; */
    /* What is found by such a number is another one. */
    bool is_value = kind == CXCursor_MemberRefExpr || kind == CXCursor_CallExpr || kind == CXCursor_ArraySubscriptExpr;
    return is_value ? CXChildVisit_Continue : CXChildVisit_Recurse;
}

static bool is_entry_argument(CXCursor expression)
{
    CXCursor source = clang_getCursorReferenced(expression);
    return clang_getCursorKind(expression) == CXCursor_DeclRefExpr && clang_getCursorKind(source) == CXCursor_ParmDecl && is_void_pointer(clang_getCursorType(source));
}

/* `arg`, or `job` of `struct job *job = arg`. */
static bool is_from_argument(const ul_reader *reader, CXCursor pointer)
{
    CXCursor inner = ul_expression_uncast(reader, pointer), source = clang_getCursorReferenced(inner);
    if (clang_getCursorKind(inner) == CXCursor_DeclRefExpr && clang_getCursorKind(source) == CXCursor_VarDecl) {
        CXCursor value = clang_Cursor_getVarDeclInitializer(source);
        return !clang_Cursor_isNull(value) && is_entry_argument(ul_expression_uncast(reader, value));
    }
    return is_entry_argument(inner);
}

/* Names that a thread gives its own number. */
static bool is_own_number(const char *numbered, ul_arena *arena)
{
    static const char *const numbers[] = {"id", "tid", "idx", "index", "num", "no", "nr", "slot", "rank", "me", "self", "who", "worker", "thread", NULL};
    static const char *const words[] = {"id", "tid", "idx", "rank", NULL};
    size_t length = strlen(numbered);
    while (length && numbered[length - 1] >= '0' && numbered[length - 1] <= '9')
        length--;
    const char *name = ul_arena_strndup(arena, numbered, length);
    if (is_one_of(name, numbers) || ul_name_is_thread_number(name) || (strncasecmp(name, "my", 2) == 0 && name[2]))
        return true;
    for (size_t i = 0; words[i]; i++) {
        if (ul_name_has_word(name, words[i]))
            return true;
    }
    return false;
}

static const char *name_of(const index_scan *scan, CXCursor cursor)
{
    return ul_clang_text(clang_getCursorSpelling(cursor), scan->walk->reader->arena);
}

/*
 * The argument itself as a number; with something added; the field of what it points to that is named so, or what it points to, kept in a
 * variable that is. What else is found behind the argument is data. `name`: of the variable, "" for none.
 */
static bool is_entry_value(const index_scan *scan, CXCursor value, const char *name)
{
    const ul_reader *reader = scan->walk->reader;
    CXCursor inner = ul_expression_uncast(reader, value), operand = ul_expression_operand(reader, inner, 0);
    switch (clang_getCursorKind(inner)) {
    case CXCursor_DeclRefExpr:
        return is_entry_argument(inner);
    case CXCursor_MemberRefExpr:
        return is_own_number(name_of(scan, inner), reader->arena) && is_from_argument(reader, operand);
    case CXCursor_UnaryOperator:
        return is_own_number(name, reader->arena) && ul_cursor_is_pointer(operand) && is_from_argument(reader, operand);
    case CXCursor_BinaryOperator:
        return is_entry_value(scan, operand, name) || is_entry_value(scan, ul_expression_operand(reader, inner, 1), name);
    default:
        return false;
    }
}

static void judge_index_variable(index_scan *scan, CXCursor reference, CXCursor variable)
{
    enum CXCursorKind kind = clang_getCursorKind(variable);
    const char *name = name_of(scan, reference);
    if (kind == CXCursor_EnumConstantDecl)
        return;
    scan->has_name = true;
    if (kind == CXCursor_FunctionDecl) {
        scan->is_thread |= !scan->is_below && (is_thread_number(scan->walk, variable) || ul_census_returns_number(scan->census, variable));
        scan->is_hash |= strcasestr(name, "hash") != NULL || strcasestr(name, "crc") != NULL;
        return;
    }
    scan->is_hash |= strcasestr(name, "hash") != NULL || strcmp(name, "hv") == 0 || strcasestr(name, "bucket") != NULL;
    if (ul_loop_sets(&scan->census->loops, scan->walk, variable)) {
        scan->is_loop = true;
        return;
    }
    if (scan->is_below)
        return;
    scan->is_thread |= is_thread_number(scan->walk, variable);
    scan->is_queue |= ul_name_is_queue_number(name);
    scan->is_entry |= is_entry_value(scan, reference, "");
    if (kind == CXCursor_VarDecl) { /* long id = (long)arg; */
        CXCursor value = clang_Cursor_getVarDeclInitializer(variable);
        scan->is_entry |= is_integer(clang_getCursorType(variable)) && !clang_Cursor_isNull(value) && is_entry_value(scan, value, name);
        clang_visitChildren(variable, see_number_source, scan);
        scan->is_thread |= ul_census_is_number(scan->census, variable);
    }
    if (kind == CXCursor_ParmDecl && is_integer(clang_getCursorType(variable)))
        scan->parameter = variable;
}

/* What is loaded from, or computed out of, what stands below. */
static bool hides_value(const index_scan *scan, CXCursor cursor)
{
    switch (clang_getCursorKind(cursor)) {
    case CXCursor_MemberRefExpr:
    case CXCursor_ArraySubscriptExpr:
        return true;
    case CXCursor_CallExpr: {
        ul_call_verb verb = ul_census_verb(scan->census, cursor);
        return verb != UL_CALL_ATOMIC_READ && strcmp(name_of(scan, cursor), "__builtin_expect") != 0;
    }
    case CXCursor_UnaryOperator:
        return ul_cursor_is_pointer(ul_expression_operand(scan->walk->reader, cursor, 0));
    default:
        return false;
    }
}

static enum CXChildVisitResult see_index(CXCursor cursor, CXCursor parent, CXClientData data)
{
    index_scan *scan = data;
    (void)parent;
    enum CXCursorKind kind = clang_getCursorKind(cursor);
    if (kind == CXCursor_DeclRefExpr || kind == CXCursor_MemberRefExpr || kind == CXCursor_CallExpr)
        judge_index_variable(scan, cursor, clang_getCursorReferenced(cursor));
    if (scan->is_below || !hides_value(scan, cursor))
        return CXChildVisit_Recurse;
    scan->is_below = true;
    clang_visitChildren(cursor, see_index, scan);
    scan->is_below = false;
    return CXChildVisit_Continue;
}

/* Whether `variable` is declared in the body of the innermost loop. */
static bool is_declared_in_loop(const ul_walk *walk, CXCursor variable)
{
    for (uint32_t up = 0; up < walk->depth; up++) {
        const ul_frame *frame = ul_walk_frame(walk, up);
        if (frame->kind != CXCursor_ForStmt && frame->kind != CXCursor_WhileStmt)
            continue;
        CXSourceRange extent = clang_getCursorExtent(frame->cursor);
        ul_clang_place begin = ul_clang_place_of(clang_getRangeStart(extent)), place = ul_clang_cursor_place(variable);
        return clang_File_isEqual(begin.file, place.file) && place.offset > begin.offset;
    }
    return false;
}

bool ul_touch_walks(const ul_walk *walk, ul_census_reader *census)
{
    CXCursor base = ul_expression_operand(walk->reader, ul_walk_frame(walk, 0)->cursor, 0);
    for (int depth = 0; depth < 64 && !clang_Cursor_isNull(base); depth++) {
        uint32_t parameter;
        CXCursor target = clang_getCursorReferenced(base);
        switch (clang_getCursorKind(base)) {
        case CXCursor_DeclRefExpr:
            return ul_loop_sets(&census->loops, walk, target) || (clang_getCursorKind(target) == CXCursor_VarDecl && is_declared_in_loop(walk, target));
        case CXCursor_ArraySubscriptExpr:
            if (ul_touch_index(&parameter, walk, census, ul_expression_operand(walk->reader, base, 1)) != UL_INDEX_CONSTANT)
                return true;
            break;
        case CXCursor_MemberRefExpr:
        case CXCursor_ParenExpr:
        case CXCursor_UnexposedExpr:
        case CXCursor_UnaryOperator:
            break;
        default:
            return false;
        }
        base = ul_expression_operand(walk->reader, base, 0);
    }
    return false;
}

static uint32_t parameter_number(CXCursor parameter)
{
    CXCursor function = clang_getCursorSemanticParent(parameter);
    int count = clang_Cursor_getNumArguments(function);
    for (int i = 0; i < count; i++) {
        if (clang_equalCursors(clang_Cursor_getArgument(function, (unsigned)i), parameter))
            return (uint32_t)i;
    }
    return 0;
}

bool ul_touch_is_number(const ul_walk *walk, ul_census_reader *census, CXCursor value)
{
    index_scan scan = {.walk = walk, .census = census, .parameter = clang_getNullCursor()};
    CXCursor inner = ul_expression_stripped(walk->reader, value);
    if (see_number_source(inner, inner, &scan) == CXChildVisit_Recurse)
        clang_visitChildren(inner, see_number_source, &scan);
    return scan.is_thread;
}

ul_index_kind ul_touch_index(uint32_t *parameter, const ul_walk *walk, ul_census_reader *census, CXCursor expression)
{
    index_scan scan = {.walk = walk, .census = census, .parameter = clang_getNullCursor()};
    CXCursor inner = ul_expression_stripped(walk->reader, expression);
    if (see_index(inner, inner, &scan) == CXChildVisit_Recurse)
        clang_visitChildren(inner, see_index, &scan);
    *parameter = 0;
    if (!scan.has_name)
        return UL_INDEX_CONSTANT;
    if (scan.is_hash)
        return UL_INDEX_HASH;
    if (scan.is_thread)
        return UL_INDEX_THREAD;
    if (scan.is_loop)
        return UL_INDEX_LOOP;
    if (scan.is_queue)
        return UL_INDEX_QUEUE;
    if (scan.is_entry)
        return UL_INDEX_ENTRY;
    if (clang_Cursor_isNull(scan.parameter))
        return UL_INDEX_OTHER;
    *parameter = parameter_number(scan.parameter);
    return UL_INDEX_PARAMETER;
}

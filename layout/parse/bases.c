/*
 * Which object an access is to, as far as the function tells: a variable with static storage and the element of it, a local or what was allocated
 * here, what a parameter points to. Two threads fight over a line only where the same object comes to both.
 */
#include "layout/parse/census_reader.h"

#include <string.h>

enum { STEPS_MAX = 16 };

typedef struct tracing {
    ul_census_reader *census;
    const ul_walk *walk;
    const char *element; /* suffix of a variable: "[3]", "[]" for any, "" */
    uint32_t steps;
} tracing;

static ul_base behind(tracing *t, CXCursor pointer);

static void note_element(tracing *t, CXCursor index)
{
    CXCursor inner = ul_expression_stripped(t->census->reader, index);
    CXEvalResult value = clang_getCursorKind(inner) == CXCursor_IntegerLiteral ? clang_Cursor_Evaluate(inner) : NULL;
    t->element = value && !*t->element ? ul_arena_printf(t->walk->reader->arena, "[%lld]", clang_EvalResult_getAsLongLong(value)) : "[]";
    clang_EvalResult_dispose(value);
}

static ul_base of_local(tracing *t, CXCursor variable)
{
    return (ul_base){UL_BASE_OWN, ul_census_word_of(t->census, ul_reader_place_key(t->census->reader, variable)), 0};
}

static ul_base of_variable(tracing *t, CXCursor variable)
{
    const ul_declaration_note *note = ul_census_note(t->census, variable);
    if (!note->object)
        return of_local(t, variable);
    const char *name = ul_arena_printf(t->walk->reader->arena, "%s%s", t->census->out->words[note->object], t->element);
    return (ul_base){UL_BASE_VARIABLE, *t->element ? ul_census_word_of(t->census, name) : note->object, 0};
}

static ul_base of(tracing *t, CXCursor object)
{
    CXCursor inner = ul_expression_uncast(t->census->reader, object), child, target;
    if (t->steps++ > STEPS_MAX)
        return (ul_base){UL_BASE_LOADED, 0, 0};
    switch (clang_getCursorKind(inner)) {
    case CXCursor_MemberRefExpr:
        child = ul_expression_operand(t->census->reader, inner, 0);
        return ul_cursor_is_pointer(child) ? behind(t, child) : of(t, child);
    case CXCursor_ArraySubscriptExpr:
        child = ul_expression_operand(t->census->reader, inner, 0);
        note_element(t, ul_expression_operand(t->census->reader, inner, 1));
        return ul_cursor_is_pointer(ul_expression_stripped(t->census->reader, child)) ? behind(t, child) : of(t, child);
    case CXCursor_UnaryOperator:
        return behind(t, ul_expression_operand(t->census->reader, inner, 0));
    case CXCursor_DeclRefExpr:
        target = clang_getCursorReferenced(inner);
        return clang_getCursorKind(target) == CXCursor_VarDecl ? of_variable(t, target) : (ul_base){UL_BASE_LOADED, 0, 0};
    default:
        return (ul_base){UL_BASE_LOADED, 0, 0};
    }
}

/* A local pointer: by its initializer, or by what has set it last. */
static ul_base behind_local(tracing *t, CXCursor variable)
{
    CXCursor value = clang_Cursor_getVarDeclInitializer(variable);
    ul_word maker = ul_origins_maker_of(&t->census->origins, variable);
    if (maker) /* made for it, as far as is known: nothing shows that others have it too */
        return of_local(t, variable);
    return clang_Cursor_isNull(value) ? (ul_base){UL_BASE_LOADED, 0, 0} : behind(t, value);
}

static ul_base behind(tracing *t, CXCursor pointer)
{
    CXCursor inner = ul_expression_uncast(t->census->reader, pointer), target;
    if (t->steps++ > STEPS_MAX)
        return (ul_base){UL_BASE_LOADED, 0, 0};
    switch (clang_getCursorKind(inner)) {
    case CXCursor_UnaryOperator:
        return ul_cursor_is_pointer(inner) && !ul_cursor_is_pointer(ul_expression_operand(t->census->reader, inner, 0)) ? of(t, ul_expression_operand(t->census->reader, inner, 0)) : (ul_base){UL_BASE_LOADED, 0, 0};
    case CXCursor_BinaryOperator:
        note_element(t, ul_expression_operand(t->census->reader, inner, 1));
        return behind(t, ul_expression_operand(t->census->reader, inner, 0));
    case CXCursor_DeclRefExpr:
        target = clang_getCursorReferenced(inner);
        if (clang_getCursorKind(target) == CXCursor_ParmDecl && ul_census_note(t->census, target)->parameter)
            return (ul_base){UL_BASE_PARAMETER, 0, ul_census_note(t->census, target)->parameter - 1};
        if (clang_getCursorKind(target) != CXCursor_VarDecl)
            return (ul_base){UL_BASE_LOADED, 0, 0};
        if (!ul_cursor_is_pointer(inner)) /* an array */
            return of_variable(t, target);
        return ul_census_note(t->census, target)->object ? (ul_base){UL_BASE_LOADED, 0, 0} : behind_local(t, target);
    case CXCursor_CallExpr:
        return (ul_base){UL_BASE_OWN, 0, 0};
    case CXCursor_MemberRefExpr: /* an array in a record */
        return ul_cursor_is_pointer(inner) ? (ul_base){UL_BASE_LOADED, 0, 0} : of(t, inner);
    default:
        return (ul_base){UL_BASE_LOADED, 0, 0};
    }
}

ul_base ul_census_base_behind(ul_census_reader *census, const ul_walk *walk, CXCursor pointer)
{
    return behind(&(tracing){.census = census, .walk = walk, .element = ""}, pointer);
}

ul_base ul_census_base_of(ul_census_reader *census, const ul_walk *walk, CXCursor object)
{
    return of(&(tracing){.census = census, .walk = walk, .element = ""}, object);
}

static void add_pass(ul_census_reader *census, ul_word callee, uint32_t argument, ul_base base)
{
    ul_census *out = census->out;
    UL_RESERVE(census->reader->arena, out->passes, out->pass_count, census->pass_capacity);
    out->passes[out->pass_count++] = (ul_pass){.callee = callee,
                                               .base = base.word,
                                               .function = census->function,
                                               .argument = argument,
                                               .base_kind = (uint8_t)base.kind,
                                               .base_parameter = (uint8_t)(base.parameter < 255 ? base.parameter : 255)};
}

typedef struct named_functions {
    ul_census_reader *census;
    ul_word ids[4];
    uint32_t count;
} named_functions;

/* Functions that an argument may be: one, or one of two. */
static enum CXChildVisitResult see_named(CXCursor cursor, CXCursor parent, CXClientData data)
{
    named_functions *named = data;
    CXCursor target = clang_getCursorReferenced(cursor);
    (void)parent;
    if (clang_getCursorKind(cursor) == CXCursor_DeclRefExpr && clang_getCursorKind(target) == CXCursor_FunctionDecl && named->count < 4)
        named->ids[named->count++] = ul_census_note(named->census, target)->object;
    return CXChildVisit_Recurse;
}

void ul_census_see_passes(ul_census_reader *census, const ul_walk *walk, CXCursor call, ul_word callee)
{
    int count = clang_Cursor_getNumArguments(call);
    named_functions named = {.census = census};
    for (int i = 0; i < count; i++) {
        CXCursor argument = clang_Cursor_getArgument(call, (unsigned)i);
        if (ul_census_is_function_pointer(clang_getCursorType(argument)) && see_named(argument, call, &named) == CXChildVisit_Recurse)
            clang_visitChildren(argument, see_named, &named);
    }
    for (int i = 0; i < count && i < 255; i++) {
        CXCursor argument = clang_Cursor_getArgument(call, (unsigned)i);
        CXCursor inner = ul_expression_uncast(census->reader, argument);
        if (!ul_cursor_is_pointer(ul_expression_stripped(census->reader, argument)) || !(ul_census_pointee(census, clang_getCursorType(inner)) || ul_census_record(census, clang_getCursorType(inner)) ||
                                                           clang_getCursorKind(clang_getCursorReferenced(inner)) == CXCursor_ParmDecl))
            continue;
        ul_base base = ul_census_base_behind(census, walk, argument);
        if (base.kind == UL_BASE_LOADED)
            continue;
        add_pass(census, callee, (uint32_t)i, base);
        for (uint32_t k = 0; k < named.count; k++)
            add_pass(census, named.ids[k], 0, base);
    }
}

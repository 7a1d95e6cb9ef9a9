/*
 * Where pointers come from, as far as the census has to know: locals that are set, functions that return an element (origins.c).
 */
#include "layout/parse/census_reader.h"

#include <string.h>

bool ul_census_is_number(ul_census_reader *census, CXCursor variable)
{
    return ul_origins_is_number(&census->origins, variable);
}

/* A local pointer is set: by =, or by a call that gets its address. */
void ul_census_see_local(ul_census_reader *census, const ul_walk *walk, CXCursor variable)
{
    const ul_frame *frame = ul_walk_frame(walk, 0), *parent = ul_walk_frame(walk, 1);
    if (!parent || (parent->kind != CXCursor_BinaryOperator && parent->kind != CXCursor_UnaryOperator))
        return;
    CXType type = clang_getCursorType(variable);
    CXCursor call;
    uint32_t argument = 0;
    bool is_callee = false;
    bool is_set = parent->kind == CXCursor_BinaryOperator && frame->child == 0;
    enum CXTypeKind kind = ul_clang_bare_type(type).kind;
    if (is_set && kind >= CXType_UChar && kind <= CXType_Int128)
        ul_origins_number(&census->origins, walk, census, variable, ul_expression_operand(census->reader, parent->cursor, 1));
    if (kind != CXType_Pointer)
        return;
    if (is_set)
        ul_origins_assign(&census->origins, walk, census, variable, ul_expression_operand(census->reader, parent->cursor, 1), ul_census_pointee(census, type));
    else if (parent->kind == CXCursor_UnaryOperator && ul_census_find_call(&call, &argument, &is_callee, walk) && !is_callee)
        ul_origins_fill(&census->origins, census, variable, call, walk, ul_census_pointee(census, type));
}

/* return self, a thread's own number; -1 for none. */
static void see_number(ul_census_reader *census, CXCursor value)
{
    ul_known_function *current = census->current;
    if (current->returns_other)
        return;
    CXCursor inner = ul_cursor_stripped(value);
    enum CXCursorKind kind = clang_getCursorKind(inner);
    if (kind == CXCursor_UnaryOperator) {
        inner = ul_cursor_stripped(ul_cursor_child(inner, 0));
        kind = clang_getCursorKind(inner) == CXCursor_IntegerLiteral ? CXCursor_IntegerLiteral : CXCursor_UnaryOperator;
    }
    CXCursor source = kind == CXCursor_DeclRefExpr ? clang_getCursorReferenced(inner) : clang_getNullCursor();
    bool is_variable = clang_getCursorKind(source) == CXCursor_VarDecl;
    if (is_variable && (clang_getCursorTLSKind(source) != CXTLS_None || ul_census_is_number(census, source))) {
        census->cache->number_count += !current->returns_number;
        current->returns_number = true;
    } else if (kind != CXCursor_IntegerLiteral) {
        current->returns_other = true;
    }
}

bool ul_census_returns_number(ul_census_reader *census, CXCursor function)
{
    const ul_known_function *known = census->cache->number_count ? ul_census_known(census, function) : NULL;
    return known && known->returns_number && !known->returns_other;
}

/* return &states[id]: one element of an array; return p, where p = malloc(n): memory as malloc gives it. */
void ul_census_see_return(ul_census_reader *census, const ul_walk *walk)
{
    CXCursor value = ul_cursor_child(ul_walk_frame(walk, 0)->cursor, 0);
    ul_index_kind index;
    uint32_t parameter;
    bool is_null;
    if (clang_Cursor_isNull(value))
        return;
    enum CXTypeKind kind = ul_clang_bare_type(clang_getCursorType(value)).kind;
    if (kind >= CXType_UChar && kind <= CXType_Int128)
        see_number(census, value);
    if (kind != CXType_Pointer)
        return;
    ul_word maker = ul_origins_maker(&is_null, &census->origins, walk, census, value);
    if (!is_null)
        ul_census_add_origin(census, (ul_origin){.record = maker, .line = ul_clang_cursor_place(ul_walk_frame(walk, 0)->cursor).line, .kind = UL_ORIGIN_RETURNS});
    if (!ul_origins_element(&index, &parameter, &census->origins, walk, census, value))
        return;
    census->current->returns_element = true;
    census->current->index = index;
    census->current->index_parameter = parameter;
}

bool ul_census_returns_element(ul_index_kind *index, uint32_t *parameter, ul_census_reader *census, CXCursor call)
{
    CXCursor callee = clang_getCursorReferenced(call);
    const ul_known_function *known = clang_getCursorKind(callee) == CXCursor_FunctionDecl ? ul_census_known(census, callee) : NULL;
    if (!known || !known->returns_element)
        return false;
    *index = known->index;
    *parameter = known->index_parameter;
    return true;
}

void ul_census_add_origin(ul_census_reader *census, ul_origin source)
{
    ul_census *out = census->out;
    source.function = census->function;
    UL_RESERVE(census->reader->arena, out->origins, out->origin_count, census->origin_capacity);
    out->origins[out->origin_count++] = source;
}

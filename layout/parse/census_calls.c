/*
 * Calls, and functions that are named without one: who calls whom under which locks, and where threads may begin.
 */
#include "layout/parse/inlets.h"

/* The call that has the reference among its arguments, below casts and `&`; *argument says which. */
bool ul_census_find_call(CXCursor *call, uint32_t *argument, bool *is_callee, const ul_walk *walk)
{
    for (uint32_t up = 0;; up++) {
        const ul_frame *child = ul_walk_frame(walk, up), *parent = ul_walk_frame(walk, up + 1);
        if (!parent)
            return false;
        if (parent->kind == CXCursor_CallExpr) {
            *call = parent->cursor;
            *is_callee = child->child == 0;
            *argument = child->child ? child->child - 1 : 0;
            return true;
        }
        if (parent->kind == CXCursor_ConditionalOperator && child->child > 0)
            continue; /* one of two */
        if (parent->kind != CXCursor_UnexposedExpr && parent->kind != CXCursor_ParenExpr &&
            parent->kind != CXCursor_CStyleCastExpr && parent->kind != CXCursor_UnaryOperator)
            return false;
    }
}

static void add_mention(ul_census_reader *census, const ul_walk *walk, ul_mention mention)
{
    ul_census *out = census->out;
    mention.function = census->function;
    mention.line = ul_census_line(walk);
    mention.loop_depth = walk->loop_depth;
    UL_RESERVE(census->reader->arena, out->mentions, out->mention_count, census->mention_capacity);
    out->mentions[out->mention_count++] = mention;
}

void ul_census_see_function(ul_census_reader *census, const ul_walk *walk, CXCursor function)
{
    CXCursor call;
    uint32_t argument = 0;
    bool is_callee = false, has_call = ul_census_find_call(&call, &argument, &is_callee, walk);
    if (has_call && is_callee)
        return;
    if (clang_Location_isInSystemHeader(clang_getCursorLocation(function)))
        return;
    ul_inlets_see_mention(census, walk, function);
    add_mention(census, walk,
                (ul_mention){.target = ul_census_note(census, function)->object,
                             .callee = has_call ? ul_census_callee(census, call) : 0,
                             .argument = argument,
                             .holder = has_call ? 0 : ul_census_find_holder(census, walk)});
}

bool ul_census_is_function_pointer(CXType type)
{
    CXType bare = ul_clang_bare_type(type);
    if (bare.kind != CXType_Pointer)
        return false;
    CXType pointee = ul_clang_bare_type(clang_getPointeeType(bare));
    return pointee.kind == CXType_FunctionProto || pointee.kind == CXType_FunctionNoProto;
}

/* A parameter that is a function and goes on to another call: a wrapper of pthread_create() has one. */
void ul_census_see_parameter(ul_census_reader *census, const ul_walk *walk, const ul_declaration_note *note)
{
    CXCursor call;
    uint32_t argument = 0;
    bool is_callee = false;
    bool has_call = ul_census_find_call(&call, &argument, &is_callee, walk);
    ul_word holder = has_call ? 0 : ul_census_find_holder(census, walk);
    if (has_call ? !is_callee : holder != 0)
        add_mention(census, walk,
                    (ul_mention){.parameter = note->parameter - 1, .callee = has_call ? ul_census_callee(census, call) : 0, .argument = argument, .holder = holder});
}

void ul_census_see_held_function(ul_census_reader *census, const ul_walk *walk)
{
    CXCursor call, cursor = ul_walk_frame(walk, 0)->cursor;
    uint32_t argument = 0, up = 0;
    bool is_callee = false;
    ul_walk outer = *walk;
    if (census->function == UL_NO_FUNCTION || !ul_shape_of(census, ul_walk_type(walk, 0))->holds_function)
        return;
    while (ul_walk_frame(walk, up + 1) && (ul_walk_frame(walk, up + 1)->kind == CXCursor_ArraySubscriptExpr || ul_walk_frame(walk, up + 1)->kind == CXCursor_UnexposedExpr))
        up++; /* start[i]: an element of it */
    outer.depth -= up;
    if (!ul_census_find_call(&call, &argument, &is_callee, &outer))
        return;
    ul_word holder = ul_census_holder(census, cursor);
    if (holder)
        add_mention(census, walk,
                    (ul_mention){.callee = is_callee ? 0 : ul_census_callee(census, call), .argument = is_callee ? UL_MENTION_CALLED : argument, .holder = holder});
}

/* Arguments that are the number of a thread: the callee may index with it. */
static void see_numbers(ul_census_reader *census, const ul_walk *walk, CXCursor call, ul_word callee)
{
    ul_census *out = census->out;
    int count = clang_Cursor_getNumArguments(call);
    for (int i = 0; census->function != UL_NO_FUNCTION && i < count; i++) {
        uint32_t parameter;
        CXCursor argument = ul_expression_stripped(census->reader, clang_Cursor_getArgument(call, (unsigned)i));
        CXType type = ul_clang_bare_type(clang_getCursorType(argument));
        ul_index_kind kind = UL_INDEX_NONE;
        if (type.kind == CXType_Pointer ? !ul_origins_element(&kind, &parameter, &census->origins, walk, census, argument)
                                        : (clang_getCursorKind(argument) != CXCursor_DeclRefExpr && clang_getCursorKind(argument) != CXCursor_MemberRefExpr) ||
                                              type.kind < CXType_UChar || type.kind > CXType_Int128)
            continue;
        if (type.kind != CXType_Pointer)
            kind = ul_touch_index(&parameter, walk, census, argument);
        if (kind != UL_INDEX_THREAD && kind != UL_INDEX_ENTRY)
            continue;
        UL_RESERVE(census->reader->arena, out->numbers, out->number_count, census->number_capacity);
        out->numbers[out->number_count++] =
            (ul_number){.callee = callee, .argument = (uint32_t)i, .function = census->function, .index = kind};
    }
}

void ul_census_see_parallel(ul_census_reader *census, const ul_walk *walk)
{
    ul_census *out = census->out;
    UL_RESERVE(census->reader->arena, out->calls, out->call_count, census->call_capacity);
    out->calls[out->call_count++] = (ul_census_call){.locks = census->held_word, .function = census->function, .line = ul_census_line(walk), .is_conditional = 1};
}

void ul_census_see_call(ul_census_reader *census, const ul_walk *walk)
{
    CXCursor call = ul_walk_frame(walk, 0)->cursor, function = clang_getCursorReferenced(call);
    ul_census *out = census->out;
    const ul_declaration_note *known = clang_getCursorKind(function) == CXCursor_FunctionDecl ? ul_census_note(census, function) : NULL;
    ul_word callee = known ? known->object : 0;
    if (census->function != UL_NO_FUNCTION) {
        UL_RESERVE(census->reader->arena, out->calls, out->call_count, census->call_capacity);
        out->calls[out->call_count++] = (ul_census_call){.callee = callee,
                                                         .locks = census->held_word,
                                                         .function = census->function,
                                                         .line = ul_census_line(walk),
                                                         .loop_depth = (uint16_t)(walk->loop_depth < UINT16_MAX ? walk->loop_depth : UINT16_MAX),
                                                         .is_conditional = ul_census_is_conditional(census, walk, 0),
                                                         .turn = (uint8_t)(ul_census_turn(census, walk, callee) | (known && known->is_system ? UL_TURN_SYSTEM : 0u))};
    }
    if (!known || !callee)
        return;
    see_numbers(census, walk, call, callee);
    if (census->function != UL_NO_FUNCTION)
        ul_census_see_passes(census, walk, call, callee);
    if (known->is_copy && census->function != UL_NO_FUNCTION)
        ul_inlets_see_copy(census, call);
    ul_call_verb verb = known->verb;
    if (verb == UL_CALL_PLAIN)
        ul_census_see_locker(census, walk, call);
    if (verb == UL_CALL_ALLOCATE || verb == UL_CALL_ALLOCATE_ELSE)
        ul_census_see_allocation(census, walk, call, verb);
    else if (verb == UL_CALL_LOCK || verb == UL_CALL_UNLOCK)
        ul_census_see_object_lock(census, walk, call, verb);
    else
        ul_census_see_handed(census, walk, call);
}

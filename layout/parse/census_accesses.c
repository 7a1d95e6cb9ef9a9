/*
 * Accesses of fields, variables and what parameters point to: touch.c says what is done, here it is counted, by function, object, kind,
 * loop depth and the locks held.
 */
#include "layout/parse/inlets.h"

#include <string.h>

enum { DEPTH_COUNTED_MAX = 7 };

struct ul_tally_note {
    ul_tally tally; /* its count and line aside, the hash key */
    uint32_t index;
    UT_hash_handle hh;
};

uint32_t ul_census_line(const ul_walk *walk)
{
    return ul_clang_cursor_place(ul_walk_frame(walk, 0)->cursor).line;
}

static void add_tally(ul_census_reader *census, const ul_walk *walk, ul_tally tally)
{
    ul_census *out = census->out;
    ul_tally_note *note = NULL;
    HASH_FIND(hh, census->tallies, &tally, sizeof tally, note);
    if (!note) {
        note = UL_NEW(census->reader->arena, ul_tally_note);
        memcpy(&note->tally, &tally, sizeof tally);
        note->index = out->tally_count;
        HASH_ADD(hh, census->tallies, tally, sizeof tally, note);
        UL_RESERVE(census->reader->arena, out->tallies, out->tally_count, census->tally_capacity);
        out->tallies[out->tally_count] = tally;
        out->tallies[out->tally_count++].line = ul_census_line(walk);
    }
    out->tallies[note->index].count++;
}

static void count_touch(ul_census_reader *census, const ul_walk *walk, const ul_declaration_note *note, const ul_touch *touch, ul_base base)
{
    ul_tally tally;
    memset(&tally, 0, sizeof tally);
    tally.object = note->object;
    tally.field = note->field;
    tally.locks = census->held_word;
    tally.function = census->function;
    tally.base = base.word;
    tally.base_kind = (uint8_t)base.kind;
    tally.base_parameter = (uint8_t)(base.parameter < 255 ? base.parameter : 255);
    tally.line = census->is_main ? ul_census_line(walk) : 0; /* told apart: what comes after the first thread */
    tally.kind = (uint8_t)touch->kind;
    tally.index = (uint8_t)touch->index;
    tally.flags = (uint8_t)touch->flags;
    tally.loop_depth = (uint8_t)(walk->loop_depth < DEPTH_COUNTED_MAX ? walk->loop_depth : DEPTH_COUNTED_MAX);
    tally.parameter = (uint8_t)(note->parameter ? note->parameter - 1 : touch->index_parameter < 255 ? touch->index_parameter : 255);
    if (touch->is_part && touch->size_bytes && touch->at_bytes < UINT32_MAX && touch->size_bytes < UINT32_MAX) {
        tally.at_bytes = (uint32_t)touch->at_bytes;
        tally.size_bytes = (uint32_t)touch->size_bytes;
    }
    if (note->is_atomic) {
        tally.flags |= UL_ACCESS_ATOMIC;
        if (tally.kind == UL_ACCESS_UPDATE)
            tally.kind = UL_ACCESS_RMW;
    }
    if (tally.kind == UL_ACCESS_ADDRESS && !clang_Cursor_isNull(touch->callee)) {
        CXCursor callee = clang_getCursorReferenced(touch->callee);
        if (clang_getCursorKind(callee) == CXCursor_FunctionDecl) {
            tally.callee = ul_census_note(census, callee)->object;
            tally.argument = (uint8_t)(touch->argument < 255 ? touch->argument : 255);
        }
    }
    if (tally.kind == UL_ACCESS_ADDRESS || (tally.kind == UL_ACCESS_WRITE && tally.flags & UL_ACCESS_CONSTANT))
        ul_census_see_release(census, &tally, touch);
    if (note->parameter && tally.kind == UL_ACCESS_ADDRESS && !tally.callee)
        return;
    if (tally.kind == UL_ACCESS_WRITE && tally.flags & UL_ACCESS_CONSTANT && !ul_census_is_conditional(census, walk, 0))
        tally.flags |= UL_ACCESS_UNASKED;
    add_tally(census, walk, tally);
    if (tally.kind == UL_ACCESS_LOCK || tally.kind == UL_ACCESS_UNLOCK)
        ul_census_change_locks(census, walk, &tally);
}

void ul_census_see_member(ul_census_reader *census, const ul_walk *walk)
{
    CXCursor field = clang_getCursorReferenced(ul_walk_frame(walk, 0)->cursor);
    ul_touch touch;
    if (clang_getCursorKind(field) != CXCursor_FieldDecl)
        return;
    ul_census_see_held_function(census, walk);
    const ul_declaration_note *note = ul_census_note(census, field);
    if (!note->object || !ul_touch_follow(&touch, walk, false, census))
        return;
    if (walk->loop_depth && ul_touch_walks(walk, census))
        touch.flags |= UL_ACCESS_WALKS;
    ul_origins_member(&touch, &census->origins, walk, census, note->object);
    count_touch(census, walk, note, &touch, ul_census_base_of(census, walk, ul_walk_frame(walk, 0)->cursor));
}

/* A parameter's value is loaded first: what is followed is that value, an address. */
static bool follow_parameter(ul_touch *touch, ul_walk *walk, ul_census_reader *census)
{
    uint32_t depth = walk->depth, up = 1;
    while (ul_walk_frame(walk, up) && ul_walk_frame(walk, up)->kind == CXCursor_ParenExpr)
        up++;
    if (!ul_walk_frame(walk, up) || ul_walk_frame(walk, up)->kind != CXCursor_UnexposedExpr)
        return false;
    walk->depth -= up; /* the load stands for the pointer */
    bool is_touched = ul_touch_follow(touch, walk, true, census);
    walk->depth = depth;
    return is_touched;
}

void ul_census_see_reference(ul_census_reader *census, ul_walk *walk)
{
    CXCursor target = clang_getCursorReferenced(ul_walk_frame(walk, 0)->cursor);
    ul_touch touch;
    switch (clang_getCursorKind(target)) {
    case CXCursor_FunctionDecl:
        ul_census_see_function(census, walk, target);
        return;
    case CXCursor_VarDecl: {
        const ul_declaration_note *note = ul_census_note(census, target);
        ul_inlets_see_place(census, walk, target);
        ul_census_see_held_function(census, walk);
        if (!note->object)
            ul_census_see_local(census, walk, target);
        else if (census->function == UL_NO_FUNCTION)
            ul_inlets_see_taken(census, note->object);
        else if (ul_touch_follow(&touch, walk, false, census))
            count_touch(census, walk, note, &touch, (ul_base){UL_BASE_LOADED, 0, 0});
        return;
    }
    case CXCursor_ParmDecl: {
        const ul_declaration_note *note = ul_census_note(census, target);
        ul_inlets_see_place(census, walk, target);
        if (!note->parameter || census->function == UL_NO_FUNCTION)
            return;
        if (ul_census_is_function_pointer(clang_getCursorType(target)))
            ul_census_see_parameter(census, walk, note);
        else if (follow_parameter(&touch, walk, census))
            count_touch(census, walk, note, &touch, (ul_base){UL_BASE_LOADED, 0, 0});
        return;
    }
    default:
        return;
    }
}

void ul_census_tallies_clear(ul_census_reader *census)
{
    HASH_CLEAR(hh, census->tallies);
}

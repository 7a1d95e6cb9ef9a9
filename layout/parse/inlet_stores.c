/*
 * Stores that no access to a field or variable tells of: to a whole record through a pointer, and to what initializers at file scope point to.
 * Told as rows beside those of inlets.c.
 */
#include "layout/parse/inlets.h"

#include <string.h>

static void add_row(ul_census_reader *census, ul_inlet row)
{
    ul_census *out = census->out;
    row.kind = UL_INLET_RECORD;
    UL_RESERVE(census->reader->arena, out->inlets, out->inlet_count, census->inlet_capacity);
    out->inlets[out->inlet_count++] = row;
}

void ul_inlets_see_taken(ul_census_reader *census, ul_word id)
{
    add_row(census, (ul_inlet){.sink = ul_census_word_of(census, UL_INLET_TAKEN), .source = id});
}

static void add_whole(ul_census_reader *census, ul_word record)
{
    if (record && census->function != UL_NO_FUNCTION)
        add_row(census, (ul_inlet){.sink = ul_census_word_of(census, UL_INLET_WHOLE), .source = record, .text = census->out->functions[census->function].id});
}

void ul_inlets_see_store(ul_census_reader *census, const ul_walk *walk)
{
    CXType type = clang_getCursorType(ul_walk_frame(walk, 0)->cursor);
    if (type.kind == CXType_Record || type.kind == CXType_Elaborated || type.kind == CXType_Typedef)
        add_whole(census, ul_census_record(census, type));
}

bool ul_inlets_is_copy(const char *name)
{
    static const char *const names[] = {"memset", "memcpy", "memmove", "bzero", "explicit_bzero", "mempcpy", "read", "recv", "fread"};
    if (strncmp(name, "__builtin_", 10) == 0)
        name += 10;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

void ul_inlets_see_copy(ul_census_reader *census, CXCursor call)
{
    int count = clang_Cursor_getNumArguments(call);
    for (unsigned i = 0; i < 2 && (int)i < count; i++) /* read() has it second */
        add_whole(census, ul_census_pointee(census, clang_getCursorType(ul_cursor_uncast(clang_Cursor_getArgument(call, i)))));
}

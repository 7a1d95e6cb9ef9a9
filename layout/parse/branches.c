/*
 * What is done without asking: whether the way from the head of a function to a place in it, loops apart, leads through something that may
 * lead elsewhere. Where that cannot be told the place counts as one that is not always come by.
 */
#include "layout/parse/census_reader.h"

#include <ctype.h>
#include <string.h>

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Offset of the first of `words` in bytes[begin..end-1], comments and texts not told apart; `end` when there is none. */
static uint32_t find_word(const char *bytes, uint32_t begin, uint32_t end, const char *const *words, size_t word_count)
{
    for (uint32_t at = begin; at < end; at++) {
        if (!is_word(bytes[at]) || (at > begin && is_word(bytes[at - 1])))
            continue;
        uint32_t stop = at;
        while (stop < end && is_word(bytes[stop]))
            stop++;
        for (size_t i = 0; i < word_count; i++) {
            if (strlen(words[i]) == stop - at && memcmp(bytes + at, words[i], stop - at) == 0)
                return at;
        }
    }
    return end;
}

/* Where the text of the function first jumps out, or past the rest of a turn of a loop: each function is looked through once for either. */
static uint32_t find_jump(ul_census_reader *census, const ul_walk *walk, bool is_turn)
{
    static const char *const words[] = {"continue", "goto", "return", "break", "exit", "abort"}; /* a turn ends by the first two */
    CXSourceRange extent = clang_getCursorExtent(walk->function);
    ul_clang_place begin = ul_clang_offset_of(clang_getRangeStart(extent)), end = ul_clang_offset_of(clang_getRangeEnd(extent));
    size_t length = 0;
    const char *bytes = begin.file ? ul_reader_contents(census->reader, begin.file, &length) : NULL;
    if (!bytes || !clang_File_isEqual(begin.file, end.file) || end.offset > length || begin.offset > end.offset)
        return 0; /* everything is behind a jump */
    return find_word(bytes, begin.offset, end.offset, words, is_turn ? 2 : sizeof words / sizeof *words);
}

static uint32_t jump_of(ul_census_reader *census, const ul_walk *walk)
{
    bool is_turn = walk->loop_depth != 0;
    ul_jump *jump = &census->jumps[is_turn];
    if (!jump->is_found || jump->function != census->function)
        *jump = (ul_jump){.at = find_jump(census, walk, is_turn), .function = census->function, .is_found = true};
    return jump->at;
}

/* Whether what the frame holds as its `child` is done only in some cases. */
static bool chooses(const ul_frame *frame, uint32_t child)
{
    switch (frame->kind) {
    case CXCursor_IfStmt:
    case CXCursor_ConditionalOperator:
        return child > 0;
    case CXCursor_SwitchStmt:
    case CXCursor_CaseStmt:
    case CXCursor_DefaultStmt:
    case CXCursor_LabelStmt: /* a jump may lead there, and past what stands before it */
        return true;
    case CXCursor_BinaryOperator: /* the right side of && and ||, among others */
        return child > 0;
    default:
        return false;
    }
}

bool ul_census_is_conditional(ul_census_reader *census, const ul_walk *walk, uint32_t from)
{
    const ul_frame *frame = ul_walk_frame(walk, from);
    for (uint32_t up = from + 1; frame && !frame->is_function; up++) {
        const ul_frame *parent = ul_walk_frame(walk, up);
        if (parent && chooses(parent, frame->child))
            return true;
        frame = parent;
    }
    return ul_clang_offset_of(clang_getCursorLocation(ul_walk_frame(walk, 0)->cursor)).offset >= jump_of(census, walk);
}

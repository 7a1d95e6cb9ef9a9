/*
 * Places where objects come to be, allocations and what is handed to a new thread; stack, data and bss are in census_variables.c.
 */
#include "layout/parse/census_reader.h"

#include <string.h>

enum { SIZE_TEXT_MAX = 60 };

typedef struct sizeof_scan {
    ul_census_reader *census;
    ul_word record;
    bool is_array; /* something is multiplied with the size of one: what is added or rounded up makes no second one */
} sizeof_scan;

void ul_census_add_instance(ul_census_reader *census, ul_instance instance)
{
    ul_census *out = census->out;
    instance.function = census->function;
    UL_RESERVE(census->reader->arena, out->instances, out->instance_count, census->instance_capacity);
    out->instances[out->instance_count++] = instance;
}

/* The text of a call's arguments, cut to size and with its blanks folded. */
static const char *arguments_text(ul_census_reader *census, CXCursor call)
{
    CXSourceRange extent = clang_getCursorExtent(call);
    ul_clang_place begin = ul_clang_offset_of(clang_getRangeStart(extent)), end = ul_clang_offset_of(clang_getRangeEnd(extent));
    size_t length = 0;
    const char *bytes = begin.file ? ul_reader_contents(census->reader, begin.file, &length) : NULL;
    if (!bytes || !clang_File_isEqual(begin.file, end.file) || end.offset > length || begin.offset >= end.offset)
        return "";
    char text[SIZE_TEXT_MAX + 1];
    uint32_t at = 0;
    const char *open = memchr(bytes + begin.offset, '(', end.offset - begin.offset);
    for (const char *c = open ? open + 1 : NULL; c && c < bytes + end.offset - 1 && at < SIZE_TEXT_MAX; c++) {
        bool is_blank = *c == ' ' || *c == '\n' || *c == '\t' || *c == '\r';
        if (!is_blank || (at && text[at - 1] != ' '))
            text[at++] = is_blank ? ' ' : *c;
    }
    text[at] = '\0';
    return ul_arena_strdup(census->reader->arena, text);
}

/* Whether it is the size of a record, below casts and parentheses. */
static bool is_size(sizeof_scan *scan, CXCursor cursor)
{
    cursor = ul_cursor_uncast(cursor);
    return clang_getCursorKind(cursor) == CXCursor_UnaryExpr && ul_census_record(scan->census, clang_getCursorType(ul_cursor_child(cursor, 0)));
}

/* Where a macro hides the operator, a constant is taken for what is added to round up. */
static bool is_product(sizeof_scan *scan, CXCursor cursor)
{
    CXCursor left = ul_cursor_child(cursor, 0), right = ul_cursor_child(cursor, 1);
    if (!is_size(scan, left) && !is_size(scan, right))
        return false;
    char sign = ul_operator_between(&scan->census->look, left, right);
    if (sign)
        return sign == '*';
    CXEvalResult value = clang_Cursor_Evaluate(ul_cursor_stripped(is_size(scan, left) ? right : left));
    bool is_constant = value && clang_EvalResult_getKind(value) == CXEval_Int;
    clang_EvalResult_dispose(value);
    return !is_constant;
}

static enum CXChildVisitResult find_sizeof(CXCursor cursor, CXCursor parent, CXClientData data)
{
    sizeof_scan *scan = data;
    (void)parent;
    enum CXCursorKind kind = clang_getCursorKind(cursor);
    if (kind == CXCursor_BinaryOperator)
        scan->is_array |= is_product(scan, cursor);
    if (kind != CXCursor_UnaryExpr)
        return CXChildVisit_Recurse;
    CXCursor operand = ul_cursor_child(cursor, 0);
    ul_word record = ul_census_record(scan->census, clang_getCursorType(operand));
    if (record)
        scan->record = record;
    return CXChildVisit_Continue;
}

/* The record that an allocation is for: what its result is converted to, else what a sizeof among its arguments measures. */
void ul_census_see_allocation(ul_census_reader *census, const ul_walk *walk, CXCursor call, ul_call_verb verb)
{
    const char *name = ul_clang_text(clang_getCursorSpelling(call), census->reader->arena);
    CXType type = clang_getCursorType(call);
    ul_word record = ul_census_pointee(census, type);
    for (uint32_t up = 1; !record; up++) {
        const ul_frame *frame = ul_walk_frame(walk, up);
        if (!frame || (frame->kind != CXCursor_UnexposedExpr && frame->kind != CXCursor_CStyleCastExpr && frame->kind != CXCursor_ParenExpr))
            break;
        record = ul_census_pointee(census, clang_getCursorType(frame->cursor));
    }
    bool is_typed = record != 0;
    sizeof_scan scan = {.census = census};
    clang_visitChildren(call, find_sizeof, &scan);
    if (!record && verb == UL_CALL_ALLOCATE)
        record = scan.record;
    if (!record || (scan.record && scan.record != record))
        return; /* a header with something else behind it, or not an allocation of one */
    bool is_calloc = ul_name_has_word(name, "calloc") || ul_name_has_word(name, "reallocarray");
    CXCursor count = is_calloc ? ul_cursor_stripped(clang_Cursor_getArgument(call, 0)) : clang_getNullCursor();
    bool is_one = false;
    if (is_calloc && clang_getCursorKind(count) == CXCursor_IntegerLiteral) {
        CXEvalResult value = clang_Cursor_Evaluate(count);
        is_one = value && clang_EvalResult_getAsInt(value) == 1;
        clang_EvalResult_dispose(value);
    }
    bool is_array = (is_calloc && !is_one) || (!is_calloc && scan.is_array);
    const char *file;
    file = ul_reader_path(census->reader, call);
    ul_census_add_instance(census, (ul_instance){.record = record,
                                       .size = ul_census_word_of(census, arguments_text(census, call)),
                                       .callee = ul_census_word_of(census, name),
                                       .file = ul_census_word_of(census, file),
                                       .line = ul_census_line(walk),
                                       .region = UL_REGION_HEAP,
                                       .count = is_array ? 0 : 1,
                                       .flags = (is_array ? UL_INSTANCE_ARRAY : 0u) | (verb == UL_CALL_ALLOCATE ? UL_INSTANCE_PLAIN_HEAP : 0u) |
                                                (is_typed ? UL_INSTANCE_TYPED : 0u)});
}

/* Whether the address is one of an element: &a[i], a + i. */
static bool is_element_address(CXCursor argument)
{
    CXCursor inner = ul_cursor_uncast(argument);
    if (clang_getCursorKind(inner) == CXCursor_BinaryOperator)
        return true;
    if (clang_getCursorKind(inner) != CXCursor_UnaryOperator)
        return false;
    return clang_getCursorKind(ul_cursor_stripped(ul_cursor_child(inner, 0))) == CXCursor_ArraySubscriptExpr;
}

/* Below casts to void*, which hide what is handed over. */
static CXType uncast_type(CXCursor argument)
{
    return clang_getCursorType(ul_cursor_uncast(argument));
}

/* Records whose addresses are passed beside a function: handed to a thread when the callee starts one. */
void ul_census_see_handed(ul_census_reader *census, const ul_walk *walk, CXCursor call)
{
    int count = clang_Cursor_getNumArguments(call);
    bool has_function = false;
    for (int i = 0; i < count && !has_function; i++)
        has_function = ul_census_is_function_pointer(clang_getCursorType(clang_Cursor_getArgument(call, (unsigned)i)));
    for (int i = 0; has_function && i < count; i++) {
        CXCursor argument = clang_Cursor_getArgument(call, (unsigned)i);
        CXType type = uncast_type(argument);
        ul_word record = ul_census_pointee(census, type);
        const char *file;
        if (!record || ul_census_is_function_pointer(type))
            continue;
        file = ul_reader_path(census->reader, call);
        ul_census_add_instance(census, (ul_instance){.record = record,
                                           .callee = ul_census_callee(census, call),
                                           .file = ul_census_word_of(census, file),
                                           .line = ul_census_line(walk),
                                           .region = UL_REGION_HANDED,
                                           .flags = is_element_address(argument) ? UL_INSTANCE_ELEMENT : 0});
    }
}

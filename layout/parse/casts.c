/*
 * Conversions of pointers to records, written or not, through void pointers too: what the innermost expression points to against what it is
 * taken for. Containers that only pass void pointers through are not seen, nor is what flows through a variable.
 */
#include "layout/parse/evidence.h"

#include <string.h>

enum { SENTINELS_MAX = 65535 }; /* small numbers are marks that pointers carry, not addresses */

static const char *say(const ul_sight *sight, const char *format, const char *what)
{
    return ul_arena_printf(sight->uses->reader->arena, format, what);
}

static const char *type_text(const ul_sight *sight)
{
    return ul_clang_type_text(clang_getCursorType(sight->at), sight->uses->reader->arena);
}

static bool is_mapping(CXCursor call)
{
    CXString name = clang_getCursorSpelling(call);
    const char *text = clang_getCString(name);
    bool is = text && (strcmp(text, "mmap") == 0 || strcmp(text, "mmap64") == 0 || strcmp(text, "shmat") == 0);
    clang_disposeString(name);
    return is;
}

/* Characters or numbers taken for a record: bytes that came from elsewhere, unless the expression shows that they are a record's own memory. */
static void read_from_scalar(const ul_sight *sight, CXCursor source, CXType pointee, const ul_used_record *to)
{
    uint32_t content = ul_expression_content(sight->uses, source, NULL);
    if (content & (UL_HOLDS_CALL | UL_HOLDS_OFFSETOF | UL_HOLDS_RECORD_POINTER | UL_HOLDS_SIZEOF))
        return;
    const char *detail = say(sight, "bytes at `%s` are taken for it", ul_expression_text(sight->uses, source));
    if (ul_is_character(pointee))
        ul_evidence_tell(sight, UL_EVIDENCE_OTHER_CAST, to, NULL, UL_KEEPS_ALL, detail);
    else
        ul_evidence_scalar_cast(sight, to, pointee, say(sight, "cast to `%s`", type_text(sight)));
}

static void read_to_record(const ul_sight *sight, CXCursor source, const ul_used_record *to)
{
    CXType type = ul_clang_bare_type(clang_getCursorType(source));
    CXType pointee = ul_pointee(type);
    const ul_used_record *from = ul_pointed_any(sight->uses, type);
    long long value = 0;
    if (from) {
        ul_evidence_cast(sight, from, to, say(sight, "cast to `%s`", type_text(sight)));
    } else if (!to->holds_wanted) {
        return;
    } else if (clang_getCursorKind(source) == CXCursor_CallExpr) {
        if (is_mapping(source))
            ul_evidence_tell(sight, UL_EVIDENCE_FILLED, to, NULL, UL_KEEPS_ALL, "mapped memory is taken for it");
    } else if (ul_is_integer(type)) {
        if (ul_expression_value(source, &value) && (value > SENTINELS_MAX || value < -SENTINELS_MAX))
            ul_evidence_tell(sight, UL_EVIDENCE_OTHER_CAST, to, NULL, UL_KEEPS_ALL, "it is taken to be at a fixed address");
    } else if (ul_is_character(pointee) || ul_is_integer(pointee) || pointee.kind == CXType_Float || pointee.kind == CXType_Double) {
        read_from_scalar(sight, source, pointee, to);
    }
}

/* The node above `up` levels that is neither parentheses nor a conversion; *child: which of its children leads here. */
static const ul_frame *user_of(const ul_walk *walk, uint32_t *child)
{
    uint32_t up = 0;
    for (;;) {
        const ul_frame *frame = ul_walk_frame(walk, up), *above = ul_walk_frame(walk, up + 1);
        if (!above)
            return NULL;
        if (above->kind != CXCursor_ParenExpr && above->kind != CXCursor_UnexposedExpr && above->kind != CXCursor_CStyleCastExpr) {
            *child = frame->child;
            return above;
        }
        up++;
    }
}

/* Characters that are looked at one by one, or kept to be. What lies behind a record (`s + 1`) is not its bytes. */
static void read_to_bytes(const ul_sight *sight, CXCursor source, const ul_used_record *from)
{
    enum CXCursorKind kind = clang_getCursorKind(source);
    uint32_t child = 0;
    const ul_frame *user = user_of(sight->walk, &child);
    if (!user || kind == CXCursor_BinaryOperator || clang_getCursorKind(sight->at) != CXCursor_CStyleCastExpr)
        return;
    bool is_index = user->kind == CXCursor_ArraySubscriptExpr && child == 0;
    bool is_read = user->kind == CXCursor_UnaryOperator && !ul_is_pointer(ul_clang_bare_type(clang_getCursorType(user->cursor)));
    bool is_kept = user->kind == CXCursor_VarDecl || (user->kind == CXCursor_BinaryOperator && child == 1 &&
                                                      ul_is_character(ul_pointee(clang_getCursorType(user->cursor))));
    if (is_kept) { /* `=`, not `+`: the other operand is a pointer too */
        ul_operands operands = ul_operands_of(sight->uses, user->cursor);
        is_kept = user->kind == CXCursor_VarDecl || (operands.count == 2 && ul_is_pointer(ul_clang_bare_type(clang_getCursorType(operands.items[0]))));
    }
    if (is_index || is_read || is_kept)
        ul_evidence_tell(sight, UL_EVIDENCE_BYTE_ACCESS, from, NULL, UL_KEEPS_ALL,
                         say(sight, "`%s` as characters", ul_expression_text(sight->uses, source)));
}

static void read_from_record(const ul_sight *sight, CXCursor source, const ul_used_record *from, CXType pointee)
{
    const ul_used_record *outer;
    CXCursor field;
    if (ul_is_character(pointee)) {
        read_to_bytes(sight, source, from);
    } else if (ul_is_integer(pointee) || ul_is_pointer(pointee) || pointee.kind == CXType_Float || pointee.kind == CXType_Double ||
               pointee.kind == CXType_Vector) {
        if (ul_expression_field_address(sight->uses, source, &outer, &field) || clang_getCursorKind(source) != CXCursor_BinaryOperator)
            ul_evidence_scalar_cast(sight, from, pointee, say(sight, "cast to `%s`", type_text(sight)));
    }
}

/* A function that takes one record, called as one that takes another. */
static void read_function_cast(const ul_sight *sight, CXType from, CXType to)
{
    int count = clang_getNumArgTypes(from);
    if (count != clang_getNumArgTypes(to))
        return;
    for (int i = 0; i < count; i++) {
        const ul_used_record *a = ul_pointed_any(sight->uses, clang_getArgType(from, (unsigned)i));
        const ul_used_record *b = ul_pointed_any(sight->uses, clang_getArgType(to, (unsigned)i));
        if (a && b && a != b)
            ul_evidence_cast(sight, a, b, "a function that takes one is called with the other");
    }
}

void ul_cast_read(const ul_sight *sight)
{
    CXType written = ul_walk_type(sight->walk, 0);
    const ul_type_fact *type = ul_type_fact_of(sight->uses, written);
    if (!ul_is_pointer(type->bare) || type->pointee.kind == CXType_Void)
        return;
    CXCursor source = ul_expression_source(sight->uses, sight->at);
    CXType source_type = clang_getCursorType(source);
    if (clang_equalTypes(source_type, written) || clang_equalCursors(source, sight->at))
        return;
    const ul_type_fact *from = ul_type_fact_of(sight->uses, source_type);
    if (clang_equalTypes(from->bare, type->bare))
        return;
    if (type->pointee.kind == CXType_FunctionProto && (from->bare.kind == CXType_FunctionProto || from->pointee.kind == CXType_FunctionProto)) {
        read_function_cast(sight, from->bare.kind == CXType_FunctionProto ? from->bare : from->pointee, type->pointee);
        return;
    }
    if (type->pointed) {
        read_to_record(sight, source, type->pointed);
        return;
    }
    if (from->pointed && from->pointed->holds_wanted) {
        read_from_record(sight, source, from->pointed, type->pointee);
        return;
    }
    const ul_used_record *to_inner = ul_pointed_any(sight->uses, type->pointee), *from_inner = ul_pointed_any(sight->uses, from->pointee);
    if (to_inner && from_inner && to_inner != from_inner)
        ul_evidence_cast(sight, from_inner, to_inner, say(sight, "cast to `%s`", type_text(sight)));
}

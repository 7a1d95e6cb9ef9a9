#include "layout/parse/expressions.h"

#include <string.h>

ul_operands ul_operands_of(const ul_use_reader *uses, CXCursor cursor)
{
    return *ul_walk_look(uses->reader, cursor);
}

CXCursor ul_expression_operand(const ul_reader *reader, CXCursor expression, uint32_t index)
{
    const ul_operands *operands = ul_walk_look(reader, expression);
    return index < operands->count && index < UL_OPERANDS_MAX ? operands->items[index] : clang_getNullCursor();
}

/* Below parentheses and implicit casts, `with_casts`: below written ones too. */
static CXCursor peel(const ul_reader *reader, CXCursor expression, bool with_casts)
{
    for (;;) {
        if (expression.kind != CXCursor_ParenExpr && expression.kind != CXCursor_UnexposedExpr && (!with_casts || expression.kind != CXCursor_CStyleCastExpr))
            return expression;
        const ul_operands *operands = ul_walk_look(reader, expression);
        if (operands->count == 0 || operands->names_member)
            return expression;
        expression = operands->items[0];
    }
}

CXCursor ul_expression_stripped(const ul_reader *reader, CXCursor expression)
{
    return peel(reader, expression, false);
}

CXCursor ul_expression_uncast(const ul_reader *reader, CXCursor expression)
{
    return peel(reader, expression, true);
}

CXCursor ul_expression_strip(const ul_use_reader *uses, CXCursor cursor)
{
    for (;;) {
        enum CXCursorKind kind = clang_getCursorKind(cursor);
        if (kind != CXCursor_UnexposedExpr && kind != CXCursor_ParenExpr && kind != CXCursor_CStyleCastExpr)
            return cursor;
        ul_operands operands = ul_operands_of(uses, cursor);
        if (operands.count != 1 || clang_getCursorKind(operands.items[0]) == CXCursor_MemberRef)
            return cursor;
        cursor = operands.items[0];
    }
}

enum { VARIABLES_MAX = 4 }; /* that hand a pointer on */

static enum CXChildVisitResult take_last(CXCursor cursor, CXCursor parent, CXClientData data)
{
    (void)parent;
    if (clang_isExpression(clang_getCursorKind(cursor)))
        *(CXCursor *)data = cursor;
    return CXChildVisit_Continue;
}

CXCursor ul_expression_source(const ul_use_reader *uses, CXCursor cursor)
{
    CXCursor source = ul_expression_strip(uses, cursor);
    for (int i = 0; i < VARIABLES_MAX && clang_getCursorKind(source) == CXCursor_DeclRefExpr; i++) {
        CXCursor variable = clang_getCursorReferenced(source), value = clang_getNullCursor();
        if (clang_getCursorKind(variable) != CXCursor_VarDecl || ul_pointee(clang_getCursorType(variable)).kind != CXType_Void)
            break;
        clang_visitChildren(variable, take_last, &value);
        if (clang_Cursor_isNull(value))
            break;
        source = ul_expression_strip(uses, value);
    }
    return source;
}

CXType ul_pointee(CXType type)
{
    CXType bare = ul_clang_bare_type(type);
    if (bare.kind == CXType_Pointer)
        return ul_clang_bare_type(clang_getPointeeType(bare));
    if (bare.kind == CXType_ConstantArray || bare.kind == CXType_IncompleteArray || bare.kind == CXType_VariableArray)
        return ul_clang_element_type(bare);
    return (CXType){.kind = CXType_Invalid};
}

const ul_used_record *ul_pointed_any(ul_use_reader *uses, CXType type)
{
    return ul_type_fact_of(uses, type)->pointed;
}

const ul_used_record *ul_pointed_record(ul_use_reader *uses, CXCursor cursor)
{
    const ul_used_record *record = ul_pointed_any(uses, clang_getCursorType(cursor));
    return record && record->holds_wanted ? record : NULL;
}

bool ul_is_character(CXType bare)
{
    return bare.kind == CXType_Char_S || bare.kind == CXType_Char_U || bare.kind == CXType_SChar || bare.kind == CXType_UChar;
}

bool ul_is_pointer(CXType bare)
{
    return bare.kind == CXType_Pointer;
}

bool ul_is_integer(CXType bare)
{
    return (bare.kind >= CXType_Bool && bare.kind <= CXType_Int128) || bare.kind == CXType_Enum;
}

bool ul_is_same_type(CXType bare, CXType other)
{
    if (bare.kind != other.kind)
        return false;
    return (bare.kind != CXType_Record && bare.kind != CXType_Enum) || clang_equalCursors(clang_getTypeDeclaration(bare), clang_getTypeDeclaration(other));
}

bool ul_expression_value(CXCursor cursor, long long *value)
{
    if (!ul_is_integer(ul_clang_bare_type(clang_getCursorType(cursor))))
        return false;
    CXEvalResult result = clang_Cursor_Evaluate(cursor);
    bool is_integer = result && clang_EvalResult_getKind(result) == CXEval_Int;
    if (is_integer)
        *value = clang_EvalResult_getAsLongLong(result);
    if (result)
        clang_EvalResult_dispose(result);
    return is_integer;
}

static enum CXChildVisitResult see_offset(CXCursor cursor, CXCursor parent, CXClientData data)
{
    CXCursor *field = data;
    (void)parent;
    if (clang_getCursorKind(cursor) != CXCursor_MemberRef)
        return CXChildVisit_Continue;
    *field = clang_getCursorReferenced(cursor);
    return CXChildVisit_Break;
}

static bool is_null_based(const ul_use_reader *uses, CXCursor member)
{
    ul_operands base = ul_operands_of(uses, member);
    long long value = 1;
    if (base.count == 0)
        return false;
    CXCursor stripped = ul_expression_strip(uses, base.items[0]);
    return clang_getCursorKind(stripped) == CXCursor_IntegerLiteral && ul_expression_value(stripped, &value) && value == 0;
}

/* The record that a member access reaches into and the field; false when `cursor` is no member access. */
static bool member_of(ul_use_reader *uses, CXCursor cursor, const ul_used_record **record, CXCursor *field)
{
    if (clang_getCursorKind(cursor) != CXCursor_MemberRefExpr)
        return false;
    *field = clang_getCursorReferenced(cursor);
    CXCursor holder = clang_getCursorSemanticParent(*field);
    *record = ul_used_record_of(uses, clang_getCursorType(holder));
    return *record != NULL;
}

static bool is_address_of(ul_use_reader *uses, CXCursor cursor, CXCursor *operand)
{
    if (clang_getCursorKind(cursor) != CXCursor_UnaryOperator ||
        !ul_is_pointer(ul_type_fact_of(uses, clang_getCursorType(cursor))->bare))
        return false;
    ul_operands operands = ul_operands_of(uses, cursor);
    if (operands.count != 1)
        return false;
    *operand = operands.items[0];
    while (clang_getCursorKind(*operand) == CXCursor_ParenExpr && ul_operands_of(uses, *operand).count == 1)
        *operand = ul_operands_of(uses, *operand).items[0];
    CXType pointee = ul_clang_bare_type(clang_getPointeeType(ul_clang_bare_type(clang_getCursorType(cursor))));
    return clang_equalTypes(pointee, ul_clang_bare_type(clang_getCursorType(*operand))) ||
           pointee.kind == ul_clang_bare_type(clang_getCursorType(*operand)).kind;
}

bool ul_expression_offsetof(ul_use_reader *uses, CXCursor cursor, const ul_used_record **record, CXCursor *field)
{
    enum CXCursorKind kind = clang_getCursorKind(cursor);
    CXCursor operand;
    const ul_operands *known = ul_walk_operands(uses->reader, cursor);
    if (known && kind == CXCursor_UnexposedExpr && !known->names_member)
        return false;
    if (kind == CXCursor_UnexposedExpr && ul_is_integer(ul_type_fact_of(uses, clang_getCursorType(cursor))->bare)) {
        *field = clang_getNullCursor();
        clang_visitChildren(cursor, see_offset, field);
        if (clang_Cursor_isNull(*field))
            return false;
        *record = ul_used_record_of(uses, clang_getCursorType(clang_getCursorSemanticParent(*field)));
        return *record != NULL;
    }
    return kind == CXCursor_UnaryOperator && is_address_of(uses, cursor, &operand) && member_of(uses, operand, record, field) &&
           is_null_based(uses, operand);
}

bool ul_expression_field_address(ul_use_reader *uses, CXCursor stripped, const ul_used_record **record, CXCursor *field)
{
    CXCursor operand;
    if (member_of(uses, stripped, record, field)) {
        enum CXTypeKind kind = ul_clang_bare_type(clang_getCursorType(stripped)).kind;
        return kind == CXType_ConstantArray;
    }
    return is_address_of(uses, stripped, &operand) && member_of(uses, operand, record, field) && !is_null_based(uses, operand);
}

typedef struct content_search {
    ul_use_reader *uses;
    const ul_used_record *record;
    uint32_t found;
} content_search;

/* Of two pointers, one of them to a field: what lies between two places of a text is no span of a record. */
static bool is_difference(ul_use_reader *uses, ul_operands operands)
{
    const ul_used_record *record;
    CXCursor field;
    return operands.count == 2 && ul_is_pointer(ul_clang_bare_type(clang_getCursorType(operands.items[0]))) &&
           ul_is_pointer(ul_clang_bare_type(clang_getCursorType(operands.items[1]))) &&
           (ul_expression_field_address(uses, ul_expression_strip(uses, operands.items[0]), &record, &field) ||
            ul_expression_field_address(uses, ul_expression_strip(uses, operands.items[1]), &record, &field));
}

static enum CXChildVisitResult look_at(content_search *search, CXCursor cursor)
{
    const ul_used_record *record = NULL;
    CXCursor field;
    enum CXCursorKind kind = clang_getCursorKind(cursor);
    if (!clang_isExpression(kind))
        return CXChildVisit_Recurse;
    if (ul_expression_offsetof(search->uses, cursor, &record, &field)) {
        search->found |= UL_HOLDS_OFFSETOF;
        return CXChildVisit_Continue;
    }
    CXType bare = ul_clang_bare_type(clang_getCursorType(cursor));
    if (kind == CXCursor_UnaryExpr) {
        long long value, size = search->record ? clang_Type_getSizeOf(search->record->type) : 0;
        if (!search->record || (ul_expression_value(cursor, &value) && value == size))
            search->found |= UL_HOLDS_SIZEOF;
        return CXChildVisit_Continue;
    }
    if (kind == CXCursor_CallExpr)
        search->found |= UL_HOLDS_CALL;
    if (ul_pointed_any(search->uses, bare))
        search->found |= UL_HOLDS_RECORD_POINTER;
    if (kind == CXCursor_BinaryOperator && ul_is_integer(bare) && is_difference(search->uses, ul_operands_of(search->uses, cursor)))
        search->found |= UL_HOLDS_DIFFERENCE;
    return CXChildVisit_Recurse;
}

static enum CXChildVisitResult search_content(CXCursor cursor, CXCursor parent, CXClientData data)
{
    (void)parent;
    return look_at(data, cursor);
}

uint32_t ul_expression_content(ul_use_reader *uses, CXCursor cursor, const ul_used_record *record)
{
    content_search search = {.uses = uses, .record = record};
    if (look_at(&search, cursor) == CXChildVisit_Recurse)
        clang_visitChildren(cursor, search_content, &search);
    return search.found;
}

enum { TEXT_MAX = 48 };

const char *ul_expression_text(ul_use_reader *uses, CXCursor cursor)
{
    CXSourceRange extent = clang_getCursorExtent(cursor);
    ul_clang_place begin = ul_clang_offset_of(clang_getRangeStart(extent)), end = ul_clang_offset_of(clang_getRangeEnd(extent));
    size_t length = 0;
    if (!begin.file || !clang_File_isEqual(begin.file, end.file) || end.offset <= begin.offset || end.offset - begin.offset > TEXT_MAX)
        return "...";
    const char *bytes = ul_reader_contents(uses->reader, begin.file, &length);
    if (!bytes || end.offset > length || memchr(bytes + begin.offset, '\n', end.offset - begin.offset))
        return "...";
    return ul_arena_strndup(uses->reader->arena, bytes + begin.offset, end.offset - begin.offset);
}

char ul_operator_between(ul_use_reader *uses, CXCursor left, CXCursor right)
{
    ul_clang_place from = ul_clang_place_of(clang_getRangeEnd(clang_getCursorExtent(left)));
    ul_clang_place to = ul_clang_place_of(clang_getRangeStart(clang_getCursorExtent(right)));
    size_t length = 0;
    if (!from.file || !clang_File_isEqual(from.file, to.file) || from.offset >= to.offset)
        return 0;
    const char *bytes = ul_reader_contents(uses->reader, from.file, &length);
    if (!bytes || to.offset > length)
        return 0;
    const char *at = bytes + from.offset, *end = bytes + to.offset;
    while (at < end && strchr(" \t\n\r)", *at))
        at++;
    if (at == end)
        return 0;
    char second = at + 1 < end ? at[1] : '\0';
    if (*at == '<' || *at == '>')
        return second == *at ? 0 : second == '=' ? (*at == '<' ? 'L' : 'G') : *at;
    if (*at == '+' && (second == '=' || second == '+'))
        return second == '=' ? 'P' : 0;
    if (*at == '*' || *at == '+')
        return second == '=' ? 0 : *at;
    return *at != '=' ? 0 : second == '=' ? '=' : 'A';
}

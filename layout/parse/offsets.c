/*
 * Offsets and sizes that code computes with. An offset that is added to or taken from a pointer, or stands in a table, follows the field
 * wherever it goes; what is told are differences, sums and comparisons of offsets, and lengths.
 */
#include "layout/parse/evidence.h"

#include <string.h>

/* A value on its way up through parentheses and conversions: the first frame above that does something with it. */
typedef struct value_user {
    const ul_frame *frame; /* NULL: at the top */
    uint32_t child;        /* of frame */
    bool is_pointer;       /* converted to one */
} value_user;

static value_user user_of(const ul_walk *walk)
{
    for (uint32_t up = 0;; up++) {
        const ul_frame *frame = ul_walk_frame(walk, up), *above = ul_walk_frame(walk, up + 1);
        if (!above)
            return (value_user){0};
        bool passes = above->kind == CXCursor_ParenExpr || above->kind == CXCursor_UnexposedExpr || above->kind == CXCursor_CStyleCastExpr;
        if (!passes)
            return (value_user){above, frame->child, false};
        if (ul_is_pointer(ul_clang_bare_type(clang_getCursorType(above->cursor))))
            return (value_user){above, frame->child, true};
    }
}

static bool has_ancestor(const ul_walk *walk, enum CXCursorKind kind)
{
    for (uint32_t up = 1; up < walk->depth; up++) {
        if (ul_walk_frame(walk, up)->kind == kind)
            return true;
    }
    return false;
}

/* Whether an operand is a pointer, or a number made of one. */
static bool is_from_pointer(const ul_sight *sight, CXCursor operand)
{
    CXCursor stripped = ul_expression_strip(sight->uses, operand);
    CXType bare = ul_type_fact_of(sight->uses, clang_getCursorType(stripped))->bare;
    return ul_is_pointer(bare) || bare.kind == CXType_ConstantArray || bare.kind == CXType_IncompleteArray;
}

static bool is_safe_operator(const ul_sight *sight, const value_user *user)
{
    ul_operands operands = ul_operands_of(sight->uses, user->frame->cursor);
    CXType bare = ul_clang_bare_type(clang_getCursorType(user->frame->cursor));
    if (ul_is_pointer(bare))
        return true; /* pointer + offset, pointer - offset, pointer += offset */
    return operands.count == 2 && is_from_pointer(sight, operands.items[user->child == 0 ? 1 : 0]);
}

/* Functions that take a length: an offset given to one says how much of the record they touch. */
static bool takes_length(CXCursor call)
{
    static const char *const words[] = {"mem",  "alloc", "read", "write", "send", "recv", "copy", "cpy",
                                        "zero", "hash",  "crc",  "sum",   "new",  "cmp",  "size", "len"};
    CXString name = clang_getCursorSpelling(call);
    const char *text = clang_getCString(name);
    bool takes = !text || !text[0];
    for (unsigned i = 0; text && i < sizeof words / sizeof *words; i++)
        takes |= strcasestr(text, words[i]) != NULL;
    clang_disposeString(name);
    return takes;
}

static bool is_equality(const ul_sight *sight, const ul_frame *frame)
{
    ul_operands operands = ul_operands_of(sight->uses, frame->cursor);
    return operands.count == 2 && ul_clang_bare_type(clang_getCursorType(frame->cursor)).kind == CXType_Int &&
           ul_operator_between(sight->uses, operands.items[0], operands.items[1]) == '=';
}

/* Whether an offset only travels, so that whoever uses it gets that of the field wherever it is. */
static bool is_followed(const ul_sight *sight, const value_user *user)
{
    if (!user->frame || user->is_pointer)
        return true;
    switch ((int)user->frame->kind) {
    case CXCursor_InitListExpr: /* a table of fields */
    case CXCursor_ReturnStmt:
    case CXCursor_CompoundStmt:
    case CXCursor_UnaryExpr: /* sizeof */
        return true;
    case CXCursor_CallExpr:
        return !takes_length(user->frame->cursor);
    case CXCursor_BinaryOperator:
        return is_safe_operator(sight, user) || (is_equality(sight, user->frame) && !clang_Cursor_isNull(sight->walk->function));
    case CXCursor_CompoundAssignOperator:
        return is_safe_operator(sight, user);
    default:
        return false;
    }
}

/* Nothing moves behind the array at the end of an open-ended record, whatever the order before it. */
static bool is_open_end(CXCursor field)
{
    CXType bare = ul_clang_bare_type(clang_getCursorType(field));
    return bare.kind == CXType_IncompleteArray || (bare.kind == CXType_ConstantArray && clang_getArraySize(bare) == 0);
}

void ul_offset_read(const ul_sight *sight, const ul_used_record *record, CXCursor field)
{
    ul_arena *arena = sight->uses->reader->arena;
    if (!record->holds_wanted || is_open_end(field))
        return;
    const char *name = ul_clang_text(clang_getCursorSpelling(field), arena);
    if (has_ancestor(sight->walk, CXCursor_StaticAssert)) {
        ul_evidence_tell(sight, UL_EVIDENCE_LAYOUT_ASSERT, record, NULL, UL_KEEPS_ALL,
                         ul_arena_printf(arena, "the offset of `%s` is asserted", name));
        return;
    }
    value_user user = user_of(sight->walk);
    if (!is_followed(sight, &user))
        ul_evidence_tell(sight, UL_EVIDENCE_OFFSET_ARITHMETIC, record, NULL, UL_KEEPS_ALL,
                         ul_arena_printf(arena, "computes with the offset of `%s`", name));
}

static const ul_used_record *sized_record(const ul_sight *sight)
{
    ul_operands operands = ul_operands_of(sight->uses, sight->at);
    CXType type = {.kind = CXType_Invalid};
    if (operands.count == 1)
        type = clang_getCursorType(operands.items[0]);
    const ul_used_record *record = type.kind == CXType_Invalid ? NULL : ul_used_record_of(sight->uses, type);
    return record && record->holds_wanted ? record : NULL;
}

typedef struct type_reference {
    ul_use_reader *uses;
    const ul_used_record *record;
} type_reference;

static enum CXChildVisitResult see_type(CXCursor cursor, CXCursor parent, CXClientData data)
{
    type_reference *reference = data;
    (void)parent;
    if (clang_getCursorKind(cursor) == CXCursor_TypeRef)
        reference->record = ul_used_record_of(reference->uses, ul_clang_element_type(clang_getCursorType(cursor)));
    return CXChildVisit_Continue;
}

/* `sizeof` of a record that a constant is held against: a static assertion, or one made of an array's bound, a case, a comparison. */
void ul_sizeof_read(const ul_sight *sight)
{
    value_user user = user_of(sight->walk);
    if (!user.frame || user.frame->kind != CXCursor_BinaryOperator)
        return;
    bool is_static = has_ancestor(sight->walk, CXCursor_StaticAssert);
    bool is_comparison = ul_clang_bare_type(clang_getCursorType(user.frame->cursor)).kind == CXType_Int;
    if (!is_static && !is_comparison)
        return;
    const ul_used_record *record = sized_record(sight);
    type_reference reference = {sight->uses, NULL};
    if (!record) {
        clang_visitChildren(sight->at, see_type, &reference);
        record = reference.record;
    }
    long long size = 0, other = 0;
    if (!record || !record->holds_wanted || !ul_expression_value(sight->at, &size) || size != clang_Type_getSizeOf(record->type))
        return; /* alignof, or sizeof of a pointer */
    ul_operands operands = ul_operands_of(sight->uses, user.frame->cursor);
    if (operands.count != 2)
        return;
    if (!is_static && !ul_expression_value(operands.items[user.child == 0 ? 1 : 0], &other))
        return;
    char sign = ul_operator_between(sight->uses, operands.items[0], operands.items[1]);
    bool is_upper_bound = user.child == 0 ? sign == '<' || sign == 'L' : sign == '>' || sign == 'G';
    if (!is_upper_bound) /* smaller is fine then */
        ul_evidence_tell(sight, UL_EVIDENCE_LAYOUT_ASSERT, record, NULL, UL_KEEPS_ALL, "its size is held against a constant");
}

static bool is_scalar_field(CXCursor field)
{
    enum CXTypeKind kind = ul_clang_bare_type(clang_getCursorType(field)).kind;
    return kind != CXType_ConstantArray && kind != CXType_IncompleteArray;
}

static void tell_crossing(const ul_sight *sight, const ul_used_record *record, CXCursor field)
{
    ul_arena *arena = sight->uses->reader->arena;
    if (record->holds_wanted && !record->is_union)
        ul_evidence_tell(sight, UL_EVIDENCE_FIELD_SPAN, record, NULL, UL_KEEPS_ALL,
                         ul_arena_printf(arena, "counts on from the address of `%s`", ul_clang_text(clang_getCursorSpelling(field), arena)));
}

/*
 * Whether the address of a scalar field is compared for order with another pointer, the end of a loop over fields, or has the
 * record's own address taken from it, an offset made by hand.
 */
static bool is_held_against(const ul_sight *sight, const ul_operands *operands, const ul_used_record *record, CXCursor field, CXCursor other)
{
    if (!is_scalar_field(field) || !is_from_pointer(sight, other))
        return false;
    bool is_comparison = ul_clang_bare_type(clang_getCursorType(sight->at)).kind == CXType_Int;
    if (is_comparison)
        return strchr("<L>G", ul_operator_between(sight->uses, operands->items[0], operands->items[1])) != NULL &&
               ul_operator_between(sight->uses, operands->items[0], operands->items[1]) != 0;
    return ul_pointed_record(sight->uses, other) == record;
}

/* `&s->a + 1`, `&s->z - &s->a`, `p < &s->z`, `(char *)s + 8`. */
void ul_arithmetic_read(const ul_sight *sight)
{
    ul_use_reader *uses = sight->uses;
    ul_operands operands = ul_operands_of(sight->uses, sight->at);
    if (operands.count != 2)
        return;
    bool makes_pointer = ul_is_pointer(ul_type_fact_of(uses, ul_walk_type(sight->walk, 0))->bare);
    const ul_used_record *left = NULL, *right = NULL;
    CXCursor left_field, right_field, first = ul_expression_strip(sight->uses, operands.items[0]), second = ul_expression_strip(sight->uses, operands.items[1]);
    bool has_left = ul_expression_field_address(uses, first, &left, &left_field);
    bool has_right = ul_expression_field_address(uses, second, &right, &right_field);
    if (has_left && has_right) {
        if (left == right && !makes_pointer && !clang_equalCursors(left_field, right_field))
            tell_crossing(sight, left, left_field);
        return;
    }
    if (has_left != has_right && !makes_pointer &&
        is_held_against(sight, &operands, has_left ? left : right, has_left ? left_field : right_field, has_left ? second : first)) {
        tell_crossing(sight, has_left ? left : right, has_left ? left_field : right_field);
        return;
    }
    bool is_sum = ul_is_integer(ul_clang_bare_type(clang_getCursorType(operands.items[1]))) &&
                  (makes_pointer || (is_from_pointer(sight, operands.items[0]) && ul_operator_between(uses, operands.items[0], operands.items[1]) == '+'));
    if (!is_sum || (ul_expression_content(uses, operands.items[1], NULL) & (UL_HOLDS_OFFSETOF | UL_HOLDS_SIZEOF)))
        return;
    if (has_left && is_scalar_field(left_field)) {
        tell_crossing(sight, left, left_field);
        return;
    }
    const ul_used_record *record = ul_pointed_record(uses, first);
    CXType step = ul_pointee(clang_getCursorType(sight->at));
    long long bytes = 0;
    bool is_bytes = !makes_pointer || ul_is_character(step) || step.kind == CXType_Void;
    if (record && is_bytes && ul_expression_value(operands.items[1], &bytes) && bytes != 0 &&
        bytes < clang_Type_getSizeOf(record->type) && bytes > -clang_Type_getSizeOf(record->type))
        ul_evidence_tell(sight, UL_EVIDENCE_OTHER_CAST, record, NULL, UL_KEEPS_ALL,
                         ul_arena_printf(uses->reader->arena, "reaches byte %lld of it", bytes));
}

/* `(&s->a)[2]` */
void ul_subscript_read(const ul_sight *sight)
{
    const ul_used_record *record;
    CXCursor field;
    long long index = 1;
    ul_operands operands = ul_operands_of(sight->uses, sight->at);
    if (operands.count != 2 || !ul_expression_field_address(sight->uses, ul_expression_strip(sight->uses, operands.items[0]), &record, &field) ||
        !is_scalar_field(field))
        return;
    if (!ul_expression_value(operands.items[1], &index) || index != 0)
        tell_crossing(sight, record, field);
}

#include "layout/parse/evidence.h"

static enum CXVisitorResult note_field(CXCursor cursor, CXClientData data);

typedef struct field_notes {
    ul_use_reader *uses;
    ul_used_record *record;
} field_notes;

const ul_used_record *ul_used_record_of(ul_use_reader *uses, CXType type)
{
    CXType bare = ul_clang_bare_type(type);
    if (bare.kind != CXType_Record)
        return NULL;
    CXCursor cursor = clang_getCursorDefinition(clang_getTypeDeclaration(bare));
    const void *declaration = cursor.data[0];
    ul_used_record *record = NULL;
    if (clang_Cursor_isNull(cursor))
        return NULL;
    HASH_FIND_PTR(uses->records, &declaration, record);
    if (record)
        return record;
    record = UL_NEW(uses->reader->arena, ul_used_record);
    record->declaration = declaration;
    record->cursor = cursor;
    record->type = clang_getCursorType(cursor);
    record->is_union = clang_getCursorKind(cursor) == CXCursor_UnionDecl;
    HASH_ADD_PTR(uses->records, declaration, record);
    if (!clang_isInvalidDeclaration(cursor))
        clang_Type_visitFields(record->type, note_field, &(field_notes){uses, record});
    return record;
}

static enum CXVisitorResult note_field(CXCursor cursor, CXClientData data)
{
    const field_notes *notes = data;
    ul_used_record *record = notes->record;
    const ul_used_record *inner = ul_used_record_of(notes->uses, ul_clang_element_type(clang_getCursorType(cursor)));
    if (inner && inner != record)
        record->holds_wanted |= inner->holds_wanted;
    CXString spelling = clang_getCursorSpelling(cursor);
    const char *name = clang_getCString(spelling);
    bool is_unnamed_bits = clang_Cursor_isBitField(cursor) && (!name || !name[0]);
    clang_disposeString(spelling);
    uint32_t place = record->place_count++;
    if (is_unnamed_bits)
        return CXVisit_Continue;
    UL_RESERVE(notes->uses->reader->arena, record->fields, record->field_count, record->field_capacity);
    record->fields[record->field_count++] = (ul_used_field){cursor, place};
    return CXVisit_Continue;
}

const ul_type_fact *ul_type_fact_of(ul_use_reader *uses, CXType type)
{
    const void *key = type.data[0];
    ul_type_fact **recent = &uses->recent[ul_recent_of(key)], *fact = *recent;
    if (fact && fact->type == key)
        return fact;
    HASH_FIND_PTR(uses->types, &key, fact);
    if (fact)
        return *recent = fact;
    *recent = fact = UL_NEW(uses->reader->arena, ul_type_fact);
    *fact = (ul_type_fact){.type = key, .bare = ul_clang_bare_type(type), .pointee = ul_pointee(type)};
    if (fact->pointee.kind != CXType_Invalid)
        fact->pointed = ul_used_record_of(uses, ul_clang_element_type(fact->pointee));
    HASH_ADD_PTR(uses->types, type, fact);
    return fact;
}

/* The wanted records are noted before any other: what holds them is told by that. */
static void note_wanted(ul_use_reader *uses)
{
    ul_reader *reader = uses->reader;
    for (uint32_t i = 0; i < reader->found_count; i++) {
        ul_used_record *record = UL_NEW(reader->arena, ul_used_record);
        *record = (ul_used_record){.declaration = reader->found[i]->cursor.data[0],
                                   .key = reader->found[i]->record.key,
                                   .cursor = reader->found[i]->cursor,
                                   .type = clang_getCursorType(reader->found[i]->cursor),
                                   .is_union = reader->found[i]->record.kind == UL_RECORD_UNION,
                                   .holds_wanted = true};
        HASH_ADD_PTR(uses->records, declaration, record);
    }
    for (uint32_t i = 0; i < reader->found_count; i++) {
        const void *declaration = reader->found[i]->cursor.data[0];
        ul_used_record *record = NULL;
        HASH_FIND_PTR(uses->records, &declaration, record);
        if (record && !clang_isInvalidDeclaration(record->cursor))
            clang_Type_visitFields(record->type, note_field, &(field_notes){uses, record});
    }
}

/* A number, a conversion, or an offset: what libclang does not name. */
static void read_unexposed(const ul_sight *sight)
{
    const ul_used_record *record;
    CXCursor field;
    const ul_type_fact *type = ul_type_fact_of(sight->uses, ul_walk_type(sight->walk, 0));
    if (ul_is_pointer(type->bare)) {
        ul_cast_read(sight);
        if (type->pointee.kind == CXType_Void)
            ul_vector_read(sight);
    } else if (ul_is_integer(type->bare) && ul_expression_offsetof(sight->uses, sight->at, &record, &field)) {
        ul_offset_read(sight, record, field);
    }
}

static void read_unary(const ul_sight *sight)
{
    const ul_used_record *record;
    CXCursor field;
    if (ul_expression_offsetof(sight->uses, sight->at, &record, &field))
        ul_offset_read(sight, record, field);
}

/* Called as the walk leaves an expression: its operands are known then without a look below. */
static void leave(void *context, ul_walk *walk)
{
    const ul_frame *frame = ul_walk_frame(walk, 0);
    ul_sight sight = {context, walk, frame->cursor};
    switch ((int)frame->kind) {
    case CXCursor_InitListExpr:
        if (walk->reader->job->reads_initializers)
            ul_initializer_read(context, walk, frame->cursor);
        break;
    case CXCursor_CStyleCastExpr:
        ul_cast_read(&sight);
        break;
    case CXCursor_UnexposedExpr:
        read_unexposed(&sight);
        break;
    case CXCursor_UnaryOperator:
        read_unary(&sight);
        break;
    case CXCursor_UnaryExpr:
        ul_sizeof_read(&sight);
        break;
    case CXCursor_BinaryOperator:
        ul_arithmetic_read(&sight);
        break;
    case CXCursor_ArraySubscriptExpr:
        ul_subscript_read(&sight);
        break;
    case CXCursor_CallExpr:
        ul_call_read(&sight);
        break;
    case CXCursor_UnionDecl:
        ul_union_read(&sight);
        break;
    case CXCursor_GCCAsmStmt:
        ul_assembly_read(&sight);
        break;
    default:
        break;
    }
}

ul_use_reader *ul_use_reader_begin(ul_reader *reader)
{
    ul_use_reader *uses = UL_NEW(reader->arena, ul_use_reader);
    uses->reader = reader;
    note_wanted(uses);
    return uses;
}

ul_observer ul_use_observer(ul_use_reader *uses)
{
    return (ul_observer){.leave = leave, .context = uses};
}

void ul_use_reader_end(ul_use_reader *uses)
{
    HASH_CLEAR(hh, uses->records);
    HASH_CLEAR(hh, uses->types);
    uses->reader->result->uses = uses->uses;
}

/* The fields of a record as the compiler laid them out. */
#include <string.h>

#include "layout/parse/reader.h"

typedef struct field_walk {
    ul_reader *reader;
    ul_found *found;
    uint32_t capacity, cursor_capacity;
    uint32_t parent;      /* index of the anonymous member being walked */
    uint64_t parent_bits; /* its offset */
    uint32_t cursor_count;
    bool is_packed; /* the record that holds the fields is */
    bool is_pragma_packed;
} field_walk;

/* clang_Cursor_getOffsetOfField() looks at every field of the record each time. */
enum { HUGE_FIELDS = 4000 };

enum {
    ATTRIBUTE_ALIGNED = 1,
    ATTRIBUTE_PACKED = 2,
    ATTRIBUTE_PRAGMA_PACK = 4,
    ATTRIBUTE_MS = 8,
    ATTRIBUTE_RANDOM = 16
};

typedef struct attribute_scan {
    ul_reader *reader;
    uint32_t seen;
} attribute_scan;

/* What an attribute that libclang does not name says: its own characters tell. */
static uint32_t read_unexposed(ul_reader *reader, CXCursor attribute)
{
    CXSourceRange range = clang_getCursorExtent(attribute);
    if (clang_Range_isNull(range))
        return ATTRIBUTE_PRAGMA_PACK; /* made by the compiler: MaxFieldAlignment */
    ul_clang_place begin = ul_clang_place_of(clang_getRangeStart(range));
    ul_clang_place end = ul_clang_place_of(clang_getRangeEnd(range));
    ul_source_file *file = ul_reader_file(reader, begin.file);
    if (!file)
        return ATTRIBUTE_PRAGMA_PACK;
    size_t length = 0;
    const char *bytes = clang_getFileContents(reader->unit, file->handle, &length);
    if (!bytes || end.offset > length || begin.offset >= end.offset)
        return 0;
    if (memmem(bytes + begin.offset, end.offset - begin.offset, "ms_struct", 9))
        return ATTRIBUTE_MS;
    if (memmem(bytes + begin.offset, end.offset - begin.offset, "no_randomize_layout", 19))
        return 0;
    return memmem(bytes + begin.offset, end.offset - begin.offset, "randomize_layout", 16) ? ATTRIBUTE_RANDOM
                                                                                           : 0;
}

static enum CXChildVisitResult see_attribute(CXCursor cursor, CXCursor parent, CXClientData data)
{
    attribute_scan *scan = data;
    (void)parent;
    switch ((int)clang_getCursorKind(cursor)) {
    case CXCursor_AlignedAttr:
        scan->seen |= ATTRIBUTE_ALIGNED;
        break;
    case CXCursor_PackedAttr:
        scan->seen |= ATTRIBUTE_PACKED;
        break;
    case CXCursor_UnexposedAttr:
        scan->seen |= read_unexposed(scan->reader, cursor);
        break;
    default:
        break;
    }
    return CXChildVisit_Continue;
}

static uint32_t attributes_of(ul_reader *reader, CXCursor cursor)
{
    attribute_scan scan = {reader, 0};
    if (clang_Cursor_hasAttrs(cursor))
        clang_visitChildren(cursor, see_attribute, &scan);
    return scan.seen;
}

typedef struct enum_range {
    int64_t least;
    uint64_t most;
} enum_range;

static enum CXChildVisitResult see_enumerator(CXCursor cursor, CXCursor parent, CXClientData data)
{
    enum_range *range = data;
    (void)parent;
    if (clang_getCursorKind(cursor) == CXCursor_EnumConstantDecl) {
        int64_t value = clang_getEnumConstantDeclValue(cursor);
        if (value < range->least)
            range->least = value;
        if (value > 0 && (uint64_t)value > range->most)
            range->most = (uint64_t)value;
    }
    return CXChildVisit_Continue;
}

/* Bits that hold every enumerator, and every combination of them when they are flags. */
static uint32_t enum_value_bits(CXType bare)
{
    enum_range range = {0};
    clang_visitChildren(clang_getTypeDeclaration(bare), see_enumerator, &range);
    uint32_t bits = 0;
    uint64_t most = range.most;
    if (range.least < 0 && (uint64_t) - (range.least + 1) > most)
        most = (uint64_t) - (range.least + 1);
    while (most) {
        bits++;
        most >>= 1;
    }
    return bits + (range.least < 0 ? 1 : 0) + (bits == 0 && range.least == 0 ? 1 : 0);
}

static bool is_character(CXType type)
{
    return type.kind == CXType_Char_S || type.kind == CXType_Char_U || type.kind == CXType_SChar ||
           type.kind == CXType_UChar;
}

static bool is_integer(CXType type)
{
    return (type.kind >= CXType_Bool && type.kind <= CXType_Int128) || type.kind == CXType_Enum;
}

static uint32_t type_flags(CXType type)
{
    uint32_t flags = clang_isVolatileQualifiedType(type) ? UL_FIELD_VOLATILE : 0;
    CXType bare = ul_clang_bare_type(type);
    if (clang_isVolatileQualifiedType(bare))
        flags |= UL_FIELD_VOLATILE;
    CXType element = ul_clang_element_type(type);
    if (bare.kind == CXType_ConstantArray || bare.kind == CXType_IncompleteArray) {
        flags |= UL_FIELD_ARRAY | (is_character(element) ? UL_FIELD_CHAR_ARRAY : 0);
        return flags | (element.kind == CXType_Record ? UL_FIELD_RECORD : 0);
    }
    if (bare.kind == CXType_Atomic) {
        flags |= UL_FIELD_ATOMIC;
        bare = ul_clang_bare_type(clang_Type_getValueType(bare));
    }
    if (bare.kind == CXType_Record)
        flags |= UL_FIELD_RECORD;
    if (bare.kind == CXType_Bool)
        flags |= UL_FIELD_BOOL;
    if (bare.kind == CXType_Enum)
        flags |= UL_FIELD_ENUM;
    if (is_integer(bare))
        flags |= UL_FIELD_INTEGER;
    if (bare.kind == CXType_Pointer) {
        CXType pointee = ul_clang_bare_type(clang_getPointeeType(bare));
        bool is_function = pointee.kind == CXType_FunctionProto || pointee.kind == CXType_FunctionNoProto;
        flags |= UL_FIELD_POINTER | (is_function ? UL_FIELD_FUNCTION_POINTER : 0);
    }
    return flags;
}

/* Objects of the element type in `type`: the product of its extents. */
static uint64_t element_count(CXType type)
{
    uint64_t count = 1;
    CXType bare = ul_clang_bare_type(type);
    while (bare.kind == CXType_ConstantArray) {
        long long extent = clang_getArraySize(bare);
        if (extent <= 0 || __builtin_mul_overflow(count, (uint64_t)extent, &count))
            return 0;
        bare = ul_clang_bare_type(clang_getArrayElementType(bare));
    }
    return bare.kind == CXType_IncompleteArray ? 0 : count;
}

static void embed(ul_reader *reader, ul_field *field, CXType type)
{
    CXType element = ul_clang_element_type(type);
    if (element.kind == CXType_Record && !(field->flags & UL_FIELD_ATOMIC)) {
        field->embedded = ul_reader_key(reader, clang_getTypeDeclaration(element));
        field->embedded_count = element_count(type);
    }
}

typedef struct note_walk {
    ul_reader *reader;
    CXType last; /* type of the field seen last */
    bool has_aligned_bits, has_tail_array; /* of any field */
} note_walk;

static const ul_type_note *note_of(ul_reader *reader, CXType record);

static bool has_tail_array(ul_reader *reader, CXType type)
{
    CXType bare = ul_clang_bare_type(type);
    return bare.kind == CXType_Record ? note_of(reader, bare)->has_tail_array
                                      : bare.kind == CXType_ConstantArray && clang_getArraySize(bare) == 1;
}

static enum CXVisitorResult see_inner(CXCursor cursor, CXClientData data)
{
    note_walk *walk = data;
    walk->last = clang_getCursorType(cursor);
    CXType element = ul_clang_element_type(walk->last);
    if (clang_Cursor_isBitField(cursor))
        walk->has_aligned_bits |= (attributes_of(walk->reader, cursor) & ATTRIBUTE_ALIGNED) != 0;
    else if (element.kind == CXType_Record)
        walk->has_aligned_bits |= note_of(walk->reader, element)->has_aligned_bits;
    walk->has_tail_array |= has_tail_array(walk->reader, walk->last);
    return CXVisit_Continue;
}

static bool is_open_ended(ul_reader *reader, CXType type)
{
    CXType bare = ul_clang_bare_type(type);
    return bare.kind == CXType_Record ? note_of(reader, bare)->is_open_ended : bare.kind == CXType_IncompleteArray;
}

static const ul_type_note *note_of(ul_reader *reader, CXType record)
{
    const void *declaration = clang_getTypeDeclaration(record).data[0];
    ul_type_note *note = NULL;
    HASH_FIND_PTR(reader->types, &declaration, note);
    if (note)
        return note;
    note = UL_NEW(reader->arena, ul_type_note);
    note->declaration = declaration;
    HASH_ADD_PTR(reader->types, declaration, note); /* before its fields: a rejected record may hold itself */
    note_walk walk = {.reader = reader, .last = {.kind = CXType_Invalid}};
    clang_Type_visitFields(record, see_inner, &walk);
    note->is_open_ended = walk.last.kind != CXType_Invalid && is_open_ended(reader, walk.last);
    bool is_union = clang_getCursorKind(clang_getTypeDeclaration(record)) == CXCursor_UnionDecl;
    note->has_tail_array = is_union ? walk.has_tail_array : walk.last.kind != CXType_Invalid && has_tail_array(reader, walk.last);
    note->has_aligned_bits = walk.has_aligned_bits;
    return note;
}

static void refuse(field_walk *walk, ul_refusal_reason reason, const ul_field *field, const char *what)
{
    ul_arena *arena = walk->reader->arena;
    const char *detail = what[0] ? ul_arena_printf(arena, "`%s`, line %u: %s", field->name, field->line, what)
                                 : ul_arena_printf(arena, "`%s`, line %u", field->name, field->line);
    ul_record_refuse(&walk->found->record, arena, reason, detail);
}

static void size_field(field_walk *walk, ul_field *field, CXType type, uint32_t attributes, CXCursor cursor)
{
    long long size = clang_Type_getSizeOf(type), align = clang_Type_getAlignOf(type);
    enum CXTypeKind kind = ul_clang_bare_type(type).kind;
    bool is_open = kind == CXType_IncompleteArray;
    if ((size < 0 && !is_open) || align <= 0) {
        refuse(walk, UL_REFUSE_INVALID_TYPE, field, "it has no size");
        size = 0;
        align = align <= 0 ? 1 : align;
    }
    field->align_bytes = (uint32_t)align;
    bool is_packed = walk->is_packed || (attributes & ATTRIBUTE_PACKED);
    if (is_packed)
        field->align_bytes = 1;
    if (attributes & (ATTRIBUTE_ALIGNED | ATTRIBUTE_PACKED))
        field->flags |= UL_FIELD_ATTRIBUTED;
    if (clang_Cursor_isBitField(cursor)) {
        int width = clang_getFieldDeclBitWidth(cursor);
        field->flags |= UL_FIELD_BIT_FIELD;
        field->storage_bits = (uint32_t)size * 8;
        field->size_bits = width < 0 ? 0 : (uint64_t)width;
        if (is_packed && field->size_bits == 0)
            field->align_bytes = (uint32_t)align; /* `:0` ends a storage unit in packed records too */
        if (attributes & ATTRIBUTE_ALIGNED)
            refuse(walk, UL_REFUSE_BIT_FIELD_ALIGNED, field, "");
        return;
    }
    field->size_bits = is_open ? 0 : (uint64_t)size * 8;
    if (is_open)
        field->flags |= UL_FIELD_FLEXIBLE;
    else if (size == 0)
        field->flags |= UL_FIELD_ZERO_LENGTH;
    if ((attributes & ATTRIBUTE_ALIGNED) || (walk->is_pragma_packed && field->align_bytes > 1))
        walk->found->needs_probe = true;
}

/* FNV-1a of the type's spelling below typedefs. What may not be written through it changes no layout and no call. */
static uint64_t type_hash(CXType type, ul_arena *arena)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (const char *at = ul_clang_type_text(clang_getCanonicalType(type), arena); *at;) {
        if (strncmp(at, "const ", 6) == 0) {
            at += 6;
            continue;
        }
        hash = (hash ^ (unsigned char)*at++) * UINT64_C(0x100000001b3);
    }
    return hash;
}

static enum CXVisitorResult see_field(CXCursor cursor, CXClientData data);

/* Adds the fields of the anonymous member fields[at] after it. */
static void walk_member(field_walk *walk, uint32_t at, CXType type)
{
    CXCursor record = clang_getTypeDeclaration(ul_clang_bare_type(type));
    field_walk saved = *walk;
    uint32_t attributes = attributes_of(walk->reader, record);
    walk->parent = at;
    walk->parent_bits = walk->found->record.fields[at].offset_bits;
    walk->is_packed = (attributes & ATTRIBUTE_PACKED) != 0;
    walk->is_pragma_packed = (attributes & ATTRIBUTE_PRAGMA_PACK) != 0;
    clang_Type_visitFields(ul_clang_bare_type(type), see_field, walk);
    walk->parent = saved.parent;
    walk->parent_bits = saved.parent_bits;
    walk->is_packed = saved.is_packed;
    walk->is_pragma_packed = saved.is_pragma_packed;
}

static enum CXVisitorResult see_field(CXCursor cursor, CXClientData data)
{
    field_walk *walk = data;
    ul_reader *reader = walk->reader;
    ul_record *record = &walk->found->record;
    CXType type = clang_getCursorType(cursor);
    const char *name = ul_clang_text(clang_getCursorSpelling(cursor), reader->arena);
    if (strchr(name, '('))
        name = ""; /* how newer versions name what has no name */
    ul_clang_place place = ul_clang_cursor_place(cursor);
    UL_RESERVE(reader->arena, record->fields, record->field_count, walk->capacity);
    UL_RESERVE(reader->arena, walk->found->cursors, walk->cursor_count, walk->cursor_capacity);
    uint32_t at = record->field_count++;
    walk->found->cursors[walk->cursor_count++] = cursor;
    ul_field *field = &record->fields[at];
    bool is_deferred = walk->found->is_huge && name[0] && !clang_Cursor_isBitField(cursor);
    long long offset = is_deferred ? 0 : clang_Cursor_getOffsetOfField(cursor);
    uint32_t attributes = attributes_of(reader, cursor);
    *field = (ul_field){
        .name = name,
        .type = ul_clang_type_text(type, reader->arena),
        .offset_bits = walk->parent_bits + (offset > 0 ? (uint64_t)offset : 0),
        .flags = type_flags(type),
        .parent = walk->parent,
        .group = UL_NO_GROUP,
        .line = place.line,
        .column = place.column,
        .type_hash = type_hash(type, reader->arena),
    };
    if (is_deferred)
        field->offset_bits = UL_OFFSET_UNKNOWN;
    if (offset < 0)
        refuse(walk, UL_REFUSE_INVALID_TYPE, field, "it has no offset");
    size_field(walk, field, type, attributes, cursor);
    CXType bare = ul_clang_bare_type(type);
    if (field->flags & UL_FIELD_BOOL)
        field->value_bits = 1;
    else if (bare.kind == CXType_Enum)
        field->value_bits = enum_value_bits(bare);
    const char *invalid = "";
    if (ul_clang_type_is_invalid(type, reader->arena, &invalid))
        refuse(walk, UL_REFUSE_INVALID_TYPE, field,
               ul_arena_printf(reader->arena, "`%s` is not resolved", invalid));
    embed(reader, field, type);
    if (bare.kind == CXType_Record && is_open_ended(reader, bare))
        field->flags |= UL_FIELD_FLEXIBLE;
    if (field->embedded && note_of(reader, ul_clang_element_type(type))->has_aligned_bits)
        refuse(walk, UL_REFUSE_BIT_FIELD_ALIGNED, field, "a bit-field inside it");
    if (bare.kind == CXType_Record && name[0] == '\0') {
        field->flags |= UL_FIELD_ANONYMOUS;
        walk_member(walk, at, type);
    }
    return CXVisit_Continue;
}

static void refuse_record(ul_reader *reader, ul_record *record, uint32_t attributes)
{
    ul_arena *arena = reader->arena;
    bool has_bits = false, has_attributes = (record->flags & UL_RECORD_HAS_ATTRIBUTES) != 0;
    for (uint32_t i = 0; i < record->field_count; i++)
        has_bits |= (record->fields[i].flags & UL_FIELD_BIT_FIELD) != 0;
    if (attributes & ATTRIBUTE_PACKED)
        ul_record_refuse(record, arena, UL_REFUSE_PACKED, "attribute on the record");
    if (attributes & ATTRIBUTE_PRAGMA_PACK)
        ul_record_refuse(record, arena, UL_REFUSE_PRAGMA_PACK, "");
    if (attributes & ATTRIBUTE_RANDOM)
        ul_record_refuse(record, arena, UL_REFUSE_RANDOMIZE_LAYOUT, "");
    if (attributes & ATTRIBUTE_MS)
        ul_record_refuse(record, arena, UL_REFUSE_MS_LAYOUT, "attribute ms_struct");
    else if (reader->is_ms_layout && (has_bits || has_attributes))
        ul_record_refuse(record, arena, UL_REFUSE_MS_LAYOUT,
                         has_bits ? "it has bit-fields" : "it has attributes");
}

static enum CXVisitorResult count_field(CXCursor cursor, CXClientData data)
{
    (void)cursor;
    ++*(uint32_t *)data;
    return CXVisit_Continue;
}

/* The last direct field of a struct may be longer than it says. */
static void note_tail(ul_reader *reader, ul_found *found)
{
    ul_record *record = &found->record;
    uint32_t last = record->field_count;
    while (last > 0 && record->fields[last - 1].parent != UL_NO_PARENT)
        last--;
    if (last > 1 && record->kind == UL_RECORD_STRUCT && has_tail_array(reader, clang_getCursorType(found->cursors[last - 1])))
        record->fields[last - 1].flags |= UL_FIELD_TAIL_ARRAY;
}

void ul_reader_fields(ul_reader *reader, ul_found *found)
{
    ul_record *record = &found->record;
    uint32_t attributes = attributes_of(reader, found->cursor);
    CXType type = clang_getCursorType(found->cursor);
    long long size = clang_Type_getSizeOf(type), align = clang_Type_getAlignOf(type);
    record->size_bytes = size > 0 ? (uint64_t)size : 0;
    record->align_bytes = align > 0 ? (uint32_t)align : 1;
    if (clang_isInvalidDeclaration(found->cursor) || size < 0) {
        record->size_bytes = 0;
        record->align_bytes = 1;
        ul_record_refuse(record, reader->arena, UL_REFUSE_INVALID_RECORD, "");
        return;
    }
    record->flags |= (attributes & ATTRIBUTE_PACKED ? UL_RECORD_PACKED : 0u) |
                     (attributes & ATTRIBUTE_PRAGMA_PACK ? UL_RECORD_PRAGMA_PACK : 0u) |
                     (attributes & ATTRIBUTE_ALIGNED ? UL_RECORD_ALIGNED : 0u);
    field_walk walk = {
        .reader = reader,
        .found = found,
        .parent = UL_NO_PARENT,
        .is_packed = (attributes & ATTRIBUTE_PACKED) != 0,
        .is_pragma_packed = (attributes & ATTRIBUTE_PRAGMA_PACK) != 0,
    };
    uint32_t count = 0;
    clang_Type_visitFields(type, count_field, &count);
    found->is_huge = count > HUGE_FIELDS && found->access;
    found->needs_probe = found->is_huge;
    clang_Type_visitFields(type, see_field, &walk);
    note_tail(reader, found);
    bool has_attributes = attributes != 0;
    for (uint32_t i = 0; i < record->field_count; i++)
        has_attributes |= (record->fields[i].flags & UL_FIELD_ATTRIBUTED) != 0;
    if (has_attributes)
        record->flags |= UL_RECORD_HAS_ATTRIBUTES;
    refuse_record(reader, record, attributes);
}

#include "layout/parse/evidence.h"

enum { NESTING_MAX = 32 };

static const char *record_name(ul_use_reader *uses, const ul_used_record *record)
{
    return ul_clang_type_text(record->type, uses->reader->arena);
}

/* Whether the same was told of the same place before: both operands of one call, say. Then that is kept, with as much as either holds. */
static bool is_told(ul_use_reader *uses, const ul_evidence *evidence)
{
    for (uint32_t i = uses->uses.evidence_count; i-- > 0;) {
        ul_evidence *before = &uses->uses.evidence[i];
        if (before->line != evidence->line || before->column != evidence->column || before->file != evidence->file)
            return false;
        if (before->kind == evidence->kind && before->record == evidence->record && before->other == evidence->other) {
            before->kept_fields = before->kept_fields > evidence->kept_fields ? before->kept_fields : evidence->kept_fields;
            return true;
        }
    }
    return false;
}

static void add(const ul_sight *sight, ul_evidence evidence)
{
    ul_use_reader *uses = sight->uses;
    ul_clang_place place = ul_clang_place_of(clang_getRangeStart(clang_getCursorExtent(sight->at)));
    const ul_source_file *file = ul_reader_file(uses->reader, place.file);
    CXCursor function = sight->walk->function;
    evidence.file = file ? file->path : uses->reader->job->file;
    evidence.line = place.line;
    evidence.column = place.column;
    evidence.function =
        clang_Cursor_isNull(function) ? "" : ul_clang_text(clang_getCursorSpelling(function), uses->reader->arena);
    if (is_told(uses, &evidence))
        return;
    UL_RESERVE(uses->reader->arena, uses->uses.evidence, uses->uses.evidence_count, uses->evidence_capacity);
    uses->uses.evidence[uses->uses.evidence_count++] = evidence;
}

/* Whether what is seen of a record is seen of those in it too. */
static bool goes_inside(ul_evidence_kind kind)
{
    return kind != UL_EVIDENCE_FIRST_MEMBER_CAST && kind != UL_EVIDENCE_FIELD_SPAN && kind != UL_EVIDENCE_OFFSET_ARITHMETIC;
}

static void tell(const ul_sight *sight, ul_evidence evidence, const ul_used_record *record, int depth)
{
    if (!record->holds_wanted || depth == NESTING_MAX)
        return;
    if (record->key && !record->is_union && record->field_count > 1) {
        evidence.record = record->key;
        add(sight, evidence);
    }
    if (!goes_inside(evidence.kind))
        return;
    uint32_t kept = evidence.kept_fields;
    evidence.kept_fields = UL_KEEPS_ALL;
    const char *detail = evidence.detail;
    for (uint32_t i = 0; i < record->field_count; i++) {
        const ul_used_record *inner =
            ul_used_record_of(sight->uses, ul_clang_element_type(clang_getCursorType(record->fields[i].cursor)));
        if (!inner || inner == record || !inner->holds_wanted || (!record->is_union && record->fields[i].place >= kept))
            continue;
        if (depth == 0)
            evidence.detail =
                ul_arena_printf(sight->uses->reader->arena, "%s, inside %s", detail, record_name(sight->uses, record));
        tell(sight, evidence, inner, depth + 1);
    }
}

void ul_evidence_tell(const ul_sight *sight, ul_evidence_kind kind, const ul_used_record *record, const ul_used_record *other,
                      uint32_t kept, const char *detail)
{
    tell(sight, (ul_evidence){.kind = kind, .kept_fields = kept, .other = other ? other->key : NULL, .detail = detail}, record, 0);
}

static bool same_width(CXType a, CXType b)
{
    return clang_Type_getSizeOf(a) == clang_Type_getSizeOf(b);
}

static bool is_compatible(CXType left, CXType right)
{
    CXType a = ul_clang_bare_type(left), b = ul_clang_bare_type(right);
    if (ul_is_integer(a) && ul_is_integer(b))
        return same_width(a, b);
    if (ul_is_pointer(a) && ul_is_pointer(b))
        return true;
    if (a.kind == CXType_Record || b.kind == CXType_Record)
        return clang_equalCursors(clang_getTypeDeclaration(a), clang_getTypeDeclaration(b));
    if (a.kind == CXType_ConstantArray && b.kind == CXType_ConstantArray)
        return same_width(a, b) && is_compatible(clang_getArrayElementType(a), clang_getArrayElementType(b));
    return a.kind == b.kind;
}

uint32_t ul_common_fields(const ul_used_record *a, const ul_used_record *b)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < a->field_count && i < b->field_count; i++) {
        CXCursor x = a->fields[i].cursor, y = b->fields[i].cursor;
        if (a->fields[i].place != b->fields[i].place || clang_getFieldDeclBitWidth(x) != clang_getFieldDeclBitWidth(y) ||
            !is_compatible(clang_getCursorType(x), clang_getCursorType(y)))
            break;
        kept = a->fields[i].place + 1;
    }
    return kept;
}

/* Whether `record` begins with `wanted`, at any depth; then each struct on the way is told to keep its first field. */
static bool tell_first_members(const ul_sight *sight, const ul_used_record *record, const ul_used_record *wanted, const char *detail,
                               int depth)
{
    if (depth == NESTING_MAX)
        return false;
    uint32_t members = record->is_union ? record->field_count : record->field_count > 0;
    for (uint32_t i = 0; i < members; i++) {
        const ul_used_record *inner =
            ul_used_record_of(sight->uses, ul_clang_element_type(clang_getCursorType(record->fields[i].cursor)));
        if (!inner || (inner != wanted && !tell_first_members(sight, inner, wanted, detail, depth + 1)))
            continue;
        if (!record->is_union)
            ul_evidence_tell(sight, UL_EVIDENCE_FIRST_MEMBER_CAST, record, wanted, record->fields[0].place + 1, detail);
        return true;
    }
    return false;
}

void ul_evidence_cast(const ul_sight *sight, const ul_used_record *from, const ul_used_record *to, const char *detail)
{
    if (from == to || (!from->holds_wanted && !to->holds_wanted) || from->field_count == 0 || to->field_count == 0)
        return;
    if (tell_first_members(sight, from, to, detail, 0) || tell_first_members(sight, to, from, detail, 0))
        return;
    uint32_t kept = from->is_union || to->is_union ? 0 : ul_common_fields(from, to);
    ul_evidence_kind kind = kept ? UL_EVIDENCE_PREFIX_CAST : UL_EVIDENCE_OTHER_CAST;
    ul_evidence_tell(sight, kind, from, to, kept ? kept : UL_KEEPS_ALL, detail);
    ul_evidence_tell(sight, kind, to, from, kept ? kept : UL_KEEPS_ALL, detail);
}

/* Each struct from `record` down to its first scalar; true when that is compatible with `bare`. Tells when `detail` is set. */
static bool walk_to_scalar(const ul_sight *sight, ul_use_reader *uses, const ul_used_record *record, CXType bare, const char *detail,
                           int depth)
{
    uint32_t members = record->is_union ? record->field_count : record->field_count > 0;
    for (uint32_t i = 0; i < members && depth < NESTING_MAX; i++) {
        CXType type = ul_clang_element_type(clang_getCursorType(record->fields[i].cursor));
        const ul_used_record *inner = ul_used_record_of(uses, type);
        uint32_t kept = record->fields[i].place + 1;
        if (inner ? !walk_to_scalar(sight, uses, inner, bare, detail, depth + 1) : !is_compatible(type, bare))
            continue;
        if (!detail || record->is_union)
            return true;
        for (uint32_t k = i + 1; !inner && k < record->field_count; k++) { /* more of the same type may be walked as an array */
            if (!is_compatible(ul_clang_element_type(clang_getCursorType(record->fields[k].cursor)), type))
                break;
            kept = record->fields[k].place + 1;
        }
        ul_evidence_tell(sight, UL_EVIDENCE_FIRST_MEMBER_CAST, record, NULL, kept, detail);
        return true;
    }
    return false;
}

bool ul_begins_with(ul_use_reader *uses, const ul_used_record *record, CXType bare)
{
    return walk_to_scalar(NULL, uses, record, bare, NULL, 0);
}

void ul_evidence_scalar_cast(const ul_sight *sight, const ul_used_record *record, CXType bare, const char *detail)
{
    if (!walk_to_scalar(sight, sight->uses, record, bare, detail, 0))
        ul_evidence_tell(sight, UL_EVIDENCE_OTHER_CAST, record, NULL, UL_KEEPS_ALL, detail);
}

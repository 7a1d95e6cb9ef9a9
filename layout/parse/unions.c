/*
 * Unions that show one record as another or as a number, and assembly that is given records.
 */
#include "layout/parse/evidence.h"

#include <string.h>

typedef struct members {
    ul_use_reader *uses;
    const ul_used_record *holder;
} members;

static CXType type_of(const ul_used_record *holder, uint32_t index)
{
    return ul_clang_bare_type(clang_getCursorType(holder->fields[index].cursor));
}

static const ul_used_record *record_of(const members *of, uint32_t index)
{
    return ul_used_record_of(of->uses, ul_clang_element_type(type_of(of->holder, index)));
}

/* Longest beginning that member `index`, a struct, has in common with another member. */
static uint32_t shared_beginning(const members *of, uint32_t index, const ul_used_record *record, const ul_used_record **other)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < of->holder->field_count; i++) {
        const ul_used_record *next = i == index ? NULL : record_of(of, i);
        uint32_t kept = 0;
        if (next == record || i == index)
            continue;
        if (next && !next->is_union)
            kept = ul_common_fields(record, next);
        else if (!next && ul_is_integer(type_of(of->holder, i)) && ul_begins_with(of->uses, record, type_of(of->holder, i)))
            kept = record->fields[0].place + 1; /* the tag that every variant begins with */
        if (kept > most) {
            most = kept;
            *other = next;
        }
    }
    return most;
}

/* A number, or an array of numbers, as large as the record: what is written as one is read as the other. */
static bool has_raw_form(const members *of, const ul_used_record *record)
{
    long long size = clang_Type_getSizeOf(record->type);
    for (uint32_t i = 0; i < of->holder->field_count; i++) {
        CXType type = type_of(of->holder, i), element = ul_clang_element_type(type);
        if (clang_Type_getSizeOf(type) == size && ul_is_integer(element))
            return true;
    }
    return false;
}

void ul_union_read(const ul_sight *sight)
{
    const ul_used_record *holder = ul_used_record_of(sight->uses, clang_getCursorType(sight->at));
    if (!holder || !holder->holds_wanted)
        return;
    members of = {sight->uses, holder};
    for (uint32_t i = 0; i < holder->field_count; i++) {
        const ul_used_record *record = record_of(&of, i), *other = NULL;
        if (!record || record->is_union || !record->holds_wanted)
            continue;
        uint32_t kept = shared_beginning(&of, i, record, &other);
        const char *name = ul_clang_text(clang_getCursorSpelling(holder->fields[i].cursor), sight->uses->reader->arena);
        if (kept)
            ul_evidence_tell(sight, UL_EVIDENCE_UNION_PREFIX, record, other, kept,
                             ul_arena_printf(sight->uses->reader->arena, "`%s` begins like another member of the union", name));
        if (has_raw_form(&of, record))
            ul_evidence_tell(sight, UL_EVIDENCE_UNION_BYTES, record, NULL, UL_KEEPS_ALL,
                             ul_arena_printf(sight->uses->reader->arena, "`%s` lies over a number of its size", name));
    }
}

static enum CXChildVisitResult see_operand(CXCursor cursor, CXCursor parent, CXClientData data)
{
    const ul_sight *sight = data;
    (void)parent;
    if (!clang_isExpression(clang_getCursorKind(cursor)))
        return CXChildVisit_Continue;
    CXCursor stripped = ul_expression_strip(sight->uses, cursor);
    const ul_used_record *record = ul_used_record_of(sight->uses, clang_getCursorType(stripped));
    if (!record)
        record = ul_pointed_record(sight->uses, stripped);
    if (record && record->holds_wanted)
        ul_evidence_tell(sight, UL_EVIDENCE_INLINE_ASM, record, NULL, UL_KEEPS_ALL,
                         ul_arena_printf(sight->uses->reader->arena, "operand `%s`", ul_expression_text(sight->uses, cursor)));
    return CXChildVisit_Continue;
}

/* Without instructions it only holds the compiler back. */
static bool is_barrier(const ul_sight *sight)
{
    CXSourceRange extent = clang_getCursorExtent(sight->at);
    ul_clang_place begin = ul_clang_offset_of(clang_getRangeStart(extent)), end = ul_clang_offset_of(clang_getRangeEnd(extent));
    size_t length = 0;
    const char *bytes = begin.file ? ul_reader_contents(sight->uses->reader, begin.file, &length) : NULL;
    if (!bytes || end.offset > length || end.offset <= begin.offset)
        return false;
    const char *quote = memchr(bytes + begin.offset, '"', end.offset - begin.offset);
    return quote && quote + 1 < bytes + end.offset && quote[1] == '"';
}

void ul_assembly_read(const ul_sight *sight)
{
    if (!is_barrier(sight))
        clang_visitChildren(sight->at, see_operand, (void *)sight);
}

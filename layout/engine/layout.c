#include "layout/engine/layout.h"

#include <string.h>

/* Where the next field may go, while a record is laid out. */
typedef struct cursor {
    uint64_t at_bits;
    uint32_t align_bytes; /* of the record so far */
    bool is_union;
    bool is_packed;
    bool unnamed_bits_align;
    bool has_overflowed;
} cursor;

static uint64_t align_up(cursor *c, uint64_t value, uint64_t align)
{
    uint64_t sum;
    if (__builtin_add_overflow(value, align - 1, &sum)) {
        c->has_overflowed = true;
        return value;
    }
    return sum - sum % align;
}

static void grow(cursor *c, uint64_t offset, uint64_t size_bits)
{
    uint64_t end;
    if (__builtin_add_overflow(offset, size_bits, &end))
        c->has_overflowed = true;
    else if (!c->is_union || end > c->at_bits)
        c->at_bits = end;
}

/*
 * A bit-field goes to the next bit, unless it would cross a boundary of its declared type counted from its
 * alignment; `:0` closes the unit. A packed one crosses freely.
 */
static void place_bits(cursor *c, ul_field *field)
{
    uint64_t start = c->is_union ? 0 : c->at_bits, align = (uint64_t)field->align_bytes * 8;
    bool is_free = c->is_packed || (field->flags & UL_FIELD_ATTRIBUTED);
    bool crosses = !is_free && (align > 8 || field->storage_bits == 8) &&
                   start % align + field->size_bits > field->storage_bits;
    if (field->size_bits == 0 || crosses)
        start = align_up(c, start, align);
    field->offset_bits = start;
    grow(c, start, field->size_bits);
    if ((field->name[0] || c->unnamed_bits_align) && field->align_bytes > c->align_bytes)
        c->align_bytes = field->align_bytes;
}

static void place(cursor *c, ul_field *field)
{
    if (field->flags & UL_FIELD_BIT_FIELD) {
        place_bits(c, field);
        return;
    }
    field->offset_bits = c->is_union ? 0 : align_up(c, c->at_bits, (uint64_t)field->align_bytes * 8);
    grow(c, field->offset_bits, field->size_bits);
    if (field->align_bytes > c->align_bytes)
        c->align_bytes = field->align_bytes;
}

/* The field's size once the record embedded in it has its new one. */
static ul_status resize(ul_field *field, ul_resized_fn *resized, void *context)
{
    if (!resized || !field->embedded || field->embedded_count == 0)
        return UL_OK;
    uint64_t one = field->size_bits / 8 / field->embedded_count;
    uint64_t bits;
    if (__builtin_mul_overflow(resized(context, field->embedded, one), field->embedded_count, &bits) ||
        __builtin_mul_overflow(bits, 8u, &bits))
        return UL_ERR_LIMIT;
    field->size_bits = bits;
    return UL_OK;
}

/* Copies direct field `from` and the fields below it to the end of `out`. */
static void copy_field(ul_record *out, const ul_record *record, uint32_t from)
{
    uint32_t base = out->field_count;
    for (uint32_t i = from;
         i < record->field_count && (i == from || record->fields[i].parent != UL_NO_PARENT); i++) {
        ul_field *field = &out->fields[out->field_count++];
        *field = record->fields[i];
        if (field->parent != UL_NO_PARENT)
            field->parent = field->parent - from + base;
    }
}

/* The fields below fields[member] go where it went. */
static void move_children(ul_record *out, uint32_t member, uint64_t old_bits)
{
    for (uint32_t i = member + 1; i < out->field_count && out->fields[i].parent != UL_NO_PARENT; i++)
        out->fields[i].offset_bits = out->fields[i].offset_bits - old_bits + out->fields[member].offset_bits;
}

static bool is_permutation(const ul_record *record, const uint32_t *order, uint32_t count, ul_arena *arena)
{
    bool *seen = UL_NEW_ARRAY(arena, bool, record->field_count);
    uint32_t direct = 0;
    for (uint32_t i = 0; i < record->field_count; i++)
        direct += record->fields[i].parent == UL_NO_PARENT;
    for (uint32_t i = 0; i < count; i++) {
        if (order[i] >= record->field_count || record->fields[order[i]].parent != UL_NO_PARENT ||
            seen[order[i]])
            return false;
        seen[order[i]] = true;
    }
    return count == direct;
}

ul_status ul_layout_replay(ul_record **out, const ul_record *record, const ul_target *target,
                           const uint32_t *order, uint32_t order_count, ul_resized_fn *resized, void *context,
                           ul_arena *arena)
{
    if (order && !is_permutation(record, order, order_count, arena))
        return UL_ERR_INPUT;
    ul_record *copy = UL_NEW(arena, ul_record);
    *copy = *record;
    copy->fields = UL_NEW_ARRAY(arena, ul_field, record->field_count);
    copy->field_count = 0;
    if (order) {
        for (uint32_t i = 0; i < order_count; i++)
            copy_field(copy, record, order[i]);
    } else if (record->field_count) {
        memcpy(copy->fields, record->fields, record->field_count * sizeof *copy->fields);
        copy->field_count = record->field_count;
    }
    cursor c = {
        .align_bytes = record->own_align_bytes ? record->own_align_bytes : 1,
        .is_union = record->kind == UL_RECORD_UNION,
        .is_packed = (record->flags & UL_RECORD_PACKED) != 0,
        .unnamed_bits_align = target->unnamed_bits_align,
    };
    for (uint32_t i = 0; i < copy->field_count; i++) {
        ul_field *field = &copy->fields[i];
        if (field->parent != UL_NO_PARENT)
            continue;
        uint64_t old_bits = field->offset_bits;
        if (resize(field, resized, context) != UL_OK)
            return UL_ERR_LIMIT;
        place(&c, field);
        move_children(copy, i, old_bits);
    }
    copy->size_bytes = align_up(&c, c.at_bits, (uint64_t)c.align_bytes * 8) / 8;
    copy->align_bytes = c.align_bytes;
    *out = copy;
    return c.has_overflowed ? UL_ERR_LIMIT : UL_OK;
}

bool ul_layout_agrees(const ul_record *record, const ul_target *target, ul_arena *arena, const char **why)
{
    ul_record *replayed;
    *why = "";
    if (ul_layout_replay(&replayed, record, target, NULL, 0, NULL, NULL, arena) != UL_OK) {
        *why = "an offset overflows";
        return false;
    }
    for (uint32_t i = 0; i < record->field_count; i++) {
        if (replayed->fields[i].offset_bits != record->fields[i].offset_bits) {
            *why = ul_arena_printf(arena, "`%s` is at bit %llu, the replay says %llu",
                                   ul_field_label(record, i, arena),
                                   (unsigned long long)record->fields[i].offset_bits,
                                   (unsigned long long)replayed->fields[i].offset_bits);
            return false;
        }
    }
    if (replayed->size_bytes == record->size_bytes && replayed->align_bytes == record->align_bytes)
        return true;
    *why = ul_arena_printf(arena, "size %llu align %u, the replay says %llu and %u",
                           (unsigned long long)record->size_bytes, record->align_bytes,
                           (unsigned long long)replayed->size_bytes, replayed->align_bytes);
    return false;
}

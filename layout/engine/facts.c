#include "layout/engine/facts.h"

#include <stdlib.h>

typedef struct gaps {
    ul_facts *facts;
    ul_arena *arena;
    uint32_t hole_capacity, bit_hole_capacity;
} gaps;

static void add_bit_hole(gaps *to, uint32_t after, uint64_t begin, uint64_t end)
{
    ul_facts *facts = to->facts;
    if (begin == end)
        return;
    UL_RESERVE(to->arena, facts->bit_holes, facts->bit_hole_count, to->bit_hole_capacity);
    facts->bit_holes[facts->bit_hole_count++] = (ul_hole){after, begin, end - begin};
    facts->bit_hole_bits += end - begin;
}

/* The gap [begin, end): bits up to a whole byte, whole bytes, bits before a field that starts inside a byte. */
static void add_gap(gaps *to, uint32_t after, uint64_t begin, uint64_t end, bool is_tail)
{
    uint64_t first_byte = (begin + 7) / 8 * 8, last_byte = end / 8 * 8;
    if (first_byte > last_byte) {
        add_bit_hole(to, after, begin, end);
        return;
    }
    add_bit_hole(to, after, begin, first_byte);
    uint64_t bytes = (last_byte - first_byte) / 8;
    if (is_tail) {
        to->facts->tail_padding_bytes = bytes;
    } else if (bytes) {
        UL_RESERVE(to->arena, to->facts->holes, to->facts->hole_count, to->hole_capacity);
        to->facts->holes[to->facts->hole_count++] = (ul_hole){after, first_byte, bytes * 8};
        to->facts->hole_bytes += bytes;
    }
    add_bit_hole(to, after, last_byte, end);
}

/* Fields one behind the other; what lies between two of them is a gap. */
static void count_struct(gaps *to, const ul_record *record)
{
    uint64_t end = 0;
    uint32_t before = UL_NO_PARENT;
    for (uint32_t i = 0; i < record->field_count; i++) {
        const ul_field *field = &record->fields[i];
        if (field->parent != UL_NO_PARENT)
            continue;
        uint64_t field_end = field->offset_bits + field->size_bits;
        if (field->offset_bits < end) {
            /* Only what the compiler itself rejected can lie over another field; its bits count once. */
            if (!record->refusal_count)
                abort();
            to->facts->field_bits += field_end > end ? field_end - end : 0;
        } else {
            add_gap(to, before, end, field->offset_bits, false);
            to->facts->field_bits += field->size_bits;
        }
        end = field_end > end ? field_end : end;
        before = i;
    }
    if (end <= record->size_bytes * 8)
        add_gap(to, before, end, record->size_bytes * 8, true);
}

static void count_union(gaps *to, const ul_record *record)
{
    uint32_t largest = UL_NO_PARENT;
    for (uint32_t i = 0; i < record->field_count; i++) {
        const ul_field *field = &record->fields[i];
        if (field->parent == UL_NO_PARENT &&
            (largest == UL_NO_PARENT || field->size_bits > record->fields[largest].size_bits))
            largest = i;
    }
    uint64_t bits = largest == UL_NO_PARENT ? 0 : record->fields[largest].size_bits;
    to->facts->field_bits = bits;
    if (bits <= record->size_bytes * 8)
        add_gap(to, largest, bits, record->size_bytes * 8, true);
}

static uint32_t count_straddles(const ul_record *record, uint64_t line_bits)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < record->field_count; i++) {
        const ul_field *field = &record->fields[i];
        if (field->parent == UL_NO_PARENT && field->size_bits && field->size_bits <= line_bits)
            count += field->offset_bits / line_bits != (field->offset_bits + field->size_bits - 1) / line_bits;
    }
    return count;
}

void ul_facts_of(ul_facts *out, const ul_record *record, const ul_target *target, ul_arena *arena)
{
    gaps to = {.facts = out, .arena = arena};
    *out = (ul_facts){
        .line_count = (uint32_t)((record->size_bytes + target->line_bytes - 1) / target->line_bytes),
        .straddle_count = count_straddles(record, (uint64_t)target->line_bytes * 8),
        .fit = ul_class_fit_of(target->allocator, record->size_bytes),
    };
    if (record->kind == UL_RECORD_UNION)
        count_union(&to, record);
    else
        count_struct(&to, record);
    uint64_t sum = out->field_bits + 8 * out->hole_bytes + out->bit_hole_bits + 8 * out->tail_padding_bytes;
    /* A record that the compiler rejected has a size that means nothing, and books that cannot close. */
    if (sum != 8 * record->size_bytes && !record->refusal_count)
        abort();
}

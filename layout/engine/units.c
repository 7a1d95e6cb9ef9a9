#include "layout/engine/units.h"

#include <string.h>

typedef struct builder {
    ul_units *units;
    const ul_plan_request *request;
    uint32_t allow;
    ul_arena *arena;
} builder;

static ul_piece *piece_at(const ul_units *units, uint32_t target, uint32_t field)
{
    return &units->pieces[(size_t)target * units->field_count + field];
}

static uint64_t align_up(uint64_t value, uint64_t align)
{
    return (value + align - 1) / align * align;
}

/* As layout.c places it; there every rule has its source. */
uint64_t ul_units_place_piece(const ul_piece *piece, uint64_t at)
{
    if (!piece->is_bits)
        return align_up(at, piece->align_bits);
    if (piece->size_bits == 0 || (!piece->may_cross && at % piece->align_bits + piece->size_bits > piece->storage_bits))
        return align_up(at, piece->align_bits);
    return at;
}

uint64_t ul_units_place_counting(const ul_units *units, uint32_t unit, uint32_t target, uint64_t at_bits,
                                 uint32_t *straddles)
{
    const ul_move_unit *it = &units->items[unit];
    uint64_t line = (uint64_t)units->targets[target].line_bytes * 8;
    for (uint32_t i = 0; i < it->piece_count; i++) {
        const ul_piece *piece = piece_at(units, target, it->first_piece + i);
        at_bits = ul_units_place_piece(piece, at_bits);
        if (straddles && piece->size_bits && piece->size_bits <= line)
            *straddles += at_bits / line != (at_bits + piece->size_bits - 1) / line;
        at_bits += piece->size_bits;
    }
    return at_bits;
}

uint64_t ul_units_place(const ul_units *units, uint32_t unit, uint32_t target, uint64_t at_bits)
{
    return ul_units_place_counting(units, unit, target, at_bits, NULL);
}

uint64_t ul_units_size(const ul_units *units, uint32_t target, uint64_t end_bits)
{
    return align_up(end_bits, units->align_bits[target]);
}

bool ul_units_may_follow(const ul_units *units, uint32_t before, uint32_t next)
{
    return units->may_join_bits || next == before + 1 || !units->items[before].ends_with_bits ||
           !units->items[next].starts_with_bits;
}

uint64_t ul_units_widest(const ul_units *units, uint32_t begin, uint32_t end, uint32_t target)
{
    uint64_t widest = 8;
    for (uint32_t i = begin; i < end; i++) {
        for (uint32_t j = 0; j < units->items[i].piece_count; j++) {
            uint64_t align = piece_at(units, target, units->items[i].first_piece + j)->align_bits;
            widest = align > widest ? align : widest;
        }
    }
    return widest;
}

uint64_t ul_units_period(const ul_units *units, uint32_t unit, const uint64_t *widest)
{
    const ul_move_unit *it = &units->items[unit];
    uint64_t period = 1;
    if (it->piece_count != 1)
        return 0;
    for (uint32_t target = 0; target < units->target_count; target++) {
        const ul_piece *piece = piece_at(units, target, it->first_piece);
        if (piece->is_bits || piece->size_bits % piece->align_bits)
            return 0;
        uint64_t residue = piece->size_bits % widest[target], needed = 1;
        while (residue * needed % widest[target])
            needed *= 2;
        period = needed > period ? needed : period;
    }
    return period;
}

uint32_t ul_units_apart(uint32_t count, uint64_t period)
{
    return period && count ? (uint32_t)((count - 1) % period) + 1 : count;
}

void ul_units_measure(const ul_units *units, const uint32_t *order, uint64_t *size_bits)
{
    for (uint32_t target = 0; target < units->target_count; target++) {
        uint64_t at = 0;
        for (uint32_t i = 0; i < units->count; i++)
            at = ul_units_place(units, order[i], target, at);
        size_bits[target] = ul_units_size(units, target, at);
    }
}

static ul_status fill_pieces(builder *b)
{
    ul_units *units = b->units;
    const ul_plan_request *request = b->request;
    for (uint32_t target = 0; target < units->target_count; target++) {
        const ul_record *record = request->records[target];
        uint64_t align = record->own_align_bytes ? record->own_align_bytes : 1;
        for (uint32_t i = 0; i < units->field_count; i++) {
            const ul_field *field = &record->fields[units->fields[i]];
            uint64_t bits = field->size_bits;
            if (request->resized && field->embedded && field->embedded_count) {
                uint64_t one = request->resized(request->context, field->embedded, target, bits / 8 / field->embedded_count);
                if (__builtin_mul_overflow(one, field->embedded_count * 8, &bits))
                    return UL_ERR_INPUT;
            }
            bool is_bits = field->flags & UL_FIELD_BIT_FIELD;
            bool may_cross = record->flags & UL_RECORD_PACKED || field->flags & UL_FIELD_ATTRIBUTED ||
                             (field->align_bytes <= 1 && field->storage_bits != 8);
            *piece_at(units, target, i) = (ul_piece){.size_bits = bits,
                                                     .align_bits = (uint64_t)field->align_bytes * 8,
                                                     .storage_bits = is_bits ? field->storage_bits : 0,
                                                     .is_bits = is_bits,
                                                     .may_cross = is_bits && may_cross};
            if ((!is_bits || field->name[0] || request->targets[target].unnamed_bits_align) && field->align_bytes > align)
                align = field->align_bytes;
        }
        units->align_bits[target] = align * 8;
    }
    return UL_OK;
}

bool ul_units_begins_line(const ul_units *units, uint32_t place)
{
    for (uint32_t target = 0; target < units->target_count; target++) {
        const ul_piece *piece = piece_at(units, target, place);
        if (piece->size_bits && piece->align_bits >= (uint64_t)units->targets[target].line_bytes * 8)
            return true;
    }
    return false;
}

static bool is_isolating(const builder *b, uint32_t field)
{
    for (uint32_t target = 0; target < b->units->target_count; target++) {
        if (b->request->records[target]->fields[field].align_bytes >= b->request->targets[target].line_bytes)
            return true;
    }
    return false;
}

/* A first member that is a record, or a macro that makes several fields: the base-record idiom. */
static bool is_base_member(const ul_record *record, const ul_field *field)
{
    if (field == record->fields && field->flags & UL_FIELD_MACRO_MADE && field->group < record->group_count &&
        record->groups[field->group].field_count > 1)
        return true;
    return field == record->fields && (field->flags & (UL_FIELD_RECORD | UL_FIELD_ANONYMOUS)) &&
           !(field->flags & UL_FIELD_ARRAY) && record->kind == UL_RECORD_STRUCT;
}

/* Whether a field stays where it is among the others; notes the word that would free it. */
static bool is_field_held(const builder *b, uint32_t place)
{
    uint32_t index = b->units->fields[place];
    const ul_record *record = b->request->records[0];
    const ul_field *field = &record->fields[index];
    uint32_t held_by = 0;
    bool is_marker = field->flags & (UL_FIELD_FLEXIBLE | UL_FIELD_ZERO_LENGTH | UL_FIELD_TAIL_ARRAY);
    if (is_isolating(b, index)) {
        held_by |= b->units->passes_lines && field->size_bits ? 0u : UL_ALLOW_MERGE_LINES;
        if (field->size_bits == 0 && field->flags & UL_FIELD_ZERO_LENGTH)
            is_marker = false; /* it only begins a line */
    }
    if (is_base_member(record, field))
        held_by |= UL_ALLOW_FIRST_MEMBER;
    if (place < b->request->shared_prefix)
        held_by |= UL_ALLOW_COMMON_PREFIX;
    if (ul_field_is_padding(field))
        held_by |= UL_ALLOW_MOVE_PADDING;
    b->units->held_by |= held_by;
    return is_marker || (held_by & ~b->allow);
}

static bool is_held(const builder *b, const ul_move_unit *unit)
{
    bool result = false;
    for (uint32_t i = 0; i < unit->field_count; i++)
        result |= is_field_held(b, unit->first_field + i);
    return result;
}

/* Declaration groups become units; neighbours that touch with bit-fields on both sides become one, unless a wall stands between. */
static void cut(builder *b)
{
    ul_units *units = b->units;
    const ul_record *record = b->request->records[0];
    uint32_t group_before = UL_NO_GROUP, wall_before = 0;
    bool bits_before = false;
    for (uint32_t i = 0; i < units->field_count; i++) {
        const ul_field *field = &record->fields[units->fields[i]];
        bool is_bits = field->flags & UL_FIELD_BIT_FIELD;
        uint32_t wall = field->group < record->group_count ? record->groups[field->group].segment : 0;
        bool is_same_group = field->group != UL_NO_GROUP && field->group == group_before;
        if (is_same_group && field->flags & UL_FIELD_SEPARABLE && !(b->request->whole_groups && b->request->whole_groups[field->group])) {
            units->held_by |= UL_ALLOW_SPLIT_DECLARATORS;
            is_same_group = !(b->allow & UL_ALLOW_SPLIT_DECLARATORS);
        }
        bool is_same_run = bits_before && is_bits && wall == wall_before;
        if (units->count == 0 || !(is_same_group || is_same_run)) {
            units->items[units->count++] =
                (ul_move_unit){.first_field = i, .first_piece = i, .segment = wall, .starts_with_bits = is_bits};
        }
        ul_move_unit *unit = &units->items[units->count - 1];
        unit->field_count++;
        unit->piece_count++;
        unit->ends_with_bits = is_bits;
        group_before = field->group;
        wall_before = wall;
        bits_before = is_bits;
    }
}

/* Walls of the source and what is held give the segments: a held unit is one by itself. */
static void number_segments(builder *b)
{
    ul_units *units = b->units;
    uint32_t segment = 0, wall_before = 0;
    bool held_before = false;
    for (uint32_t i = 0; i < units->count; i++) {
        ul_move_unit *unit = &units->items[i];
        uint32_t wall = unit->segment;
        bool held = is_held(b, unit);
        if (i && (wall != wall_before || held || held_before))
            segment++;
        unit->segment = segment;
        wall_before = wall;
        held_before = held;
    }
    units->segment_count = units->count ? segment + 1 : 0;
}

/* Declarators without padding between them act as one piece; false when the targets do not agree on that. */
static bool as_one_piece(const ul_units *units, const ul_move_unit *unit, uint32_t target, ul_piece *out)
{
    for (uint32_t i = 0; i < unit->piece_count; i++) {
        const ul_piece *piece = piece_at(units, target, unit->first_piece + i);
        if (piece->is_bits)
            return false;
        if (i == 0) {
            *out = *piece;
            continue;
        }
        if (piece->align_bits > out->align_bits || out->size_bits % piece->align_bits)
            return false;
        out->size_bits += piece->size_bits;
    }
    return true;
}

static bool same_form(const ul_units *units, const ul_move_unit *a, const ul_move_unit *b)
{
    if (a->piece_count != b->piece_count)
        return false;
    for (uint32_t target = 0; target < units->target_count; target++) {
        for (uint32_t i = 0; i < a->piece_count; i++) {
            const ul_piece *x = piece_at(units, target, a->first_piece + i), *y = piece_at(units, target, b->first_piece + i);
            if (x->size_bits != y->size_bits || x->align_bits != y->align_bits || x->storage_bits != y->storage_bits ||
                x->is_bits != y->is_bits || x->may_cross != y->may_cross)
                return false;
        }
    }
    return true;
}

static bool same_kind(const ul_units *units, const ul_move_unit *a, const ul_move_unit *b)
{
    if (same_form(units, a, b))
        return true;
    for (uint32_t target = 0; target < units->target_count; target++) {
        ul_piece x = {0}, y = {0};
        if (!as_one_piece(units, a, target, &x) || !as_one_piece(units, b, target, &y) || x.align_bits != y.align_bits ||
            x.size_bits % units->modulus_bits[target] != y.size_bits % units->modulus_bits[target])
            return false;
    }
    return true;
}

/* What a unit is told apart by before it is compared: equal units have equal hashes. */
static uint64_t hash_unit(const ul_units *units, const ul_move_unit *unit, bool is_kind)
{
    uint64_t hash = 14695981039346656037u;
    ul_piece one = {0};
    bool is_one = is_kind && as_one_piece(units, unit, 0, &one);
    for (uint32_t i = 0; i < (is_one ? 1 : unit->piece_count); i++) {
        const ul_piece *piece = is_one ? &one : piece_at(units, 0, unit->first_piece + i);
        uint64_t size = is_one ? piece->size_bits % units->modulus_bits[0] : piece->size_bits;
        hash = (hash ^ size) * 1099511628211u;
        hash = (hash ^ (piece->align_bits << 1 | piece->is_bits)) * 1099511628211u;
    }
    return hash;
}

/* Numbers forms or kinds in source order through a table of buckets. */
static uint32_t number_alike(ul_units *units, bool is_kind, ul_arena *arena)
{
    uint32_t bucket_count = 64, found = 0;
    while (bucket_count < units->count * 2)
        bucket_count *= 2;
    uint32_t *buckets = UL_NEW_ARRAY(arena, uint32_t, bucket_count); /* unit + 1 */
    for (uint32_t i = 0; i < units->count; i++) {
        ul_move_unit *unit = &units->items[i];
        uint32_t at = (uint32_t)(hash_unit(units, unit, is_kind) >> 20) & (bucket_count - 1);
        for (; buckets[at]; at = (at + 1) & (bucket_count - 1)) {
            const ul_move_unit *other = &units->items[buckets[at] - 1];
            if (is_kind ? same_kind(units, unit, other) : same_form(units, unit, other))
                break;
        }
        uint32_t number = found;
        if (buckets[at]) {
            const ul_move_unit *other = &units->items[buckets[at] - 1];
            number = is_kind ? other->kind : other->form;
        } else {
            buckets[at] = i + 1;
            found++;
        }
        if (is_kind)
            unit->kind = number;
        else
            unit->form = number;
    }
    return found;
}

/* The least that a unit can take. Where the pieces act as one there is no padding inside; else every start is tried. */
static uint64_t least_bits(const ul_units *units, uint32_t index, uint32_t target)
{
    enum { STARTS_MAX = 4096 };
    const ul_move_unit *unit = &units->items[index];
    ul_piece one = {0};
    if (as_one_piece(units, unit, target, &one))
        return one.size_bits;
    uint64_t least = UINT64_MAX, widest = 8;
    for (uint32_t i = 0; i < unit->piece_count; i++) {
        const ul_piece *piece = piece_at(units, target, unit->first_piece + i);
        widest = piece->align_bits > widest ? piece->align_bits : widest;
    }
    if (widest > STARTS_MAX)
        return 0;
    for (uint64_t at = 0; at < widest; at += unit->starts_with_bits ? 1 : 8) {
        uint64_t taken = ul_units_place(units, index, target, at) - at;
        least = taken < least ? taken : least;
    }
    return least;
}

static bool same_fields(const ul_record *a, const ul_record *b)
{
    if (a->field_count != b->field_count || a->kind != b->kind)
        return false;
    for (uint32_t i = 0; i < a->field_count; i++) {
        const ul_field *x = &a->fields[i], *y = &b->fields[i];
        if (x->parent != y->parent || strcmp(x->name, y->name) != 0 ||
            (x->flags & UL_FIELD_BIT_FIELD) != (y->flags & UL_FIELD_BIT_FIELD))
            return false;
    }
    return true;
}

ul_status ul_units_build(ul_units *out, const ul_plan_request *request, uint32_t allow, ul_arena *arena)
{
    const ul_record *record = request->records[0];
    *out = (ul_units){.targets = request->targets, .target_count = request->target_count};
    for (uint32_t i = 1; i < request->target_count; i++) {
        if (!same_fields(record, request->records[i]))
            return UL_ERR_INPUT;
    }
    out->fields = UL_NEW_ARRAY(arena, uint32_t, record->field_count);
    for (uint32_t i = 0; i < record->field_count; i++) {
        if (record->fields[i].parent == UL_NO_PARENT)
            out->fields[out->field_count++] = i;
    }
    out->pieces = UL_NEW_ARRAY(arena, ul_piece, (size_t)out->field_count * out->target_count);
    out->items = UL_NEW_ARRAY(arena, ul_move_unit, out->field_count);
    out->may_join_bits = allow & UL_ALLOW_MERGE_BITS;
    out->passes_lines = request->passes_lines && !(allow & UL_ALLOW_MERGE_LINES);
    builder b = {out, request, allow, arena};
    ul_status status = fill_pieces(&b);
    if (status != UL_OK)
        return status;
    cut(&b);
    number_segments(&b);
    for (uint32_t target = 0; target < out->target_count; target++) {
        uint64_t widest = ul_units_widest(out, 0, out->count, target);
        out->modulus_bits[target] = widest > out->align_bits[target] ? widest : out->align_bits[target];
    }
    out->form_count = number_alike(out, false, arena);
    out->kind_count = number_alike(out, true, arena);
    uint32_t runs = 0;
    for (uint32_t i = 0; i < out->count; i++) {
        for (uint32_t target = 0; target < out->target_count; target++)
            out->items[i].least_bits[target] = least_bits(out, i, target);
        runs += out->items[i].starts_with_bits || out->items[i].ends_with_bits;
    }
    if (runs > 1)
        out->held_by |= UL_ALLOW_MERGE_BITS;
    return UL_OK;
}

void ul_units_reduce(ul_units *out, uint64_t *cut_bits, const ul_units *units, ul_arena *arena)
{
    *out = *units;
    size_t pieces = (size_t)units->field_count * units->target_count;
    out->pieces = UL_NEW_ARRAY(arena, ul_piece, pieces);
    out->items = UL_NEW_ARRAY(arena, ul_move_unit, units->count);
    if (pieces)
        memcpy(out->pieces, units->pieces, pieces * sizeof *out->pieces);
    memset(cut_bits, 0, units->target_count * sizeof *cut_bits);
    for (uint32_t i = 0; i < units->count; i++) {
        ul_move_unit *unit = &out->items[i];
        *unit = units->items[i];
        unit->form = unit->kind;
        ul_piece one = {0};
        bool is_one = true;
        for (uint32_t target = 0; target < units->target_count; target++)
            is_one = is_one && as_one_piece(units, unit, target, &one);
        if (!is_one)
            continue;
        unit->piece_count = 1;
        for (uint32_t target = 0; target < units->target_count; target++) {
            as_one_piece(units, &units->items[i], target, &one);
            uint64_t left = one.size_bits % units->modulus_bits[target];
            cut_bits[target] += one.size_bits - left;
            unit->least_bits[target] -= one.size_bits - left;
            one.size_bits = left;
            *piece_at(out, target, unit->first_piece) = one;
        }
    }
    out->form_count = units->kind_count;
}

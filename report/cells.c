#include "report/cells.h"

#include <string.h>

#include "ullage/strbuf.h"

typedef struct cutter {
    ul_cells *cells;
    const ul_record *record;
    const char *const *labels;
    const bool *moved;
    ul_arena *arena;
    uint64_t at; /* first byte that no cell covers */
    uint32_t previous; /* direct field before */
} cutter;

static ul_cell *add(cutter *cut, ul_cell_kind kind, uint64_t begin, uint64_t end, uint32_t field)
{
    ul_cells *cells = cut->cells;
    UL_RESERVE(cut->arena, cells->items, cells->count, cells->capacity);
    ul_cell *cell = &cells->items[cells->count++];
    *cell = (ul_cell){.label = "", .begin = begin, .end = end, .kind = kind, .first_field = field, .last_field = field};
    if (end > cut->at)
        cut->at = end;
    return cell;
}

/* Covers the bytes up to `begin` with a hole when there are any. */
static void close_gap(cutter *cut, uint64_t begin, bool is_inner)
{
    if (begin <= cut->at)
        return;
    if (!is_inner) {
        cut->cells->hole_count++;
        cut->cells->hole_bytes += begin - cut->at;
    }
    add(cut, is_inner ? UL_CELL_INNER_HOLE : UL_CELL_HOLE, cut->at, begin, cut->previous);
}

/* Index after `index` and everything inside it. */
static uint32_t after_subtree(const ul_record *record, uint32_t index)
{
    uint32_t parent = record->fields[index].parent, next = index + 1;
    while (next < record->field_count && record->fields[next].parent != parent &&
           record->fields[next].parent != UL_NO_PARENT && record->fields[next].parent >= index)
        next++;
    return next;
}

/* "a/b/c" of the members of an anonymous union, as far as a map could show it. */
static const char *union_label(const cutter *cut, uint32_t index, uint32_t end)
{
    const char *label = "";
    for (uint32_t i = index + 1; i < end && strlen(label) < 80; i++) {
        if (cut->record->fields[i].parent == index)
            label = ul_arena_printf(cut->arena, "%s%s%s", label, label[0] ? "/" : "", cut->labels[i]);
    }
    return label[0] ? label : cut->labels[index];
}

/* Lengthens the bit-field cell that ends in or before the byte where this one begins, or starts one. */
static void add_bits(cutter *cut, uint32_t index, uint64_t begin, uint64_t end, bool is_moved)
{
    ul_cells *cells = cut->cells;
    ul_cell *last = cells->count ? &cells->items[cells->count - 1] : NULL;
    if (last && last->kind == UL_CELL_BITS && begin <= last->end) {
        if (strlen(last->label) < 80)
            last->label = ul_arena_printf(cut->arena, "%s,%s", last->label, cut->labels[index]);
        last->end = end > last->end ? end : last->end;
        last->last_field = index;
        last->is_moved = last->is_moved || is_moved;
        cut->at = last->end > cut->at ? last->end : cut->at;
        return;
    }
    if (begin < cut->at)
        begin = cut->at;
    if (end <= begin)
        return;
    ul_cell *cell = add(cut, UL_CELL_BITS, begin, end, index);
    cell->label = cut->labels[index];
    cell->is_moved = is_moved;
}

static uint32_t cut_field(cutter *cut, uint32_t index, bool is_inner, bool is_moved);

/* The fields of an anonymous struct one by one, then the padding at its end. */
static void cut_inside(cutter *cut, uint32_t index, uint32_t end, uint64_t last_byte, bool is_moved)
{
    for (uint32_t i = index + 1; i < end;)
        i = cut_field(cut, i, true, is_moved);
    close_gap(cut, last_byte, true);
}

/*
 * 1. bytes that nothing covers before the field are a hole;
 * 2. a bit-field joins the run before it;
 * 3. an anonymous struct is opened, an anonymous union is one cell;
 * 4. whatever takes no bytes is a marker.
 * Offsets that contradict each other (a record that was refused) are clipped, so that cells never overlap.
 */
static uint32_t cut_field(cutter *cut, uint32_t index, bool is_inner, bool is_moved)
{
    const ul_field *field = &cut->record->fields[index];
    uint32_t next = field->flags & UL_FIELD_ANONYMOUS ? after_subtree(cut->record, index) : index + 1;
    uint64_t begin = field->offset_bits / 8, end = begin + (field->offset_bits % 8 + field->size_bits + 7) / 8;
    if (end > cut->record->size_bytes)
        end = cut->record->size_bytes;
    is_moved = is_moved || (cut->moved && cut->moved[index]);
    if (field->size_bits == 0) {
        if (!(field->flags & UL_FIELD_BIT_FIELD) && begin <= cut->record->size_bytes) {
            close_gap(cut, begin, is_inner);
            add(cut, UL_CELL_MARKER, begin, begin, index)->label = cut->labels[index];
        }
        return next;
    }
    if (begin < end)
        close_gap(cut, begin, is_inner);
    if (!is_inner)
        cut->previous = index;
    if (field->flags & UL_FIELD_BIT_FIELD) {
        add_bits(cut, index, begin, end, is_moved);
        return next;
    }
    bool is_union = true;
    for (uint32_t i = index + 1; i < next; i++) {
        if (cut->record->fields[i].parent == index && cut->record->fields[i].offset_bits != field->offset_bits)
            is_union = false;
    }
    if (begin < cut->at)
        begin = cut->at;
    if (begin >= end)
        return next;
    if (field->flags & UL_FIELD_ANONYMOUS && next > index + 1 && (!is_union || next == index + 2)) {
        cut_inside(cut, index, next, end, is_moved);
        return next;
    }
    ul_cell *cell = add(cut, UL_CELL_FIELD, begin, end, index);
    cell->label = field->flags & UL_FIELD_ANONYMOUS ? union_label(cut, index, next) : cut->labels[index];
    cell->is_moved = is_moved;
    return next;
}

void ul_cells_of(ul_cells *out, const ul_record *record, const char *const *labels, const bool *moved, ul_arena *arena)
{
    *out = (ul_cells){0};
    cutter cut = {out, record, labels, moved, arena, 0, UL_NO_PARENT};
    for (uint32_t i = 0; i < record->field_count;)
        i = cut_field(&cut, i, record->fields[i].parent != UL_NO_PARENT, false);
    if (cut.at < record->size_bytes) {
        out->tail_bytes = record->size_bytes - cut.at;
        add(&cut, UL_CELL_TAIL, cut.at, record->size_bytes, cut.previous);
    }
}

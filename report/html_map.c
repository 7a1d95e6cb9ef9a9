#include "report/html_map.h"

#include <string.h>

#include "report/cells.h"
#include "report/html_text.h"
#include "report/impact.h"
#include "report/labels.h"
#include "report/profile.h"
#include "report/utf8.h"

typedef unsigned long long ull;

/* Units of the drawing: one byte of the record is BYTE wide. GLYPH is a character of the label's font, in tenths. */
enum {
    ROW_BYTES = 64,
    BYTE = 14,
    LEFT = 46,
    CELL = 26,
    PITCH = 34,
    FOLD = 20,
    CAPTION = 24,
    GAP = 46,
    GLYPH_TENTHS = 68,
    ROWS_MAX = 40,
    FOLD_LEAST = 3,
    JOINED_ROWS_MAX = 4,
    JOINED_MAX = 26,
    UNION_MAX = 32,
    UNION_NAME = 300, /* a bar at least as wide has its name inside */
    LIST_MAX = 400,
    WIDTH = LEFT + ROW_BYTES * BYTE + 4
};

/* A row of the drawing: one of the record, or `count` of them in a line of words. */
typedef struct drawn_row {
    uint64_t row, count;
    uint32_t y;
    uint32_t cell; /* first that reaches into it */
    bool is_cut;   /* the end of what is drawn */
} drawn_row;

/* One layout: the record as it is, or as planned. */
typedef struct half {
    const ul_record *record;
    const char *const *labels;
    const uint32_t *marks; /* by field: number of the mark of what moves, from 1 */
    ul_cells cells;
    drawn_row rows[ROWS_MAX + 1];
    uint32_t row_count, line_bytes;
    uint32_t top, bottom;
} half;

typedef struct anchor {
    uint32_t x, y;
    bool is_set;
} anchor;

const char *ul_html_map_mark(uint32_t mark, uint32_t count, ul_arena *arena)
{
    return count <= 26 ? ul_arena_printf(arena, "%c", (char)('A' + mark - 1)) : ul_arena_printf(arena, "%u", mark);
}

static uint32_t *marks_before(const ul_entry *entry, ul_arena *arena)
{
    const ul_record *record = entry->record;
    uint32_t *marks = UL_NEW_ARRAY(arena, uint32_t, record->field_count + 1u);
    for (uint32_t i = 0; entry->plan && i < entry->plan->moved_count; i++)
        marks[entry->plan->moved[i]] = i + 1;
    for (uint32_t i = 0; i < record->field_count; i++) {
        if (record->fields[i].parent < i)
            marks[i] = marks[record->fields[i].parent];
    }
    return marks;
}

/* The direct fields of plan->after stand in plan->order. */
static uint32_t *marks_after(const ul_entry *entry, const uint32_t *before, ul_arena *arena)
{
    const ul_record *after = entry->plan->after;
    uint32_t *marks = UL_NEW_ARRAY(arena, uint32_t, after->field_count + 1u);
    uint32_t nth = 0;
    for (uint32_t i = 0; i < after->field_count; i++) {
        if (after->fields[i].parent == UL_NO_PARENT && nth < entry->plan->order_count)
            marks[i] = before[entry->plan->order[nth++]];
        else if (after->fields[i].parent < i)
            marks[i] = marks[after->fields[i].parent];
    }
    return marks;
}

static uint32_t mark_of(const half *h, const ul_cell *cell)
{
    for (uint32_t i = cell->first_field; i <= cell->last_field && i < h->record->field_count && cell->kind <= UL_CELL_BITS; i++) {
        if (h->marks[i])
            return h->marks[i];
    }
    return 0;
}

/* Cuts the record into rows; those that one long field fills are folded. Returns where the next thing may be drawn. */
static uint32_t lay_out(half *h, uint32_t top)
{
    uint64_t size = h->record->size_bytes, rows = (size + ROW_BYTES - 1) / ROW_BYTES;
    uint32_t y = top, cell = 0;
    h->top = top;
    for (uint64_t row = 0; row < rows;) {
        while (cell < h->cells.count && h->cells.items[cell].end <= row * ROW_BYTES)
            cell++;
        const ul_cell *here = cell < h->cells.count ? &h->cells.items[cell] : NULL;
        uint64_t filled = here && here->begin <= row * ROW_BYTES ? here->end / ROW_BYTES - row : 0;
        bool is_cut = h->row_count == ROWS_MAX;
        uint64_t count = is_cut ? rows - row : filled >= FOLD_LEAST ? filled : 1;
        h->rows[h->row_count++] = (drawn_row){row, count, y, cell, is_cut};
        y += count > 1 ? FOLD : PITCH;
        row += count;
    }
    h->bottom = y;
    return y;
}

static void add_title(ul_strbuf *out, const half *h, const ul_cell *cell)
{
    ul_strbuf_puts(out, "<title>");
    if (cell->kind == UL_CELL_HOLE || cell->kind == UL_CELL_INNER_HOLE || cell->kind == UL_CELL_TAIL) {
        ul_strbuf_printf(out, "%llu B %s", (ull)(cell->end - cell->begin),
                         cell->kind == UL_CELL_TAIL ? "of tail padding" : cell->kind == UL_CELL_HOLE ? "lost in a hole" : "lost inside an anonymous member");
    } else {
        ul_html_text(out, cell->label);
        if (cell->kind == UL_CELL_FIELD && cell->first_field < h->record->field_count) {
            ul_strbuf_puts(out, ": ");
            ul_html_text(out, h->record->fields[cell->first_field].type);
        }
        ul_strbuf_printf(out, ", %llu B", (ull)(cell->end - cell->begin));
    }
    ul_strbuf_printf(out, " at %llu", (ull)cell->begin);
    ul_strbuf_puts(out, "</title>");
}

/* As much of `label` as fits in `width`, with an ellipsis where there is room for one. */
static void add_label(ul_strbuf *out, const char *label, uint32_t x, uint32_t y, uint32_t width)
{
    size_t length = strlen(label), at = 0;
    uint32_t room = width > 4 ? (width - 4) * 10 / GLYPH_TENTHS : 0, columns = 0, kept_columns = 0;
    size_t kept = 0;
    while (at < length) {
        uint32_t point;
        at += ul_utf8_decode(&point, label + at, length - at);
        columns += ul_utf8_width(point);
        if (columns + 1 <= room || (room == 1 && columns == 1)) {
            kept = at;
            kept_columns = columns;
        }
        if (columns > room)
            break;
    }
    if (room == 0 || (columns > room && kept == 0))
        return;
    ul_strbuf_printf(out, "<text x=\"%u\" y=\"%u\">", x + width / 2, y);
    ul_html_add(out, label, columns > room ? kept : length);
    ul_strbuf_puts(out, columns > room && kept_columns >= 3 ? "…</text>" : "</text>");
}

static const char *class_of(const ul_cell *cell, uint32_t mark)
{
    if (mark)
        return "v";
    return cell->kind == UL_CELL_BITS ? "b" : cell->kind == UL_CELL_INNER_HOLE ? "i" : cell->kind == UL_CELL_FIELD ? "f" : "h";
}

/* The part of a cell that lies in a row. Its words stand in the first part that is wide enough. */
static void add_part(ul_strbuf *out, const half *h, const ul_cell *cell, const drawn_row *row, uint32_t mark_count, ul_arena *arena)
{
    uint64_t begin = row->row * ROW_BYTES, end = begin + ROW_BYTES;
    uint32_t from = cell->begin > begin ? (uint32_t)(cell->begin - begin) : 0;
    uint32_t to = cell->end < end ? (uint32_t)(cell->end - begin) : ROW_BYTES;
    uint32_t x = LEFT + from * BYTE, width = (to - from) * BYTE, mark = mark_of(h, cell);
    ul_strbuf_printf(out, "<g class=\"%s\"><rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%d\"/>", class_of(cell, mark), x, row->y, width, CELL);
    const char *label = cell->label;
    if (cell->kind >= UL_CELL_HOLE)
        label = ul_arena_printf(arena, "%llu", (ull)(cell->end - cell->begin));
    else if (mark)
        label = strlen(cell->label) * GLYPH_TENTHS / 10 + 2 * GLYPH_TENTHS / 10 < width
                    ? ul_arena_printf(arena, "%s %s", ul_html_map_mark(mark, mark_count, arena), cell->label)
                    : ul_html_map_mark(mark, mark_count, arena);
    add_label(out, label, x, row->y + 17, width);
    add_title(out, h, cell);
    ul_strbuf_puts(out, "</g>");
}

static void add_row_name(ul_strbuf *out, const half *h, const drawn_row *row)
{
    uint64_t begin = row->row * ROW_BYTES, line = begin / h->line_bytes;
    if (begin % h->line_bytes)
        ul_strbuf_printf(out, "<text class=\"l\" x=\"%d\" y=\"%u\">+%llu</text>", LEFT - 8, row->y + 17, (ull)(begin % h->line_bytes));
    else
        ul_strbuf_printf(out, "<text class=\"l\" x=\"%d\" y=\"%u\">L%llu</text>", LEFT - 8, row->y + 17, (ull)line);
    for (uint32_t at = h->line_bytes; at < ROW_BYTES; at += h->line_bytes)
        ul_strbuf_printf(out, "<path class=\"t\" d=\"M%u %uv%d\"/>", LEFT + at * BYTE, row->y - 3, CELL + 6);
}

static void add_rows(ul_strbuf *out, const half *h, uint32_t mark_count, ul_arena *arena)
{
    for (uint32_t i = 0; i < h->row_count; i++) {
        const drawn_row *row = &h->rows[i];
        if (row->count > 1) {
            ul_strbuf_printf(out, "<text class=\"w\" x=\"%d\" y=\"%u\">", LEFT, row->y + 11);
            ul_strbuf_printf(out, "⋮ %llu more rows", (ull)row->count);
            if (!row->is_cut && row->cell < h->cells.count) {
                ul_strbuf_puts(out, " of ");
                ul_html_text(out, h->cells.items[row->cell].label[0] ? h->cells.items[row->cell].label : "padding");
            }
            ul_strbuf_puts(out, "</text>");
            continue;
        }
        for (uint32_t k = row->cell; k < h->cells.count && h->cells.items[k].begin < (row->row + 1) * ROW_BYTES; k++) {
            const ul_cell *cell = &h->cells.items[k];
            if (cell->end > row->row * ROW_BYTES && cell->kind != UL_CELL_MARKER)
                add_part(out, h, cell, row, mark_count, arena);
        }
        add_row_name(out, h, row);
    }
}

/* Where what carries `mark` begins: the middle of its first part, at its lower or upper edge. */
static anchor anchor_of(const half *h, uint32_t mark, bool is_lower)
{
    for (uint32_t i = 0; i < h->row_count; i++) {
        const drawn_row *row = &h->rows[i];
        uint64_t begin = row->row * ROW_BYTES;
        for (uint32_t k = row->cell; row->count == 1 && k < h->cells.count && h->cells.items[k].begin < begin + ROW_BYTES; k++) {
            const ul_cell *cell = &h->cells.items[k];
            if (cell->begin < begin || mark_of(h, cell) != mark)
                continue;
            uint64_t end = cell->end < begin + ROW_BYTES ? cell->end : begin + ROW_BYTES;
            return (anchor){LEFT + (uint32_t)(cell->begin + end - 2 * begin) * BYTE / 2, row->y + (is_lower ? CELL : 0), true};
        }
    }
    return (anchor){0};
}

static void add_joins(ul_strbuf *out, const half *before, const half *after, uint32_t count)
{
    if (before->row_count > JOINED_ROWS_MAX || after->row_count > JOINED_ROWS_MAX || count > JOINED_MAX)
        return;
    for (uint32_t mark = 1; mark <= count; mark++) {
        anchor from = anchor_of(before, mark, true), to = anchor_of(after, mark, false);
        if (!from.is_set || !to.is_set)
            continue;
        uint32_t bend = (to.y - from.y) / 2;
        ul_strbuf_printf(out, "<path class=\"j\" d=\"M%u %uC%u %u %u %u %u %u\"/>", from.x, from.y, from.x, from.y + bend, to.x, to.y - bend, to.x, to.y);
    }
}

/* "64 B, heap class 72, 1 cache line, 12 B in 3 holes, 4 B at the end" */
static const char *numbers_of(const ul_cells *cells, uint64_t size, const ul_class_fit *fit, uint32_t lines, ul_arena *arena)
{
    const char *words = ul_arena_printf(arena, "%llu B", (ull)size);
    if (fit->is_large)
        words = ul_arena_printf(arena, "%s, heap block %llu B", words, (ull)fit->footprint_bytes);
    else if (fit->class_bytes)
        words = ul_arena_printf(arena, "%s, heap class %llu", words, (ull)fit->class_bytes);
    words = ul_arena_printf(arena, "%s, %u cache line%s", words, lines, lines == 1 ? "" : "s");
    if (cells->hole_count)
        words = ul_arena_printf(arena, "%s, %llu B in %u hole%s", words, (ull)cells->hole_bytes, cells->hole_count, cells->hole_count == 1 ? "" : "s");
    if (cells->tail_bytes)
        words = ul_arena_printf(arena, "%s, %llu B at the end", words, (ull)cells->tail_bytes);
    return words;
}

static void add_caption(ul_strbuf *out, uint32_t y, const char *word, const char *text)
{
    ul_strbuf_printf(out, "<text class=\"c\" x=\"%d\" y=\"%u\"><tspan class=\"s\">%s</tspan> %s</text>", LEFT, y + 13, word, text);
}

static void open_svg(ul_strbuf *out, const char *name, const char *words, uint32_t height)
{
    ul_strbuf_puts(out, "<svg class=\"map\" role=\"img\" aria-label=\"");
    ul_html_text(out, name);
    ul_strbuf_puts(out, ": ");
    ul_html_text(out, words);
    ul_strbuf_printf(out, "\" viewBox=\"0 0 %d %u\">", WIDTH, height);
}

static void draw_union(ul_strbuf *out, const ul_record *record, ul_arena *arena)
{
    const char *const *labels = ul_labels_of(record, arena);
    uint32_t count = 0, shown = 0, y = 0;
    uint64_t scale = record->size_bytes > ROW_BYTES ? record->size_bytes : ROW_BYTES;
    for (uint32_t i = 0; i < record->field_count; i++)
        count += record->fields[i].parent == UL_NO_PARENT;
    uint32_t drawn = count > UNION_MAX ? UNION_MAX : count;
    open_svg(out, record->name, ul_arena_printf(arena, "%u members over each other in %llu B", count, (ull)record->size_bytes), drawn * PITCH + FOLD);
    for (uint32_t i = 0; i < record->field_count && shown < drawn; i++) {
        const ul_field *field = &record->fields[i];
        if (field->parent != UL_NO_PARENT)
            continue;
        uint64_t bytes = (field->size_bits + 7) / 8;
        ull width = bytes * ROW_BYTES * BYTE / scale;
        ul_strbuf_printf(out, "<g class=\"f\"><rect x=\"%d\" y=\"%u\" width=\"%llu\" height=\"%d\"/><text class=\"u\" x=\"%llu\" y=\"%u\">", LEFT, y, width, CELL,
                         width < UNION_NAME ? LEFT + width + 8 : LEFT + 6, y + 17);
        ul_html_text(out, labels[i]);
        ul_strbuf_printf(out, ", %llu B</text></g>", (ull)bytes);
        y += PITCH;
        shown++;
    }
    if (shown < count)
        ul_strbuf_printf(out, "<text class=\"w\" x=\"%d\" y=\"%u\">⋮ %u more members</text>", LEFT, y + 11, count - shown);
    ul_strbuf_puts(out, "</svg>");
}

/* Cuts a layout into rows below `top`; returns its words. */
static const char *make_half(half *h, const ul_report *report, const ul_html_layout *layout, uint32_t top, ul_arena *arena)
{
    const ul_record *record = layout->record;
    *h = (half){.record = record, .marks = layout->marks, .labels = ul_labels_of(record, arena), .line_bytes = ul_impact_line_bytes(report, record)};
    ul_cells_of(&h->cells, record, h->labels, NULL, arena);
    lay_out(h, top);
    return numbers_of(&h->cells, record->size_bytes, layout->fit, layout->line_count, arena);
}

void ul_html_map_pair(ul_strbuf *out, const ul_report *report, const ul_html_layout *before, const ul_html_layout *after, uint32_t mark_count,
                      ul_arena *arena)
{
    const ul_html_layout *first = before ? before : after, *second = before ? after : NULL, *last = second ? second : first;
    if (first->record->kind == UL_RECORD_UNION || last->record->kind == UL_RECORD_UNION) {
        draw_union(out, last->record, arena);
        return;
    }
    half *upper = UL_NEW(arena, half), *lower = UL_NEW(arena, half);
    const char *was = make_half(upper, report, first, CAPTION, arena), *will = "";
    if (second)
        will = make_half(lower, report, second, upper->bottom + GAP, arena);
    const char *words = second ? ul_arena_printf(arena, "%s %s; %s %s", first->caption, was, second->caption, will) : was;
    open_svg(out, last->record->name, words, second ? lower->bottom : upper->bottom);
    add_caption(out, 0, first->caption, was);
    add_rows(out, upper, mark_count, arena);
    if (second) {
        add_caption(out, lower->top - CAPTION, second->caption, will);
        add_rows(out, lower, mark_count, arena);
        add_joins(out, upper, lower, mark_count);
    }
    ul_strbuf_puts(out, "</svg>");
}

void ul_html_map_draw(ul_strbuf *out, const ul_report *report, const ul_entry *entry, ul_arena *arena)
{
    const ul_plan *plan = entry->plan;
    ul_html_layout before = {entry->record, marks_before(entry, arena), &entry->facts.fit, plan ? "before" : "layout", entry->facts.line_count};
    if (!plan) {
        ul_html_map_pair(out, report, &before, NULL, 0, arena);
        return;
    }
    ul_impact impact = ul_impact_of(report, entry);
    ul_html_layout after = {plan->after, marks_after(entry, before.marks, arena), &impact.after, "after", plan->lines_after};
    ul_html_map_pair(out, report, &before, &after, plan->moved_count, arena);
}

/* --- The list. --- */

static void add_offset(ul_strbuf *out, const ul_field *field)
{
    if (field->flags & UL_FIELD_BIT_FIELD)
        ul_strbuf_printf(out, "%6llu.%llu  %4llu bit", (ull)(field->offset_bits / 8), (ull)(field->offset_bits % 8), (ull)field->size_bits);
    else
        ul_strbuf_printf(out, "%6llu  %6llu B  ", (ull)(field->offset_bits / 8), (ull)(field->size_bits / 8));
}

static uint64_t *offsets_after(const ul_entry *entry, ul_arena *arena)
{
    const ul_plan *plan = entry->plan;
    uint64_t *offsets = UL_NEW_ARRAY(arena, uint64_t, entry->record->field_count + 1u);
    uint32_t nth = 0;
    for (uint32_t i = 0; plan && i < plan->after->field_count && nth < plan->order_count; i++) {
        if (plan->after->fields[i].parent == UL_NO_PARENT)
            offsets[plan->order[nth++]] = plan->after->fields[i].offset_bits / 8;
    }
    return offsets;
}

void ul_html_map_list(ul_strbuf *out, const ul_entry *entry, ul_arena *arena)
{
    const ul_record *record = entry->record;
    const char *const *labels = ul_labels_of(record, arena);
    const uint32_t *marks = marks_before(entry, arena);
    const uint64_t *offsets = offsets_after(entry, arena);
    uint32_t count = entry->plan ? entry->plan->moved_count : 0;
    ul_strbuf_puts(out, "offset    size     field\n");
    for (uint32_t i = 0; i < record->field_count && i < LIST_MAX; i++) {
        const ul_field *field = &record->fields[i];
        add_offset(out, field);
        for (uint32_t parent = field->parent, depth = 0; parent < i && depth < 16; parent = record->fields[parent].parent, depth++)
            ul_strbuf_puts(out, "  ");
        ul_strbuf_puts(out, "<b>");
        ul_html_text(out, labels[i]);
        ul_strbuf_puts(out, "</b>  ");
        ul_html_text(out, field->type);
        const char *share = ul_profile_share(entry, i, arena);
        if (*share)
            ul_strbuf_printf(out, "  %s of the samples", share);
        if (marks[i] && field->parent == UL_NO_PARENT)
            ul_strbuf_printf(out, "  <i>%s moves to %llu</i>", ul_html_map_mark(marks[i], count, arena), (ull)offsets[i]);
        ul_strbuf_putc(out, '\n');
    }
    if (record->field_count > LIST_MAX)
        ul_strbuf_printf(out, "and %u more fields\n", record->field_count - LIST_MAX);
}

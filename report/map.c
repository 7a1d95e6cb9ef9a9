#include "report/map.h"

#include <stdio.h>
#include <string.h>

enum { ROW = UL_MAP_ROW_BYTES, PREFIX_MAX = 48 };

typedef struct sheet {
    ul_ink *ink;
    const ul_record *record;
    const ul_cells *cells;
    const char *const *labels;
    uint32_t line_bytes;
    uint32_t prefix; /* columns before the first byte */
    ul_arena *arena;
} sheet;

/* What one cell shows in one row. Columns count from the row's first byte. */
typedef struct segment {
    const ul_cell *cell;
    const char *label;
    uint32_t begin, end;
    uint32_t label_at, label_columns;
    ul_style style;
} segment;

bool ul_map_fits(const ul_record *record)
{
    return record->size_bytes <= (uint64_t)UL_MAP_ROWS_MAX * ROW;
}

/* "L0"; "L0a" where a line is longer than a row; "L0-1" where a row holds several lines. */
static void row_name(char name[PREFIX_MAX], uint64_t row, uint32_t line_bytes)
{
    unsigned long long first = row * ROW / line_bytes;
    if (line_bytes > ROW)
        snprintf(name, PREFIX_MAX, "L%llu%c", first, (char)('a' + row % (line_bytes / ROW)));
    else if (line_bytes < ROW)
        snprintf(name, PREFIX_MAX, "L%llu-%llu", first, first + ROW / line_bytes - 1);
    else
        snprintf(name, PREFIX_MAX, "L%llu", first);
}

/* Four glyphs: alone, first, middle, last. */
static const char *const *glyphs_of(const ul_ink *ink, ul_cell_kind kind)
{
    static const char *const ascii[][4] = {{"|", "[", "=", "]"}, {":", "[", ":", "]"}, {".", ".", ".", "."}};
    static const char *const utf8[][4] = {{"│", "├", "─", "┤"}, {"┆", "├", "┄", "┤"}, {"░", "░", "░", "░"}};
    int row = kind == UL_CELL_FIELD ? 0 : kind == UL_CELL_BITS ? 1 : 2;
    return ink->is_utf8 ? utf8[row] : ascii[row];
}

static void draw_bar(ul_ink *ink, ul_cell_kind kind, uint32_t width, ul_style style)
{
    const char *const *glyphs = glyphs_of(ink, kind);
    ul_ink_style(ink, style);
    for (uint32_t i = 0; i < width; i++)
        ul_strbuf_puts(ink->out, glyphs[width == 1 ? 0 : i == 0 ? 1 : i + 1 < width ? 2 : 3]);
}

/* "~7~" for a hole, "(3)" for one inside an anonymous member; what is left of it where that is too wide. */
static const char *hole_label(const sheet *map, const ul_cell *cell, uint32_t width)
{
    unsigned long long size = cell->end - cell->begin;
    bool is_inner = cell->kind == UL_CELL_INNER_HOLE;
    const char *full = ul_arena_printf(map->arena, is_inner ? "(%llu)" : "~%llu~", size);
    if (strlen(full) <= width)
        return full;
    const char *bare = ul_arena_printf(map->arena, is_inner ? "%llu" : "~%llu", size);
    return strlen(bare) <= width ? bare : is_inner ? "" : "~";
}

/* Row of a hole that carries its label: the first with room for it, else the first. */
static bool carries_label(const ul_cell *cell, uint64_t row)
{
    uint64_t first = cell->begin / ROW;
    uint64_t in_first = (first + 1) * ROW - cell->begin;
    bool is_split = cell->end > (first + 1) * ROW;
    if (!is_split || in_first >= 4 || cell->end - (first + 1) * ROW <= in_first)
        return row == first;
    return row == first + 1;
}

static uint32_t collect(const sheet *map, segment *segments, uint64_t row, uint32_t *first_cell)
{
    uint32_t count = 0;
    uint64_t row_begin = row * ROW, row_end = row_begin + ROW;
    for (uint32_t i = *first_cell; i < map->cells->count && map->cells->items[i].begin < row_end; i++) {
        const ul_cell *cell = &map->cells->items[i];
        if (cell->end <= row_begin || cell->kind == UL_CELL_MARKER)
            continue;
        if (cell->end <= row_end)
            *first_cell = i + 1;
        segment *here = &segments[count++];
        *here = (segment){.cell = cell, .label = cell->label};
        here->begin = cell->begin > row_begin ? (uint32_t)(cell->begin - row_begin) : 0;
        here->end = cell->end < row_end ? (uint32_t)(cell->end - row_begin) : ROW;
        here->label_at = here->begin;
        here->style = cell->is_moved ? UL_STYLE_MOVED : UL_STYLE_PLAIN;
        if (cell->kind == UL_CELL_HOLE || cell->kind == UL_CELL_INNER_HOLE || cell->kind == UL_CELL_TAIL)
            here->style = UL_STYLE_HOLE;
        uint32_t width = here->end - here->begin;
        if (cell->kind == UL_CELL_TAIL) {
            unsigned long long bytes = cell->end - cell->begin;
            here->label = carries_label(cell, row) ? ul_arena_printf(map->arena, "tail %llu", bytes) : "";
            here->label_at += here->begin > 0; /* apart from a one-byte name before it */
        } else if (here->style == UL_STYLE_HOLE) {
            here->label = carries_label(cell, row) ? hole_label(map, cell, width) : "";
            here->label_at += (width - (uint32_t)strlen(here->label)) / 2;
        }
    }
    return count;
}

static bool is_narrow(const ul_cell *cell)
{
    return cell->kind == UL_CELL_FIELD && cell->end - cell->begin <= 2 && strlen(cell->label) > 1;
}

/*
 * Gives every label its columns: its own, less one that keeps it apart from the next. The last of a row may run on,
 * unless it ends a run of narrow fields, which the legend spells out.
 */
static void fit_labels(const sheet *map, segment *segments, uint32_t count)
{
    uint32_t limit = 80 - map->prefix;
    for (uint32_t i = count; i-- > 0;) {
        segment *here = &segments[i];
        bool is_last = i + 1 == count;
        bool is_open = is_last && !(i > 0 && is_narrow(here->cell) && is_narrow(segments[i - 1].cell));
        bool runs_on = is_open || here->cell->kind == UL_CELL_TAIL;
        uint32_t room = runs_on ? limit - here->label_at : here->end - here->label_at;
        if (!is_last && segments[i + 1].label[0] && here->style != UL_STYLE_HOLE) {
            uint32_t gap = segments[i + 1].label_at - here->label_at;
            if (room >= gap)
                room = gap > 1 ? gap - 1 : 1;
        }
        here->label_columns = room;
    }
}

static void draw_row(const sheet *map, const segment *segments, uint32_t count, uint64_t row)
{
    char name[PREFIX_MAX];
    ul_ink *ink = map->ink;
    row_name(name, row, map->line_bytes);
    ul_strbuf_puts(ink->out, name);
    ul_strbuf_fill(ink->out, ' ', map->prefix - strlen(name));
    for (uint32_t i = 0; i < count; i++)
        draw_bar(ink, segments[i].cell->kind, segments[i].end - segments[i].begin, segments[i].style);
    ul_ink_style(ink, UL_STYLE_PLAIN);
    ul_strbuf_putc(ink->out, '\n');
    uint32_t at = 0;
    for (uint32_t i = 0; i < count; i++) {
        const segment *here = &segments[i];
        if (!here->label[0])
            continue;
        ul_strbuf_fill(ink->out, ' ', at == 0 ? map->prefix + here->label_at : here->label_at - at);
        ul_ink_style(ink, here->style);
        at = here->label_at + ul_ink_cut(ink, here->label, strlen(here->label), here->label_columns);
        ul_ink_style(ink, UL_STYLE_PLAIN);
    }
    ul_strbuf_putc(ink->out, '\n');
}

/* "a:3 b:5, 8 bits unused, c:2": the bit-fields that lie in one cell. */
static const char *bits_legend(const sheet *map, const ul_cell *cell)
{
    ul_strbuf text;
    ul_strbuf_init(&text);
    uint64_t at = cell->begin * 8;
    for (uint32_t i = cell->first_field; i <= cell->last_field; i++) {
        const ul_field *field = &map->record->fields[i];
        if (!(field->flags & UL_FIELD_BIT_FIELD) || field->size_bits == 0)
            continue;
        if (field->offset_bits > at)
            ul_strbuf_printf(&text, "%s(%llu unused)", text.length ? " " : "", (unsigned long long)(field->offset_bits - at));
        ul_strbuf_printf(&text, "%s%s", text.length ? " " : "", map->labels[i]);
        if (field->name[0])
            ul_strbuf_printf(&text, ":%llu", (unsigned long long)field->size_bits);
        at = field->offset_bits + field->size_bits;
    }
    if (at < cell->end * 8)
        ul_strbuf_printf(&text, " (%llu unused)", (unsigned long long)(cell->end * 8 - at));
    const char *kept = ul_arena_strdup(map->arena, text.data ? text.data : "");
    ul_strbuf_free(&text);
    return kept;
}

/* Cells from `first` on that only a list can name: a run of narrow fields, or one cell of bits. Returns the run's end. */
static uint32_t legend_run(const sheet *map, uint32_t first, const char **text)
{
    const ul_cell *cell = &map->cells->items[first];
    *text = NULL;
    if (cell->kind == UL_CELL_MARKER)
        *text = ul_arena_printf(map->arena, "%s[]", cell->label);
    else if (cell->kind == UL_CELL_BITS && (cell->first_field != cell->last_field || cell->label[1]))
        *text = bits_legend(map, cell);
    if (*text || !is_narrow(cell))
        return first + 1;
    uint32_t end = first + 1;
    ul_strbuf names;
    ul_strbuf_init(&names);
    ul_strbuf_puts(&names, cell->label);
    while (end < map->cells->count && is_narrow(&map->cells->items[end]))
        ul_strbuf_printf(&names, ", %s", map->cells->items[end++].label);
    if (end > first + 1)
        *text = ul_arena_strdup(map->arena, names.data);
    ul_strbuf_free(&names);
    return end;
}

/* Lines under the map for what has no room in it. */
static void draw_legend(const sheet *map)
{
    for (uint32_t i = 0; i < map->cells->count;) {
        const char *text;
        uint64_t offset = map->cells->items[i].begin;
        i = legend_run(map, i, &text);
        if (!text)
            continue;
        const char *lead = ul_arena_printf(map->arena, "at %llu: ", (unsigned long long)offset);
        uint32_t indent = map->prefix + (uint32_t)strlen(lead);
        ul_strbuf_fill(map->ink->out, ' ', map->prefix);
        ul_ink_text(map->ink, lead);
        ul_ink_wrap(map->ink, text, indent, indent);
    }
}

void ul_map_draw(ul_ink *ink, const ul_record *record, const ul_cells *cells, const char *const *labels,
                 uint32_t line_bytes, ul_arena *arena)
{
    char name[PREFIX_MAX];
    sheet map = {ink, record, cells, labels, line_bytes ? line_bytes : ROW, 0, arena};
    uint64_t rows = (record->size_bytes + ROW - 1) / ROW;
    if (rows) {
        row_name(name, rows - 1, map.line_bytes);
        map.prefix = (uint32_t)strlen(name) + 1;
    } else {
        map.prefix = 3;
    }
    uint32_t first_cell = 0;
    for (uint64_t row = 0; row < rows; row++) {
        segment segments[ROW];
        uint32_t count = collect(&map, segments, row, &first_cell);
        fit_labels(&map, segments, count);
        draw_row(&map, segments, count, row);
    }
    draw_legend(&map);
}

void ul_map_draw_union(ul_ink *ink, const ul_record *record, const char *const *labels)
{
    for (uint32_t i = 0; i < record->field_count; i++) {
        const ul_field *field = &record->fields[i];
        if (field->parent != UL_NO_PARENT)
            continue;
        uint64_t bytes = (field->size_bits + 7) / 8;
        uint32_t width = bytes > ROW ? ROW : (uint32_t)bytes;
        ul_strbuf_fill(ink->out, ' ', 3);
        draw_bar(ink, field->flags & UL_FIELD_BIT_FIELD ? UL_CELL_BITS : UL_CELL_FIELD, width, UL_STYLE_PLAIN);
        if (bytes > ROW)
            ul_strbuf_putc(ink->out, '>');
        ul_strbuf_puts(ink->out, width ? "  " : "");
        ul_ink_fit(ink, labels[i], strlen(labels[i]), width + 8 < ROW ? 72 - width : 10);
        ul_strbuf_putc(ink->out, '\n');
    }
}

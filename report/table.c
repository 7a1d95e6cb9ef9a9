#include "report/table.h"

#include <string.h>

enum { TYPE_COLUMNS_MAX = 28, DEPTH_MAX = 8 };

typedef struct page {
    ul_ink *ink;
    const ul_record *record;
    const char *const *labels;
    uint32_t line_bytes;
    uint32_t number_columns, type_columns, name_columns;
    uint32_t line_columns; /* of "L12 " */
    uint64_t line;         /* of the last row, UINT64_MAX before the first */
    ul_arena *arena;
} page;

static uint32_t digits_of(uint64_t value)
{
    uint32_t digits = 1;
    while (value >= 10) {
        value /= 10;
        digits++;
    }
    return digits;
}

static uint32_t depth_of(const ul_record *record, uint32_t index)
{
    uint32_t depth = 0;
    while (record->fields[index].parent != UL_NO_PARENT && depth < DEPTH_MAX) {
        index = record->fields[index].parent;
        depth++;
    }
    return depth;
}

static void put_right(const page *table, const char *text, uint32_t columns)
{
    uint32_t width = (uint32_t)strlen(text);
    ul_strbuf_fill(table->ink->out, ' ', width < columns ? columns - width : 0);
    ul_strbuf_puts(table->ink->out, text);
}

/* "L3" where the row is the first of its line, and the offset. */
static void put_offset(page *table, uint64_t offset_bytes, const char *offset)
{
    uint64_t line = offset_bytes / table->line_bytes;
    const char *name = line == table->line ? "" : ul_arena_printf(table->arena, "L%llu", (unsigned long long)line);
    table->line = line;
    ul_strbuf_puts(table->ink->out, name);
    ul_strbuf_fill(table->ink->out, ' ', table->line_columns - strlen(name));
    put_right(table, offset, table->number_columns);
}

static void put_field(page *table, uint32_t index)
{
    const ul_field *field = &table->record->fields[index];
    ul_ink *ink = table->ink;
    bool is_bits = field->flags & UL_FIELD_BIT_FIELD;
    unsigned long long byte = field->offset_bits / 8, bit = field->offset_bits % 8;
    unsigned long long size = is_bits ? field->size_bits : field->size_bits / 8;
    put_offset(table, byte, ul_arena_printf(table->arena, is_bits ? "%llu.%llu" : "%llu", byte, bit));
    put_right(table, ul_arena_printf(table->arena, is_bits ? ":%llu" : "%llu", size), table->number_columns + 2);
    put_right(table, ul_arena_printf(table->arena, "%u", field->align_bytes), 7);
    ul_strbuf_puts(ink->out, "  ");
    uint32_t used = ul_ink_fit(ink, field->type, strlen(field->type), table->type_columns);
    ul_strbuf_fill(ink->out, ' ', (used < table->type_columns ? table->type_columns - used : 0) + 2 + 2 * depth_of(table->record, index));
    ul_ink_text(ink, table->labels[index]);
    ul_strbuf_putc(ink->out, '\n');
}

static void put_hole(page *table, const ul_cell *cell)
{
    ul_ink *ink = table->ink;
    put_offset(table, cell->begin, ul_arena_printf(table->arena, "%llu", (unsigned long long)cell->begin));
    ul_ink_style(ink, UL_STYLE_HOLE);
    put_right(table, ul_arena_printf(table->arena, "%llu", (unsigned long long)(cell->end - cell->begin)), table->number_columns + 2);
    ul_strbuf_fill(ink->out, ' ', 9);
    ul_strbuf_puts(ink->out, cell->kind == UL_CELL_TAIL         ? "~ tail padding ~"
                             : cell->kind == UL_CELL_INNER_HOLE ? "~ hole inside an anonymous member ~"
                                                                : "~ hole ~");
    ul_ink_style(ink, UL_STYLE_PLAIN);
    ul_strbuf_putc(ink->out, '\n');
}

static void put_header(const page *table)
{
    ul_ink *ink = table->ink;
    ul_ink_style(ink, UL_STYLE_FAINT);
    ul_strbuf_fill(ink->out, ' ', table->line_columns);
    put_right(table, "offset", table->number_columns);
    put_right(table, "size", table->number_columns + 2);
    ul_strbuf_puts(ink->out, "  align  type");
    ul_strbuf_fill(ink->out, ' ', table->type_columns - 4 + 2);
    ul_strbuf_puts(ink->out, "name");
    ul_ink_style(ink, UL_STYLE_PLAIN);
    ul_strbuf_putc(ink->out, '\n');
}

static void measure(page *table)
{
    uint64_t size = table->record->size_bytes;
    table->number_columns = digits_of(size) < 6 ? 6 : digits_of(size);
    table->line_columns = digits_of(size / table->line_bytes) + 2;
    table->type_columns = 4;
    for (uint32_t i = 0; i < table->record->field_count; i++) {
        uint32_t width = ul_ink_width(table->ink, table->record->fields[i].type);
        if (width > table->type_columns)
            table->type_columns = width < TYPE_COLUMNS_MAX ? width : TYPE_COLUMNS_MAX;
    }
}

void ul_table_draw(ul_ink *ink, const ul_record *record, const char *const *labels, uint32_t line_bytes, ul_arena *arena)
{
    page table = {.ink = ink, .record = record, .labels = labels, .arena = arena, .line = UINT64_MAX};
    table.line_bytes = line_bytes ? line_bytes : 64;
    measure(&table);
    put_header(&table);
    ul_cells cells = {0};
    if (record->kind == UL_RECORD_STRUCT)
        ul_cells_of(&cells, record, labels, NULL, arena);
    uint32_t next = 0;
    for (uint32_t i = 0; i < record->field_count; i++) {
        uint64_t begin = record->fields[i].offset_bits / 8;
        for (; next < cells.count && cells.items[next].begin < begin; next++) {
            if (cells.items[next].kind >= UL_CELL_HOLE && cells.items[next].kind <= UL_CELL_TAIL)
                put_hole(&table, &cells.items[next]);
        }
        put_field(&table, i);
    }
    for (; next < cells.count; next++) {
        if (cells.items[next].kind >= UL_CELL_HOLE && cells.items[next].kind <= UL_CELL_TAIL)
            put_hole(&table, &cells.items[next]);
    }
}

#include "report/labels.h"

#include <stdlib.h>

typedef struct anonymous {
    uint32_t parent, line, column, field;
} anonymous;

static int by_place(const void *left, const void *right)
{
    const anonymous *a = left, *b = right;
    if (a->parent != b->parent)
        return a->parent < b->parent ? -1 : 1;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    if (a->column != b->column)
        return a->column < b->column ? -1 : 1;
    return a->field < b->field ? -1 : a->field > b->field;
}

/* Numbers the anonymous members of each parent by their place in the source, from 1; a lone one has no number. */
static void label_anonymous(const char **labels, anonymous *items, uint32_t count, ul_arena *arena)
{
    qsort(items, count, sizeof *items, by_place);
    for (uint32_t first = 0, end; first < count; first = end) {
        end = first + 1;
        while (end < count && items[end].parent == items[first].parent)
            end++;
        uint32_t number = 1;
        for (uint32_t i = first; i < end; i++) {
            /* One macro may make several at one place: they share a number, as in ul_field_label. */
            if (i > first && (items[i].line != items[i - 1].line || items[i].column != items[i - 1].column))
                number = i - first + 1;
            labels[items[i].field] =
                end - first < 2 ? "<anonymous>" : ul_arena_printf(arena, "<anonymous:%u>", (unsigned)number);
        }
    }
}

const char *const *ul_labels_of(const ul_record *record, ul_arena *arena)
{
    const char **labels = UL_NEW_ARRAY(arena, const char *, record->field_count + 1u);
    anonymous *items = NULL;
    uint32_t count = 0, capacity = 0;
    for (uint32_t i = 0; i < record->field_count; i++) {
        const ul_field *field = &record->fields[i];
        if (field->name[0]) {
            labels[i] = field->name;
        } else if (field->flags & UL_FIELD_ANONYMOUS) {
            UL_RESERVE(arena, items, count, capacity);
            items[count++] = (anonymous){field->parent, field->line, field->column, i};
        } else if (field->flags & UL_FIELD_BIT_FIELD) {
            labels[i] = ul_arena_printf(arena, ":%llu", (unsigned long long)field->size_bits);
        } else {
            labels[i] = "<anonymous>";
        }
    }
    if (count)
        label_anonymous(labels, items, count, arena);
    return labels;
}

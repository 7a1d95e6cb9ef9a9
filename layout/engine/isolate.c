#include "layout/engine/isolate.h"

#include <string.h>

uint32_t ul_direct_field(const ul_record *record, uint32_t field)
{
    while (record->fields[field].parent != UL_NO_PARENT)
        field = record->fields[field].parent;
    return field;
}

static bool must_be_last(const ul_field *field)
{
    return (field->flags & (UL_FIELD_FLEXIBLE | UL_FIELD_TAIL_ARRAY)) != 0;
}

static void align_to(ul_field *field, uint32_t bytes)
{
    if (field->align_bytes < bytes)
        field->align_bytes = bytes;
}

/* What a rearrangement is made of. */
typedef struct moving {
    ul_record *record; /* a copy, whose fields may be aligned */
    bool *is_apart;    /* by field */
    uint32_t *order;
    uint32_t count;
    uint32_t line_bytes;
} moving;

/* Whether every field may stand apart; marks the direct fields that will. */
static bool mark(moving *to, const ul_isolated *fields, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t direct = ul_direct_field(to->record, fields[i].field);
        if (to->record->fields[fields[i].field].flags & UL_FIELD_BIT_FIELD || must_be_last(&to->record->fields[direct]))
            return false;
        to->is_apart[direct] = true;
    }
    return true;
}

static void add_apart(moving *to, const ul_isolated *fields, uint32_t count)
{
    uint32_t begin = to->count, last_group = UINT32_MAX;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t direct = ul_direct_field(to->record, fields[i].field);
        bool is_there = false;
        for (uint32_t k = begin; k < to->count; k++)
            is_there |= to->order[k] == direct;
        if (is_there)
            continue;
        if (fields[i].group != last_group)
            align_to(&to->record->fields[direct], to->line_bytes);
        last_group = fields[i].group;
        to->order[to->count++] = direct;
    }
}

static void add_rest(moving *to, bool on_line)
{
    for (uint32_t i = 0; i < to->record->field_count; i++) {
        if (to->record->fields[i].parent != UL_NO_PARENT || to->is_apart[i])
            continue;
        if (on_line)
            align_to(&to->record->fields[i], to->line_bytes);
        on_line = false;
        to->order[to->count++] = i;
    }
}

ul_status ul_isolate(ul_record **out, const uint32_t **order_out, const ul_record *record, const ul_target *target, const ul_isolated *fields,
                     uint32_t count, ul_arena *arena)
{
    ul_record *copy = UL_NEW(arena, ul_record);
    moving to = {.record = copy, .line_bytes = ul_target_apart(target)};
    if (record->field_count == 0 || record->kind != UL_RECORD_STRUCT)
        return UL_ERR_INPUT;
    *copy = *record;
    copy->fields = UL_NEW_ARRAY(arena, ul_field, record->field_count);
    memcpy(copy->fields, record->fields, record->field_count * sizeof *copy->fields);
    to.is_apart = UL_NEW_ARRAY(arena, bool, record->field_count);
    to.order = UL_NEW_ARRAY(arena, uint32_t, record->field_count);
    if (!mark(&to, fields, count))
        return UL_ERR_INPUT;
    if (count == 0 && copy->own_align_bytes < to.line_bytes)
        copy->own_align_bytes = to.line_bytes;
    bool comes_first = must_be_last(&record->fields[ul_direct_field(record, record->field_count - 1)]);
    if (comes_first)
        add_apart(&to, fields, count);
    add_rest(&to, comes_first && count > 0);
    if (!comes_first)
        add_apart(&to, fields, count);
    *order_out = to.order;
    return ul_layout_replay(out, copy, target, to.order, to.count, NULL, NULL, arena);
}

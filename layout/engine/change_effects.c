#include "layout/engine/change_effects.h"

#include <string.h>

#define BIT(effect) (1u << UL_EFFECT_##effect)

/* Which way a number went; more is worse. */
static void weigh(ul_change *change, uint32_t bit, uint64_t before, uint64_t after)
{
    if (after > before)
        change->worse |= bit;
    else if (after < before)
        change->better |= bit;
}

/* Whether `record` has a hole of at least this size behind the field of this name. */
static bool has_hole(const ul_entry *entry, const char *after, uint64_t size_bits)
{
    for (uint32_t i = 0; i < entry->facts.hole_count; i++) {
        const ul_hole *hole = &entry->facts.holes[i];
        const char *name = hole->after == UL_NO_PARENT ? "" : entry->record->fields[hole->after].name;
        if (strcmp(name, after) == 0 && hole->size_bits >= size_bits)
            return true;
    }
    return false;
}

static void find_holes(ul_change *change, ul_arena *arena)
{
    const ul_facts *facts = &change->after->facts;
    weigh(change, BIT(HOLE), change->before->facts.hole_bytes, facts->hole_bytes);
    if (!(change->worse & BIT(HOLE)))
        return;
    ul_hole *holes = UL_NEW_ARRAY(arena, ul_hole, facts->hole_count);
    for (uint32_t i = 0; i < facts->hole_count; i++) {
        uint32_t after = facts->holes[i].after;
        const char *name = after == UL_NO_PARENT ? "" : change->after->record->fields[after].name;
        if (!has_hole(change->before, name, facts->holes[i].size_bits))
            holes[change->hole_count++] = facts->holes[i];
    }
    change->holes = holes;
}

static bool straddles(const ul_field *field, uint64_t line_bits)
{
    return field->size_bits && field->size_bits <= line_bits &&
           field->offset_bits / line_bits != (field->offset_bits + field->size_bits - 1) / line_bits;
}

static void find_straddles(ul_change *change, const uint32_t *after_of, const ul_target *target, ul_arena *arena)
{
    const ul_record *before = change->before->record, *after = change->after->record;
    uint64_t line_bits = (uint64_t)target->line_bytes * 8;
    weigh(change, BIT(STRADDLE), change->before->facts.straddle_count, change->after->facts.straddle_count);
    if (!(change->worse & BIT(STRADDLE)))
        return;
    bool *did = UL_NEW_ARRAY(arena, bool, after->field_count + 1u);
    for (uint32_t i = 0; i < before->field_count; i++) {
        if (after_of[i] != UL_NO_PARENT)
            did[after_of[i]] = straddles(&before->fields[i], line_bits);
    }
    uint32_t *fields = UL_NEW_ARRAY(arena, uint32_t, after->field_count + 1u);
    for (uint32_t i = 0; i < after->field_count; i++) {
        const ul_field *field = &after->fields[i];
        if (field->parent == UL_NO_PARENT && !did[i] && straddles(field, line_bits))
            fields[change->straddle_count++] = i;
    }
    change->straddles = fields;
}

/* The lines that the fields of a hot group lie on: sorted runs are not needed, fields of one group are few. */
static uint32_t lines_of(const ul_record *record, const char *group, uint64_t line_bits, uint32_t *off_first)
{
    enum { LINES_MAX = 64 };
    uint64_t lines[LINES_MAX], least = UINT64_MAX;
    uint32_t count = 0;
    for (uint32_t i = 0; i < record->annotation_count; i++) {
        const ul_annotation *hot = &record->annotations[i];
        if (hot->kind == UL_ANNOTATION_HOT && hot->field < record->field_count && strcmp(hot->argument, group) == 0 &&
            record->fields[hot->field].offset_bits < least)
            least = record->fields[hot->field].offset_bits;
    }
    *off_first = UL_NO_PARENT;
    for (uint32_t i = 0; i < record->annotation_count; i++) {
        const ul_annotation *hot = &record->annotations[i];
        if (hot->kind != UL_ANNOTATION_HOT || hot->field >= record->field_count || strcmp(hot->argument, group) != 0)
            continue;
        const ul_field *field = &record->fields[hot->field];
        uint64_t last = field->offset_bits + (field->size_bits ? field->size_bits - 1 : 0);
        if (last / line_bits != least / line_bits &&
            (*off_first == UL_NO_PARENT || field->offset_bits < record->fields[*off_first].offset_bits))
            *off_first = hot->field;
        for (uint64_t line = field->offset_bits / line_bits; line <= last / line_bits && count < LINES_MAX; line++) {
            uint32_t known = 0;
            while (known < count && lines[known] != line)
                known++;
            if (known == count)
                lines[count++] = line;
        }
    }
    return count;
}

static void find_hot(ul_change *change, const ul_target *target, ul_arena *arena)
{
    const ul_record *after = change->after->record;
    uint64_t line_bits = (uint64_t)target->line_bytes * 8;
    ul_hot_change *hot = UL_NEW_ARRAY(arena, ul_hot_change, after->annotation_count);
    for (uint32_t i = 0; i < after->annotation_count; i++) {
        const ul_annotation *note = &after->annotations[i];
        bool is_known = note->kind != UL_ANNOTATION_HOT || note->field >= after->field_count;
        for (uint32_t j = 0; j < i && !is_known; j++)
            is_known = after->annotations[j].kind == UL_ANNOTATION_HOT && after->annotations[j].field < after->field_count &&
                       strcmp(after->annotations[j].argument, note->argument) == 0;
        if (is_known)
            continue;
        ul_hot_change item = {.group = note->argument};
        uint32_t unused;
        item.lines_before = lines_of(change->before->record, item.group, line_bits, &unused);
        item.lines_after = lines_of(after, item.group, line_bits, &item.field);
        if (item.lines_before == 0 || item.lines_before == item.lines_after)
            continue;
        weigh(change, BIT(HOT), item.lines_before, item.lines_after);
        hot[change->hot_count++] = item;
    }
    change->hot = hot;
}

/* Whether two spellings are one type to old code: a typedef less or more, an enumeration as the integer that it is. */
static bool is_same_type(const ul_field *old, const ul_field *new)
{
    bool is_number = (old->flags | new->flags) & UL_FIELD_ENUM && (old->flags & (UL_FIELD_ENUM | UL_FIELD_INTEGER)) &&
                     (new->flags & (UL_FIELD_ENUM | UL_FIELD_INTEGER));
    return old->size_bits == new->size_bits && !((old->flags ^ new->flags) & UL_FIELD_BIT_FIELD) &&
           (is_number || (old->type_hash && old->type_hash == new->type_hash));
}

/* Another member of a union of the same size moves nothing, and old code does not know it. */
static bool is_in_union(const ul_record *record, uint32_t field)
{
    const ul_field *first = &record->fields[field];
    if (first->parent == UL_NO_PARENT)
        return record->kind == UL_RECORD_UNION;
    for (uint32_t i = 0; i < record->field_count; i++) {
        if (i != field && record->fields[i].parent == first->parent && record->fields[i].size_bits && first->size_bits)
            return record->fields[i].offset_bits == first->offset_bits;
    }
    return false;
}

/* Whether code that was compiled against the old field reads the new one right. */
static uint32_t breaks_of_field(const ul_change *change, const ul_field_change *field)
{
    const ul_record *before = change->before->record, *after = change->after->record;
    uint32_t moved = field->by_bits ? UL_ABI_FIELD_MOVED : 0;
    switch (field->kind) {
    case UL_FIELD_CHANGE_ADDED:
        return is_in_union(after, field->after) ? 0 : UL_ABI_FIELD_ADDED;
    case UL_FIELD_CHANGE_REMOVED:
        return UL_ABI_FIELD_REMOVED;
    case UL_FIELD_CHANGE_RESIZED:
        return moved | UL_ABI_FIELD_TYPE;
    case UL_FIELD_CHANGE_RETYPED:
        return moved | (is_same_type(&before->fields[field->before], &after->fields[field->after]) ? 0 : UL_ABI_FIELD_TYPE);
    default:
        return moved;
    }
}

static uint32_t breaks_of(const ul_change *change)
{
    const ul_record *before = change->before->record, *after = change->after->record;
    uint32_t breaks = (before->kind != after->kind ? UL_ABI_KIND : 0) |
                      (before->size_bytes != after->size_bytes ? UL_ABI_SIZE : 0) |
                      (before->align_bytes != after->align_bytes ? UL_ABI_ALIGN : 0);
    for (uint32_t i = 0; i < change->field_count; i++)
        breaks |= breaks_of_field(change, &change->fields[i]);
    return breaks;
}

static ul_change_kind kind_of(const ul_change *change)
{
    const ul_record *before = change->before->record, *after = change->after->record;
    if (after->size_bytes != before->size_bytes)
        return after->size_bytes > before->size_bytes ? UL_CHANGE_GREW : UL_CHANGE_SHRANK;
    if (after->align_bytes != before->align_bytes || after->kind != before->kind)
        return UL_CHANGE_CHANGED;
    bool is_order = change->field_count > 0;
    for (uint32_t i = 0; i < change->field_count; i++)
        is_order &= change->fields[i].kind == UL_FIELD_CHANGE_MOVED || change->fields[i].kind == UL_FIELD_CHANGE_SHIFTED;
    if (is_order)
        return UL_CHANGE_REORDERED;
    return change->field_count || !change->is_moved ? UL_CHANGE_CHANGED : UL_CHANGE_MOVED;
}

static double cost_of(const ul_change *change)
{
    const ul_entry *before = change->before, *after = change->after;
    double instances = after->record->instances > 0 ? after->record->instances : before->record->instances;
    bool has_heap = before->facts.fit.footprint_bytes && after->facts.fit.footprint_bytes;
    double old = (double)(has_heap ? before->facts.fit.footprint_bytes : before->record->size_bytes);
    double new = (double)(has_heap ? after->facts.fit.footprint_bytes : after->record->size_bytes);
    return instances > 0 ? instances * (new - old) : 0;
}

bool ul_change_judge(ul_change *change, const ul_target *target, bool is_abi, ul_arena *arena)
{
    const ul_entry *before = change->before, *after = change->after;
    change->fields = ul_field_changes_of(&change->field_count, before->record, after->record, arena);
    find_hot(change, target, arena);
    bool has_changed = change->field_count || change->is_moved || change->hot_count || before->record->kind != after->record->kind ||
                       before->record->size_bytes != after->record->size_bytes || before->record->align_bytes != after->record->align_bytes;
    if (!has_changed)
        return false;
    weigh(change, BIT(GREW), before->record->size_bytes, after->record->size_bytes);
    weigh(change, BIT(ALIGN), before->record->align_bytes, after->record->align_bytes);
    weigh(change, BIT(LINES), before->facts.line_count, after->facts.line_count);
    weigh(change, BIT(SIZE_CLASS), before->facts.fit.footprint_bytes, after->facts.fit.footprint_bytes);
    find_holes(change, arena);
    find_straddles(change, ul_field_matches(before->record, after->record, arena), target, arena);
    change->kind = kind_of(change);
    change->cost_bytes = cost_of(change);
    change->abi = breaks_of(change);
    if (is_abi && change->is_public && change->abi)
        change->worse |= BIT(ABI);
    return true;
}

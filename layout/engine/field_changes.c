/*
 * What became of the fields of a record. Members of anonymous members are fields of the record, as C sees them, so that names
 * are enough to match; unnamed bit-fields and the anonymous members themselves are what lies around fields and are not compared.
 */
#include <stdlib.h>
#include <string.h>

#include "layout/engine/changes.h"

typedef struct named {
    const char *name;
    uint32_t field;
} named;

typedef struct comparison {
    const ul_record *before, *after;
    const uint32_t *after_of;  /* by field of `before` */
    uint32_t *before_of;       /* by field of `after` */
    bool *is_moved;            /* by field of `after`: matched, and out of the others' order */
    ul_field_change *items;
    uint32_t count, capacity;
    bool in_run; /* the field before was the last of a run that moved along */
    ul_arena *arena;
} comparison;

static int compare_named(const void *a, const void *b)
{
    return strcmp(((const named *)a)->name, ((const named *)b)->name);
}

/* Named fields sorted by name; *count is set. */
static named *sort_names(uint32_t *count, const ul_record *record, ul_arena *arena)
{
    named *names = UL_NEW_ARRAY(arena, named, record->field_count + 1u);
    *count = 0;
    for (uint32_t i = 0; i < record->field_count; i++) {
        if (record->fields[i].name[0])
            names[(*count)++] = (named){record->fields[i].name, i};
    }
    qsort(names, *count, sizeof *names, compare_named);
    return names;
}

static uint32_t previous_named(const ul_record *record, uint32_t field)
{
    while (field-- > 0) {
        if (record->fields[field].name[0])
            return field;
    }
    return UL_NO_PARENT;
}

static uint32_t next_named(const ul_record *record, uint32_t field)
{
    field = field == UL_NO_PARENT ? 0 : field + 1;
    while (field < record->field_count && !record->fields[field].name[0])
        field++;
    return field < record->field_count ? field : UL_NO_PARENT;
}

/* A field without its like, right behind fields that are each other's like, and of the same type there: it was renamed. */
static void match_renamed(uint32_t *after_of, uint32_t *before_of, const ul_record *before, const ul_record *after)
{
    for (uint32_t i = 0; i < after->field_count; i++) {
        const ul_field *field = &after->fields[i];
        if (!field->name[0] || before_of[i] != UL_NO_PARENT)
            continue;
        uint32_t previous = previous_named(after, i);
        if (previous != UL_NO_PARENT && before_of[previous] == UL_NO_PARENT)
            continue;
        uint32_t like = next_named(before, previous == UL_NO_PARENT ? UL_NO_PARENT : before_of[previous]);
        if (like == UL_NO_PARENT || after_of[like] != UL_NO_PARENT || strcmp(before->fields[like].type, field->type) != 0 ||
            before->fields[like].size_bits != field->size_bits)
            continue;
        after_of[like] = i;
        before_of[i] = like;
    }
}

static uint32_t *match(uint32_t *before_of, const ul_record *before, const ul_record *after, ul_arena *arena)
{
    uint32_t old_count, new_count;
    named *old_names = sort_names(&old_count, before, arena), *new_names = sort_names(&new_count, after, arena);
    uint32_t *after_of = UL_NEW_ARRAY(arena, uint32_t, before->field_count + 1u);
    for (uint32_t i = 0; i < before->field_count; i++)
        after_of[i] = UL_NO_PARENT;
    for (uint32_t i = 0; i < after->field_count; i++)
        before_of[i] = UL_NO_PARENT;
    for (uint32_t i = 0, j = 0; i < old_count && j < new_count;) {
        int order = compare_named(&old_names[i], &new_names[j]);
        if (order == 0) {
            after_of[old_names[i].field] = new_names[j].field;
            before_of[new_names[j].field] = old_names[i].field;
        }
        i += order <= 0;
        j += order >= 0;
    }
    match_renamed(after_of, before_of, before, after);
    return after_of;
}

const uint32_t *ul_field_matches(const ul_record *before, const ul_record *after, ul_arena *arena)
{
    return match(UL_NEW_ARRAY(arena, uint32_t, after->field_count + 1u), before, after, arena);
}

/* Marks what is not in the longest run of matched fields that kept their order. n log n. */
static void mark_moved(comparison *c)
{
    uint32_t count = c->after->field_count, length = 0;
    uint32_t *tails = UL_NEW_ARRAY(c->arena, uint32_t, count + 1u); /* field of `after` that ends a run of each length */
    uint32_t *links = UL_NEW_ARRAY(c->arena, uint32_t, count + 1u);
    c->is_moved = UL_NEW_ARRAY(c->arena, bool, count + 1u);
    for (uint32_t i = 0; i < count; i++) {
        if (c->before_of[i] == UL_NO_PARENT)
            continue;
        c->is_moved[i] = true;
        uint32_t low = 0, high = length;
        while (low < high) {
            uint32_t middle = low + (high - low) / 2;
            if (c->before_of[tails[middle]] < c->before_of[i])
                low = middle + 1;
            else
                high = middle;
        }
        links[i] = low ? tails[low - 1] : UL_NO_PARENT;
        tails[low] = i;
        length = low == length ? length + 1 : length;
    }
    for (uint32_t i = length ? tails[length - 1] : UL_NO_PARENT; i != UL_NO_PARENT; i = links[i])
        c->is_moved[i] = false;
}

static ul_field_change *add(comparison *c, ul_field_change_kind kind, uint32_t before, uint32_t after)
{
    UL_RESERVE(c->arena, c->items, c->count, c->capacity);
    ul_field_change *item = &c->items[c->count++];
    c->in_run = kind == UL_FIELD_CHANGE_SHIFTED;
    *item = (ul_field_change){.kind = kind, .before = before, .after = after, .count = 1};
    if (before != UL_NO_PARENT && after != UL_NO_PARENT)
        item->by_bits = (int64_t)(c->after->fields[after].offset_bits - c->before->fields[before].offset_bits);
    return item;
}

/* A field on both sides: one line of its own, or one more of the run before it, or nothing to tell. */
static void add_matched(comparison *c, uint32_t before, uint32_t after)
{
    const ul_field *old = &c->before->fields[before], *new = &c->after->fields[after];
    int64_t by_bits = (int64_t)(new->offset_bits - old->offset_bits);
    if (strcmp(old->name, new->name) != 0) {
        add(c, UL_FIELD_CHANGE_RENAMED, before, after);
    } else if (strcmp(old->type, new->type) != 0 ||
               ((old->flags ^ new->flags) & UL_FIELD_BIT_FIELD) ||
               ((new->flags & UL_FIELD_BIT_FIELD) && old->size_bits != new->size_bits)) {
        add(c, UL_FIELD_CHANGE_RETYPED, before, after);
    } else if (old->size_bits != new->size_bits) {
        add(c, UL_FIELD_CHANGE_RESIZED, before, after);
    } else if (!by_bits) {
        c->in_run = false;
    } else if (c->is_moved[after]) {
        add(c, UL_FIELD_CHANGE_MOVED, before, after);
    } else if (c->in_run && c->items[c->count - 1].by_bits == by_bits) {
        c->items[c->count - 1].count++;
    } else {
        add(c, UL_FIELD_CHANGE_SHIFTED, before, after);
    }
}

/* Fields of `before` without their like, from *next up to the place of `before`. */
static void add_removed(comparison *c, uint32_t *next, uint32_t before)
{
    for (; *next < before && *next < c->before->field_count; ++*next) {
        if (c->before->fields[*next].name[0] && c->after_of[*next] == UL_NO_PARENT)
            add(c, UL_FIELD_CHANGE_REMOVED, *next, UL_NO_PARENT);
    }
}

/*
 * 1. Match by name, then what was renamed in its place.
 * 2. Fields off the longest common order have moved; all others are where their neighbours took them.
 * 3. In the order of the new fields, one line for each that is told and one for each run that moved along.
 */
const ul_field_change *ul_field_changes_of(uint32_t *count, const ul_record *before, const ul_record *after, ul_arena *arena)
{
    comparison c = {.before = before, .after = after, .arena = arena};
    c.before_of = UL_NEW_ARRAY(arena, uint32_t, after->field_count + 1u);
    c.after_of = match(c.before_of, before, after, arena);
    mark_moved(&c);
    uint32_t next = 0;
    for (uint32_t i = 0; i < after->field_count; i++) {
        if (!after->fields[i].name[0])
            continue;
        if (c.before_of[i] == UL_NO_PARENT) {
            add(&c, UL_FIELD_CHANGE_ADDED, UL_NO_PARENT, i);
            continue;
        }
        if (!c.is_moved[i])
            add_removed(&c, &next, c.before_of[i]);
        add_matched(&c, c.before_of[i], i);
    }
    add_removed(&c, &next, before->field_count);
    *count = c.count;
    return c.items;
}

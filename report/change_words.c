#include "report/change_words.h"

#include <math.h>
#include <string.h>

#include "report/paths.h"

typedef unsigned long long ull;

/* A list that grows by clauses. */
typedef struct clauses {
    const char **items;
    uint32_t count, capacity;
    ul_arena *arena;
} clauses;

static void add(clauses *to, const char *text)
{
    UL_RESERVE(to->arena, to->items, to->count, to->capacity);
    to->items[to->count++] = text;
}

static const char *join(const clauses *list)
{
    const char *text = list->count ? list->items[0] : "";
    for (uint32_t i = 1; i < list->count; i++)
        text = ul_arena_printf(list->arena, "%s, %s", text, list->items[i]);
    return text;
}

static const char *label(const ul_record *record, uint32_t field, ul_arena *arena)
{
    return ul_arena_printf(arena, "`%s`", ul_field_label(record, field, arena));
}

/* "12" or, inside a byte, "12.3". */
static const char *place(uint64_t bits, ul_arena *arena)
{
    return bits % 8 ? ul_arena_printf(arena, "%llu.%llu", (ull)bits / 8, (ull)bits % 8) : ul_arena_printf(arena, "%llu", (ull)bits / 8);
}

/* "+8" or "-3 bits" */
static const char *distance(int64_t bits, ul_arena *arena)
{
    return bits % 8 ? ul_arena_printf(arena, "%+lld bit%s", (long long)bits, bits == 1 || bits == -1 ? "" : "s")
                    : ul_arena_printf(arena, "%+lld", (long long)bits / 8);
}

static void add_class(clauses *to, const ul_change *change)
{
    const ul_class_fit *old = &change->before->facts.fit, *new = &change->after->facts.fit;
    if (old->footprint_bytes == new->footprint_bytes)
        return;
    if (old->is_large || new->is_large)
        add(to, ul_arena_printf(to->arena, "%llu -> %llu B of heap an object", (ull)old->footprint_bytes, (ull)new->footprint_bytes));
    else
        add(to, ul_arena_printf(to->arena, "class %llu -> %llu", (ull)old->class_bytes, (ull)new->class_bytes));
}

static void add_crossings(clauses *to, const ul_change *change)
{
    const ul_facts *old = &change->before->facts, *new = &change->after->facts;
    if (change->guard_count)
        add(to, change->guard_count == 1 ? "breaks a static assertion"
                                         : ul_arena_printf(to->arena, "breaks %u static assertions", change->guard_count));
    if (change->worse & 1u << UL_EFFECT_ABI)
        add(to, "breaks old binaries");
    add_class(to, change);
    if (old->line_count != new->line_count)
        add(to, ul_arena_printf(to->arena, "%u -> %u lines", old->line_count, new->line_count));
    for (uint32_t i = 0; i < change->hot_count; i++)
        add(to, ul_arena_printf(to->arena, "hot%s%s%s on %u line%s instead of %u", change->hot[i].group[0] ? "(" : "", change->hot[i].group,
                                change->hot[i].group[0] ? ")" : "", change->hot[i].lines_after,
                                change->hot[i].lines_after == 1 ? "" : "s", change->hot[i].lines_before));
    if (old->straddle_count != new->straddle_count)
        add(to, ul_arena_printf(to->arena, "%u -> %u straddle%s", old->straddle_count, new->straddle_count, new->straddle_count == 1 ? "" : "s"));
    if (old->hole_bytes != new->hole_bytes)
        add(to, ul_arena_printf(to->arena, "%llu -> %llu B in holes", (ull)old->hole_bytes, (ull)new->hole_bytes));
    if (change->before->record->align_bytes != change->after->record->align_bytes)
        add(to, ul_arena_printf(to->arena, "align %u -> %u", change->before->record->align_bytes, change->after->record->align_bytes));
}

static const char *size_of(const ul_entry *entry, ul_arena *arena)
{
    const ul_class_fit *fit = &entry->facts.fit;
    const char *lines = ul_arena_printf(arena, "%u line%s", entry->facts.line_count, entry->facts.line_count == 1 ? "" : "s");
    if (fit->is_large || !fit->class_bytes)
        return ul_arena_printf(arena, "%llu B, %s", (ull)entry->record->size_bytes, lines);
    return ul_arena_printf(arena, "%llu B (class %llu), %s", (ull)entry->record->size_bytes, (ull)fit->class_bytes, lines);
}

const char *ul_change_headline(const ul_change *change, const ul_report *report, ul_arena *arena)
{
    clauses list = {.arena = arena};
    const char *kind = ul_change_kind_name(change->kind);
    if (change->kind == UL_CHANGE_UNCLEAR)
        return ul_arena_printf(arena, "cannot be compared: %s", change->detail);
    if (change->kind == UL_CHANGE_ADDED)
        return ul_arena_printf(arena, "added: %s", size_of(change->after, arena));
    if (change->kind == UL_CHANGE_REMOVED)
        return ul_arena_printf(arena, "removed: %s%s", change->worse & 1u << UL_EFFECT_ABI ? "breaks old binaries, was " : "was ",
                               size_of(change->before, arena));
    add_crossings(&list, change);
    uint64_t old = change->before->record->size_bytes, new = change->after->record->size_bytes;
    add(&list, old == new ? ul_arena_printf(arena, "%llu B as before", (ull)new) : ul_arena_printf(arena, "%llu -> %llu B", (ull)old, (ull)new));
    if (change->is_moved)
        add(&list, ul_arena_printf(arena, "was in %s", ul_path_below(change->before->record->file, report->root)));
    return ul_arena_printf(arena, "%s: %s", kind, join(&list));
}

const char *ul_change_field_words(const ul_change *change, const ul_field_change *field, ul_arena *arena)
{
    const ul_record *before = change->before ? change->before->record : NULL, *after = change->after ? change->after->record : NULL;
    const ul_field *old = field->before == UL_NO_PARENT ? NULL : &before->fields[field->before];
    const ul_field *new = field->after == UL_NO_PARENT ? NULL : &after->fields[field->after];
    const char *moved = "";
    if (old && new && field->by_bits)
        moved = ul_arena_printf(arena, ", moved by %s", distance(field->by_bits, arena));
    switch (field->kind) {
    case UL_FIELD_CHANGE_ADDED:
        return ul_arena_printf(arena, "%s (%s) is new at %s", label(after, field->after, arena), new->type, place(new->offset_bits, arena));
    case UL_FIELD_CHANGE_REMOVED:
        return ul_arena_printf(arena, "%s (%s) is gone from %s", label(before, field->before, arena), old->type, place(old->offset_bits, arena));
    case UL_FIELD_CHANGE_RENAMED:
        return ul_arena_printf(arena, "%s is %s now%s", label(before, field->before, arena), label(after, field->after, arena), moved);
    case UL_FIELD_CHANGE_RETYPED:
        if ((old->flags & new->flags & UL_FIELD_BIT_FIELD) && strcmp(old->type, new->type) == 0)
            return ul_arena_printf(arena, "%s has %llu bits instead of %llu%s", label(after, field->after, arena), (ull)new->size_bits,
                                   (ull)old->size_bits, moved);
        return ul_arena_printf(arena, "%s is %s instead of %s%s", label(after, field->after, arena), new->type, old->type, moved);
    case UL_FIELD_CHANGE_RESIZED:
        return ul_arena_printf(arena, "%s (%s) takes %llu bytes instead of %llu%s", label(after, field->after, arena), new->type,
                               (ull)new->size_bits / 8, (ull)old->size_bits / 8, moved);
    case UL_FIELD_CHANGE_MOVED:
        return ul_arena_printf(arena, "%s moved from %s to %s", label(after, field->after, arena), place(old->offset_bits, arena),
                               place(new->offset_bits, arena));
    default:
        if (field->count == 1)
            return ul_arena_printf(arena, "%s moved by %s", label(after, field->after, arena), distance(field->by_bits, arena));
        return ul_arena_printf(arena, "%u following fields moved by %s", field->count, distance(field->by_bits, arena));
    }
}

static const char *bytes_text(double bytes, ul_arena *arena)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    double size = fabs(bytes);
    int unit = 0;
    while (size >= 1000 && unit < 4) {
        size /= 1000;
        unit++;
    }
    return ul_arena_printf(arena, "%.4g %s", size, units[unit]);
}

static void add_abi(clauses *to, const ul_change *change)
{
    clauses breaks = {.arena = to->arena};
    for (uint32_t bit = 1; bit <= UL_ABI_KIND; bit <<= 1) {
        if (change->abi & bit)
            add(&breaks, ul_abi_break_text(bit));
    }
    add(to, ul_arena_printf(to->arena, "old binaries break: %s", join(&breaks)));
}

static void add_places(clauses *to, const ul_change *change)
{
    const ul_record *after = change->after->record;
    for (uint32_t i = 0; i < change->hole_count; i++) {
        const ul_hole *hole = &change->holes[i];
        add(to, ul_arena_printf(to->arena, "new hole of %llu B %s%s", (ull)hole->size_bits / 8, hole->after == UL_NO_PARENT ? "at the start" : "after ",
                                hole->after == UL_NO_PARENT ? "" : label(after, hole->after, to->arena)));
    }
    for (uint32_t i = 0; i < change->straddle_count; i++)
        add(to, ul_arena_printf(to->arena, "%s crosses a cache line now", label(after, change->straddles[i], to->arena)));
    for (uint32_t i = 0; i < change->hot_count; i++) {
        const ul_hot_change *hot = &change->hot[i];
        if (hot->lines_after > hot->lines_before && hot->field != UL_NO_PARENT)
            add(to, ul_arena_printf(to->arena, "%s lies off the line of its hot group", label(after, hot->field, to->arena)));
    }
}

static void add_cost(clauses *to, const ul_change *change)
{
    if (change->cost_bytes == 0)
        return;
    double instances = change->after->record->instances > 0 ? change->after->record->instances : change->before->record->instances;
    add(to, ul_arena_printf(to->arena, "%s %s with %.12g alive", change->cost_bytes > 0 ? "costs" : "saves", bytes_text(change->cost_bytes, to->arena), instances));
}

static void add_better_order(clauses *to, const ul_change *change, const ul_report *report)
{
    const ul_plan *plan = change->after->plan;
    if (!plan || !plan->moved_count || plan->size_bytes >= change->after->record->size_bytes)
        return;
    const ul_record *record = change->after->record;
    const ul_target *target = record->target < report->target_count ? &report->targets[record->target] : NULL;
    ul_class_fit fit = ul_class_fit_of(target ? target->allocator : NULL, plan->size_bytes);
    clauses moves = {.arena = to->arena};
    for (uint32_t i = 0; i < plan->moved_count && i < 4; i++)
        add(&moves, label(record, plan->moved[i], to->arena));
    if (plan->moved_count > 4)
        add(&moves, ul_arena_printf(to->arena, "%u more", plan->moved_count - 4));
    const char *class_text = fit.is_large || !fit.class_bytes ? "" : ul_arena_printf(to->arena, " (class %llu)", (ull)fit.class_bytes);
    add(to, ul_arena_printf(to->arena, "another order takes %llu B%s: move %s, or let `ullage fix` do it", (ull)plan->size_bytes, class_text, join(&moves)));
}

const char *const *ul_change_remarks(uint32_t *count, const ul_change *change, const ul_report *report, ul_arena *arena)
{
    clauses list = {.arena = arena};
    for (uint32_t i = 0; i < change->guard_count; i++)
        add(&list, ul_arena_printf(arena, "%s:%u: %s", change->guards[i]->file ? ul_path_below(change->guards[i]->file, report->root) : "",
                                   change->guards[i]->line, change->guards[i]->message));
    if (change->worse & 1u << UL_EFFECT_ABI)
        add_abi(&list, change);
    if (change->before && change->after && change->kind != UL_CHANGE_UNCLEAR) {
        add_places(&list, change);
        add_cost(&list, change);
    }
    if (change->after && change->kind != UL_CHANGE_UNCLEAR)
        add_better_order(&list, change, report);
    *count = list.count;
    return list.items;
}

const char *ul_change_failures(const ul_change *change, const ul_changes *changes, ul_arena *arena)
{
    clauses list = {.arena = arena};
    for (int i = 0; i < UL_EFFECT_COUNT; i++) {
        if (change->worse & changes->fail_on & 1u << i)
            add(&list, ul_effect_name((ul_effect)i));
    }
    return join(&list);
}

const char *ul_changes_summary(const ul_changes *changes, ul_arena *arena)
{
    clauses list = {.arena = arena};
    for (int kind = UL_CHANGE_ADDED; kind <= UL_CHANGE_UNCLEAR; kind++) {
        uint32_t count = 0;
        for (uint32_t i = 0; i < changes->count; i++)
            count += changes->items[i].kind == (ul_change_kind)kind;
        if (count)
            add(&list, ul_arena_printf(arena, "%u %s", count, ul_change_kind_name((ul_change_kind)kind)));
    }
    const char *fails = changes->fail_count == 0 ? "" : changes->fail_count == 1 ? "; 1 fails" : ul_arena_printf(arena, "; %u fail", changes->fail_count);
    if (!changes->count)
        return ul_arena_printf(arena, "no layout changed, %u record%s compared%s", changes->compared, changes->compared == 1 ? "" : "s", fails);
    return ul_arena_printf(arena, "%u record%s changed (%s), %u compared%s", changes->count, changes->count == 1 ? "" : "s", join(&list),
                           changes->compared, fails);
}

const bool *ul_change_marks(const ul_change *change, ul_arena *arena)
{
    bool *marks = UL_NEW_ARRAY(arena, bool, change->after->record->field_count + 1u);
    for (uint32_t i = 0; i < change->field_count; i++) {
        if (change->fields[i].after != UL_NO_PARENT && change->fields[i].kind != UL_FIELD_CHANGE_SHIFTED)
            marks[change->fields[i].after] = true;
    }
    return marks;
}

#include "report/impact.h"

#include <stdlib.h>

typedef unsigned long long ull;

static const ul_target *target_of(const ul_report *report, const ul_record *record)
{
    return record->target < report->target_count ? &report->targets[record->target] : NULL;
}

uint32_t ul_impact_line_bytes(const ul_report *report, const ul_record *record)
{
    const ul_target *target = target_of(report, record);
    return target && target->line_bytes ? target->line_bytes : 64;
}

ul_impact ul_impact_of(const ul_report *report, const ul_entry *entry)
{
    const ul_plan *plan = entry->plan;
    const ul_target *target = target_of(report, entry->record);
    ul_impact impact = {.lines_before = plan->lines_before, .lines_after = plan->lines_after};
    impact.is_part = entry->record->flags & (UL_RECORD_MEMBER | UL_RECORD_ANONYMOUS);
    if (impact.is_part)
        return impact;
    impact.before = entry->facts.fit;
    if (target && target->allocator && (impact.before.class_bytes || impact.before.is_large))
        impact.after = ul_class_fit_of(target->allocator, plan->size_bytes);
    impact.heap_saved_bytes = plan->class_saved_bytes;
    impact.crosses = plan->class_saved_bytes > 0 || plan->lines_after < plan->lines_before;
    return impact;
}

const char *ul_impact_words(const ul_impact *impact, const char *arrow, ul_arena *arena)
{
    const char *classes = "", *lines = "";
    if (!impact->crosses)
        return "";
    if (impact->heap_saved_bytes && (impact->before.is_large || impact->after.is_large))
        classes = ul_arena_printf(arena, "heap block %llu %s %llu B", (ull)impact->before.footprint_bytes, arrow, (ull)impact->after.footprint_bytes);
    else if (impact->heap_saved_bytes)
        classes = ul_arena_printf(arena, "class %llu %s %llu", (ull)impact->before.class_bytes, arrow, (ull)impact->after.class_bytes);
    if (impact->lines_after < impact->lines_before)
        lines = ul_arena_printf(arena, "%slines %u %s %u", classes[0] ? ", " : "", impact->lines_before, arrow, impact->lines_after);
    return ul_arena_printf(arena, "%s%s", classes, lines);
}

typedef struct ranked {
    uint64_t heap_saved_bytes, saved_bytes;
    uint32_t entry;
    bool crosses;
} ranked;

static int by_weight(const void *left, const void *right)
{
    const ranked *a = left, *b = right;
    if (a->crosses != b->crosses)
        return a->crosses ? -1 : 1;
    if (a->heap_saved_bytes != b->heap_saved_bytes)
        return a->heap_saved_bytes > b->heap_saved_bytes ? -1 : 1;
    if (a->saved_bytes != b->saved_bytes)
        return a->saved_bytes > b->saved_bytes ? -1 : 1;
    return a->entry < b->entry ? -1 : a->entry > b->entry;
}

uint32_t *ul_impact_ranking(const ul_report *report, uint32_t *count, ul_arena *arena)
{
    ranked *items = UL_NEW_ARRAY(arena, ranked, report->entry_count + 1u);
    uint32_t *order = UL_NEW_ARRAY(arena, uint32_t, report->entry_count + 1u);
    *count = 0;
    for (uint32_t i = 0; i < report->entry_count; i++) {
        const ul_plan *plan = report->entries[i].plan;
        if (!plan || !plan->moved_count || plan->saved_bytes <= plan->embedded_saved_bytes)
            continue;
        ul_impact impact = ul_impact_of(report, &report->entries[i]);
        items[(*count)++] = (ranked){impact.heap_saved_bytes, plan->saved_bytes - plan->embedded_saved_bytes, i, impact.crosses};
    }
    qsort(items, *count, sizeof *items, by_weight);
    for (uint32_t i = 0; i < *count; i++)
        order[i] = items[i].entry;
    return order;
}

#include "layout/rules/measured_lines.h"

#include <math.h>

/* Fewer loads that found a changed line are an accident. */
#define HITS_LEAST 10.0

/* Whether a finding about the entry speaks of one of the fields already, heard or silenced. */
static bool is_told(const ul_finding_list *list, uint32_t entry, const ul_profile_fight *it)
{
    for (uint32_t i = 0; i < list->count; i++) {
        const ul_contention *contention = list->items[i].contention;
        if (list->items[i].entry != entry || !contention)
            continue;
        for (uint32_t side = 0; side < 2; side++) {
            if (contention->fields[side] == it->written || contention->fields[side] == it->missed)
                return true;
        }
    }
    return false;
}

static void report(const ul_rule_context *context, uint32_t index, const ul_profile_fight *it)
{
    const ul_record *record = context->report->entries[index].record;
    uint32_t line_bytes = ul_findings_target(context, &context->report->entries[index])->line_bytes;
    ul_arena *arena = context->findings->arena;
    const char *written = ul_field_label(record, it->written, arena), *missed = ul_field_label(record, it->missed, arena);
    ul_findings_add(context, &ul_rule_false_sharing,
                    (ul_finding){
                        .level = UL_LEVEL_NOTE,
                        .is_measured = true,
                        .entry = index,
                        .field = it->written,
                        .message = ul_arena_printf(arena, "`%s` of `%s` is written on the cache line of `%s`, whose readers wait for it: it was measured", written, record->name, missed),
                        .why = ul_arena_printf(arena, "Measured: %.0f stores to the one, and %.0f loads of the other that found the line changed in another core's cache.", it->stores, it->hits),
                        .fix = ul_arena_printf(arena, "_Alignas(%u) on `%s`, with what is written with it behind it, or `%s` on another line.", line_bytes, written, missed),
                        .score = log1p(it->stores) * log1p(it->hits) * 1000,
                    });
}

bool ul_measured_is_told(const ul_rule_context *context, uint32_t index, const ul_profile_fight *it)
{
    return is_told(&context->findings->heard, index, it) || is_told(&context->findings->silenced, index, it);
}

void ul_measured_lines_check(const ul_rule_context *context, uint32_t index)
{
    const ul_record_profile *profile = context->report->entries[index].profile;
    for (uint32_t i = 0; profile && i < profile->fight_count; i++) {
        const ul_profile_fight *it = &profile->fights[i];
        bool is_again = false;
        for (uint32_t k = 0; k < i; k++)
            is_again |= profile->fights[k].written == it->written && profile->fights[k].missed == it->missed;
        if (is_again || it->hits < HITS_LEAST || ul_measured_is_told(context, index, it))
            continue;
        report(context, index, it);
    }
}

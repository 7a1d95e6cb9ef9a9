/* Two threads that a profile has seen at work on two fields of one line, in a record of which there is but one object: that is a fight. */
#include <math.h>
#include <string.h>

#include "layout/engine/inlets.h"
#include "layout/rules/measured_lines.h"

/* Fewer samples are an accident. */
#define SAMPLES_LEAST 5.0

enum { SIDES_MAX = 256 };

/* A direct field as one thread uses it. */
typedef struct side {
    const char *thread, *function; /* function: with most of the stores, else of the samples */
    uint32_t field;
    double samples, stores, most;
} side;

typedef struct pair {
    const side *writer, *other;
    double weight;
} pair;

/* The one variable of the record: every pointer to one points to it, and no thread has one of its own. NULL: not so, or not known. */
static const ul_instance *only_object(const ul_rule_context *context, const ul_entry *entry)
{
    const ul_census *census = context->report->census;
    const ul_instance *found = NULL;
    uint32_t count = 0;
    ul_inlet_doubt doubt;
    const ul_instance *instances = census ? ul_census_instances(census, entry->record->key, &count) : NULL;
    for (uint32_t i = 0; i < count; i++) {
        const ul_instance *it = &instances[i];
        if (it->region == UL_REGION_HANDED)
            continue;
        if (found || (it->region != UL_REGION_DATA && it->region != UL_REGION_BSS) || it->count != 1 || it->flags & UL_INSTANCE_ARRAY)
            return NULL;
        found = it;
    }
    const ul_inlet_request request = {context->report->entries, context->report->entry_count, census, entry->record, 0, 0};
    return found && !ul_inlets_doubt(&doubt, &request, context->findings->arena) ? found : NULL;
}

static side *side_of(side *sides, uint32_t *count, const char *thread, uint32_t field)
{
    for (uint32_t i = 0; i < *count; i++) {
        if (sides[i].field == field && strcmp(sides[i].thread, thread) == 0)
            return &sides[i];
    }
    if (*count == SIDES_MAX)
        return NULL;
    sides[*count] = (side){.thread = thread, .function = "", .field = field};
    return &sides[(*count)++];
}

static uint32_t sides_of(side *sides, const ul_record_profile *profile)
{
    uint32_t count = 0;
    for (uint32_t c = 0; c < profile->context_count; c++) {
        const ul_profile_context *context = &profile->contexts[c];
        for (uint32_t u = 0; u < context->use_count && context->thread[0]; u++) {
            const ul_profile_counts *counts = &context->uses[u].counts;
            side *to = side_of(sides, &count, context->thread, context->uses[u].field);
            if (!to)
                return count;
            double accesses = counts->loads + counts->stores, seen = counts->samples > accesses ? counts->samples : accesses;
            to->samples += seen;
            to->stores += counts->stores;
            if (seen > to->most) {
                to->most = seen;
                to->function = context->function;
            }
        }
    }
    return count;
}

/* On one line where the object starts on one. */
static bool share_line(const ul_record *record, uint32_t a, uint32_t b, uint32_t line_bytes)
{
    const ul_field *first = &record->fields[a], *second = &record->fields[b];
    if (second->offset_bits < first->offset_bits) {
        first = &record->fields[b];
        second = &record->fields[a];
    }
    return first->size_bits && (first->offset_bits + first->size_bits - 1) / 8 / line_bytes == second->offset_bits / 8 / line_bytes;
}

/* Whether function bodies show a lock around some change of the field: then the line may go along with the lock. */
static bool is_locked(const ul_rule_context *context, const ul_record *record, uint32_t field)
{
    uint32_t count;
    const ul_census *census = context->report->census;
    const ul_tally *tallies = ul_census_tallies(census, record->key, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(census->words[tallies[i].field], record->fields[field].name) == 0 && (tallies[i].locks || census->functions[tallies[i].function].locks))
            return true;
    }
    return false;
}

static pair find_pair(const ul_rule_context *context, const ul_entry *entry, const side *sides, uint32_t count)
{
    pair best = {.weight = 0};
    uint32_t line_bytes = ul_findings_target(context, entry)->line_bytes;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < count && sides[i].stores >= SAMPLES_LEAST; k++) {
            const side *w = &sides[i], *o = &sides[k];
            double weight = log1p(w->stores) * log1p(o->samples);
            if (o->samples < SAMPLES_LEAST || o->field == w->field || weight <= best.weight || strcmp(o->thread, w->thread) == 0 ||
                !share_line(entry->record, w->field, o->field, line_bytes) || is_locked(context, entry->record, w->field) || is_locked(context, entry->record, o->field))
                continue;
            best = (pair){w, o, weight};
        }
    }
    return best;
}

static const char *who(const side *of, ul_arena *arena)
{
    return *of->function ? ul_arena_printf(arena, "%s() on thread %s", of->function, of->thread) : ul_arena_printf(arena, "thread %s", of->thread);
}

void ul_measured_threads_check(const ul_rule_context *context, uint32_t index)
{
    const ul_entry *entry = &context->report->entries[index];
    const ul_record *record = entry->record;
    const ul_record_profile *profile = entry->profile;
    ul_arena *arena = context->findings->arena;
    if (!profile || profile->thread_count < 2 || profile->biases & 1u << UL_BIAS_BY_HAND || record->kind != UL_RECORD_STRUCT ||
        ul_findings_refused(record, UL_REASONS_DOUBTFUL))
        return;
    side *sides = UL_NEW_ARRAY(arena, side, SIDES_MAX);
    pair it = find_pair(context, entry, sides, sides_of(sides, profile));
    const ul_profile_fight fields = {.written = it.writer ? it.writer->field : 0, .missed = it.writer ? it.other->field : 0};
    const ul_instance *object = it.writer && !ul_measured_is_told(context, index, &fields) ? only_object(context, entry) : NULL;
    if (!object)
        return;
    uint32_t line_bytes = ul_findings_target(context, entry)->line_bytes;
    const char *written = ul_field_label(record, it.writer->field, arena), *other = ul_field_label(record, it.other->field, arena);
    bool is_written = it.other->stores >= SAMPLES_LEAST;
    ul_findings_add(context, &ul_rule_false_sharing,
                    (ul_finding){
                        .level = UL_LEVEL_NOTE,
                        .is_measured = true,
                        .entry = index,
                        .field = it.writer->field,
                        .message = ul_arena_printf(arena, "one thread writes `%s` of `%s`, another %s `%s` on the same cache line%s: it was measured", written, record->name,
                                                   is_written ? "writes" : "uses", other, record->align_bytes < line_bytes ? ", if the object starts on one" : ""),
                        .why = ul_arena_printf(arena, "Measured: %.0f stores to the one by %s, %.0f samples of the other by %s; `%s` is the only object.", it.writer->stores,
                                               who(it.writer, arena), it.other->samples, who(it.other, arena), context->report->census->words[object->size]),
                        .fix = ul_arena_printf(arena, "_Alignas(%u) on `%s`, with what is written with it behind it, and on `%s`.", line_bytes, written, other),
                        .score = it.weight * 1000,
                    });
}

#include "layout/engine/merge.h"

#include <stdlib.h>
#include <string.h>

#include "layout/model/compare.h"

enum { DOUBTFUL = 2 };

/* One record with where it came from. */
typedef struct sighting {
    ul_record *record;
    uint32_t job;
    uint32_t doubt; /* smaller is better */
} sighting;

/* Refusals of a unit that could not be understood: its layouts are no evidence against a clean unit's. */
static bool is_doubtful(const ul_record *record)
{
    for (uint32_t i = 0; i < record->refusal_count; i++) {
        switch (record->refusals[i].reason) {
        case UL_REFUSE_INVALID_RECORD:
        case UL_REFUSE_INVALID_TYPE:
        case UL_REFUSE_ERROR_IN_RECORD:
        case UL_REFUSE_MISSING_INCLUDE:
        case UL_REFUSE_UNIT_ERRORS:
            return true;
        default:
            break;
        }
    }
    return false;
}

/* The compiler laid nothing out: there is no size to compare. */
static bool is_rejected(const ul_record *record)
{
    return record->size_bytes == 0 && record->refusal_count && record->field_count == 0;
}

static int compare_identity(const sighting *a, const sighting *b)
{
    int order = strcmp(a->record->file, b->record->file);
    if (order == 0)
        order = ul_compare_numbers(a->record->line, b->record->line);
    if (order == 0)
        order = ul_compare_numbers(a->record->column, b->record->column);
    if (order == 0)
        order = strcmp(a->record->name, b->record->name);
    return order ? order : strcmp(a->record->key, b->record->key);
}

static int compare_sightings(const void *left, const void *right)
{
    const sighting *a = left, *b = right;
    int order = compare_identity(a, b);
    if (order == 0)
        order = ul_compare_numbers(a->record->target, b->record->target);
    if (order == 0)
        order = ul_compare_numbers(a->doubt, b->doubt);
    return order ? order : ul_compare_numbers(a->job, b->job);
}

/* Padding that a macro names by a counter is called otherwise in each unit: padding12 and padding87 are one. */
static bool same_name(const ul_field *x, const ul_field *y)
{
    if (strcmp(x->name, y->name) == 0)
        return true;
    size_t a = strlen(x->name), b = strlen(y->name);
    while (a && x->name[a - 1] >= '0' && x->name[a - 1] <= '9')
        a--;
    while (b && y->name[b - 1] >= '0' && y->name[b - 1] <= '9')
        b--;
    return a && a == b && strncmp(x->name, y->name, a) == 0 && ul_field_is_padding(x) && ul_field_is_padding(y);
}

static bool same_layout(const ul_record *a, const ul_record *b)
{
    if (a->kind != b->kind || a->size_bytes != b->size_bytes || a->align_bytes != b->align_bytes ||
        a->field_count != b->field_count)
        return false;
    for (uint32_t i = 0; i < a->field_count; i++) {
        const ul_field *x = &a->fields[i], *y = &b->fields[i];
        if (x->offset_bits != y->offset_bits || x->size_bits != y->size_bits || x->parent != y->parent ||
            strcmp(x->type, y->type) != 0 || !same_name(x, y))
            return false;
    }
    return true;
}

/*
 * Layouts of one record on one target, sightings[0..count-1], best first: those with more doubt than the first are left out, equal
 * ones become one that carries the refusals of all. Appends to `variants`; returns how many.
 */
static uint32_t merge_target(const ul_record **variants, const sighting *sightings, uint32_t count, ul_arena *arena)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < count && sightings[i].doubt == sightings[0].doubt; i++) {
        const ul_record *record = sightings[i].record;
        uint32_t at = 0;
        while (at < found && !same_layout(variants[at], record))
            at++;
        if (at == found && found && sightings[0].doubt >= DOUBTFUL)
            continue; /* two units that were not understood do not contradict each other */
        if (at == found) {
            variants[found++] = record;
            continue;
        }
        ul_record *joined = UL_NEW(arena, ul_record);
        *joined = *variants[at];
        for (uint32_t j = 0; j < record->refusal_count; j++)
            ul_record_refuse(joined, arena, record->refusals[j].reason, record->refusals[j].detail);
        if (joined->refusal_count != variants[at]->refusal_count)
            variants[at] = joined;
    }
    for (uint32_t i = 0; found > 1 && i < found; i++) {
        ul_record *marked = UL_NEW(arena, ul_record);
        *marked = *variants[i];
        marked->flags |= UL_RECORD_VARIES;
        variants[i] = marked;
    }
    return found;
}

static void merge_record(ul_entry *entry, const sighting *sightings, uint32_t count, ul_arena *arena)
{
    const ul_record **variants = UL_NEW_ARRAY(arena, const ul_record *, count);
    uint32_t found = 0;
    for (uint32_t i = 0, end; i < count; i = end) {
        end = i;
        while (end < count && sightings[end].record->target == sightings[i].record->target)
            end++;
        found += merge_target(variants + found, sightings + i, end - i, arena);
    }
    *entry = (ul_entry){.record = variants[0], .variants = variants, .variant_count = found > 1 ? found : 0};
}

void ul_merge_units(ul_entry **out, uint32_t *count, const ul_unit_result *results, uint32_t result_count, ul_arena *arena)
{
    uint32_t total = 0, records = 0;
    for (uint32_t i = 0; i < result_count; i++)
        total += results[i].record_count;
    sighting *sightings = UL_NEW_ARRAY(arena, sighting, total);
    total = 0;
    for (uint32_t i = 0; i < result_count; i++) {
        for (uint32_t j = 0; j < results[i].record_count; j++) {
            ul_record *record = &results[i].records[j];
            uint32_t doubt = (is_rejected(record) ? 4u : 0u) + (is_doubtful(record) ? DOUBTFUL : 0u) + (record->confidence == UL_CONFIDENCE_STANDALONE ? 1u : 0u);
            sightings[total++] = (sighting){record, i, doubt};
        }
    }
    if (total)
        qsort(sightings, total, sizeof *sightings, compare_sightings);
    ul_entry *entries = UL_NEW_ARRAY(arena, ul_entry, total);
    for (uint32_t i = 0, end; i < total; i = end) {
        end = i;
        while (end < total && compare_identity(&sightings[i], &sightings[end]) == 0)
            end++;
        merge_record(&entries[records++], sightings + i, end - i, arena);
    }
    *out = entries;
    *count = records;
}

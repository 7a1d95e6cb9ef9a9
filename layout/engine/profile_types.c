/*
 * Which record a type of a profile is:
 *  1. candidates: records of its name; for a typedef's name also those whose fields are all its fields;
 *  2. each field of the type is where it was, elsewhere, or not there, going by its name;
 *  3. all where they were, and the size the same: exact. Else by name, when at least half of the samples find their field that way;
 *  4. the best candidate, when there is one.
 */
#include <string.h>

#include "layout/engine/profile_state.h"

typedef unsigned long long ull;

enum { SURE_FIELDS = 3 }; /* so many fields of the same names at the same offsets are no accident */

/* A type held against a record. */
typedef struct fit {
    uint32_t entry;
    uint32_t agree, moved, missing, nameless;
    double samples, found; /* of all fields; of those that are there. Of the number of fields where nothing was counted */
    const char *lost;      /* a field that is missing */
    ul_profile_match match;
} fit;

static const char *bare(const char *name)
{
    if (strncmp(name, "struct ", 7) == 0)
        return name + 7;
    return strncmp(name, "union ", 6) == 0 ? name + 6 : name;
}

static bool is_tag(const char *name)
{
    return bare(name) != name;
}

/* "conn" and "conn_t" of one record, as is the custom. */
static bool is_near(const char *type, const char *record)
{
    size_t length = strlen(record);
    return strncmp(type, record, length) == 0 && (!type[length] || strcmp(type + length, "_t") == 0);
}

/* A record that only a typedef names has no tag, and people write one all the same. */
static bool is_named(const char *type, const char *record)
{
    return strcmp(type, record) == 0 || ((!is_tag(type) || !is_tag(record)) && strcmp(bare(type), bare(record)) == 0);
}

static double weight_of(const ul_profile_type *type, const ul_profile_field *field)
{
    return type->counts.samples > 0 ? field->counts.samples : 1;
}

static bool is_in(const ul_field *field, uint64_t offset_bytes)
{
    uint64_t first = field->offset_bits / 8, end = (field->offset_bits + field->size_bits + 7) / 8;
    return offset_bytes >= first && (offset_bytes < end || field->flags & UL_FIELD_FLEXIBLE);
}

/* The size of the type, as this profile or another one of the run has it; 0 when none does. */
static uint64_t size_of(const ul_placings *of, const ul_profile_type *type)
{
    for (uint32_t i = 0; i < of->profile_count && !type->size_bytes; i++) {
        for (uint32_t t = 0; t < of->profiles[i]->type_count; t++) {
            const ul_profile_type *other = &of->profiles[i]->types[t];
            if (other->size_bytes && strcmp(other->name, type->name) == 0)
                return other->size_bytes;
        }
    }
    return type->size_bytes;
}

static fit fit_of(const ul_placings *of, const ul_profile_type *type, uint32_t entry)
{
    const ul_record *record = of->report->entries[entry].record;
    fit it = {.entry = entry, .lost = ""};
    uint64_t size_bytes = size_of(of, type);
    for (uint32_t i = 0; i < type->field_count; i++) {
        const ul_profile_field *field = &type->fields[i];
        double weight = weight_of(type, field);
        uint32_t named = ul_placing_named(record, field->path);
        it.samples += weight;
        if (!field->path[0]) {
            it.nameless++;
            it.found += field->offset_bytes < record->size_bytes ? weight : 0;
            continue;
        }
        it.found += named != UL_NO_PARENT ? weight : 0;
        it.missing += named == UL_NO_PARENT;
        it.lost = named == UL_NO_PARENT && !it.lost[0] ? field->path : it.lost;
        if (named != UL_NO_PARENT && (field->offset_bytes == UINT64_MAX || is_in(&record->fields[named], field->offset_bytes)))
            it.agree++;
        else
            it.moved += named != UL_NO_PARENT;
    }
    bool same_size = !size_bytes || size_bytes == record->size_bytes;
    bool is_checked = it.agree || (size_bytes && same_size);
    if (same_size && !it.moved && !it.missing && is_checked)
        it.match = UL_PROFILE_EXACT;
    else
        it.match = it.agree + it.moved && it.found * 2 >= it.samples && it.found > 0 ? UL_PROFILE_REMAPPED : UL_PROFILE_REFUSED;
    return it;
}

/* Whether a is the better one; 0 when neither is. */
static int compare(const fit *a, const fit *b)
{
    if (a->match != b->match)
        return a->match < b->match ? 1 : -1;
    return (a->found > b->found) - (a->found < b->found);
}

/* Takes `entry` as the best so far, or counts it as one that is as good. */
static void consider(const ul_placings *of, const ul_profile_type *type, uint32_t entry, fit *best, uint32_t *count)
{
    fit it = fit_of(of, type, entry);
    int order = *count ? compare(&it, best) : 1;
    if (order > 0)
        *best = it;
    *count = order > 0 ? 1 : order == 0 ? *count + 1 : *count;
}

static bool same_record(const ul_record *a, const ul_record *b)
{
    return strcmp(a->file, b->file) == 0 && a->line == b->line;
}

/* A typedef's name stands for the one record that has all these fields. */
static uint32_t find_by_fields(const ul_placings *of, const ul_profile_type *type, fit *best)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < of->report->entry_count; i++) {
        const ul_record *record = of->report->entries[i].record;
        fit it = fit_of(of, type, i);
        bool is_sure = (type->is_complete && type->size_bytes) || it.agree >= SURE_FIELDS || is_near(type->name, bare(record->name));
        if (it.match != UL_PROFILE_EXACT || !is_sure || !it.agree)
            continue;
        bool is_nearer = is_near(type->name, bare(record->name));
        if (count && is_nearer && !is_near(type->name, bare(of->report->entries[best->entry].record->name)))
            count = 0;
        else if (count && !is_nearer && is_near(type->name, bare(of->report->entries[best->entry].record->name)))
            continue;
        *best = count ? *best : it;
        count++;
    }
    return count;
}

/* A type with all its fields in another profile may be known by them, and then so is this one. */
static uint32_t find_by_others(const ul_placings *of, const ul_profile_type *type, fit *best)
{
    for (uint32_t i = 0; i < of->profile_count; i++) {
        for (uint32_t t = 0; t < of->profiles[i]->type_count; t++) {
            const ul_profile_type *other = &of->profiles[i]->types[t];
            if (other == type || !other->is_complete || strcmp(other->name, type->name) != 0 || find_by_fields(of, other, best) != 1)
                continue;
            *best = fit_of(of, type, best->entry);
            return 1;
        }
    }
    return 0;
}

/* Whether a record has the very name: then one of another kind that sounds like it is not meant. */
static bool has_own(const ul_placings *of, const char *name)
{
    for (uint32_t i = 0; i < of->report->entry_count; i++) {
        if (strcmp(of->report->entries[i].record->name, name) == 0)
            return true;
    }
    return false;
}

/* How many records are the best for the type; *best is the first of them. */
static uint32_t find(const ul_placings *of, const ul_profile_type *type, fit *best)
{
    uint32_t count = 0;
    bool is_strict = is_tag(type->name) && has_own(of, type->name);
    for (uint32_t i = 0; i < of->report->entry_count; i++) {
        const ul_record *record = of->report->entries[i].record;
        if (is_strict ? strcmp(type->name, record->name) != 0 : !is_named(type->name, record->name) && !(type->alias && is_named(type->alias, record->name)))
            continue;
        if (count && same_record(record, of->report->entries[best->entry].record))
            continue; /* the same for another target */
        consider(of, type, i, best, &count);
    }
    if (count || is_tag(type->name))
        return count;
    count = find_by_fields(of, type, best);
    return count ? count : find_by_others(of, type, best);
}

/* Where field `index` of the type belongs: the byte, when nothing has moved, or the field of that name. */
static bool place_field(ul_placings *of, const fit *it, const ul_profile_field *field, const ul_profile_counts *counts)
{
    const ul_record *record = of->report->entries[it->entry].record;
    uint32_t named = ul_placing_named(record, field->path);
    if (field->offset_bytes != UINT64_MAX && it->match == UL_PROFILE_EXACT)
        return ul_placing_add_at(of, it->entry, field->offset_bytes, counts, UL_PLACING_TYPE);
    if (named == UL_NO_PARENT)
        return false;
    ul_placing_add_to(of, it->entry, named, counts);
    return true;
}

/* The direct field that the type's field is, or UL_NO_PARENT. */
static uint32_t direct_field(const ul_placings *of, const fit *it, const ul_profile_field *field)
{
    const ul_record *record = of->report->entries[it->entry].record;
    if (field->offset_bytes != UINT64_MAX && it->match == UL_PROFILE_EXACT)
        return ul_placing_direct_at(record, field->offset_bytes);
    uint32_t named = ul_placing_named(record, field->path);
    while (named != UL_NO_PARENT && record->fields[named].parent != UL_NO_PARENT)
        named = record->fields[named].parent;
    return named;
}

static void place_contexts(ul_placings *of, const fit *it, const ul_profile_type *type)
{
    ul_field_profile *fields = of->items[it->entry].fields;
    for (uint32_t c = 0; c < type->context_count; c++) {
        const ul_profile_context *from = &type->contexts[c];
        ul_profile_context *to = ul_placing_context(of, it->entry, from);
        to->count += from->count;
        for (uint32_t u = 0; u < from->use_count; u++) {
            uint32_t field = direct_field(of, it, &type->fields[from->uses[u].field]);
            if (field == UL_NO_PARENT)
                continue;
            ul_profile_counts_add(ul_placing_use(of, to, field), &from->uses[u].counts);
            fields[field].reads |= from->uses[u].counts.loads > 0;
            fields[field].writes |= from->uses[u].counts.stores > 0;
        }
    }
}

/* All samples of the threads that are seen on the type. */
static double samples_of_threads(const ul_profile *profile, const ul_profile_type *type)
{
    double samples = 0;
    for (uint32_t t = 0; t < profile->thread_count; t++) {
        bool is_on = false;
        for (uint32_t c = 0; c < type->context_count && !is_on; c++)
            is_on = strcmp(type->contexts[c].thread, profile->threads[t].name) == 0;
        samples += is_on ? profile->threads[t].samples : 0;
    }
    return samples;
}

static double place(ul_placings *of, const fit *it, const ul_profile_type *type)
{
    double placed = 0;
    ul_placing_touch(of, it->entry);
    ul_placing *placing = &of->items[it->entry];
    for (uint32_t i = 0; i < type->field_count; i++) {
        if (place_field(of, it, &type->fields[i], &type->fields[i].counts))
            placed += type->fields[i].counts.samples;
    }
    place_contexts(of, it, type);
    placing->thread_samples += samples_of_threads(of->profile, type);
    if (type->counts.samples > 0) {
        placing->is_time |= of->profile->meta.is_time;
        placing->has_other |= !of->profile->meta.is_time;
    }
    return placed;
}

/* What is to be said of a type that was placed. */
static const char *placed_words(const ul_placings *of, const fit *it, const ul_profile_type *type)
{
    const ul_record *record = of->report->entries[it->entry].record;
    const char *words = "";
    if (it->match == UL_PROFILE_REMAPPED && type->size_bytes && type->size_bytes != record->size_bytes)
        words = ul_arena_printf(of->arena, "it had %llu bytes when it was measured and has %llu here: fields were found by their names", (ull)type->size_bytes, (ull)record->size_bytes);
    else if (it->match == UL_PROFILE_REMAPPED && it->moved)
        words = ul_arena_printf(of->arena, "%u of its fields %s elsewhere when it was measured: fields were found by their names", it->moved, it->moved == 1 ? "was" : "were");
    if (it->missing)
        words = ul_arena_printf(of->arena, "%s%s%u of its %u fields %s not in the record, `%s` first", words, *words ? "; " : "", it->missing, type->field_count,
                                it->missing == 1 ? "is" : "are", it->lost);
    if (!*words && !is_named(type->name, record->name) && !(type->alias && is_named(type->alias, record->name)))
        words = ul_arena_printf(of->arena, "known by its fields");
    return words;
}

static const char *refused_words(const ul_placings *of, const fit *it, const ul_profile_type *type, uint32_t count)
{
    if (!count)
        return "no record of that name was read";
    const ul_record *record = of->report->entries[it->entry].record;
    if (count > 1)
        return ul_arena_printf(of->arena, "%u records could be meant, `%s` of %s first", count, record->name, record->file);
    if (type->size_bytes && type->size_bytes != record->size_bytes && it->nameless == type->field_count)
        return ul_arena_printf(of->arena, "it had %llu bytes when it was measured and has %llu here, and no field has a name", (ull)type->size_bytes, (ull)record->size_bytes);
    if (it->nameless == type->field_count)
        return "neither its size nor the name of a field is told: nothing says that the layout is the same";
    return ul_arena_printf(of->arena, "%u of its %u fields are not in the record, `%s` first, and they have most of what was counted", it->missing, type->field_count, it->lost);
}

void ul_profile_place_types(ul_placings *of)
{
    for (uint32_t i = 0; i < of->profile->type_count; i++) {
        const ul_profile_type *type = &of->profile->types[i];
        fit best = {.match = UL_PROFILE_REFUSED, .lost = ""};
        uint32_t count = find(of, type, &best);
        ul_profile_placement placement = {.name = type->name, .samples = type->counts.samples, .line = type->line, .match = UL_PROFILE_REFUSED};
        if (count == 1 && best.match != UL_PROFILE_REFUSED) {
            placement.match = best.match;
            placement.record = of->report->entries[best.entry].record->name;
            placement.placed_samples = place(of, &best, type);
            placement.detail = placed_words(of, &best, type);
        } else {
            placement.detail = refused_words(of, &best, type, count);
            placement.is_foreign = count == 0;
        }
        ul_placing_tell(of, placement);
    }
}

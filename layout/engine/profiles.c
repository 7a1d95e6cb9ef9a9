#include "layout/engine/profile_state.h"

#include <stdlib.h>
#include <string.h>

static bool holds(const ul_field *field, uint64_t offset_bytes)
{
    uint64_t first = field->offset_bits / 8, end = (field->offset_bits + field->size_bits + 7) / 8;
    return first <= offset_bytes && offset_bytes < end;
}

/* What is behind the end of a record lies in its flexible array. */
static uint32_t flexible_field(const ul_record *record, uint64_t offset_bytes)
{
    for (uint32_t i = record->field_count; i-- > 0;) {
        if (record->fields[i].flags & UL_FIELD_FLEXIBLE && record->fields[i].parent == UL_NO_PARENT && offset_bytes * 8 >= record->fields[i].offset_bits)
            return i;
    }
    return UL_NO_PARENT;
}

uint32_t ul_placing_direct_at(const ul_record *record, uint64_t offset_bytes)
{
    for (uint32_t i = 0; i < record->field_count; i++) {
        if (record->fields[i].parent == UL_NO_PARENT && holds(&record->fields[i], offset_bytes))
            return i;
    }
    return flexible_field(record, offset_bytes);
}

static size_t stem_length(const char *path)
{
    return strcspn(path, ".[:");
}

uint32_t ul_placing_named(const ul_record *record, const char *path)
{
    size_t length = stem_length(path);
    for (uint32_t i = 0; i < record->field_count && length; i++) {
        const char *name = record->fields[i].name;
        if (strncmp(name, path, length) == 0 && !name[length])
            return i;
    }
    return UL_NO_PARENT;
}

static ul_placing *placing_of(ul_placings *of, uint32_t entry)
{
    ul_placing *placing = &of->items[entry];
    uint32_t count = of->report->entries[entry].record->field_count + 1u;
    if (!placing->fields) {
        placing->fields = UL_NEW_ARRAY(of->arena, ul_field_profile, count);
        placing->contended_fields = UL_NEW_ARRAY(of->arena, ul_profile_counts, count);
    }
    return placing;
}

void ul_placing_touch(ul_placings *of, uint32_t entry)
{
    ul_placing *placing = placing_of(of, entry);
    const ul_profile_meta *meta = &of->profile->meta;
    placing->biases |= meta->biases;
    placing->sources |= 1u << meta->source;
    if (of->is_touched[entry])
        return;
    of->is_touched[entry] = true;
    of->summary->record_count++;
    placing->seconds += meta->seconds;
    placing->has_seconds |= meta->seconds > 0;
    placing->has_no_seconds |= meta->seconds <= 0;
}

static void add(ul_placing *placing, uint32_t field, const ul_profile_counts *counts, double part, ul_placing_kind kind)
{
    ul_profile_counts *sum = kind == UL_PLACING_TYPE ? &placing->fields[field].counts : &placing->contended_fields[field];
    ul_profile_counts some = {counts->samples * part, counts->loads * part,      counts->stores * part,
                              counts->latency * part, counts->hitm_local * part, counts->hitm_remote * part};
    ul_profile_counts_add(sum, &some);
}

/* Members of a union lie over each other; bit-fields only share a byte. */
static bool overlap(const ul_record *record, uint32_t a, uint32_t b)
{
    const ul_field *first = &record->fields[a], *second = &record->fields[b];
    return first->offset_bits < second->offset_bits + second->size_bits && second->offset_bits < first->offset_bits + first->size_bits;
}

/* Adds to each member of `parent` that holds the byte, all of it to those that lie over each other, its part to those side by side. */
static bool add_below(ul_placings *of, uint32_t entry, uint32_t parent, uint64_t offset_bytes, const ul_profile_counts *counts, ul_placing_kind kind)
{
    const ul_record *record = of->report->entries[entry].record;
    ul_placing *placing = placing_of(of, entry);
    uint32_t count = 0, first = UL_NO_PARENT, last = UL_NO_PARENT;
    for (uint32_t i = 0; i < record->field_count; i++) {
        if (record->fields[i].parent != parent || !holds(&record->fields[i], offset_bytes))
            continue;
        first = count++ ? first : i;
        last = i;
    }
    bool is_over = count > 1 && overlap(record, first, last);
    for (uint32_t i = 0; i < record->field_count && count; i++) {
        if (record->fields[i].parent != parent || !holds(&record->fields[i], offset_bytes))
            continue;
        placing->fields[i].is_shared |= count > 1;
        add(placing, i, counts, is_over ? 1 : 1.0 / count, kind);
        if (record->fields[i].flags & UL_FIELD_ANONYMOUS)
            add_below(of, entry, i, offset_bytes, counts, kind);
    }
    return count > 0;
}

bool ul_placing_add_at(ul_placings *of, uint32_t entry, uint64_t offset_bytes, const ul_profile_counts *counts, ul_placing_kind kind)
{
    ul_placing *placing = placing_of(of, entry);
    uint32_t flexible;
    if (!add_below(of, entry, UL_NO_PARENT, offset_bytes, counts, kind)) {
        flexible = flexible_field(of->report->entries[entry].record, offset_bytes);
        if (flexible == UL_NO_PARENT)
            return false;
        add(placing, flexible, counts, 1, kind);
    }
    ul_profile_counts_add(kind == UL_PLACING_TYPE ? &placing->sampled : &placing->contended, counts);
    return true;
}

/* Whether a field beside it lies in one of its bytes. */
static bool shares_bytes(const ul_record *record, uint32_t index)
{
    const ul_field *field = &record->fields[index];
    uint64_t first = field->offset_bits / 8, last = (field->offset_bits + field->size_bits + 7) / 8;
    for (uint32_t i = 0; i < record->field_count; i++) {
        const ul_field *other = &record->fields[i];
        if (i != index && other->parent == field->parent && other->size_bits && other->offset_bits / 8 < last &&
            (other->offset_bits + other->size_bits + 7) / 8 > first)
            return true;
    }
    return false;
}

void ul_placing_add_to(ul_placings *of, uint32_t entry, uint32_t field, const ul_profile_counts *counts)
{
    ul_placing *placing = placing_of(of, entry);
    const ul_record *record = of->report->entries[entry].record;
    ul_profile_counts_add(&placing->sampled, counts);
    for (; field != UL_NO_PARENT; field = record->fields[field].parent) {
        placing->fields[field].is_shared |= shares_bytes(record, field);
        add(placing, field, counts, 1, UL_PLACING_TYPE);
    }
}

static int by_thread(const void *left, const void *right)
{
    const ul_profile_context *a = left, *b = right;
    int order = strcmp(a->thread, b->thread);
    return order ? order : strcmp(a->function, b->function);
}

ul_profile_context *ul_placing_context(ul_placings *of, uint32_t entry, const ul_profile_context *like)
{
    ul_placing *placing = placing_of(of, entry);
    ul_profile_context *last = placing->context_count ? &placing->contexts[placing->context_count - 1] : NULL;
    if (last && by_thread(last, like) == 0)
        return last;
    UL_RESERVE(of->arena, placing->contexts, placing->context_count, placing->context_capacity);
    ul_profile_context *context = &placing->contexts[placing->context_count++];
    *context = (ul_profile_context){.function = like->function, .thread = like->thread, .is_role = like->is_role};
    return context;
}

ul_profile_counts *ul_placing_use(ul_placings *of, ul_profile_context *context, uint32_t field)
{
    for (uint32_t i = 0; i < context->use_count; i++) {
        if (context->uses[i].field == field)
            return &context->uses[i].counts;
    }
    context->uses = ul_arena_grow(of->arena, context->uses, context->use_count, context->use_count + 1u, sizeof *context->uses, _Alignof(ul_profile_use));
    context->uses[context->use_count] = (ul_profile_use){.field = field};
    return &context->uses[context->use_count++].counts;
}

void ul_placing_tell(ul_placings *of, ul_profile_placement placement)
{
    ul_profile_summary *summary = of->summary;
    UL_RESERVE(of->arena, summary->placements, summary->placement_count, of->placement_capacity);
    summary->placements[summary->placement_count++] = placement;
    summary->placed_samples += placement.placed_samples;
}

static int by_field(const void *left, const void *right)
{
    const ul_profile_use *a = left, *b = right;
    return (a->field > b->field) - (a->field < b->field);
}

/* Threads of the contexts, sorted by thread, that are on `field`; of all of them with UL_NO_PARENT. */
static uint32_t count_threads(const ul_placing *placing, uint32_t field)
{
    uint32_t count = 0;
    const char *last = "";
    for (uint32_t i = 0; i < placing->context_count; i++) {
        const ul_profile_context *context = &placing->contexts[i];
        bool is_on = field == UL_NO_PARENT;
        for (uint32_t u = 0; u < context->use_count && !is_on; u++)
            is_on = context->uses[u].field == field;
        if (!is_on || strcmp(context->thread, last) == 0)
            continue;
        last = context->thread;
        count++;
    }
    return count;
}

/* What the direct field around `field` has; contexts know no other. */
static uint32_t direct_of(const ul_record *record, uint32_t field)
{
    while (record->fields[field].parent != UL_NO_PARENT)
        field = record->fields[field].parent;
    return field;
}

static void finish_fields(const ul_placing *placing, const ul_record *record, const ul_profile_counts *all)
{
    bool has_samples = placing->sampled.samples > 0;
    for (uint32_t i = 0; i < record->field_count; i++) {
        ul_field_profile *field = &placing->fields[i];
        ul_profile_counts contended = placing->contended_fields[i];
        contended.samples = has_samples ? 0 : contended.samples;
        ul_profile_counts_add(&field->counts, &contended);
        field->share = all->samples > 0 ? field->counts.samples / all->samples : 0;
        field->thread_count = count_threads(placing, direct_of(record, i));
        field->reads |= field->counts.loads > 0;
        field->writes |= field->counts.stores > 0;
    }
}

/* Sorts contexts and puts those of one function and thread together. */
static void merge_contexts(ul_placings *of, ul_placing *placing)
{
    uint32_t kept = 0;
    if (placing->context_count)
        qsort(placing->contexts, placing->context_count, sizeof *placing->contexts, by_thread);
    for (uint32_t i = 0; i < placing->context_count; i++) {
        const ul_profile_context *from = &placing->contexts[i];
        if (!kept || by_thread(&placing->contexts[kept - 1], from) != 0) {
            placing->contexts[kept++] = *from;
            continue;
        }
        ul_profile_context *to = &placing->contexts[kept - 1];
        to->count += from->count;
        to->is_role |= from->is_role;
        for (uint32_t u = 0; u < from->use_count; u++)
            ul_profile_counts_add(ul_placing_use(of, to, from->uses[u].field), &from->uses[u].counts);
    }
    placing->context_count = kept;
    for (uint32_t i = 0; i < kept; i++)
        qsort(placing->contexts[i].uses, placing->contexts[i].use_count, sizeof *placing->contexts[i].uses, by_field);
}

static const ul_record_profile *finish(ul_placings *of, uint32_t entry)
{
    ul_placing *placing = &of->items[entry];
    const ul_record *record = of->report->entries[entry].record;
    ul_record_profile *profile = UL_NEW(of->arena, ul_record_profile);
    merge_contexts(of, placing);
    ul_profile_counts contended = placing->contended;
    contended.samples = placing->sampled.samples > 0 ? 0 : contended.samples;
    *profile = (ul_record_profile){.fields = placing->fields,
                                   .contexts = placing->contexts,
                                   .counts = placing->sampled,
                                   .context_count = placing->context_count,
                                   .fights = placing->fights,
                                   .fight_count = placing->fight_count,
                                   .thread_count = count_threads(placing, UL_NO_PARENT),
                                   .thread_samples = placing->thread_samples,
                                   .seconds = placing->has_no_seconds ? 0 : placing->seconds,
                                   .biases = placing->biases,
                                   .sources = placing->sources,
                                   .is_time = placing->is_time && !placing->has_other};
    ul_profile_counts_add(&profile->counts, &contended);
    profile->has_direction = profile->counts.loads + profile->counts.stores > 0;
    finish_fields(placing, record, &profile->counts);
    return profile;
}

void ul_profiles_place(ul_report *report, const ul_profile *const *profiles, uint32_t count, ul_arena *arena)
{
    ul_profile_summary *summaries = UL_NEW_ARRAY(arena, ul_profile_summary, count + 1u);
    ul_placings of = {.report = report, .arena = arena, .profiles = profiles, .profile_count = count, .items = UL_NEW_ARRAY(arena, ul_placing, report->entry_count + 1u)};
    for (uint32_t i = 0; i < count; i++) {
        summaries[i].meta = profiles[i]->meta;
        of.profile = profiles[i];
        of.summary = &summaries[i];
        of.placement_capacity = 0;
        of.is_touched = UL_NEW_ARRAY(arena, bool, report->entry_count + 1u);
        ul_profile_place_types(&of);
        ul_profile_place_lines(&of);
    }
    for (uint32_t i = 0; i < report->entry_count; i++)
        report->entries[i].profile = of.items[i].fields ? finish(&of, i) : NULL;
    report->profiles = summaries;
    report->profile_count = count;
}

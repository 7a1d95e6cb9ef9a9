#include "report/profile.h"

#include <stdlib.h>
#include <string.h>

#include "report/labels.h"
#include "report/paths.h"

enum { INDENT = 3, NAME_COLUMNS = 20, WHERE_MAX = 3 };

static bool is_seen(const ul_field_profile *field)
{
    return field->counts.samples > 0 || field->counts.loads + field->counts.stores > 0 || field->counts.hitm_local + field->counts.hitm_remote > 0 ||
           field->reads || field->writes;
}

const char *ul_profile_share(const ul_entry *entry, uint32_t field, ul_arena *arena)
{
    const ul_record_profile *profile = entry->profile;
    if (!profile || profile->counts.samples <= 0 || profile->fields[field].counts.samples <= 0)
        return "";
    return ul_arena_printf(arena, "%.1f %%", profile->fields[field].share * 100);
}

const char *ul_profile_biases(uint32_t biases, ul_arena *arena)
{
    const char *text = "";
    for (int bias = 0; bias < UL_BIAS_COUNT; bias++) {
        if (biases & 1u << bias)
            text = ul_arena_printf(arena, "%s%s%s", text, *text ? ", " : "", ul_profile_bias_name((ul_profile_bias)bias));
    }
    return text;
}

static void draw_number(ul_ink *ink, double number)
{
    if (number > 0)
        ul_strbuf_printf(ink->out, " %8.*f", number < 1e6 && number != (double)(uint64_t)number, number);
    else
        ul_strbuf_puts(ink->out, "        .");
}

/* "tx reads, rx reads and writes": of a table without numbers. */
static const char *role_words(const ul_record_profile *profile, uint32_t field, ul_arena *arena)
{
    const char *text = "";
    for (uint32_t c = 0; c < profile->context_count; c++) {
        const ul_profile_context *context = &profile->contexts[c];
        for (uint32_t u = 0; u < context->use_count; u++) {
            const ul_profile_counts *counts = &context->uses[u].counts;
            if (context->uses[u].field != field || !context->is_role)
                continue;
            text = ul_arena_printf(arena, "%s%s%s %s", text, *text ? ", " : "", context->thread,
                                   counts->loads > 0 && counts->stores > 0 ? "reads and writes" : counts->stores > 0 ? "writes" : "reads");
        }
    }
    return text;
}

typedef struct user {
    const char *function;
    double samples;
} user;

static int by_samples(const void *left, const void *right)
{
    const user *a = left, *b = right;
    if (a->samples != b->samples)
        return a->samples > b->samples ? -1 : 1;
    return strcmp(a->function, b->function);
}

static int by_function(const void *left, const void *right)
{
    return strcmp(((const user *)left)->function, ((const user *)right)->function);
}

/* Functions that touch the field, on whatever thread; *count is set. */
static user *users_of(const ul_record_profile *profile, uint32_t field, uint32_t *count, ul_arena *arena)
{
    user *users = UL_NEW_ARRAY(arena, user, profile->context_count + 1u);
    uint32_t all = 0, kept = 0;
    for (uint32_t c = 0; c < profile->context_count; c++) {
        const ul_profile_context *context = &profile->contexts[c];
        for (uint32_t u = 0; u < context->use_count && context->function[0]; u++) {
            if (context->uses[u].field == field && context->uses[u].counts.samples > 0)
                users[all++] = (user){context->function, context->uses[u].counts.samples};
        }
    }
    if (all)
        qsort(users, all, sizeof *users, by_function);
    for (uint32_t i = 0; i < all; i++) {
        if (kept && strcmp(users[kept - 1].function, users[i].function) == 0)
            users[kept - 1].samples += users[i].samples;
        else
            users[kept++] = users[i];
    }
    if (kept)
        qsort(users, kept, sizeof *users, by_samples);
    *count = kept;
    return users;
}

/* "walk() 1357, main() 2 and 3 more": those with most samples first. */
static const char *function_words(const ul_record_profile *profile, uint32_t field, uint32_t most, ul_arena *arena)
{
    uint32_t count;
    const user *users = users_of(profile, field, &count, arena);
    const char *text = "";
    for (uint32_t i = 0; i < count && i < most; i++)
        text = ul_arena_printf(arena, "%s%s%s() %.6g", text, i ? ", " : "", users[i].function, users[i].samples);
    return count > most ? ul_arena_printf(arena, "%s and %u more", text, count - most) : text;
}

static void draw_field(ul_ink *ink, const ul_entry *entry, uint32_t index, const char *label, bool is_verbose, ul_arena *arena)
{
    const ul_record_profile *profile = entry->profile;
    const ul_field_profile *field = &profile->fields[index];
    const ul_profile_counts *counts = &field->counts;
    bool has_numbers = profile->counts.samples > 0;
    ul_strbuf_fill(ink->out, ' ', INDENT);
    uint32_t width = ul_ink_fit(ink, label, strlen(label), NAME_COLUMNS);
    ul_strbuf_fill(ink->out, ' ', width < NAME_COLUMNS ? NAME_COLUMNS - width : 0);
    if (has_numbers) {
        ul_strbuf_printf(ink->out, " %5.1f%%%c", field->share * 100, field->is_shared ? '*' : ' ');
        draw_number(ink, counts->samples);
        if (profile->has_direction) {
            draw_number(ink, counts->loads);
            draw_number(ink, counts->stores);
        }
        if (profile->counts.hitm_local + profile->counts.hitm_remote > 0)
            draw_number(ink, counts->hitm_local + counts->hitm_remote);
        if (profile->thread_count)
            draw_number(ink, field->thread_count);
    }
    const char *roles = role_words(profile, index, arena);
    if (*roles)
        ul_strbuf_printf(ink->out, " %s", roles);
    ul_strbuf_putc(ink->out, '\n');
    const char *functions = has_numbers ? function_words(profile, index, is_verbose ? UINT32_MAX : WHERE_MAX, arena) : "";
    if (*functions) {
        ul_strbuf_fill(ink->out, ' ', INDENT + 2);
        ul_ink_wrap(ink, functions, INDENT + 2, INDENT + 4);
    }
}

void ul_profile_draw(ul_ink *ink, const ul_entry *entry, bool is_verbose, ul_arena *arena)
{
    const ul_record_profile *profile = entry->profile;
    bool has_shared = false;
    if (!profile)
        return;
    const char *const *labels = ul_labels_of(entry->record, arena);
    ul_strbuf_fill(ink->out, ' ', INDENT);
    ul_strbuf_printf(ink->out, "%-*s", profile->counts.samples > 0 ? NAME_COLUMNS : 0, "profile");
    if (profile->counts.samples > 0) {
        ul_strbuf_printf(ink->out, " %6s  %8s", "share", "samples");
        ul_strbuf_printf(ink->out, profile->has_direction ? " %8s %8s" : "", "loads", "stores");
        ul_strbuf_printf(ink->out, profile->counts.hitm_local + profile->counts.hitm_remote > 0 ? " %8s" : "", "hitm");
        ul_strbuf_printf(ink->out, profile->thread_count ? " %8s" : "", "threads");
    }
    ul_strbuf_putc(ink->out, '\n');
    for (uint32_t i = 0; i < entry->record->field_count; i++) {
        has_shared |= profile->fields[i].is_shared && is_seen(&profile->fields[i]);
        if (is_seen(&profile->fields[i]))
            draw_field(ink, entry, i, labels[i], is_verbose, arena);
    }
    if (has_shared) {
        ul_strbuf_fill(ink->out, ' ', INDENT);
        ul_strbuf_puts(ink->out, "* its bytes are those of others too: which of them was meant is not known\n");
    }
}

static const char *percent_of(double part, double all, ul_arena *arena)
{
    return ul_arena_printf(arena, "%.1f %%", all > 0 ? part * 100 / all : 0);
}

const char *ul_profile_words(const ul_profile_summary *summary, ul_arena *arena)
{
    const ul_profile_meta *meta = &summary->meta;
    double all = meta->samples > meta->typed_samples ? meta->samples : meta->typed_samples;
    const char *text = ul_profile_source_name(meta->source), *records = ul_arena_printf(arena, "%u record%s", summary->record_count, summary->record_count == 1 ? "" : "s");
    if (meta->event[0])
        text = ul_arena_printf(arena, "%s of %s", text, meta->event);
    if (all <= 0)
        return ul_arena_printf(arena, "%s, without numbers: placed on %s", text, records);
    if (!meta->is_share)
        text = ul_arena_printf(arena, "%s, %.15g sample%s", text, all, all == 1 ? "" : "s");
    if (meta->samples > 0 && meta->source != UL_PROFILE_PERF_C2C)
        text = ul_arena_printf(arena, "%s, %s of them with a type", text, percent_of(meta->typed_samples, all, arena));
    if (meta->resolved_share > 0)
        text = ul_arena_printf(arena, "%s, %.1f %% of its instructions understood", text, meta->resolved_share * 100);
    return ul_arena_printf(arena, "%s, %s placed on %s", text, percent_of(summary->placed_samples, all, arena), records);
}

/* A direct field with its share. */
typedef struct portion {
    uint32_t field;
    double share;
} portion;

static int by_share(const void *left, const void *right)
{
    const portion *a = left, *b = right;
    if (a->share != b->share)
        return a->share > b->share ? -1 : 1;
    return (a->field > b->field) - (a->field < b->field);
}

const char *ul_profile_record_words(const ul_entry *entry, ul_arena *arena)
{
    enum { NAMED_MAX = 8 };
    const ul_record_profile *profile = entry->profile;
    const char *const *labels = ul_labels_of(entry->record, arena);
    portion *portions = UL_NEW_ARRAY(arena, portion, entry->record->field_count + 1u);
    const char *text = "";
    uint32_t count = 0;
    for (uint32_t i = 0; profile && i < entry->record->field_count; i++) {
        if (entry->record->fields[i].parent == UL_NO_PARENT && profile->fields[i].share > 0)
            portions[count++] = (portion){i, profile->fields[i].share};
    }
    if (!count)
        return "";
    qsort(portions, count, sizeof *portions, by_share);
    for (uint32_t i = 0; i < count && i < NAMED_MAX; i++)
        text = ul_arena_printf(arena, "%s%s`%s` %.1f %%", text, i ? ", " : "", labels[portions[i].field], portions[i].share * 100);
    if (count > NAMED_MAX)
        text = ul_arena_printf(arena, "%s and %u more", text, count - NAMED_MAX);
    return ul_arena_printf(arena, "%s of %.6g sample%s", text, profile->counts.samples, profile->counts.samples > 1 ? "s" : "");
}

static void draw_biases(ul_ink *ink, uint32_t biases, ul_arena *arena)
{
    for (int bias = 0; bias < UL_BIAS_COUNT; bias++) {
        if (!(biases & 1u << bias))
            continue;
        ul_strbuf_puts(ink->out, "  ");
        ul_ink_wrap(ink, ul_arena_printf(arena, "%s: %s", ul_profile_bias_name((ul_profile_bias)bias), ul_profile_bias_text((ul_profile_bias)bias)), 2, 4);
    }
}

static void draw_placements(ul_ink *ink, const ul_profile_summary *summary, ul_arena *arena)
{
    for (uint32_t i = 0; i < summary->placement_count; i++) {
        const ul_profile_placement *placement = &summary->placements[i];
        const char *to = placement->record ? ul_arena_printf(arena, " on `%s`", placement->record) : "";
        ul_strbuf_puts(ink->out, "  ");
        ul_ink_wrap(ink, ul_arena_printf(arena, "`%s`, %.6g sample%s: %s%s%s%s", placement->name, placement->samples, placement->samples == 1 ? "" : "s", ul_profile_match_name(placement->match), to,
                                         placement->detail[0] ? "; " : "", placement->detail), 2, 4);
    }
}

void ul_profiles_draw(ul_ink *ink, const ul_report *report, bool is_verbose, ul_arena *arena)
{
    for (uint32_t i = 0; i < report->profile_count; i++) {
        const ul_profile_summary *summary = &report->profiles[i];
        const char *biases = ul_profile_biases(summary->meta.biases, arena);
        ul_strbuf_puts(ink->out, "profile ");
        ul_ink_wrap(ink, ul_arena_printf(arena, "%s: %s", ul_path_below(summary->meta.file, report->cwd), ul_profile_words(summary, arena)), 8, 2);
        if (is_verbose) {
            draw_biases(ink, summary->meta.biases, arena);
            draw_placements(ink, summary, arena);
        } else if (*biases) {
            ul_strbuf_puts(ink->out, "  biased: ");
            ul_ink_wrap(ink, ul_arena_printf(arena, "%s (-v says what that means)", biases), 10, 4);
        }
    }
}

static double rounded(double number)
{
    return (double)(int64_t)(number * 1000 + 0.5) / 1000;
}

static void add_counts(cJSON *item, const ul_profile_counts *counts)
{
    cJSON_AddNumberToObject(item, "samples", rounded(counts->samples));
    cJSON_AddNumberToObject(item, "loads", rounded(counts->loads));
    cJSON_AddNumberToObject(item, "stores", rounded(counts->stores));
    cJSON_AddNumberToObject(item, "latency", rounded(counts->latency));
    cJSON_AddNumberToObject(item, "hitm_local", rounded(counts->hitm_local));
    cJSON_AddNumberToObject(item, "hitm_remote", rounded(counts->hitm_remote));
}

static void add_biases(cJSON *item, uint32_t biases)
{
    cJSON *list = cJSON_AddArrayToObject(item, "biases");
    for (int bias = 0; bias < UL_BIAS_COUNT; bias++) {
        if (biases & 1u << bias)
            cJSON_AddItemToArray(list, cJSON_CreateString(ul_profile_bias_name((ul_profile_bias)bias)));
    }
}

static cJSON *context_item(const ul_profile_context *context, const char *const *labels, ul_arena *arena)
{
    cJSON *item = cJSON_CreateObject();
    ul_json_text(item, "function", context->function, arena);
    ul_json_text(item, "thread", context->thread, arena);
    cJSON_AddNumberToObject(item, "count", rounded(context->count));
    cJSON *fields = cJSON_AddArrayToObject(item, "fields");
    for (uint32_t u = 0; u < context->use_count; u++) {
        cJSON *use = cJSON_CreateObject();
        ul_json_text(use, "name", labels[context->uses[u].field], arena);
        add_counts(use, &context->uses[u].counts);
        cJSON_AddItemToArray(fields, use);
    }
    return item;
}

static int by_number(const void *left, const void *right)
{
    const double *a = left, *b = right;
    return *a > *b ? -1 : *a < *b;
}

/* The count of the last context that is told: a kernel has tens of thousands for one record. */
static double least_count(const ul_record_profile *profile, ul_arena *arena)
{
    enum { CONTEXTS_MAX = 100 };
    if (profile->context_count <= CONTEXTS_MAX)
        return 0;
    double *counts = UL_NEW_ARRAY(arena, double, profile->context_count);
    for (uint32_t c = 0; c < profile->context_count; c++)
        counts[c] = profile->contexts[c].count;
    qsort(counts, profile->context_count, sizeof *counts, by_number);
    return counts[CONTEXTS_MAX] + 1e-9; /* ties are left out together */
}

void ul_profile_add(cJSON *item, const ul_entry *entry, ul_arena *arena)
{
    const ul_record_profile *profile = entry->profile;
    if (!profile)
        return;
    const char *const *labels = ul_labels_of(entry->record, arena);
    cJSON *out = cJSON_AddObjectToObject(item, "profile");
    add_counts(out, &profile->counts);
    ul_json_count(out, "threads", profile->thread_count);
    add_biases(out, profile->biases);
    cJSON *fields = cJSON_AddArrayToObject(out, "fields");
    for (uint32_t i = 0; i < entry->record->field_count; i++) {
        const ul_field_profile *field = &profile->fields[i];
        if (!is_seen(field))
            continue;
        cJSON *one = cJSON_CreateObject();
        ul_json_text(one, "name", labels[i], arena);
        cJSON_AddNumberToObject(one, "share", (double)(int64_t)(field->share * 1e6 + 0.5) / 1e6);
        add_counts(one, &field->counts);
        ul_json_count(one, "threads", field->thread_count);
        cJSON_AddBoolToObject(one, "shared", field->is_shared);
        cJSON_AddItemToArray(fields, one);
    }
    cJSON *contexts = cJSON_AddArrayToObject(out, "contexts");
    double least = least_count(profile, arena);
    uint32_t left = 0;
    for (uint32_t c = 0; c < profile->context_count; c++) {
        if (profile->contexts[c].count >= least)
            cJSON_AddItemToArray(contexts, context_item(&profile->contexts[c], labels, arena));
        else
            left++;
    }
    ul_json_count(out, "contexts_left", left);
}

cJSON *ul_profile_item(const ul_report *report, const ul_profile_summary *summary, ul_arena *arena)
{
    const ul_profile_meta *meta = &summary->meta;
    cJSON *item = cJSON_CreateObject();
    ul_json_path(item, "file", meta->file, report, arena);
    cJSON_AddStringToObject(item, "source", ul_profile_source_name(meta->source));
    ul_json_text(item, "event", meta->event, arena);
    ul_json_text(item, "perf_version", meta->perf_version, arena);
    cJSON_AddNumberToObject(item, "period", rounded(meta->period));
    cJSON_AddNumberToObject(item, "samples", rounded(meta->samples));
    cJSON_AddNumberToObject(item, "typed_samples", rounded(meta->typed_samples));
    cJSON_AddNumberToObject(item, "placed_samples", rounded(summary->placed_samples));
    cJSON_AddBoolToObject(item, "percentages", meta->is_share);
    ul_json_count(item, "records", summary->record_count);
    add_biases(item, meta->biases);
    cJSON *list = cJSON_AddArrayToObject(item, "types");
    for (uint32_t i = 0; i < summary->placement_count; i++) {
        const ul_profile_placement *placement = &summary->placements[i];
        cJSON *one = cJSON_CreateObject();
        ul_json_text(one, "name", placement->name, arena);
        ul_json_text(one, "record", placement->record, arena);
        cJSON_AddStringToObject(one, "match", ul_profile_match_name(placement->match));
        ul_json_count(one, "line", placement->line);
        cJSON_AddNumberToObject(one, "samples", rounded(placement->samples));
        cJSON_AddNumberToObject(one, "placed_samples", rounded(placement->placed_samples));
        ul_json_text(one, "detail", placement->detail, arena);
        cJSON_AddItemToArray(list, one);
    }
    return item;
}

#include "layout/rules/measured.h"

#include <string.h>

/*
 * What a write to a line that another core has changed costs, and what follows: an operation of T ns takes 1 + 57/T times as long. Measured on
 * two cores of one machine, at spacings of 60 ns to 2.4 us.
 */
#define CONTENDED_WRITE_NS 57.0

/* Fewer are an accident: of a thread; of all hits. Of percentages, hundredths. */
#define SAMPLES_LEAST 5.0
#define HITS_LEAST 10.0
#define PERCENT_LEAST 0.05

/* How much more a suspicion that was seen counts than one that was not. */
#define SEEN_FACTOR 1000.0

ul_contested ul_contested_all(const ul_entry *entry, ul_arena *arena)
{
    uint32_t *fields = UL_NEW_ARRAY(arena, uint32_t, entry->record->field_count + 1u), count = 0;
    for (uint32_t i = 0; i < entry->record->field_count; i++) {
        if (entry->record->fields[i].parent == UL_NO_PARENT)
            fields[count++] = i;
    }
    return (ul_contested){.fields = {fields}, .counts = {count}, .entry = entry};
}

/* What was seen on the contested fields. */
typedef struct sight {
    const ul_record_profile *profile;
    double samples[2], hits;    /* of each side; of both */
    double thread_samples;      /* of those in contexts with a thread */
    double operations_ns;       /* between two uses on one thread, as counts of contexts have it; 0 when not known */
    uint32_t thread_count;      /* with enough of them */
    bool is_share;
} sight;

static bool has_field(const ul_contested *contested, uint32_t field)
{
    for (uint32_t side = 0; side < 2; side++) {
        for (uint32_t i = 0; i < contested->counts[side]; i++) {
            if (contested->fields[side][i] == field)
                return true;
        }
    }
    return false;
}

/* Contexts know direct fields only. */
static uint32_t direct_of(const ul_record *record, uint32_t field)
{
    while (record->fields[field].parent != UL_NO_PARENT)
        field = record->fields[field].parent;
    return field;
}

static bool is_contested(const ul_record *record, const ul_contested *contested, uint32_t direct)
{
    for (uint32_t i = 0; i < record->field_count; i++) {
        if (direct_of(record, i) == direct && has_field(contested, i))
            return true;
    }
    return false;
}

static double seen_of(const ul_profile_counts *counts)
{
    double accesses = counts->loads + counts->stores;
    return counts->samples > accesses ? counts->samples : accesses;
}

static bool is_share(const ul_report *report)
{
    bool has_shares = false;
    for (uint32_t i = 0; i < report->profile_count; i++)
        has_shares |= report->profiles[i].meta.is_share;
    return has_shares;
}

/* Contexts are sorted by thread: what each has on the contested fields. */
static void look_at_threads(sight *seen, const ul_record *record, const ul_contested *contested)
{
    const ul_record_profile *profile = seen->profile;
    double least = seen->is_share ? PERCENT_LEAST : SAMPLES_LEAST, of_thread = 0;
    for (uint32_t c = 0; c < profile->context_count; c++) {
        const ul_profile_context *context = &profile->contexts[c];
        double of_context = 0;
        for (uint32_t u = 0; u < context->use_count; u++) {
            if (is_contested(record, contested, context->uses[u].field))
                of_context += seen_of(&context->uses[u].counts);
        }
        bool is_last = c + 1 == profile->context_count || strcmp(profile->contexts[c + 1].thread, context->thread) != 0;
        of_thread += context->thread[0] ? of_context : 0;
        if (profile->seconds > 0 && context->count > 0 && of_context > 0) {
            double apart_ns = profile->seconds * 1e9 / context->count;
            seen->operations_ns = seen->operations_ns > 0 && seen->operations_ns < apart_ns ? seen->operations_ns : apart_ns;
        }
        if (!is_last)
            continue;
        seen->thread_samples += of_thread;
        seen->thread_count += of_thread >= least;
        of_thread = 0;
    }
}

static sight look(const ul_rule_context *context, const ul_entry *of, const ul_contested *contested)
{
    sight seen = {.profile = of->profile, .is_share = is_share(context->report)};
    for (uint32_t side = 0; side < 2; side++) {
        for (uint32_t i = 0; i < contested->counts[side]; i++) {
            const ul_profile_counts *counts = &seen.profile->fields[contested->fields[side][i]].counts;
            seen.samples[side] += seen_of(counts);
            seen.hits += counts->hitm_local + counts->hitm_remote;
        }
    }
    look_at_threads(&seen, of->record, contested);
    return seen;
}

/* Of everything that was measured in the run, 0 to 1. */
static double weight_of(const ul_rule_context *context, double samples)
{
    double all = 0;
    for (uint32_t i = 0; i < context->report->profile_count; i++)
        all += context->report->profiles[i].placed_samples;
    return all > samples ? samples / all : samples > 0 ? 1 : 0;
}

/*
 * The time of waiting is at most what the contested fields have of the threads' samples: with a part s of it, T = 57 (1 - s) / s, and
 * 1 + 57/T = 1 / (1 - s).
 */
static const char *cost_words(const sight *seen, ul_arena *arena)
{
    const ul_record_profile *profile = seen->profile;
    double part = profile->thread_samples > 0 ? seen->thread_samples / profile->thread_samples : 0;
    if (seen->operations_ns > 0)
        return ul_arena_printf(arena, " It is done every %.3g ns: with %.0f ns for a write to a contended line that is %.2f times the time.", seen->operations_ns,
                               CONTENDED_WRITE_NS, 1 + CONTENDED_WRITE_NS / seen->operations_ns);
    if (!profile->is_time || part <= 0 || part > 0.95)
        return "";
    return ul_arena_printf(arena, " That is %.1f %% of the time of these threads, which take up to %.2f times as long for it%s.", part * 100, 1 / (1 - part),
                           profile->biases & 1u << UL_BIAS_SKID ? "; skid hides some of it" : "");
}

static const char *seen_words(const sight *seen, ul_arena *arena)
{
    double samples = seen->samples[0] + seen->samples[1];
    const char *by = seen->thread_count > 1 ? ul_arena_printf(arena, ", from %u threads", seen->thread_count) : "";
    if (seen->hits >= HITS_LEAST)
        return ul_arena_printf(arena, " Measured: %.0f loads of these fields found the line changed in another core's cache.", seen->hits);
    return seen->is_share ? ul_arena_printf(arena, " Measured: %.4g %% of all samples fall on these fields%s.", samples, by)
                          : ul_arena_printf(arena, " Measured: %.0f samples fall on these fields%s.", samples, by);
}

static void raise(ul_finding *finding, double weight)
{
    finding->is_measured = true;
    finding->score *= 1 + SEEN_FACTOR * weight;
}

static bool was_measured(const ul_record_profile *profile)
{
    return profile && profile->counts.samples > 0 && !(profile->biases & 1u << UL_BIAS_BY_HAND);
}

void ul_measured_add(const ul_rule_context *context, const ul_rule *rule, ul_contested contested, ul_finding finding)
{
    ul_arena *arena = context->findings->arena;
    const ul_entry *entry = contested.entry ? contested.entry : &context->report->entries[finding.entry];
    if (was_measured(entry->profile)) {
        sight seen = look(context, entry, &contested);
        double samples = seen.samples[0] + seen.samples[1];
        bool both = seen.samples[0] > 0 && (!contested.counts[1] || seen.samples[1] > 0);
        if (samples <= 0) {
            finding.why = ul_arena_printf(arena, "%s Measured: no sample falls on these fields.", finding.why);
        } else if (both && (seen.hits >= HITS_LEAST || seen.thread_count > 1)) {
            finding.why = ul_arena_printf(arena, "%s%s%s", finding.why, seen_words(&seen, arena), cost_words(&seen, arena));
            raise(&finding, weight_of(context, samples));
        } else {
            finding.why = ul_arena_printf(arena, "%s%s", finding.why, seen_words(&seen, arena));
        }
    }
    ul_findings_add(context, rule, finding);
}

void ul_measured_add_hot(const ul_rule_context *context, const ul_rule *rule, const uint32_t *hot, uint32_t hot_count, const bool *is_cold, ul_finding finding)
{
    ul_arena *arena = context->findings->arena;
    const ul_entry *entry = &context->report->entries[finding.entry];
    const ul_record_profile *profile = entry->profile;
    double of_hot = 0, of_cold = 0, least = is_share(context->report) ? PERCENT_LEAST : SAMPLES_LEAST;
    if (was_measured(profile)) {
        for (uint32_t i = 0; i < hot_count; i++)
            of_hot += profile->fields[hot[i]].counts.samples;
        for (uint32_t i = 0; i < entry->record->field_count; i++)
            of_cold += is_cold[i] ? profile->fields[i].counts.samples : 0;
        double all = profile->counts.samples;
        finding.why = ul_arena_printf(arena, "%s Measured: they have %.1f %% of the record's samples, what lies between them %.1f %%.", finding.why, of_hot * 100 / all, of_cold * 100 / all);
        if (of_hot >= least * hot_count && of_hot * 2 >= all && of_cold * 100 <= all)
            raise(&finding, weight_of(context, of_hot));
    }
    ul_findings_add(context, rule, finding);
}

/*
 * Everything that a report is made of: the one noun between the engine's room and the formats.
 * Built by cli, read by report/. Entries are sorted by file, line, column, name; findings by file, line, rule.
 */
#ifndef UL_MODEL_REPORT_H
#define UL_MODEL_REPORT_H

#include "layout/model/allocation.h"
#include "layout/model/census.h"
#include "layout/model/finding.h"
#include "layout/model/patch.h"
#include "layout/model/profile.h"
#include "layout/model/fix.h"
#include "layout/model/use.h"

/* A record with all that is known about it. */
typedef struct ul_entry {
    const ul_record *record;
    ul_facts facts;
    const ul_plan *plan; /* NULL when nothing smaller is reachable, or when refused */
    const ul_trade *trades;
    uint32_t trade_count, variant_count;
    /* The same record where its layout differs: other units, other targets. First is the one in `record`. */
    const ul_record *const *variants;
    const ul_patch *patch; /* NULL when no format asked for it, or nothing is to be moved */
    /* By target: the record once every plan is applied, itself when nothing changes; NULL where there is none or it cannot be told. */
    const ul_record *const *afters;
    const ul_fix *fix; /* what was done about the plan; NULL unless asked for */
    const ul_record_profile *profile; /* NULL when no profile has seen it */
    const ul_usage *usage; /* asked of the planner: a layout for this use instead of the smallest; NULL: the smallest */
    const ul_use_outcome *outcome; /* what that came to, with usage */
    bool is_kept;      /* asked of the planner: its order stays, whatever could be had */
} ul_entry;

/* Bytes of a source file, for the lines under a diagnostic. */
typedef struct ul_source {
    const char *file;
    const char *bytes;
    uint64_t length;
} ul_source;

typedef struct ul_stats {
    double scan_seconds, parse_seconds, engine_seconds, report_seconds, total_seconds; /* wall; parse is summed over workers */
    double probe_seconds, read_seconds; /* parts of parse: alignment probes; walking the parsed unit */
    double census_seconds; /* part of read */
    uint32_t units, units_failed, probes, workers;
    uint64_t peak_worker_bytes, peak_bytes; /* resident */
} ul_stats;

/* What the rule layout-regression says of an entry: made by whoever compared it with what it was. */
typedef struct ul_regression {
    const char *message; /* NULL: nothing */
    const char *why, *fix;
} ul_regression;

typedef struct ul_report { // ullage: ignore[reorder-saves] -- one a run; counts stand with what they count
    const char *version, *libclang_version;
    const char *root; /* work tree root with a trailing slash, or NULL: paths in documents are relative to it */
    const char *cwd;  /* with a trailing slash; paths in text are relative to it */
    const ul_target *targets;
    uint32_t target_count;
    ul_entry *entries;
    uint32_t entry_count;
    const uint32_t *object_variables; /* of the census, sorted: the first objects stand for them, in order */
    uint32_t object_variable_count;
    uint32_t object_count; /* entries[entry_count..] stand for variables and allocations that findings are about; they are listed nowhere */
    const ul_rule_info *const *rules; /* every rule there is, in order */
    uint32_t rule_count;
    ul_finding *findings;
    uint32_t finding_count;
    uint32_t silenced_count;
    uint32_t accepted_count; /* findings that the baseline knows: they are not among findings */
    const ul_finding *silenced; /* findings that the source itself silences, sorted as the others; they count nowhere */
    const ul_diag *diags;
    uint32_t diag_count;
    const ul_source *sources;
    uint32_t source_count;
    uint64_t saved_bytes; /* sum over reorder-saves findings */
    uint32_t refused_count; /* records with at least one refusal */
    const ul_census *census; /* merged, NULL when function bodies were not read */
    const ul_uses *uses;     /* merged, NULL when nobody asked */
    const ul_profile_summary *profiles; /* what became of each --profile, in their order */
    uint32_t profile_count;
    const ul_allocations *allocations; /* merged, NULL without a census */
    const ul_advice *advice; /* about allocations, by place */
    uint32_t advice_count;
    bool shows_census;       /* with the records */
    bool shows_all_evidence; /* findings of low rank too */
    const ul_stats *stats; /* NULL unless asked for */
    const ul_regression *regressions; /* by entry; NULL when nothing was compared */
    const struct ul_changes *changes; /* change.h; NULL but for diff: entries and findings are then those of the new side */
    const char *diff;      /* all patches at once, for `git apply -p1` below the root; NULL when no format asked for it */
    uint64_t diff_length;
    const ul_fix_summary *fix; /* NULL unless the run is to change files */
} ul_report;

/* How many entries a finding may be about: the records and, behind them, the variables. */
static inline uint32_t ul_report_subjects(const ul_report *report)
{
    return report->entry_count + report->object_count;
}

#endif

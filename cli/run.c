#include "cli/run.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "cli/baseline.h"
#include "cli/diff.h"
#include "cli/facts_units.h"
#include "cli/fix.h"
#include "cli/patches.h"
#include "cli/paths.h"
#include "cli/profiles.h"
#include "cli/record_name.h"
#include "cli/run_units.h"
#include "cli/settings.h"
#include "cli/sources.h"
#include "cli/thread_note.h"
#include "layout/engine/allocations.h"
#include "layout/engine/census.h"
#include "layout/engine/merge.h"
#include "layout/engine/objects.h"
#include "layout/engine/plans.h"
#include "layout/engine/uses.h"
#include "layout/parse/workers.h"
#include "layout/rules/rule.h"

enum { EXIT_CLEAN, EXIT_FINDINGS, EXIT_ERRORS };

typedef struct run {
    const ul_config *config;
    ul_terminal *terminal;
    ul_arena *arena;
    ul_selection selection;
    ul_run_units units;
    ul_diags diags;
    ul_report report;
    ul_stats stats;
    struct timespec begin;
    ul_sources sources;
    ul_diff_sides sides; /* of diff */
    ul_profiles profiles;
    ul_baseline *baseline; /* of check, or NULL */
    uint32_t stale_count;  /* in it */
} run;

static double seconds_since(const struct timespec *begin)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - begin->tv_sec) + (double)(now.tv_nsec - begin->tv_nsec) * 1e-9;
}

/* A list of paths that names none asks for nothing; the default PATH is for when nothing was said. */
static bool has_nothing_to_do(const ul_config *config)
{
    return config->has_path_list && config->path_count == 0;
}

static bool is_diff(const run *of)
{
    return of->config->command == UL_COMMAND_DIFF;
}

/* What is said of selection and units is said of the new side. */
static ul_status read_sides(run *of)
{
    ul_status status = ul_diff_read(&of->sides, of->config, of->terminal, &of->diags, of->arena);
    of->selection = of->sides.after.selection;
    of->units = of->sides.after.units;
    if (status != UL_OK)
        ul_diff_sides_tell(&of->sides);
    return status;
}

/* A profile that cannot be read ends the run unless the rest is wanted; the exit status is the same. */
static ul_status read_profiles(run *of)
{
    ul_status status = ul_profiles_read(&of->profiles, of->config, of->selection.cwd, &of->diags, of->arena);
    return of->config->keeps_going ? UL_OK : status;
}

static ul_status read_facts(run *of)
{
    ul_facts_set set;
    ul_facts_request request = {.files = of->config->facts, .file_count = of->config->facts_count};
    return ul_facts_units_read(&of->selection, &of->units, &set, &request, of->config, &of->diags, of->arena);
}

static ul_status read_input(run *of)
{
    struct timespec begin;
    if (is_diff(of))
        return read_sides(of);
    if (of->config->facts_count)
        return read_facts(of);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    ul_status status = ul_select(&of->selection, of->config, &of->diags, of->arena);
    if (status == UL_OK)
        status = read_profiles(of);
    of->stats.scan_seconds = seconds_since(&begin);
    if (status != UL_OK)
        return status;
    return ul_run_units_read(&of->units, &of->selection, of->terminal);
}

static void count_units(run *of, const ul_run_units *units)
{
    ul_stats *stats = &of->stats;
    stats->units += units->count;
    stats->workers = of->config->jobs < stats->units ? of->config->jobs : stats->units;
    for (uint32_t i = 0; i < units->count; i++) {
        const ul_unit_result *result = &units->results[i];
        stats->units_failed += result->outcome != UL_UNIT_READ;
        stats->parse_seconds += result->parse_seconds + result->read_seconds + result->probe_seconds;
        stats->read_seconds += result->read_seconds;
        stats->census_seconds += result->census_seconds;
        stats->probe_seconds += result->probe_seconds;
        stats->probes += result->probe_count;
        if (result->peak_bytes > stats->peak_worker_bytes)
            stats->peak_worker_bytes = result->peak_bytes;
    }
}

/* Reads the baseline where one is asked for; before the rules, which are told of regressions. */
static ul_status open_baseline(run *of)
{
    const ul_config *config = of->config;
    if (!config->baseline_file && !config->updates_baseline)
        return UL_OK;
    const char *base = config->baseline_file || !of->selection.root ? of->selection.cwd : of->selection.root;
    const char *file = ul_path_settle(base, config->baseline_file ? config->baseline_file : ".ullage-baseline.json", of->arena);
    ul_status status = ul_baseline_read(&of->baseline, file, config->updates_baseline, &of->report, &of->diags, of->arena);
    if (status == UL_OK)
        ul_baseline_compare(of->baseline, &of->report, of->arena);
    return status;
}

/* Takes out findings in headers that neither PATH nor --header-filter names. */
static void filter_headers(run *of)
{
    ul_report *report = &of->report;
    regex_t pattern;
    uint32_t kept = 0;
    if (!of->config->header_filter || regcomp(&pattern, of->config->header_filter, REG_EXTENDED | REG_NOSUB) != 0)
        return;
    for (uint32_t i = 0; i < report->finding_count; i++) {
        const char *file = report->entries[report->findings[i].entry].record->file;
        if (ul_filter_names(&of->selection.filter, file) || regexec(&pattern, file, 0, NULL, 0) == 0)
            report->findings[kept++] = report->findings[i];
    }
    report->finding_count = kept;
    regfree(&pattern);
}

/* After the rules: known findings are taken out, or all of them written down. A run that did not see everything writes nothing. */
static ul_status apply_baseline(run *of)
{
    if (!of->baseline)
        return UL_OK;
    if (!of->config->updates_baseline) {
        of->stale_count = ul_baseline_accept(of->baseline, &of->report, &of->selection, &of->units, &of->diags);
        return UL_OK;
    }
    if (of->diags.error_count) {
        ul_diags_add(&of->diags, UL_LEVEL_ERROR, NULL, 0, 0, "the baseline is not written: some input could not be read");
        return UL_OK;
    }
    ul_status status = ul_baseline_write(of->baseline, &of->report, &of->selection, &of->units, &of->diags, of->arena);
    of->report.accepted_count = of->report.finding_count;
    of->report.finding_count = 0;
    of->report.saved_bytes = 0;
    return status;
}

/* Whether the rule about allocations is on for a file that has some: what nobody hears is not judged. */
static bool hears_allocations(const run *of)
{
    uint32_t index = ul_rule_index(ul_rule_find("alloc-pattern"));
    const char *file = NULL;
    for (uint32_t i = 0; i < of->units.count; i++) {
        const ul_allocations *rows = &of->units.results[i].allocations;
        for (uint32_t k = 0; k < rows->count; k++) {
            if (file && strcmp(file, rows->items[k].file) == 0)
                continue;
            file = rows->items[k].file;
            if (!of->config->settings || ul_settings_rules(of->config->settings, file, of->arena)->levels[index] != UL_LEVEL_OFF)
                return true;
        }
    }
    return false;
}

/* Findings are about variables and allocations too, but where one record was asked for. */
static void add_objects(run *of)
{
    ul_advice *advice = NULL;
    uint32_t count = 0;
    if (of->report.census && hears_allocations(of)) {
        ul_allocations *allocations = UL_NEW(of->arena, ul_allocations);
        ul_allocations_merge(allocations, of->units.results, of->units.count, of->arena);
        of->report.allocations = allocations;
        count = ul_allocations_judge(&advice, NULL, allocations, of->report.census, of->arena);
    }
    ul_objects_add(&of->report, advice, count, of->arena);
}

/* Every record takes part in planning, whatever is shown: embedded ones decide about those around them. */
static ul_status judge(run *of)
{
    ul_report *report = &of->report;
    ul_status status = UL_OK;
    struct timespec begin;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    if (is_diff(of)) {
        ul_diff_judge(report, &of->sides);
        of->stats.engine_seconds = seconds_since(&begin);
        return UL_OK;
    }
    ul_merge_units(&report->entries, &report->entry_count, of->units.results, of->units.count, of->arena);
    ul_census *census = NULL;
    ul_census_merge(&census, of->units.results, of->units.count, &of->config->names, of->arena);
    report->census = census;
    if (of->config->reads_uses) {
        ul_uses *uses = UL_NEW(of->arena, ul_uses);
        ul_uses_merge(uses, of->units.results, of->units.count, of->arena);
        report->uses = uses;
    }
    report->shows_census = of->config->shows_census;
    ul_profiles_apply(&of->profiles, report, &of->diags, of->arena);
    report->shows_all_evidence = of->config->shows_all_evidence;
    ul_plan_entries(report->entries, report->entry_count, report->targets, report->target_count,
                    of->config->allow, of->arena);
    if (of->config->struct_name)
        status = ul_record_name_select(report, of->config->struct_name, &of->diags, of->arena);
    if (!of->config->struct_name)
        add_objects(of);
    if (status == UL_OK)
        status = open_baseline(of);
    if (status == UL_OK)
        ul_rules_run(report, ul_settings_rules_all(of->config->settings, report, of->arena), of->config->allow,
                     of->arena);
    if (status == UL_OK) {
        filter_headers(of);
        ul_thread_note(&of->diags, of->config, report, of->arena);
        status = apply_baseline(of);
    }
    of->stats.engine_seconds = seconds_since(&begin);
    return status;
}

/* What fix has to say when it could not do what it was asked is in the report too: its records and why. */
static ul_status fix(run *of)
{
    ul_fix_request request = {of->config, of->terminal, &of->selection, &of->units, &of->profiles, &of->diags, of->arena, NULL};
    struct timespec begin;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    ul_status status = ul_fix_run(&of->report, &request);
    of->stats.engine_seconds = seconds_since(&begin);
    return of->report.fix ? UL_OK : status;
}

/* For the terminal, not for programs: what the run had to say is on stderr and need not be in it. */
static bool is_for_people(const ul_format *format)
{
    return strcmp(format->name, "text") == 0 || strcmp(format->name, "concise") == 0;
}

/* What the outputs read besides the records: sources, and patches made of them. */
static void prepare(run *of)
{
    ul_report *report = &of->report;
    bool is_check = of->config->command == UL_COMMAND_CHECK;
    uint32_t wants = 0;
    for (uint32_t i = 0; i < of->config->output_count; i++)
        wants |= of->config->outputs[i].format->wants;
    bool has_patches = wants & (UL_WANTS_PATCHES | UL_WANTS_DIFF) && !report->fix; /* fix has made its own */
    ul_sources_load(&of->sources, report, is_check && (wants & UL_WANTS_SOURCES), has_patches, of->arena);
    report->sources = of->sources.items;
    report->source_count = of->sources.count;
    if (!has_patches)
        return;
    ul_fix_request request = {of->config, of->terminal, &of->selection, &of->units, &of->profiles, &of->diags, of->arena, report->uses};
    const bool *is_wanted = ul_patches_wanted(report, !is_check, of->arena);
    ul_patches_make(report, is_wanted, ul_fix_look(report, &request), (wants & UL_WANTS_DIFF) != 0, &of->diags, of->arena);
}

/* With --diff the text is a patch and nothing else. */
static bool is_patch(const run *of, const ul_output *output)
{
    return of->config->wants_diff && of->report.fix && strcmp(output->format->name, "text") == 0;
}

static ul_view view_of(ul_command command)
{
    switch (command) {
    case UL_COMMAND_CHECK:
        return UL_VIEW_CHECK;
    case UL_COMMAND_FIX:
        return UL_VIEW_FIX;
    case UL_COMMAND_DIFF:
        return UL_VIEW_DIFF;
    default:
        return UL_VIEW_SHOW;
    }
}

static ul_status render(run *of, ul_strbuf *text, const ul_output *output, const ul_stats *stats)
{
    ul_report report = of->report;
    ul_render_options options = ul_terminal_options(of->terminal, of->config, output->file);
    options.view = view_of(of->config->command);
    report.stats = stats;
    if (is_for_people(output->format))
        report.diag_count = 0;
    if (is_patch(of, output)) {
        ul_strbuf_puts(text, report.fix->diff);
        return text->has_failed ? UL_ERR_NOMEM : UL_OK;
    }
    return output->format->render(text, &report, &options, of->arena);
}

/* Rendering is part of what --stats tells, so that it is done once before, to be timed. */
static const ul_stats *time_rendering(run *of)
{
    struct timespec begin;
    struct rusage usage;
    ul_stats *stats = &of->stats;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (uint32_t i = 0; i < of->config->output_count; i++) {
        ul_strbuf text;
        ul_strbuf_init(&text);
        if (render(of, &text, &of->config->outputs[i], NULL) != UL_OK)
            ul_terminal_out_of_memory(text.length);
        ul_strbuf_free(&text);
    }
    stats->report_seconds = seconds_since(&begin);
    stats->total_seconds = seconds_since(&of->begin);
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        stats->peak_bytes = (uint64_t)usage.ru_maxrss * 1024;
    return stats;
}

static ul_status write_outputs(run *of)
{
    const ul_stats *stats = of->config->wants_stats ? time_rendering(of) : NULL;
    ul_status first_error = UL_OK;
    for (uint32_t i = 0; i < of->config->output_count; i++) {
        const ul_output *output = &of->config->outputs[i];
        ul_strbuf text;
        ul_strbuf_init(&text);
        if (render(of, &text, output, stats) != UL_OK)
            ul_terminal_out_of_memory(text.length);
        ul_status status = ul_terminal_write(of->terminal, output->file, text.data, text.length, of->arena);
        if (first_error == UL_OK)
            first_error = status;
        ul_strbuf_free(&text);
    }
    return first_error;
}

/* What stands beside a patch: what it changes and what is left, on stderr. */
static void tell_beside_patch(run *of)
{
    bool has_patch = false;
    for (uint32_t i = 0; i < of->config->output_count; i++)
        has_patch |= is_patch(of, &of->config->outputs[i]);
    if (!has_patch || of->config->is_quiet)
        return;
    ul_report report = of->report;
    ul_render_options options = {.view = UL_VIEW_FIX,
                                 .is_color = of->terminal->err_is_color,
                                 .is_utf8 = of->terminal->is_utf8,
                                 .is_verbose = of->config->is_verbose,
                                 .columns = of->terminal->columns};
    ul_strbuf text;
    ul_strbuf_init(&text);
    report.diag_count = 0;
    if (ul_format_find("text")->render(&text, &report, &options, of->arena) != UL_OK)
        ul_terminal_out_of_memory(text.length);
    ul_terminal_say(&text);
    ul_strbuf_free(&text);
}

/* When there will be no report, only what is in the way of it is said. */
static void tell(run *of, bool has_report)
{
    bool is_brief = of->config->is_quiet || (!has_report && !of->config->is_verbose);
    ul_diags_settle(&of->diags);
    ul_terminal_tell(of->terminal, of->diags.items, of->diags.count,
                     is_brief ? UL_LEVEL_ERROR : UL_LEVEL_NOTE, of->selection.cwd, of->arena);
}

static bool has_failing_finding(const run *of)
{
    if (of->report.fix)
        return of->config->wants_check && of->report.fix->file_count > 0;
    for (uint32_t i = 0; i < of->report.finding_count; i++) {
        if (of->report.findings[i].level >= of->config->fail_level)
            return of->config->command == UL_COMMAND_CHECK;
    }
    return false;
}

static int report_all(run *of)
{
    of->report.diags = of->diags.items;
    of->report.diag_count = of->diags.count;
    tell_beside_patch(of);
    ul_status status = write_outputs(of);
    if (status != UL_OK || of->diags.error_count)
        return EXIT_ERRORS;
    bool fails = is_diff(of) ? of->report.changes->fail_count > 0 : has_failing_finding(of);
    fails |= of->stale_count && !of->config->allows_stale;
    return fails ? EXIT_FINDINGS : EXIT_CLEAN;
}

/*
 * 1. Select and read the units; what makes a run pointless ends it here.
 * 2. Merge, plan, judge; make what the formats want besides.
 * 3. Say what went wrong, then write every report: the messages stand before it on a terminal.
 */
int ul_run(const ul_config *config, ul_terminal *terminal, ul_arena *arena)
{
    run of = {.config = config, .terminal = terminal, .arena = arena};
    clock_gettime(CLOCK_MONOTONIC, &of.begin);
    ul_diags_init(&of.diags, arena);
    ul_status status = UL_OK;
    if (has_nothing_to_do(config))
        ul_diags_add(&of.diags, UL_LEVEL_NOTE, NULL, 0, 0,
                     "the list of paths is empty: there is nothing to do");
    else
        status = read_input(&of);
    count_units(&of, &of.units);
    if (is_diff(&of))
        count_units(&of, &of.sides.before.units);
    of.report = (ul_report){.version = ULLAGE_VERSION,
                            .libclang_version = ul_libclang_version(arena),
                            .root = of.selection.root,
                            .cwd = of.selection.cwd,
                            .targets = of.units.targets,
                            .target_count = of.units.target_count};
    if (status == UL_OK)
        status = config->command == UL_COMMAND_FIX ? fix(&of) : judge(&of);
    if (status == UL_OK && !is_diff(&of))
        prepare(&of);
    tell(&of, status == UL_OK);
    int exit_status = status == UL_OK ? report_all(&of) : EXIT_ERRORS;
    ul_sources_free(&of.sources);
    return exit_status;
}

#include "cli/bench.h"

#include <string.h>
#include <sys/utsname.h>

#include "cli/bench_run.h"
#include "cli/line_findings.h"
#include "cli/option_values.h"
#include "cli/paths.h"
#include "cli/profiles.h"
#include "cli/record_name.h"
#include "cli/run_units.h"
#include "cli/settings.h"
#include "cli/suggest.h"
#include "layout/engine/bench.h"
#include "layout/engine/census.h"
#include "layout/engine/merge.h"
#include "layout/engine/objects.h"
#include "layout/engine/plans.h"
#include "layout/engine/spread.h"
#include "layout/engine/usage.h"
#include "layout/parse/workers.h"
#include "layout/rules/rule.h"
#include "report/allow.h"
#include "report/bench.h"
#include "report/bench_source.h"

enum { EXIT_CLEAN, EXIT_ERRORS = 2, RECORD_BYTES_MAX = 1 << 20 };

typedef struct benching {
    const ul_config *config;
    ul_terminal *terminal;
    ul_arena *arena;
    ul_selection selection;
    ul_run_units units;
    ul_profiles profiles;
    ul_diags diags;
    ul_report report;
    const ul_entry *entry; /* to be measured */
    ul_bench bench;
    ul_strbuf source;
} benching;

static ul_status fail(benching *of, const ul_record *record, ul_status status, const char *message)
{
    ul_diags_add(&of->diags, UL_LEVEL_ERROR, record ? record->file : NULL, record ? record->line : 0, record ? record->column : 0, "%s", message);
    return status;
}

/* With --goal lines the record is planned for its use, as fix plans it. */
static void find_usage(benching *of)
{
    ul_report *report = &of->report;
    ul_usage_request request = {.entries = report->entries, .entry_count = report->entry_count, .census = report->census, .targets = report->targets};
    for (uint32_t i = 0; i < report->entry_count && of->config->goal == UL_GOAL_LINES; i++) {
        ul_entry *entry = &report->entries[i];
        if (entry->record->refusal_count || !ul_record_name_matches(entry->record->name, of->config->struct_name))
            continue;
        const ul_finding_list found = ul_line_findings_of(report, entry, of->config->settings, of->config->allow, of->arena);
        request.findings = found.items;
        request.finding_count = found.count;
        entry->usage = ul_usage_of(&request, i, of->arena);
    }
}

static ul_status read_report(benching *of)
{
    ul_report *report = &of->report;
    ul_census *census = NULL;
    ul_status status = ul_select(&of->selection, of->config, &of->diags, of->arena);
    if (status == UL_OK)
        status = ul_profiles_read(&of->profiles, of->config, of->selection.cwd, &of->diags, of->arena);
    if (status == UL_OK)
        status = ul_run_units_read(&of->units, &of->selection, of->terminal);
    if (status == UL_OK && of->diags.error_count && !of->config->keeps_going)
        status = UL_ERR_INPUT; /* what could not be read might have been what matters */
    if (status != UL_OK)
        return status;
    *report = (ul_report){.version = ULLAGE_VERSION,
                          .libclang_version = ul_libclang_version(of->arena),
                          .root = of->selection.root,
                          .cwd = of->selection.cwd,
                          .targets = of->units.targets,
                          .target_count = of->units.target_count};
    ul_merge_units(&report->entries, &report->entry_count, of->units.results, of->units.count, of->arena);
    ul_census_merge(&census, of->units.results, of->units.count, &of->config->names, of->arena);
    report->census = census;
    ul_profiles_apply(&of->profiles, report, &of->diags, of->arena);
    find_usage(of);
    ul_plan_entries(report->entries, report->entry_count, report->targets, report->target_count, of->config->allow, of->arena);
    ul_objects_add(report, NULL, 0, of->arena);
    ul_rules_run(report, ul_settings_rules_all(of->config->settings, report, of->arena), of->config->allow, of->arena);
    return UL_OK;
}

/* The records that --struct may mean: those of exactly that name, else those of that tag. */
static uint32_t find_records(benching *of, const ul_entry **found, uint32_t most)
{
    const ul_report *report = &of->report;
    uint32_t count = 0;
    for (uint32_t i = 0; i < report->entry_count; i++) {
        if (strcmp(report->entries[i].record->name, of->config->struct_name) == 0 && count++ < most)
            found[count - 1] = &report->entries[i];
    }
    for (uint32_t i = 0; i < report->entry_count && (!count || strcmp(found[0]->record->name, of->config->struct_name) != 0); i++) {
        if (ul_record_name_matches(report->entries[i].record->name, of->config->struct_name) && count++ < most)
            found[count - 1] = &report->entries[i];
    }
    return count;
}

static ul_status choose_record(benching *of)
{
    enum { NAMED_MAX = 4 };
    const ul_entry *found[NAMED_MAX];
    uint32_t count = find_records(of, found, NAMED_MAX);
    if (count == 0)
        return ul_record_name_select(&of->report, of->config->struct_name, &of->diags, of->arena);
    of->entry = found[0];
    if (count == 1)
        return UL_OK;
    const char *places = "";
    for (uint32_t i = 0; i < count && i < NAMED_MAX; i++) {
        const ul_record *record = found[i]->record;
        places = ul_arena_printf(of->arena, "%s%s`%s` in %s:%u", places, i ? ", " : "", record->name,
                                 strncmp(record->file, of->selection.cwd, strlen(of->selection.cwd)) == 0 ? record->file + strlen(of->selection.cwd) : record->file, record->line);
    }
    return fail(of, NULL, UL_ERR_USAGE, ul_arena_printf(of->arena, "%u records may be meant by '%s': %s%s; a PATH narrows it down", count, of->config->struct_name, places,
                                                        count > NAMED_MAX ? " and more" : ""));
}

/* Why the record cannot be measured at all, or NULL. */
static const char *doubt_of(benching *of, const ul_entry *entry)
{
    static const ul_refusal_reason reasons[] = {UL_REFUSE_INVALID_RECORD, UL_REFUSE_INVALID_TYPE, UL_REFUSE_ERROR_IN_RECORD, UL_REFUSE_MISSING_INCLUDE, UL_REFUSE_UNIT_ERRORS};
    const ul_record *record = entry->record;
    for (uint32_t i = 0; i < record->refusal_count; i++) {
        for (size_t k = 0; k < sizeof reasons / sizeof *reasons; k++) {
            if (record->refusals[i].reason == reasons[k])
                return ul_refusal_text(reasons[k]);
        }
    }
    if (record->kind == UL_RECORD_UNION)
        return "it is a union: its members share their bytes, and there is no order to compare";
    if (record->size_bytes == 0 || record->field_count == 0)
        return "it has no bytes";
    if (record->size_bytes > RECORD_BYTES_MAX)
        return ul_arena_printf(of->arena, "it has %llu bytes, and no cache line of it matters to another", (unsigned long long)record->size_bytes);
    return NULL;
}

/* The plan that --goal asks for, or NULL. */
static const ul_plan *plan_for(const benching *of)
{
    const ul_plan *plan = of->entry->plan;
    ul_goal goal = of->config->goal;
    if (!plan || plan->use || goal == UL_GOAL_SIZE || plan->lines_after < plan->lines_before)
        return plan;
    return (goal == UL_GOAL_LINES ? plan->straddles_after < plan->straddles_before : plan->class_saved_bytes > 0) ? plan : NULL;
}

/* Whether the finding is about a variable that is an array of the record. */
static bool is_about_array(const benching *of, const ul_finding *finding)
{
    const ul_variable *variable = finding->entry >= of->report.entry_count ? ul_object_variable(&of->report, finding->entry) : NULL;
    return variable && variable->count > 1 && strcmp(of->report.census->words[variable->record], of->entry->record->key) == 0;
}

/* The finding about it with the most evidence that threads contend; one that the source silences is better than none. */
static const ul_finding *finding_for(const benching *of)
{
    const ul_report *report = &of->report;
    const ul_finding *best = NULL, *of_array = NULL;
    const ul_finding *const lists[] = {report->findings, report->silenced};
    const uint32_t counts[] = {report->finding_count, report->silenced_count};
    for (size_t i = 0; i < 2 && !best; i++) {
        for (uint32_t k = 0; k < counts[i]; k++) {
            const ul_finding *finding = &lists[i][k];
            if (finding->contention && &report->entries[finding->entry] == of->entry && (!best || finding->score > best->score))
                best = finding;
            if (!of_array && is_about_array(of, finding) && strcmp(finding->rule->name, "array-false-sharing") == 0)
                of_array = finding;
        }
    }
    return best ? best : of_array;
}

static ul_status find_field(benching *of, uint32_t *out, const char *name)
{
    const ul_record *record = of->entry->record;
    const char **names = UL_NEW_ARRAY(of->arena, const char *, record->field_count + 1u);
    for (*out = 0; *out < record->field_count; ++*out) {
        names[*out] = record->fields[*out].name;
        if (*name && strcmp(names[*out], name) == 0)
            break;
    }
    if (*out == record->field_count)
        return fail(of, NULL, UL_ERR_USAGE, ul_arena_printf(of->arena, "`%s` has no field '%s'%s", record->name, name,
                                                            ul_did_you_mean(ul_suggest(name, names, record->field_count), of->arena)));
    if (record->fields[*out].size_bits == 0 || record->fields[*out].flags & UL_FIELD_BIT_FIELD)
        return fail(of, NULL, UL_ERR_USAGE, ul_arena_printf(of->arena, "`%s` of `%s` %s", name, record->name,
                                                            record->fields[*out].size_bits ? "is a bit-field: it shares its bytes with others" : "has no bytes of its own"));
    return UL_OK;
}

/* Why there is no plan to compare with, in brackets; "" when there is one, or when there is nothing to say. */
static const char *why_unplanned(const benching *of, const ul_plan *plan)
{
    const ul_record *record = of->entry->record;
    const ul_trade *trade = of->entry->trade_count ? &of->entry->trades[0] : NULL;
    if (plan)
        return "";
    if (record->refusal_count)
        return ul_arena_printf(of->arena, " (it is not planned: %s)", ul_refusal_name(record->refusals[0].reason));
    return trade ? ul_arena_printf(of->arena, " (%llu bytes are possible, but %s: --allow %s)", (unsigned long long)trade->size_bytes, trade->detail, ul_allow_word(trade->allow)) : "";
}

static ul_status make(benching *of)
{
    uint32_t *named = UL_NEW_ARRAY(of->arena, uint32_t, of->config->bench_field_count + 1u);
    const ul_record *record = of->entry->record;
    const char *why = doubt_of(of, of->entry);
    if (why)
        return fail(of, record, UL_ERR_INPUT, ul_arena_printf(of->arena, "`%s` is not measured: %s", record->name, why));
    for (uint32_t i = 0; i < of->config->bench_field_count; i++) {
        ul_status status = find_field(of, &named[i], of->config->bench_fields[i]);
        if (status != UL_OK)
            return status;
    }
    ul_bench_request request = {.report = &of->report,
                                .entry = of->entry,
                                .plan = plan_for(of),
                                .finding = finding_for(of),
                                .named = named,
                                .named_count = of->config->bench_field_count};
    if (ul_bench_make(&of->bench, &request, &why, of->arena) != UL_OK) {
        return fail(of, record, UL_ERR_INPUT, ul_arena_printf(of->arena, "there is nothing to compare `%s` with: %s%s%s", record->name, why, why_unplanned(of, request.plan),
                                                              request.named_count ? "" : "; --fields A,B names two that threads write"));
    }
    if (ul_bench_source_write(&of->source, &of->bench, of->arena) != UL_OK)
        ul_terminal_out_of_memory(of->source.length);
    return UL_OK;
}

/* The architecture of a triple, or a machine as uname has it, under one name. */
static const char *architecture_of(const char *name, ul_arena *arena)
{
    const char *word = ul_arena_strndup(arena, name, strcspn(name, "-"));
    if (strcmp(word, "amd64") == 0)
        return "x86_64";
    if (strcmp(word, "arm64") == 0)
        return "aarch64";
    if (strlen(word) == 4 && word[0] == 'i' && strcmp(word + 2, "86") == 0)
        return "i386";
    return strncmp(word, "arm", 3) == 0 ? "arm" : word;
}

/* What is laid out for another machine says nothing on this one. */
static ul_status check_machine(benching *of)
{
    struct utsname here;
    const char *triple = of->bench.target->triple;
    if (uname(&here) == 0 && strcmp(architecture_of(here.machine, of->arena), architecture_of(triple, of->arena)) == 0)
        return UL_OK;
    return fail(of, NULL, UL_ERR_INPUT, ul_arena_printf(of->arena, "the layout is for %s, not for this machine: --source FILE writes the program, to be run there", triple));
}

static ul_status write_result(benching *of, const ul_bench_result *result)
{
    const ul_output *output = &of->config->outputs[0];
    ul_render_options options = ul_terminal_options(of->terminal, of->config, output->file);
    ul_strbuf text;
    ul_strbuf_init(&text);
    ul_status status = strcmp(output->format->name, "json") == 0 ? ul_bench_render_json(&text, &of->bench, result, &of->report, of->arena)
                                                                  : ul_bench_render_text(&text, &of->bench, result, &of->report, &options, of->arena);
    if (status != UL_OK)
        ul_terminal_out_of_memory(text.length);
    status = ul_terminal_write(of->terminal, output->file, text.data, text.length, of->arena);
    ul_strbuf_free(&text);
    return status;
}

static ul_status measure(benching *of)
{
    ul_bench_result result;
    ul_status status = check_machine(of);
    if (status == UL_OK)
        status = ul_bench_measure(&result, of->source.data, of->source.length, of->bench.layout_count, of->config, of->terminal, &of->diags, of->arena);
    if (status != UL_OK)
        return status;
    ul_bench_evaluate(&result, of->bench.layout_count);
    return write_result(of, &result);
}

static ul_status bench(benching *of)
{
    const char *path = of->config->bench_source;
    ul_status status = read_report(of);
    if (status == UL_OK)
        status = choose_record(of);
    if (status == UL_OK)
        status = make(of);
    if (status != UL_OK)
        return status;
    if (path)
        return ul_terminal_write(of->terminal, strcmp(path, "-") == 0 ? NULL : path, of->source.data, of->source.length, of->arena);
    return measure(of);
}

int ul_bench_command(const ul_config *config, ul_terminal *terminal, ul_arena *arena)
{
    benching of = {.config = config, .terminal = terminal, .arena = arena};
    ul_diags_init(&of.diags, arena);
    ul_strbuf_init(&of.source);
    ul_status status = bench(&of);
    ul_strbuf_free(&of.source);
    ul_diags_settle(&of.diags);
    ul_terminal_tell(terminal, of.diags.items, of.diags.count, config->is_quiet ? UL_LEVEL_ERROR : UL_LEVEL_NOTE, of.selection.cwd, arena);
    return status == UL_OK && !of.diags.error_count ? EXIT_CLEAN : EXIT_ERRORS;
}

/*
 * The JSON format, schema ullage.report/1 (docs/schema). One cJSON tree for each record or finding, written on a
 * line of its own: memory stays that of one record, and two reports differ line by line. Keys are in a fixed order.
 */
#include "report/format.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "report/allow.h"
#include "report/census.h"
#include "report/change_json.h"
#include "report/json_item.h"
#include "report/labels.h"
#include "report/paths.h"
#include "report/profile.h"
#include "report/utf8.h"

extern const ul_format ul_format_json;

/* Seconds in whole microseconds. */
static void add_seconds(cJSON *object, const char *key, double seconds)
{
    cJSON_AddNumberToObject(object, key, (double)(uint64_t)(seconds * 1e6 + 0.5) / 1e6);
}

static cJSON *target_item(const ul_target *target, ul_arena *arena)
{
    cJSON *item = cJSON_CreateObject();
    ul_json_text(item, "triple", target->triple ? target->triple : "", arena);
    ul_json_count(item, "line_bytes", target->line_bytes);
    if (ul_target_apart(target) > target->line_bytes)
        ul_json_count(item, "span_bytes", ul_target_apart(target));
    ul_json_text(item, "allocator", target->allocator ? target->allocator->name : "none", arena);
    ul_json_count(item, "pointer_bytes", target->pointer_bytes);
    return item;
}

static void add_fields(cJSON *item, const ul_record *record, const char *const *labels, ul_arena *arena)
{
    cJSON *list = cJSON_AddArrayToObject(item, "fields");
    for (uint32_t i = 0; i < record->field_count; i++) {
        const ul_field *field = &record->fields[i];
        cJSON *entry = cJSON_CreateObject();
        ul_json_text(entry, "name", labels[i], arena);
        ul_json_text(entry, "type", field->type, arena);
        ul_json_count(entry, "offset_bits", field->offset_bits);
        ul_json_count(entry, "size_bits", field->size_bits);
        ul_json_count(entry, "align_bytes", field->align_bytes);
        cJSON_AddBoolToObject(entry, "bit_field", (field->flags & UL_FIELD_BIT_FIELD) != 0);
        ul_json_count(entry, "line", field->line);
        ul_json_text(entry, "parent", field->parent < record->field_count ? labels[field->parent] : NULL, arena);
        cJSON_AddItemToArray(list, entry);
    }
}

static void add_holes(cJSON *item, const ul_entry *entry, const char *const *labels, ul_arena *arena)
{
    const ul_facts *facts = &entry->facts;
    cJSON *holes = cJSON_AddArrayToObject(item, "holes");
    for (uint32_t i = 0; i < facts->hole_count; i++) {
        cJSON *hole = cJSON_CreateObject();
        uint32_t after = facts->holes[i].after;
        ul_json_text(hole, "after", after < entry->record->field_count ? labels[after] : NULL, arena);
        ul_json_count(hole, "offset_bytes", facts->holes[i].offset_bits / 8);
        ul_json_count(hole, "size_bytes", facts->holes[i].size_bits / 8);
        cJSON_AddItemToArray(holes, hole);
    }
    cJSON *bit_holes = cJSON_AddArrayToObject(item, "bit_holes");
    for (uint32_t i = 0; i < facts->bit_hole_count; i++) {
        cJSON *hole = cJSON_CreateObject();
        uint32_t after = facts->bit_holes[i].after;
        ul_json_text(hole, "after", after < entry->record->field_count ? labels[after] : NULL, arena);
        ul_json_count(hole, "offset_bits", facts->bit_holes[i].offset_bits);
        ul_json_count(hole, "size_bits", facts->bit_holes[i].size_bits);
        cJSON_AddItemToArray(bit_holes, hole);
    }
}

static void add_fit(cJSON *item, const ul_class_fit *fit)
{
    if (!fit->class_bytes && !fit->is_large) {
        cJSON_AddNullToObject(item, "size_class");
        return;
    }
    cJSON *entry = cJSON_AddObjectToObject(item, "size_class");
    ul_json_count(entry, "class_bytes", fit->class_bytes);
    ul_json_count(entry, "slack_bytes", fit->slack_bytes);
    ul_json_count(entry, "lower_class_bytes", fit->lower_class_bytes);
    ul_json_count(entry, "bytes_to_lower", fit->bytes_to_lower);
    ul_json_count(entry, "footprint_bytes", fit->footprint_bytes);
    cJSON_AddBoolToObject(entry, "large", fit->is_large);
}

static void add_names(cJSON *item, const char *key, const uint32_t *fields, uint32_t count, const char *const *labels, ul_arena *arena)
{
    cJSON *list = cJSON_AddArrayToObject(item, key);
    for (uint32_t i = 0; i < count; i++)
        cJSON_AddItemToArray(list, cJSON_CreateString(ul_utf8_clean(labels[fields[i]], arena)));
}

static void add_cost(cJSON *item, const char *key, const ul_use_cost *cost)
{
    cJSON *entry = cJSON_AddObjectToObject(item, key);
    cJSON_AddNumberToObject(entry, "touches", cost->touches);
    cJSON_AddNumberToObject(entry, "coherence", cost->coherence);
    cJSON_AddNumberToObject(entry, "size", cost->size);
    cJSON_AddNumberToObject(entry, "straddles", cost->straddles);
    cJSON_AddNumberToObject(entry, "moves", cost->moves);
}

/* Of a layout for use: what it is to bring, and which fields begin a line. */
static void add_use(cJSON *plan_item, const ul_plan *plan, const char *const *labels, ul_arena *arena)
{
    cJSON *entry = cJSON_AddObjectToObject(plan_item, "use");
    cJSON_AddNumberToObject(entry, "gain", plan->use->gain);
    add_cost(entry, "before", &plan->use->before);
    add_cost(entry, "after", &plan->use->after);
    add_names(entry, "begins_lines", plan->aligned, plan->aligned_count, labels, arena);
    ul_json_count(entry, "line_bytes", plan->aligned_to_bytes);
    ul_json_count(entry, "grown_bytes", plan->grown_bytes);
}

static void add_plan(cJSON *item, const ul_plan *plan, const char *const *labels, ul_arena *arena)
{
    if (!plan) {
        cJSON_AddNullToObject(item, "plan");
        return;
    }
    cJSON *entry = cJSON_AddObjectToObject(item, "plan");
    add_names(entry, "order", plan->order, plan->order_count, labels, arena);
    add_names(entry, "moved", plan->moved, plan->moved_count, labels, arena);
    ul_json_count(entry, "size_bytes", plan->size_bytes);
    ul_json_count(entry, "saved_bytes", plan->saved_bytes);
    ul_json_count(entry, "lower_bound_bytes", plan->lower_bound_bytes);
    cJSON_AddBoolToObject(entry, "optimal", plan->is_optimal);
    ul_json_count(entry, "size_class_saved_bytes", plan->class_saved_bytes);
    cJSON_AddBoolToObject(entry, "moves_proven", plan->is_fewest_moves);
    ul_json_count(entry, "embedded_saved_bytes", plan->embedded_saved_bytes);
    ul_json_count(entry, "lines", plan->lines_after);
    ul_json_count(entry, "straddles", plan->straddles_after);
    if (plan->use)
        add_use(entry, plan, labels, arena);
}

/* What the code does with the record as a whole; left out where nothing is known. */
static void add_evidence(cJSON *item, const ul_report *report, const ul_record *record, ul_arena *arena)
{
    ul_record_uses uses = report->uses ? ul_uses_of(report->uses, record->key) : (ul_record_uses){0};
    cJSON *list = uses.evidence_count ? cJSON_AddArrayToObject(item, "evidence") : NULL;
    for (uint32_t i = 0; i < uses.evidence_count; i++) {
        const ul_evidence *it = &uses.evidence[i];
        cJSON *entry = cJSON_CreateObject();
        ul_json_text(entry, "kind", ul_evidence_name(it->kind), arena);
        ul_json_text(entry, "file", ul_path_below(it->file, report->root), arena);
        ul_json_count(entry, "line", it->line);
        ul_json_text(entry, "function", it->function, arena);
        ul_json_text(entry, "detail", it->detail, arena);
        cJSON_AddItemToArray(list, entry);
    }
}

static void add_remarks(cJSON *item, const ul_report *report, const ul_entry *entry, ul_arena *arena)
{
    const ul_record *record = entry->record;
    cJSON *refused = cJSON_AddArrayToObject(item, "refused");
    for (uint32_t i = 0; i < record->refusal_count; i++) {
        cJSON *refusal = cJSON_CreateObject();
        ul_json_text(refusal, "reason", ul_refusal_name(record->refusals[i].reason), arena);
        ul_json_text(refusal, "detail", record->refusals[i].detail, arena);
        cJSON_AddItemToArray(refused, refusal);
    }
    cJSON_AddStringToObject(item, "confidence", ul_confidence_name(record->confidence));
    cJSON *trades = cJSON_AddArrayToObject(item, "trades");
    for (uint32_t i = 0; i < entry->trade_count; i++) {
        cJSON *trade = cJSON_CreateObject();
        ul_json_text(trade, "allow", ul_allow_word(entry->trades[i].allow), arena);
        ul_json_count(trade, "size_bytes", entry->trades[i].size_bytes);
        ul_json_count(trade, "saved_bytes", entry->trades[i].saved_bytes);
        ul_json_text(trade, "detail", entry->trades[i].detail, arena);
        cJSON_AddItemToArray(trades, trade);
    }
    cJSON *variants = cJSON_AddArrayToObject(item, "variants");
    for (uint32_t i = 0; i < entry->variant_count; i++) {
        const ul_record *other = entry->variants[i];
        if (other == record)
            continue;
        cJSON *variant = cJSON_CreateObject();
        ul_json_path(variant, "unit", other->unit, report, arena);
        ul_json_text(variant, "triple", other->target < report->target_count ? report->targets[other->target].triple : NULL, arena);
        ul_json_count(variant, "size_bytes", other->size_bytes);
        ul_json_count(variant, "align_bytes", other->align_bytes);
        cJSON_AddItemToArray(variants, variant);
    }
}

static void add_fix(cJSON *item, const ul_report *report, const ul_fix *fix, ul_arena *arena)
{
    static const char *const states[] = {[UL_FIX_NOTHING] = "nothing", [UL_FIX_CHANGED] = "changed", [UL_FIX_LEFT] = "left"};
    if (!fix)
        return;
    cJSON *entry = cJSON_AddObjectToObject(item, "fix");
    cJSON_AddStringToObject(entry, "state", states[fix->state]);
    ul_json_count(entry, "size_bytes", fix->size_bytes);
    ul_json_count(entry, "initializers", fix->initializer_count);
    cJSON *obstacles = cJSON_AddArrayToObject(entry, "obstacles");
    for (uint32_t i = 0; fix->state == UL_FIX_LEFT && i < fix->obstacle_count; i++) {
        const ul_fix_obstacle *obstacle = &fix->obstacles[i];
        cJSON *one = cJSON_CreateObject();
        ul_json_text(one, "reason", obstacle->reason, arena);
        ul_json_text(one, "detail", obstacle->detail, arena);
        ul_json_path(one, "file", obstacle->file, report, arena);
        ul_json_count(one, "line", obstacle->line);
        cJSON_AddBoolToObject(one, "allowable", obstacle->is_allowable);
        cJSON_AddItemToArray(obstacles, one);
    }
    cJSON *notes = cJSON_AddArrayToObject(entry, "notes");
    for (uint32_t i = 0; fix->state == UL_FIX_CHANGED && i < fix->note_count; i++)
        cJSON_AddItemToArray(notes, cJSON_CreateString(ul_utf8_clean(fix->notes[i], arena)));
}

static cJSON *record_item(const ul_report *report, const ul_entry *entry, ul_arena *arena)
{
    const ul_record *record = entry->record;
    const ul_facts *facts = &entry->facts;
    const char *const *labels = ul_labels_of(record, arena);
    cJSON *item = cJSON_CreateObject();
    ul_json_text(item, "name", record->name, arena);
    cJSON_AddStringToObject(item, "kind", record->kind == UL_RECORD_UNION ? "union" : "struct");
    ul_json_path(item, "file", record->file, report, arena);
    ul_json_count(item, "line", record->line);
    ul_json_count(item, "end_line", record->end_line);
    ul_json_count(item, "size_bytes", record->size_bytes);
    ul_json_count(item, "align_bytes", record->align_bytes);
    ul_json_count(item, "lines", facts->line_count);
    ul_json_count(item, "field_bytes", facts->field_bits / 8);
    ul_json_count(item, "hole_bytes", facts->hole_bytes);
    ul_json_count(item, "bit_hole_bits", facts->bit_hole_bits);
    ul_json_count(item, "tail_padding_bytes", facts->tail_padding_bytes);
    ul_json_count(item, "field_bits", facts->field_bits);
    ul_json_count(item, "straddles", facts->straddle_count);
    add_fields(item, record, labels, arena);
    add_holes(item, entry, labels, arena);
    add_fit(item, &facts->fit);
    add_plan(item, entry->plan, labels, arena);
    add_remarks(item, report, entry, arena);
    ul_json_path(item, "unit", record->unit, report, arena);
    add_fix(item, report, entry->fix, arena);
    add_evidence(item, report, record, arena);
    ul_profile_add(item, entry, arena);
    if (report->shows_census && report->census)
        ul_census_add(item, report, record, arena);
    return item;
}

static cJSON *finding_item(const ul_report *report, const ul_finding *finding, ul_arena *arena)
{
    const ul_record *record = report->entries[finding->entry].record;
    char fingerprint[24];
    snprintf(fingerprint, sizeof fingerprint, "%016" PRIx64, finding->fingerprint);
    cJSON *item = cJSON_CreateObject();
    ul_json_text(item, "rule", finding->rule->name, arena);
    ul_json_text(item, "level", ul_level_name(finding->level), arena);
    ul_json_text(item, "record", record->name, arena);
    ul_json_text(item, "field", finding->field < record->field_count ? ul_field_label(record, finding->field, arena) : NULL, arena);
    ul_json_path(item, "file", record->file, report, arena);
    ul_json_count(item, "line", finding->line);
    ul_json_count(item, "column", finding->column);
    ul_json_text(item, "message", finding->message, arena);
    ul_json_text(item, "why", finding->why ? finding->why : "", arena);
    ul_json_text(item, "fix", finding->fix ? finding->fix : "", arena);
    ul_json_count(item, "saved_bytes", finding->saved_bytes);
    ul_json_text(item, "fingerprint", fingerprint, arena);
    if (finding->other) {
        cJSON *other = cJSON_AddObjectToObject(item, "other_place");
        ul_json_path(other, "file", finding->other->file, report, arena);
        ul_json_count(other, "line", finding->other->line);
        ul_json_count(other, "column", finding->other->column);
        ul_json_text(other, "message", finding->other->message, arena);
    }
    return item;
}

static cJSON *diag_item(const ul_report *report, const ul_diag *diag, ul_arena *arena)
{
    cJSON *item = cJSON_CreateObject();
    ul_json_text(item, "level", ul_level_name(diag->level), arena);
    ul_json_path(item, "file", diag->file, report, arena);
    ul_json_count(item, "line", diag->line);
    ul_json_count(item, "column", diag->column);
    ul_json_text(item, "message", diag->message, arena);
    return item;
}

static cJSON *stats_item(const ul_stats *stats)
{
    cJSON *item = cJSON_CreateObject();
    add_seconds(item, "scan_seconds", stats->scan_seconds);
    add_seconds(item, "parse_seconds", stats->parse_seconds);
    add_seconds(item, "probe_seconds", stats->probe_seconds);
    add_seconds(item, "read_seconds", stats->read_seconds);
    add_seconds(item, "census_seconds", stats->census_seconds);
    add_seconds(item, "engine_seconds", stats->engine_seconds);
    add_seconds(item, "report_seconds", stats->report_seconds);
    add_seconds(item, "total_seconds", stats->total_seconds);
    ul_json_count(item, "units", stats->units);
    ul_json_count(item, "units_failed", stats->units_failed);
    ul_json_count(item, "probes", stats->probes);
    ul_json_count(item, "workers", stats->workers);
    ul_json_count(item, "peak_worker_bytes", stats->peak_worker_bytes);
    ul_json_count(item, "peak_bytes", stats->peak_bytes);
    return item;
}

static void write_head(ul_strbuf *out, const char *schema, const ul_report *report, ul_arena *arena)
{
    cJSON *tool = cJSON_CreateObject();
    cJSON_AddStringToObject(tool, "name", "ullage");
    ul_json_text(tool, "version", report->version ? report->version : "", arena);
    ul_json_text(tool, "libclang", report->libclang_version ? report->libclang_version : "", arena);
    ul_strbuf_printf(out, "{\n\"schema\": \"%s\"", schema);
    ul_json_write(out, ",\n\"tool\": ", tool);
    ul_json_write(out, ",\n\"target\": ", report->target_count ? target_item(&report->targets[0], arena) : cJSON_CreateNull());
    ul_strbuf_puts(out, ",\n\"targets\": [");
    for (uint32_t i = 0; i < report->target_count; i++)
        ul_json_write(out, i ? ",\n  " : "\n  ", target_item(&report->targets[i], arena));
    ul_strbuf_puts(out, report->target_count ? "\n]" : "]");
}

static cJSON *fix_item(const ul_report *report, ul_arena *arena)
{
    const ul_fix_summary *fix = report->fix;
    cJSON *item = cJSON_CreateObject();
    cJSON *files = cJSON_AddArrayToObject(item, "files");
    for (uint32_t i = 0; i < fix->file_count; i++)
        cJSON_AddItemToArray(files, cJSON_CreateString(ul_utf8_clean(ul_path_below(fix->files[i], report->root), arena)));
    ul_json_count(item, "changed", fix->changed_count);
    ul_json_count(item, "left", fix->left_count);
    ul_json_count(item, "saved_bytes", fix->saved_bytes);
    cJSON_AddBoolToObject(item, "written", fix->is_written);
    cJSON_AddBoolToObject(item, "rolled_back", fix->is_rolled_back);
    ul_json_text(item, "diff", fix->diff, arena);
    return item;
}

static void write_summary(ul_strbuf *out, const ul_report *report)
{
    cJSON *summary = cJSON_CreateObject();
    ul_json_count(summary, "records", report->entry_count);
    ul_json_count(summary, "findings", report->finding_count);
    ul_json_count(summary, "saved_bytes", report->saved_bytes);
    ul_json_count(summary, "refused", report->refused_count);
    ul_json_write(out, ",\n\"summary\": ", summary);
}

static void write_diags(ul_strbuf *out, const ul_report *report, ul_arena *arena)
{
    ul_strbuf_puts(out, "\"diagnostics\": [");
    for (uint32_t i = 0; i < report->diag_count; i++)
        ul_json_write(out, i ? ",\n  " : "\n  ", diag_item(report, &report->diags[i], arena));
    ul_strbuf_puts(out, report->diag_count ? "\n]" : "]");
}

static ul_status write_end(ul_strbuf *out, const ul_report *report)
{
    if (report->stats)
        ul_json_write(out, ",\n\"stats\": ", stats_item(report->stats));
    ul_strbuf_puts(out, "\n}\n");
    return out->has_failed ? UL_ERR_NOMEM : UL_OK;
}

static void write_profiles(ul_strbuf *out, const ul_report *report, ul_arena *arena)
{
    for (uint32_t i = 0; i < report->profile_count; i++)
        ul_json_write(out, i ? ",\n  " : ",\n\"profiles\": [\n  ", ul_profile_item(report, &report->profiles[i], arena));
    ul_strbuf_puts(out, "\n]");
}

static ul_status render(ul_strbuf *out, const ul_report *report, const ul_render_options *options, ul_arena *arena)
{
    if (options->view == UL_VIEW_DIFF) {
        write_head(out, "ullage.diff/1", report, arena);
        ul_changes_write_json(out, report, arena);
        ul_strbuf_puts(out, ",\n");
        write_diags(out, report, arena);
        return write_end(out, report);
    }
    write_head(out, "ullage.report/1", report, arena);
    ul_strbuf_puts(out, ",\n\"records\": [");
    for (uint32_t i = 0; i < report->entry_count; i++)
        ul_json_write(out, i ? ",\n  " : "\n  ", record_item(report, &report->entries[i], arena));
    ul_strbuf_puts(out, report->entry_count ? "\n],\n\"findings\": [" : "],\n\"findings\": [");
    for (uint32_t i = 0; i < report->finding_count; i++)
        ul_json_write(out, i ? ",\n  " : "\n  ", finding_item(report, &report->findings[i], arena));
    ul_strbuf_puts(out, report->finding_count ? "\n],\n" : "],\n");
    write_diags(out, report, arena);
    write_summary(out, report);
    if (report->profile_count)
        write_profiles(out, report, arena);
    if (report->fix)
        ul_json_write(out, ",\n\"fix\": ", fix_item(report, arena));
    return write_end(out, report);
}

const ul_format ul_format_json = {
    .name = "json",
    .summary = "everything, for programs: schema ullage.report/1",
    .views = 1u << UL_VIEW_SHOW | 1u << UL_VIEW_CHECK | 1u << UL_VIEW_FIX | 1u << UL_VIEW_DIFF,
    .render = render,
};

#include "cli/baseline.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/file.h"
#include "cli/paths.h"
#include "layout/rules/rule.h"
#include "report/json_item.h"
#include "report/paths.h"

enum { LIMIT_BYTES = 1 << 28 };

/* A finding that was accepted. */
typedef struct known_finding {
    const char *rule, *field;
    uint64_t saved_bytes;
    bool is_met;
} known_finding;

/* A line of the file. */
typedef struct known_record {
    const char *file, *name; /* the file relative to the root */
    uint32_t nth;            /* among lines of the same file and name */
    uint64_t size_bytes, lines, footprint_bytes;
    known_finding *findings;
    uint32_t finding_count;
    bool is_met;
    bool is_variable; /* its line has "variable" for "record"; only those with findings have one */
} known_record;

struct ul_baseline {
    const char *file, *root;
    known_record *records; /* sorted by file, name, nth */
    uint32_t count, capacity;
    ul_arena *arena;
};

static int by_identity(const void *left, const void *right)
{
    const known_record *a = left, *b = right;
    int order = strcmp(a->file, b->file);
    if (order == 0)
        order = strcmp(a->name, b->name);
    if (order == 0)
        order = a->is_variable - b->is_variable;
    return order ? order : (a->nth > b->nth) - (a->nth < b->nth);
}

static const char *text_of(const cJSON *object, const char *key, ul_arena *arena)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsString(item) ? ul_arena_strdup(arena, item->valuestring) : NULL;
}

static uint64_t count_of(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (cJSON_IsString(item))
        return strtoull(item->valuestring, NULL, 10);
    return cJSON_IsNumber(item) && item->valuedouble > 0 ? (uint64_t)item->valuedouble : 0;
}

/* False when the line is none of ours. */
static bool read_record(ul_baseline *baseline, const cJSON *line)
{
    const cJSON *findings = cJSON_GetObjectItemCaseSensitive(line, "findings"), *item;
    const char *variable = text_of(line, "variable", baseline->arena);
    known_record record = {.file = text_of(line, "file", baseline->arena),
                           .name = variable ? variable : text_of(line, "record", baseline->arena),
                           .is_variable = variable != NULL,
                           .nth = baseline->count,
                           .size_bytes = count_of(line, "size_bytes"),
                           .lines = count_of(line, "lines"),
                           .footprint_bytes = count_of(line, "footprint_bytes")};
    if (!record.file || !record.name || !cJSON_IsArray(findings))
        return false;
    record.findings = UL_NEW_ARRAY(baseline->arena, known_finding, (size_t)cJSON_GetArraySize(findings));
    cJSON_ArrayForEach(item, findings)
    {
        known_finding finding = {.rule = text_of(item, "rule", baseline->arena),
                                 .field = text_of(item, "field", baseline->arena),
                                 .saved_bytes = count_of(item, "saved_bytes")};
        if (!finding.rule || !finding.field)
            return false;
        record.findings[record.finding_count++] = finding;
    }
    UL_RESERVE(baseline->arena, baseline->records, baseline->count, baseline->capacity);
    baseline->records[baseline->count++] = record;
    return true;
}

static ul_status refuse(const ul_baseline *baseline, ul_diags *diags, uint32_t line, const char *message)
{
    ul_diags_add(diags, UL_LEVEL_ERROR, baseline->file, line, 0, "%s", message);
    return UL_ERR_INPUT;
}

/* The first line says what the others were measured on. */
static ul_status check_head(const ul_baseline *baseline, const cJSON *head, const ul_report *report, ul_diags *diags)
{
    const ul_target *target = &report->targets[0];
    const char *schema = text_of(head, "schema", baseline->arena);
    if (!schema || strcmp(schema, "ullage.baseline/1") != 0)
        return refuse(baseline, diags, 1, "not a baseline that this version reads: --update-baseline makes one");
    const char *triple = text_of(head, "target", baseline->arena), *allocator = text_of(head, "allocator", baseline->arena);
    const char *own = target->allocator ? target->allocator->name : "none";
    if (!triple || !allocator || strcmp(triple, target->triple) != 0 || strcmp(allocator, own) != 0 ||
        count_of(head, "line_bytes") != target->line_bytes)
        return refuse(baseline, diags, 1,
                      ul_arena_printf(baseline->arena, "it was made for %s, %s and lines of %llu bytes, this run is for %s, %s and %u: give the same options, or make it anew with --update-baseline",
                                      triple ? triple : "?", allocator ? allocator : "?", (unsigned long long)count_of(head, "line_bytes"),
                                      target->triple, own, target->line_bytes));
    uint64_t span = count_of(head, "span_bytes");
    if ((span ? span : target->line_bytes) != ul_target_apart(target))
        return refuse(baseline, diags, 1,
                      ul_arena_printf(baseline->arena, "it was made for spans of %llu bytes, this run is for %u: give the same --span-bytes, or make it anew with --update-baseline",
                                      (unsigned long long)(span ? span : target->line_bytes), ul_target_apart(target)));
    return UL_OK;
}

static uint32_t line_at(const char *text, const char *at)
{
    uint32_t line = 1;
    for (; at && text < at; text++)
        line += *text == '\n';
    return line;
}

static ul_status read_lines(ul_baseline *baseline, const char *text, size_t length, const ul_report *report, ul_diags *diags)
{
    const char *end = NULL;
    cJSON *root = cJSON_ParseWithLengthOpts(text, length, &end, 0);
    if (!cJSON_IsArray(root) || cJSON_GetArraySize(root) == 0) {
        uint32_t line = root ? 1 : line_at(text, end);
        cJSON_Delete(root);
        return refuse(baseline, diags, line, strstr(text, "<<<<<<<") ? "a merge left it with conflicts: resolve them, or run --update-baseline"
                                                                     : "not a baseline: --update-baseline makes one");
    }
    ul_status status = check_head(baseline, root->child, report, diags);
    uint32_t nth = 1;
    for (const cJSON *line = root->child->next; line && status == UL_OK; line = line->next) {
        nth++;
        if (!read_record(baseline, line))
            status = refuse(baseline, diags, nth, "not a line of a baseline: --update-baseline makes it anew");
    }
    cJSON_Delete(root);
    if (baseline->count)
        qsort(baseline->records, baseline->count, sizeof *baseline->records, by_identity);
    for (uint32_t i = 0; i < baseline->count; i++) {
        known_record *record = &baseline->records[i], *last = i ? record - 1 : NULL;
        bool is_next = last && strcmp(last->file, record->file) == 0 && strcmp(last->name, record->name) == 0 &&
                       last->is_variable == record->is_variable;
        record->nth = is_next ? last->nth + 1 : 0;
    }
    return status;
}

ul_status ul_baseline_read(ul_baseline **out, const char *file, bool may_be_new, const ul_report *report, ul_diags *diags, ul_arena *arena)
{
    ul_strbuf text;
    ul_baseline *baseline = UL_NEW(arena, ul_baseline);
    *baseline = (ul_baseline){.file = file, .root = report->root ? report->root : ul_path_directory(file, arena), .arena = arena};
    *out = baseline;
    ul_strbuf_init(&text);
    ul_status status = ul_file_read(&text, file, LIMIT_BYTES);
    if (status != UL_OK && errno == ENOENT && may_be_new)
        return UL_OK;
    if (status != UL_OK) {
        ul_diags_add(diags, UL_LEVEL_ERROR, file, 0, 0, "cannot read the baseline: %s%s", strerror(errno),
                     errno == ENOENT ? "; --update-baseline makes it" : "");
        return status;
    }
    ul_strbuf_putc(&text, '\0'); /* cJSON wants one, and so does strstr */
    status = text.has_failed ? UL_ERR_NOMEM : read_lines(baseline, text.data, text.length, report, diags);
    ul_strbuf_free(&text);
    return status;
}

/* The line of the entry, the nth of its name in its file; NULL when it is new. */
static known_record *find(const ul_baseline *baseline, const ul_report *report, uint32_t entry)
{
    const ul_record *record = report->entries[entry].record;
    bool is_variable = entry >= report->entry_count;
    uint32_t first_entry = is_variable ? report->entry_count : 0;
    known_record key = {.file = ul_path_below(record->file, baseline->root), .name = record->name, .is_variable = is_variable};
    known_record *first = baseline->count ? bsearch(&key, baseline->records, baseline->count, sizeof key, by_identity) : NULL;
    key.nth = 1;
    if (!first || by_identity(&key, first + (first + 1 < baseline->records + baseline->count)) != 0)
        return first;
    key.nth = 0;
    for (uint32_t i = entry; i-- > first_entry && strcmp(report->entries[i].record->file, record->file) == 0;)
        key.nth += strcmp(report->entries[i].record->name, record->name) == 0;
    return bsearch(&key, baseline->records, baseline->count, sizeof key, by_identity);
}

static const char *regression_of(const known_record *known, const ul_entry *entry, ul_arena *arena)
{
    const ul_facts *facts = &entry->facts;
    const char *heap = "", *lines = "";
    if (known->footprint_bytes && facts->fit.footprint_bytes > known->footprint_bytes)
        heap = ul_arena_printf(arena, "%llu -> %llu bytes of heap an object, ", (unsigned long long)known->footprint_bytes,
                               (unsigned long long)facts->fit.footprint_bytes);
    if (facts->line_count > known->lines)
        lines = ul_arena_printf(arena, "%llu -> %u lines, ", (unsigned long long)known->lines, facts->line_count);
    if (!*heap && !*lines)
        return NULL;
    return ul_arena_printf(arena, "`%s` grew since the baseline: %s%s%llu -> %llu bytes", entry->record->name, heap, lines,
                           (unsigned long long)known->size_bytes, (unsigned long long)entry->record->size_bytes);
}

void ul_baseline_compare(const ul_baseline *baseline, ul_report *report, ul_arena *arena)
{
    ul_regression *regressions = UL_NEW_ARRAY(arena, ul_regression, report->entry_count + 1u);
    for (uint32_t i = 0; i < ul_report_subjects(report); i++) {
        known_record *known = find(baseline, report, i);
        if (!known)
            continue;
        known->is_met = true;
        if (i < report->entry_count)
            regressions[i] = (ul_regression){.message = regression_of(known, &report->entries[i], arena),
                                         .why = "every object pays for the next class, every access for the next line.",
                                         .fix = "find room for it in the record, or accept it with `--update-baseline`."};
    }
    report->regressions = regressions;
}

static bool accepts(known_record *known, const ul_report *report, const ul_finding *finding, ul_arena *arena)
{
    const ul_record *record = report->entries[finding->entry].record;
    const char *field = finding->field < record->field_count ? ul_field_label(record, finding->field, arena) : "";
    for (uint32_t i = 0; known && i < known->finding_count; i++) {
        known_finding *item = &known->findings[i];
        if (item->is_met || strcmp(item->rule, finding->rule->name) != 0 || strcmp(item->field, field) != 0)
            continue;
        item->is_met = true;
        return finding->saved_bytes <= item->saved_bytes;
    }
    return false;
}

/* Whether this run has looked for the records of `file`: it was named and read, or it was named and is gone. */
static bool was_looked_at(const ul_baseline *baseline, const char *file, const ul_selection *selection, const ul_string_map *read)
{
    const char *path = file[0] == '/' ? file : ul_arena_printf(baseline->arena, "%s%s", baseline->root, file);
    return ul_filter_names(&selection->filter, path) && (ul_string_map_get(read, path) || access(path, F_OK) != 0);
}

static void map_read(ul_string_map *out, const ul_run_units *units, ul_arena *arena)
{
    ul_string_map_init(out, arena);
    for (uint32_t i = 0; i < units->count; i++) {
        const ul_unit_result *result = &units->results[i];
        for (uint32_t j = 0; result->outcome == UL_UNIT_READ && j < result->include_count; j++)
            ul_string_map_set(out, result->includes[j], out);
    }
}

/* Whether this run would have met it: without function bodies nothing is known of variables and of what threads do. */
static bool would_meet(const ul_report *report, const char *rule)
{
    const ul_rule *known = ul_rule_find(rule);
    return report->census || !known || !known->needs_census;
}

static uint32_t tell_stale(const ul_baseline *baseline, const known_record *known, const ul_report *report, ul_diags *diags)
{
    if (known->is_variable && !report->census)
        return 0;
    uint32_t stale = !known->is_met;
    if (!known->is_met)
        ul_diags_add(diags, UL_LEVEL_WARNING, baseline->file, 0, 0, "stale: `%s` of %s is not there any more; --update-baseline drops it", known->name, known->file);
    for (uint32_t i = 0; known->is_met && i < known->finding_count; i++) {
        const known_finding *item = &known->findings[i];
        if (item->is_met || !would_meet(report, item->rule))
            continue;
        stale++;
        ul_diags_add(diags, UL_LEVEL_WARNING, baseline->file, 0, 0, "stale: %s of `%s`%s%s%s in %s is mended; --update-baseline drops it", item->rule,
                     known->name, *item->field ? " (" : "", item->field, *item->field ? ")" : "", known->file);
    }
    return stale;
}

uint32_t ul_baseline_accept(ul_baseline *baseline, ul_report *report, const ul_selection *selection, const ul_run_units *units, ul_diags *diags)
{
    uint32_t kept = 0, stale = 0;
    ul_string_map read;
    for (uint32_t i = 0; i < report->finding_count; i++) {
        const ul_finding *finding = &report->findings[i];
        if (accepts(find(baseline, report, finding->entry), report, finding, baseline->arena)) {
            if (strcmp(finding->rule->name, "reorder-saves") == 0)
                report->saved_bytes -= finding->saved_bytes;
            continue;
        }
        report->findings[kept++] = *finding;
    }
    report->accepted_count = report->finding_count - kept;
    report->finding_count = kept;
    map_read(&read, units, baseline->arena);
    for (uint32_t i = 0; i < baseline->count; i++) {
        if (was_looked_at(baseline, baseline->records[i].file, selection, &read))
            stale += tell_stale(baseline, &baseline->records[i], report, diags);
    }
    return stale;
}

static cJSON *line_of(const known_record *record, ul_arena *arena)
{
    cJSON *line = cJSON_CreateObject();
    ul_json_text(line, "file", record->file, arena);
    ul_json_text(line, record->is_variable ? "variable" : "record", record->name, arena);
    ul_json_count(line, "size_bytes", record->size_bytes);
    if (!record->is_variable) {
        ul_json_count(line, "lines", record->lines);
        ul_json_count(line, "footprint_bytes", record->footprint_bytes);
    }
    cJSON *findings = cJSON_AddArrayToObject(line, "findings");
    for (uint32_t i = 0; i < record->finding_count; i++) {
        cJSON *item = cJSON_CreateObject();
        ul_json_text(item, "rule", record->findings[i].rule, arena);
        ul_json_text(item, "field", record->findings[i].field, arena);
        ul_json_count(item, "saved_bytes", record->findings[i].saved_bytes);
        cJSON_AddItemToArray(findings, item);
    }
    return line;
}

/* The findings of each entry: first_of[entry] and next_of[finding] are finding + 1, or 0 at the end. */
static void chain_findings(uint32_t *first_of, uint32_t *next_of, const ul_report *report)
{
    for (uint32_t i = report->finding_count; i-- > 0;) {
        next_of[i] = first_of[report->findings[i].entry];
        first_of[report->findings[i].entry] = i + 1;
    }
}

/* The entry as a line, with its findings but the regression, which is accepted by the new numbers themselves. */
static known_record record_of(const ul_baseline *baseline, const ul_report *report, uint32_t entry, const uint32_t *first_of, const uint32_t *next_of)
{
    const ul_record *record = report->entries[entry].record;
    const ul_facts *facts = &report->entries[entry].facts;
    known_record out = {.file = ul_path_below(record->file, baseline->root),
                        .name = record->name,
                        .nth = entry,
                        .is_variable = entry >= report->entry_count,
                        .size_bytes = record->size_bytes,
                        .lines = facts->line_count,
                        .footprint_bytes = facts->fit.footprint_bytes};
    uint32_t capacity = 0;
    for (uint32_t i = first_of[entry]; i; i = next_of[i - 1]) {
        const ul_finding *finding = &report->findings[i - 1];
        if (strcmp(finding->rule->name, "layout-regression") == 0)
            continue;
        UL_RESERVE(baseline->arena, out.findings, out.finding_count, capacity);
        out.findings[out.finding_count++] =
            (known_finding){.rule = finding->rule->name,
                            .field = finding->field < record->field_count ? ul_field_label(record, finding->field, baseline->arena) : "",
                            .saved_bytes = finding->saved_bytes};
    }
    return out;
}

/* Whether a variable of its name in its file has findings: the others of that name are counted too. */
static bool is_told_of(const ul_report *report, uint32_t entry)
{
    const ul_record *record = report->entries[entry].record;
    for (uint32_t i = 0; i < report->finding_count; i++) {
        const ul_record *other = report->entries[report->findings[i].entry].record;
        if (report->findings[i].entry >= report->entry_count && strcmp(other->name, record->name) == 0 && strcmp(other->file, record->file) == 0)
            return true;
    }
    return false;
}

/* Every line that the file is to have, sorted. */
static known_record *collect(uint32_t *count, const ul_baseline *baseline, const ul_report *report, const ul_selection *selection,
                             const ul_run_units *units, ul_arena *arena)
{
    known_record *lines = UL_NEW_ARRAY(arena, known_record, baseline->count + ul_report_subjects(report) + 1u);
    uint32_t *first_of = UL_NEW_ARRAY(arena, uint32_t, ul_report_subjects(report) + 1u);
    uint32_t *next_of = UL_NEW_ARRAY(arena, uint32_t, report->finding_count + 1u);
    ul_string_map read;
    map_read(&read, units, arena);
    chain_findings(first_of, next_of, report);
    *count = 0;
    for (uint32_t i = 0; i < baseline->count; i++) {
        if (!was_looked_at(baseline, baseline->records[i].file, selection, &read))
            lines[(*count)++] = baseline->records[i];
    }
    for (uint32_t i = 0; i < ul_report_subjects(report); i++) {
        if (i < report->entry_count || is_told_of(report, i))
            lines[(*count)++] = record_of(baseline, report, i, first_of, next_of);
    }
    qsort(lines, *count, sizeof *lines, by_identity);
    return lines;
}

ul_status ul_baseline_write(const ul_baseline *baseline, const ul_report *report, const ul_selection *selection, const ul_run_units *units,
                            ul_diags *diags, ul_arena *arena)
{
    uint32_t count, findings = 0, variables = 0;
    const known_record *lines = collect(&count, baseline, report, selection, units, arena);
    const ul_target *target = &report->targets[0];
    ul_strbuf text;
    ul_strbuf_init(&text);
    cJSON *head = cJSON_CreateObject();
    cJSON_AddStringToObject(head, "schema", "ullage.baseline/1");
    ul_json_text(head, "target", target->triple, arena);
    ul_json_text(head, "allocator", target->allocator ? target->allocator->name : "none", arena);
    ul_json_count(head, "line_bytes", target->line_bytes);
    if (ul_target_apart(target) > target->line_bytes)
        ul_json_count(head, "span_bytes", ul_target_apart(target));
    /* The comma leads, so that a line that comes or goes changes no other. */
    ul_json_write(&text, "[", head);
    for (uint32_t i = 0; i < count; i++) {
        findings += lines[i].finding_count;
        variables += lines[i].is_variable;
        ul_json_write(&text, "\n,", line_of(&lines[i], arena));
    }
    ul_strbuf_puts(&text, "\n]\n");
    ul_status status = text.has_failed ? UL_ERR_NOMEM : ul_file_write(baseline->file, text.data, text.length, arena);
    ul_strbuf_free(&text);
    if (status != UL_OK)
        ul_diags_add(diags, UL_LEVEL_ERROR, baseline->file, 0, 0, "cannot write the baseline: %s", strerror(errno));
    else
        ul_diags_add(diags, UL_LEVEL_NOTE, baseline->file, 0, 0, "written: %u record%s%s, %u accepted finding%s", count - variables,
                     count - variables == 1 ? "" : "s",
                     variables ? ul_arena_printf(arena, ", %u variable%s", variables, variables == 1 ? "" : "s") : "", findings, findings == 1 ? "" : "s");
    return status;
}

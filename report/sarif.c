/*
 * SARIF 2.1.0 with all that GitHub's code scanning asks for (docs.github.com, "SARIF support for code scanning"). A finding is one line, since
 * GitHub annotates only regions that lie in the change as a whole; the record around it is a related location.
 * Columns are UTF-16 code units, as SARIF counts them. Findings that the source silences are there, suppressed.
 */
#include "report/format.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "report/json_item.h"
#include "report/lines.h"
#include "report/paths.h"
#include "report/ranking.h"
#include "report/utf8.h"

extern const ul_format ul_format_sarif;

/* GitHub's limits: results of a run, text of a rule, locations that it looks at. */
enum { RESULTS_MAX = 25000, RULE_TEXT_MAX = 1024, HOLES_MAX = 20 };

typedef struct sarif {
    const ul_report *report;
    ul_lines lines;
    ul_arena *arena;
} sarif;

/* UTF-16 code units of text[0..length-1]; a byte that is not UTF-8 is one. */
static uint32_t units_of(const char *text, size_t length)
{
    uint32_t units = 0;
    for (size_t at = 0; at < length;) {
        uint32_t point;
        at += ul_utf8_decode(&point, text + at, length - at);
        units += point >= 0x10000 ? 2 : 1;
    }
    return units;
}

/* A path as a URI: relative to the work tree where it lies below it. Its bytes are kept, whatever their encoding. */
static const char *uri_of(const sarif *s, const char *path)
{
    const char *below = ul_path_below(path, s->report->root);
    bool is_absolute = below[0] == '/';
    char *uri = UL_NEW_ARRAY(s->arena, char, strlen(below) * 3 + sizeof "file://");
    char *to = uri + sprintf(uri, "%s", is_absolute ? "file://" : "");
    for (const char *at = below; *at; at++) {
        bool is_plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') || strchr("-._~/", *at);
        to += sprintf(to, is_plain ? "%c" : "%%%02X", (unsigned)(unsigned char)*at);
    }
    return uri;
}

static void add_artifact(const sarif *s, cJSON *location, const char *file)
{
    ul_json_text(cJSON_AddObjectToObject(location, "artifactLocation"), "uri", uri_of(s, file), s->arena);
}

static void add_region(cJSON *location, const char *key, uint32_t line, uint32_t column, uint32_t end_line, uint32_t end_column)
{
    cJSON *region = cJSON_AddObjectToObject(location, key);
    ul_json_count(region, "startLine", line);
    ul_json_count(region, "startColumn", column);
    ul_json_count(region, "endLine", end_line);
    ul_json_count(region, "endColumn", end_column);
}

/* Bytes of the word at `column` (from 1); at least one. */
static size_t word_bytes(const char *text, size_t length, size_t column)
{
    size_t at = column - 1;
    while (at < length && (text[at] == '_' || (unsigned char)text[at] >= 0x80 || (text[at] >= '0' && text[at] <= '9') ||
                           (text[at] >= 'a' && text[at] <= 'z') || (text[at] >= 'A' && text[at] <= 'Z')))
        at++;
    return at > column - 1 ? at - (column - 1) : 1;
}

/* From a line and a column in bytes to a region of one word. Where the text is not at hand, bytes are taken for units. */
static void add_word(sarif *s, cJSON *location, const char *file, uint32_t line, uint32_t column)
{
    size_t length;
    uint32_t begin = column ? column : 1, end = begin + 1;
    line = line ? line : 1;
    if (ul_lines_open(&s->lines, file) && line <= s->lines.count) {
        const char *text = ul_lines_at(&s->lines, line, &length);
        if (begin <= length) {
            size_t bytes = word_bytes(text, length, begin);
            end = units_of(text, begin - 1 + bytes) + 1;
            begin = units_of(text, begin - 1) + 1;
        }
    }
    add_region(location, "region", line, begin, line, end);
}

static uint32_t line_units(sarif *s, const char *file, uint32_t line)
{
    size_t length;
    if (!ul_lines_open(&s->lines, file) || line == 0 || line > s->lines.count)
        return 0;
    const char *text = ul_lines_at(&s->lines, line, &length);
    return units_of(text, length);
}

static void add_message(const sarif *s, cJSON *item, const char *key, const char *text)
{
    ul_json_text(cJSON_AddObjectToObject(item, key), "text", text, s->arena);
}

/* A physical location in a file, appended to `list`; the caller adds the region. */
static cJSON *add_location(const sarif *s, cJSON *list, uint32_t id, const char *file, const char *message)
{
    cJSON *item = cJSON_CreateObject();
    if (id)
        ul_json_count(item, "id", id);
    cJSON *location = cJSON_AddObjectToObject(item, "physicalLocation");
    add_artifact(s, location, file);
    if (message)
        add_message(s, item, "message", message);
    cJSON_AddItemToArray(list, item);
    return location;
}

/* The record as a whole and, when it is about them, its holes. */
static void add_related(sarif *s, cJSON *result, const ul_finding *finding)
{
    const ul_entry *entry = &s->report->entries[finding->entry];
    const ul_record *record = entry->record;
    uint32_t id = 1, end = record->end_line > record->line ? record->end_line : record->line ? record->line : 1;
    cJSON *list = cJSON_AddArrayToObject(result, "relatedLocations");
    cJSON *whole = add_location(s, list, id, record->file, ul_arena_printf(s->arena, "the whole of `%s`", record->name));
    uint32_t units = line_units(s, record->file, end);
    add_region(whole, "region", record->line ? record->line : 1, 1, end, units ? units + 1 : 2);
    const ul_finding_place *other = finding->other;
    if (other)
        add_word(s, add_location(s, list, ++id, other->file, other->message), other->file, other->line, other->column);
    for (uint32_t i = 0; i < entry->facts.hole_count && id <= HOLES_MAX && ul_finding_is_about_order(finding); i++) {
        const ul_hole *hole = &entry->facts.holes[i];
        if (hole->after >= record->field_count)
            continue;
        unsigned long long bytes = hole->size_bits / 8;
        const ul_field *field = &record->fields[hole->after];
        add_word(s, add_location(s, list, ++id, record->file, ul_arena_printf(s->arena, "%llu byte%s lost after this field", bytes, bytes == 1 ? "" : "s")),
                 record->file, field->line, field->column);
    }
}

/* One replacement of whole lines. Nothing when there is no patch or its text cannot be in JSON: GitHub refuses empty fixes. */
static bool add_fix(sarif *s, cJSON *result, const ul_finding *finding)
{
    const ul_entry *entry = &s->report->entries[finding->entry];
    const ul_patch *patch = ul_finding_is_about_order(finding) ? entry->patch : NULL;
    if (!patch || patch->refusal || ul_utf8_clean(patch->text, s->arena) != patch->text)
        return false;
    cJSON *fix = cJSON_CreateObject(), *change = cJSON_CreateObject(), *replacement = cJSON_CreateObject();
    add_message(s, fix, "description", ul_arena_printf(s->arena, "Declare the fields in the planned order. %s", patch->caution));
    add_artifact(s, change, entry->record->file);
    add_region(replacement, "deletedRegion", patch->first_line, 1, patch->last_line, line_units(s, entry->record->file, patch->last_line) + 1);
    add_message(s, replacement, "insertedContent", patch->text);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(change, "replacements"), replacement);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(fix, "artifactChanges"), change);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(result, "fixes"), fix);
    return true;
}

static const char *words_of(const sarif *s, const ul_finding *finding, bool has_fix)
{
    const ul_patch *patch = ul_finding_is_about_order(finding) ? s->report->entries[finding->entry].patch : NULL;
    const char *text = ul_arena_printf(s->arena, "%s.", finding->message);
    if (finding->why && finding->why[0])
        text = ul_arena_printf(s->arena, "%s\nWhy: %s", text, finding->why);
    if (finding->fix && finding->fix[0])
        text = ul_arena_printf(s->arena, "%s\nFix: %s%s%s", text, finding->fix, has_fix && patch->caution[0] ? " " : "", has_fix ? patch->caution : "");
    return text;
}

static uint32_t rule_index(const ul_report *report, const ul_rule_info *rule)
{
    uint32_t index = 0;
    while (index < report->rule_count && report->rules[index] != rule)
        index++;
    return index;
}

static void add_suppression(const sarif *s, cJSON *result, const ul_finding *finding)
{
    cJSON *list = cJSON_AddArrayToObject(result, "suppressions");
    if (!finding->silence)
        return;
    cJSON *suppression = cJSON_CreateObject();
    cJSON_AddStringToObject(suppression, "kind", "inSource");
    if (finding->silence[0])
        ul_json_text(suppression, "justification", finding->silence, s->arena);
    cJSON_AddItemToArray(list, suppression);
}

static cJSON *result_item(sarif *s, const ul_finding *finding, uint32_t occurrence)
{
    const ul_record *record = s->report->entries[finding->entry].record;
    cJSON *result = cJSON_CreateObject();
    uint32_t index = rule_index(s->report, finding->rule);
    ul_json_text(result, "ruleId", finding->rule->name, s->arena);
    if (index < s->report->rule_count)
        ul_json_count(result, "ruleIndex", index);
    cJSON_AddStringToObject(result, "level", ul_level_name(finding->level));
    cJSON *message = cJSON_AddObjectToObject(result, "message");
    add_word(s, add_location(s, cJSON_AddArrayToObject(result, "locations"), 0, record->file, NULL), record->file, finding->line, finding->column);
    add_related(s, result, finding);
    char fingerprint[24];
    snprintf(fingerprint, sizeof fingerprint, "%016" PRIx64, finding->fingerprint);
    cJSON *prints = cJSON_AddObjectToObject(result, "partialFingerprints");
    ul_json_text(prints, "primaryLocationLineHash", ul_arena_printf(s->arena, "%s:%u", fingerprint, occurrence), s->arena);
    ul_json_text(prints, "ullageStruct/v1", fingerprint, s->arena);
    bool has_fix = add_fix(s, result, finding);
    ul_json_text(message, "text", words_of(s, finding, has_fix), s->arena);
    add_suppression(s, result, finding);
    cJSON *properties = cJSON_AddObjectToObject(result, "properties");
    ul_json_text(properties, "record", record->name, s->arena);
    if (finding->field < record->field_count)
        ul_json_text(properties, "field", ul_field_label(record, finding->field, s->arena), s->arena);
    ul_json_count(properties, "savedBytes", finding->saved_bytes);
    return result;
}

/* The first `limit` bytes of text, not inside a character. */
static const char *cut(const char *text, size_t limit, ul_arena *arena)
{
    size_t length = strlen(text);
    if (length <= limit)
        return text;
    for (length = limit; length && ((unsigned char)text[length] & 0xC0) == 0x80;)
        length--;
    return ul_arena_strndup(arena, text, length);
}

/* "another order ... is smaller" as a sentence. */
static const char *sentence(const char *clause, ul_arena *arena)
{
    char *text = ul_arena_printf(arena, "%s.", clause);
    if (text[0] >= 'a' && text[0] <= 'z')
        text[0] = (char)(text[0] - 'a' + 'A');
    return text;
}

/* "ReorderSaves" */
static const char *pascal(const char *name, ul_arena *arena)
{
    char *text = ul_arena_strdup(arena, name), *to = text;
    for (const char *at = name; *at; at++) {
        bool is_first = at == name || at[-1] == '-';
        if (*at != '-')
            *to++ = is_first && *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at;
    }
    *to = '\0';
    return text;
}

static cJSON *rule_item(const sarif *s, const ul_rule_info *rule)
{
    ul_arena *arena = s->arena;
    cJSON *item = cJSON_CreateObject();
    ul_json_text(item, "id", rule->name, arena);
    ul_json_text(item, "name", pascal(rule->name, arena), arena);
    add_message(s, item, "shortDescription", sentence(rule->summary, arena));
    add_message(s, item, "fullDescription", cut(rule->meaning, RULE_TEXT_MAX, arena));
    cJSON *help = cJSON_AddObjectToObject(item, "help");
    ul_json_text(help, "text", ul_arena_printf(arena, "%s\n\n%s\n\n%s\n\n%s", rule->meaning, rule->why, rule->example, rule->silence), arena);
    ul_json_text(help, "markdown", ul_arena_printf(arena, "%s\n\n## Why it matters\n\n%s\n\n## Example\n\n```c\n%s```\n\n## To silence it\n\n%s\n",
                                                   rule->meaning, rule->why, rule->example, rule->silence), arena);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(item, "defaultConfiguration"), "level", ul_level_name(rule->level));
    cJSON *properties = cJSON_AddObjectToObject(item, "properties");
    cJSON_AddStringToObject(properties, "precision", "very-high");
    cJSON_AddStringToObject(properties, "problem.severity", rule->level == UL_LEVEL_NOTE ? "recommendation" : ul_level_name(rule->level));
    cJSON *tags = cJSON_AddArrayToObject(properties, "tags");
    cJSON_AddItemToArray(tags, cJSON_CreateString("performance"));
    cJSON_AddItemToArray(tags, cJSON_CreateString("memory-layout"));
    return item;
}

static cJSON *notification_item(sarif *s, const ul_diag *diag)
{
    cJSON *item = cJSON_CreateObject();
    add_message(s, item, "message", diag->message);
    cJSON_AddStringToObject(item, "level", ul_level_name(diag->level));
    if (diag->file) {
        cJSON *location = add_location(s, cJSON_AddArrayToObject(item, "locations"), 0, diag->file, NULL);
        if (diag->line)
            ul_json_count(cJSON_AddObjectToObject(location, "region"), "startLine", diag->line);
    }
    return item;
}

static void write_invocation(ul_strbuf *out, sarif *s, uint32_t left_out)
{
    const ul_report *report = s->report;
    bool has_failed = false;
    cJSON *list = cJSON_CreateArray(), *invocation = cJSON_CreateObject();
    for (uint32_t i = 0; i < report->diag_count; i++) {
        has_failed |= report->diags[i].level == UL_LEVEL_ERROR;
        if (report->diags[i].level != UL_LEVEL_OFF)
            cJSON_AddItemToArray(list, notification_item(s, &report->diags[i]));
    }
    if (left_out) {
        ul_diag diag = {.level = UL_LEVEL_WARNING,
                        .message = ul_arena_printf(s->arena, "%u findings are left out: a run may have %d", left_out, RESULTS_MAX)};
        cJSON_AddItemToArray(list, notification_item(s, &diag));
    }
    cJSON_AddBoolToObject(invocation, "executionSuccessful", !has_failed);
    cJSON_AddItemToObject(invocation, "toolExecutionNotifications", list);
    ul_json_write(out, ",\n\"invocations\": [", invocation);
    ul_strbuf_putc(out, ']');
}

static void write_head(ul_strbuf *out, sarif *s)
{
    const ul_report *report = s->report;
    const char *version = report->version ? report->version : "";
    ul_strbuf_puts(out, "{\n\"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\",\n\"version\": \"2.1.0\",\n\"runs\": [{\n"
                        "\"tool\": {\"driver\": {\"name\": \"ullage\"");
    cJSON *words = cJSON_CreateString(ul_utf8_clean(version, s->arena));
    ul_json_write(out, ", \"version\": ", cJSON_Duplicate(words, false));
    ul_json_write(out, ", \"semanticVersion\": ", words);
    ul_strbuf_puts(out, ", \"rules\": [");
    for (uint32_t i = 0; i < report->rule_count; i++)
        ul_json_write(out, i ? ",\n  " : "\n  ", rule_item(s, report->rules[i]));
    ul_strbuf_puts(out, report->rule_count ? "\n]}}" : "]}}");
    const char *triple = report->target_count && report->targets[0].triple ? report->targets[0].triple : "unknown";
    cJSON *details = cJSON_CreateObject();
    ul_json_text(details, "id", ul_arena_printf(s->arena, "ullage/%s/", triple), s->arena);
    ul_json_write(out, ",\n\"automationDetails\": ", details);
    ul_strbuf_puts(out, ",\n\"columnKind\": \"utf16CodeUnits\"");
}

/* The findings that fit, heard ones first; *kept tells which when there are too many. */
static bool *choose(const ul_report *report, ul_arena *arena, uint32_t *left_out)
{
    bool *is_kept = UL_NEW_ARRAY(arena, bool, report->finding_count + 1u);
    const uint32_t *order = ul_ranking_of(report->findings, report->finding_count, arena);
    uint32_t kept = report->finding_count < RESULTS_MAX ? report->finding_count : RESULTS_MAX;
    uint32_t silenced = report->silenced_count < RESULTS_MAX - kept ? report->silenced_count : RESULTS_MAX - kept;
    for (uint32_t i = 0; i < kept; i++)
        is_kept[order[i]] = true;
    *left_out = report->finding_count - kept + report->silenced_count - silenced;
    return is_kept;
}

static ul_status render(ul_strbuf *out, const ul_report *report, const ul_render_options *options, ul_arena *arena)
{
    (void)options;
    sarif s = {.report = report, .arena = arena};
    uint32_t left_out, count = 0;
    const bool *is_kept = choose(report, arena, &left_out);
    const uint32_t *occurrences = ul_occurrences_of(report->findings, report->finding_count, arena);
    const uint32_t *silenced = ul_occurrences_of(report->silenced, report->silenced_count, arena);
    ul_lines_init(&s.lines, report, arena);
    write_head(out, &s);
    write_invocation(out, &s, left_out);
    ul_strbuf_puts(out, ",\n\"results\": [");
    for (uint32_t i = 0; i < report->finding_count; i++) {
        if (is_kept[i])
            ul_json_write(out, count++ ? ",\n  " : "\n  ", result_item(&s, &report->findings[i], occurrences[i]));
    }
    for (uint32_t i = 0; i < report->silenced_count && count < RESULTS_MAX; i++)
        ul_json_write(out, count++ ? ",\n  " : "\n  ", result_item(&s, &report->silenced[i], silenced[i]));
    ul_strbuf_puts(out, count ? "\n]\n}]\n}\n" : "]\n}]\n}\n");
    return out->has_failed ? UL_ERR_NOMEM : UL_OK;
}

const ul_format ul_format_sarif = {
    .name = "sarif",
    .summary = "SARIF 2.1.0, as GitHub's code scanning takes it",
    .views = 1u << UL_VIEW_CHECK | 1u << UL_VIEW_DIFF,
    .wants = UL_WANTS_SOURCES | UL_WANTS_PATCHES,
    .render = render,
};

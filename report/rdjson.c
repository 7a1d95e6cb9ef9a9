/*
 * reviewdog's Diagnostic Format, one JSON object (github.com/reviewdog/reviewdog, proto/rdf). Columns are bytes from 1, as ours are.
 * A suggestion is whole lines, so without columns, the fewest that change, and its text has no last newline:
 * reviewdog adds it. Text that is not UTF-8 cannot travel in JSON and has no suggestion.
 */
#include "report/format.h"

#include <string.h>

#include "report/json_item.h"
#include "report/utf8.h"

extern const ul_format ul_format_rdjson;

static const char *severity_of(ul_level level)
{
    return level == UL_LEVEL_ERROR ? "ERROR" : level == UL_LEVEL_WARNING ? "WARNING" : "INFO";
}

static void add_position(cJSON *range, const char *key, uint32_t line, uint32_t column)
{
    cJSON *position = cJSON_AddObjectToObject(range, key);
    ul_json_count(position, "line", line ? line : 1);
    if (column)
        ul_json_count(position, "column", column);
}

static void add_suggestion(cJSON *item, const ul_patch *patch, ul_arena *arena)
{
    cJSON *suggestion = cJSON_CreateObject(), *range = cJSON_AddObjectToObject(suggestion, "range");
    add_position(range, "start", patch->first_line, 0);
    add_position(range, "end", patch->last_line, 0);
    ul_json_text(suggestion, "text", patch->text, arena);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(item, "suggestions"), suggestion);
}

static void add_related(cJSON *item, const ul_report *report, const ul_record *record, ul_arena *arena)
{
    cJSON *related = cJSON_CreateObject();
    ul_json_text(related, "message", ul_arena_printf(arena, "the whole of `%s`", record->name), arena);
    cJSON *location = cJSON_AddObjectToObject(related, "location");
    ul_json_path(location, "path", record->file, report, arena);
    cJSON *range = cJSON_AddObjectToObject(location, "range");
    add_position(range, "start", record->line, 0);
    add_position(range, "end", record->end_line, 0);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(item, "related_locations"), related);
}

static const char *message_of(const ul_finding *finding, const ul_patch *patch, bool has_suggestion, ul_arena *arena)
{
    const char *text = finding->message;
    if (finding->why && finding->why[0])
        text = ul_arena_printf(arena, "%s\nwhy: %s", text, finding->why);
    if (finding->fix && finding->fix[0])
        text = ul_arena_printf(arena, "%s\nfix: %s", text, finding->fix);
    if (patch && patch->refusal)
        text = ul_arena_printf(arena, "%s\nno suggestion: %s: %s", text, patch->refusal, patch->explanation);
    else if (has_suggestion && patch->caution[0])
        text = ul_arena_printf(arena, "%s\nabout the suggestion: %s", text, patch->caution);
    return text;
}

static cJSON *diagnostic_item(const ul_report *report, const ul_finding *finding, ul_arena *arena)
{
    const ul_entry *entry = &report->entries[finding->entry];
    const ul_record *record = entry->record;
    const ul_patch *patch = strcmp(finding->rule->name, "reorder-saves") == 0 ? entry->patch : NULL;
    bool has_suggestion = patch && !patch->refusal && ul_utf8_clean(patch->text, arena) == patch->text;
    cJSON *item = cJSON_CreateObject();
    ul_json_text(item, "message", message_of(finding, patch, has_suggestion, arena), arena);
    cJSON *location = cJSON_AddObjectToObject(item, "location");
    ul_json_path(location, "path", record->file, report, arena);
    add_position(cJSON_AddObjectToObject(location, "range"), "start", finding->line, finding->column);
    ul_json_text(item, "severity", severity_of(finding->level), arena);
    ul_json_text(cJSON_AddObjectToObject(item, "code"), "value", finding->rule->name, arena);
    if (has_suggestion)
        add_suggestion(item, patch, arena);
    add_related(item, report, record, arena);
    return item;
}

static ul_status render(ul_strbuf *out, const ul_report *report, const ul_render_options *options, ul_arena *arena)
{
    (void)options;
    ul_strbuf_puts(out, "{\n\"source\": {\"name\":\"ullage\"},\n\"diagnostics\": [");
    for (uint32_t i = 0; i < report->finding_count; i++)
        ul_json_write(out, i ? ",\n  " : "\n  ", diagnostic_item(report, &report->findings[i], arena));
    ul_strbuf_puts(out, report->finding_count ? "\n]\n}\n" : "]\n}\n");
    return out->has_failed ? UL_ERR_NOMEM : UL_OK;
}

const ul_format ul_format_rdjson = {
    .name = "rdjson",
    .summary = "reviewdog's diagnostics, with suggestions",
    .views = 1u << UL_VIEW_CHECK | 1u << UL_VIEW_DIFF,
    .wants = UL_WANTS_PATCHES,
    .render = render,
};

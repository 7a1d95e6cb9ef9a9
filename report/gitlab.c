/*
 * GitLab's Code Quality report: one JSON array (docs.gitlab.com/ci/testing/code_quality). The widget compares the
 * branches by fingerprint, so that it holds no line and no size; entries with equal ones would become one.
 */
#include "report/format.h"

#include <inttypes.h>
#include <stdio.h>

#include "report/json_item.h"
#include "report/ranking.h"

extern const ul_format ul_format_gitlab;

static const char *severity_of(ul_level level)
{
    return level == UL_LEVEL_ERROR ? "major" : level == UL_LEVEL_WARNING ? "minor" : "info";
}

static cJSON *entry_item(const ul_report *report, const ul_finding *finding, uint32_t occurrence, ul_arena *arena)
{
    char fingerprint[40];
    const ul_record *record = report->entries[finding->entry].record;
    snprintf(fingerprint, sizeof fingerprint, occurrence > 1 ? "%016" PRIx64 "-%" PRIu32 : "%016" PRIx64, finding->fingerprint,
             occurrence);
    cJSON *item = cJSON_CreateObject();
    ul_json_text(item, "description", finding->message, arena);
    ul_json_text(item, "check_name", finding->rule->name, arena);
    ul_json_text(item, "fingerprint", fingerprint, arena);
    ul_json_text(item, "severity", severity_of(finding->level), arena);
    cJSON *location = cJSON_AddObjectToObject(item, "location");
    ul_json_path(location, "path", record->file, report, arena);
    ul_json_count(cJSON_AddObjectToObject(location, "lines"), "begin", finding->line ? finding->line : 1);
    return item;
}

static ul_status render(ul_strbuf *out, const ul_report *report, const ul_render_options *options, ul_arena *arena)
{
    (void)options;
    const uint32_t *occurrences = ul_occurrences_of(report->findings, report->finding_count, arena);
    ul_strbuf_putc(out, '[');
    for (uint32_t i = 0; i < report->finding_count; i++)
        ul_json_write(out, i ? ",\n  " : "\n  ", entry_item(report, &report->findings[i], occurrences[i], arena));
    ul_strbuf_puts(out, report->finding_count ? "\n]\n" : "]\n");
    return out->has_failed ? UL_ERR_NOMEM : UL_OK;
}

const ul_format ul_format_gitlab = {
    .name = "gitlab",
    .summary = "GitLab's Code Quality report",
    .views = 1u << UL_VIEW_CHECK | 1u << UL_VIEW_DIFF,
    .render = render,
};

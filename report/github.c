/*
 * GitHub's workflow commands: annotations from lines in a job's log. GitHub keeps the first 10 of a kind in a step and drops the
 * rest without a word, so the worst come first, and when there are more the last notice says how many; the rest follow
 * as lines of the log, none of which can be taken for a command.
 */
#include "report/format.h"

#include <string.h>

#include "report/paths.h"
#include "report/ranking.h"
#include "report/utf8.h"

extern const ul_format ul_format_github;

enum { KIND_MAX = 10 };

typedef struct log_writer {
    ul_strbuf *out;
    const ul_report *report;
    ul_arena *arena;
    uint32_t shown[UL_LEVEL_ERROR + 1]; /* annotations of each level */
} log_writer;

/* Escapes as the runner undoes it: the message and, more, the properties before it. */
static void put(ul_strbuf *out, const char *text, bool is_property, ul_arena *arena)
{
    for (const char *at = ul_utf8_clean(text, arena); *at; at++) {
        if (*at == '%' || *at == '\r' || *at == '\n' || (is_property && (*at == ':' || *at == ',')))
            ul_strbuf_printf(out, "%%%02X", (unsigned)(unsigned char)*at);
        else
            ul_strbuf_putc(out, *at);
    }
}

static void put_command(log_writer *log, ul_level level, const char *file, uint32_t line, uint32_t column, const char *title,
                        const char *message)
{
    static const char *const kinds[] = {"notice", "notice", "warning", "error"};
    ul_strbuf *out = log->out;
    ul_strbuf_printf(out, "::%s ", kinds[level]);
    if (file) {
        ul_strbuf_puts(out, "file=");
        put(out, ul_path_below(file, log->report->root), true, log->arena);
        if (line)
            ul_strbuf_printf(out, ",line=%u", line);
        if (line && column)
            ul_strbuf_printf(out, ",col=%u", column);
        ul_strbuf_putc(out, ',');
    }
    ul_strbuf_puts(out, "title=");
    put(out, title, true, log->arena);
    ul_strbuf_puts(out, "::");
    put(out, message, false, log->arena);
    ul_strbuf_putc(out, '\n');
    log->shown[level]++;
}

/* "- " keeps the runner from reading a command out of a file's name. */
static void put_line(const log_writer *log, const ul_finding *finding)
{
    ul_strbuf *out = log->out;
    ul_strbuf_puts(out, "- ");
    put(out, ul_path_below(log->report->entries[finding->entry].record->file, log->report->root), false, log->arena);
    ul_strbuf_printf(out, ":%u:%u: %s: ", finding->line, finding->column, ul_level_name(finding->level));
    put(out, finding->message, false, log->arena);
    ul_strbuf_printf(out, " [%s]\n", finding->rule->name);
}

static const char *words_of(const ul_finding *finding, ul_arena *arena)
{
    bool has_fix = finding->fix && finding->fix[0];
    return ul_arena_printf(arena, "%s%s%s", finding->message, has_fix ? "\nfix: " : "", has_fix ? finding->fix : "");
}

static uint32_t annotate_errors(log_writer *log)
{
    uint32_t left = 0;
    for (uint32_t i = 0; i < log->report->diag_count; i++) {
        const ul_diag *diag = &log->report->diags[i];
        if (diag->level != UL_LEVEL_ERROR)
            continue;
        if (log->shown[UL_LEVEL_ERROR] < KIND_MAX)
            put_command(log, UL_LEVEL_ERROR, diag->file, diag->line, diag->column, "ullage", diag->message);
        else
            left++;
    }
    return left;
}

static ul_status render(ul_strbuf *out, const ul_report *report, const ul_render_options *options, ul_arena *arena)
{
    (void)options;
    log_writer log = {.out = out, .report = report, .arena = arena};
    const uint32_t *order = ul_ranking_of(report->findings, report->finding_count, arena);
    uint32_t by_level[UL_LEVEL_ERROR + 1] = {0}, left_count = annotate_errors(&log);
    uint32_t *left = UL_NEW_ARRAY(arena, uint32_t, report->finding_count + 1u), left_findings = 0;
    for (uint32_t i = 0; i < report->finding_count; i++)
        by_level[report->findings[i].level]++;
    bool is_cut = left_count > 0 || by_level[UL_LEVEL_ERROR] + log.shown[UL_LEVEL_ERROR] > KIND_MAX ||
                  by_level[UL_LEVEL_WARNING] > KIND_MAX || by_level[UL_LEVEL_NOTE] > KIND_MAX;
    for (uint32_t i = 0; i < report->finding_count; i++) {
        const ul_finding *finding = &report->findings[order[i]];
        uint32_t most = finding->level == UL_LEVEL_NOTE && is_cut ? KIND_MAX - 1 : KIND_MAX;
        if (log.shown[finding->level] < most)
            put_command(&log, finding->level, report->entries[finding->entry].record->file, finding->line, finding->column,
                        ul_arena_printf(arena, "ullage %s", finding->rule->name), words_of(finding, arena));
        else
            left[left_findings++] = order[i];
    }
    if (is_cut)
        put_command(&log, UL_LEVEL_NOTE, NULL, 0, 0, "ullage",
                    ul_arena_printf(arena, "%u of %u findings%s are not annotated: GitHub keeps %d of a kind. They stand in the log of this step.",
                                    left_findings, report->finding_count,
                                    left_count ? ul_arena_printf(arena, " and %u more errors", left_count) : "", KIND_MAX));
    for (uint32_t i = 0; i < left_findings; i++)
        put_line(&log, &report->findings[left[i]]);
    return out->has_failed ? UL_ERR_NOMEM : UL_OK;
}

const ul_format ul_format_github = {
    .name = "github",
    .summary = "annotations in a GitHub workflow, the worst first",
    .views = 1u << UL_VIEW_CHECK | 1u << UL_VIEW_DIFF,
    .render = render,
};

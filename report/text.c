/* The text format: for people at a terminal. `show` draws every record, `check` explains every finding. */
#include <string.h>

#include "report/census.h"
#include "report/change_text.h"
#include "report/entry.h"
#include "report/excerpt.h"
#include "report/fixes.h"
#include "report/paths.h"
#include "report/profile.h"

typedef unsigned long long ull;

extern const ul_format ul_format_text;

/* "file:line:col: level: " with what is known of it. */
static void draw_place(ul_ink *ink, const ul_report *report, const char *file, uint32_t line, uint32_t column, ul_level level)
{
    ul_ink_style(ink, UL_STYLE_STRONG);
    ul_ink_text(ink, file ? ul_path_below(file, report->cwd) : "ullage");
    if (file && line)
        ul_strbuf_printf(ink->out, ":%u", line);
    if (file && line && column)
        ul_strbuf_printf(ink->out, ":%u", column);
    ul_strbuf_puts(ink->out, ": ");
    ul_ink_style(ink, ul_ink_level(level));
    ul_ink_text(ink, ul_level_name(level));
    ul_strbuf_putc(ink->out, ':');
    ul_ink_style(ink, UL_STYLE_PLAIN);
    ul_strbuf_putc(ink->out, ' ');
}

static void draw_diags(ul_ink *ink, const ul_report *report)
{
    for (uint32_t i = 0; i < report->diag_count; i++) {
        const ul_diag *diag = &report->diags[i];
        draw_place(ink, report, diag->file, diag->line, diag->column, diag->level);
        ul_ink_text(ink, diag->message);
        ul_strbuf_putc(ink->out, '\n');
    }
    if (report->diag_count)
        ul_strbuf_putc(ink->out, '\n');
}

static void draw_finding(ul_ink *ink, const ul_report *report, ul_excerpt *excerpt, const ul_finding *finding, ul_arena *arena)
{
    const ul_entry *entry = &report->entries[finding->entry];
    draw_place(ink, report, entry->record->file, finding->line, finding->column, finding->level);
    ul_ink_text(ink, finding->message);
    ul_strbuf_printf(ink->out, " [%s]\n", finding->rule->name);
    ul_excerpt_draw(excerpt, ink, finding);
    if (finding->why && finding->why[0]) {
        ul_strbuf_puts(ink->out, "  = why: ");
        ul_ink_wrap(ink, finding->why, 9, 9);
    }
    if (finding->fix && finding->fix[0]) {
        ul_strbuf_puts(ink->out, "  = fix: ");
        ul_ink_wrap(ink, finding->fix, 9, 9);
    }
    if (entry->plan && strcmp(finding->rule->name, "reorder-saves") == 0)
        ul_entry_draw_plan(ink, report, entry, arena);
    ul_strbuf_putc(ink->out, '\n');
}

/* One line a refused record, or how many there are of each reason. */
static void draw_refused(ul_ink *ink, const ul_report *report, bool is_verbose, ul_arena *arena)
{
    uint32_t by_reason[UL_REFUSAL_COUNT] = {0};
    for (uint32_t i = 0; i < report->entry_count; i++) {
        const ul_record *record = report->entries[i].record;
        for (uint32_t k = 0; k < record->refusal_count; k++) {
            const ul_refusal *refusal = &record->refusals[k];
            bool is_new = k == 0 || record->refusals[k - 1].reason != refusal->reason;
            by_reason[refusal->reason] += is_new;
            if (!is_verbose)
                continue;
            draw_place(ink, report, record->file, record->line, record->column, UL_LEVEL_NOTE);
            ul_ink_text(ink, ul_arena_printf(arena, "`%s` is not planned: %s: %s", record->name, ul_entry_refusal(refusal, arena), ul_refusal_text(refusal->reason)));
            ul_strbuf_putc(ink->out, '\n');
        }
    }
    if (is_verbose || report->refused_count == 0)
        return;
    ul_strbuf line;
    ul_strbuf_init(&line);
    for (int reason = 0; reason < UL_REFUSAL_COUNT; reason++) {
        if (by_reason[reason])
            ul_strbuf_printf(&line, "%s%s %u", line.length ? ", " : "", ul_refusal_name((ul_refusal_reason)reason), by_reason[reason]);
    }
    ul_strbuf_puts(ink->out, "not planned: ");
    ul_strbuf_puts(&line, " (-v names them)");
    ul_ink_wrap(ink, line.data ? line.data : "", 13, 13);
    ul_strbuf_free(&line);
}

static const char *count_of(uint64_t count, const char *noun, ul_arena *arena)
{
    return ul_arena_printf(arena, "%llu %s%s", (ull)count, noun, count == 1 ? "" : "s");
}

static void draw_summary(ul_ink *ink, const ul_report *report, ul_view view, ul_arena *arena)
{
    uint32_t planned = 0, errors = 0;
    uint64_t saved_bytes = view == UL_VIEW_CHECK ? report->saved_bytes : 0;
    for (uint32_t i = 0; i < report->entry_count && view == UL_VIEW_SHOW; i++) {
        const ul_plan *plan = report->entries[i].plan;
        planned += plan != NULL;
        if (plan && plan->saved_bytes > plan->embedded_saved_bytes)
            saved_bytes += plan->saved_bytes - plan->embedded_saved_bytes;
    }
    for (uint32_t i = 0; i < report->diag_count; i++)
        errors += report->diags[i].level == UL_LEVEL_ERROR;
    ul_strbuf_puts(ink->out, count_of(report->entry_count, "record", arena));
    if (view == UL_VIEW_CHECK)
        ul_strbuf_printf(ink->out, ", %s", count_of(report->finding_count, "finding", arena));
    else
        ul_strbuf_printf(ink->out, ", %u could be smaller", planned);
    ul_strbuf_printf(ink->out, ", %s to save in one object of each, %u refused", count_of(saved_bytes, "byte", arena), report->refused_count);
    if (errors)
        ul_strbuf_printf(ink->out, ", %s", count_of(errors, "error", arena));
    ul_strbuf_putc(ink->out, '\n');
}

/* Times in ms, and as part of all work done: workers run side by side, so that is more than the wall clock saw. */
static void draw_stats(ul_ink *ink, const ul_stats *stats)
{
    const struct {
        const char *name;
        double seconds;
    } parts[] = {{"scan", stats->scan_seconds},       {"parse", stats->parse_seconds},   {"  probes", stats->probe_seconds},
                 {"  walking", stats->read_seconds},  {"  census", stats->census_seconds}, {"engine", stats->engine_seconds}, {"report", stats->report_seconds}};
    double work = stats->scan_seconds + stats->parse_seconds + stats->engine_seconds + stats->report_seconds;
    ul_strbuf_puts(ink->out, "\nwhere the time goes\n");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        ul_strbuf_printf(ink->out, "  %-10s %10.1f ms %5.1f %%\n", parts[i].name, parts[i].seconds * 1e3,
                         work > 0 ? parts[i].seconds * 100 / work : 0.0);
    ul_strbuf_printf(ink->out, "  %-10s %10.1f ms on the clock, %u worker%s\n", "in all", stats->total_seconds * 1e3,
                     stats->workers, stats->workers == 1 ? "" : "s");
    ul_strbuf_printf(ink->out, "  %-10s %10u (%u failed), %u alignment probes\n", "units", stats->units, stats->units_failed, stats->probes);
    ul_strbuf_printf(ink->out, "  %-10s %10.1f MB a worker at most, %.1f MB here\n", "memory", (double)stats->peak_worker_bytes / 1e6,
                     (double)stats->peak_bytes / 1e6);
}

static ul_status render(ul_strbuf *out, const ul_report *report, const ul_render_options *options, ul_arena *arena)
{
    ul_ink ink;
    ul_ink_init(&ink, out, options);
    draw_diags(&ink, report);
    if (options->view == UL_VIEW_FIX) {
        ul_fixes_draw(&ink, report, options->is_quiet, options->is_verbose, arena);
        if (!options->is_quiet) {
            draw_refused(&ink, report, options->is_verbose, arena);
            ul_profiles_draw(&ink, report, options->is_verbose, arena);
        }
        if (report->stats)
            draw_stats(&ink, report->stats);
        return out->has_failed ? UL_ERR_NOMEM : UL_OK;
    }
    if (options->view == UL_VIEW_DIFF) {
        ul_changes_draw(&ink, report, options->is_quiet, arena);
        if (report->stats)
            draw_stats(&ink, report->stats);
        return out->has_failed ? UL_ERR_NOMEM : UL_OK;
    }
    if (options->view == UL_VIEW_SHOW) {
        for (uint32_t i = 0; i < report->entry_count; i++)
            ul_entry_draw(&ink, report, &report->entries[i], options->is_verbose, arena);
    } else {
        ul_excerpt excerpt;
        ul_excerpt_init(&excerpt, report, arena);
        for (uint32_t i = 0; i < report->finding_count; i++)
            draw_finding(&ink, report, &excerpt, &report->findings[i], arena);
    }
    if (!options->is_quiet) {
        if (options->view == UL_VIEW_CHECK)
            draw_refused(&ink, report, options->is_verbose, arena);
        if (ul_entry_all_alone(report)) {
            ul_strbuf_puts(out, "read alone: ");
            ul_ink_wrap(&ink, UL_ENTRY_ALONE, 12, 12);
        }
        if (options->view == UL_VIEW_SHOW && report->shows_census && report->census)
            ul_census_draw_legend(&ink);
        ul_profiles_draw(&ink, report, options->is_verbose, arena);
        draw_summary(&ink, report, options->view, arena);
    }
    if (report->stats)
        draw_stats(&ink, report->stats);
    return out->has_failed ? UL_ERR_NOMEM : UL_OK;
}

const ul_format ul_format_text = {
    .name = "text",
    .summary = "maps, findings with source lines, and a summary, for a terminal",
    .views = 1u << UL_VIEW_SHOW | 1u << UL_VIEW_CHECK | 1u << UL_VIEW_FIX | 1u << UL_VIEW_DIFF,
    .wants = UL_WANTS_SOURCES,
    .render = render,
};

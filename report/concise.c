/* The concise format: one line a finding or a record, as editors and grep like them. */
#include "report/change_text.h"
#include "report/ink.h"
#include "report/paths.h"

typedef unsigned long long ull;

extern const ul_format ul_format_concise;

static void draw_place(ul_ink *ink, const ul_report *report, const char *file, uint32_t line, uint32_t column)
{
    ul_ink_text(ink, file ? ul_path_below(file, report->cwd) : "ullage");
    if (file && line)
        ul_strbuf_printf(ink->out, ":%u", line);
    if (file && line && column)
        ul_strbuf_printf(ink->out, ":%u", column);
    ul_strbuf_puts(ink->out, ": ");
}

static void draw_level(ul_ink *ink, ul_level level)
{
    ul_ink_style(ink, ul_ink_level(level));
    ul_strbuf_printf(ink->out, "%s:", ul_level_name(level));
    ul_ink_style(ink, UL_STYLE_PLAIN);
    ul_strbuf_putc(ink->out, ' ');
}

/* "struct conn 40 bytes (class 40), align 8, 1 line, 7 in holes, 7 tail; 32 possible" */
static void draw_record(ul_ink *ink, const ul_report *report, const ul_entry *entry)
{
    const ul_record *record = entry->record;
    const ul_facts *facts = &entry->facts;
    draw_place(ink, report, record->file, record->line, record->column);
    ul_ink_text(ink, record->name);
    ul_strbuf_printf(ink->out, " %llu bytes", (ull)record->size_bytes);
    if (facts->fit.is_large)
        ul_strbuf_printf(ink->out, " (large, %llu)", (ull)facts->fit.footprint_bytes);
    else if (facts->fit.class_bytes)
        ul_strbuf_printf(ink->out, " (class %llu)", (ull)facts->fit.class_bytes);
    ul_strbuf_printf(ink->out, ", align %u, %u line%s", record->align_bytes, facts->line_count, facts->line_count == 1 ? "" : "s");
    if (facts->hole_bytes)
        ul_strbuf_printf(ink->out, ", %llu in holes", (ull)facts->hole_bytes);
    if (facts->bit_hole_bits)
        ul_strbuf_printf(ink->out, ", %llu bits in bit holes", (ull)facts->bit_hole_bits);
    if (facts->tail_padding_bytes)
        ul_strbuf_printf(ink->out, ", %llu tail", (ull)facts->tail_padding_bytes);
    if (entry->plan)
        ul_strbuf_printf(ink->out, "; %llu possible", (ull)entry->plan->size_bytes);
    for (uint32_t i = 0; i < record->refusal_count; i++)
        ul_strbuf_printf(ink->out, "%s%s", i ? ", " : "; not planned: ", ul_refusal_name(record->refusals[i].reason));
    ul_strbuf_putc(ink->out, '\n');
}

static void draw_finding(ul_ink *ink, const ul_report *report, const ul_finding *finding)
{
    draw_place(ink, report, report->entries[finding->entry].record->file, finding->line, finding->column);
    draw_level(ink, finding->level);
    ul_ink_text(ink, finding->message);
    ul_strbuf_printf(ink->out, " [%s]\n", finding->rule->name);
}

static ul_status render(ul_strbuf *out, const ul_report *report, const ul_render_options *options, ul_arena *arena)
{
    ul_ink ink;
    ul_ink_init(&ink, out, options);
    for (uint32_t i = 0; i < report->diag_count; i++) {
        const ul_diag *diag = &report->diags[i];
        if (diag->level != UL_LEVEL_ERROR)
            continue;
        draw_place(&ink, report, diag->file, diag->line, diag->column);
        draw_level(&ink, diag->level);
        ul_ink_text(&ink, diag->message);
        ul_strbuf_putc(out, '\n');
    }
    if (options->view == UL_VIEW_DIFF) {
        ul_changes_draw_lines(&ink, report, arena);
    } else if (options->view == UL_VIEW_SHOW) {
        for (uint32_t i = 0; i < report->entry_count; i++)
            draw_record(&ink, report, &report->entries[i]);
    } else {
        for (uint32_t i = 0; i < report->finding_count; i++)
            draw_finding(&ink, report, &report->findings[i]);
    }
    return out->has_failed ? UL_ERR_NOMEM : UL_OK;
}

const ul_format ul_format_concise = {
    .name = "concise",
    .summary = "one line a finding, or a record",
    .views = 1u << UL_VIEW_SHOW | 1u << UL_VIEW_CHECK | 1u << UL_VIEW_DIFF,
    .render = render,
};

#include <stdio.h>
#include <string.h>

#include "report/bench.h"
#include "report/bench_source.h"
#include "report/ink.h"
#include "report/labels.h"
#include "report/paths.h"

typedef unsigned long long ull;

typedef struct bench_page {
    ul_ink ink;
    const ul_bench *bench;
    const ul_bench_result *result;
    const ul_report *report;
    ul_arena *arena;
} bench_page;

static const char *bytes_text(double bytes, ul_arena *arena)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB"};
    uint32_t unit = 0;
    for (; bytes >= 1024 && unit < 3; unit++)
        bytes /= 1024;
    return ul_arena_printf(arena, bytes < 10 && unit ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
}

static void draw_layout(bench_page *page, const ul_bench_layout *layout)
{
    uint64_t line = page->bench->target->line_bytes, lines = (layout->record->size_bytes + line - 1) / line;
    ul_strbuf_printf(page->ink.out, "%-9s%6llu B %4llu line%s  %s\n", layout->name, (ull)layout->record->size_bytes, (ull)lines, lines == 1 ? " " : "s", layout->text);
}

static const char *scan_text(const bench_page *page)
{
    static const char *const reasons[] = {
        [UL_BENCH_BY_WALKS] = "which loops from object to object touch",
        [UL_BENCH_BY_LOOPS] = "which loops touch",
        [UL_BENCH_BY_COMMENT] = "which the source calls hot",
        [UL_BENCH_BY_PROFILE] = "which the profile saw most",
        [UL_BENCH_BY_ENDS] = "the first and the last: no code was read that uses it in a loop",
    };
    enum { NAMED_MAX = 8 };
    const ul_bench *bench = page->bench;
    const char *const *labels = ul_labels_of(bench->record, page->arena);
    const char *text = "";
    uint32_t count = bench->scanned_count;
    bool is_cut = false;
    for (uint32_t i = 0; i < count && i < NAMED_MAX; i++)
        text = ul_arena_printf(page->arena, "%s%s`%s`", text, !i ? "" : i + 1 == count ? " and " : ", ", labels[bench->scanned[i]]);
    if (count > NAMED_MAX)
        text = ul_arena_printf(page->arena, "%s and %u more", text, count - NAMED_MAX);
    for (uint32_t i = 0; i < count; i++)
        is_cut |= ul_bench_access_bytes(bench, bench->scanned[i]) * 8u < bench->record->fields[bench->scanned[i]].size_bits;
    return ul_arena_printf(page->arena, "%s, %s%s", text, reasons[bench->scanned_by], is_cut ? "; of a large field its beginning" : "");
}

static const char *side_text(const bench_page *page, const ul_bench_side *side)
{
    static const char *const words[UL_ACCESS_KIND_COUNT] = {[UL_ACCESS_READ] = "reads", [UL_ACCESS_WRITE] = "stores to", [UL_ACCESS_UPDATE] = "changes",
                                                            [UL_ACCESS_RMW] = "changes atomically", [UL_ACCESS_LOCK] = "takes atomically", [UL_ACCESS_UNLOCK] = "changes atomically",
                                                            [UL_ACCESS_ADDRESS] = "changes atomically"};
    const char *place = *side->place ? ul_arena_printf(page->arena, " (%s)", side->place) : "";
    const char *object = side->object ? " of the next object" : "";
    return ul_arena_printf(page->arena, "%s `%s`%s%s", words[side->kind], ul_field_label(page->bench->record, side->field, page->arena), object, place);
}

static void draw_head(bench_page *page)
{
    const ul_bench *bench = page->bench;
    const ul_record *record = bench->record;
    ul_ink_style(&page->ink, UL_STYLE_STRONG);
    ul_ink_text(&page->ink, record->name);
    ul_ink_style(&page->ink, UL_STYLE_PLAIN);
    ul_strbuf_puts(page->ink.out, "   ");
    ul_ink_text(&page->ink, ul_path_below(record->file, page->report->cwd));
    ul_strbuf_printf(page->ink.out, ":%u\n", record->line);
    for (uint32_t i = 0; i < bench->layout_count; i++)
        draw_layout(page, &bench->layouts[i]);
    ul_strbuf_puts(page->ink.out, "scan     ");
    ul_ink_wrap(&page->ink, scan_text(page), 9, 9);
    if (!bench->has_sides) {
        ul_strbuf_puts(page->ink.out, "threads  ");
        ul_ink_wrap(&page->ink, "no finding says that threads contend for fields; --fields A,B names some", 9, 9);
        return;
    }
    const char *what = ul_arena_printf(page->arena, "one %s, one %s%s", side_text(page, &bench->sides[0]), side_text(page, &bench->sides[1]),
                                       bench->finding ? ul_arena_printf(page->arena, " [%s]", bench->finding) : "");
    ul_strbuf_puts(page->ink.out, "threads  ");
    ul_ink_wrap(&page->ink, what, 9, 9);
}

/* "12.3 +-4%": the median and half the range of the middle two thirds. */
static void draw_spread(bench_page *page, const ul_spread *spread)
{
    char text[48], part[16];
    if (spread->count == 0) {
        ul_strbuf_printf(page->ink.out, " %15s", "-");
        return;
    }
    double percent = spread->median > 0 ? (spread->high - spread->low) / 2 / spread->median * 100 : 0;
    snprintf(part, sizeof part, "%.0f%%", percent > 999 ? 999 : percent);
    snprintf(text, sizeof text, spread->median < 100 ? "%.2f" : "%.0f", spread->median);
    ul_strbuf_printf(page->ink.out, " %9s %s%4s", text, page->ink.is_utf8 ? "±" : "~", part);
}

static void draw_verdict(bench_page *page, const ul_comparison *comparison)
{
    switch (comparison->verdict) {
    case UL_VERDICT_TOO_FEW:
        ul_strbuf_puts(page->ink.out, "  too few runs\n");
        break;
    case UL_VERDICT_OVERLAP:
        ul_strbuf_puts(page->ink.out, "  cannot tell\n");
        break;
    case UL_VERDICT_SAME:
        ul_strbuf_printf(page->ink.out, "  %.2f same\n", comparison->ratio);
        break;
    default:
        ul_strbuf_printf(page->ink.out, "  %.2f\n", comparison->ratio);
    }
}

static void draw_case(bench_page *page, const ul_bench_case *at, uint32_t layout)
{
    const ul_bench_layout *layouts = page->bench->layouts;
    if (at->kind == UL_BENCH_THREADS) {
        const char *spacing = at->spacing_ns ? ul_arena_printf(page->arena, "%u ns of work between", at->spacing_ns) : "no work between";
        ul_strbuf_printf(page->ink.out, "threads %-26s", spacing);
    } else {
        ul_strbuf_printf(page->ink.out, "%-7s %-6s %9s %9s", ul_bench_kind_name(at->kind), at->level, bytes_text((double)at->objects * (double)layouts[0].record->size_bytes, page->arena),
                         bytes_text((double)at->objects * (double)layouts[layout].record->size_bytes, page->arena));
    }
    draw_spread(page, &at->figures[0].spread);
    draw_spread(page, &at->figures[layout].spread);
    draw_verdict(page, &at->figures[layout].comparison);
}

static void draw_table(bench_page *page, uint32_t layout)
{
    const char *name = page->bench->layouts[layout].name;
    ul_strbuf_printf(page->ink.out, "\n%-14s %19s  %s\n", "", "bytes of the array", "ns, for an object or a step");
    ul_strbuf_printf(page->ink.out, "%-14s %9s %9s %15s %15s  ratio\n", "", "before", name, "before", name);
    for (uint32_t i = 0; i < page->result->case_count; i++)
        draw_case(page, &page->result->cases[i], layout);
}

static const char *machine_text(const bench_page *page)
{
    const ul_bench_result *result = page->result;
    const uint64_t caches[] = {result->l1_bytes, result->l2_bytes, result->l3_bytes};
    const char *text = ul_arena_printf(page->arena, "%s, %u processor%s", *result->cpu ? result->cpu : "a processor without a name", result->processors,
                                       result->processors == 1 ? "" : "s");
    for (uint32_t i = 0; i < 3; i++)
        text = ul_arena_printf(page->arena, "%s, L%u %s", text, i + 1, caches[i] ? bytes_text((double)caches[i], page->arena) : "unknown");
    return text;
}

static void draw_note(bench_page *page, const char *text)
{
    ul_ink_wrap(&page->ink, text, 0, 0);
}

static bool has_level(const ul_bench_result *result, const char *level)
{
    for (uint32_t i = 0; i < result->case_count; i++) {
        if (result->cases[i].level && strcmp(result->cases[i].level, level) == 0)
            return true;
    }
    return false;
}

static void draw_notes(bench_page *page)
{
    const ul_bench_result *result = page->result;
    ul_strbuf_putc(page->ink.out, '\n');
    draw_note(page, machine_text(page));
    draw_note(page, ul_arena_printf(page->arena, "%u runs in %u process%s, %u of them thrown away: a thread was interrupted%s", result->run_count,
                                    result->process_count, result->process_count == 1 ? "" : "es", result->discarded_count,
                                    result->has_filter ? "" : " (not counted on this system)"));
    if (result->unclear_count)
        draw_note(page, ul_arena_printf(page->arena, "%u of %u comparisons: this machine is too noisy to tell", result->unclear_count, result->figure_count));
    if (page->bench->has_sides && result->processors == 1)
        draw_note(page, "one processor: two threads cannot run at once, nothing is said about them");
    if (page->bench->has_sides && result->are_siblings)
        draw_note(page, "the threads ran on one core, which shares its caches: on two cores they would disturb each other more");
    if (page->bench->has_sides && result->is_virtual && result->processors > 1)
        draw_note(page, "a virtual machine: its processors may share a core in one run and not in the next");
    if (page->bench->has_sides && result->processors > 1 && !result->is_pinned)
        draw_note(page, "the threads could not be tied to processors");
    if (!has_level(result, "memory"))
        draw_note(page, "arrays larger than the caches would take too much memory here: not measured");
}

ul_status ul_bench_render_text(ul_strbuf *out, const ul_bench *bench, const ul_bench_result *result, const ul_report *report,
                               const ul_render_options *options, ul_arena *arena)
{
    bench_page page = {.bench = bench, .result = result, .report = report, .arena = arena};
    ul_ink_init(&page.ink, out, options);
    draw_head(&page);
    for (uint32_t i = 1; i < bench->layout_count; i++)
        draw_table(&page, i);
    if (!options->is_quiet)
        draw_notes(&page);
    return out->has_failed ? UL_ERR_NOMEM : UL_OK;
}

#include "report/entry.h"

#include <stdio.h>
#include <string.h>

#include "report/allow.h"
#include "report/census.h"
#include "report/labels.h"
#include "report/map.h"
#include "report/paths.h"
#include "report/profile.h"
#include "report/table.h"

enum { INDENT = 3, MOVES_MAX = 24 };

typedef unsigned long long ull;

/* The numbers of one layout, as its header line shows them. */
typedef struct numbers {
    uint64_t size_bytes, hole_bytes, tail_bytes, bit_hole_bits, line_count;
    uint32_t align_bytes, hole_count, bit_hole_count, straddle_count;
    ul_class_fit fit;
} numbers;

static const ul_target *target_of(const ul_report *report, const ul_record *record)
{
    return record->target < report->target_count ? &report->targets[record->target] : NULL;
}

static uint32_t line_bytes_of(const ul_report *report, const ul_record *record)
{
    const ul_target *target = target_of(report, record);
    return target && target->line_bytes ? target->line_bytes : 64;
}

/* "88 B (class 96)  align 8   2 lines   7 B in 1 hole   1 straddle" */
static void format_numbers(ul_strbuf *line, const numbers *n)
{
    ul_strbuf_printf(line, "%llu B", (ull)n->size_bytes);
    if (n->fit.is_large)
        ul_strbuf_printf(line, " (large, %llu)", (ull)n->fit.footprint_bytes);
    else if (n->fit.class_bytes)
        ul_strbuf_printf(line, " (class %llu)", (ull)n->fit.class_bytes);
    ul_strbuf_printf(line, "  align %u", n->align_bytes);
    ul_strbuf_printf(line, "   %llu line%s", (ull)n->line_count, n->line_count == 1 ? "" : "s");
    if (n->hole_count)
        ul_strbuf_printf(line, "   %llu B in %u hole%s", (ull)n->hole_bytes, n->hole_count, n->hole_count == 1 ? "" : "s");
    if (n->bit_hole_count)
        ul_strbuf_printf(line, "   %llu bit%s in %u bit hole%s", (ull)n->bit_hole_bits, n->bit_hole_bits == 1 ? "" : "s",
                         n->bit_hole_count, n->bit_hole_count == 1 ? "" : "s");
    if (n->tail_bytes)
        ul_strbuf_printf(line, "   %llu B tail", (ull)n->tail_bytes);
    if (n->straddle_count)
        ul_strbuf_printf(line, "   %u straddle%s", n->straddle_count, n->straddle_count == 1 ? "" : "s");
}

/* Name and numbers on one line, or the numbers on a second one where 80 columns are not enough. */
static void draw_header(ul_ink *ink, const char *name, const numbers *n, ul_style style)
{
    ul_strbuf line;
    ul_strbuf_init(&line);
    format_numbers(&line, n);
    ul_ink_style(ink, style);
    uint32_t width = ul_ink_text(ink, name);
    ul_ink_style(ink, UL_STYLE_PLAIN);
    if (width + INDENT + line.length > 80)
        ul_strbuf_putc(ink->out, '\n');
    ul_strbuf_fill(ink->out, ' ', INDENT);
    ul_ink_text(ink, line.data ? line.data : "");
    ul_strbuf_putc(ink->out, '\n');
    ul_strbuf_free(&line);
}

/* A line of words under a map: "moved: flag", wrapped. */
static void draw_note(ul_ink *ink, const char *word, const char *text)
{
    ul_strbuf_fill(ink->out, ' ', INDENT);
    uint32_t used = ul_ink_text(ink, word);
    ul_ink_wrap(ink, text, INDENT + used, INDENT + (used < 20 ? used : 0));
}

static bool *moved_before(const ul_entry *entry, ul_arena *arena)
{
    bool *moved = UL_NEW_ARRAY(arena, bool, entry->record->field_count + 1u);
    for (uint32_t i = 0; entry->plan && i < entry->plan->moved_count; i++)
        moved[entry->plan->moved[i]] = true;
    return moved;
}

/* The direct fields of plan->after stand in plan->order. */
static bool *moved_after(const ul_entry *entry, const bool *before, ul_arena *arena)
{
    const ul_record *after = entry->plan->after;
    bool *moved = UL_NEW_ARRAY(arena, bool, after->field_count + 1u);
    uint32_t nth = 0;
    for (uint32_t i = 0; i < after->field_count && nth < entry->plan->order_count; i++) {
        if (after->fields[i].parent == UL_NO_PARENT)
            moved[i] = before[entry->plan->order[nth++]];
    }
    return moved;
}

void ul_entry_draw_layout(ul_ink *ink, const ul_report *report, const ul_entry *entry, const char *name, const bool *marked, ul_arena *arena)
{
    const ul_record *record = entry->record;
    const ul_facts *facts = &entry->facts;
    numbers n = {
        .size_bytes = record->size_bytes,
        .hole_bytes = facts->hole_bytes,
        .tail_bytes = facts->tail_padding_bytes,
        .bit_hole_bits = facts->bit_hole_bits,
        .line_count = facts->line_count,
        .align_bytes = record->align_bytes,
        .hole_count = facts->hole_count,
        .bit_hole_count = facts->bit_hole_count,
        .straddle_count = facts->straddle_count,
        .fit = facts->fit,
    };
    draw_header(ink, name, &n, UL_STYLE_STRONG);
    if (!ul_map_fits(record))
        return;
    const char *const *labels = ul_labels_of(record, arena);
    if (record->kind == UL_RECORD_UNION) {
        ul_map_draw_union(ink, record, labels);
        return;
    }
    ul_cells cells;
    ul_cells_of(&cells, record, labels, marked, arena);
    ul_map_draw(ink, record, &cells, labels, line_bytes_of(report, record), arena);
}

/* "flag 8 -> 31, port 24 -> 28": names and byte offsets of what moves. */
static const char *moves_text(const ul_entry *entry, bool has_offsets, ul_arena *arena)
{
    const ul_plan *plan = entry->plan;
    const char *const *labels = ul_labels_of(entry->record, arena);
    uint64_t *offsets = UL_NEW_ARRAY(arena, uint64_t, entry->record->field_count + 1u);
    uint32_t nth = 0;
    for (uint32_t i = 0; i < plan->after->field_count && nth < plan->order_count; i++) {
        if (plan->after->fields[i].parent == UL_NO_PARENT)
            offsets[plan->order[nth++]] = plan->after->fields[i].offset_bits / 8;
    }
    ul_strbuf text;
    ul_strbuf_init(&text);
    for (uint32_t i = 0; i < plan->moved_count && i < MOVES_MAX; i++) {
        ul_strbuf_printf(&text, "%s%s", i ? ", " : "", labels[plan->moved[i]]);
        if (has_offsets)
            ul_strbuf_printf(&text, " %llu -> %llu", (ull)(entry->record->fields[plan->moved[i]].offset_bits / 8),
                             (ull)offsets[plan->moved[i]]);
    }
    if (plan->moved_count > MOVES_MAX)
        ul_strbuf_printf(&text, " and %u more", plan->moved_count - MOVES_MAX);
    const char *kept = ul_arena_strdup(arena, text.data ? text.data : "nothing");
    ul_strbuf_free(&text);
    return kept;
}

static const char *proof_text(const ul_plan *plan, ul_arena *arena)
{
    if (plan->is_optimal)
        return plan->is_fewest_moves ? "proven smallest, fewest moves" : "proven smallest; fewer moves may do";
    return ul_arena_printf(arena, "best found (lower bound %llu B)", (ull)plan->lower_bound_bytes);
}

static const char *order_text(const ul_entry *entry, ul_arena *arena)
{
    const char *const *labels = ul_labels_of(entry->record, arena);
    ul_strbuf text;
    ul_strbuf_init(&text);
    for (uint32_t i = 0; i < entry->plan->order_count; i++)
        ul_strbuf_printf(&text, "%s%s", i ? ", " : "", labels[entry->plan->order[i]]);
    const char *kept = ul_arena_strdup(arena, text.data ? text.data : "");
    ul_strbuf_free(&text);
    return kept;
}

static void draw_after(ul_ink *ink, const ul_report *report, const ul_entry *entry, bool has_order, ul_arena *arena)
{
    const ul_plan *plan = entry->plan;
    const ul_record *after = plan->after;
    const ul_target *target = target_of(report, entry->record);
    bool is_drawn = ul_map_fits(entry->record) && ul_map_fits(after);
    const char *const *labels = ul_labels_of(after, arena);
    ul_cells cells;
    ul_cells_of(&cells, after, labels, moved_after(entry, moved_before(entry, arena), arena), arena);
    numbers n = {
        .size_bytes = plan->size_bytes,
        .hole_bytes = cells.hole_bytes,
        .tail_bytes = cells.tail_bytes,
        .line_count = plan->lines_after,
        .align_bytes = after->align_bytes,
        .hole_count = cells.hole_count,
        .straddle_count = plan->straddles_after,
    };
    if (target && target->allocator && entry->facts.fit.class_bytes + entry->facts.fit.is_large)
        n.fit = ul_class_fit_of(target->allocator, plan->size_bytes);
    draw_header(ink, "after:", &n, UL_STYLE_MOVED);
    if (is_drawn)
        ul_map_draw(ink, after, &cells, labels, line_bytes_of(report, entry->record), arena);
    const char *words = ul_arena_printf(arena, "%llu B", (ull)plan->saved_bytes);
    if (plan->embedded_saved_bytes)
        words = ul_arena_printf(arena, "%s, %llu of them inside embedded records", words, (ull)plan->embedded_saved_bytes);
    if (plan->class_saved_bytes)
        words = ul_arena_printf(arena, "%s; %llu B of heap an object", words, (ull)plan->class_saved_bytes);
    if (plan->use)
        draw_note(ink, "for use: ", ul_arena_printf(arena, "%.0f %% less cost predicted; best found, within 2 %% of the best there is wherever it was tried", 100 * plan->use->gain));
    else
        draw_note(ink, "saves: ", ul_arena_printf(arena, "%s; %s", words, proof_text(plan, arena)));
    draw_note(ink, "moves: ", moves_text(entry, !is_drawn, arena));
    if (has_order)
        draw_note(ink, "order: ", order_text(entry, arena));
}

const char *ul_entry_refusal(const ul_refusal *refusal, ul_arena *arena)
{
    const char *name = ul_refusal_name(refusal->reason);
    return refusal->detail[0] ? ul_arena_printf(arena, "%s (%s)", name, refusal->detail) : name;
}

static void draw_variants(ul_ink *ink, const ul_report *report, const ul_entry *entry, ul_arena *arena)
{
    for (uint32_t i = 0; i < entry->variant_count; i++) {
        const ul_record *variant = entry->variants[i];
        if (variant == entry->record)
            continue;
        const ul_target *target = target_of(report, variant);
        const char *unit = variant->unit ? ul_path_below(variant->unit, report->cwd) : "another unit";
        draw_note(ink, "elsewhere: ",
                  ul_arena_printf(arena, "%llu B, align %u in %s%s%s", (ull)variant->size_bytes, variant->align_bytes,
                                  unit, target && target->triple ? " for " : "",
                                  target && target->triple ? target->triple : ""));
    }
}

bool ul_entry_all_alone(const ul_report *report)
{
    for (uint32_t i = 0; i < report->entry_count; i++) {
        if (report->entries[i].record->confidence != UL_CONFIDENCE_STANDALONE)
            return false;
    }
    return report->entry_count > 0;
}

/* What the record's numbers do not say: refusals, trades, other layouts, how far to trust it. */
static void draw_remarks(ul_ink *ink, const ul_report *report, const ul_entry *entry, ul_arena *arena)
{
    const ul_record *record = entry->record;
    for (uint32_t i = 0; i < record->refusal_count; i++) {
        const ul_refusal *refusal = &record->refusals[i];
        draw_note(ink, "not planned: ", ul_arena_printf(arena, "%s: %s", ul_entry_refusal(refusal, arena), ul_refusal_text(refusal->reason)));
    }
    for (uint32_t i = 0; i < entry->trade_count; i++) {
        const ul_trade *trade = &entry->trades[i];
        draw_note(ink, "", ul_arena_printf(arena, "%llu bytes possible, but %s: --allow %s", (ull)trade->size_bytes, trade->detail, ul_allow_word(trade->allow)));
    }
    draw_variants(ink, report, entry, arena);
    if (record->confidence == UL_CONFIDENCE_STANDALONE && !ul_entry_all_alone(report))
        draw_note(ink, "read alone: ", UL_ENTRY_ALONE);
    if (!entry->plan && !record->refusal_count && record->kind == UL_RECORD_STRUCT &&
        entry->facts.hole_bytes + entry->facts.tail_padding_bytes > 0)
        draw_note(ink, "", "no smaller order found");
}

void ul_entry_draw(ul_ink *ink, const ul_report *report, const ul_entry *entry, bool is_verbose, ul_arena *arena)
{
    const ul_record *record = entry->record;
    ul_ink_style(ink, UL_STYLE_FAINT);
    ul_ink_text(ink, ul_path_below(record->file, report->cwd));
    ul_strbuf_printf(ink->out, ":%u", record->line);
    ul_ink_style(ink, UL_STYLE_PLAIN);
    ul_strbuf_putc(ink->out, '\n');
    ul_entry_draw_layout(ink, report, entry, record->name, moved_before(entry, arena), arena);
    bool is_long = is_verbose || !ul_map_fits(record);
    if (is_long)
        ul_table_draw(ink, record, ul_labels_of(record, arena), line_bytes_of(report, record), arena);
    if (entry->plan)
        draw_after(ink, report, entry, is_long, arena);
    draw_remarks(ink, report, entry, arena);
    ul_profile_draw(ink, entry, is_verbose, arena);
    if (report->shows_census && report->census)
        ul_census_draw(ink, report, record, is_verbose, arena);
    ul_strbuf_putc(ink->out, '\n');
}

void ul_entry_draw_plan(ul_ink *ink, const ul_report *report, const ul_entry *entry, ul_arena *arena)
{
    ul_entry_draw_layout(ink, report, entry, "before:", moved_before(entry, arena), arena);
    draw_after(ink, report, entry, false, arena);
}

/*
 * One review comment in Markdown: a verdict that leads with the boundary crossed, a table, and folded below it each
 * record before and after with its patch. GitHub takes 65,536 characters: what does not fit is left out whole, and counted.
 */
#include "report/format.h"

#include <string.h>

#include "report/change_markdown.h"
#include "report/entry.h"
#include "report/html_text.h"
#include "report/impact.h"
#include "report/ink.h"
#include "report/markdown_text.h"
#include "report/paths.h"
#include "report/profile.h"
#include "report/ranking.h"

extern const ul_format ul_format_markdown;

/* Tables may take half of the room; the last part is for the words at the end. Bytes, so never fewer than characters. */
enum { ROOM_BYTES = 65536, TABLE_BYTES = 32768, TAIL_BYTES = 1536, DETAILS_LEAST_BYTES = 200 };

typedef unsigned long long ull;

typedef struct comment {
    ul_strbuf *out;
    const ul_report *report;
    const ul_render_options *options;
    ul_arena *arena;
    ul_strbuf piece;    /* what may or may not fit */
    size_t limit;
    uint32_t left_rows, left_details;
} comment;

static const char *place_of(const comment *c, const ul_record *record, uint32_t line)
{
    return ul_arena_printf(c->arena, "%s:%u", ul_path_shown(c->report, record->file), line);
}

/* Moves the piece to the comment when there is room; says whether there was. */
static bool settle(comment *c)
{
    bool fits = c->out->length + c->piece.length <= c->limit;
    if (fits && c->piece.length)
        ul_strbuf_add(c->out, c->piece.data, c->piece.length);
    c->out->has_failed |= c->piece.has_failed;
    ul_strbuf_clear(&c->piece);
    return fits;
}

static const char *arrow_words(uint64_t before, uint64_t after, ul_arena *arena)
{
    if (before == after)
        return ul_arena_printf(arena, "%llu", (ull)before);
    return ul_arena_printf(arena, "%llu → %llu", (ull)before, (ull)after);
}

static const char *class_words(const ul_impact *impact, ul_arena *arena)
{
    if (!impact->after.class_bytes && !impact->after.is_large)
        return "";
    if (impact->before.is_large || impact->after.is_large)
        return ul_arena_printf(arena, "%s (large)", arrow_words(impact->before.footprint_bytes, impact->after.footprint_bytes, arena));
    return arrow_words(impact->before.class_bytes, impact->after.class_bytes, arena);
}

/* "struct conn", place, "64 → 48 B", class, lines, what an object saves. */
static void add_plan_row(comment *c, const ul_entry *entry)
{
    ul_strbuf *out = &c->piece;
    const ul_plan *plan = entry->plan;
    ul_impact impact = ul_impact_of(c->report, entry);
    ul_strbuf_puts(out, impact.crosses ? "| **yes** | " : "| no | ");
    ul_markdown_code(out, entry->record->name);
    ul_strbuf_puts(out, "<br>");
    ul_markdown_code(out, place_of(c, entry->record, entry->record->line));
    ul_strbuf_printf(out, " | %s B | %s | %s | %llu B |\n", arrow_words(entry->record->size_bytes, plan->size_bytes, c->arena),
                     class_words(&impact, c->arena), impact.is_part ? "" : arrow_words(plan->lines_before, plan->lines_after, c->arena),
                     (ull)(impact.heap_saved_bytes ? impact.heap_saved_bytes : plan->saved_bytes));
}

static void add_plan_table(comment *c, const uint32_t *order, uint32_t count)
{
    if (count == 0)
        return;
    ul_strbuf_puts(c->out, "\n| crosses | record | size | heap class | cache lines | saved an object |\n|---|---|---|---|---|---|\n");
    for (uint32_t i = 0; i < count; i++) {
        add_plan_row(c, &c->report->entries[order[i]]);
        c->left_rows += !settle(c);
    }
}

static void add_other_findings(comment *c)
{
    bool has_head = false;
    for (uint32_t i = 0; i < c->report->finding_count; i++) {
        const ul_finding *finding = &c->report->findings[i];
        if (ul_finding_is_about_order(finding))
            continue;
        if (!has_head)
            ul_strbuf_puts(&c->piece, "\n| level | finding |\n|---|---|\n");
        ul_strbuf_printf(&c->piece, "| %s | ", ul_level_name(finding->level));
        ul_markdown_prose(&c->piece, finding->message);
        ul_strbuf_puts(&c->piece, "<br>");
        ul_markdown_code(&c->piece, place_of(c, c->report->entries[finding->entry].record, finding->line));
        ul_strbuf_printf(&c->piece, " (%s) |\n", finding->rule->name);
        if (settle(c))
            has_head = true;
        else
            c->left_rows++;
    }
}

/* Records as they are, for `show`. */
static void add_record_table(comment *c)
{
    if (c->report->entry_count)
        ul_strbuf_puts(c->out, "\n| record | size | heap class | cache lines | holes | tail | smallest |\n|---|---|---|---|---|---|---|\n");
    for (uint32_t i = 0; i < c->report->entry_count; i++) {
        const ul_entry *entry = &c->report->entries[i];
        const ul_facts *facts = &entry->facts;
        const char *classes = facts->fit.is_large      ? ul_arena_printf(c->arena, "%llu (large)", (ull)facts->fit.footprint_bytes)
                              : facts->fit.class_bytes ? ul_arena_printf(c->arena, "%llu", (ull)facts->fit.class_bytes)
                                                       : "";
        const char *smallest = entry->plan ? ul_arena_printf(c->arena, "%llu B", (ull)entry->plan->size_bytes)
                               : entry->record->refusal_count ? ul_refusal_name(entry->record->refusals[0].reason)
                                                              : "as it is";
        ul_strbuf_puts(&c->piece, "| ");
        ul_markdown_code(&c->piece, entry->record->name);
        ul_strbuf_puts(&c->piece, "<br>");
        ul_markdown_code(&c->piece, place_of(c, entry->record, entry->record->line));
        ul_strbuf_printf(&c->piece, " | %llu B | %s | %u | %llu B | %llu B | %s |\n", (ull)entry->record->size_bytes, classes, facts->line_count,
                         (ull)facts->hole_bytes, (ull)facts->tail_padding_bytes, smallest);
        c->left_rows += !settle(c);
    }
}

static const ul_finding *finding_of(const ul_report *report, uint32_t entry)
{
    for (uint32_t i = 0; i < report->finding_count; i++) {
        if (report->findings[i].entry == entry && ul_finding_is_about_order(&report->findings[i]))
            return &report->findings[i];
    }
    return NULL;
}

static void add_patch(comment *c, const ul_patch *patch)
{
    if (!patch)
        return;
    if (patch->refusal) {
        ul_strbuf_puts(&c->piece, "\nNo patch: ");
        ul_markdown_prose(&c->piece, ul_arena_printf(c->arena, "%s.", patch->explanation));
        ul_strbuf_putc(&c->piece, '\n');
        return;
    }
    ul_strbuf_putc(&c->piece, '\n');
    ul_markdown_fence(&c->piece, "diff", patch->diff, strlen(patch->diff));
    if (patch->caution[0]) {
        ul_strbuf_putc(&c->piece, '\n');
        ul_markdown_prose(&c->piece, patch->caution);
        ul_strbuf_putc(&c->piece, '\n');
    }
}

/* The record folded: its summary, the maps, why, the patch. */
static void add_details(comment *c, uint32_t index)
{
    const ul_entry *entry = &c->report->entries[index];
    const ul_finding *finding = c->options->view == UL_VIEW_CHECK ? finding_of(c->report, index) : NULL;
    if (c->out->length + DETAILS_LEAST_BYTES > c->limit) {
        c->left_details++;
        return;
    }
    ul_render_options plain = {.is_utf8 = true, .columns = 80, .view = c->options->view};
    ul_strbuf maps;
    ul_ink ink;
    ul_strbuf_init(&maps);
    ul_ink_init(&ink, &maps, &plain);
    if (entry->plan && c->options->view == UL_VIEW_CHECK)
        ul_entry_draw_plan(&ink, c->report, entry, c->arena);
    else
        ul_entry_draw(&ink, c->report, entry, false, c->arena);
    ul_strbuf_puts(&c->piece, "\n<details>\n<summary><code>");
    ul_html_text(&c->piece, entry->record->name);
    if (entry->plan) {
        ul_impact impact = ul_impact_of(c->report, entry);
        const char *words = ul_impact_words(&impact, "→", c->arena);
        ul_strbuf_printf(&c->piece, "</code> %llu → %llu bytes%s%s</summary>\n\n", (ull)entry->record->size_bytes, (ull)entry->plan->size_bytes,
                         words[0] ? ", " : "", words);
    } else {
        ul_strbuf_printf(&c->piece, "</code> %llu bytes</summary>\n\n", (ull)entry->record->size_bytes);
    }
    ul_markdown_fence(&c->piece, "text", maps.data ? maps.data : "", maps.length);
    if (finding && finding->why && finding->why[0]) {
        ul_strbuf_puts(&c->piece, "\nWhy: ");
        ul_markdown_prose(&c->piece, finding->why);
        ul_strbuf_putc(&c->piece, '\n');
    }
    add_patch(c, entry->patch);
    ul_strbuf_puts(&c->piece, "\n</details>\n");
    c->piece.has_failed |= maps.has_failed;
    ul_strbuf_free(&maps);
    c->left_details += !settle(c);
}

static uint32_t error_count(const ul_report *report)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < report->diag_count; i++)
        count += report->diags[i].level == UL_LEVEL_ERROR;
    return count;
}

static const char *plural(uint32_t count)
{
    return count == 1 ? "" : "s";
}

static void add_verdict(const comment *c, uint32_t crossing, uint32_t planned)
{
    const ul_report *report = c->report;
    uint32_t all = report->entry_count, errors = error_count(report), other = 0;
    for (uint32_t i = 0; i < report->finding_count; i++)
        other += !ul_finding_is_about_order(&report->findings[i]);
    if (errors)
        ul_strbuf_printf(c->out, "**%u error%s: part of the input could not be read.** ", errors, plural(errors));
    if (crossing)
        ul_strbuf_printf(c->out, "**%u of %u record%s would cross a boundary**: a smaller heap block or fewer cache lines for the same fields in another order.",
                         crossing, all, plural(all));
    else if (planned)
        ul_strbuf_puts(c->out, "**No record would cross a boundary**: heap blocks and cache lines stay as they are.");
    else
        ul_strbuf_printf(c->out, "**No smaller order** for %u record%s.", all, plural(all));
    if (planned > crossing)
        ul_strbuf_printf(c->out, " %u%s could be smaller, which pays in arrays and inside other records.", planned - crossing, crossing ? " more" : "");
    if (other && c->options->view == UL_VIEW_CHECK)
        ul_strbuf_printf(c->out, " %u other finding%s.", other, plural(other));
    ul_strbuf_putc(c->out, '\n');
}

/* What was left out, what was not looked at. */
static void add_tail(const comment *c)
{
    const ul_report *report = c->report;
    ul_strbuf *out = c->out;
    if (c->left_rows || c->left_details)
        ul_strbuf_printf(out, "\nNot all of it fits in a comment: %u row%s and %u record%s with maps are left out. `ullage %s --format html` has everything.\n",
                         c->left_rows, plural(c->left_rows), c->left_details, plural(c->left_details),
                         c->options->view == UL_VIEW_CHECK ? "check" : "show");
    if (report->refused_count)
        ul_strbuf_printf(out, "\n%u record%s could not be planned; `ullage show` says why.", report->refused_count, plural(report->refused_count));
    if (report->silenced_count && c->options->view == UL_VIEW_CHECK)
        ul_strbuf_printf(out, "\n%u finding%s silenced in the source.", report->silenced_count, report->silenced_count == 1 ? " is" : "s are");
    for (uint32_t i = 0; i < report->profile_count; i++) {
        const ul_profile_meta *meta = &report->profiles[i].meta;
        ul_strbuf_puts(out, "\nMeasured: ");
        ul_markdown_code(out, ul_path_shown(report, meta->file));
        ul_strbuf_puts(out, ", ");
        ul_markdown_prose(out, ul_arena_printf(c->arena, "%s; biased: %s.", ul_profile_words(&report->profiles[i], c->arena), ul_profile_biases(meta->biases, c->arena)));
    }
    if (ul_entry_all_alone(report))
        ul_strbuf_printf(out, "\nRead alone: %s.", UL_ENTRY_ALONE);
    if (report->target_count) {
        const ul_target *target = &report->targets[0];
        ul_strbuf_puts(out, "\nJudged for ");
        ul_markdown_code(out, target->triple ? target->triple : "unknown");
        ul_strbuf_printf(out, ", cache lines of %u bytes, allocator %s.", target->line_bytes, target->allocator ? target->allocator->name : "none");
    }
    ul_strbuf_putc(out, '\n');
}

/* Of the ranked entries those that a finding is about: silenced ones and those of a rule that is off are not told. */
static uint32_t keep_found(const ul_report *report, uint32_t *order, uint32_t count, ul_arena *arena)
{
    bool *is_found = UL_NEW_ARRAY(arena, bool, ul_report_subjects(report) + 1u);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < report->finding_count; i++)
        is_found[report->findings[i].entry] |= ul_finding_is_about_order(&report->findings[i]);
    for (uint32_t i = 0; i < count; i++) {
        if (is_found[order[i]])
            order[kept++] = order[i];
    }
    return kept;
}

static ul_status render(ul_strbuf *out, const ul_report *report, const ul_render_options *options, ul_arena *arena)
{
    comment c = {.out = out, .report = report, .options = options, .arena = arena, .limit = TABLE_BYTES};
    bool is_check = options->view == UL_VIEW_CHECK;
    uint32_t count, crossing = 0;
    if (options->view == UL_VIEW_DIFF) {
        ul_changes_render_markdown(out, report, options, arena);
        return out->has_failed ? UL_ERR_NOMEM : UL_OK;
    }
    uint32_t *order = ul_impact_ranking(report, &count, arena);
    count = is_check ? keep_found(report, order, count, arena) : count;
    for (uint32_t i = 0; i < count; i++)
        crossing += ul_impact_of(report, &report->entries[order[i]]).crosses;
    ul_strbuf_init(&c.piece);
    ul_strbuf_puts(out, "### ullage: how structs are laid out\n\n");
    add_verdict(&c, crossing, count);
    if (is_check) {
        add_plan_table(&c, order, count);
        add_other_findings(&c);
    } else {
        add_record_table(&c);
    }
    c.limit = ROOM_BYTES - TAIL_BYTES;
    for (uint32_t i = 0; i < (is_check ? count : report->entry_count); i++)
        add_details(&c, is_check ? order[i] : i);
    add_tail(&c);
    ul_strbuf_free(&c.piece);
    return out->has_failed ? UL_ERR_NOMEM : UL_OK;
}

const ul_format ul_format_markdown = {
    .name = "markdown",
    .summary = "one comment for a review: verdict, table, maps folded",
    .views = 1u << UL_VIEW_SHOW | 1u << UL_VIEW_CHECK | 1u << UL_VIEW_DIFF,
    .wants = UL_WANTS_PATCHES,
    .render = render,
};

/*
 * The HTML report: one file, nothing fetched, whole without JavaScript; report/assets has its style and the script that sorts, filters and
 * copies. A sentence and three numbers, a map of where bytes are lost, a table of records, and below each row its layout.
 * Whatever comes from a source goes through html_text.h.
 */
#include <string.h>

#include "report/allow.h"
#include "report/entry.h"
#include "report/html_changes.h"
#include "report/html_map.h"
#include "report/html_page.h"
#include "report/html_text.h"
#include "report/html_treemap.h"
#include "report/impact.h"
#include "report/paths.h"
#include "report/profile.h"
#include "report/ranking.h"
#include "report/utf8.h"

extern const ul_format ul_format_html;

typedef unsigned long long ull;

enum { WEIGHT_OF_ERROR = 1000000, WEIGHT_OF_WARNING = 1000 };

/* What a row is, in the order of concern. */
typedef enum row_kind { ROW_CROSSES, ROW_SMALLER, ROW_SILENCED, ROW_REFUSED, ROW_BEST, ROW_KIND_COUNT } row_kind;

static const ul_html_kind kinds[ROW_KIND_COUNT] = {
    {"crosses", "crosses", "with its fields in another order an object takes a smaller heap block, or fewer cache lines"},
    {"smaller", "smaller", "another order is smaller, but heap block and cache lines stay: it pays in arrays and inside other records"},
    {"silenced", "silenced", "the source says that it is to stay as it is"},
    {"refused", "not planned", "it cannot be reordered, or not for sure; its row says why"},
    {"best", "as it is", "no allowed order of its fields is smaller"},
};

typedef struct record_list {
    ul_html_page page;
    uint32_t *first_finding; /* of each entry, into next_finding and findings; UINT32_MAX for none */
    uint32_t *next_finding;
    uint32_t *others;        /* by entry and level: findings that are not about the order, which has the verdict to itself */
    const char **silenced;   /* by entry: the reason why its finding about the order is not told; NULL when it is */
    row_kind *kinds;
    uint32_t by_kind[ROW_KIND_COUNT];
    uint32_t other_count, other_record_count; /* findings in `others`, and those of them about records */
    uint64_t size_bytes, lost_bytes, gained_bytes;
    double gained_alive; /* with the instances that the source tells */
} record_list;

static void put(const record_list *p, const char *text)
{
    ul_strbuf_puts(p->page.out, text);
}

/* --- What there is to say. --- */

static uint32_t *others_of(const record_list *p, uint32_t index)
{
    return p->others + (size_t)index * (UL_LEVEL_ERROR + 1);
}

/* The more and the worse, the higher: what the column is sorted by. */
static ull weight_of(const record_list *p, uint32_t index)
{
    const uint32_t *others = others_of(p, index);
    return others[UL_LEVEL_ERROR] * (ull)WEIGHT_OF_ERROR + others[UL_LEVEL_WARNING] * (ull)WEIGHT_OF_WARNING + others[UL_LEVEL_NOTE];
}

static void index_findings(record_list *p)
{
    const ul_report *report = p->page.report;
    p->first_finding = UL_NEW_ARRAY(p->page.arena, uint32_t, ul_report_subjects(report) + 1u);
    p->next_finding = UL_NEW_ARRAY(p->page.arena, uint32_t, report->finding_count + 1u);
    p->silenced = UL_NEW_ARRAY(p->page.arena, const char *, ul_report_subjects(report) + 1u);
    p->others = UL_NEW_ARRAY(p->page.arena, uint32_t, (ul_report_subjects(report) + (size_t)1) * (UL_LEVEL_ERROR + 1));
    memset(p->first_finding, 0xFF, (ul_report_subjects(report) + 1u) * sizeof *p->first_finding);
    for (uint32_t i = report->finding_count; i-- > 0;) {
        uint32_t entry = report->findings[i].entry;
        p->next_finding[i] = p->first_finding[entry];
        p->first_finding[entry] = i;
        if (ul_finding_is_about_order(&report->findings[i]) || p->page.options->view != UL_VIEW_CHECK)
            continue;
        others_of(p, entry)[report->findings[i].level]++;
        p->other_count++;
        p->other_record_count += entry < report->entry_count;
    }
    for (uint32_t i = 0; i < report->silenced_count; i++) {
        const char *reason = report->silenced[i].silence;
        if (ul_finding_is_about_order(&report->silenced[i]))
            p->silenced[report->silenced[i].entry] = reason && reason[0] ? reason : "the source gives no reason.";
    }
}

static row_kind kind_of(const record_list *p, uint32_t index)
{
    const ul_entry *entry = &p->page.report->entries[index];
    if (ul_html_gained_bytes(entry) == 0)
        return entry->record->refusal_count ? ROW_REFUSED : ROW_BEST;
    if (p->silenced[index])
        return ROW_SILENCED;
    return ul_impact_of(p->page.report, entry).crosses ? ROW_CROSSES : ROW_SMALLER;
}

static void count_all(record_list *p)
{
    p->kinds = UL_NEW_ARRAY(p->page.arena, row_kind, p->page.report->entry_count + 1u);
    for (uint32_t i = 0; i < p->page.report->entry_count; i++) {
        const ul_entry *entry = &p->page.report->entries[i];
        p->kinds[i] = kind_of(p, i);
        p->by_kind[p->kinds[i]]++;
        /* Anonymous members are part of the record around them. */
        if (!(entry->record->flags & (UL_RECORD_MEMBER | UL_RECORD_ANONYMOUS)))
            p->size_bytes += entry->record->size_bytes;
        p->lost_bytes += ul_html_lost_bytes(entry);
        if (p->kinds[i] > ROW_SMALLER)
            continue;
        p->gained_bytes += ul_html_gained_bytes(entry);
        p->gained_alive += entry->record->instances * (double)ul_html_gained_bytes(entry);
    }
}

static const char *verdict(const record_list *p)
{
    uint32_t count = p->page.report->entry_count;
    const char *all = ul_html_grouped(count, p->page.arena), *crossing = ul_html_grouped(p->by_kind[ROW_CROSSES], p->page.arena), *smaller = ul_html_grouped(p->by_kind[ROW_SMALLER], p->page.arena);
    if (count == 0)
        return "No records were found.";
    if (p->by_kind[ROW_CROSSES])
        return ul_arena_printf(p->page.arena, "%s of %s record%s would take a smaller heap block or fewer cache lines with the same fields in another order.",
                               crossing, all, ul_html_plural(count));
    if (p->by_kind[ROW_SMALLER])
        return ul_arena_printf(p->page.arena, "%s of %s record%s could be smaller; heap blocks and cache lines would stay as they are.", smaller, all, ul_html_plural(count));
    return ul_arena_printf(p->page.arena, "No allowed order of the same fields is smaller for any of %s record%s.", all, ul_html_plural(count));
}

/* "1 error, 2 warnings, 4 notes" */
static const char *other_words(const record_list *p)
{
    const char *text = "";
    for (int level = UL_LEVEL_ERROR; level >= UL_LEVEL_NOTE; level--) {
        uint32_t count = 0;
        for (uint32_t i = 0; i < ul_report_subjects(p->page.report); i++)
            count += others_of(p, i)[level];
        if (count)
            text = ul_arena_printf(p->page.arena, "%s%s%u %s%s", text, *text ? ", " : "", count, ul_level_name((ul_level)level), ul_html_plural(count));
    }
    return text;
}

static void add_numbers(const record_list *p)
{
    ul_arena *arena = p->page.arena;
    uint32_t smaller = p->by_kind[ROW_SMALLER];
    double share = p->size_bytes ? (double)p->lost_bytes * 100 / (double)p->size_bytes : 0;
    const char *alive = "counting one object of each";
    if (p->gained_alive >= 1)
        alive = ul_arena_printf(arena, "%.4g MB with the instances that the source names", p->gained_alive / 1e6);
    put(p, "<dl class=\"numbers\">\n");
    ul_html_number(&p->page, ul_html_grouped(p->by_kind[ROW_CROSSES], arena), "", p->by_kind[ROW_CROSSES] == 1 ? "record would cross a boundary" : "records would cross a boundary",
               smaller ? ul_arena_printf(arena, "%s more would only be smaller", ul_html_grouped(smaller, arena)) : "a smaller heap block or fewer cache lines");
    ul_html_number(&p->page, ul_html_grouped(p->lost_bytes, arena), " <small>B</small>", "lost to padding", ul_arena_printf(arena, "%.1f %% of %s B, one object of each", share, ul_html_grouped(p->size_bytes, arena)));
    ul_html_number(&p->page, ul_html_grouped(p->gained_bytes, arena), " <small>B</small>", "come back with a better order", alive);
    if (p->other_count)
        ul_html_number(&p->page, ul_html_grouped(p->other_count, arena), "", p->other_count == 1 ? "other finding" : "other findings", other_words(p));
    put(p, "</dl>\n");
}

/* --- Records. --- */

/* "warning false-sharing", a line for each rule; the level is a word, its colour says nothing more. */
static void add_other_findings(const record_list *p, uint32_t index)
{
    enum { NAMED_MAX = 3 };
    const ul_report *report = p->page.report;
    uint32_t named = 0, left = 0;
    put(p, "<td class=\"o\">");
    for (int level = UL_LEVEL_ERROR; level >= UL_LEVEL_NOTE; level--) {
        for (uint32_t i = p->first_finding[index]; i != UINT32_MAX; i = p->next_finding[i]) {
            const ul_finding *finding = &report->findings[i];
            if ((int)finding->level != level || ul_finding_is_about_order(finding))
                continue;
            if (named++ >= NAMED_MAX)
                left++;
            else
                ul_strbuf_printf(p->page.out, "<span class=\"%s\"><b>%s</b> %s</span> ", ul_level_name(finding->level), ul_level_name(finding->level), finding->rule->name);
        }
    }
    if (left)
        ul_strbuf_printf(p->page.out, "<span>and %u more</span>", left);
    put(p, "</td>");
}

static void add_row(const record_list *p, uint32_t index)
{
    const ul_entry *entry = &p->page.report->entries[index];
    const ul_record *record = entry->record;
    ul_strbuf *out = p->page.out;
    row_kind kind = p->kinds[index];
    uint64_t lost = ul_html_lost_bytes(entry), gained = ul_html_gained_bytes(entry);
    const char *path = ul_path_shown(p->page.report, record->file), *crossed = "";
    uint64_t heap = 0;
    if (entry->plan && gained) {
        ul_impact impact = ul_impact_of(p->page.report, entry);
        crossed = ul_impact_words(&impact, "→", p->page.arena);
        heap = impact.heap_saved_bytes;
    }
    ul_strbuf_printf(out, "<tbody id=\"r%u\" data-kind=\"%s\" data-size=\"%llu\" data-lost=\"%llu\" data-gain=\"%llu\" data-heap=\"%llu\" data-lines=\"%u\" data-find=\"%llu\"%s>\n"
                          "<tr class=\"row\"><th scope=\"row\"><a class=\"name\" href=\"#r%u\">",
                     index, kinds[kind].key, (ull)record->size_bytes, (ull)lost, (ull)gained, (ull)heap, entry->facts.line_count, weight_of(p, index),
                     kind <= ROW_SMALLER ? " data-print=\"1\"" : "", index);
    ul_html_text(out, record->name);
    put(p, "</a> <span class=\"path\">");
    ul_html_text(out, path);
    ul_strbuf_printf(out, ":%u</span></th><td>%s</td><td>%s</td><td>", record->line, ul_html_grouped(record->size_bytes, p->page.arena), lost ? ul_html_grouped(lost, p->page.arena) : "");
    if (gained)
        ul_strbuf_printf(out, "−%s", ul_html_grouped(gained, p->page.arena));
    ul_strbuf_printf(out, "</td><td>%u</td>", entry->facts.line_count);
    if (p->other_record_count)
        add_other_findings(p, index);
    ul_strbuf_printf(out, "<td class=\"k\"><span class=\"%s\">%s</span>%s%s</td></tr>\n", kinds[kind].key, kinds[kind].word,
                     crossed[0] ? " " : "", crossed);
}

static void add_findings(const record_list *p, uint32_t index)
{
    for (uint32_t i = p->first_finding[index]; i != UINT32_MAX; i = p->next_finding[i]) {
        const ul_finding *finding = &p->page.report->findings[i];
        ul_strbuf_printf(p->page.out, "<p class=\"finding\"><b>%s:</b> ", ul_level_name(finding->level));
        ul_html_prose(p->page.out, finding->message);
        ul_strbuf_printf(p->page.out, " <span class=\"rule\">%s</span></p>\n", finding->rule->name);
        ul_html_paragraph(p->page.out, "", "Why", finding->why);
        ul_html_paragraph(p->page.out, "", "Fix", finding->fix);
    }
}

static const char *proof_words(const ul_plan *plan, ul_arena *arena)
{
    if (!plan->is_optimal)
        return ul_arena_printf(arena, "The best order that was found; no order can be below %llu bytes.", (ull)plan->lower_bound_bytes);
    return plan->is_fewest_moves ? "No allowed order is smaller, and none of this size moves fewer fields: both are proven."
                                 : "No allowed order is smaller: proven. Fewer moves may do.";
}

static void add_remarks(const record_list *p, const ul_entry *entry)
{
    const ul_record *record = entry->record;
    if (entry->plan && ul_html_gained_bytes(entry))
        ul_html_paragraph(p->page.out, "", "Proof", proof_words(entry->plan, p->page.arena));
    if (entry->plan && entry->plan->embedded_saved_bytes)
        ul_html_paragraph(p->page.out, "", "Inside", ul_arena_printf(p->page.arena, "%llu bytes come from records that it embeds.", (ull)entry->plan->embedded_saved_bytes));
    const char *measured = ul_profile_record_words(entry, p->page.arena);
    if (*measured)
        ul_html_paragraph(p->page.out, "", "Measured", ul_arena_printf(p->page.arena, "%s.", measured));
    if (p->silenced[entry - p->page.report->entries])
        ul_html_paragraph(p->page.out, "", "Silenced", p->silenced[entry - p->page.report->entries]);
    for (uint32_t i = 0; i < record->refusal_count; i++)
        ul_html_paragraph(p->page.out, "", "Not planned", ul_arena_printf(p->page.arena, "%s: %s.", ul_entry_refusal(&record->refusals[i], p->page.arena), ul_refusal_text(record->refusals[i].reason)));
    for (uint32_t i = 0; i < entry->trade_count; i++)
        ul_html_paragraph(p->page.out, "", "Possible", ul_arena_printf(p->page.arena, "%llu bytes, but %s: --allow %s.", (ull)entry->trades[i].size_bytes, entry->trades[i].detail,
                                                         ul_allow_word(entry->trades[i].allow)));
    for (uint32_t i = 0; i < entry->variant_count; i++) {
        const ul_record *variant = entry->variants[i];
        if (variant == record)
            continue;
        const char *unit = variant->unit ? ul_path_shown(p->page.report, variant->unit) : "another unit";
        const char *triple = variant->target < p->page.report->target_count ? p->page.report->targets[variant->target].triple : NULL;
        ul_html_paragraph(p->page.out, "", "Elsewhere", ul_arena_printf(p->page.arena, "%llu bytes, aligned to %u, in %s%s%s.", (ull)variant->size_bytes, variant->align_bytes, unit,
                                                          triple ? " for " : "", triple ? triple : ""));
    }
    if (record->confidence == UL_CONFIDENCE_STANDALONE && !ul_entry_all_alone(p->page.report))
        ul_html_paragraph(p->page.out, "", "Read alone", UL_ENTRY_ALONE ".");
}

/* The lines of a diff, those that go and come apart from the rest by their sign and by colour. */
static void add_diff(const record_list *p, const char *diff)
{
    while (*diff) {
        size_t length = strcspn(diff, "\n");
        bool is_added = *diff == '+' && strncmp(diff, "+++", 3) != 0, is_removed = *diff == '-' && strncmp(diff, "---", 3) != 0;
        put(p, is_added ? "<ins>" : is_removed ? "<del>" : "");
        ul_html_add(p->page.out, diff, length);
        put(p, is_added ? "</ins>\n" : is_removed ? "</del>\n" : "\n");
        diff += length + (diff[length] == '\n');
    }
}

static void add_patch(const record_list *p, uint32_t index, const ul_patch *patch)
{
    if (!patch)
        return;
    if (patch->refusal) {
        ul_html_paragraph(p->page.out, "", "No patch", ul_arena_printf(p->page.arena, "%s.", patch->explanation));
        return;
    }
    /* Bytes that are not UTF-8 would be copied as something else, carriage returns would be lost. */
    bool is_exact = ul_utf8_clean(patch->diff, p->page.arena) == patch->diff && !strchr(patch->diff, '\r');
    ul_html_paragraph(p->page.out, "caution", "Before you apply it", patch->caution);
    put(p, "<div class=\"patch\">");
    if (is_exact)
        ul_strbuf_printf(p->page.out, "<button type=\"button\" class=\"copy\" data-for=\"p%u\">Copy patch</button>", index);
    ul_strbuf_printf(p->page.out, "<pre id=\"p%u\" tabindex=\"0\" aria-label=\"Patch\">", index);
    add_diff(p, patch->diff);
    put(p, "</pre></div>\n");
    if (!is_exact)
        ul_html_paragraph(p->page.out, "caution", "", "Not to be copied from here: its line ends or its encoding would be lost. `ullage check --format diff` writes it as it is.");
}

/* Behind noscript: a browser with scripts keeps that as text, and the script makes elements of it when the row is opened. */
static void add_record(const record_list *p, uint32_t index)
{
    const ul_entry *entry = &p->page.report->entries[index];
    add_row(p, index);
    ul_strbuf_printf(p->page.out, "<tr class=\"more\"><td colspan=\"%u\"><noscript><details><summary>Layout</summary>\n<figure>", p->other_record_count ? 7u : 6u);
    ul_html_map_draw(p->page.out, p->page.report, entry, p->page.arena);
    put(p, "</figure>\n<div class=\"words\">\n");
    if (p->page.options->view == UL_VIEW_CHECK)
        add_findings(p, index);
    add_remarks(p, entry);
    put(p, "</div>\n");
    add_patch(p, index, entry->patch);
    put(p, "<details class=\"list\"><summary>Fields as text</summary><pre>");
    ul_html_map_list(p->page.out, entry, p->page.arena);
    put(p, "</pre></details>\n</details></noscript></td></tr>\n</tbody>\n");
}

static void add_table(const record_list *p)
{
    uint32_t count;
    const uint32_t *order = ul_impact_ranking(p->page.report, &count, p->page.arena);
    bool *is_done = UL_NEW_ARRAY(p->page.arena, bool, p->page.report->entry_count + 1u);
    put(p, "<section id=\"records\" aria-labelledby=\"records-title\">\n<h2 id=\"records-title\">Records</h2>\n");
    ul_html_controls(&p->page, kinds, p->by_kind, ROW_KIND_COUNT);
    put(p, "<div class=\"scroll\">");
    put(p, p->other_record_count ? "<table class=\"besides\">\n<thead><tr>" : "<table>\n<thead><tr>");
    ul_html_column(&p->page, "name", "Record", "Name and place");
    ul_html_column(&p->page, "size", "Size", "Bytes of one object");
    ul_html_column(&p->page, "lost", "Lost", "Bytes of padding");
    ul_html_column(&p->page, "gain", "Saves", "Bytes that the planned order saves");
    ul_html_column(&p->page, "lines", "Lines", "Cache lines that an object spans");
    if (p->other_record_count)
        ul_html_column(&p->page, "find", "Other findings", "What is not about the order");
    ul_html_column(&p->page, "kind", "Order", "What another order would change");
    put(p, "</tr></thead>\n");
    for (uint32_t i = 0; i < count; i++) {
        if (p->kinds[order[i]] > ROW_SMALLER)
            continue;
        add_record(p, order[i]);
        is_done[order[i]] = true;
    }
    /* Nobody should have to look for an error or a warning. */
    static const ull least[] = {WEIGHT_OF_ERROR, WEIGHT_OF_WARNING, 0};
    for (uint32_t k = 0; k < sizeof least / sizeof *least; k++) {
        for (uint32_t i = 0; i < p->page.report->entry_count; i++) {
            if (is_done[i] || weight_of(p, i) < least[k])
                continue;
            add_record(p, i);
            is_done[i] = true;
        }
    }
    put(p, "</table></div>\n<p class=\"none\" hidden>No record matches. <button type=\"button\" id=\"reset\">Show all</button></p>\n</section>\n");
}

/* Findings about variables, which are no rows of the table. */
static void add_variables(const record_list *p)
{
    const ul_report *report = p->page.report;
    bool has_begun = false;
    for (uint32_t i = report->entry_count; i < ul_report_subjects(report); i++) {
        if (p->first_finding[i] == UINT32_MAX || p->page.options->view != UL_VIEW_CHECK)
            continue;
        if (!has_begun)
            put(p, "<section aria-labelledby=\"variables-title\">\n<h2 id=\"variables-title\">Variables</h2>\n<div class=\"words\">\n");
        has_begun = true;
        const ul_record *variable = report->entries[i].record;
        ul_html_paragraph(p->page.out, "", variable->name,
                          ul_arena_printf(p->page.arena, "%s:%u", ul_path_shown(p->page.report, variable->file), variable->line));
        add_findings(p, i);
    }
    if (has_begun)
        put(p, "</div>\n</section>\n");
}

/* What became of each profile, and how far to trust it. */
static void add_profiles(const record_list *p)
{
    const ul_report *report = p->page.report;
    ul_arena *arena = p->page.arena;
    if (!report->profile_count)
        return;
    put(p, "<section aria-labelledby=\"profiles-title\">\n<h2 id=\"profiles-title\">What was measured</h2>\n<div class=\"words\">\n");
    for (uint32_t i = 0; i < report->profile_count; i++) {
        const ul_profile_summary *summary = &report->profiles[i];
        ul_html_paragraph(p->page.out, "", ul_path_shown(p->page.report, summary->meta.file), ul_arena_printf(arena, "%s.", ul_profile_words(summary, arena)));
        for (int bias = 0; bias < UL_BIAS_COUNT; bias++) {
            if (summary->meta.biases & 1u << bias)
                ul_html_paragraph(p->page.out, "", ul_profile_bias_name((ul_profile_bias)bias), ul_arena_printf(arena, "%s.", ul_profile_bias_text((ul_profile_bias)bias)));
        }
    }
    put(p, "</div>\n</section>\n");
}

static void add_treemap(const record_list *p)
{
    if (p->lost_bytes == 0)
        return;
    put(p, "<section aria-labelledby=\"tree-title\">\n<h2 id=\"tree-title\">Where bytes are lost</h2>\n"
           "<p class=\"hint\">Area: padding in one object of each record, by header. <span class=\"key\"><svg width=\"14\" height=\"14\" aria-hidden=\"true\">"
           "<rect class=\"gain\" width=\"14\" height=\"14\"/></svg> hatched: what another order gives back.</span></p>\n");
    ul_html_treemap_draw(p->page.out, p->page.report, p->page.arena);
    put(p, "</section>\n");
}

static ul_status render(ul_strbuf *out, const ul_report *report, const ul_render_options *options, ul_arena *arena)
{
    record_list list = {.page = {out, report, options, arena}};
    if (options->view == UL_VIEW_DIFF) {
        ul_html_changes(&list.page);
        return out->has_failed ? UL_ERR_NOMEM : UL_OK;
    }
    index_findings(&list);
    count_all(&list);
    ul_html_begin(&list.page, verdict(&list));
    add_numbers(&list);
    ul_html_errors(&list.page);
    add_treemap(&list);
    add_table(&list);
    add_variables(&list);
    add_profiles(&list);
    ul_html_end(&list.page, kinds, list.by_kind, ROW_KIND_COUNT);
    return out->has_failed ? UL_ERR_NOMEM : UL_OK;
}

const ul_format ul_format_html = {
    .name = "html",
    .summary = "one file for a browser: maps, a table, patches",
    .views = 1u << UL_VIEW_SHOW | 1u << UL_VIEW_CHECK | 1u << UL_VIEW_DIFF,
    .wants = UL_WANTS_PATCHES,
    .render = render,
};

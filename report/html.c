/*
 * The HTML report: one file, nothing fetched, whole without JavaScript; report/assets has its style and the script that sorts, filters and
 * copies. A sentence and three numbers, a map of where bytes are lost, a table of records, and below each row its layout.
 * Whatever comes from a source goes through html_text.h.
 */
#include "report/format.h"

#include <stdio.h>
#include <string.h>

#include "report/allow.h"
#include "report/entry.h"
#include "report/html_map.h"
#include "report/html_text.h"
#include "report/html_treemap.h"
#include "report/impact.h"
#include "report/paths.h"
#include "report/utf8.h"
#include "report_assets.inc"

extern const ul_format ul_format_html;

typedef unsigned long long ull;

/* What a row is, in the order of concern. */
typedef enum row_kind { ROW_CROSSES, ROW_SMALLER, ROW_SILENCED, ROW_REFUSED, ROW_BEST, ROW_KIND_COUNT } row_kind;

typedef struct page {
    ul_strbuf *out;
    const ul_report *report;
    const ul_render_options *options;
    ul_arena *arena;
    uint32_t *first_finding; /* of each entry, into next_finding and findings; UINT32_MAX for none */
    uint32_t *next_finding;
    const char **silenced;   /* by entry: the reason why its finding about the order is not told; NULL when it is */
    row_kind *kinds;
    uint32_t by_kind[ROW_KIND_COUNT];
    uint64_t size_bytes, lost_bytes, gained_bytes;
    double gained_alive; /* with the instances that the source tells */
} page;

static void put(page *p, const char *text)
{
    ul_strbuf_puts(p->out, text);
}

/* "12,345" */
static const char *grouped(uint64_t number, ul_arena *arena)
{
    char digits[24], text[32];
    snprintf(digits, sizeof digits, "%llu", (ull)number);
    size_t length = strlen(digits), to = 0;
    for (size_t i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0)
            text[to++] = ',';
        text[to++] = digits[i];
    }
    return ul_arena_strndup(arena, text, to);
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

/* A sentence; what stands between two backticks in it is code. */
static void add_prose(page *p, const char *text)
{
    while (*text) {
        const char *end = *text == '`' ? strchr(text + 1, '`') : NULL;
        if (end) {
            put(p, "<code>");
            ul_html_add(p->out, text + 1, (size_t)(end - text) - 1);
            put(p, "</code>");
            text = end + 1;
            continue;
        }
        size_t plain = 1 + strcspn(text + 1, "`");
        ul_html_add(p->out, text, plain);
        text += plain;
    }
}

static bool is_about_order(const ul_finding *finding)
{
    return strcmp(finding->rule->name, "reorder-saves") == 0;
}

/* --- What there is to say. --- */

static void index_findings(page *p)
{
    const ul_report *report = p->report;
    p->first_finding = UL_NEW_ARRAY(p->arena, uint32_t, report->entry_count + 1u);
    p->next_finding = UL_NEW_ARRAY(p->arena, uint32_t, report->finding_count + 1u);
    p->silenced = UL_NEW_ARRAY(p->arena, const char *, report->entry_count + 1u);
    memset(p->first_finding, 0xFF, (report->entry_count + 1u) * sizeof *p->first_finding);
    for (uint32_t i = report->finding_count; i-- > 0;) {
        uint32_t entry = report->findings[i].entry;
        p->next_finding[i] = p->first_finding[entry];
        p->first_finding[entry] = i;
    }
    for (uint32_t i = 0; i < report->silenced_count; i++) {
        const char *reason = report->silenced[i].silence;
        if (is_about_order(&report->silenced[i]))
            p->silenced[report->silenced[i].entry] = reason && reason[0] ? reason : "the source gives no reason.";
    }
}

static row_kind kind_of(const page *p, uint32_t index)
{
    const ul_entry *entry = &p->report->entries[index];
    if (ul_html_gained_bytes(entry) == 0)
        return entry->record->refusal_count ? ROW_REFUSED : ROW_BEST;
    if (p->silenced[index])
        return ROW_SILENCED;
    return ul_impact_of(p->report, entry).crosses ? ROW_CROSSES : ROW_SMALLER;
}

static void count_all(page *p)
{
    p->kinds = UL_NEW_ARRAY(p->arena, row_kind, p->report->entry_count + 1u);
    for (uint32_t i = 0; i < p->report->entry_count; i++) {
        const ul_entry *entry = &p->report->entries[i];
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

static const char *verdict(const page *p)
{
    uint32_t count = p->report->entry_count;
    const char *all = grouped(count, p->arena), *crossing = grouped(p->by_kind[ROW_CROSSES], p->arena), *smaller = grouped(p->by_kind[ROW_SMALLER], p->arena);
    if (count == 0)
        return "No records were found.";
    if (p->by_kind[ROW_CROSSES])
        return ul_arena_printf(p->arena, "%s of %s record%s would take a smaller heap block or fewer cache lines with the same fields in another order.",
                               crossing, all, plural(count));
    if (p->by_kind[ROW_SMALLER])
        return ul_arena_printf(p->arena, "%s of %s record%s could be smaller; heap blocks and cache lines would stay as they are.", smaller, all, plural(count));
    return ul_arena_printf(p->arena, "No allowed order of the same fields is smaller for any of %s record%s.", all, plural(count));
}

/* --- Head. --- */

static void add_style(page *p)
{
    put(p, "<style>\n");
    ul_strbuf_add(p->out, report_css, sizeof report_css);
    put(p, "</style>\n");
}

/* One definition of each pattern: maps refer to them. */
static const char patterns[] =
    "<svg width=\"0\" height=\"0\" class=\"defs\" aria-hidden=\"true\"><defs>"
    "<pattern id=\"hole\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><path class=\"ph\" d=\"M0 0V6\"/></pattern>"
    "<pattern id=\"inner\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(-45)\"><path class=\"pi\" d=\"M0 0V6\"/></pattern>"
    "<pattern id=\"bits\" width=\"7\" height=\"4\" patternUnits=\"userSpaceOnUse\"><path class=\"pb\" d=\"M0 0V4\"/></pattern>"
    "<pattern id=\"gain\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><path class=\"pg\" d=\"M0 0V5\"/></pattern>"
    "</defs></svg>\n";

static void add_target(page *p)
{
    const ul_report *report = p->report;
    put(p, "<p class=\"meta\">");
    for (uint32_t i = 0; i < report->target_count; i++) {
        const ul_target *target = &report->targets[i];
        put(p, i ? "; " : "");
        ul_html_text(p->out, target->triple ? target->triple : "unknown target");
        ul_strbuf_printf(p->out, ", cache lines of %u bytes", target->line_bytes);
        if (i == 0 && target->allocator)
            ul_strbuf_printf(p->out, ", allocator %s", target->allocator->name);
    }
    put(p, ". ullage ");
    ul_html_text(p->out, report->version ? report->version : "");
    put(p, "</p>\n");
}

static void add_number(page *p, const char *number, const char *unit, const char *words, const char *more)
{
    ul_strbuf_printf(p->out, "<div><dt>%s</dt><dd><b>%s%s</b><span>%s</span></dd></div>\n", words, number, unit, more);
}

static void add_numbers(page *p)
{
    ul_arena *arena = p->arena;
    uint32_t smaller = p->by_kind[ROW_SMALLER];
    double share = p->size_bytes ? (double)p->lost_bytes * 100 / (double)p->size_bytes : 0;
    const char *alive = "counting one object of each";
    if (p->gained_alive >= 1)
        alive = ul_arena_printf(arena, "%.4g MB with the instances that the source names", p->gained_alive / 1e6);
    put(p, "<dl class=\"numbers\">\n");
    add_number(p, grouped(p->by_kind[ROW_CROSSES], arena), "", p->by_kind[ROW_CROSSES] == 1 ? "record would cross a boundary" : "records would cross a boundary",
               smaller ? ul_arena_printf(arena, "%s more would only be smaller", grouped(smaller, arena)) : "a smaller heap block or fewer cache lines");
    add_number(p, grouped(p->lost_bytes, arena), " <small>B</small>", "lost to padding", ul_arena_printf(arena, "%.1f %% of %s B, one object of each", share, grouped(p->size_bytes, arena)));
    add_number(p, grouped(p->gained_bytes, arena), " <small>B</small>", "come back with a better order", alive);
    put(p, "</dl>\n");
}

/* Errors lead: what follows is then not the whole. */
static void add_errors(page *p)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < p->report->diag_count; i++)
        count += p->report->diags[i].level == UL_LEVEL_ERROR;
    if (count == 0)
        return;
    ul_strbuf_printf(p->out, "<section class=\"errors\" aria-label=\"Errors\"><details><summary>%u error%s: part of the input could not be read</summary><ul>\n", count, plural(count));
    for (uint32_t i = 0; i < p->report->diag_count; i++) {
        const ul_diag *diag = &p->report->diags[i];
        if (diag->level != UL_LEVEL_ERROR)
            continue;
        put(p, "<li>");
        if (diag->file) {
            put(p, "<code>");
            ul_html_text(p->out, ul_path_below(diag->file, p->report->root));
            if (diag->line)
                ul_strbuf_printf(p->out, ":%u", diag->line);
            put(p, "</code> ");
        }
        add_prose(p, diag->message);
        put(p, "</li>\n");
    }
    put(p, "</ul></details></section>\n");
}

static void add_head(page *p)
{
    const char *sentence = verdict(p);
    put(p, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
           "<meta name=\"color-scheme\" content=\"light dark\">\n"
           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">\n"
           "<link rel=\"icon\" href=\"data:,\">\n<title>ullage: ");
    ul_html_text(p->out, sentence);
    put(p, "</title>\n");
    add_style(p);
    put(p, "</head>\n<body>\n<a class=\"skip\" href=\"#records\">Skip to the records</a>\n");
    put(p, patterns);
    put(p, "<header>\n<p class=\"brand\">ullage <span>struct layout report</span></p>\n<h1>");
    ul_html_text(p->out, sentence);
    put(p, "</h1>\n");
    add_target(p);
    add_numbers(p);
    put(p, "</header>\n<main>\n");
    add_errors(p);
}

/* --- Records. --- */

static const char *const kind_words[ROW_KIND_COUNT] = {"crosses", "smaller", "silenced", "not planned", "as it is"};
static const char *const kind_keys[ROW_KIND_COUNT] = {"crosses", "smaller", "silenced", "refused", "best"};

static void add_row(page *p, uint32_t index)
{
    const ul_entry *entry = &p->report->entries[index];
    const ul_record *record = entry->record;
    ul_strbuf *out = p->out;
    row_kind kind = p->kinds[index];
    uint64_t lost = ul_html_lost_bytes(entry), gained = ul_html_gained_bytes(entry);
    const char *path = ul_path_below(record->file, p->report->root ? p->report->root : p->report->cwd), *crossed = "";
    uint64_t heap = 0;
    if (entry->plan && gained) {
        ul_impact impact = ul_impact_of(p->report, entry);
        crossed = ul_impact_words(&impact, "→", p->arena);
        heap = impact.heap_saved_bytes;
    }
    ul_strbuf_printf(out, "<tbody id=\"r%u\" data-kind=\"%s\" data-size=\"%llu\" data-lost=\"%llu\" data-gain=\"%llu\" data-heap=\"%llu\" data-lines=\"%u\">\n"
                          "<tr class=\"row\"><th scope=\"row\"><a class=\"name\" href=\"#r%u\">",
                     index, kind_keys[kind], (ull)record->size_bytes, (ull)lost, (ull)gained, (ull)heap, entry->facts.line_count, index);
    ul_html_text(out, record->name);
    put(p, "</a> <span class=\"path\">");
    ul_html_text(out, path);
    ul_strbuf_printf(out, ":%u</span></th><td>%s</td><td>%s</td><td>", record->line, grouped(record->size_bytes, p->arena), lost ? grouped(lost, p->arena) : "");
    if (gained)
        ul_strbuf_printf(out, "−%s", grouped(gained, p->arena));
    ul_strbuf_printf(out, "</td><td>%u</td><td class=\"k\"><span class=\"%s\">%s</span>%s%s</td></tr>\n", entry->facts.line_count, kind_keys[kind], kind_words[kind],
                     crossed[0] ? " " : "", crossed);
}

static void add_paragraph(page *p, const char *style, const char *word, const char *text)
{
    if (!text || !text[0])
        return;
    ul_strbuf_printf(p->out, "<p%s%s%s>", style[0] ? " class=\"" : "", style, style[0] ? "\"" : "");
    if (word[0])
        ul_strbuf_printf(p->out, "<b>%s:</b> ", word);
    add_prose(p, text);
    put(p, "</p>\n");
}

static void add_findings(page *p, uint32_t index)
{
    for (uint32_t i = p->first_finding[index]; i != UINT32_MAX; i = p->next_finding[i]) {
        const ul_finding *finding = &p->report->findings[i];
        ul_strbuf_printf(p->out, "<p class=\"finding\"><b>%s:</b> ", ul_level_name(finding->level));
        add_prose(p, finding->message);
        ul_strbuf_printf(p->out, " <span class=\"rule\">%s</span></p>\n", finding->rule->name);
        add_paragraph(p, "", "Why", finding->why);
        add_paragraph(p, "", "Fix", finding->fix);
    }
}

static const char *proof_words(const ul_plan *plan, ul_arena *arena)
{
    if (!plan->is_optimal)
        return ul_arena_printf(arena, "The best order that was found; no order can be below %llu bytes.", (ull)plan->lower_bound_bytes);
    return plan->is_fewest_moves ? "No allowed order is smaller, and none of this size moves fewer fields: both are proven."
                                 : "No allowed order is smaller: proven. Fewer moves may do.";
}

static void add_remarks(page *p, const ul_entry *entry)
{
    const ul_record *record = entry->record;
    if (entry->plan && ul_html_gained_bytes(entry))
        add_paragraph(p, "", "Proof", proof_words(entry->plan, p->arena));
    if (entry->plan && entry->plan->embedded_saved_bytes)
        add_paragraph(p, "", "Inside", ul_arena_printf(p->arena, "%llu bytes come from records that it embeds.", (ull)entry->plan->embedded_saved_bytes));
    if (p->silenced[entry - p->report->entries])
        add_paragraph(p, "", "Silenced", p->silenced[entry - p->report->entries]);
    for (uint32_t i = 0; i < record->refusal_count; i++)
        add_paragraph(p, "", "Not planned", ul_arena_printf(p->arena, "%s: %s.", ul_entry_refusal(&record->refusals[i], p->arena), ul_refusal_text(record->refusals[i].reason)));
    for (uint32_t i = 0; i < entry->trade_count; i++)
        add_paragraph(p, "", "Possible", ul_arena_printf(p->arena, "%llu bytes, but %s: --allow %s.", (ull)entry->trades[i].size_bytes, entry->trades[i].detail,
                                                         ul_allow_word(entry->trades[i].allow)));
    for (uint32_t i = 0; i < entry->variant_count; i++) {
        const ul_record *variant = entry->variants[i];
        if (variant == record)
            continue;
        const char *unit = variant->unit ? ul_path_below(variant->unit, p->report->root) : "another unit";
        const char *triple = variant->target < p->report->target_count ? p->report->targets[variant->target].triple : NULL;
        add_paragraph(p, "", "Elsewhere", ul_arena_printf(p->arena, "%llu bytes, aligned to %u, in %s%s%s.", (ull)variant->size_bytes, variant->align_bytes, unit,
                                                          triple ? " for " : "", triple ? triple : ""));
    }
    if (record->confidence == UL_CONFIDENCE_STANDALONE && !ul_entry_all_alone(p->report))
        add_paragraph(p, "", "Read alone", UL_ENTRY_ALONE ".");
}

/* The lines of a diff, those that go and come apart from the rest by their sign and by colour. */
static void add_diff(page *p, const char *diff)
{
    while (*diff) {
        size_t length = strcspn(diff, "\n");
        bool is_added = *diff == '+' && strncmp(diff, "+++", 3) != 0, is_removed = *diff == '-' && strncmp(diff, "---", 3) != 0;
        put(p, is_added ? "<ins>" : is_removed ? "<del>" : "");
        ul_html_add(p->out, diff, length);
        put(p, is_added ? "</ins>\n" : is_removed ? "</del>\n" : "\n");
        diff += length + (diff[length] == '\n');
    }
}

static void add_patch(page *p, uint32_t index, const ul_patch *patch)
{
    if (!patch)
        return;
    if (patch->refusal) {
        add_paragraph(p, "", "No patch", ul_arena_printf(p->arena, "%s.", patch->explanation));
        return;
    }
    /* Bytes that are not UTF-8 would be copied as something else, carriage returns would be lost. */
    bool is_exact = ul_utf8_clean(patch->diff, p->arena) == patch->diff && !strchr(patch->diff, '\r');
    add_paragraph(p, "caution", "Before you apply it", patch->caution);
    put(p, "<div class=\"patch\">");
    if (is_exact)
        ul_strbuf_printf(p->out, "<button type=\"button\" class=\"copy\" data-for=\"p%u\">Copy patch</button>", index);
    ul_strbuf_printf(p->out, "<pre id=\"p%u\" tabindex=\"0\" aria-label=\"Patch\">", index);
    add_diff(p, patch->diff);
    put(p, "</pre></div>\n");
    if (!is_exact)
        add_paragraph(p, "caution", "", "Not to be copied from here: its line ends or its encoding would be lost. `ullage check --format diff` writes it as it is.");
}

/* Behind noscript: a browser with scripts keeps that as text, and the script makes elements of it when the row is opened. */
static void add_record(page *p, uint32_t index)
{
    const ul_entry *entry = &p->report->entries[index];
    add_row(p, index);
    put(p, "<tr class=\"more\"><td colspan=\"6\"><noscript><details><summary>Layout</summary>\n<figure>");
    ul_html_map_draw(p->out, p->report, entry, p->arena);
    put(p, "</figure>\n<div class=\"words\">\n");
    if (p->options->view == UL_VIEW_CHECK)
        add_findings(p, index);
    add_remarks(p, entry);
    put(p, "</div>\n");
    add_patch(p, index, entry->patch);
    put(p, "<details class=\"list\"><summary>Fields as text</summary><pre>");
    ul_html_map_list(p->out, entry, p->arena);
    put(p, "</pre></details>\n</details></noscript></td></tr>\n</tbody>\n");
}

static void add_controls(page *p)
{
    put(p, "<form class=\"controls\" role=\"search\" hidden>\n<label>Filter <input type=\"search\" id=\"filter\" autocomplete=\"off\" spellcheck=\"false\" "
           "placeholder=\"record or path\"></label>\n<fieldset><legend>Show</legend>\n");
    for (int kind = 0; kind < ROW_KIND_COUNT; kind++) {
        if (p->by_kind[kind])
            ul_strbuf_printf(p->out, "<label><input type=\"checkbox\" name=\"kind\" value=\"%s\" checked> %s <span>%s</span></label>\n", kind_keys[kind], kind_words[kind],
                             grouped(p->by_kind[kind], p->arena));
    }
    put(p, "</fieldset>\n<output id=\"count\" aria-live=\"polite\"></output>\n</form>\n");
}

static void add_column(page *p, const char *key, const char *name, const char *title)
{
    ul_strbuf_printf(p->out, "<th scope=\"col\" data-key=\"%s\" title=\"%s\">%s</th>", key, title, name);
}

static void add_table(page *p)
{
    uint32_t count;
    const uint32_t *order = ul_impact_ranking(p->report, &count, p->arena);
    bool *is_done = UL_NEW_ARRAY(p->arena, bool, p->report->entry_count + 1u);
    put(p, "<section id=\"records\" aria-labelledby=\"records-title\">\n<h2 id=\"records-title\">Records</h2>\n");
    add_controls(p);
    put(p, "<div class=\"scroll\"><table>\n<thead><tr>");
    add_column(p, "name", "Record", "Name and place");
    add_column(p, "size", "Size", "Bytes of one object");
    add_column(p, "lost", "Lost", "Bytes of padding");
    add_column(p, "gain", "Saves", "Bytes that the planned order saves");
    add_column(p, "lines", "Lines", "Cache lines that an object spans");
    add_column(p, "kind", "Verdict", "What another order would change");
    put(p, "</tr></thead>\n");
    for (uint32_t i = 0; i < count; i++) {
        if (p->kinds[order[i]] > ROW_SMALLER)
            continue;
        add_record(p, order[i]);
        is_done[order[i]] = true;
    }
    for (uint32_t i = 0; i < p->report->entry_count; i++) {
        if (!is_done[i])
            add_record(p, i);
    }
    put(p, "</table></div>\n<p class=\"none\" hidden>No record matches. <button type=\"button\" id=\"reset\">Show all</button></p>\n</section>\n");
}

static void add_treemap(page *p)
{
    if (p->lost_bytes == 0)
        return;
    put(p, "<section aria-labelledby=\"tree-title\">\n<h2 id=\"tree-title\">Where bytes are lost</h2>\n"
           "<p class=\"hint\">Area: padding in one object of each record, by header. <span class=\"key\"><svg width=\"14\" height=\"14\" aria-hidden=\"true\">"
           "<rect class=\"gain\" width=\"14\" height=\"14\"/></svg> hatched: what another order gives back.</span></p>\n");
    ul_html_treemap_draw(p->out, p->report, p->arena);
    put(p, "</section>\n");
}

static void add_legend(page *p)
{
    static const char *const meanings[ROW_KIND_COUNT] = {
        "with its fields in another order an object takes a smaller heap block, or fewer cache lines",
        "another order is smaller, but heap block and cache lines stay: it pays in arrays and inside other records",
        "the source says that it is to stay as it is",
        "it cannot be reordered, or not for sure; its row says why",
        "no allowed order of its fields is smaller",
    };
    put(p, "<section class=\"legend\" aria-label=\"How to read the maps\">\n<h2>How to read the maps</h2>\n<p>A row is 64 bytes, L0 the first cache line. "
           "<span class=\"key\"><svg width=\"30\" height=\"16\" class=\"map\" aria-hidden=\"true\"><g class=\"f\"><rect width=\"30\" height=\"16\"/></g></svg> field</span> "
           "<span class=\"key\"><svg width=\"30\" height=\"16\" class=\"map\" aria-hidden=\"true\"><g class=\"b\"><rect width=\"30\" height=\"16\"/></g></svg> bit-fields</span> "
           "<span class=\"key\"><svg width=\"30\" height=\"16\" class=\"map\" aria-hidden=\"true\"><g class=\"v\"><rect width=\"30\" height=\"16\"/><text x=\"15\" y=\"12\">A</text></g></svg> a field that moves, with its letter</span> "
           "<span class=\"key\"><svg width=\"30\" height=\"16\" class=\"map\" aria-hidden=\"true\"><g class=\"h\"><rect width=\"30\" height=\"16\"/></g></svg> padding</span> "
           "<span class=\"key\"><svg width=\"30\" height=\"16\" class=\"map\" aria-hidden=\"true\"><g class=\"i\"><rect width=\"30\" height=\"16\"/></g></svg> padding inside an anonymous member</span></p>\n");
    put(p, "<dl>\n");
    for (int kind = 0; kind < ROW_KIND_COUNT; kind++) {
        if (p->by_kind[kind])
            ul_strbuf_printf(p->out, "<dt>%s</dt><dd>%s</dd>\n", kind_words[kind], meanings[kind]);
    }
    put(p, "</dl>\n");
    if (ul_entry_all_alone(p->report))
        add_paragraph(p, "", "Read alone", UL_ENTRY_ALONE ".");
    put(p, "</section>\n");
}

static ul_status render(ul_strbuf *out, const ul_report *report, const ul_render_options *options, ul_arena *arena)
{
    page p = {.out = out, .report = report, .options = options, .arena = arena};
    index_findings(&p);
    count_all(&p);
    add_head(&p);
    add_treemap(&p);
    add_table(&p);
    add_legend(&p);
    put(&p, "</main>\n<script>\n");
    ul_strbuf_add(out, report_js, sizeof report_js);
    put(&p, "</script>\n</body>\n</html>\n");
    return out->has_failed ? UL_ERR_NOMEM : UL_OK;
}

const ul_format ul_format_html = {
    .name = "html",
    .summary = "one file for a browser: maps, a table, patches",
    .views = 1u << UL_VIEW_SHOW | 1u << UL_VIEW_CHECK,
    .wants = UL_WANTS_PATCHES,
    .render = render,
};

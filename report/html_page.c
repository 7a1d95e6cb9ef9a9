#include "report/html_page.h"

#include <stdio.h>
#include <string.h>

#include "report/entry.h"
#include "report/html_text.h"
#include "report/paths.h"
#include "report_assets.inc"

typedef unsigned long long ull;

static void put(const ul_html_page *p, const char *text)
{
    ul_strbuf_puts(p->out, text);
}

const char *ul_html_grouped(uint64_t number, ul_arena *arena)
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

const char *ul_html_plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

void ul_html_prose(ul_strbuf *out, const char *text)
{
    while (*text) {
        const char *end = *text == '`' ? strchr(text + 1, '`') : NULL;
        if (end) {
            ul_strbuf_puts(out, "<code>");
            ul_html_add(out, text + 1, (size_t)(end - text) - 1);
            ul_strbuf_puts(out, "</code>");
            text = end + 1;
            continue;
        }
        /* What text formats draw as -> has a sign of its own here. */
        bool is_arrow = text[0] == '-' && text[1] == '>';
        size_t plain = is_arrow ? 2 : 1 + strcspn(text + 1, "`-");
        if (is_arrow)
            ul_strbuf_puts(out, "→");
        else
            ul_html_add(out, text, plain);
        text += plain;
    }
}

void ul_html_paragraph(ul_strbuf *out, const char *style, const char *word, const char *text)
{
    if (!text || !text[0])
        return;
    ul_strbuf_printf(out, "<p%s%s%s>", style[0] ? " class=\"" : "", style, style[0] ? "\"" : "");
    if (word[0])
        ul_strbuf_printf(out, "<b>%s:</b> ", word);
    ul_html_prose(out, text);
    ul_strbuf_puts(out, "</p>\n");
}

static void add_style(const ul_html_page *p)
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

static void add_target(const ul_html_page *p)
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

void ul_html_begin(const ul_html_page *p, const char *sentence)
{
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
}

void ul_html_number(const ul_html_page *p, const char *number, const char *unit, const char *words, const char *more)
{
    ul_strbuf_printf(p->out, "<div><dt>%s</dt><dd><b>%s%s</b><span>%s</span></dd></div>\n", words, number, unit, more);
}

/* Errors lead: what follows is then not the whole. */
void ul_html_errors(const ul_html_page *p)
{
    put(p, "</header>\n<main>\n");
    uint32_t count = 0;
    for (uint32_t i = 0; i < p->report->diag_count; i++)
        count += p->report->diags[i].level == UL_LEVEL_ERROR;
    if (count == 0)
        return;
    ul_strbuf_printf(p->out, "<section class=\"errors\" aria-label=\"Errors\"><details><summary>%u error%s: part of the input could not be read</summary><ul>\n", count, ul_html_plural(count));
    for (uint32_t i = 0; i < p->report->diag_count; i++) {
        const ul_diag *diag = &p->report->diags[i];
        if (diag->level != UL_LEVEL_ERROR)
            continue;
        put(p, "<li>");
        if (diag->file) {
            put(p, "<code>");
            ul_html_text(p->out, ul_path_shown(p->report, diag->file));
            if (diag->line)
                ul_strbuf_printf(p->out, ":%u", diag->line);
            put(p, "</code> ");
        }
        ul_html_prose(p->out, diag->message);
        put(p, "</li>\n");
    }
    put(p, "</ul></details></section>\n");
}

void ul_html_controls(const ul_html_page *p, const ul_html_kind *kinds, const uint32_t *counts, uint32_t count)
{
    put(p, "<form class=\"controls\" role=\"search\" hidden>\n<label>Filter <input type=\"search\" id=\"filter\" autocomplete=\"off\" spellcheck=\"false\" "
           "placeholder=\"record or path\"></label>\n<fieldset><legend>Show</legend>\n");
    for (uint32_t i = 0; i < count; i++) {
        if (counts[i])
            ul_strbuf_printf(p->out, "<label><input type=\"checkbox\" name=\"kind\" value=\"%s\" checked> %s <span>%s</span></label>\n", kinds[i].key, kinds[i].word,
                             ul_html_grouped(counts[i], p->arena));
    }
    put(p, "</fieldset>\n<output id=\"count\" aria-live=\"polite\"></output>\n</form>\n");
}

void ul_html_column(const ul_html_page *p, const char *key, const char *name, const char *title)
{
    ul_strbuf_printf(p->out, "<th scope=\"col\" data-key=\"%s\" title=\"%s\">%s</th>", key, title, name);
}

void ul_html_end(const ul_html_page *p, const ul_html_kind *kinds, const uint32_t *counts, uint32_t count)
{
    put(p, "<section class=\"legend\" aria-label=\"How to read the maps\">\n<h2>How to read the maps</h2>\n<p>A row is 64 bytes, L0 the first cache line. "
           "<span class=\"key\"><svg width=\"30\" height=\"16\" class=\"map\" aria-hidden=\"true\"><g class=\"f\"><rect width=\"30\" height=\"16\"/></g></svg> field</span> "
           "<span class=\"key\"><svg width=\"30\" height=\"16\" class=\"map\" aria-hidden=\"true\"><g class=\"b\"><rect width=\"30\" height=\"16\"/></g></svg> bit-fields</span> "
           "<span class=\"key\"><svg width=\"30\" height=\"16\" class=\"map\" aria-hidden=\"true\"><g class=\"v\"><rect width=\"30\" height=\"16\"/><text x=\"15\" y=\"12\">A</text></g></svg> a field that moves, with its letter</span> "
           "<span class=\"key\"><svg width=\"30\" height=\"16\" class=\"map\" aria-hidden=\"true\"><g class=\"h\"><rect width=\"30\" height=\"16\"/></g></svg> padding</span> "
           "<span class=\"key\"><svg width=\"30\" height=\"16\" class=\"map\" aria-hidden=\"true\"><g class=\"i\"><rect width=\"30\" height=\"16\"/></g></svg> padding inside an anonymous member</span></p>\n");
    put(p, "<dl>\n");
    for (uint32_t i = 0; i < count; i++) {
        if (counts[i])
            ul_strbuf_printf(p->out, "<dt>%s</dt><dd>%s</dd>\n", kinds[i].word, kinds[i].meaning);
    }
    put(p, "</dl>\n");
    if (ul_entry_all_alone(p->report))
        ul_html_paragraph(p->out, "", "Read alone", UL_ENTRY_ALONE ".");
    put(p, "</section>\n</main>\n<script>\n");
    ul_strbuf_add(p->out, report_js, sizeof report_js);
    put(p, "</script>\n</body>\n</html>\n");
}


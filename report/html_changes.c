#include "report/html_changes.h"

#include <math.h>

#include "layout/model/change.h"
#include "report/change_words.h"
#include "report/html_map.h"
#include "report/html_text.h"
#include "report/paths.h"

typedef unsigned long long ull;

/* What a row is, in the order of concern. */
typedef enum row_kind { ROW_FAILS, ROW_WORSE, ROW_OTHER, ROW_BETTER, ROW_UNCLEAR, ROW_KIND_COUNT } row_kind;

static const ul_html_kind kinds[ROW_KIND_COUNT] = {
    {"fails", "fails", "the change does what this check fails for"},
    {"worse", "worse", "it costs more than before, but not in a way that fails"},
    {"other", "changed", "neither better nor worse: new, gone, or the same to allocator and cache"},
    {"better", "better", "it costs less than before"},
    {"unclear", "unclear", "one side could not be read as a whole"},
};

static row_kind kind_of(const ul_changes *changes, const ul_change *change)
{
    if (ul_change_fails(changes, change))
        return ROW_FAILS;
    if (change->kind == UL_CHANGE_UNCLEAR)
        return ROW_UNCLEAR;
    if (change->worse)
        return ROW_WORSE;
    return change->better ? ROW_BETTER : ROW_OTHER;
}

static bool is_compared(const ul_change *change)
{
    return change->before && change->after && change->kind != UL_CHANGE_UNCLEAR;
}

static int64_t grown_bytes(const ul_change *change)
{
    return is_compared(change) ? (int64_t)(change->after->record->size_bytes - change->before->record->size_bytes) : 0;
}

/* "+8", "−8", "". */
static const char *signed_words(int64_t bytes, ul_arena *arena)
{
    if (bytes == 0)
        return "";
    uint64_t size = bytes < 0 ? (uint64_t)-bytes : (uint64_t)bytes;
    return ul_arena_printf(arena, "%s%s", bytes < 0 ? "−" : "+", ul_html_grouped(size, arena));
}

static const char *verdict(const ul_html_page *page)
{
    const ul_changes *changes = page->report->changes;
    ul_arena *arena = page->arena;
    const char *sides = ul_arena_printf(arena, "Between %s and %s", changes->before_name, changes->after_name);
    uint32_t failing = 0;
    const ul_change *first = NULL;
    for (uint32_t i = 0; i < changes->count; i++) {
        if (kind_of(changes, &changes->items[i]) == ROW_FAILS) {
            first = first ? first : &changes->items[i];
            failing++;
        }
    }
    if (failing == 1)
        return ul_arena_printf(arena, "%s, %s got worse in a way that fails.", sides, ul_change_record(first)->name);
    if (failing)
        return ul_arena_printf(arena, "%s, %s records got worse in a way that fails.", sides, ul_html_grouped(failing, arena));
    if (changes->fail_count)
        return ul_arena_printf(arena, "%s, an assertion about a layout stopped holding.", sides);
    if (changes->count == 0)
        return ul_arena_printf(arena, "%s, no layout changed.", sides);
    return ul_arena_printf(arena, "%s, %s layout%s changed, none in a way that fails.", sides, ul_html_grouped(changes->count, arena), ul_html_plural(changes->count));
}

static void add_numbers(const ul_html_page *page, const uint32_t *by_kind)
{
    const ul_changes *changes = page->report->changes;
    ul_arena *arena = page->arena;
    int64_t grown = 0;
    double cost = 0;
    for (uint32_t i = 0; i < changes->count; i++) {
        grown += grown_bytes(&changes->items[i]);
        cost += changes->items[i].cost_bytes;
    }
    const char *alive = "counting one object of each";
    if (fabs(cost) >= 1)
        alive = ul_arena_printf(arena, "%+.4g MB with the instances that the source names", cost / 1e6);
    ul_strbuf_puts(page->out, "<dl class=\"numbers\">\n");
    ul_html_number(page, ul_html_grouped(by_kind[ROW_FAILS], arena), "", by_kind[ROW_FAILS] == 1 ? "change fails" : "changes fail",
                   ul_arena_printf(arena, "%s more got worse, %s better", ul_html_grouped(by_kind[ROW_WORSE], arena), ul_html_grouped(by_kind[ROW_BETTER], arena)));
    ul_html_number(page, grown ? signed_words(grown, arena) : "0", " <small>B</small>", "over all changed records", alive);
    ul_html_number(page, ul_html_grouped(changes->count, arena), "", changes->count == 1 ? "record changed" : "records changed",
                   ul_arena_printf(arena, "%s compared", ul_html_grouped(changes->compared, arena)));
    ul_strbuf_puts(page->out, "</dl>\n");
}

static void add_guards(const ul_html_page *page)
{
    const ul_changes *changes = page->report->changes;
    if (changes->guard_count == 0)
        return;
    ul_strbuf_printf(page->out, "<section class=\"errors\" aria-label=\"Assertions\"><details open><summary>%u assertion%s no longer hold%s</summary><ul>\n", changes->guard_count,
                     ul_html_plural(changes->guard_count), changes->guard_count == 1 ? "s" : "");
    for (uint32_t i = 0; i < changes->guard_count; i++) {
        const ul_diag *guard = &changes->guards[i];
        ul_strbuf_puts(page->out, "<li><code>");
        ul_html_text(page->out, guard->file ? ul_path_shown(page->report, guard->file) : "ullage");
        ul_strbuf_printf(page->out, ":%u</code> ", guard->line);
        ul_html_prose(page->out, guard->message);
        ul_strbuf_puts(page->out, "</li>\n");
    }
    ul_strbuf_puts(page->out, "</ul></details></section>\n");
}

/* --- Rows. --- */

static void add_size(const ul_html_page *page, const ul_entry *entry)
{
    ul_strbuf_printf(page->out, "<td>%s</td>", entry ? ul_html_grouped(entry->record->size_bytes, page->arena) : "");
}

static void add_row(const ul_html_page *page, const ul_change *change, uint32_t index, row_kind kind)
{
    const ul_record *record = ul_change_record(change);
    const ul_entry *last = change->after ? change->after : change->before;
    ul_strbuf *out = page->out;
    ul_strbuf_printf(out, "<tbody id=\"r%u\" data-kind=\"%s\" data-size=\"%llu\" data-before=\"%llu\" data-gain=\"%lld\" data-heap=\"0\" data-lines=\"%u\"%s>\n"
                          "<tr class=\"row\"><th scope=\"row\"><a class=\"name\" href=\"#r%u\">",
                     index, kinds[kind].key, (ull)(change->after ? change->after->record->size_bytes : 0), (ull)(change->before ? change->before->record->size_bytes : 0),
                     (long long)grown_bytes(change), last->facts.line_count, kind <= ROW_WORSE ? " data-print=\"1\"" : "", index);
    ul_html_text(out, record->name);
    ul_strbuf_puts(out, "</a> <span class=\"path\">");
    ul_html_text(out, ul_path_shown(page->report, record->file));
    ul_strbuf_printf(out, ":%u</span></th>", record->line);
    add_size(page, change->before);
    add_size(page, change->after);
    ul_strbuf_printf(out, "<td>%s</td><td>%u</td><td class=\"k\"><span class=\"%s\">%s</span> ", signed_words(grown_bytes(change), page->arena), last->facts.line_count,
                     kinds[kind].key, kinds[kind].word);
    ul_html_prose(out, ul_change_headline(change, page->report, page->arena));
    ul_strbuf_puts(out, "</td></tr>\n");
}

/* A letter for each field that is new, gone, or not where it was; what merely moved along has none. */
static uint32_t mark_fields(const ul_change *change, uint32_t *before, uint32_t *after)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < change->field_count; i++) {
        const ul_field_change *field = &change->fields[i];
        if (field->kind == UL_FIELD_CHANGE_SHIFTED)
            continue;
        count++;
        if (field->before != UL_NO_PARENT)
            before[field->before] = count;
        if (field->after != UL_NO_PARENT)
            after[field->after] = count;
    }
    return count;
}

static void pass_down(uint32_t *marks, const ul_record *record)
{
    for (uint32_t i = 0; i < record->field_count; i++) {
        if (!marks[i] && record->fields[i].parent < i)
            marks[i] = marks[record->fields[i].parent];
    }
}

static uint32_t add_map(const ul_html_page *page, const ul_change *change)
{
    ul_arena *arena = page->arena;
    const ul_entry *old = change->before, *new = change->after;
    uint32_t *before = UL_NEW_ARRAY(arena, uint32_t, old ? old->record->field_count + 1u : 1), count = 0;
    uint32_t *after = UL_NEW_ARRAY(arena, uint32_t, new ? new->record->field_count + 1u : 1);
    if (is_compared(change))
        count = mark_fields(change, before, after);
    ul_html_layout was = {0}, is = {0};
    if (old) {
        pass_down(before, old->record);
        was = (ul_html_layout){old->record, before, &old->facts.fit, new ? "before" : "gone", old->facts.line_count};
    }
    if (new) {
        pass_down(after, new->record);
        is = (ul_html_layout){new->record, after, &new->facts.fit, old ? "after" : "new", new->facts.line_count};
    }
    bool is_pair = is_compared(change) && change->kind != UL_CHANGE_MOVED;
    ul_html_map_pair(page->out, page->report, is_pair || !new ? &was : NULL, is_pair || new ? &is : NULL, count, arena);
    return count;
}

static void add_words(const ul_html_page *page, const ul_change *change, uint32_t mark_count)
{
    uint32_t count, mark = 0;
    const char *const *remarks = ul_change_remarks(&count, change, page->report, page->arena);
    for (uint32_t i = 0; is_compared(change) && i < change->field_count; i++) {
        const ul_field_change *field = &change->fields[i];
        const char *letter = field->kind == UL_FIELD_CHANGE_SHIFTED ? "" : ul_html_map_mark(++mark, mark_count, page->arena);
        ul_html_paragraph(page->out, "", letter, ul_arena_printf(page->arena, "%s.", ul_change_field_words(change, field, page->arena)));
    }
    for (uint32_t i = 0; i < count; i++)
        ul_html_paragraph(page->out, "", "", ul_arena_printf(page->arena, "%s.", remarks[i]));
    if (ul_change_fails(page->report->changes, change))
        ul_html_paragraph(page->out, "", "Fails for", ul_arena_printf(page->arena, "%s.", ul_change_failures(change, page->report->changes, page->arena)));
}

static void add_change(const ul_html_page *page, uint32_t index)
{
    const ul_change *change = &page->report->changes->items[index];
    const ul_entry *last = change->after ? change->after : change->before;
    add_row(page, change, index, kind_of(page->report->changes, change));
    ul_strbuf_puts(page->out, "<tr class=\"more\"><td colspan=\"6\"><noscript><details><summary>Layout</summary>\n<figure>");
    uint32_t mark_count = add_map(page, change);
    ul_strbuf_puts(page->out, "</figure>\n<div class=\"words\">\n");
    add_words(page, change, mark_count);
    ul_strbuf_puts(page->out, "</div>\n<details class=\"list\"><summary>Fields as text</summary><pre>");
    ul_html_map_list(page->out, last, page->arena);
    ul_strbuf_puts(page->out, "</pre></details>\n</details></noscript></td></tr>\n</tbody>\n");
}

static void add_table(const ul_html_page *page, const uint32_t *by_kind)
{
    ul_strbuf_puts(page->out, "<section id=\"records\" aria-labelledby=\"records-title\">\n<h2 id=\"records-title\">Changes</h2>\n");
    ul_html_controls(page, kinds, by_kind, ROW_KIND_COUNT);
    ul_strbuf_puts(page->out, "<div class=\"scroll\"><table class=\"changes\">\n<thead><tr>");
    ul_html_column(page, "name", "Record", "Name and place");
    ul_html_column(page, "before", "Before", "Bytes of one object before");
    ul_html_column(page, "size", "After", "Bytes of one object after");
    ul_html_column(page, "gain", "By", "Bytes more or fewer");
    ul_html_column(page, "lines", "Lines", "Cache lines that an object spans");
    ul_html_column(page, "kind", "Verdict", "What it means");
    ul_strbuf_puts(page->out, "</tr></thead>\n");
    for (uint32_t i = 0; i < page->report->changes->count; i++)
        add_change(page, i);
    ul_strbuf_puts(page->out, "</table></div>\n<p class=\"none\" hidden>No record matches. <button type=\"button\" id=\"reset\">Show all</button></p>\n</section>\n");
}

void ul_html_changes(const ul_html_page *page)
{
    const ul_changes *changes = page->report->changes;
    uint32_t by_kind[ROW_KIND_COUNT] = {0};
    for (uint32_t i = 0; i < changes->count; i++)
        by_kind[kind_of(changes, &changes->items[i])]++;
    ul_html_begin(page, verdict(page));
    add_numbers(page, by_kind);
    ul_html_errors(page);
    add_guards(page);
    if (changes->count)
        add_table(page, by_kind);
    ul_html_end(page, kinds, by_kind, ROW_KIND_COUNT);
}

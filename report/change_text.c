#include "report/change_text.h"

#include "report/change_words.h"
#include "report/entry.h"
#include "report/map.h"
#include "report/paths.h"

enum { INDENT = 3 };

/* "include/conn.h:4:8: error: struct conn grew: ... [size-class]" */
static void draw_head(ul_ink *ink, const ul_report *report, const ul_change *change, bool wraps, ul_arena *arena)
{
    const ul_record *record = ul_change_record(change);
    bool fails = ul_change_fails(report->changes, change);
    ul_level level = fails ? UL_LEVEL_ERROR : UL_LEVEL_NOTE;
    ul_ink_text(ink, ul_path_below(record->file, report->cwd));
    ul_strbuf_printf(ink->out, ":%u:%u: ", record->line, record->column);
    ul_ink_style(ink, ul_ink_level(level));
    ul_strbuf_printf(ink->out, "%s:", ul_level_name(level));
    ul_ink_style(ink, UL_STYLE_PLAIN);
    ul_strbuf_putc(ink->out, ' ');
    ul_ink_style(ink, wraps ? UL_STYLE_STRONG : UL_STYLE_PLAIN);
    ul_ink_text(ink, record->name);
    ul_ink_style(ink, UL_STYLE_PLAIN);
    ul_strbuf_putc(ink->out, ' ');
    ul_ink_text(ink, ul_change_headline(change, report, arena));
    if (fails)
        ul_strbuf_printf(ink->out, " [%s]", ul_change_failures(change, report->changes, arena));
    ul_strbuf_putc(ink->out, '\n');
}

static void draw_clause(ul_ink *ink, const char *text)
{
    ul_strbuf_fill(ink->out, ' ', INDENT);
    ul_ink_wrap(ink, text, INDENT, INDENT + 2);
}

static void draw_change(ul_ink *ink, const ul_report *report, const ul_change *change, ul_arena *arena)
{
    uint32_t count;
    const char *const *remarks = ul_change_remarks(&count, change, report, arena);
    draw_head(ink, report, change, true, arena);
    bool is_compared = change->before && change->after && change->kind != UL_CHANGE_UNCLEAR;
    for (uint32_t i = 0; is_compared && i < change->field_count; i++)
        draw_clause(ink, ul_change_field_words(change, &change->fields[i], arena));
    for (uint32_t i = 0; i < count; i++)
        draw_clause(ink, remarks[i]);
    if (is_compared && change->kind != UL_CHANGE_MOVED) {
        ul_entry_draw_layout(ink, report, change->before, "before:", NULL, arena);
        ul_entry_draw_layout(ink, report, change->after, "after:", ul_change_marks(change, arena), arena);
    } else if (change->kind == UL_CHANGE_ADDED) {
        ul_entry_draw_layout(ink, report, change->after, "new:", NULL, arena);
    }
    ul_strbuf_putc(ink->out, '\n');
}

static bool is_told(const ul_changes *changes, const ul_diag *guard)
{
    for (uint32_t i = 0; i < changes->count; i++) {
        for (uint32_t j = 0; j < changes->items[i].guard_count; j++) {
            if (changes->items[i].guards[j] == guard)
                return true;
        }
    }
    return false;
}

/* Assertions that name no record that changed. */
static void draw_loose_guards(ul_ink *ink, const ul_report *report)
{
    const ul_changes *changes = report->changes;
    for (uint32_t i = 0; i < changes->guard_count; i++) {
        const ul_diag *guard = &changes->guards[i];
        if (is_told(changes, guard))
            continue;
        ul_ink_text(ink, guard->file ? ul_path_below(guard->file, report->cwd) : "ullage");
        ul_strbuf_printf(ink->out, ":%u:%u: ", guard->line, guard->column);
        ul_ink_style(ink, UL_STYLE_ERROR);
        ul_strbuf_puts(ink->out, "error:");
        ul_ink_style(ink, UL_STYLE_PLAIN);
        ul_strbuf_putc(ink->out, ' ');
        ul_ink_text(ink, guard->message);
        ul_strbuf_puts(ink->out, " [guard]\n");
    }
}

void ul_changes_draw(ul_ink *ink, const ul_report *report, bool is_quiet, ul_arena *arena)
{
    const ul_changes *changes = report->changes;
    for (uint32_t i = 0; i < changes->count; i++)
        draw_change(ink, report, &changes->items[i], arena);
    draw_loose_guards(ink, report);
    if (is_quiet)
        return;
    ul_ink_text(ink, changes->before_name);
    ul_strbuf_puts(ink->out, " -> ");
    ul_ink_text(ink, changes->after_name);
    ul_strbuf_puts(ink->out, ": ");
    ul_strbuf_puts(ink->out, ul_changes_summary(changes, arena));
    ul_strbuf_putc(ink->out, '\n');
}

void ul_changes_draw_lines(ul_ink *ink, const ul_report *report, ul_arena *arena)
{
    for (uint32_t i = 0; i < report->changes->count; i++)
        draw_head(ink, report, &report->changes->items[i], false, arena);
    draw_loose_guards(ink, report);
}

#include "report/fixes.h"

#include <string.h>

#include "report/paths.h"

typedef unsigned long long ull;

enum { PLACES_MAX = 3 }; /* of one reason, without -v */

static void draw_place(ul_ink *ink, const ul_report *report, const char *file, uint32_t line)
{
    ul_ink_style(ink, UL_STYLE_STRONG);
    ul_ink_text(ink, ul_path_below(file, report->cwd));
    if (line)
        ul_strbuf_printf(ink->out, ":%u", line);
    ul_strbuf_puts(ink->out, ": ");
    ul_ink_style(ink, UL_STYLE_PLAIN);
}

static void draw_changed(ul_ink *ink, const ul_report *report, const ul_entry *entry, ul_arena *arena)
{
    const ul_fix *fix = entry->fix;
    draw_place(ink, report, entry->record->file, entry->record->line);
    ul_ink_text(ink, ul_arena_printf(arena, "`%s`: %llu -> %llu bytes", entry->record->name,
                                     (ull)entry->record->size_bytes, (ull)fix->size_bytes));
    if (fix->why)
        ul_strbuf_printf(ink->out, ", %s", fix->why);
    if (fix->initializer_count)
        ul_strbuf_printf(ink->out, ", %u initializer%s follow%s", fix->initializer_count, fix->initializer_count == 1 ? "" : "s",
                         fix->initializer_count == 1 ? "s" : "");
    ul_strbuf_putc(ink->out, '\n');
    for (uint32_t i = 0; i < fix->note_count; i++) {
        ul_strbuf_puts(ink->out, "  note: ");
        ul_ink_wrap(ink, fix->notes[i], 8, 8);
    }
}

static const char *place_of(const ul_report *report, const ul_fix_obstacle *obstacle, ul_arena *arena)
{
    const char *file = obstacle->file ? ul_path_below(obstacle->file, report->cwd) : "";
    const char *line = obstacle->file && obstacle->line ? ul_arena_printf(arena, ":%u", obstacle->line) : "";
    return ul_arena_printf(arena, "%s%s%s%s", file, line, *file && *obstacle->detail ? ": " : "", obstacle->detail);
}

/* One reason with its places; obstacles[first] is the first of it. */
static void draw_reason(ul_ink *ink, const ul_report *report, const ul_fix *fix, uint32_t first, bool is_verbose, ul_arena *arena)
{
    const ul_fix_obstacle *reason = &fix->obstacles[first];
    uint32_t seen = 0;
    ul_strbuf_puts(ink->out, "  ");
    ul_ink_wrap(ink, ul_arena_printf(arena, "%s: %s%s", reason->reason, reason->text,
                                     reason->is_allowable ? ul_arena_printf(arena, " (--allow %s overrules it)", reason->reason) : ""),
                2, 4);
    for (uint32_t i = first; i < fix->obstacle_count; i++) {
        if (strcmp(fix->obstacles[i].reason, reason->reason) != 0)
            continue;
        const char *place = place_of(report, &fix->obstacles[i], arena);
        if (!*place || (seen++ >= PLACES_MAX && !is_verbose))
            continue;
        ul_strbuf_puts(ink->out, "    ");
        ul_ink_wrap(ink, place, 4, 6);
    }
    if (seen > PLACES_MAX && !is_verbose)
        ul_strbuf_printf(ink->out, "    and %u more (-v names them)\n", seen - PLACES_MAX);
}

static void draw_left(ul_ink *ink, const ul_report *report, const ul_entry *entry, bool is_verbose, ul_arena *arena)
{
    const ul_fix *fix = entry->fix;
    if (fix->is_unworthy && !fix->is_shown && !is_verbose)
        return;
    draw_place(ink, report, entry->record->file, entry->record->line);
    if (fix->is_unworthy) {
        ul_ink_text(ink, ul_arena_printf(arena, "`%s` stays as it is: %s (%s)", entry->record->name, fix->obstacles[0].text, fix->obstacles[0].detail));
        ul_strbuf_putc(ink->out, '\n');
        return;
    }
    const char *text = !entry->plan          ? "could cost less to use"
                       : !entry->plan->use   ? ul_arena_printf(arena, "%llu bytes, could be %llu", (ull)entry->record->size_bytes, (ull)entry->plan->size_bytes)
                                             : ul_arena_printf(arena, "%.0f %% less cost is predicted for its use", 100 * entry->plan->use->gain);
    ul_ink_text(ink, ul_arena_printf(arena, "`%s` stays as it is: %s", entry->record->name, text));
    ul_strbuf_putc(ink->out, '\n');
    for (uint32_t i = 0; i < fix->obstacle_count; i++) {
        bool is_first = true;
        for (uint32_t k = 0; k < i; k++)
            is_first &= strcmp(fix->obstacles[i].reason, fix->obstacles[k].reason) != 0;
        if (is_first)
            draw_reason(ink, report, fix, i, is_verbose, arena);
    }
}

static void draw_sum(ul_ink *ink, const ul_fix_summary *sum)
{
    const char *verb = sum->is_rolled_back ? "changed and put back" : sum->is_written ? "changed" : "to change";
    ul_strbuf_printf(ink->out, "%u record%s in %u file%s %s, %llu byte%s saved in one object of each", sum->changed_count, sum->changed_count == 1 ? "" : "s",
                     sum->file_count, sum->file_count == 1 ? "" : "s", verb, (ull)sum->saved_bytes, sum->saved_bytes == 1 ? "" : "s");
    if (sum->grown_bytes)
        ul_strbuf_printf(ink->out, " and %llu spent", (ull)sum->grown_bytes);
    ul_strbuf_printf(ink->out, "; %u left as %s", sum->left_count, sum->left_count == 1 ? "it is" : "they are");
    if (sum->unworthy_count)
        ul_strbuf_printf(ink->out, "; for %u no change of layout is worth while", sum->unworthy_count);
    ul_strbuf_putc(ink->out, '\n');
}

void ul_fixes_draw(ul_ink *ink, const ul_report *report, bool is_quiet, bool is_verbose, ul_arena *arena)
{
    for (uint32_t i = 0; i < report->entry_count; i++) {
        const ul_entry *entry = &report->entries[i];
        if (entry->fix && entry->fix->state == UL_FIX_CHANGED)
            draw_changed(ink, report, entry, arena);
        else if (entry->fix && entry->fix->state == UL_FIX_LEFT && !is_quiet)
            draw_left(ink, report, entry, is_verbose, arena);
    }
    if (report->fix && !is_quiet)
        draw_sum(ink, report->fix);
}

#include "report/change_markdown.h"

#include <string.h>

#include "report/change_words.h"
#include "report/entry.h"
#include "report/html_text.h"
#include "report/ink.h"
#include "report/markdown_text.h"
#include "report/paths.h"

/* As in markdown.c: bytes, so never fewer than characters. */
enum { ROOM_BYTES = 65536, TABLE_BYTES = 32768, TAIL_BYTES = 1536 };

typedef unsigned long long ull;

typedef struct comment {
    ul_strbuf *out;
    const ul_report *report;
    const ul_render_options *options;
    ul_strbuf piece; /* what may or may not fit */
    size_t limit;
    uint32_t left_rows, left_details;
    ul_arena *arena;
} comment;

static bool settle(comment *c)
{
    bool fits = c->out->length + c->piece.length <= c->limit;
    if (fits && c->piece.length)
        ul_strbuf_add(c->out, c->piece.data, c->piece.length);
    c->out->has_failed |= c->piece.has_failed;
    ul_strbuf_clear(&c->piece);
    return fits;
}

static void put_arrow(ul_strbuf *out, bool has_before, uint64_t before, bool has_after, uint64_t after)
{
    if (has_before && (!has_after || before != after))
        ul_strbuf_printf(out, "%llu → ", (ull)before);
    if (has_after)
        ul_strbuf_printf(out, "%llu", (ull)after);
    else
        ul_strbuf_puts(out, "–");
}

/* Where there is more than ASCII, an arrow is one. */
static const char *with_arrows(const char *text, ul_arena *arena)
{
    ul_strbuf out;
    ul_strbuf_init(&out);
    for (const char *at = text; *at;) {
        bool is_arrow = strncmp(at, "->", 2) == 0;
        ul_strbuf_add(&out, is_arrow ? "→" : at, is_arrow ? strlen("→") : 1);
        at += is_arrow ? 2 : 1;
    }
    const char *copy = ul_arena_strdup(arena, out.data ? out.data : "");
    ul_strbuf_free(&out);
    return copy;
}

static const char *headline(const comment *c, const ul_change *change)
{
    return with_arrows(ul_change_headline(change, c->report, c->arena), c->arena);
}

static uint32_t failing(const ul_changes *changes)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < changes->count; i++)
        count += ul_change_fails(changes, &changes->items[i]);
    return count;
}

static void add_verdict(const comment *c)
{
    const ul_changes *changes = c->report->changes;
    uint32_t errors = 0, fails = failing(changes);
    for (uint32_t i = 0; i < c->report->diag_count; i++)
        errors += c->report->diags[i].level == UL_LEVEL_ERROR;
    if (errors)
        ul_strbuf_printf(c->out, "**%u error%s: part of the input could not be read.** ", errors, errors == 1 ? "" : "s");
    if (fails == 1) {
        ul_strbuf_puts(c->out, "**");
        ul_markdown_code(c->out, ul_change_record(&changes->items[0])->name);
        ul_strbuf_putc(c->out, ' ');
        ul_markdown_prose(c->out, headline(c, &changes->items[0]));
        ul_strbuf_puts(c->out, ".**");
    } else if (changes->fail_count) {
        ul_strbuf_printf(c->out, "**%u of %u changed records got worse in a way that fails**, the worst first.", fails, changes->count);
    } else if (changes->count) {
        ul_strbuf_puts(c->out, "**No record got worse in a way that fails.**");
    } else {
        ul_strbuf_puts(c->out, "**No layout changed.**");
    }
    if (changes->fail_count > fails)
        ul_strbuf_printf(c->out, " **%u static assertion%s no longer hold%s.**", changes->guard_count, changes->guard_count == 1 ? "" : "s",
                         changes->guard_count == 1 ? "s" : "");
    ul_strbuf_putc(c->out, '\n');
}

static void add_row(comment *c, const ul_change *change)
{
    const ul_record *record = ul_change_record(change);
    const ul_entry *old = change->before, *new = change->after;
    ul_strbuf *out = &c->piece;
    ul_strbuf_printf(out, "| %s | ", ul_change_fails(c->report->changes, change) ? "✗" : "");
    ul_markdown_code(out, record->name);
    ul_strbuf_putc(out, ' ');
    ul_markdown_code(out, ul_arena_printf(c->arena, "%s:%u", ul_path_shown(c->report, record->file), record->line));
    ul_strbuf_printf(out, " | %s | ", ul_change_kind_name(change->kind));
    put_arrow(out, old, old ? old->record->size_bytes : 0, new, new ? new->record->size_bytes : 0);
    ul_strbuf_puts(out, " | ");
    put_arrow(out, old, old ? old->facts.fit.footprint_bytes : 0, new, new ? new->facts.fit.footprint_bytes : 0);
    ul_strbuf_puts(out, " | ");
    put_arrow(out, old, old ? old->facts.line_count : 0, new, new ? new->facts.line_count : 0);
    ul_strbuf_puts(out, " | ");
    ul_markdown_prose(out, ul_change_failures(change, c->report->changes, c->arena));
    ul_strbuf_puts(out, " |\n");
    c->left_rows += !settle(c);
}

static void add_clause(ul_strbuf *out, const char *text)
{
    ul_strbuf_puts(out, "- ");
    ul_markdown_prose(out, text);
    ul_strbuf_putc(out, '\n');
}

static void add_maps(comment *c, const ul_change *change)
{
    ul_strbuf maps;
    ul_ink ink;
    ul_render_options options = *c->options;
    options.is_color = false;
    options.is_utf8 = true;
    options.columns = 80;
    ul_strbuf_init(&maps);
    ul_ink_init(&ink, &maps, &options);
    if (change->before && change->after)
        ul_entry_draw_layout(&ink, c->report, change->before, "before:", NULL, c->arena);
    if (change->after)
        ul_entry_draw_layout(&ink, c->report, change->after, change->before ? "after:" : "new:", NULL, c->arena);
    ul_strbuf_putc(&c->piece, '\n');
    ul_markdown_fence(&c->piece, "text", maps.data ? maps.data : "", maps.length);
    c->piece.has_failed |= maps.has_failed;
    ul_strbuf_free(&maps);
}

static void add_details(comment *c, const ul_change *change)
{
    uint32_t count;
    const char *const *remarks = ul_change_remarks(&count, change, c->report, c->arena);
    bool is_compared = change->before && change->after && change->kind != UL_CHANGE_UNCLEAR;
    ul_strbuf_puts(&c->piece, "\n<details><summary><code>");
    ul_html_text(&c->piece, ul_change_record(change)->name);
    ul_strbuf_puts(&c->piece, "</code> ");
    ul_html_text(&c->piece, headline(c, change));
    ul_strbuf_puts(&c->piece, "</summary>\n\n");
    for (uint32_t i = 0; is_compared && i < change->field_count; i++)
        add_clause(&c->piece, ul_change_field_words(change, &change->fields[i], c->arena));
    for (uint32_t i = 0; i < count; i++)
        add_clause(&c->piece, remarks[i]);
    if (change->kind != UL_CHANGE_UNCLEAR && change->kind != UL_CHANGE_MOVED && change->after)
        add_maps(c, change);
    ul_strbuf_puts(&c->piece, "\n</details>\n");
    c->left_details += !settle(c);
}

static void add_tail(const comment *c)
{
    const ul_changes *changes = c->report->changes;
    ul_strbuf *out = c->out;
    if (c->left_rows || c->left_details)
        ul_strbuf_printf(out, "\nNot all of it fits in a comment: %u row%s and %u record%s with maps are left out. `ullage diff` has everything.\n",
                         c->left_rows, c->left_rows == 1 ? "" : "s", c->left_details, c->left_details == 1 ? "" : "s");
    ul_strbuf_puts(out, "\nCompared ");
    ul_markdown_code(out, changes->before_name);
    ul_strbuf_puts(out, " with ");
    ul_markdown_code(out, changes->after_name);
    ul_strbuf_puts(out, ": ");
    ul_markdown_prose(out, ul_changes_summary(changes, c->arena));
    ul_strbuf_putc(out, '.');
    if (c->report->target_count) {
        const ul_target *target = &c->report->targets[0];
        ul_strbuf_puts(out, " Judged for ");
        ul_markdown_code(out, target->triple ? target->triple : "unknown");
        ul_strbuf_printf(out, ", cache lines of %u bytes, allocator %s.", target->line_bytes, target->allocator ? target->allocator->name : "none");
    }
    ul_strbuf_putc(out, '\n');
}

void ul_changes_render_markdown(ul_strbuf *out, const ul_report *report, const ul_render_options *options, ul_arena *arena)
{
    comment c = {.out = out, .report = report, .options = options, .limit = TABLE_BYTES, .arena = arena};
    const ul_changes *changes = report->changes;
    ul_strbuf_init(&c.piece);
    ul_strbuf_puts(out, "### ullage: what this change does to structs\n\n");
    add_verdict(&c);
    if (changes->count)
        ul_strbuf_puts(out, "\n| | record | | bytes | heap | lines | fails for |\n|---|---|---|---|---|---|---|\n");
    for (uint32_t i = 0; i < changes->count; i++)
        add_row(&c, &changes->items[i]);
    for (uint32_t i = 0; i < changes->guard_count; i++) {
        ul_strbuf_puts(&c.piece, i ? "" : "\n");
        add_clause(&c.piece, ul_arena_printf(arena, "%s:%u: %s", ul_path_shown(report, changes->guards[i].file), changes->guards[i].line, changes->guards[i].message));
        c.left_rows += !settle(&c);
    }
    c.limit = ROOM_BYTES - TAIL_BYTES;
    for (uint32_t i = 0; i < changes->count; i++)
        add_details(&c, &changes->items[i]);
    add_tail(&c);
    ul_strbuf_free(&c.piece);
}

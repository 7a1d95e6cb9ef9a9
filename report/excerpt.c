#include "report/excerpt.h"

#include <stdlib.h>
#include <string.h>

#include "report/ranking.h"

enum {
    MARKS_MAX = 4,
    HOLES_MAX = 3,
    TAB = 8,
    LINE_MAX_BYTES = 4096 /* of a line of megabytes its beginning */
};

/* One line to show, and what to write below it. */
typedef struct source_mark {
    uint32_t line;
    uint32_t column; /* 1-based start of what is marked; 0 for the whole declaration on the line */
    const char *text; /* "" for a bare mark, NULL for none */
} source_mark;

void ul_excerpt_init(ul_excerpt *excerpt, const ul_report *report, ul_arena *arena)
{
    *excerpt = (ul_excerpt){.report = report, .arena = arena};
    ul_lines_init(&excerpt->lines, report, arena);
}

/* The first `length` bytes of a line with tabs as spaces, as C text for the ink. */
static char *expand(const ul_excerpt *excerpt, const char *text, size_t length)
{
    char *out = UL_NEW_ARRAY(excerpt->arena, char, length * TAB + 1);
    size_t to = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\t') {
            do
                out[to++] = ' ';
            while (to % TAB);
        } else {
            out[to++] = text[i] ? text[i] : ' ';
        }
    }
    return out;
}

static uint32_t columns_of(const ul_excerpt *excerpt, const ul_ink *ink, const char *text, size_t length)
{
    return ul_ink_width(ink, expand(excerpt, text, length));
}

/* Bytes [*begin, *end) of the line that a mark lies under: the word at its column, or the declaration up to its `;`. */
static void marked_bytes(const source_mark *mark, const char *text, size_t length, size_t *begin, size_t *end)
{
    size_t at = mark->column ? mark->column - 1 : 0;
    if (at >= length)
        at = 0;
    while (!mark->column && at < length && (text[at] == ' ' || text[at] == '\t'))
        at++;
    *begin = at;
    while (at < length) {
        char byte = text[at];
        bool is_word = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
                       byte == '_' || (unsigned char)byte >= 0x80;
        if (mark->column && !is_word)
            break;
        at++;
        if (!mark->column && byte == ';')
            break;
    }
    if (at == *begin && at < length)
        at++;
    while (at > *begin + 1 && (text[at - 1] == ' ' || text[at - 1] == '\t'))
        at--;
    *end = at;
}

static void draw_gutter(ul_ink *ink, const char *number)
{
    size_t width = strlen(number);
    ul_style style = ink->style;
    ul_ink_style(ink, UL_STYLE_FAINT);
    ul_strbuf_fill(ink->out, ' ', width < 6 ? 6 - width : 0);
    ul_strbuf_puts(ink->out, number);
    ul_strbuf_puts(ink->out, " |");
    ul_ink_style(ink, style);
}

static void draw_line(const ul_excerpt *excerpt, ul_ink *ink, uint32_t line)
{
    size_t length;
    const char *text = ul_lines_at(&excerpt->lines, line, &length);
    if (length > LINE_MAX_BYTES)
        length = LINE_MAX_BYTES;
    draw_gutter(ink, ul_arena_printf(excerpt->arena, "%u", line));
    char *shown = expand(excerpt, text, length);
    size_t shown_length = strlen(shown);
    while (shown_length && shown[shown_length - 1] == ' ')
        shown_length--;
    if (shown_length)
        ul_strbuf_putc(ink->out, ' ');
    ul_ink_fit(ink, shown, shown_length, ink->columns - 9);
    ul_strbuf_putc(ink->out, '\n');
}

static void draw_mark(const ul_excerpt *excerpt, ul_ink *ink, const source_mark *mark)
{
    size_t length, begin, end;
    const char *text = ul_lines_at(&excerpt->lines, mark->line, &length);
    if (length > LINE_MAX_BYTES)
        length = LINE_MAX_BYTES;
    if (length == 0)
        return;
    marked_bytes(mark, text, length, &begin, &end);
    uint32_t from = columns_of(excerpt, ink, text, begin);
    uint32_t width = columns_of(excerpt, ink, text, end) - from;
    uint32_t room = ink->columns - 9, words = (uint32_t)strlen(mark->text) + 1;
    if (from + words + 3 > room)
        from = 0;
    if (from + width + words > room)
        width = room - from - words;
    if (width == 0)
        width = 1;
    draw_gutter(ink, "");
    ul_strbuf_fill(ink->out, ' ', from + 1);
    ul_ink_style(ink, UL_STYLE_HOLE);
    ul_strbuf_fill(ink->out, '~', width);
    if (mark->text[0])
        ul_strbuf_printf(ink->out, " %s", mark->text);
    ul_ink_style(ink, UL_STYLE_PLAIN);
    ul_strbuf_putc(ink->out, '\n');
}

static int by_line(const void *left, const void *right)
{
    const source_mark *a = left, *b = right;
    return a->line < b->line ? -1 : a->line > b->line;
}

/* "7 bytes lost here"; several holes after declarations on one line are added up by the caller. */
static const char *lost_text(const ul_excerpt *excerpt, uint64_t bytes, const char *where)
{
    return ul_arena_printf(excerpt->arena, "%llu byte%s %s", (unsigned long long)bytes, bytes == 1 ? "" : "s", where);
}

/* The largest holes of the record, its tail padding, and its head. */
static uint32_t hole_marks(const ul_excerpt *excerpt, const ul_entry *entry, source_mark marks[MARKS_MAX + 1])
{
    const ul_facts *facts = &entry->facts;
    uint32_t count = 0;
    bool is_taken[64] = {false};
    marks[count++] = (source_mark){entry->record->line, 0, NULL};
    for (uint32_t n = 0; n < HOLES_MAX; n++) {
        uint32_t best = UINT32_MAX;
        for (uint32_t i = 0; i < facts->hole_count && i < 64; i++) {
            if (!is_taken[i] && facts->holes[i].after != UL_NO_PARENT &&
                (best == UINT32_MAX || facts->holes[i].size_bits > facts->holes[best].size_bits))
                best = i;
        }
        if (best == UINT32_MAX)
            break;
        is_taken[best] = true;
        marks[count++] = (source_mark){entry->record->fields[facts->holes[best].after].line, 0,
                                lost_text(excerpt, facts->holes[best].size_bits / 8, "lost here")};
    }
    if (facts->tail_padding_bytes)
        marks[count++] = (source_mark){entry->record->end_line, 0, lost_text(excerpt, facts->tail_padding_bytes, "lost at the end")};
    qsort(marks, count, sizeof *marks, by_line);
    return count;
}

void ul_excerpt_draw(ul_excerpt *excerpt, ul_ink *ink, const ul_finding *finding)
{
    const ul_entry *entry = &excerpt->report->entries[finding->entry];
    source_mark marks[MARKS_MAX + 1];
    uint32_t count = 1, last = 0;
    if (!ul_lines_open(&excerpt->lines, entry->record->file))
        return;
    if (ul_finding_is_about_order(finding))
        count = hole_marks(excerpt, entry, marks);
    else
        marks[0] = (source_mark){finding->line, finding->column, ""};
    for (uint32_t i = 0; i < count; i++) {
        uint32_t line = marks[i].line;
        if (line == 0 || line > excerpt->lines.count)
            continue;
        if (last && line == last + 2) {
            draw_line(excerpt, ink, last + 1);
        } else if (last && line > last + 2) {
            draw_gutter(ink, "...");
            ul_strbuf_putc(ink->out, '\n');
        }
        if (line != last)
            draw_line(excerpt, ink, line);
        if (marks[i].text)
            draw_mark(excerpt, ink, &marks[i]);
        last = line;
    }
}

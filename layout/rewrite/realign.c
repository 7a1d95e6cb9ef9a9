/*
 *  1. For each edited line with a comment behind its code, take the lines above and below whose comments stand in the same column.
 *  2. If there are any, find the column that all can keep: the old one, or the next that has room for the longest line.
 *  3. Fill up to it with blanks of the kind that stood there.
 */
#include "layout/rewrite/realign.h"

#include <string.h>

#include "layout/rewrite/lines.h"

enum { TAB_COLUMNS = 8 };

/* A line whose code is followed by comments alone. */
typedef struct commented_line {
    uint32_t begin, end; /* of the line */
    uint32_t code_end, comment;
    uint32_t column;
} commented_line;

typedef struct realigner {
    const ul_source_text *text;
    const ul_edit *edits;
    ul_edit *out;
    uint32_t count, out_count, out_capacity;
    bool has_failed;
} realigner;

static bool read_line(commented_line *out, const ul_source_text *text, uint32_t begin)
{
    uint32_t end = ul_line_end(text->bytes, text->length, begin);
    const ul_token *items = text->tokens->items;
    uint32_t at = ul_tokens_at(text->tokens, begin), code = UINT32_MAX;
    for (; at < text->tokens->count && items[at].begin < end; at++) {
        if (items[at].kind != UL_TOKEN_COMMENT)
            code = at;
    }
    if (code == UINT32_MAX || code + 1 == at || items[code].end > end)
        return false;
    *out = (commented_line){begin, end, items[code].end, items[code + 1].begin, ul_line_column(text->bytes, items[code + 1].begin)};
    return true;
}

/* Index of the first edit that begins at or after `offset`. */
static uint32_t edit_at(const realigner *r, uint32_t offset)
{
    uint32_t low = 0, high = r->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (r->edits[middle].span.begin < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Column at which the code of the line ends once the edits are made. */
static uint32_t new_column(realigner *r, const commented_line *line)
{
    ul_strbuf buffer;
    ul_strbuf_init(&buffer);
    uint32_t at = line->begin;
    for (uint32_t i = edit_at(r, at); i < r->count && r->edits[i].span.begin <= line->code_end; i++) {
        ul_strbuf_add(&buffer, r->text->bytes + at, r->edits[i].span.begin - at);
        ul_strbuf_add(&buffer, r->edits[i].text, r->edits[i].length);
        at = r->edits[i].span.end;
    }
    if (at < line->code_end)
        ul_strbuf_add(&buffer, r->text->bytes + at, line->code_end - at);
    uint32_t column = buffer.length ? ul_line_column(buffer.data, (uint32_t)buffer.length) : 0;
    r->has_failed |= buffer.has_failed;
    ul_strbuf_free(&buffer);
    return column;
}

static const char *blanks(const realigner *r, const commented_line *line, uint32_t from, uint32_t to)
{
    bool has_tabs = memchr(r->text->bytes + line->code_end, '\t', line->comment - line->code_end) != NULL;
    char *text = ul_arena_alloc(r->text->arena, to - from + 2u, 1);
    uint32_t length = 0;
    while (from < to) {
        uint32_t stop = from + TAB_COLUMNS - from % TAB_COLUMNS;
        bool is_tab = has_tabs && stop <= to;
        text[length++] = is_tab ? '\t' : ' ';
        from = is_tab ? stop : from + 1;
    }
    return text;
}

static void add_edit(realigner *r, ul_edit added)
{
    UL_RESERVE(r->text->arena, r->out, r->out_count, r->out_capacity);
    r->out[r->out_count++] = added;
}

/* Step 3 for one block of lines. */
static void align_block(realigner *r, const commented_line *lines, uint32_t count)
{
    uint32_t column = lines[0].column, needed = 0;
    bool has_tabs = false;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t end = new_column(r, &lines[i]) + 1;
        needed = end > needed ? end : needed;
        has_tabs |= memchr(r->text->bytes + lines[i].code_end, '\t', lines[i].comment - lines[i].code_end) != NULL;
    }
    if (needed > column)
        column = has_tabs ? (needed + TAB_COLUMNS - 1) / TAB_COLUMNS * TAB_COLUMNS : needed;
    for (uint32_t i = 0; i < count; i++) {
        const commented_line *line = &lines[i];
        const char *text = blanks(r, line, new_column(r, line), column);
        uint32_t length = (uint32_t)strlen(text);
        if (length != line->comment - line->code_end || memcmp(text, r->text->bytes + line->code_end, length) != 0)
            add_edit(r, (ul_edit){{line->code_end, line->comment}, text, length});
    }
}

/* Steps 1 and 2 for the line at `begin`; returns where the next one to look at begins at the earliest. */
static uint32_t align_around(realigner *r, uint32_t begin)
{
    commented_line line, *lines = NULL;
    uint32_t count = 0, capacity = 0, top = begin;
    if (!read_line(&line, r->text, begin))
        return ul_line_end(r->text->bytes, r->text->length, begin);
    uint32_t column = line.column;
    while (top > 0 && read_line(&line, r->text, ul_line_begin(r->text->bytes, top - 1)) && line.column == column)
        top = line.begin;
    for (uint32_t at = top; at < r->text->length && read_line(&line, r->text, at) && line.column == column; at = line.end) {
        UL_RESERVE(r->text->arena, lines, count, capacity);
        lines[count++] = line;
    }
    if (count > 1)
        align_block(r, lines, count);
    return lines[count - 1].end;
}

/* One list of both, sorted; what is put in where blanks begin comes before them. */
static void merge(realigner *r, ul_edit **edits, uint32_t *count)
{
    ul_edit *all = UL_NEW_ARRAY(r->text->arena, ul_edit, r->count + r->out_count + 1u);
    uint32_t total = 0, i = 0, k = 0;
    while (i < r->count || k < r->out_count) {
        bool takes_old = k == r->out_count || (i < r->count && r->edits[i].span.begin <= r->out[k].span.begin);
        ul_edit next = takes_old ? r->edits[i++] : r->out[k++];
        if (total && all[total - 1].span.begin == next.span.begin) {
            ul_edit *last = &all[total - 1];
            last->text = ul_arena_printf(r->text->arena, "%s%s", last->text, next.text);
            last->length += next.length;
            last->span.end = next.span.end;
            continue;
        }
        all[total++] = next;
    }
    *edits = all;
    *count = total;
}

ul_status ul_realign_comments(ul_edit **edits, uint32_t *count, const ul_source_text *text)
{
    realigner r = {.text = text, .edits = *edits, .count = *count};
    uint32_t next = 0;
    for (uint32_t i = 0; i < r.count; i++) {
        uint32_t line = ul_line_begin(text->bytes, r.edits[i].span.begin);
        if (line >= next)
            next = align_around(&r, line);
    }
    if (r.out_count)
        merge(&r, edits, count);
    return r.has_failed ? UL_ERR_NOMEM : UL_OK;
}

/*
 *  1. Cut both texts into lines and number equal lines equally.
 *  2. Mark what goes and what comes: Myers' O(ND) search from both ends in linear space ("An O(ND) Difference Algorithm
 *     and Its Variations", 1986, section 4b). Where the two sides do not meet within a bound, all of the part is replaced.
 *  3. Join changes that are at most two contexts apart into hunks.
 */
#include "layout/rewrite/diff.h"

#include <string.h>

enum { CONTEXT = 3, COST_MAX = 4096 };

typedef struct line {
    const char *bytes;
    size_t length; /* with the newline, when it has one */
} line;

typedef struct side {
    line *lines;
    uint32_t *ids; /* equal for equal lines, of both sides */
    bool *is_changed;
    uint32_t count;
} side;

typedef struct differ {
    side before, after;
    int64_t *forward, *backward; /* furthest x for each diagonal */
    int64_t offset;              /* of diagonal 0 in them */
    uint64_t first, first_after; /* lines of the file before the texts */
    ul_arena *arena;
} differ;

/* --- Step 1. --- */

static ul_status read_lines(side *s, ul_diff_text text, ul_arena *arena)
{
    uint64_t count = 0;
    for (uint64_t i = 0; i < text.length; i++)
        count += text.bytes[i] == '\n' || i + 1 == text.length;
    if (count > INT32_MAX)
        return UL_ERR_LIMIT;
    s->lines = UL_NEW_ARRAY(arena, line, count + 1);
    s->ids = UL_NEW_ARRAY(arena, uint32_t, count + 1);
    s->is_changed = UL_NEW_ARRAY(arena, bool, count + 1);
    if (!s->lines || !s->ids || !s->is_changed)
        return UL_ERR_NOMEM;
    const char *at = text.bytes, *end = text.bytes + text.length;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t length = newline ? (size_t)(newline - at) + 1 : (size_t)(end - at);
        s->lines[s->count++] = (line){at, length};
        at += length;
    }
    return UL_OK;
}

typedef struct line_table {
    const line **slots;
    uint32_t *ids;
    uint64_t mask;
    uint32_t next;
} line_table;

static uint32_t number_line(line_table *table, const line *l)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < l->length; i++)
        hash = (hash ^ (unsigned char)l->bytes[i]) * 1099511628211u;
    uint64_t at = (hash ^ hash >> 32) & table->mask;
    for (; table->slots[at]; at = (at + 1) & table->mask) {
        if (table->slots[at]->length == l->length && memcmp(table->slots[at]->bytes, l->bytes, l->length) == 0)
            return table->ids[at];
    }
    table->slots[at] = l;
    return table->ids[at] = table->next++;
}

static ul_status number_lines(differ *d)
{
    uint64_t size = 16;
    while (size < 2 * ((uint64_t)d->before.count + d->after.count))
        size *= 2;
    line_table table = {.mask = size - 1};
    table.slots = UL_NEW_ARRAY(d->arena, const line *, size);
    table.ids = UL_NEW_ARRAY(d->arena, uint32_t, size);
    if (!table.slots || !table.ids)
        return UL_ERR_NOMEM;
    for (uint32_t i = 0; i < d->before.count; i++)
        d->before.ids[i] = number_line(&table, &d->before.lines[i]);
    for (uint32_t i = 0; i < d->after.count; i++)
        d->after.ids[i] = number_line(&table, &d->after.lines[i]);
    return UL_OK;
}

/* --- Step 2. --- */

typedef struct box {
    int64_t left, right; /* lines of before */
    int64_t top, bottom; /* lines of after */
} box;

typedef struct point {
    int64_t x, y;
} point;

/* One step of the search from the top left, to cost `cost`; true when it meets the search from the other end. */
static bool step_forward(differ *d, box b, int64_t cost, point *meet)
{
    int64_t *reach = d->forward + d->offset, *other = d->backward + d->offset;
    int64_t delta = (b.right - b.left) - (b.bottom - b.top);
    for (int64_t k = -cost; k <= cost; k += 2) {
        int64_t x = k == -cost || (k != cost && reach[k - 1] < reach[k + 1]) ? reach[k + 1] : reach[k - 1] + 1;
        int64_t y = b.top + (x - b.left) - k;
        while (x < b.right && y < b.bottom && y >= b.top && d->before.ids[x] == d->after.ids[y]) {
            x++;
            y++;
        }
        reach[k] = x;
        if (delta % 2 != 0 && k >= delta - (cost - 1) && k <= delta + (cost - 1) && x >= other[k - delta] && x <= b.right &&
            y >= b.top && y <= b.bottom) {
            *meet = (point){x, y};
            return true;
        }
    }
    return false;
}

/* The same from the bottom right; its diagonals count from delta. */
static bool step_backward(differ *d, box b, int64_t cost, point *meet)
{
    int64_t *reach = d->backward + d->offset, *other = d->forward + d->offset;
    int64_t delta = (b.right - b.left) - (b.bottom - b.top);
    for (int64_t k = -cost; k <= cost; k += 2) {
        int64_t x = k == cost || (k != -cost && reach[k - 1] < reach[k + 1]) ? reach[k - 1] : reach[k + 1] - 1;
        int64_t y = b.top + (x - b.left) - (k + delta);
        while (x > b.left && y > b.top && y <= b.bottom && d->before.ids[x - 1] == d->after.ids[y - 1]) {
            x--;
            y--;
        }
        reach[k] = x;
        if (delta % 2 == 0 && k + delta >= -cost && k + delta <= cost && x <= other[k + delta] && x >= b.left &&
            y >= b.top && y <= b.bottom) {
            *meet = (point){x, y};
            return true;
        }
    }
    return false;
}

/* A point on a shortest path through the box, whose corners differ; false when it is not found within the bound. */
static bool find_middle(differ *d, box b, point *meet)
{
    int64_t most = (b.right - b.left) + (b.bottom - b.top);
    d->forward[d->offset + 1] = b.left;
    d->backward[d->offset - 1] = b.right;
    for (int64_t cost = 0; cost <= most / 2 + 1 && cost <= COST_MAX; cost++) {
        if (step_forward(d, b, cost, meet) || step_backward(d, b, cost, meet))
            return true;
    }
    return false;
}

static void mark(differ *d, box b)
{
    for (;;) {
        while (b.left < b.right && b.top < b.bottom && d->before.ids[b.left] == d->after.ids[b.top]) {
            b.left++;
            b.top++;
        }
        while (b.left < b.right && b.top < b.bottom && d->before.ids[b.right - 1] == d->after.ids[b.bottom - 1]) {
            b.right--;
            b.bottom--;
        }
        point meet;
        bool is_corner = b.left == b.right || b.top == b.bottom || !find_middle(d, b, &meet);
        if (is_corner || (meet.x == b.left && meet.y == b.top) || (meet.x == b.right && meet.y == b.bottom)) {
            memset(d->before.is_changed + b.left, true, (size_t)(b.right - b.left));
            memset(d->after.is_changed + b.top, true, (size_t)(b.bottom - b.top));
            return;
        }
        mark(d, (box){b.left, meet.x, b.top, meet.y});
        b.left = meet.x;
        b.top = meet.y;
    }
}

static ul_status search(differ *d)
{
    int64_t most = (int64_t)d->before.count + d->after.count;
    int64_t bound = most / 2 + 1 < COST_MAX ? most / 2 + 1 : COST_MAX;
    d->offset = bound + 2;
    d->forward = UL_NEW_ARRAY(d->arena, int64_t, 2 * (uint64_t)d->offset + 1);
    d->backward = UL_NEW_ARRAY(d->arena, int64_t, 2 * (uint64_t)d->offset + 1);
    if (!d->forward || !d->backward)
        return UL_ERR_NOMEM;
    mark(d, (box){0, d->before.count, 0, d->after.count});
    return UL_OK;
}

/* --- Step 3. --- */

static void write_line(ul_strbuf *out, char sign, const line *l)
{
    ul_strbuf_putc(out, sign);
    ul_strbuf_add(out, l->bytes, l->length);
    if (l->bytes[l->length - 1] != '\n')
        ul_strbuf_puts(out, "\n\\ No newline at end of file\n");
}

/* A path as git quotes it: C escapes when it must, a tab behind one with blanks, since a date may follow. patch drops a blank at the end. */
static void write_path(ul_strbuf *out, const char *sign, const char *prefix, const char *path)
{
    size_t length = strlen(path);
    bool is_quoted = length && path[length - 1] == ' ';
    for (const char *at = path; *at; at++)
        is_quoted |= (unsigned char)*at < ' ' || (unsigned char)*at >= 0x7f || *at == '"' || *at == '\\';
    ul_strbuf_printf(out, "%s %s%s", sign, is_quoted ? "\"" : "", prefix);
    for (const char *at = path; *at; at++) {
        if (*at == '"' || *at == '\\')
            ul_strbuf_printf(out, "\\%c", *at);
        else if ((unsigned char)*at < ' ' || (unsigned char)*at >= 0x7f)
            ul_strbuf_printf(out, "\\%03o", (unsigned)(unsigned char)*at);
        else
            ul_strbuf_putc(out, *at);
    }
    ul_strbuf_puts(out, is_quoted ? "\"\n" : strchr(path, ' ') ? "\t\n" : "\n");
}

/* Lines [begin, end) as a hunk header has them; an empty range names the line before it. */
static void write_range(ul_strbuf *out, char sign, uint64_t first, uint32_t begin, uint32_t end)
{
    uint32_t count = end - begin;
    ul_strbuf_printf(out, "%c%llu", sign, (unsigned long long)(first + begin + (count > 0)));
    if (count != 1)
        ul_strbuf_printf(out, ",%u", count);
}

/* What goes, what comes and what stays, from (x, y) to before's line `end`; what comes at `end` is included. */
static void write_lines(ul_strbuf *out, const differ *d, uint32_t x, uint32_t y, uint32_t end, uint32_t end_y)
{
    while (x < end || y < end_y) {
        if (x < end && d->before.is_changed[x]) {
            write_line(out, '-', &d->before.lines[x++]);
        } else if (y < end_y && d->after.is_changed[y]) {
            write_line(out, '+', &d->after.lines[y++]);
        } else {
            write_line(out, ' ', &d->before.lines[x++]);
            y++;
        }
    }
}

/* Moves over what changes at (x, y). */
static void pass_change(const differ *d, uint32_t *x, uint32_t *y)
{
    while (*x < d->before.count && d->before.is_changed[*x])
        (*x)++;
    while (*y < d->after.count && d->after.is_changed[*y])
        (*y)++;
}

/* Moves over what stays at (x, y), `most` lines of it; returns how many. */
static uint32_t pass_same(const differ *d, uint32_t *x, uint32_t *y, uint32_t most)
{
    uint32_t passed = 0;
    while (passed < most && *x < d->before.count && !d->before.is_changed[*x] && *y < d->after.count &&
           !d->after.is_changed[*y]) {
        (*x)++;
        (*y)++;
        passed++;
    }
    return passed;
}

static void write_hunks(ul_strbuf *out, const differ *d)
{
    uint32_t x = 0, y = 0;
    for (;;) {
        uint32_t before = pass_same(d, &x, &y, UINT32_MAX);
        if (x == d->before.count && y == d->after.count)
            return;
        uint32_t lead = before < CONTEXT ? before : CONTEXT;
        uint32_t begin = x - lead, begin_y = y - lead, trail = 0;
        for (;;) {
            pass_change(d, &x, &y);
            uint32_t next_x = x, next_y = y;
            uint32_t same = pass_same(d, &next_x, &next_y, 2 * CONTEXT + 1);
            bool is_end = next_x == d->before.count && next_y == d->after.count;
            if (same > 2 * CONTEXT || is_end) {
                trail = same < CONTEXT ? same : CONTEXT;
                break;
            }
            x = next_x;
            y = next_y;
        }
        x += trail;
        y += trail;
        ul_strbuf_puts(out, "@@ ");
        write_range(out, '-', d->first, begin, x);
        ul_strbuf_putc(out, ' ');
        write_range(out, '+', d->first_after, begin_y, y);
        ul_strbuf_puts(out, " @@\n");
        write_lines(out, d, begin, begin_y, x, y);
    }
}

ul_status ul_diff_unified(ul_strbuf *out, const char *path, ul_diff_text before, ul_diff_text after, ul_arena *arena)
{
    if (before.length == after.length &&
        (before.length == 0 || memcmp(before.bytes, after.bytes, before.length) == 0))
        return UL_OK;
    differ d = {.first = before.lines_before, .first_after = after.lines_before, .arena = arena};
    ul_status status = read_lines(&d.before, before, arena);
    if (status == UL_OK)
        status = read_lines(&d.after, after, arena);
    if (status == UL_OK)
        status = number_lines(&d);
    if (status == UL_OK)
        status = search(&d);
    if (status != UL_OK)
        return status;
    write_path(out, "---", "a/", path);
    write_path(out, "+++", "b/", path);
    write_hunks(out, &d);
    return out->has_failed ? UL_ERR_NOMEM : UL_OK;
}

#include "layout/rewrite/edits.h"

#include <stdlib.h>
#include <string.h>

void ul_recut_add(ul_recut *recut, ul_arena *arena, ul_span span, bool is_in_place)
{
    if (span.begin == span.end)
        return;
    UL_RESERVE(arena, recut->pieces, recut->count, recut->capacity);
    recut->pieces[recut->count++] = (ul_piece){NULL, span, is_in_place};
}

void ul_recut_add_literal(ul_recut *recut, ul_arena *arena, const char *literal)
{
    UL_RESERVE(arena, recut->pieces, recut->count, recut->capacity);
    recut->pieces[recut->count++] = (ul_piece){.literal = literal};
}

void ul_recut_trim(ul_recut *recut)
{
    while (recut->count && recut->pieces[0].is_in_place && recut->pieces[0].span.begin == recut->span.begin) {
        recut->span.begin = recut->pieces[0].span.end;
        recut->pieces++;
        recut->count--;
        recut->capacity = recut->count;
    }
    while (recut->count && recut->pieces[recut->count - 1].is_in_place &&
           recut->pieces[recut->count - 1].span.end == recut->span.end)
        recut->span.end = recut->pieces[--recut->count].span.begin;
}

static int compare_recuts(const void *left, const void *right)
{
    const ul_recut *a = left, *b = right;
    if (a->span.begin != b->span.begin)
        return a->span.begin < b->span.begin ? -1 : 1;
    return a->span.end > b->span.end ? -1 : a->span.end < b->span.end;
}

void ul_recuts_sort(ul_recuts *recuts)
{
    if (recuts->count > 1)
        qsort(recuts->items, recuts->count, sizeof *recuts->items, compare_recuts);
}

static int compare_edits(const void *left, const void *right)
{
    const ul_edit *a = left, *b = right;
    if (a->span.begin != b->span.begin)
        return a->span.begin < b->span.begin ? -1 : 1;
    return (a->span.end > b->span.end) - (a->span.end < b->span.end);
}

void ul_edits_sort(ul_edit *edits, uint32_t count)
{
    if (count > 1)
        qsort(edits, count, sizeof *edits, compare_edits);
}

/* Index of the first recut from `from` on that begins at or after `offset`. */
static uint32_t recut_at(const ul_recuts *recuts, uint32_t from, uint32_t offset)
{
    uint32_t low = from, high = recuts->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (recuts->items[middle].span.begin < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_within(ul_span inner, ul_span outer)
{
    return inner.begin >= outer.begin && inner.end <= outer.end;
}

/* Recuts before `from` are outside of the span, or are what it is part of. */
static void render(ul_strbuf *out, const char *bytes, ul_span span, const ul_recuts *recuts, uint32_t from)
{
    uint32_t at = span.begin;
    for (uint32_t i = recut_at(recuts, from, at); i < recuts->count; i++) {
        const ul_recut *recut = &recuts->items[i];
        if (recut->span.begin >= span.end)
            break;
        if (recut->span.begin < at || !is_within(recut->span, span))
            continue;
        ul_strbuf_add(out, bytes + at, recut->span.begin - at);
        for (uint32_t p = 0; p < recut->count; p++) {
            const ul_piece *piece = &recut->pieces[p];
            if (piece->literal)
                ul_strbuf_puts(out, piece->literal);
            else
                render(out, bytes, piece->span, recuts, i + 1);
        }
        at = recut->span.end;
    }
    ul_strbuf_add(out, bytes + at, span.end - at);
}

void ul_recuts_render(ul_strbuf *out, const char *bytes, ul_span span, const ul_recuts *recuts)
{
    render(out, bytes, span, recuts, 0);
}

typedef struct edit_list {
    ul_edit *items;
    uint32_t count, capacity;
    ul_strbuf pending; /* text that is to replace what lies before the next piece that stays */
    bool has_failed;
    const char *bytes;
    const ul_recuts *recuts;
    ul_arena *arena;
} edit_list;

static void flush(edit_list *list, uint32_t begin, uint32_t end)
{
    list->has_failed |= list->pending.has_failed;
    if (begin == end && list->pending.length == 0)
        return;
    UL_RESERVE(list->arena, list->items, list->count, list->capacity);
    list->items[list->count++] =
        (ul_edit){{begin, end},
                  ul_arena_strndup(list->arena, list->pending.data ? list->pending.data : "", list->pending.length),
                  (uint32_t)list->pending.length};
    ul_strbuf_clear(&list->pending);
}

/* The edits inside `span`, which stays. */
static void collect(edit_list *list, ul_span span, uint32_t from)
{
    uint32_t done = span.begin;
    for (uint32_t i = recut_at(list->recuts, from, done); i < list->recuts->count; i++) {
        const ul_recut *recut = &list->recuts->items[i];
        if (recut->span.begin >= span.end)
            break;
        if (recut->span.begin < done || !is_within(recut->span, span))
            continue;
        uint32_t at = recut->span.begin;
        for (uint32_t p = 0; p < recut->count; p++) {
            const ul_piece *piece = &recut->pieces[p];
            if (piece->is_in_place) {
                flush(list, at, piece->span.begin);
                collect(list, piece->span, i + 1);
                at = piece->span.end;
            } else if (piece->literal) {
                ul_strbuf_puts(&list->pending, piece->literal);
            } else {
                render(&list->pending, list->bytes, piece->span, list->recuts, i + 1);
            }
        }
        flush(list, at, recut->span.end);
        done = recut->span.end;
    }
}

ul_status ul_recuts_edits(ul_edit **edits, uint32_t *count, const char *bytes, const ul_recuts *recuts, ul_arena *arena)
{
    edit_list list = {.bytes = bytes, .recuts = recuts, .arena = arena};
    ul_strbuf_init(&list.pending);
    collect(&list, (ul_span){0, UINT32_MAX}, 0);
    ul_strbuf_free(&list.pending);
    *edits = list.items;
    *count = list.count;
    return list.has_failed ? UL_ERR_NOMEM : UL_OK;
}

/* A walk over two lists of edits, in the text that lies between them. */
typedef struct composer {
    const ul_edit *first, *second;
    uint32_t first_count, second_count;
    uint32_t first_at, second_at;
    int64_t shift; /* from the text between to the old one, behind what was passed of `first` */
} composer;

/* Where the next edit of either list begins; UINT32_MAX at its end. */
static uint32_t first_begin(const composer *c)
{
    return c->first_at < c->first_count ? (uint32_t)((int64_t)c->first[c->first_at].span.begin - c->shift) : UINT32_MAX;
}

static uint32_t second_begin(const composer *c)
{
    return c->second_at < c->second_count ? c->second[c->second_at].span.begin : UINT32_MAX;
}

/* The next stretch that either list writes; what touches it is part of it. `old` is what it stands for in the old text. */
static ul_span next_stretch(composer *c, ul_span *old)
{
    uint32_t begin = first_begin(c) < second_begin(c) ? first_begin(c) : second_begin(c);
    ul_span stretch = {begin, begin};
    old->begin = (uint32_t)((int64_t)begin + c->shift);
    for (;;) {
        uint32_t end;
        if (first_begin(c) <= stretch.end) {
            const ul_edit *edit = &c->first[c->first_at];
            end = first_begin(c) + edit->length;
            c->shift += (int64_t)(edit->span.end - edit->span.begin) - edit->length;
            c->first_at++;
        } else if (second_begin(c) <= stretch.end) {
            end = c->second[c->second_at++].span.end;
        } else {
            break;
        }
        stretch.end = end > stretch.end ? end : stretch.end;
    }
    old->end = (uint32_t)((int64_t)stretch.end + c->shift);
    return stretch;
}

ul_status ul_edits_compose(ul_edit **out, uint32_t *count, const char *between, const ul_edit *first, uint32_t first_count,
                           const ul_edit *second, uint32_t second_count, ul_arena *arena)
{
    composer c = {.first = first, .second = second, .first_count = first_count, .second_count = second_count};
    edit_list list = {.arena = arena};
    ul_strbuf_init(&list.pending);
    while (c.first_at < first_count || c.second_at < second_count) {
        uint32_t edit = c.second_at;
        ul_span old, stretch = next_stretch(&c, &old);
        uint32_t at = stretch.begin;
        for (; edit < c.second_at; edit++) {
            ul_strbuf_add(&list.pending, between + at, second[edit].span.begin - at);
            ul_strbuf_add(&list.pending, second[edit].text, second[edit].length);
            at = second[edit].span.end;
        }
        ul_strbuf_add(&list.pending, between + at, stretch.end - at);
        flush(&list, old.begin, old.end);
    }
    ul_strbuf_free(&list.pending);
    *out = list.items;
    *count = list.count;
    return list.has_failed ? UL_ERR_NOMEM : UL_OK;
}

void ul_edits_apply(ul_strbuf *out, const char *bytes, uint32_t length, const ul_edit *edits, uint32_t count)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < count; i++) {
        ul_strbuf_add(out, bytes + at, edits[i].span.begin - at);
        ul_strbuf_add(out, edits[i].text, edits[i].length);
        at = edits[i].span.end;
    }
    ul_strbuf_add(out, bytes + at, length - at);
}

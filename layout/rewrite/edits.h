/*
 * Bytes out of old bytes: a span of a file whose new contents are pieces of the same file in another order, with a few
 * blanks and newlines between them; spans nested in such pieces have new contents of their own. What comes out is a
 * list of edits that do not overlap. Knows nothing of C.
 */
#ifndef UL_REWRITE_EDITS_H
#define UL_REWRITE_EDITS_H

#include <stdbool.h>
#include <stdint.h>

#include "layout/model/record.h"
#include "ullage/strbuf.h"

/* Replaces span by text[0..length-1]; an insertion has an empty span. */
typedef struct ul_edit {
    ul_span span;
    const char *text;
    uint32_t length;
} ul_edit;

typedef struct ul_piece {
    const char *literal; /* a string, or NULL: the bytes of `span` */
    ul_span span;
    bool is_in_place; /* stays where it is: these are in ascending order */
} ul_piece;

/* A span and its new contents. */
typedef struct ul_recut {
    ul_span span;
    ul_piece *pieces;
    uint32_t count, capacity;
} ul_recut;

typedef struct ul_recuts {
    ul_recut *items;
    uint32_t count, capacity;
} ul_recuts;

void ul_recut_add(ul_recut *recut, ul_arena *arena, ul_span span, bool is_in_place);
/* `literal` is borrowed. */
void ul_recut_add_literal(ul_recut *recut, ul_arena *arena, const char *literal);

/* Takes off what stays at both ends, so that recuts of neighbouring spans never overlap. */
void ul_recut_trim(ul_recut *recut);

/* Sorts the recuts: by begin, outer ones first. Needed before the next two. */
void ul_recuts_sort(ul_recuts *recuts);
/* Appends bytes[span] with the recuts inside. */
void ul_recuts_render(ul_strbuf *out, const char *bytes, ul_span span, const ul_recuts *recuts);
/* The edits that make the recuts, sorted, texts in `arena`. UL_ERR_NOMEM when a buffer could not grow. */
ul_status ul_recuts_edits(ul_edit **edits, uint32_t *count, const char *bytes, const ul_recuts *recuts,
                          ul_arena *arena) UL_MUST_USE;

/* By begin; what is put in at a place comes before what is replaced from there on. */
void ul_edits_sort(ul_edit *edits, uint32_t count);
/*
 * One list for two: `first` makes `between` out of the old text, `second` makes the new text out of `between`. All are sorted and do not
 * overlap; so is the result, with texts in `arena`. UL_ERR_NOMEM.
 */
ul_status ul_edits_compose(ul_edit **out, uint32_t *count, const char *between, const ul_edit *first, uint32_t first_count,
                           const ul_edit *second, uint32_t second_count, ul_arena *arena) UL_MUST_USE;
/* Appends bytes[0..length-1] with `edits`, which are sorted and do not overlap. */
void ul_edits_apply(ul_strbuf *out, const char *bytes, uint32_t length, const ul_edit *edits, uint32_t count);

#endif

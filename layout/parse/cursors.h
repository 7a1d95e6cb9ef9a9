/* What a cursor has and is, where neither the walk nor a function's tree tells it. For the parse room only. */
#ifndef UL_PARSE_CURSORS_H
#define UL_PARSE_CURSORS_H

#include "layout/parse/clang.h"

static inline bool ul_cursor_is_same(const CXCursor *a, const CXCursor *b)
{
    return a->kind == b->kind && a->data[0] == b->data[0] && a->data[1] == b->data[1];
}
/* The child of `cursor` at `index`, or the null cursor; the last one; how many it has. */
CXCursor ul_cursor_child(CXCursor cursor, uint32_t index);
CXCursor ul_cursor_last_child(CXCursor cursor);
uint32_t ul_cursor_child_count(CXCursor cursor);
/* Below parentheses and implicit casts. */
CXCursor ul_cursor_stripped(CXCursor cursor);
/* Below explicit casts too. */
CXCursor ul_cursor_uncast(CXCursor cursor);
/* Whether an expression's value is a pointer. */
bool ul_cursor_is_pointer(CXCursor expression);
/* Whether it declares a variable of a function that each call of it has anew; parameters are none. */
bool ul_cursor_is_local(CXCursor declaration);

#endif

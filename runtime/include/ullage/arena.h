/*
 * A chained-block arena: many allocations, one release. Not thread safe: one arena per
 * translation unit or per run. Memory handed out lives until _clear or _free.
 * When memory runs out the arena calls its `oom` hook, which must not return
 * (the tool exits its worker there); without a hook, allocation returns NULL.
 */
#ifndef ULLAGE_ARENA_H
#define ULLAGE_ARENA_H

#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "ullage/status.h"

typedef struct ul_arena_block ul_arena_block;

typedef struct ul_arena {
    ul_arena_block *head;    /* newest block, the one being filled */
    size_t next_block_bytes; /* doubles up to 1 MiB */
    size_t used_bytes;       /* total handed out, alignment included */
    void (*oom)(size_t want_bytes);
} ul_arena;

/* Takes no memory. `oom` may be NULL. */
void ul_arena_init(ul_arena *arena, void (*oom)(size_t want_bytes));
/* Forgets every allocation and keeps the largest block for reuse. */
void ul_arena_clear(ul_arena *arena);
/* Returns every block to the system; the arena is as after _init. */
void ul_arena_free(ul_arena *arena);

/* Zeroed memory, `align` a power of two, or NULL (see above). `size` 0 gives a valid pointer. */
void *ul_arena_alloc(ul_arena *arena, size_t size, size_t align);
/* Zeroed array; the product is checked for overflow. */
void *ul_arena_calloc(ul_arena *arena, size_t count, size_t size, size_t align);
/* Copies of text; the result is NUL-terminated and owned by the arena. */
char *ul_arena_strdup(ul_arena *arena, const char *text);
char *ul_arena_strndup(ul_arena *arena, const char *text, size_t length);
char *ul_arena_printf(ul_arena *arena, const char *format, ...) UL_PRINTF(2, 3);
char *ul_arena_vprintf(ul_arena *arena, const char *format, va_list args);
/* Grows an array of the arena: the old one stays where it is, the contents are copied when it cannot grow in place. */
void *ul_arena_grow(ul_arena *arena, void *old, size_t old_count, size_t new_count, size_t size, size_t align);

#define UL_NEW(arena, type) ((type *)ul_arena_alloc((arena), sizeof(type), alignof(type)))
#define UL_NEW_ARRAY(arena, type, count) ((type *)ul_arena_calloc((arena), (count), sizeof(type), alignof(type)))
/* Makes room for one more element: `array`, `count` and `capacity` are lvalues; `array` is a typed pointer. */
#define UL_RESERVE(arena, array, count, capacity)                                                            \
    do {                                                                                                     \
        if ((count) == (capacity)) {                                                                         \
            size_t ul_new_capacity_ = (capacity) ? (size_t)(capacity) * 2 : 8;                               \
            (array) = ul_arena_grow((arena), (array), (count), ul_new_capacity_, sizeof *(array),            \
                                    alignof(max_align_t));                                                   \
            (capacity) = (uint32_t)ul_new_capacity_;                                                         \
        }                                                                                                    \
    } while (0)

#endif

/*
 * A growable text buffer on the heap or in an arena. Not a string type: it is for building output.
 * A failed growth sets `has_failed` and drops what does not fit; check it once at the end.
 *
 * What happens before what: one thread at a time, and handing a buffer over is the caller's to order. A view of it (ul_strbuf_str) must have
 * been used before the buffer is changed.
 */
#ifndef ULLAGE_STRBUF_H
#define ULLAGE_STRBUF_H

#include <stdarg.h>

#include "ullage/status.h"
#include "ullage/view.h"

UL_BEGIN_DECLS

typedef struct ul_strbuf {
    char *data; /* NUL-terminated once anything was added; NULL before */
    size_t length;
    size_t capacity;
    ul_arena *arena;  /* NULL: the heap */
    const char *site; /* where it was made in the arena, under UL_DEBUG */
    bool has_failed;
} ul_strbuf;

/* Takes no memory. */
UL_API void ul_strbuf_init(ul_strbuf *buf);
/* The same in an arena, where the newest buffer grows in place. */
UL_API void ul_strbuf_init_in_at(ul_strbuf *buf, ul_arena *arena, const char *site);
#define ul_strbuf_init_in(buf, arena) ul_strbuf_init_in_at((buf), (arena), UL_SITE)
/* Empties the buffer and keeps its memory. */
UL_API void ul_strbuf_clear(ul_strbuf *buf);
/* Gives the memory back (an arena's stays the arena's); the buffer is as after _init. */
UL_API void ul_strbuf_free(ul_strbuf *buf);
/* Room for `more` bytes, so that adding them copies nothing. */
UL_API void ul_strbuf_reserve(ul_strbuf *buf, size_t more);

UL_API void ul_strbuf_add_slow_(ul_strbuf *buf, const void *bytes, size_t length);

/* Adds `length` bytes. They may be of this buffer itself, as in _puts and _add_str too, but not what _printf
 * is given. */
UL_INLINE void ul_strbuf_add(ul_strbuf *buf, const void *bytes, size_t length)
{
    if (UL_UNLIKELY(length >= buf->capacity - buf->length || buf->has_failed)) { /* one byte is for the NUL */
        ul_strbuf_add_slow_(buf, bytes, length);
        return;
    }
    char *end = buf->data + buf->length;
    memcpy(end, bytes, length);
    end[length] = '\0';
    buf->length += length;
}

UL_INLINE void ul_strbuf_putc(ul_strbuf *buf, char byte)
{
    ul_strbuf_add(buf, &byte, 1);
}

UL_INLINE void ul_strbuf_puts(ul_strbuf *buf, const char *text)
{
    ul_strbuf_add(buf, text, strlen(text));
}

UL_INLINE void ul_strbuf_add_str(ul_strbuf *buf, ul_str view)
{
    ul_strbuf_add(buf, view.length ? view.data : "", view.length);
}

/* Adds `byte` `count` times. */
UL_API void ul_strbuf_fill(ul_strbuf *buf, char byte, size_t count);
UL_API void ul_strbuf_printf(ul_strbuf *buf, const char *format, ...) UL_PRINTF(2, 3);
UL_API void ul_strbuf_vprintf(ul_strbuf *buf, const char *format, va_list args) UL_PRINTF(2, 0);

/* What was built: valid until the buffer is changed. A NUL lies behind it. */
UL_INLINE ul_str ul_strbuf_str(const ul_strbuf *buf)
{
    return ul_str_of(buf->data ? buf->data : "", buf->length);
}

UL_END_DECLS

#endif

/*
 * A growable text buffer on the heap. Not a string type: it is for building output.
 * A failed growth sets `has_failed` and drops what does not fit; check it once at the end.
 */
#ifndef ULLAGE_STRBUF_H
#define ULLAGE_STRBUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "ullage/status.h"

typedef struct ul_strbuf {
    char *data; /* NUL-terminated once anything was added; NULL before */
    size_t length;
    size_t capacity;
    bool has_failed;
} ul_strbuf;

/* Takes no memory. */
void ul_strbuf_init(ul_strbuf *buf);
/* Empties the buffer and keeps its memory. */
void ul_strbuf_clear(ul_strbuf *buf);
/* Gives the memory back; the buffer is as after _init. */
void ul_strbuf_free(ul_strbuf *buf);

void ul_strbuf_add(ul_strbuf *buf, const void *bytes, size_t length);
void ul_strbuf_puts(ul_strbuf *buf, const char *text);
void ul_strbuf_putc(ul_strbuf *buf, char byte);
/* Adds `byte` `count` times. */
void ul_strbuf_fill(ul_strbuf *buf, char byte, size_t count);
void ul_strbuf_printf(ul_strbuf *buf, const char *format, ...) UL_PRINTF(2, 3);
void ul_strbuf_vprintf(ul_strbuf *buf, const char *format, va_list args);

#endif

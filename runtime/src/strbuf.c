#include "ullage/strbuf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ul_strbuf_init(ul_strbuf *buf)
{
    *buf = (ul_strbuf){0};
}

void ul_strbuf_clear(ul_strbuf *buf)
{
    buf->length = 0;
    buf->has_failed = false;
    if (buf->data)
        buf->data[0] = '\0';
}

void ul_strbuf_free(ul_strbuf *buf)
{
    free(buf->data);
    ul_strbuf_init(buf);
}

/* Room for `more` bytes and the NUL. */
static bool reserve(ul_strbuf *buf, size_t more)
{
    if (buf->has_failed || more > SIZE_MAX / 4 - buf->length)
        goto fail;
    if (buf->data && buf->length + more < buf->capacity)
        return true;
    size_t capacity = buf->capacity ? buf->capacity : 256;
    while (capacity <= buf->length + more)
        capacity *= 2;
    char *data = realloc(buf->data, capacity);
    if (!data)
        goto fail;
    buf->data = data;
    buf->capacity = capacity;
    return true;
fail:
    buf->has_failed = true;
    return false;
}

void ul_strbuf_add(ul_strbuf *buf, const void *bytes, size_t length)
{
    if (!reserve(buf, length))
        return;
    if (length)
        memcpy(buf->data + buf->length, bytes, length);
    buf->length += length;
    buf->data[buf->length] = '\0';
}

void ul_strbuf_puts(ul_strbuf *buf, const char *text)
{
    ul_strbuf_add(buf, text, strlen(text));
}

void ul_strbuf_putc(ul_strbuf *buf, char byte)
{
    ul_strbuf_add(buf, &byte, 1);
}

void ul_strbuf_fill(ul_strbuf *buf, char byte, size_t count)
{
    if (!reserve(buf, count))
        return;
    memset(buf->data + buf->length, byte, count);
    buf->length += count;
    buf->data[buf->length] = '\0';
}

void ul_strbuf_vprintf(ul_strbuf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0 || !reserve(buf, (size_t)length)) {
        buf->has_failed = true;
        return;
    }
    vsnprintf(buf->data + buf->length, (size_t)length + 1, format, args);
    buf->length += (size_t)length;
}

void ul_strbuf_printf(ul_strbuf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    ul_strbuf_vprintf(buf, format, args);
    va_end(args);
}

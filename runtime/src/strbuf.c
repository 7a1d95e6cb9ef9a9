#include "ullage/strbuf.h"

#include <stdio.h>

#include "ullage/private/sys.h"

enum { FIRST_CAPACITY = 256 };

void ul_strbuf_init(ul_strbuf *buf)
{
    *buf = (ul_strbuf){0};
}

void ul_strbuf_init_in_at(ul_strbuf *buf, ul_arena *arena, const char *site)
{
    *buf = (ul_strbuf){.arena = arena, .site = site};
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
    if (!buf->arena)
        ul_sys_free(buf->data);
    ul_strbuf_init_in_at(buf, buf->arena, buf->site);
}

static bool grow(ul_strbuf *buf, size_t capacity)
{
    char *data = buf->arena ? ul_arena_resize_at(buf->arena, buf->data, buf->capacity, capacity, 1, buf->site)
                            : ul_sys_realloc(buf->data, capacity);
    if (!data)
        return false;
    buf->data = data;
    buf->capacity = capacity;
    return true;
}

/* Room for `more` bytes and the NUL. */
static bool reserve(ul_strbuf *buf, size_t more)
{
    if (buf->has_failed || more > SIZE_MAX / 4 - buf->length)
        goto fail;
    if (buf->data && buf->length + more < buf->capacity)
        return true;
    size_t capacity = buf->capacity ? buf->capacity : FIRST_CAPACITY;
    while (capacity <= buf->length + more)
        capacity *= 2;
    if (grow(buf, capacity))
        return true;
fail:
    buf->has_failed = true;
    return false;
}

void ul_strbuf_reserve(ul_strbuf *buf, size_t more)
{
    size_t wanted = buf->length + more + 1;
    if (buf->has_failed || wanted <= more || wanted > SIZE_MAX / 4)
        buf->has_failed = true;
    else if (wanted > buf->capacity && !grow(buf, wanted)) /* exactly: the caller knows */
        buf->has_failed = true;
}

void ul_strbuf_add_slow_(ul_strbuf *buf, const void *bytes, size_t length)
{
    /* Bytes of the buffer itself move with it. */
    bool is_own = buf->data && (uintptr_t)bytes - (uintptr_t)buf->data < buf->capacity;
    size_t offset = is_own ? (size_t)((const char *)bytes - buf->data) : 0;
    if (!reserve(buf, length))
        return;
    if (length)
        memcpy(buf->data + buf->length, is_own ? buf->data + offset : bytes, length);
    buf->length += length;
    buf->data[buf->length] = '\0';
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
    size_t room = buf->has_failed ? 0 : buf->capacity - buf->length;
    va_copy(again, args);
    int length = vsnprintf(room ? buf->data + buf->length : NULL, room, format, again);
    va_end(again);
    if (length >= 0 && (size_t)length < room) {
        buf->length += (size_t)length;
        return;
    }
    if (length < 0 || !reserve(buf, (size_t)length)) {
        buf->has_failed = true;
        if (room)
            buf->data[buf->length] = '\0'; /* as before */
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

#include "ullage/arena.h"

#include <stdio.h>

void *ul_arena_copy_at(ul_arena *arena, const void *bytes, size_t size, size_t align, const char *site)
{
    void *copy = ul_arena_take_at(arena, size, align, site);
    if (copy && size)
        memcpy(copy, bytes, size);
    return copy;
}

char *ul_arena_strndup_at(ul_arena *arena, const char *text, size_t length, const char *site)
{
    char *copy = length < SIZE_MAX ? (char *)ul_arena_take_at(arena, length + 1, 1, site)
                                   : (char *)ul_arena_too_large_(arena);
    if (copy) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}

char *ul_arena_strdup_at(ul_arena *arena, const char *text, const char *site)
{
    return ul_arena_strndup_at(arena, text, strlen(text), site);
}

/* Straight into the free bytes of the block where they suffice: most texts are written once, not measured
 * first. */
char *ul_arena_vprintf_at(ul_arena *arena, const char *site, const char *format, va_list args)
{
    va_list again;
    char *early = (char *)arena->at;
    size_t room = (size_t)(arena->end - arena->at);
    va_copy(again, args);
    int length = vsnprintf(early, room, format, again);
    va_end(again);
    if (length < 0)
        return NULL;
    size_t size = (size_t)length + 1;
    char *text = (char *)ul_arena_take_at(arena, size, 1, site);
    if (text && (size > room || text != early))
        vsnprintf(text, size, format, args);
    return text;
}

char *ul_arena_printf_at(ul_arena *arena, const char *site, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = ul_arena_vprintf_at(arena, site, format, args);
    va_end(args);
    return text;
}

#include "ullage/arena.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ul_arena_block {
    ul_arena_block *older;
    size_t size_bytes; /* of data */
    size_t used_bytes;
    alignas(max_align_t) unsigned char data[];
};

enum { FIRST_BLOCK_BYTES = 16 * 1024, LARGEST_BLOCK_BYTES = 1024 * 1024 };

void ul_arena_init(ul_arena *arena, void (*oom)(size_t))
{
    *arena = (ul_arena){.next_block_bytes = FIRST_BLOCK_BYTES, .oom = oom};
}

static void free_chain(ul_arena_block *block)
{
    while (block) {
        ul_arena_block *older = block->older;
        free(block);
        block = older;
    }
}

void ul_arena_clear(ul_arena *arena)
{
    if (!arena->head)
        return;
    free_chain(arena->head->older);
    arena->head->older = NULL;
    arena->head->used_bytes = 0;
    arena->used_bytes = 0;
}

void ul_arena_free(ul_arena *arena)
{
    free_chain(arena->head);
    ul_arena_init(arena, arena->oom);
}

static void *out_of_memory(ul_arena *arena, size_t want_bytes)
{
    if (arena->oom)
        arena->oom(want_bytes);
    return NULL;
}

static bool add_block(ul_arena *arena, size_t at_least_bytes)
{
    size_t size = arena->next_block_bytes;
    if (size < at_least_bytes)
        size = at_least_bytes;
    else if (size < LARGEST_BLOCK_BYTES)
        arena->next_block_bytes = size * 2;
    if (size > SIZE_MAX - sizeof(ul_arena_block))
        return false;
    ul_arena_block *block = malloc(sizeof *block + size);
    if (!block)
        return false;
    block->older = arena->head;
    block->size_bytes = size;
    block->used_bytes = 0;
    arena->head = block;
    return true;
}

/* Offset in `block` of the next object aligned to `align`, as an address requires it. */
static size_t aligned_offset(const ul_arena_block *block, size_t align)
{
    uintptr_t base = (uintptr_t)block->data;
    uintptr_t at = (base + block->used_bytes + align - 1) & ~(uintptr_t)(align - 1);
    return (size_t)(at - base);
}

static void *take(ul_arena *arena, size_t size, size_t align)
{
    if (align == 0 || (align & (align - 1)) != 0 || size > SIZE_MAX - align)
        return out_of_memory(arena, size);
    if (arena->head) {
        size_t at = aligned_offset(arena->head, align);
        if (at <= arena->head->size_bytes && size <= arena->head->size_bytes - at) {
            arena->used_bytes += at + size - arena->head->used_bytes;
            arena->head->used_bytes = at + size;
            return arena->head->data + at;
        }
    }
    if (!add_block(arena, size + align))
        return out_of_memory(arena, size);
    size_t at = aligned_offset(arena->head, align);
    arena->head->used_bytes = at + size;
    arena->used_bytes += at + size;
    return arena->head->data + at;
}

void *ul_arena_alloc(ul_arena *arena, size_t size, size_t align)
{
    void *object = take(arena, size, align);
    return object ? memset(object, 0, size) : NULL;
}

void *ul_arena_calloc(ul_arena *arena, size_t count, size_t size, size_t align)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        return out_of_memory(arena, SIZE_MAX);
    return ul_arena_alloc(arena, total, align);
}

void *ul_arena_grow(ul_arena *arena, void *old, size_t old_count, size_t new_count, size_t size, size_t align)
{
    size_t old_bytes = old_count * size;
    size_t new_bytes;
    if (__builtin_mul_overflow(new_count, size, &new_bytes))
        return out_of_memory(arena, SIZE_MAX);
    ul_arena_block *head = arena->head;
    if (old && head && (unsigned char *)old + old_bytes == head->data + head->used_bytes &&
        new_bytes - old_bytes <= head->size_bytes - head->used_bytes) {
        memset((unsigned char *)old + old_bytes, 0, new_bytes - old_bytes);
        head->used_bytes += new_bytes - old_bytes;
        arena->used_bytes += new_bytes - old_bytes;
        return old;
    }
    unsigned char *grown = take(arena, new_bytes, align);
    if (!grown)
        return NULL;
    if (old_bytes)
        memcpy(grown, old, old_bytes);
    memset(grown + old_bytes, 0, new_bytes - old_bytes);
    return grown;
}

char *ul_arena_strndup(ul_arena *arena, const char *text, size_t length)
{
    char *copy = length < SIZE_MAX ? take(arena, length + 1, 1) : out_of_memory(arena, length);
    if (copy) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}

char *ul_arena_strdup(ul_arena *arena, const char *text)
{
    return ul_arena_strndup(arena, text, strlen(text));
}

char *ul_arena_vprintf(ul_arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0)
        return NULL;
    char *text = take(arena, (size_t)length + 1, 1);
    if (text)
        vsnprintf(text, (size_t)length + 1, format, args);
    return text;
}

char *ul_arena_printf(ul_arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = ul_arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

/*
 * An arena: many allocations, one release. Chained blocks that double in size; a scope can be marked and
 * taken back. Not thread safe: one arena per translation unit, request or thread.
 * Memory handed out lives until the arena is rewound past it, or _clear, _reset or _free.
 * When memory runs out, or the limit is reached, the arena calls its `oom` hook, which may exit or longjmp
 * (the tool exits its worker there); without a hook, or when it returns, allocation returns NULL.
 *
 * What happens before what: cleanups run in reverse order of their registration, all of them before any
 * memory that is younger than the mark is reused or given back. An arena that one thread filled may be read
 * by another after any hand-over that orders the two (a mutex, a queue); the arena itself orders nothing.
 */
#ifndef ULLAGE_ARENA_H
#define ULLAGE_ARENA_H

#include <stdarg.h>

#include "ullage/base.h"
#include "ullage/line.h"
#include "ullage/status.h"

UL_BEGIN_DECLS

typedef struct ul_arena_block ul_arena_block;
typedef struct ul_arena_cleanup ul_arena_cleanup;

/* All zero is an empty arena without a hook. The members are the library's: read them through the functions.
 */
typedef struct ul_arena {
    unsigned char *at; /* next free byte of the current block */
    unsigned char
        *end; /* what the inline path may fill up to: a multiple of UL_ARENA_GRAIN, at most the block's end */
    ul_arena_block *current;
    ul_arena_block *first;
    ul_arena_cleanup *cleanups; /* newest first */
    void (*oom)(size_t want_bytes);
    const char *name;        /* in reports; NULL: not in the list of arenas */
    size_t next_block_bytes; /* doubles up to largest_block_bytes */
    size_t largest_block_bytes;
    size_t limit_bytes;         /* of held_bytes; 0: none */
    size_t held_bytes;          /* blocks, used or not */
    size_t peak_bytes;          /* of what was handed out, as of the last block or rewind */
    uint64_t taken_back_bytes;  /* by rewinds, over time */
    struct ul_arena_entry *entry; /* among the named arenas */
    uint64_t sample_left_bytes; /* until the heap profile takes the next sample */
    uint32_t mode;              /* private: who watches */
    uint32_t backing;           /* private: where blocks come from */
} ul_arena;

/* Every allocation begins at a multiple of the step, and one with no larger alignment costs no more than an
   addition. Ends of blocks are multiples of the grain. */
enum { UL_ARENA_STEP = 8, UL_ARENA_GRAIN = 16 };

/* A place to go back to. Valid until the arena is rewound to an older one, cleared, reset or freed: then it
 * is stale. */
typedef struct ul_mark {
    ul_arena_block *block;
    unsigned char *at;
    ul_arena_cleanup *cleanups;
    const char *site; /* where it was taken, under UL_DEBUG */
} ul_mark;

/* ---- life -----------------------------------------------------------------------------------------------
 */

/* Takes no memory. `oom` may be NULL. */
UL_API void ul_arena_init(ul_arena *arena, void (*oom)(size_t want_bytes));

typedef struct ul_arena_options {
    const char *name; /* shown in reports; the text must outlive the arena, which must not move */
    void (*oom)(size_t want_bytes); /* or NULL */
    size_t first_block_bytes;       /* 0: 16 KiB */
    size_t largest_block_bytes;     /* 0: 64 MiB. A larger object has a block of its own */
    size_t limit_bytes;             /* of blocks taken from the system; 0: none */
} ul_arena_options;

/* Takes no memory. A NULL `options` is all zero. */
UL_API void ul_arena_init_with(ul_arena *arena, const ul_arena_options *options);
/* Everything comes from `buffer`, which the caller owns and which must outlive the arena; never from the
 * heap. */
UL_API void ul_arena_init_buffer(ul_arena *arena, void *buffer, size_t size_bytes);
/*
 * Reserves `reserve_bytes` of address space as one block and makes pages usable as they are needed: arrays
 * grow in place to any size, and nothing else ever moves. UL_ERR_NOMEM when the system (ulimit -v) grants no
 * such range.
 */
UL_API UL_MUST_USE ul_status ul_arena_init_reserved(ul_arena *arena, size_t reserve_bytes);

/* Forgets every allocation and keeps the largest block. */
UL_API void ul_arena_clear_at(ul_arena *arena, const char *site);
#define ul_arena_clear(arena) ul_arena_clear_at((arena), UL_SITE)
/* Forgets every allocation and keeps every block, warm, for the next round. See ul_arena_trim. */
UL_API void ul_arena_reset_at(ul_arena *arena, const char *site);
#define ul_arena_reset(arena) ul_arena_reset_at((arena), UL_SITE)
/* Returns every block to the system; the arena is as after _init, or, when it had a buffer or a reservation,
   one that has no memory until the next _init. */
UL_API void ul_arena_free_at(ul_arena *arena, const char *site);
#define ul_arena_free(arena) ul_arena_free_at((arena), UL_SITE)
/* Gives unused blocks back until at most `keep_bytes` are held, or only used blocks are left; what is held
 * then. */
UL_API size_t ul_arena_trim(ul_arena *arena, size_t keep_bytes);

/* Bytes handed out and not taken back, alignment included. */
UL_API size_t ul_arena_used_bytes(const ul_arena *arena);
/* The most that ul_arena_used_bytes ever was. */
UL_API size_t ul_arena_peak_bytes(const ul_arena *arena);
/* Bytes handed out over time, taken back or not, until the arena is freed. */
UL_API uint64_t ul_arena_total_bytes(const ul_arena *arena);
/* Bytes held from the system. */
UL_API size_t ul_arena_held_bytes(const ul_arena *arena);

/* ---- scopes ---------------------------------------------------------------------------------------------
 */

UL_INLINE ul_mark ul_arena_mark_at(const ul_arena *arena, const char *site)
{
    ul_mark mark;
    mark.block = arena->current;
    mark.at = arena->at;
    mark.cleanups = arena->cleanups;
    mark.site = site;
    return mark;
}
#define ul_arena_mark(arena) ul_arena_mark_at((arena), UL_SITE)

/* Takes back everything that was allocated since `mark`; blocks are kept. A mark that can be seen to be
   stale, or of another arena: nothing happens; under UL_DEBUG, and where the arena is watched, it is told as
   a fault. */
UL_API void ul_arena_rewind_at(ul_arena *arena, ul_mark mark, const char *site);
#define ul_arena_rewind(arena, mark) ul_arena_rewind_at((arena), (mark), UL_SITE)

/* `UL_SCOPE(arena) { ... }`: what the statement allocates is gone after it. Leave with `continue`, not with
   `break`, `return` or goto, which skip the rewind. */
typedef struct ul_scope_ {
    ul_mark mark;
    ul_arena *arena;
} ul_scope_;

UL_INLINE ul_scope_ ul_scope_open_(ul_arena *arena, const char *site)
{
    ul_scope_ scope;
    scope.mark = ul_arena_mark_at(arena, site);
    scope.arena = arena;
    return scope;
}

#define UL_SCOPE(arena) UL_SCOPE_AS_(arena, UL_JOIN_(ul_scope_of_line_, __LINE__))
#define UL_SCOPE_AS_(of, scope)                                                                              \
    for (ul_scope_ scope = ul_scope_open_((of), UL_SITE); scope.arena;                                       \
         ul_arena_rewind(scope.arena, scope.mark), scope.arena = NULL)

/* Runs `run(argument)` when the memory of this moment is taken back. UL_ERR_NOMEM: it is not registered. It
   must not allocate in this arena. */
UL_API UL_MUST_USE ul_status ul_arena_on_release_at(ul_arena *arena, void (*run)(void *argument),
                                                    void *argument, const char *site);
#define ul_arena_on_release(arena, run, argument) ul_arena_on_release_at((arena), (run), (argument), UL_SITE)

/* ---- allocation -----------------------------------------------------------------------------------------
 */

UL_API UL_COLD void *ul_arena_take_slow_(ul_arena *arena, size_t size, size_t align, const char *site);
UL_API UL_COLD void *ul_arena_too_large_(ul_arena *arena);

/* As ul_arena_alloc, with the contents indeterminate. */
UL_INLINE void *ul_arena_take_at(ul_arena *arena, size_t size, size_t align, const char *site)
{
    uintptr_t at = (uintptr_t)arena->at;
    if (!__builtin_constant_p(align) || align > UL_ARENA_STEP || align == 0)
        at = (at + (align - 1)) & ~(uintptr_t)(align - 1);
    bool is_plain =
        __builtin_constant_p(align) && align <= UL_ARENA_GRAIN && align && (align & (align - 1)) == 0;
    /* Plain: `end` is a multiple of the grain, so `at` cannot lie behind it. What fills a block exactly, and
       an arena that has none or is watched (at == end), take the other way. */
    if (UL_UNLIKELY(size >= (size_t)((uintptr_t)arena->end - at)) ||
        (!is_plain && UL_UNLIKELY(at > (uintptr_t)arena->end || align == 0 || (align & (align - 1)) != 0)))
        return ul_arena_take_slow_(arena, size, align, site);
    arena->at = (unsigned char *)(at + ((size + UL_ARENA_STEP - 1) & ~(size_t)(UL_ARENA_STEP - 1)));
    return (void *)at;
}

UL_INLINE void *ul_arena_alloc_at(ul_arena *arena, size_t size, size_t align, const char *site)
{
    if (UL_UNLIKELY(size > SIZE_MAX / 2))
        return ul_arena_too_large_(arena);
    void *object = ul_arena_take_at(arena, size, align, site);
    if (UL_LIKELY(object != NULL))
        memset(object, 0, size & (SIZE_MAX / 2)); /* the mask changes nothing but what gcc -O0 warns of */
    return object;
}

UL_INLINE void *ul_arena_take_array_at(ul_arena *arena, size_t count, size_t size, size_t align,
                                       const char *site)
{
    size_t total;
    if (UL_UNLIKELY(__builtin_mul_overflow(count, size, &total)))
        return ul_arena_too_large_(arena);
    return ul_arena_take_at(arena, total, align, site);
}

UL_INLINE void *ul_arena_calloc_at(ul_arena *arena, size_t count, size_t size, size_t align, const char *site)
{
    size_t total;
    if (UL_UNLIKELY(__builtin_mul_overflow(count, size, &total)))
        return ul_arena_too_large_(arena);
    return ul_arena_alloc_at(arena, total, align, site);
}

/* Zeroed memory, `align` a power of two, or NULL (see above). `size` 0 gives a valid pointer. */
#define ul_arena_alloc(arena, size, align) ul_arena_alloc_at((arena), (size), (align), UL_SITE)
/* Zeroed array; the product is checked for overflow. */
#define ul_arena_calloc(arena, count, size, align)                                                           \
    ul_arena_calloc_at((arena), (count), (size), (align), UL_SITE)
/* The same two without the zeroes. */
#define ul_arena_take(arena, size, align) ul_arena_take_at((arena), (size), (align), UL_SITE)
#define ul_arena_take_array(arena, count, size, align)                                                       \
    ul_arena_take_array_at((arena), (count), (size), (align), UL_SITE)
/* Whole cache lines that nothing else of the arena shares; zeroed. */
UL_API void *ul_arena_alloc_lines_at(ul_arena *arena, size_t size, const char *site);
#define ul_arena_alloc_lines(arena, size) ul_arena_alloc_lines_at((arena), (size), UL_SITE)

/*
 * Another size for `old` (NULL, or `old_size` bytes of this arena): in place when it is the newest allocation
 * or shrinks, otherwise a copy, and the old one stays where it is. New bytes are indeterminate. NULL: `old`
 * is untouched.
 */
UL_API void *ul_arena_resize_at(ul_arena *arena, void *old, size_t old_size, size_t new_size, size_t align,
                                const char *site);
#define ul_arena_resize(arena, old, old_size, new_size, align)                                               \
    ul_arena_resize_at((arena), (old), (old_size), (new_size), (align), UL_SITE)
/* The same for an array, with checked products and new elements zeroed. */
UL_API void *ul_arena_grow_at(ul_arena *arena, void *old, size_t old_count, size_t new_count, size_t size,
                              size_t align, const char *site);
#define ul_arena_grow(arena, old, old_count, new_count, size, align)                                         \
    ul_arena_grow_at((arena), (old), (old_count), (new_count), (size), (align), UL_SITE)

/* Typed: size, count and alignment cannot disagree. UL_NEW* zero, UL_TAKE* do not. */
#define UL_NEW(arena, type) ((type *)ul_arena_alloc((arena), sizeof(type), UL_ALIGNOF(type)))
#define UL_NEW_ARRAY(arena, type, count)                                                                     \
    ((type *)ul_arena_calloc((arena), (count), sizeof(type), UL_ALIGNOF(type)))
#define UL_TAKE(arena, type) ((type *)ul_arena_take((arena), sizeof(type), UL_ALIGNOF(type)))
#define UL_TAKE_ARRAY(arena, type, count)                                                                    \
    ((type *)ul_arena_take_array((arena), (count), sizeof(type), UL_ALIGNOF(type)))
#define UL_NEW_ON_LINE(arena, type) ((type *)ul_arena_alloc_lines((arena), sizeof(type)))

/* Twice `capacity`, or SIZE_MAX when a count of `count_bytes` bytes could not hold it: no arena has that. */
UL_INLINE size_t ul_arena_next_capacity_(size_t capacity, size_t count_bytes)
{
    size_t most = count_bytes >= sizeof(size_t) ? SIZE_MAX / 2 : ((size_t)1 << (8 * count_bytes - 1)) - 1;
    if (capacity > most / 2)
        return SIZE_MAX;
    return capacity ? capacity * 2 : 8;
}

/* Of an array that UL_RESERVE makes: at least that of max_align_t, so that any of its neighbours may follow.
 */
#define UL_RESERVE_ALIGN_(array)                                                                             \
    (__alignof__(*(array)) > UL_ALIGNOF(max_align_t) ? __alignof__(*(array)) : UL_ALIGNOF(max_align_t))

/* Makes room for one more element: `array`, `count` and `capacity` are lvalues; `array` is a typed pointer.
   Without memory, and without a hook that does not return, `array` becomes NULL. */
#define UL_RESERVE(arena, array, count, capacity)                                                            \
    do {                                                                                                     \
        if ((count) == (capacity)) {                                                                         \
            size_t ul_new_capacity_ = ul_arena_next_capacity_((size_t)(capacity), sizeof(capacity));         \
            (array) = UL_LIKE_(array) ul_arena_grow((arena), (array), (count), ul_new_capacity_,             \
                                                    sizeof *(array), UL_RESERVE_ALIGN_(array));              \
            (capacity) = (__typeof__(capacity))ul_new_capacity_;                                             \
        }                                                                                                    \
    } while (0)

/* ---- text -----------------------------------------------------------------------------------------------
 */

/* Copies of text; the result is NUL-terminated and owned by the arena. NULL without memory. */
UL_API char *ul_arena_strdup_at(ul_arena *arena, const char *text, const char *site);
UL_API char *ul_arena_strndup_at(ul_arena *arena, const char *text, size_t length, const char *site);
UL_API char *ul_arena_vprintf_at(ul_arena *arena, const char *site, const char *format, va_list args)
    UL_PRINTF(3, 0);
UL_API char *ul_arena_printf_at(ul_arena *arena, const char *site, const char *format, ...) UL_PRINTF(3, 4);
/* A copy of `size` bytes. */
UL_API void *ul_arena_copy_at(ul_arena *arena, const void *bytes, size_t size, size_t align,
                              const char *site);
#define ul_arena_strdup(arena, text) ul_arena_strdup_at((arena), (text), UL_SITE)
#define ul_arena_strndup(arena, text, length) ul_arena_strndup_at((arena), (text), (length), UL_SITE)
#define ul_arena_vprintf(arena, format, args) ul_arena_vprintf_at((arena), UL_SITE, (format), (args))
#define ul_arena_printf(arena, ...) ul_arena_printf_at((arena), UL_SITE, __VA_ARGS__)
#define ul_arena_copy(arena, bytes, size, align) ul_arena_copy_at((arena), (bytes), (size), (align), UL_SITE)

UL_END_DECLS

#endif

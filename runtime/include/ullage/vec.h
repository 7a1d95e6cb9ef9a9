/*
 * A growable array of any type, on the heap or in an arena: UL_VEC(int) numbers = UL_ZERO;
 * In an arena the newest array grows in place, and old copies stay until the arena is reset. Not thread safe.
 *
 * What happens before what: nothing is ordered between threads. A pointer to an element must have been used
 * before the next call that adds.
 */
#ifndef ULLAGE_VEC_H
#define ULLAGE_VEC_H

#include "ullage/arena.h"

UL_BEGIN_DECLS

/* All zero (UL_ZERO) is an empty vector on the heap. `items` may move at every call that adds. */
#define UL_VEC(type)                                                                                         \
    struct {                                                                                                 \
        type *items;                                                                                         \
        size_t count, capacity;                                                                              \
        ul_arena *arena; /* NULL: the heap */                                                                \
    }

/* What every vector looks like to the library: it may be any of them, whatever the type of its items. */
typedef struct __attribute__((may_alias)) ul_vec_any {
    void *items;
    size_t count, capacity;
    ul_arena *arena;
} ul_vec_any;

/* Room for `capacity` elements in all; NULL-safe, overflow checked. UL_ERR_NOMEM leaves the vector as it was.
 */
UL_API UL_MUST_USE ul_status ul_vec_reserve_(ul_vec_any *vec, size_t capacity, size_t size, size_t align,
                                             const char *site);
UL_API void ul_vec_free_(ul_vec_any *vec);

#define UL_VEC_ANY_(vec) ((ul_vec_any *)(void *)(vec))
#define UL_VEC_SIZE_(vec) sizeof *(vec)->items
/* Elements of a vector are aligned as max_align_t, or to the largest power of two that divides their size
 * beyond it. */
#define UL_VEC_ALIGN_(vec) ul_vec_align_(UL_VEC_SIZE_(vec))

UL_INLINE size_t ul_vec_align_(size_t size)
{
    size_t align = size & (0 - size);
    return align > 4096 ? 4096 : align > UL_ALIGNOF(max_align_t) ? align : UL_ALIGNOF(max_align_t);
}

/* As _init does: a vector in `arena`, or on the heap when it is NULL. Takes no memory. */
#define ul_vec_init(vec, in_arena)                                                                           \
    ((vec)->items = NULL, (vec)->count = (vec)->capacity = 0, (vec)->arena = (in_arena))
/* UL_OK, or UL_ERR_NOMEM and nothing changed. Exactly so many: say what you know, and nothing is copied
 * later. */
#define ul_vec_reserve(vec, wanted)                                                                          \
    ((size_t)(wanted) <= (vec)->capacity                                                                     \
         ? UL_OK                                                                                             \
         : ul_vec_reserve_(UL_VEC_ANY_(vec), (wanted), UL_VEC_SIZE_(vec), UL_VEC_ALIGN_(vec), UL_SITE))

UL_INLINE size_t ul_vec_grown_(size_t capacity)
{
    return capacity < 8 ? 8 : capacity > SIZE_MAX / 2 ? SIZE_MAX : capacity * 2;
}

/* Adds `element`; UL_OK, or UL_ERR_NOMEM and nothing changed. */
#define ul_vec_push(vec, element)                                                                            \
    ((vec)->count < (vec)->capacity || ul_vec_reserve(vec, ul_vec_grown_((vec)->capacity)) == UL_OK          \
         ? ((void)((vec)->items[(vec)->count++] = (element)), UL_OK)                                         \
         : UL_ERR_NOMEM)
/* The last element, which leaves the vector; it must not be empty. */
#define ul_vec_pop(vec) ((vec)->items[--(vec)->count])
/* Takes the element at `at` out in constant time; the last one comes into its place. */
#define ul_vec_swap_out(vec, at) ((vec)->items[at] = (vec)->items[--(vec)->count])
/* Empties it and keeps the memory. */
#define ul_vec_clear(vec) ((void)((vec)->count = 0))
/* Gives the memory back; the vector is as after _init. In an arena the memory stays the arena's. */
#define ul_vec_free(vec) ul_vec_free_(UL_VEC_ANY_(vec))

UL_END_DECLS

#endif

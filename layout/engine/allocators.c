/*
 * A function hands out plain memory when each allocation in its body is of such a function, is returned, and goes nowhere else: what is kept in a
 * list too belongs to its owner. Wrappers of wrappers are followed a few steps.
 */
#include "layout/engine/allocators.h"

#include <string.h>
#include <uthash.h>

enum { STEPS_MAX = 6 };

static bool is_any(const char *name, const char *const *list)
{
    while (*list && strcmp(*list, name) != 0)
        list++;
    return *list != NULL;
}

/* malloc() and what other libraries make of it: the memory is nothing but memory. */
static bool is_known(const char *name)
{
    static const char *const plain[] = {"malloc", "calloc", "realloc", "reallocarray", "strdup", "strndup", "free", "cfree", NULL};
    static const char *const prefixed[] = {"je_malloc", "je_calloc", "je_realloc", "je_free", "mi_malloc", "mi_calloc", "mi_zalloc", "mi_realloc", "mi_strdup", "mi_free",
                                           "tc_malloc", "tc_calloc", "tc_realloc", "tc_free", "g_malloc", "g_malloc0", "g_try_malloc", "g_realloc", "g_strdup", "g_strndup",
                                           "g_memdup", "g_memdup2", "g_free", "__builtin_malloc", "__builtin_calloc", "__builtin_free", NULL};
    return is_any(name, plain) || is_any(name, prefixed);
}

/* Takes one size and sets what it gives to zero. */
static bool is_known_zero(const char *name)
{
    static const char *const names[] = {"mi_zalloc", "g_malloc0", NULL};
    return is_any(name, names);
}

/* Whether the row, in the body of an allocator, takes what is zero or sets it so. */
static bool is_zeroed(const ul_allocation *row)
{
    static const char *const setters[] = {"memset", "bzero", "__builtin_memset", "__builtin_bzero", "__builtin___memset_chk", NULL};
    bool is_it = row->verb == UL_MEMORY_CALLOC || is_known_zero(row->callee);
    for (uint32_t i = 0; i < row->use_count && !is_it; i++)
        is_it = row->uses[i].kind == UL_USE_LENT && is_any(row->uses[i].detail, setters);
    return is_it;
}

/* Whether what the row takes is returned by its function, and goes nowhere else. */
static bool is_handed(const ul_allocation *row)
{
    bool is_returned = (row->flags & UL_ALLOCATION_HANDED) != 0;
    for (uint32_t i = 0; i < row->use_count; i++) {
        uint32_t kind = row->uses[i].kind;
        is_returned |= kind == UL_USE_RETURNED;
        bool is_asked = kind == UL_USE_PASSED && strcmp(row->uses[i].detail, "malloc_usable_size") == 0; /* for a count of what is in use */
        if (kind == UL_USE_STORED || (kind == UL_USE_PASSED && !is_asked) || kind == UL_USE_UNCLEAR || kind == UL_USE_RESIZED)
            return false;
    }
    return is_returned;
}

/* What is known of the functions of one name. */
typedef struct allocator {
    const char *name;
    uint32_t first_take, first_release; /* rows of its body, chained by `next`; UINT32_MAX ends */
    bool hands_out, is_taker_known;
    bool zeroes; /* some of what it hands out is set to zero */
    bool frees, is_freer_known;
    UT_hash_handle hh;
} allocator;

typedef struct allocators {
    const ul_allocations *rows;
    allocator *by_name; /* uthash */
    uint32_t *next_take, *next_release;
    ul_arena *arena;
} allocators;

static allocator *find(allocators *all, const char *name)
{
    allocator *it = NULL;
    HASH_FIND_STR(all->by_name, name, it);
    if (it)
        return it;
    it = UL_NEW(all->arena, allocator);
    *it = (allocator){.name = name, .first_take = UINT32_MAX, .first_release = UINT32_MAX};
    HASH_ADD_KEYPTR(hh, all->by_name, it->name, strlen(it->name), it);
    return it;
}

static bool hands_out(allocators *all, const char *name, uint32_t steps)
{
    allocator *it = find(all, name);
    if (it->is_taker_known || steps == 0)
        return it->hands_out;
    it->is_taker_known = true; /* what comes back to it while it is looked at is no proof */
    bool is_proved = it->first_take != UINT32_MAX;
    for (uint32_t i = it->first_take; i != UINT32_MAX && is_proved; i = all->next_take[i]) {
        const ul_allocation *row = &all->rows->items[i];
        is_proved = row->verb != UL_MEMORY_REALLOC && is_handed(row) && hands_out(all, row->callee, steps - 1);
        it->zeroes |= is_zeroed(row) || find(all, row->callee)->zeroes;
    }
    it->hands_out = is_known(name) || is_proved;
    return it->hands_out;
}

static bool frees(allocators *all, const char *name, uint32_t steps)
{
    allocator *it = find(all, name);
    if (it->is_freer_known || steps == 0)
        return it->frees;
    it->is_freer_known = true;
    it->frees = is_known(name);
    for (uint32_t i = it->first_release; i != UINT32_MAX && !it->frees; i = all->next_release[i])
        it->frees = frees(all, all->rows->releases[i].callee, steps - 1);
    return it->frees;
}

/* Whether all that free what the row takes, where a variable has it, do that and no more. */
static bool is_freed_plainly(allocators *all, const ul_allocation *row)
{
    for (uint32_t i = 0; i < row->use_count; i++) {
        if (row->uses[i].kind == UL_USE_FREED && !frees(all, row->uses[i].detail, STEPS_MAX))
            return false;
    }
    return true;
}

/* zcalloc(size) has no count, so its verb is malloc's; what its body does tells. */
static bool is_zeroed_by(allocators *all, const ul_allocation *row)
{
    return row->verb == UL_MEMORY_CALLOC || (row->verb == UL_MEMORY_MALLOC && (is_known_zero(row->callee) || find(all, row->callee)->zeroes));
}

void ul_allocators_prove(ul_allocations *rows, ul_arena *arena)
{
    allocators all = {.rows = rows, .arena = arena};
    all.next_take = UL_NEW_ARRAY(arena, uint32_t, rows->count + 1u);
    all.next_release = UL_NEW_ARRAY(arena, uint32_t, rows->release_count + 1u);
    for (uint32_t i = 0; i < rows->count; i++) {
        allocator *it = find(&all, rows->items[i].function);
        all.next_take[i] = it->first_take;
        it->first_take = i;
    }
    for (uint32_t i = 0; i < rows->release_count; i++) {
        allocator *it = find(&all, rows->releases[i].function);
        all.next_release[i] = it->first_release;
        it->first_release = i;
    }
    for (uint32_t i = 0; i < rows->count; i++) {
        if (hands_out(&all, rows->items[i].callee, STEPS_MAX) && is_freed_plainly(&all, &rows->items[i]))
            rows->items[i].flags |= UL_ALLOCATION_HEAP | (is_zeroed_by(&all, &rows->items[i]) ? UL_ALLOCATION_ZERO : 0u);
    }
    HASH_CLEAR(hh, all.by_name);
}

#include "ullage/private/arena_block.h"

#include "ullage/private/process.h"
#include "ullage/private/samples.h"
#include "ullage/private/sys.h"
#include "ullage/private/twin.h"
#include "ullage/private/watch.h"

/* ---- life -----------------------------------------------------------------------------------------------
 */

void ul_arena_init_with(ul_arena *arena, const ul_arena_options *options)
{
    static const ul_arena_options defaults = {0};
    const ul_arena_options *given = options ? options : &defaults;
    *arena = (ul_arena){
        .oom = given->oom,
        .name = given->name,
        .next_block_bytes = given->first_block_bytes,
        .largest_block_bytes = given->largest_block_bytes,
        .limit_bytes = given->limit_bytes,
    };
}

void ul_arena_init(ul_arena *arena, void (*oom)(size_t))
{
    *arena = (ul_arena){.oom = oom};
}

/* ---- blocks ---------------------------------------------------------------------------------------------
 */

static void *out_of_memory(ul_arena *arena, size_t want_bytes)
{
    if (arena->oom)
        arena->oom(want_bytes);
    return NULL;
}

void *ul_arena_too_large_(ul_arena *arena)
{
    return out_of_memory(arena, SIZE_MAX);
}

size_t ul_arena_used_bytes(const ul_arena *arena)
{
    const ul_arena_block *block = arena->current;
    return block ? block->before_bytes + (size_t)(arena->at - block->data) : 0;
}

size_t ul_arena_held_bytes(const ul_arena *arena)
{
    return arena->held_bytes;
}

/* Bytes handed out only shrink where this is called, so the peak costs the inline path nothing. */
static void note_peak(ul_arena *arena)
{
    size_t used = ul_arena_used_bytes(arena);
    if (used > arena->peak_bytes)
        arena->peak_bytes = used;
}

size_t ul_arena_peak_bytes(const ul_arena *arena)
{
    size_t used = ul_arena_used_bytes(arena);
    return used > arena->peak_bytes ? used : arena->peak_bytes;
}

uint64_t ul_arena_total_bytes(const ul_arena *arena)
{
    return arena->taken_back_bytes + ul_arena_used_bytes(arena);
}

/* Makes a block current that holds `size` at `align`: the next spare if it does, otherwise a new one. */
static bool next_block(ul_arena *arena, size_t size, size_t align)
{
    ul_arena_block *spare = arena->current ? arena->current->next : arena->first;
    size_t used = ul_arena_used_bytes(arena);
    note_peak(arena);
    if (!spare || (size_t)(spare->end - spare->data) < UL_RED_ZONE_BYTES + align ||
        size > (size_t)(spare->end - spare->data) - align - UL_RED_ZONE_BYTES) {
        if (!ul_arena_block_add(arena, size, align))
            return false;
        spare = arena->current ? arena->current->next : arena->first;
    }
    ul_arena_enter(arena, spare, used);
    return true;
}

/* ---- allocation -----------------------------------------------------------------------------------------
 */

/* Pages up to `end` of reserved address space, in steps that double with what is in use. */
static bool make_usable(ul_arena *arena, ul_arena_block *block, const unsigned char *end)
{
    if (end <= block->usable)
        return true;
    size_t usable = (size_t)(block->usable - (unsigned char *)block), step = COMMIT_KIB * KIB;
    size_t want = (size_t)(end - (unsigned char *)block);
    want = want < usable * 2 ? usable * 2 : want;
    want = (want + step - 1) / step * step;
    want = want < block->held_bytes ? want : block->held_bytes;
    if (arena->limit_bytes && want > arena->limit_bytes)
        return false;
    if (!ul_sys_commit(block->usable, want - usable))
        return false;
    if (arena->mode == UL_MODE_WATCHED)
        ul_watch_close(block->usable, want - usable);
    ul_watch_root_remove(block, usable);
    ul_watch_root_add(block, want);
    block->usable = (unsigned char *)block + want;
    arena->held_bytes = want;
    return true;
}

/* From the current block, or NULL when it has no room. Where somebody watches, a red zone follows. */
static void *take_from_block(ul_arena *arena, size_t size, size_t align)
{
    ul_arena_block *block = arena->current;
    bool is_watched = arena->mode == UL_MODE_WATCHED;
    size_t grain = is_watched && align < 8 ? 8 : align; /* ASan tells eight bytes from the next eight */
    size_t zone = is_watched ? UL_RED_ZONE_BYTES : 0;
    uintptr_t at = ((uintptr_t)arena->at + grain - 1) & ~(uintptr_t)(grain - 1), end = (uintptr_t)block->end;
    if (at > end || size > end - at || zone > end - at - size)
        return NULL;
    if (!make_usable(arena, block, (unsigned char *)(at + size + zone)))
        return NULL;
    if (is_watched)
        ul_watch_open((void *)at, size);
    ul_arena_set_place(arena, (unsigned char *)(at + size + zone));
    return (void *)at;
}

/* A block of its own for each object, so that mark and rewind find them in the chain. */
static void *take_twin(ul_arena *arena, size_t size, size_t align, ul_site site)
{
    size_t used = ul_arena_used_bytes(arena);
    bool is_over = arena->limit_bytes &&
                   (arena->held_bytes >= arena->limit_bytes || size > arena->limit_bytes - arena->held_bytes);
    if (size > SIZE_MAX / 4 || is_over)
        return NULL;
    ul_arena_block *block = ul_sys_malloc(sizeof *block);
    unsigned char *data = block ? ul_twin_take(size, align, arena, arena->name, site) : NULL;
    if (!data) {
        ul_sys_free(block);
        return NULL;
    }
    size_t held = size ? size : 1; /* 0 would say "not ours" */
    *block = (ul_arena_block){.previous = arena->current,
                              .data = data,
                              .end = data + size,
                              .usable = data + size,
                              .held_bytes = held,
                              .is_twin = true};
    ul_arena_block **link = arena->current ? &arena->current->next : &arena->first;
    *link = block;
    arena->held_bytes += held;
    ul_arena_enter(arena, block, used);
    ul_arena_set_place(arena, block->end);
    note_peak(arena);
    return data;
}

/* The heap profile: one object in about so many bytes. */
static void sample(ul_arena *arena, const void *object, size_t size, const void *caller)
{
    uint64_t every = ul_settings_now()->sample_bytes;
    if (arena->sample_left_bytes > size || !every) {
        arena->sample_left_bytes -= every ? size : 0;
        return;
    }
    arena->sample_left_bytes = ul_samples_next(every);
    ul_samples_add(arena, object, size, ul_arena_used_bytes(arena) - 1, caller);
}

void *ul_arena_take_slow_(ul_arena *arena, size_t size, size_t align, const char *site)
{
    if (align == 0 || (align & (align - 1)) != 0)
        return out_of_memory(arena, size);
    ul_arena_decide_mode(arena, site);
    void *object = NULL;
    if (arena->mode == UL_MODE_TWIN) {
        object = take_twin(arena, size, align, UL_SITE_HERE(site));
    } else {
        object = arena->current ? take_from_block(arena, size, align) : NULL;
        if (!object && next_block(arena, size, align))
            object = take_from_block(arena, size, align);
    }
    if (object && arena->mode == UL_MODE_SAMPLED)
        sample(arena, object, size, __builtin_return_address(0));
    return object ? object : out_of_memory(arena, size);
}

void *ul_arena_alloc_lines_at(ul_arena *arena, size_t size, const char *site)
{
    if (size > SIZE_MAX - UL_LINE_BYTES)
        return out_of_memory(arena, size);
    size_t whole = (size + UL_LINE_BYTES - 1) / UL_LINE_BYTES * UL_LINE_BYTES;
    return ul_arena_alloc_at(arena, whole ? whole : UL_LINE_BYTES, UL_LINE_BYTES, site);
}

/* Whether `old` is the newest allocation and takes its new size where it is. */
static bool resize_in_place(ul_arena *arena, unsigned char *old, size_t old_size, size_t new_size)
{
    ul_arena_block *block = arena->current;
    size_t zone = arena->mode == UL_MODE_WATCHED ? UL_RED_ZONE_BYTES : 0;
    uintptr_t behind = (uintptr_t)old + old_size + zone;
    if (arena->mode == UL_MODE_TWIN || !block || old < block->data ||
        (arena->mode == UL_MODE_FAST ? ul_step_up(behind) : ul_grain_up(behind)) != (uintptr_t)arena->at)
        return new_size <= old_size;
    if (new_size > (size_t)(block->end - old) || zone > (size_t)(block->end - old) - new_size)
        return false;
    if (!make_usable(arena, block, old + new_size + zone))
        return false;
    size_t used = ul_arena_used_bytes(arena);
    note_peak(arena);
    if (zone && new_size > old_size)
        ul_watch_open(old + old_size, new_size - old_size);
    if (zone && new_size < old_size)
        ul_watch_close(old + new_size, old_size - new_size);
    ul_arena_set_place(arena, old + new_size + zone);
    size_t uses = ul_arena_used_bytes(arena);
    arena->taken_back_bytes += used > uses ? used - uses : 0;
    return true;
}

void *ul_arena_resize_at(ul_arena *arena, void *old, size_t old_size, size_t new_size, size_t align,
                         const char *site)
{
    if (align == 0 || (align & (align - 1)) != 0)
        return out_of_memory(arena, new_size);
    if (old && ((uintptr_t)old & (align - 1)) == 0 &&
        resize_in_place(arena, (unsigned char *)old, old_size, new_size))
        return old;
    void *moved = ul_arena_take_at(arena, new_size, align, site);
    if (moved && old && old_size)
        memcpy(moved, old, old_size < new_size ? old_size : new_size);
    return moved;
}

void *ul_arena_grow_at(ul_arena *arena, void *old, size_t old_count, size_t new_count, size_t size,
                       size_t align, const char *site)
{
    size_t old_bytes, new_bytes;
    if (__builtin_mul_overflow(new_count, size, &new_bytes) ||
        __builtin_mul_overflow(old_count, size, &old_bytes))
        return out_of_memory(arena, SIZE_MAX);
    unsigned char *grown = (unsigned char *)ul_arena_resize_at(arena, old, old_bytes, new_bytes, align, site);
    if (grown && new_bytes > old_bytes)
        memset(grown + old_bytes, 0, new_bytes - old_bytes);
    return grown;
}

/* ---- release --------------------------------------------------------------------------------------------
 */

ul_status ul_arena_on_release_at(ul_arena *arena, void (*run)(void *argument), void *argument,
                                 const char *site)
{
    ul_arena_cleanup *cleanup = ul_arena_take_at(arena, sizeof *cleanup, alignof(ul_arena_cleanup), site);
    if (!cleanup)
        return UL_ERR_NOMEM;
    *cleanup = (ul_arena_cleanup){.older = arena->cleanups, .run = run, .argument = argument};
    arena->cleanups = cleanup;
    return UL_OK;
}

/* Youngest first, down to `last`, which stays. Not there: all, as `last` is then of a time before all of
 * them. */
static void run_cleanups(ul_arena *arena, const ul_arena_cleanup *last)
{
    while (arena->cleanups && arena->cleanups != last) {
        ul_arena_cleanup *cleanup = arena->cleanups;
        arena->cleanups = cleanup->older; /* first: `run` may take part of the arena back itself */
        cleanup->run(cleanup->argument);
    }
}

/*
 * Whether the mark names a place of what is in use: in the current block before the next free byte, or in an
 * earlier one. The block of a stale mark may be gone, so it is compared and never followed. Twins are blocks
 * of their own, many of them: they are sought from the young end, as a rewind frees them.
 */
static bool is_mark_there(const ul_arena *arena, const ul_mark *mark)
{
    const ul_arena_block *block = arena->current;
    if (!mark->block)
        return true; /* of the empty arena */
    if (UL_LIKELY(mark->block == block && arena->mode != UL_MODE_TWIN))
        return mark->at >= block->data && mark->at <= arena->at;
    if (arena->mode == UL_MODE_TWIN) {
        while (block && block != mark->block)
            block = block->previous;
        return block && (uintptr_t)mark->at == ul_grain_up((uintptr_t)block->end);
    }
    for (block = arena->first; block && block != arena->current; block = block->next) {
        if (block == mark->block)
            return mark->at >= block->data && mark->at <= block->end;
    }
    return false;
}

static UL_COLD void tell_stale(const ul_arena *arena, const ul_mark *mark, const char *site,
                               const void *caller)
{
    const ul_site here = {site && *site ? site : NULL, caller}, marked = {mark->site, NULL};
    ul_site ended = {0};
    if (arena->mode < UL_MODE_WATCHED && !site)
        return; /* nothing is taken back: an older mark, or the reset, will do that */
    if (arena->mode == UL_MODE_TWIN)
        ended = ul_twin_ended_at(arena, mark->at);
    ul_process_fault(UL_FAULT_STALE_MARK, arena->name, mark->at, 0, &marked, &ended, &here);
}

/* The mark is there. */
static void rewind_to(ul_arena *arena, ul_mark mark, ul_site site)
{
    note_peak(arena);
    if (arena->cleanups != mark.cleanups) {
        run_cleanups(arena, mark.cleanups);
        if (!is_mark_there(arena, &mark))
            return; /* one of them took more back */
    }
    size_t used = ul_arena_used_bytes(arena);
    ul_arena_block *block = mark.block ? mark.block : arena->first;
    unsigned char *at = mark.block ? mark.at : block ? block->data : NULL;
    if (arena->mode == UL_MODE_TWIN) {
        ul_arena_block **link = mark.block ? &mark.block->next : &arena->first;
        ul_arena_chain_free(arena, *link, site);
        *link = NULL;
        block = mark.block;
        at = block ? block->end : NULL;
    } else if (arena->mode == UL_MODE_WATCHED && block) {
        for (ul_arena_block *each = block; each; each = each == arena->current ? NULL : each->next)
            ul_watch_close(each == block ? at : each->data,
                           (size_t)(each->usable - (each == block ? at : each->data)));
    }
    arena->current = block;
    ul_arena_set_place(arena, at);
    arena->taken_back_bytes += used - ul_arena_used_bytes(arena);
    if (arena->mode == UL_MODE_SAMPLED)
        ul_samples_end_from(arena, ul_arena_used_bytes(arena));
}

void ul_arena_rewind_at(ul_arena *arena, ul_mark mark, const char *site)
{
    const ul_arena_block *block = arena->current;
    if (UL_LIKELY(mark.block == block && block && arena->mode == UL_MODE_FAST &&
                  mark.cleanups == arena->cleanups && mark.at >= block->data &&
                  mark.at <= arena->at)) { /* a scope within one block */
        note_peak(arena);
        arena->taken_back_bytes += (size_t)(arena->at - mark.at);
        arena->at = mark.at;
    } else if (!is_mark_there(arena, &mark))
        tell_stale(arena, &mark, site, __builtin_return_address(0));
    else
        rewind_to(arena, mark, UL_SITE_HERE(site));
}

void ul_arena_reset_at(ul_arena *arena, const char *site)
{
    rewind_to(arena, (ul_mark){0}, UL_SITE_HERE(site));
}

void ul_arena_clear_at(ul_arena *arena, const char *site)
{
    ul_site here = UL_SITE_HERE(site);
    rewind_to(arena, (ul_mark){0}, here);
    ul_arena_block *largest = arena->first;
    for (ul_arena_block *block = largest; block; block = block->next) {
        if (block->end - block->data > largest->end - largest->data)
            largest = block;
    }
    for (ul_arena_block *block = arena->first, *next; block; block = next) {
        next = block->next;
        if (block != largest)
            ul_arena_block_free(arena, block, here);
    }
    arena->first = arena->current = largest;
    if (largest) {
        largest->next = NULL;
        ul_arena_enter(arena, largest, 0);
    }
}

void ul_arena_free_at(ul_arena *arena, const char *site)
{
    ul_site here = UL_SITE_HERE(site);
    run_cleanups(arena, NULL);
    if (arena->mode == UL_MODE_TWIN)
        ul_twin_check(arena, here);
    ul_arena_chain_free(arena, arena->first, here);
    if (arena->mode == UL_MODE_SAMPLED)
        ul_samples_end_from(arena, 0);
    if (arena->mode == UL_MODE_TWIN)
        ul_twin_forget(arena);
    ul_process_unlist_arena(arena);
    ul_arena_options same = {.name = arena->name,
                             .oom = arena->oom,
                             .limit_bytes = arena->limit_bytes,
                             .largest_block_bytes = arena->largest_block_bytes};
    uint32_t backing = arena->backing;
    ul_arena_init_with(arena, &same);
    arena->backing = backing; /* what had a fixed place never turns to the heap */
}

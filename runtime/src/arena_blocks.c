/* Memory of arenas: blocks of the heap, mapped ones, a caller's buffer, reserved address space. */
#include "ullage/private/arena_block.h"

#include "ullage/private/process.h"
#include "ullage/private/sys.h"
#include "ullage/private/twin.h"
#include "ullage/private/watch.h"

enum { FIRST_BLOCK_KIB = 16, LARGEST_BLOCK_KIB = 64 * 1024, HUGE_PAGE_KIB = 2048 };
/* Blocks from this size on are mapped: pages come zeroed and untouched ones take no memory. */
enum { MAP_FROM_KIB = 1024, HUGE_FROM_KIB = 16384 };

/* Twins have addresses of their own, which an arena with a fixed place cannot give. */
void ul_arena_decide_mode(ul_arena *arena, const char *site)
{
    if (arena->mode != UL_MODE_UNSET)
        return;
    arena->mode = ul_settings_mode(site);
    if (arena->mode == UL_MODE_TWIN && arena->backing != BACKING_HEAP)
        arena->mode = UL_MODE_WATCHED;
    if (!arena->next_block_bytes)
        arena->next_block_bytes = FIRST_BLOCK_KIB * KIB;
    if (!arena->largest_block_bytes)
        arena->largest_block_bytes = LARGEST_BLOCK_KIB * KIB;
    if (arena->name)
        ul_process_list_arena(arena);
}

void ul_arena_init_buffer(ul_arena *arena, void *buffer, size_t size_bytes)
{
    *arena = (ul_arena){.backing = BACKING_BUFFER};
    ul_arena_decide_mode(arena, NULL);
    uintptr_t from = ul_grain_up((uintptr_t)buffer), data = ul_grain_up(from + sizeof(ul_arena_block));
    size_t lost = (size_t)(data - (uintptr_t)buffer);
    if (!buffer || size_bytes < lost)
        return; /* an arena without room */
    ul_arena_block *block = (ul_arena_block *)from;
    size_t room = (size_bytes - lost) / UL_ARENA_GRAIN * UL_ARENA_GRAIN;
    unsigned char *bytes = (unsigned char *)data;
    *block = (ul_arena_block){.data = bytes, .end = bytes + room, .usable = bytes + room};
    arena->first = block;
    ul_arena_enter(arena, block, 0);
    if (arena->mode == UL_MODE_WATCHED)
        ul_watch_close(block->data, room);
}

ul_status ul_arena_init_reserved(ul_arena *arena, size_t reserve_bytes)
{
    *arena = (ul_arena){.backing = BACKING_RESERVED};
    ul_arena_decide_mode(arena, NULL);
    size_t step = COMMIT_KIB * KIB;
    if (reserve_bytes > SIZE_MAX / 4)
        return UL_ERR_NOMEM;
    size_t size = (reserve_bytes + DATA_OFFSET + step - 1) / step * step;
    ul_arena_block *block = ul_sys_reserve(size);
    if (!block)
        return UL_ERR_NOMEM;
    if (!ul_sys_commit(block, step)) {
        ul_sys_unmap(block, size);
        return UL_ERR_NOMEM;
    }
    unsigned char *base = (unsigned char *)block;
    *block = (ul_arena_block){.data = base + DATA_OFFSET,
                              .end = base + size,
                              .usable = base + step,
                              .held_bytes = size,
                              .is_mapped = true};
    arena->first = block;
    arena->held_bytes = step;
    ul_arena_enter(arena, block, 0);
    ul_watch_root_add(base, step);
    if (arena->mode == UL_MODE_WATCHED)
        ul_watch_close(block->data, (size_t)(block->usable - block->data));
    return UL_OK;
}

void ul_arena_block_free(ul_arena *arena, ul_arena_block *block, ul_site site)
{
    if (block->held_bytes == 0)
        return;
    arena->held_bytes = arena->backing == BACKING_RESERVED ? 0 : arena->held_bytes - block->held_bytes;
    if (block->is_twin) {
        ul_twin_give(block->data, arena, arena->name, site);
        ul_sys_free(block);
        return;
    }
    if (arena->mode == UL_MODE_WATCHED)
        ul_watch_open(block->data, (size_t)(block->usable - block->data));
    if (block->is_mapped) {
        ul_watch_root_remove(block, (size_t)(block->usable - (unsigned char *)block));
        ul_sys_unmap(block, block->held_bytes);
    } else {
        ul_sys_free(block);
    }
}

void ul_arena_chain_free(ul_arena *arena, ul_arena_block *block, ul_site site)
{
    while (block) {
        ul_arena_block *next = block->next;
        ul_arena_block_free(arena, block, site);
        block = next;
    }
}

/* Size of the next block of the chain, at least `need` bytes with its header, or 0 when the limit forbids it.
 */
static size_t plan_block(const ul_arena *arena, size_t need)
{
    size_t size = arena->next_block_bytes > need ? arena->next_block_bytes : need;
    if (arena->limit_bytes) {
        size_t left = arena->limit_bytes > arena->held_bytes ? arena->limit_bytes - arena->held_bytes : 0;
        size = size > left ? left / UL_ARENA_GRAIN * UL_ARENA_GRAIN : size;
    }
    if (size >= MAP_FROM_KIB * KIB) {
        size_t page = ul_sys_page_bytes(), whole = (size + page - 1) / page * page;
        if (!arena->limit_bytes || whole <= arena->limit_bytes - arena->held_bytes)
            size = whole;
    }
    return size >= need ? size : 0;
}

bool ul_arena_block_add(ul_arena *arena, size_t size, size_t align)
{
    if (arena->backing != BACKING_HEAP || size > SIZE_MAX / 4 || align > SIZE_MAX / 4)
        return false;
    size_t need = (size + align + DATA_OFFSET + 2 * UL_RED_ZONE_BYTES) / UL_ARENA_GRAIN * UL_ARENA_GRAIN;
    size_t bytes = plan_block(arena, need);
    if (bytes == 0)
        return false;
    bool is_mapped = bytes >= MAP_FROM_KIB * KIB;
    bool is_huge = bytes >= HUGE_FROM_KIB * KIB;
    ul_arena_block *block = is_mapped ? ul_sys_map(bytes, is_huge ? HUGE_PAGE_KIB * KIB : KIB, is_huge)
                                      : ul_sys_aligned(UL_LINE_BYTES, bytes);
    if (!block)
        return false;
    if (bytes >= arena->next_block_bytes && arena->next_block_bytes < arena->largest_block_bytes)
        arena->next_block_bytes *= 2;
    unsigned char *base = (unsigned char *)block, *end = base + bytes / UL_ARENA_GRAIN * UL_ARENA_GRAIN;
    *block = (ul_arena_block){
        .data = base + DATA_OFFSET, .end = end, .usable = end, .held_bytes = bytes, .is_mapped = is_mapped};
    arena->held_bytes += bytes;
    if (is_mapped)
        ul_watch_root_add(base, (size_t)(end - base));
    if (arena->mode == UL_MODE_WATCHED)
        ul_watch_close(block->data, (size_t)(end - block->data));
    ul_arena_block **link = arena->current ? &arena->current->next : &arena->first;
    block->next = *link;
    *link = block;
    return true;
}

size_t ul_arena_trim(ul_arena *arena, size_t keep_bytes)
{
    ul_arena_block **link = arena->current ? &arena->current->next : &arena->first;
    if (arena->backing == BACKING_RESERVED && arena->current) {
        size_t page = ul_sys_page_bytes();
        unsigned char *from = (unsigned char *)(((uintptr_t)arena->at + page - 1) & ~(uintptr_t)(page - 1));
        if (from < arena->current->usable)
            ul_sys_discard(from, (size_t)(arena->current->usable - from));
    }
    while (*link && arena->held_bytes > keep_bytes) {
        ul_arena_block *spare = *link;
        *link = spare->next;
        ul_arena_block_free(arena, spare, (ul_site){0});
    }
    return arena->held_bytes;
}

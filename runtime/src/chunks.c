#include "ullage/private/chunks.h"

#include "ullage/private/sys.h"
#include "ullage/private/watch.h"

enum { TABLE_LEAST = 16 };
/* A pool of this size wants huge pages: what the last of them wastes is then below three percent. */
#define HUGE_FROM_BYTES ((size_t)64 << 20)

/* ---- the table of chunks --------------------------------------------------------------------------------
 */

static void table_add(ul_slabs *slabs, ul_chunk *chunk)
{
    uintptr_t key = (uintptr_t)chunk->base >> slabs->chunk_shift;
    size_t at = key & slabs->table_mask;
    while (slabs->table[at].key)
        at = (at + 1) & slabs->table_mask;
    slabs->table[at] = (ul_chunk_entry){key, chunk};
}

static void table_fill(ul_slabs *slabs)
{
    memset(slabs->table, 0, (slabs->table_mask + 1) * sizeof *slabs->table);
    for (ul_chunk *chunk = slabs->chunks; chunk; chunk = chunk->next)
        table_add(slabs, chunk);
}

/* At most half full, so that most chunks are found at the first look. */
static bool table_reserve(ul_slabs *slabs)
{
    size_t size = slabs->table ? slabs->table_mask + 1 : 0;
    if ((slabs->chunk_count + 1) * 2 <= size)
        return true;
    size_t bigger = size ? size * 2 : TABLE_LEAST;
    ul_chunk_entry *table = ul_sys_malloc(bigger * sizeof *table);
    if (!table)
        return false;
    ul_sys_free(slabs->table);
    slabs->table = table;
    slabs->table_mask = bigger - 1;
    table_fill(slabs);
    return true;
}

/* ---- chunks ---------------------------------------------------------------------------------------------
 */

void ul_chunk_free(ul_slabs *slabs, ul_chunk *chunk)
{
    size_t size = (size_t)1 << slabs->chunk_shift;
    if (chunk->base) {
        if (slabs->mode == UL_MODE_WATCHED)
            ul_watch_open(chunk->base, size);
        ul_watch_root_remove(chunk->base, size);
        ul_sys_unmap(chunk->base, size);
    }
    ul_sys_free(chunk->slabs);
    ul_sys_free(chunk->tallies);
    ul_sys_free(chunk->free_bits);
    ul_sys_free(chunk->generations);
    ul_sys_free(chunk);
}

static bool number_chunk(ul_slabs *slabs, ul_chunk *chunk)
{
    if (!slabs->options.has_handles)
        return true;
    if (slabs->chunk_count == slabs->number_capacity) {
        uint32_t capacity = slabs->number_capacity ? slabs->number_capacity * 2 : 4;
        ul_chunk **grown = ul_sys_realloc(slabs->by_number, capacity * sizeof(ul_chunk *));
        if (!grown)
            return false;
        slabs->by_number = grown;
        slabs->number_capacity = capacity;
    }
    size_t slots = (size_t)slabs->slab_count * slabs->slot_count;
    if (slots * (slabs->chunk_count + (size_t)1) > UINT32_MAX)
        return false; /* more than a handle can count */
    chunk->generations = ul_sys_malloc(slots * sizeof *chunk->generations);
    if (!chunk->generations)
        return false;
    memset(chunk->generations, 0, slots * sizeof *chunk->generations);
    chunk->number = slabs->chunk_count;
    slabs->by_number[chunk->number] = chunk;
    return true;
}

bool ul_chunk_add(ul_slabs *slabs)
{
    if (!table_reserve(slabs))
        return false;
    if (!slabs->open.next)
        slabs->open.next = slabs->open.previous = &slabs->open;
    ul_chunk *chunk = ul_sys_malloc(sizeof *chunk);
    if (!chunk)
        return false;
    size_t size = (size_t)1 << slabs->chunk_shift;
    *chunk = (ul_chunk){
        .slabs = ul_sys_malloc(slabs->slab_count * sizeof(ul_slab)),
        .tallies = ul_sys_malloc(slabs->slab_count * sizeof(ul_tally)),
        .free_bits = ul_sys_malloc((size_t)slabs->slab_count * slabs->word_count * sizeof(uint64_t)),
    };
    if (chunk->slabs && chunk->tallies && chunk->free_bits && number_chunk(slabs, chunk))
        chunk->base = ul_sys_map(size, size, slabs->resident_bytes >= HUGE_FROM_BYTES);
    if (!chunk->base) {
        ul_chunk_free(slabs, chunk);
        return false;
    }
    ul_watch_root_add(chunk->base, size);
    if (slabs->mode == UL_MODE_WATCHED)
        ul_watch_close(chunk->base, size);
    chunk->next = slabs->chunks;
    slabs->chunks = chunk;
    slabs->chunk_count++;
    table_add(slabs, chunk);
    return true;
}

void ul_chunks_free_newer(ul_slabs *slabs, const ul_chunk *chunk)
{
    if (slabs->chunks == chunk)
        return;
    while (slabs->chunks != chunk) {
        ul_chunk *newest = slabs->chunks;
        slabs->chunks = newest->next;
        slabs->chunk_count--;
        ul_chunk_free(slabs, newest);
    }
    table_fill(slabs);
}

static bool is_chunk_idle(const ul_slabs *slabs, const ul_chunk *chunk)
{
    for (uint32_t i = 0; i < chunk->cut_count; i++) {
        if (chunk->slabs[i].is_resident)
            return false;
    }
    return chunk->cut_count == slabs->slab_count; /* one that is being cut stays */
}

void ul_chunks_free_idle(ul_slabs *slabs)
{
    bool is_changed = false;
    for (ul_chunk **link = &slabs->chunks; *link && !slabs->options.has_handles;) {
        ul_chunk *chunk = *link;
        if (!is_chunk_idle(slabs, chunk)) {
            link = &chunk->next;
            continue;
        }
        for (uint32_t i = 0; i < chunk->cut_count; i++)
            ul_ring_remove(&chunk->slabs[i].open);
        *link = chunk->next;
        ul_chunk_free(slabs, chunk);
        slabs->chunk_count--;
        is_changed = true;
    }
    if (is_changed)
        table_fill(slabs);
}

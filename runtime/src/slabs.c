#include "ullage/private/chunks.h"

#include "ullage/private/process.h"
#include "ullage/private/sys.h"
#include "ullage/private/watch.h"

enum {
    SLAB_SHIFT_LEAST = 16,
    SLAB_SHIFT_MOST = 22, /* but for a larger object */
    CHUNK_SHIFT_LEAST = 22,
    SLOTS_WANTED = 64, /* of a slab: what is lost at its end is at most one slot in so many */
    COLORS_MOST = 16,
    COLOR_FROM_BYTES = 256 /* strides that are multiples of it leave cache sets unused */
};

/* ---- geometry -------------------------------------------------------------------------------------------
 */

static uint32_t log2_up(size_t value)
{
    return value <= 1 ? 0 : (uint32_t)(8 * sizeof(unsigned long) - (size_t)__builtin_clzl(value - 1));
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Size of a slot, or 0 when it cannot be had. */
static size_t stride_of(const ul_pool_options *options, ul_mode mode)
{
    size_t align = options->align_bytes ? options->align_bytes : alignof(max_align_t);
    size_t size = options->size_bytes;
    if (size == 0 || size > SIZE_MAX / (16 * SLOTS_WANTED) || (align & (align - 1)) != 0 ||
        align > ((size_t)1 << CHUNK_SHIFT_LEAST))
        return 0;
    if (options->on_lines)
        align = larger(align, UL_LINE_BYTES);
    if (mode == UL_MODE_WATCHED) { /* ASan tells eight bytes from the next eight */
        align = larger(align, 8);
        size += UL_RED_ZONE_BYTES;
    }
    return (size + align - 1) / align * align;
}

ul_status ul_slabs_init(ul_slabs *slabs, const ul_pool_options *options, ul_mode mode)
{
    size_t stride = stride_of(options, mode);
    if (!stride)
        return UL_ERR_LIMIT;
    uint32_t shift = log2_up(stride * SLOTS_WANTED);
    shift = shift < SLAB_SHIFT_LEAST ? SLAB_SHIFT_LEAST : shift > SLAB_SHIFT_MOST ? SLAB_SHIFT_MOST : shift;
    if (shift < log2_up(stride))
        shift = log2_up(stride);
    uint32_t chunk_shift = shift > CHUNK_SHIFT_LEAST ? shift : CHUNK_SHIFT_LEAST;
    size_t step = larger(UL_LINE_BYTES, options->align_bytes), colors = 1;
    if (stride % COLOR_FROM_BYTES == 0 && (stride * SLOTS_WANTED / 4) <= ((size_t)1 << shift))
        colors = stride / step < COLORS_MOST ? stride / step : COLORS_MOST;
    colors = colors ? (size_t)1 << (log2_up(colors + 1) - 1) : 1; /* a power of two, not more */
    size_t slots = (((size_t)1 << shift) - (colors - 1) * step) / stride;
    *slabs = (ul_slabs){
        .options = *options,
        .mode = mode,
        .stride_bytes = stride,
        .slab_bytes = (size_t)1 << shift,
        .reciprocal = slots == 1 ? 0 : (UINT64_C(1) << 32) / stride + 1,
        .slot_count = (uint32_t)slots,
        .word_count = (uint32_t)((slots + 63) / 64),
        .slab_shift = shift,
        .chunk_shift = chunk_shift,
        .slab_count = (uint32_t)1 << (chunk_shift - shift),
        .color_mask = (uint32_t)colors - 1,
        .color_shift = log2_up(step),
    };
    return UL_OK; /* the ring is closed when the slabs have stopped moving: with the first chunk */
}

/* ---- slabs ----------------------------------------------------------------------------------------------
 */

/* All slots of the slab are free and unmade. */
static void set_all_free(const ul_slabs *slabs, ul_slab *slab)
{
    memset(slab->free_bits, 0xFF, slabs->word_count * sizeof(uint64_t));
    if (slabs->slot_count % 64)
        slab->free_bits[slabs->word_count - 1] = (UINT64_C(1) << slabs->slot_count % 64) - 1;
    *slab->tally = (ul_tally){.free_count = slabs->slot_count};
    slab->made_count = 0;
}

/* The next slab of the newest chunk, at the head of the ring. */
static bool cut_slab(ul_slabs *slabs)
{
    if ((!slabs->chunks || slabs->chunks->cut_count == slabs->slab_count) && !ul_chunk_add(slabs))
        return false;
    ul_chunk *chunk = slabs->chunks;
    uint32_t at = chunk->cut_count++;
    ul_slab *slab = &chunk->slabs[at];
    *slab = (ul_slab){
        .base = chunk->base + ul_slab_offset(slabs, at),
        .tally = &chunk->tallies[at],
        .free_bits = chunk->free_bits + (size_t)at * slabs->word_count,
        .generations = chunk->generations ? chunk->generations + (size_t)at * slabs->slot_count : NULL,
        .is_resident = true,
    };
    slabs->resident_bytes += slabs->slab_bytes;
    set_all_free(slabs, slab);
    ul_ring_add_behind(&slabs->open, &slab->open);
    return true;
}

/* ---- take -----------------------------------------------------------------------------------------------
 */

/* Slots of one word of bits into out[..*left), from its end downwards. */
static uint64_t take_word(const ul_slabs *slabs, unsigned char *first, uint64_t bits, void **out,
                          size_t *left)
{
    size_t stride = slabs->stride_bytes, at = *left;
    if (bits == UINT64_MAX && at >= 64) {
        for (size_t i = 0; i < 64; i++)
            out[at - 1 - i] = first + i * stride;
        *left = at - 64;
        return 0;
    }
    while (bits && at) {
        out[--at] = first + (size_t)__builtin_ctzll(bits) * stride;
        bits &= bits - 1;
    }
    *left = at;
    return bits;
}

UL_INLINE void lower_first_word(ul_tally *tally, uint32_t word)
{
    tally->first_word = word < tally->first_word ? word : tally->first_word;
}

/* Makes the slots that were taken for the first time, in the order of their addresses. The first that cannot
   be made goes back with all behind it; how many entries of `out` are good. */
static size_t make_slots(const ul_slabs *slabs, ul_slab *slab, void **out, size_t count)
{
    for (size_t i = count; i-- > 0;) {
        size_t slot = (size_t)((unsigned char *)out[i] - slab->base) / slabs->stride_bytes;
        if (slot < slab->made_count)
            continue;
        if (slabs->mode == UL_MODE_WATCHED)
            ul_watch_open(out[i], slabs->options.size_bytes);
        bool is_made = slabs->options.make(out[i], slabs->options.context);
        if (slabs->mode == UL_MODE_WATCHED)
            ul_watch_close(out[i], slabs->options.size_bytes);
        if (!is_made) {
            for (size_t back = 0; back <= i; back++) {
                slot = (size_t)((unsigned char *)out[back] - slab->base) / slabs->stride_bytes;
                slab->free_bits[slot / 64] |= UINT64_C(1) << slot % 64;
                lower_first_word(slab->tally, (uint32_t)(slot / 64));
            }
            slab->tally->free_count += (uint32_t)(i + 1);
            memmove(out, out + i + 1, (count - i - 1) * sizeof *out);
            return count - i - 1;
        }
        slab->made_count = (uint32_t)slot + 1;
    }
    return count;
}

/* Up to `want` slots of one slab into the end of out[0..want); how many. */
static size_t take_from_slab(ul_slabs *slabs, ul_slab *slab, void **out, size_t want)
{
    size_t left = want;
    uint32_t word = slab->tally->first_word;
    while (left && word < slabs->word_count) {
        uint64_t bits = slab->free_bits[word];
        if (bits)
            bits = take_word(slabs, slab->base + (size_t)word * 64 * slabs->stride_bytes, bits, out, &left);
        slab->free_bits[word] = bits;
        word += bits == 0;
    }
    slab->tally->first_word = word;
    slab->tally->free_count -= (uint32_t)(want - left);
    slab->idle_ticks = 0;
    if (!slab->is_resident) {
        slab->is_resident = true;
        slabs->resident_bytes += slabs->slab_bytes;
    }
    return want - left;
}

size_t ul_slabs_take(ul_slabs *slabs, void **out, size_t want)
{
    size_t left = want;
    if (slabs->options.limit_objects && want > slabs->options.limit_objects - slabs->taken_count)
        left = want = slabs->options.limit_objects - slabs->taken_count;
    while (left) {
        if ((!slabs->open.next || slabs->open.next == &slabs->open) && !cut_slab(slabs))
            break;
        ul_slab *slab = (ul_slab *)slabs->open.next;
        size_t got = take_from_slab(slabs, slab, out, left), good = got;
        if (slabs->options.make) {
            good = make_slots(slabs, slab, out + left - got, got);
            memmove(out + left - good, out + left - got, good * sizeof *out);
        }
        left -= good;
        if (slab->tally->free_count == 0)
            ul_ring_remove(&slab->open);
        if (good < got)
            break;
    }
    if (left && want > left)
        memmove(out, out + left, (want - left) * sizeof *out);
    slabs->taken_count += want - left;
    slabs->total_count += want - left;
    if (slabs->taken_count > slabs->peak_count)
        slabs->peak_count = slabs->taken_count;
    return want - left;
}

/* Back to where `newest` was the newest chunk and had `cut_count` slabs: what was cut since has not been
 * used. */
static void uncut_slabs(ul_slabs *slabs, const ul_chunk *newest, uint32_t cut_count)
{
    for (ul_chunk *chunk = slabs->chunks; chunk; chunk = chunk->next) {
        while (chunk->cut_count > (chunk == newest ? cut_count : 0)) {
            ul_ring_remove(&chunk->slabs[--chunk->cut_count].open);
            slabs->resident_bytes -= slabs->slab_bytes;
        }
        if (chunk == newest)
            break;
    }
    ul_chunks_free_newer(slabs, newest);
}

ul_status ul_slabs_reserve(ul_slabs *slabs, size_t count)
{
    size_t free_count = 0;
    for (ul_listed *each = slabs->open.next; each && each != &slabs->open; each = each->next)
        free_count += ((ul_slab *)each)->tally->free_count;
    size_t slabs_wanted = count > free_count ? (count - free_count - 1) / slabs->slot_count + 1 : 0, bytes;
    if (__builtin_mul_overflow(slabs_wanted, slabs->slab_bytes, &bytes) || !ul_sys_could_hold(bytes))
        return UL_ERR_NOMEM;
    ul_chunk *newest = slabs->chunks;
    uint32_t cut_count = newest ? newest->cut_count : 0;
    for (size_t cut = 0; cut < slabs_wanted; cut++) {
        if (!cut_slab(slabs)) {
            uncut_slabs(slabs, newest, cut_count);
            return UL_ERR_NOMEM;
        }
    }
    return UL_OK;
}

/* ---- give -----------------------------------------------------------------------------------------------
 */

static void tell_fault(const ul_slabs *slabs, const void *object, bool is_ours, ul_site site)
{
    ul_process_fault(is_ours ? UL_FAULT_DOUBLE_PUT : UL_FAULT_FOREIGN_PUT, slabs->options.name, object,
                     is_ours ? slabs->options.size_bytes : 0, NULL, NULL, &site);
}

/* What a put changes beside the bits. */
UL_INLINE void note_given(ul_slabs *slabs, ul_chunk *chunk, uint32_t number, uint32_t word, uint32_t count)
{
    ul_tally *tally = &chunk->tallies[number];
    uint32_t before = tally->free_count;
    lower_first_word(tally, word);
    tally->free_count = before + count;
    if (UL_UNLIKELY(before == 0))
        ul_ring_add_behind(&slabs->open, &chunk->slabs[number].open);
    if (UL_UNLIKELY(before + count == slabs->slot_count))
        ul_ring_move_to_end(slabs, &chunk->slabs[number]);
}

/* How many of `objects` lie one behind the other from slot `slot` on (or, the other way, before it). Programs
   put in the order in which they got, or in reverse, more often than not; then one look at the bits serves
   many objects. */
UL_INLINE uint32_t run_length(void *const *objects, size_t count, ptrdiff_t step, uint32_t most)
{
    uint32_t length = 1;
    while (length < most && length < count && (char *)objects[length] - (char *)objects[length - 1] == step)
        length++;
    return length;
}

/* Marks slots [first, first + count) free; false, and nothing changed, when one of them is. */
static bool set_range(uint64_t *bits, uint32_t first, uint32_t count)
{
    for (unsigned pass = 0; pass < 2; pass++) {
        for (uint32_t slot = first, left = count; left;) {
            uint32_t here = 64 - slot % 64 < left ? 64 - slot % 64 : left;
            uint64_t mask = (here == 64 ? UINT64_MAX : (UINT64_C(1) << here) - 1) << slot % 64;
            if (pass)
                bits[slot / 64] |= mask;
            else if (bits[slot / 64] & mask)
                return false;
            slot += here;
            left -= here;
        }
    }
    return true;
}

/* A run of objects that begins with slot `slot` of the slab; how many of them were taken care of. */
static uint32_t give_run(ul_slabs *slabs, ul_chunk *chunk, uint32_t number, uint32_t slot,
                         void *const *objects, size_t count)
{
    ptrdiff_t stride = (ptrdiff_t)slabs->stride_bytes;
    uint32_t up = run_length(objects, count, stride, slabs->slot_count - slot);
    uint32_t down = up > 1 ? 1 : run_length(objects, count, -stride, slot + 1);
    uint32_t length = up > 1 ? up : down, first = slot + 1 - down;
    if (!set_range(chunk->free_bits + (size_t)number * slabs->word_count, first, length))
        return 0;
    note_given(slabs, chunk, number, first / 64, length);
    slabs->taken_count -= length;
    return length;
}

/* One object on its way back: which bit is its. */
typedef struct place {
    ul_chunk *chunk;
    uint64_t *word;
    uint32_t number; /* of the slab */
    uint32_t slot;
} place;

UL_INLINE bool find_place(const ul_slabs *slabs, uintptr_t address, place *found)
{
    ul_chunk *chunk = ul_chunk_of(slabs, address);
    uint32_t number = ul_slab_number(slabs, address);
    if (UL_UNLIKELY(!chunk || number >= chunk->cut_count))
        return false;
    uintptr_t offset = address - (uintptr_t)chunk->base - ul_slab_offset(slabs, number);
    uint32_t slot = (uint32_t)((offset * slabs->reciprocal) >> 32);
    found->chunk = chunk;
    found->number = number;
    found->slot = slot;
    found->word = &chunk->free_bits[(size_t)number * slabs->word_count + slot / 64];
    return slot * slabs->stride_bytes == offset && slot < slabs->slot_count;
}

enum { BATCH = 32 };

/* The bits of a large pool do not stay in the nearest cache. So a batch of objects is located first, while
   the words that it needs are on their way, and marked then. */
static void mark_batch(ul_slabs *slabs, const place *places, size_t count, ul_site site)
{
    for (size_t i = 0; i < count; i++) {
        const place *at = &places[i];
        uint64_t bit = UINT64_C(1) << (at->slot % 64), word = *at->word;
        if (UL_UNLIKELY(word & bit)) {
            tell_fault(slabs, at->chunk->slabs[at->number].base + (size_t)at->slot * slabs->stride_bytes,
                       true, site);
            slabs->taken_count++; /* the caller counts the whole batch */
            continue;
        }
        *at->word = word | bit;
        note_given(slabs, at->chunk, at->number, at->slot / 64, 1);
    }
    slabs->taken_count -= count;
}

void ul_slabs_give(ul_slabs *slabs, void *const *objects, size_t count, ul_site site)
{
    ptrdiff_t stride = (ptrdiff_t)slabs->stride_bytes;
    place places[BATCH];
    size_t waiting = 0;
    for (size_t at = 0; at < count; at++) {
        place *found = &places[waiting];
        if (UL_UNLIKELY(!slabs->table || !find_place(slabs, (uintptr_t)objects[at], found))) {
            tell_fault(slabs, objects[at], false, site);
            continue;
        }
        ptrdiff_t step = at + 1 < count ? (char *)objects[at + 1] - (char *)objects[at] : 0;
        uint32_t run = step == stride || step == -stride ? give_run(slabs, found->chunk, found->number,
                                                                    found->slot, objects + at, count - at)
                                                         : 0;
        if (run) {
            at += run - 1;
            continue;
        }
        __builtin_prefetch(found->word, 1);
        if (++waiting == BATCH) {
            mark_batch(slabs, places, waiting, site);
            waiting = 0;
        }
    }
    mark_batch(slabs, places, waiting, site);
}

/* ---- ageing ---------------------------------------------------------------------------------------------
 */

static void drop_slots(const ul_slabs *slabs, ul_slab *slab, bool only_free)
{
    for (uint32_t slot = 0; slabs->options.drop && slot < slab->made_count; slot++) {
        if (only_free && !(slab->free_bits[slot / 64] >> slot % 64 & 1))
            continue;
        void *object = slab->base + (size_t)slot * slabs->stride_bytes;
        if (slabs->mode == UL_MODE_WATCHED)
            ul_watch_open_defined(object, slabs->options.size_bytes);
        slabs->options.drop(object, slabs->options.context);
        if (slabs->mode == UL_MODE_WATCHED)
            ul_watch_close(object, slabs->options.size_bytes);
    }
    slab->made_count = 0;
}

static size_t discard(ul_slabs *slabs, ul_slab *slab)
{
    drop_slots(slabs, slab, false);
    set_all_free(slabs, slab);
    unsigned char *start = (unsigned char *)((uintptr_t)slab->base & ~(uintptr_t)(slabs->slab_bytes - 1));
    ul_sys_discard(start, slabs->slab_bytes);
    slab->is_resident = false;
    slabs->resident_bytes -= slabs->slab_bytes;
    return slabs->slab_bytes;
}

size_t ul_slabs_tick(ul_slabs *slabs, uint32_t age)
{
    size_t bytes = 0;
    if (!slabs->open.next)
        return 0;
    for (ul_listed *each = slabs->open.previous; each != &slabs->open; each = each->previous) {
        ul_slab *slab = (ul_slab *)each;
        if (slab->tally->free_count < slabs->slot_count)
            break; /* wholly free ones are at the end */
        if (slab->is_resident && slab->idle_ticks++ >= age)
            bytes += discard(slabs, slab);
    }
    ul_chunks_free_idle(slabs);
    return bytes;
}

void ul_slabs_free(ul_slabs *slabs)
{
    for (ul_chunk *chunk = slabs->chunks, *next; chunk; chunk = next) {
        next = chunk->next;
        for (uint32_t i = 0; i < chunk->cut_count; i++)
            drop_slots(slabs, &chunk->slabs[i], true);
        ul_chunk_free(slabs, chunk);
    }
    ul_sys_free(slabs->table);
    ul_sys_free(slabs->by_number);
    ul_pool_options options = slabs->options;
    *slabs = (ul_slabs){.options = options};
}

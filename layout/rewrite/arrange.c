/*
 *  1. Narrow the order to the declarations that change places, by whole blocks. Where one of these shares a line with
 *     something else, exchange slots instead (slots.h).
 *  2. A block whose declarations stay together is a unit, its own declarations perhaps in another order; else each of
 *     its declarations becomes a unit with a line of its own.
 *  3. Keep the heaviest run of units whose order does not change: weight is lines, a section decides between equals,
 *     pinned blocks outweigh all.
 *  4. Give each other unit a place: behind its predecessor, or below its section's heading when that is on the way.
 *  5. Write the lines out; a blank line goes where two paragraphs would touch, and one of two that would meet is left out.
 */
#include "layout/rewrite/arrange_state.h"

#include <string.h>

#include "layout/rewrite/lines.h"
#include "layout/rewrite/slots.h"

/* --- Steps 1 and 2: units. --- */

static bool is_together(const ul_arranger *a, const ul_block *block, uint32_t at, uint32_t end)
{
    if (at + block->count > end)
        return false;
    for (uint32_t i = 0; i < block->count; i++) {
        if (a->order[at + i] - block->first >= block->count)
            return false;
    }
    return true;
}

static uint32_t block_of(const ul_chunks *chunks, uint32_t group)
{
    uint32_t low = 0, high = chunks->block_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (chunks->blocks[middle].first <= group)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Slots of a block that does not stay as it is; NULL with *refusal set where its comments forbid that. */
static const ul_span *open_block(const ul_arranger *a, const ul_block *block, ul_rewrite_refusal *refusal)
{
    ul_span *slots = UL_NEW_ARRAY(a->arena, ul_span, block->count);
    if (block->is_pinned || block->has_loose_head)
        *refusal = UL_REWRITE_COMMENT_OWNER;
    else if (!ul_slots_on_line(slots, a->chunks, block->first, block->count))
        *refusal = UL_REWRITE_SHARED_COMMENT;
    else
        return slots;
    return NULL;
}

/* Blocks from `index` on that order[at..end-1] holds unchanged: as many as the comment above the first names, or 1 or 0. */
static uint32_t blocks_in_place(const ul_arranger *a, uint32_t index, uint32_t at, uint32_t end)
{
    const ul_block *block = &a->chunks->blocks[index];
    uint32_t taken = 0, blocks = 0;
    while (blocks < block->named && index + blocks < a->end_block) {
        for (uint32_t i = 0; i < block[blocks].count; i++, taken++) {
            if (at + taken >= end || a->order[at + taken] != block->first + taken)
                return blocks < 1 ? blocks : 1;
        }
        blocks++;
    }
    return blocks < block->named ? 1 : blocks;
}

/* Adds what begins at order[at] as one unit: whole blocks, or that declaration alone; *taken is how much of the order it is. */
static ul_rewrite_refusal add_unit(ul_arranger *a, uint32_t at, uint32_t end, uint32_t *taken)
{
    uint32_t index = block_of(a->chunks, a->order[at]);
    const ul_block *block = &a->chunks->blocks[index];
    ul_rewrite_refusal refusal = UL_REWRITE_DONE;
    ul_arranged_unit *u = &a->units[a->unit_count++];
    uint32_t blocks = blocks_in_place(a, index, at, end);
    const ul_block *last = blocks ? block + blocks - 1 : block;
    *u = (ul_arranged_unit){.block = index, .last_block = (uint32_t)(last - a->chunks->blocks), .first = block->first};
    u->lines = (ul_span){block->lines.begin, last->lines.end};
    u->count = last->first + last->count - block->first;
    u->weight = ((uint64_t)ul_line_count(a->chunks->text->bytes, u->lines.begin, u->lines.end) << 16) + (block->section != UL_NO_SECTION) +
                ((uint64_t)block->is_pinned << 48);
    *taken = u->count;
    if (blocks)
        return refusal;
    u->slots = open_block(a, block, &refusal);
    if (!u->slots)
        return refusal;
    bool is_whole = is_together(a, block, at, end);
    for (uint32_t i = 0; is_whole && i + 1 < block->count; i++)
        is_whole = !ul_slot_ends_line(a->chunks, u->slots[a->order[at + i] - block->first]);
    if (is_whole) {
        u->inside = a->order + at;
        return refusal;
    }
    u->is_alone = true;
    u->first = a->order[at];
    u->count = 1;
    u->weight = 1 << 16;
    *taken = 1;
    return refusal;
}

static ul_rewrite_refusal make_units(ul_arranger *a, uint32_t begin, uint32_t end)
{
    a->units = UL_NEW_ARRAY(a->arena, ul_arranged_unit, end - begin);
    ul_rewrite_refusal refusal = UL_REWRITE_DONE;
    for (uint32_t at = begin, taken = 0; at < end && !refusal; at += taken)
        refusal = add_unit(a, at, end, &taken);
    return refusal;
}

/* --- Step 3. --- */

static bool keep_heaviest(ul_arranger *a)
{
    uint64_t *best = UL_NEW_ARRAY(a->arena, uint64_t, a->unit_count);
    uint32_t *before = UL_NEW_ARRAY(a->arena, uint32_t, a->unit_count);
    uint32_t last = 0;
    for (uint32_t i = 0; i < a->unit_count; i++) {
        best[i] = 0;
        before[i] = UINT32_MAX;
        for (uint32_t j = 0; j < i; j++) {
            if (a->units[j].first < a->units[i].first && best[j] > best[i]) {
                best[i] = best[j];
                before[i] = j;
            }
        }
        best[i] += a->units[i].weight;
        if (best[i] > best[last])
            last = i;
    }
    for (uint32_t i = last; i != UINT32_MAX; i = before[i])
        a->units[i].is_kept = true;
    for (uint32_t i = 0; i < a->unit_count; i++) {
        if (!a->units[i].is_kept && a->chunks->blocks[a->units[i].block].is_pinned)
            return false;
    }
    return true;
}

/* --- Step 4. --- */

static void add_own_entries(ul_arranger *a, const ul_gap *gap)
{
    for (uint32_t i = 0; i < gap->own_count; i++)
        a->entries[a->entry_count++] = (ul_arranged_entry){.own = &gap->own[i]};
}

static void make_entries(ul_arranger *a)
{
    uint32_t most = a->unit_count, first = a->chunks->blocks[a->first_block].first;
    for (uint32_t i = a->first_block; i <= a->end_block; i++)
        most += ul_arranger_gap(a, i)->own_count;
    a->entries = UL_NEW_ARRAY(a->arena, ul_arranged_entry, most + 1u);
    uint32_t *unit_of = UL_NEW_ARRAY(a->arena, uint32_t, a->chunks->group_count);
    for (uint32_t i = 0; i < a->unit_count; i++)
        unit_of[a->units[i].first - first] = i + 1;
    for (uint32_t i = a->first_block; i <= a->end_block; i++) {
        add_own_entries(a, ul_arranger_gap(a, i));
        if (i == a->end_block)
            break;
        const ul_block *block = &a->chunks->blocks[i];
        for (uint32_t g = block->first; g < block->first + block->count; g++) {
            if (unit_of[g - first])
                a->entries[a->entry_count++] = (ul_arranged_entry){.unit = unit_of[g - first] - 1};
        }
    }
}

/* The place of what comes before all that stays: above the first declaration and the comment directly above it. */
static uint32_t front_place(const ul_arranger *a)
{
    if (a->first_block > 0)
        return 0;
    uint32_t at = 0;
    while (a->entries[at].own)
        at++;
    while (at > 0 && !a->entries[at - 1].own->is_blank)
        at--;
    return at;
}

/* The place below the heading of `section` when that stands in entries [from, to), else UINT32_MAX. */
static uint32_t heading_place(const ul_arranger *a, uint32_t section, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; section != UL_NO_SECTION && i < to; i++) {
        if (a->entries[i].own && a->entries[i].own->section == section)
            return i + 1 < to && a->entries[i + 1].own && a->entries[i + 1].own->is_blank ? i + 2 : i + 1;
    }
    return UINT32_MAX;
}

static void place_units(ul_arranger *a)
{
    uint32_t *entry_of = UL_NEW_ARRAY(a->arena, uint32_t, a->unit_count);
    for (uint32_t i = 0; i < a->entry_count; i++) {
        if (!a->entries[i].own)
            entry_of[a->entries[i].unit] = i;
    }
    uint32_t place = front_place(a);
    uint32_t seen = 0; /* entries before it come before the kept unit */
    for (uint32_t i = 0; i < a->unit_count; i++) {
        ul_arranged_unit *u = &a->units[i];
        if (u->is_kept) {
            seen = place = entry_of[i] + 1;
            continue;
        }
        uint32_t next = i + 1;
        while (next < a->unit_count && !a->units[next].is_kept)
            next++;
        uint32_t below = heading_place(a, a->chunks->blocks[u->block].section, seen,
                                       next < a->unit_count ? entry_of[next] : a->entry_count);
        if (below != UINT32_MAX) {
            place = below > place ? below : place;
            u->is_under_heading = true;
        }
        u->place = place;
    }
}

/* Whether the neighbours of each gap that must stay empty are neighbours still. */
static bool keeps_glued(const ul_arranger *a)
{
    for (uint32_t b = a->first_block; b <= a->end_block; b++) {
        if (!ul_arranger_gap(a, b)->is_glued)
            continue;
        uint32_t before = UINT32_MAX, after = UINT32_MAX;
        for (uint32_t i = 0; i < a->unit_count; i++) {
            before = a->units[i].last_block + 1 == b ? i : before;
            after = a->units[i].block == b ? i : after;
        }
        bool is_first = b == a->first_block, is_last = b == a->end_block;
        if (!(is_first ? after == 0 : is_last ? before == a->unit_count - 1 : before + 1 == after))
            return false;
    }
    return true;
}

static const char *one_line(const ul_arranger *a, ul_span text)
{
    enum { MOST = 60 };
    uint32_t length = text.end - text.begin;
    const char *bytes = a->chunks->text->bytes + text.begin;
    for (uint32_t i = 0; i < length; i++) {
        if (bytes[i] == '\n' || bytes[i] == '\r' || i == MOST)
            return ul_arena_printf(a->arena, "%.*s...", (int)i, bytes);
    }
    return ul_arena_printf(a->arena, "%.*s", (int)length, bytes);
}

static void note_empty_sections(ul_arranged *out, const ul_arranger *a)
{
    const ul_chunks *c = a->chunks;
    for (uint32_t s = 0; s < c->section_count; s++) {
        bool had = false, has = false;
        for (uint32_t b = 0; b < c->block_count; b++)
            has |= c->blocks[b].section == s && (b < a->first_block || b >= a->end_block);
        for (uint32_t i = 0; i < a->unit_count; i++) {
            had |= c->blocks[a->units[i].block].section == s;
            has |= c->blocks[a->units[i].block].section == s && (a->units[i].is_kept || a->units[i].is_under_heading);
        }
        if (!had || has)
            continue;
        ul_arranged_note(out, ul_arena_printf(a->arena, "section `%s` has no field left", one_line(a, c->sections[s].text)), a->arena);
    }
}

void ul_arranged_note(ul_arranged *to, const char *note, ul_arena *arena)
{
    UL_RESERVE(arena, to->notes, to->note_count, to->note_capacity);
    to->notes[to->note_count++] = note;
}

ul_rewrite_refusal ul_arrange(ul_arranged *out, const ul_chunks *chunks, const uint32_t *order)
{
    uint32_t begin = 0, end = chunks->group_count;
    while (begin < end && order[begin] == begin)
        begin++;
    while (end > begin && order[end - 1] == end - 1)
        end--;
    if (begin == end)
        return UL_REWRITE_DONE;
    ul_arranger a = {.chunks = chunks, .arena = chunks->text->arena, .order = order};
    a.first_block = block_of(chunks, begin);
    a.end_block = block_of(chunks, end - 1) + 1;
    bool is_whole = true;
    for (uint32_t i = a.first_block; i < a.end_block; i++)
        is_whole &= chunks->blocks[i].is_whole;
    begin = chunks->blocks[a.first_block].first;
    end = chunks->blocks[a.end_block - 1].first + chunks->blocks[a.end_block - 1].count;
    if (!is_whole)
        return ul_slots_exchange(&out->recuts, chunks, begin, end - begin, order + begin);
    ul_rewrite_refusal refusal = make_units(&a, begin, end);
    if (refusal)
        return refusal;
    if (!keep_heaviest(&a))
        return UL_REWRITE_COMMENT_OWNER;
    make_entries(&a);
    place_units(&a);
    if (!keeps_glued(&a))
        return UL_REWRITE_COMMENT_OWNER;
    a.recut.span = (ul_span){ul_arranger_gap(&a, a.first_block)->lines_begin, ul_arranger_gap(&a, a.end_block)->lines_end};
    ul_arranger_write(&a);
    ul_recut_trim(&a.recut);
    UL_RESERVE(a.arena, out->recuts.items, out->recuts.count, out->recuts.capacity);
    out->recuts.items[out->recuts.count++] = a.recut;
    note_empty_sections(out, &a);
    return UL_REWRITE_DONE;
}

#include "layout/rewrite/slots.h"

#include "layout/rewrite/comments.h"

static ul_span comment_at(const ul_chunks *chunks, uint32_t token)
{
    const ul_token *comment = &chunks->text->tokens->items[token];
    return (ul_span){comment->begin, comment->end};
}

bool ul_slots_on_line(ul_span *slots, const ul_chunks *chunks, uint32_t first, uint32_t count)
{
    const ul_gap *gaps = chunks->gaps + first;
    uint32_t lead = gaps[0].lead, trail = gaps[count].same_line, with = 0;
    for (uint32_t i = 1; i < count; i++)
        with += gaps[i].comment_count > 0;
    for (uint32_t i = 0; i < count; i++)
        slots[i] = chunks->spans[first + i];
    if (gaps[count].continued)
        return false;
    if (!with && !lead && !trail)
        return true;
    if (with != count - 1 || !lead == !trail)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (lead) {
            const ul_gap *gap = &gaps[i];
            slots[i].begin = comment_at(chunks, gap->first_comment + gap->comment_count - gap->lead).begin;
        } else {
            const ul_gap *gap = &gaps[i + 1];
            slots[i].end = comment_at(chunks, gap->first_comment + gap->same_line - 1).end;
        }
    }
    return true;
}

bool ul_slot_ends_line(const ul_chunks *chunks, ul_span slot)
{
    uint32_t after = ul_tokens_at(chunks->text->tokens, slot.end);
    const ul_token *last = &chunks->text->tokens->items[after - 1];
    return last->kind == UL_TOKEN_COMMENT &&
           ul_comment_is_line(chunks->text->bytes, (ul_span){last->begin, last->end});
}

/* The spans alone, when no comment is near enough to be about one of them. */
static bool take_bare_slots(ul_span *slots, const ul_chunks *chunks, uint32_t first, uint32_t count)
{
    const ul_gap *gaps = chunks->gaps + first;
    for (uint32_t i = 1; i < count; i++) {
        if (gaps[i].comment_count)
            return false;
    }
    for (uint32_t i = 0; i < count; i++)
        slots[i] = chunks->spans[first + i];
    const ul_gap *above = &gaps[0], *below = &gaps[count];
    bool is_clear_above = above->is_shared ? above->comment_count == 0
                                           : above->lead == 0 && (above->line_count == 0 || above->is_blank_end);
    bool is_clear_below = below->is_shared ? below->comment_count == 0
                                           : below->same_line == 0 && below->continued == 0 &&
                                                 (below->line_count == 0 || below->comments[0].is_blank_before);
    return is_clear_above && is_clear_below;
}

static bool has_open_neighbour(const ul_chunks *chunks, uint32_t first)
{
    for (uint32_t i = 0; i < chunks->block_count; i++) {
        if (chunks->blocks[i].first == first)
            return chunks->blocks[i].is_pinned || chunks->blocks[i].has_loose_head;
    }
    return true; /* it begins in the middle of a line */
}

ul_rewrite_refusal ul_slots_exchange(ul_recuts *out, const ul_chunks *chunks, uint32_t first, uint32_t count,
                                     const uint32_t *order)
{
    ul_arena *arena = chunks->text->arena;
    ul_span *slots = UL_NEW_ARRAY(arena, ul_span, count);
    bool is_one_line = true;
    for (uint32_t i = 1; i < count; i++)
        is_one_line &= chunks->gaps[first + i].is_shared;
    if (is_one_line && !ul_slots_on_line(slots, chunks, first, count))
        return UL_REWRITE_SHARED_COMMENT;
    if (is_one_line && has_open_neighbour(chunks, first))
        return UL_REWRITE_COMMENT_OWNER;
    if (!is_one_line && !take_bare_slots(slots, chunks, first, count))
        return UL_REWRITE_SHARED_LINE;
    ul_recut recut = {.span = {slots[0].begin, slots[count - 1].end}};
    for (uint32_t i = 0; i < count; i++) {
        uint32_t from = order[i] - first;
        if (i + 1 < count && ul_slot_ends_line(chunks, slots[from]))
            return UL_REWRITE_SHARED_COMMENT;
        if (i > 0)
            ul_recut_add(&recut, arena, (ul_span){slots[i - 1].end, slots[i].begin}, true);
        ul_recut_add(&recut, arena, slots[from], from == i);
    }
    UL_RESERVE(arena, out->items, out->count, out->capacity);
    out->items[out->count++] = recut;
    return UL_REWRITE_DONE;
}

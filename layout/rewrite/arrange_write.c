/*
 * Step 5 of arrange.c: the lines of a segment in their new order, with a blank line where two paragraphs would touch and
 * none where two would meet.
 */
#include "layout/rewrite/arrange_state.h"

const ul_gap *ul_arranger_gap(const ul_arranger *a, uint32_t block)
{
    const ul_chunks *c = a->chunks;
    return &c->gaps[block < c->block_count ? c->blocks[block].first : c->group_count];
}

/* Whether the blocks from `block` to `last` stood between blank lines or walls. */
static bool is_apart(const ul_arranger *a, const ul_block *block, const ul_block *last)
{
    const ul_gap *above = &a->chunks->gaps[block->first], *below = &a->chunks->gaps[last->first + last->count];
    bool opens = above->own_count ? above->own[above->own_count - 1].is_blank : above->is_wall_before;
    bool closes = below->own_count ? below->own[0].is_blank : below->is_wall_after;
    return opens && closes;
}

static bool is_paragraph(const ul_arranger *a, const ul_block *block, const ul_block *last)
{
    return block->has_doc && is_apart(a, block, last);
}

static const char *newline(const ul_arranger *a)
{
    uint32_t end = a->chunks->blocks[a->first_block].lines.end;
    return end > 1 && a->chunks->text->bytes[end - 2] == '\r' ? "\r\n" : "\n";
}

static void write_blank(ul_arranger *a)
{
    ul_recut_add_literal(&a->recut, a->arena, newline(a));
    a->last = UL_LAST_BLANK;
}

static void write_own(ul_arranger *a, const ul_own_lines *own, bool is_first)
{
    if (own->is_blank && a->has_lost && (a->last == UL_LAST_BLANK || a->last == UL_LAST_BRACE))
        return;
    if (!own->is_blank && is_first && a->is_new && a->last == UL_LAST_UNIT)
        write_blank(a); /* it opened the body */
    ul_recut_add(&a->recut, a->arena, own->span, true);
    a->last = own->is_blank ? UL_LAST_BLANK : UL_LAST_COMMENT;
    a->last_own = own;
    a->open_section = own->section != UL_NO_SECTION ? own->section : a->open_section;
    a->is_new = a->has_lost = false;
}

/* Whether nothing of `section` comes behind unit `u`, NULL for the block behind all units. */
static bool is_section_done(const ul_arranger *a, uint32_t section, const ul_arranged_unit *u)
{
    for (uint32_t i = u ? (uint32_t)(u - a->units) : a->unit_count; i < a->unit_count; i++) {
        if (a->chunks->blocks[a->units[i].block].section == section)
            return false;
    }
    return a->end_block == a->chunks->block_count || a->chunks->blocks[a->end_block].section != section;
}

/* A blank line before the block where the lines above it would be read as belonging with it, or it with them. */
static void part_from_above(ul_arranger *a, const ul_block *block, const ul_arranged_unit *u)
{
    bool has_doc = block->has_doc && !(u && u->is_alone);
    bool wants = false;
    const ul_block *above = a->above, *last = u ? &a->chunks->blocks[u->last_block] : block;
    if (a->last == UL_LAST_UNIT && a->is_new)
        wants = a->above_end->has_tail || is_paragraph(a, above, a->above_end) || (above->has_doc && !has_doc) || (has_doc && is_paragraph(a, block, last)) ||
                (is_apart(a, above, a->above_end) && is_apart(a, block, last)) ||
                (above->section != UL_NO_SECTION && is_section_done(a, above->section, u) &&
                 (block->section == UL_NO_SECTION || block->section != a->open_section));
    else if (a->last == UL_LAST_COMMENT && a->last_own->section != UL_NO_SECTION && a->is_new)
        wants = a->last_own->section != block->section || has_doc;
    if (wants)
        write_blank(a);
}

static void write_unit(ul_arranger *a, const ul_arranged_unit *u)
{
    const ul_block *block = &a->chunks->blocks[u->block];
    a->is_new |= !u->is_kept;
    part_from_above(a, block, u);
    ul_arena *arena = a->arena;
    if (u->is_alone) {
        ul_span slot = u->slots[u->first - block->first];
        ul_recut_add(&a->recut, arena, (ul_span){block->lines.begin, u->slots[0].begin}, false);
        ul_recut_add(&a->recut, arena, slot, false);
        ul_recut_add_literal(&a->recut, arena, a->chunks->text->bytes[slot.end - 1] == '\r' ? "\n" : newline(a));
    } else if (u->inside) {
        uint32_t at = u->lines.begin;
        for (uint32_t i = 0; i < u->count; i++) {
            uint32_t from = u->inside[i] - block->first;
            ul_recut_add(&a->recut, arena, (ul_span){at, u->slots[i].begin}, u->is_kept);
            ul_recut_add(&a->recut, arena, u->slots[from], u->is_kept && from == i);
            at = u->slots[i].end;
        }
        ul_recut_add(&a->recut, arena, (ul_span){at, u->lines.end}, u->is_kept);
    } else {
        ul_recut_add(&a->recut, arena, u->lines, u->is_kept);
    }
    a->last = UL_LAST_UNIT;
    a->above = block;
    a->above_end = &a->chunks->blocks[u->last_block];
    a->has_lost = false;
    a->is_new = !u->is_kept;
}

static void write_start(ul_arranger *a)
{
    const ul_chunks *c = a->chunks;
    a->last = UL_LAST_WALL;
    a->open_section = UL_NO_SECTION;
    if (a->first_block > 0) {
        a->last = UL_LAST_UNIT;
        a->above = a->above_end = &c->blocks[a->first_block - 1];
        a->open_section = a->above->section;
    } else if (c->gaps[0].from == c->record->body.begin) {
        a->last = UL_LAST_BRACE;
    }
}

static void write_end(ul_arranger *a)
{
    const ul_chunks *c = a->chunks;
    if (a->end_block < c->block_count) {
        if (ul_arranger_gap(a, a->end_block)->own_count == 0)
            part_from_above(a, &c->blocks[a->end_block], NULL);
        return;
    }
    ul_piece *last = a->recut.count ? &a->recut.pieces[a->recut.count - 1] : NULL;
    if (last && a->last == UL_LAST_BLANK && a->has_lost && c->gaps[c->group_count].is_brace_after)
        a->recut.count--;
}

void ul_arranger_write(ul_arranger *a)
{
    write_start(a);
    for (uint32_t at = 0; at <= a->entry_count; at++) {
        for (uint32_t i = 0; i < a->unit_count; i++) {
            if (!a->units[i].is_kept && a->units[i].place == at)
                write_unit(a, &a->units[i]);
        }
        if (at == a->entry_count)
            break;
        const ul_arranged_entry *e = &a->entries[at];
        if (e->own)
            write_own(a, e->own, at == 0);
        else if (a->units[e->unit].is_kept)
            write_unit(a, &a->units[e->unit]);
        else
            a->is_new = a->has_lost = true;
    }
    write_end(a);
}

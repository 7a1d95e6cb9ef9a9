#include "layout/engine/padding.h"

#include <string.h>

/* Padding of `unit` when it is placed at a residue, in grains; *next is the residue behind it. */
static uint32_t padding_of(const ul_padding *p, const ul_units *units, uint32_t unit, uint32_t residue, uint32_t *next)
{
    uint64_t at = (uint64_t)residue * p->grain_bits, end = ul_units_place(units, unit, 0, at);
    *next = (uint32_t)(end / p->grain_bits % p->residues);
    return (uint32_t)((end - at - units->items[unit].least_bits[0]) / p->grain_bits);
}

/* Kinds of the segment in source order; representative[k] is the first unit of kind k. */
static uint32_t *list_kinds(ul_padding *p, const ul_units *units, uint32_t *counts, ul_arena *arena)
{
    uint32_t *representative = UL_NEW_ARRAY(arena, uint32_t, p->end - p->begin);
    p->kind_of = UL_NEW_ARRAY(arena, uint32_t, p->end - p->begin);
    for (uint32_t i = p->begin; i < p->end; i++) {
        uint32_t at = 0;
        while (at < p->kind_count && units->items[representative[at]].kind != units->items[i].kind)
            at++;
        if (at == p->kind_count)
            representative[p->kind_count++] = i;
        p->kind_of[i - p->begin] = at;
        counts[at]++;
    }
    return representative;
}

static void fill_kept(ul_padding *p, const ul_units *units, ul_arena *arena)
{
    uint32_t count = p->end - p->begin;
    p->kept = UL_NEW_ARRAY(arena, uint32_t, (size_t)(count + 1) * p->residues);
    for (uint32_t i = count; i-- > 0;) {
        for (uint32_t residue = 0; residue < p->residues; residue++) {
            uint32_t next, padding = padding_of(p, units, p->begin + i, residue, &next);
            p->kept[(size_t)i * p->residues + residue] = padding + p->kept[(size_t)(i + 1) * p->residues + next];
        }
    }
}

/* least[state][residue] by states of ever more units: the best first unit, then the state without it. */
static void fill_least(ul_padding *p, const ul_units *units, const uint32_t *representative, const uint32_t *apart, uint64_t states,
                       ul_arena *arena)
{
    uint32_t *left = UL_NEW_ARRAY(arena, uint32_t, p->kind_count);
    p->least = UL_NEW_ARRAY(arena, uint32_t, states * p->residues);
    for (uint64_t state = 1; state < states; state++) {
        for (uint32_t i = 0; ++left[i] > apart[i]; i++)
            left[i] = 0;
        for (uint32_t residue = 0; residue < p->residues; residue++) {
            uint32_t best = UINT32_MAX;
            for (uint32_t kind = 0; kind < p->kind_count; kind++) {
                uint32_t next;
                if (!left[kind])
                    continue;
                uint32_t padding = padding_of(p, units, representative[kind], residue, &next);
                padding += p->least[(state - p->weights[kind]) * p->residues + next];
                best = padding < best ? padding : best;
            }
            p->least[state * p->residues + residue] = best;
        }
    }
}

void ul_padding_init(ul_padding *out, const ul_units *units, uint32_t begin, uint32_t end, uint32_t entries_max, ul_arena *arena)
{
    uint64_t widest[UL_TARGETS_MAX], states = 1;
    *out = (ul_padding){.begin = begin, .end = end, .grain_bits = 8};
    for (uint32_t target = 0; target < units->target_count; target++)
        widest[target] = ul_units_widest(units, begin, end, target);
    for (uint32_t i = begin; i < end; i++) {
        if (units->items[i].starts_with_bits || units->items[i].ends_with_bits || units->items[i].least_bits[0] % 8)
            out->grain_bits = 1;
    }
    out->residues = (uint32_t)(widest[0] / out->grain_bits);
    uint32_t *apart = UL_NEW_ARRAY(arena, uint32_t, end - begin);
    const uint32_t *representative = list_kinds(out, units, apart, arena);
    out->weights = UL_NEW_ARRAY(arena, uint32_t, out->kind_count);
    out->periods = UL_NEW_ARRAY(arena, uint64_t, out->kind_count);
    if ((uint64_t)(end - begin + 1) * out->residues <= entries_max)
        fill_kept(out, units, arena);
    for (uint32_t kind = 0; kind < out->kind_count; kind++) {
        out->periods[kind] = ul_units_period(units, representative[kind], widest);
        /* Of fewer units more may need places of their own, up to a period of them. */
        if (out->periods[kind] && apart[kind] > out->periods[kind])
            apart[kind] = (uint32_t)out->periods[kind];
        out->weights[kind] = (uint32_t)states;
        states *= apart[kind] + 1u;
        if (states * out->residues > entries_max)
            return;
    }
    fill_least(out, units, representative, apart, states, arena);
}

static uint32_t residue_of(const ul_padding *p, uint64_t at_bits)
{
    /* Where there are only whole bytes, a start inside a byte goes to the next. */
    return (uint32_t)((at_bits + p->grain_bits - 1) / p->grain_bits % p->residues);
}

uint64_t ul_padding_least(const ul_padding *padding, const uint32_t *left, uint64_t at_bits)
{
    uint64_t state = 0;
    if (!padding->least)
        return 0;
    for (uint32_t kind = 0; kind < padding->kind_count; kind++)
        state += (uint64_t)padding->weights[kind] * ul_units_apart(left[kind], padding->periods[kind]);
    return (uint64_t)padding->least[state * padding->residues + residue_of(padding, at_bits)] * padding->grain_bits;
}

uint64_t ul_padding_kept(const ul_padding *padding, uint32_t unit, uint64_t at_bits)
{
    if (!padding->kept)
        return 0;
    return (uint64_t)padding->kept[(size_t)(unit - padding->begin) * padding->residues + residue_of(padding, at_bits)] *
           padding->grain_bits;
}

/*
 * How much padding is still to come at least, for units of a segment that are not placed yet: exact where only their number counts and
 * runs of bit-fields may touch, so never too much. Tables are made once for a segment. For the search for fewest moves.
 */
#ifndef UL_ENGINE_PADDING_H
#define UL_ENGINE_PADDING_H

#include "layout/engine/units.h"

typedef struct ul_padding {
    uint32_t *least;      /* by state and residue, in grains; NULL when the table would be too large */
    uint32_t *kept;       /* by unit and residue: for the source's order from there to the end; NULL likewise */
    uint32_t begin, end;  /* the segment */
    uint32_t grain_bits;  /* 8, or 1 where bit-fields are */
    uint32_t residues;    /* grains in the widest alignment */
    uint32_t kind_count;
    uint32_t *kind_of;    /* by unit of the segment: place among its kinds */
    uint32_t *weights;    /* by kind: of one more unit in a state's number */
    uint64_t *periods;    /* by kind */
} ul_padding;

/* For the units [begin, end) on the first target. `entries_max` bounds each table. */
void ul_padding_init(ul_padding *out, const ul_units *units, uint32_t begin, uint32_t end, uint32_t entries_max, ul_arena *arena);
/* Bits of padding that cannot be avoided when left[kind] units of each kind are placed from `at_bits` on. */
uint64_t ul_padding_least(const ul_padding *padding, const uint32_t *left, uint64_t at_bits);
/* Bits of padding when units `unit` to the segment's last are placed in source order from `at_bits` on; 0 when not known. */
uint64_t ul_padding_kept(const ul_padding *padding, uint32_t unit, uint64_t at_bits);

#endif

/*
 * What the parts of an arrangement share: the units that keep or change their places, the old lines, and what the line
 * written last was. For layout/rewrite/arrange*.c only.
 */
#ifndef UL_REWRITE_ARRANGE_STATE_H
#define UL_REWRITE_ARRANGE_STATE_H

#include "layout/rewrite/arrange.h"

typedef struct ul_arranged_unit {
    uint32_t block, last_block;
    ul_span lines;
    uint32_t first, count;  /* declarations in the old order */
    const uint32_t *inside; /* their new order when it differs, else NULL */
    const ul_span *slots;   /* of the block, when it is taken apart or permuted */
    uint64_t weight;
    uint32_t place; /* entry that it goes before, for a moved one */
    bool is_alone;  /* gets a line of its own */
    bool is_kept;
    bool is_under_heading; /* moved, but still below its section's heading */
} ul_arranged_unit;

/* A line or more of the old text: a unit's, or lines that are nobody's. */
typedef struct ul_arranged_entry {
    const ul_own_lines *own; /* NULL for a unit */
    uint32_t unit;
} ul_arranged_entry;

typedef enum ul_last_kind { UL_LAST_WALL, UL_LAST_BRACE, UL_LAST_UNIT, UL_LAST_BLANK, UL_LAST_COMMENT } ul_last_kind;

typedef struct ul_arranger { // ullage: ignore[reorder-saves] -- one at a time
    const ul_chunks *chunks;
    ul_arena *arena;
    const uint32_t *order;
    uint32_t first_block, end_block;
    ul_arranged_unit *units; /* in the new order */
    uint32_t unit_count;
    ul_arranged_entry *entries; /* in the old order */
    uint32_t entry_count;
    ul_recut recut;
    ul_last_kind last;
    const ul_block *above, *above_end; /* of UL_LAST_UNIT: its first and last block */
    const ul_own_lines *last_own;
    uint32_t open_section; /* whose heading a reader has above him */
    bool is_new; /* something came or went since the last line written */
    bool has_lost; /* something went */
} ul_arranger;

/* What stands before block `block`, or behind the last one. */
const ul_gap *ul_arranger_gap(const ul_arranger *a, uint32_t block);
/* Step 5 of arrange.c: every unit has its place, and the recut gets its lines. */
void ul_arranger_write(ul_arranger *a);

#endif

/*
 * What follows from a record's layout: the holes between fields and the books that must close,
 *   8 * size = field_bits + 8 * hole_bytes + bit_hole_bits + 8 * tail_padding_bytes.
 * An anonymous member counts as one field of its own size. For a union the largest member counts.
 */
#ifndef UL_MODEL_FACTS_H
#define UL_MODEL_FACTS_H

#include "layout/model/record.h"

typedef struct ul_hole {
    uint32_t after;        /* index of the direct field before it, or UL_NO_PARENT at the start of the record */
    uint64_t offset_bits;
    uint64_t size_bits;    /* whole bytes for a hole, fewer than 8 for a bit hole */
} ul_hole;

typedef struct ul_facts {
    uint64_t field_bits;
    uint64_t hole_bytes;
    uint64_t bit_hole_bits;
    uint64_t tail_padding_bytes;
    uint32_t line_count;
    uint32_t straddle_count; /* direct fields of at most a line that cross one, when the record starts on a line */
    ul_hole *holes;     /* whole bytes, ascending */
    uint32_t hole_count;
    ul_hole *bit_holes; /* ascending */
    uint32_t bit_hole_count;
    ul_class_fit fit;
} ul_facts;

#endif

/*
 * A record cut into the runs of bytes that a map draws: fields, runs of bit-fields that share bytes, holes, tail
 * padding. Anonymous structs are opened, because C sees their fields as the record's own. Structs only: the
 * fields of a union lie over each other. For report/ only.
 */
#ifndef UL_REPORT_CELLS_H
#define UL_REPORT_CELLS_H

#include "layout/model/record.h"

typedef enum ul_cell_kind {
    UL_CELL_FIELD,
    UL_CELL_BITS,       /* bit-fields that lie side by side */
    UL_CELL_HOLE,
    UL_CELL_INNER_HOLE, /* inside an anonymous member: lost there, not by this record's order */
    UL_CELL_TAIL,
    UL_CELL_MARKER      /* takes no bytes: a flexible or zero-length array */
} ul_cell_kind;

typedef struct ul_cell {
    const char *label; /* "" for holes */
    uint64_t begin, end; /* bytes of the record */
    ul_cell_kind kind;
    uint32_t first_field, last_field; /* of fields[]; for holes the field before, UL_NO_PARENT at the start */
    bool is_moved;
} ul_cell;

typedef struct ul_cells {
    ul_cell *items; /* ascending, without gaps or overlap; markers stand where they point */
    uint32_t count, capacity;
    uint64_t hole_bytes; /* of UL_CELL_HOLE */
    uint32_t hole_count;
    uint64_t tail_bytes;
} ul_cells;

/* `labels` as ul_labels_of gives them; `moved` by field index, NULL for none. Everything lands in `arena`. */
void ul_cells_of(ul_cells *out, const ul_record *record, const char *const *labels, const bool *moved, ul_arena *arena);

#endif

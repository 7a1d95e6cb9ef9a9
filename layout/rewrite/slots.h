/*
 * Declarations that change places without their lines: on one line, or where lines are shared with a brace. Each has a
 * slot, its own bytes and the comments that are surely its; what stands between slots stays. For the rewrite room only.
 */
#ifndef UL_REWRITE_SLOTS_H
#define UL_REWRITE_SLOTS_H

#include "layout/rewrite/chunks.h"
#include "layout/rewrite/edits.h"
#include "layout/rewrite/rewrite.h"

/*
 * Fills slots[0..count-1] for the segment's declarations [first, first + count), all on one line. False when it
 * is not clear whose a comment is: either all have one before them, or all have one after them.
 */
bool ul_slots_on_line(ul_span *slots, const ul_chunks *chunks, uint32_t first, uint32_t count);
/* Whether a comment at the slot's end takes in the rest of its line. */
bool ul_slot_ends_line(const ul_chunks *chunks, ul_span slot);
/*
 * Puts declarations [first, first + count) into `order` (relative to the segment) by exchanging slots. Refuses where
 * comments or other lines make that unclear, else adds a recut.
 */
ul_rewrite_refusal ul_slots_exchange(ul_recuts *out, const ul_chunks *chunks, uint32_t first, uint32_t count,
                                     const uint32_t *order);

#endif

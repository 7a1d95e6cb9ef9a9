/*
 * How a unit's result crosses the pipe from a worker process: one flat run of bytes, in host order, never
 * stored. Reading trusts nothing: a message cut short or with lengths that do not fit is refused.
 */
#ifndef UL_MODEL_WIRE_H
#define UL_MODEL_WIRE_H

#include "layout/model/unit.h"
#include "ullage/strbuf.h"

/* Appends `result` to `out`; check out->has_failed. */
void ul_wire_write_result(ul_strbuf *out, const ul_unit_result *result);
/* Reads a result that fills bytes[0..length-1] exactly, into `arena`. UL_ERR_INPUT when it does not. */
ul_status ul_wire_read_result(ul_unit_result *result, const void *bytes, uint64_t length,
                              ul_arena *arena) UL_MUST_USE;
/* Appends `record` without the unit that it was read in: equal bytes are equal records. */
void ul_wire_write_record(ul_strbuf *out, const ul_record *record);
/* Likewise. */
void ul_wire_write_evidence(ul_strbuf *out, const ul_evidence *evidence);
void ul_wire_write_initializer(ul_strbuf *out, const ul_initializer *initializer);

#endif

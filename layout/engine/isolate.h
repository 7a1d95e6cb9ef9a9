/*
 * A layout in which fields that threads contend for have cache lines of their own, whatever it costs in bytes: what a benchmark
 * holds the record against. It is no plan: walls, first members and initializers do not count. Pure.
 */
#ifndef UL_ENGINE_ISOLATE_H
#define UL_ENGINE_ISOLATE_H

#include "layout/engine/layout.h"

/* A field that is to stand apart; those of one group share a line. A field of an anonymous member takes the whole member along. */
typedef struct ul_isolated {
    uint32_t field, group;
} ul_isolated;

/*
 * The record with fields[0..count-1], sorted by group, behind the others, each group on the next line of `line_bytes`; before the others where
 * the record ends in an array that may be longer. *order_out has the direct fields in their new order, as ul_layout_replay takes it. With count 0
 * the record as it is, aligned to a line, so that neighbours in an array share none. UL_ERR_INPUT when a field is a bit-field, or there is nothing
 * else in the record.
 */
ul_status ul_isolate(ul_record **out, const uint32_t **order_out, const ul_record *record, const ul_target *target, const ul_isolated *fields,
                     uint32_t count, ul_arena *arena) UL_MUST_USE;

/* The direct field that holds fields[field], or itself. */
uint32_t ul_direct_field(const ul_record *record, uint32_t field);

#endif

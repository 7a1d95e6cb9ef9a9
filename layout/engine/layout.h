/*
 * Replays the record layout rules of C on one record: the System V / Itanium rules that gcc and clang
 * share on every target that is not Microsoft's. It predicts; libclang judges. Pure: never prints, never
 * changes its input. Source: System V ABI AMD64 3.1.2, AAPCS64 10.1, clang's ItaniumRecordLayoutBuilder.
 */
#ifndef UL_ENGINE_LAYOUT_H
#define UL_ENGINE_LAYOUT_H

#include "layout/model/record.h"

/* New size in bytes of the record `key` that had `size_bytes`, or `size_bytes` when it stays; NULL callback: all stay. */
typedef uint64_t ul_resized_fn(void *context, const char *key, uint64_t size_bytes);

/*
 * The record with its direct fields laid out in `order` (`order_count` indexes into fields[], each direct field once;
 * NULL for the source order), in `arena`. The fields of *out stand in the new order, anonymous members followed by theirs.
 * UL_ERR_INPUT when `order` is no permutation, UL_ERR_LIMIT when an offset overflows.
 */
ul_status ul_layout_replay(ul_record **out, const ul_record *record, const ul_target *target, const uint32_t *order,
                           uint32_t order_count, ul_resized_fn *resized, void *context, ul_arena *arena) UL_MUST_USE;

/* Whether replaying the source order gives the compiler's size and every one of its offsets. On false, *why (in `arena`) names the first difference. */
bool ul_layout_agrees(const ul_record *record, const ul_target *target, ul_arena *arena, const char **why);

#endif

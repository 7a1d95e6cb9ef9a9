/*
 * Records made by hand for suites that need the model without a parser: fields are listed with size and
 * alignment, the engine lays them out. For tests only.
 */
#ifndef UL_TESTS_MADE_RECORD_H
#define UL_TESTS_MADE_RECORD_H

#include <string.h>

#include "layout/engine/facts.h"
#include "layout/engine/layout.h"
#include "layout/model/report.h"

typedef struct made_field {
    const char *name, *type;
    uint64_t size_bytes; /* of the type; for bit-fields its storage */
    uint32_t align_bytes;
    uint32_t flags;
    uint32_t bits;       /* width of a bit-field; of other fields: value_bits */
    uint64_t inner_offset_bytes; /* fields of an anonymous member: from its start */
    uint32_t parent;     /* 1-based index of the anonymous member, 0 for a direct field */
} made_field;

/* Classes as glibc has them, without its large objects. */
static inline ul_target made_target(void)
{
    static const ul_class_range ranges[] = {{24, 1048, 16}};
    static const ul_allocator_table table = {
        .name = "glibc", .title = "a table for tests", .ranges = ranges, .range_count = 1, .header_bytes = 8, .large_granule_bytes = 4096};
    return (ul_target){.triple = "x86_64-pc-linux-gnu", .line_bytes = 64, .pointer_bytes = 8, .allocator = &table};
}

/* A struct of `fields` on lines 5.. of /w/include/made.h, one declaration each, laid out for `target`. */
static inline ul_record *made_record(ul_arena *arena, const ul_target *target, const char *name, const made_field *fields, uint32_t count)
{
    ul_record *record = UL_NEW(arena, ul_record), *laid_out = NULL;
    *record = (ul_record){.name = name,
                          .key = name,
                          .file = "/w/include/made.h",
                          .unit = "/w/src/made.c",
                          .line = 4,
                          .column = 1,
                          .end_line = 5 + count,
                          .own_align_bytes = 1,
                          .field_count = count,
                          .group_count = count};
    record->fields = UL_NEW_ARRAY(arena, ul_field, count + 1u);
    record->groups = UL_NEW_ARRAY(arena, ul_group, count + 1u);
    for (uint32_t i = 0; i < count; i++) {
        const made_field *from = &fields[i];
        bool is_bits = from->flags & UL_FIELD_BIT_FIELD;
        record->fields[i] = (ul_field){
            .name = from->name,
            .type = from->type,
            .offset_bits = from->parent ? from->inner_offset_bytes * 8 : 0,
            .size_bits = is_bits ? from->bits : from->size_bytes * 8,
            .align_bytes = from->align_bytes,
            .storage_bits = is_bits ? (uint32_t)from->size_bytes * 8 : 0,
            .flags = from->flags,
            .parent = from->parent ? from->parent - 1 : UL_NO_PARENT,
            .group = from->parent ? UL_NO_GROUP : i,
            .line = 5 + i,
            .column = 5,
            .value_bits = is_bits ? 0 : from->bits,
        };
        record->groups[i] = (ul_group){.first_field = i, .field_count = from->parent ? 0 : 1};
    }
    if (ul_layout_replay(&laid_out, record, target, NULL, 0, NULL, NULL, arena) != UL_OK)
        return NULL;
    return laid_out;
}

/* The plan that `order` (all direct fields) is, with `moved`; sizes from the engine. */
static inline ul_plan *made_plan(ul_arena *arena, const ul_target *target, const ul_record *record, const uint32_t *order, uint32_t order_count,
                                 const uint32_t *moved, uint32_t moved_count)
{
    ul_plan *plan = UL_NEW(arena, ul_plan);
    ul_record *after = NULL;
    ul_facts before_facts, after_facts;
    if (ul_layout_replay(&after, record, target, order, order_count, NULL, NULL, arena) != UL_OK)
        return NULL;
    ul_facts_of(&before_facts, record, target, arena);
    ul_facts_of(&after_facts, after, target, arena);
    *plan = (ul_plan){
        .order_count = order_count,
        .moved_count = moved_count,
        .size_bytes = after->size_bytes,
        .saved_bytes = record->size_bytes - after->size_bytes,
        .lower_bound_bytes = after->size_bytes,
        .is_optimal = true,
        .is_fewest_moves = true,
        .class_saved_bytes = before_facts.fit.footprint_bytes - after_facts.fit.footprint_bytes,
        .lines_before = before_facts.line_count,
        .lines_after = after_facts.line_count,
        .straddles_before = before_facts.straddle_count,
        .straddles_after = after_facts.straddle_count,
        .after = after,
    };
    plan->order = UL_NEW_ARRAY(arena, uint32_t, order_count + 1u);
    plan->moved = UL_NEW_ARRAY(arena, uint32_t, moved_count + 1u);
    memcpy(plan->order, order, order_count * sizeof *order);
    if (moved_count)
        memcpy(plan->moved, moved, moved_count * sizeof *moved);
    return plan;
}

#endif

/*
 * What a layout is judged for: an ABI, a cache line and an allocator's size classes.
 * Plain data; the size-class tables are generated from data/allocators/ at build time.
 */
#ifndef UL_MODEL_TARGET_H
#define UL_MODEL_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "ullage/status.h"

/* Requests of `from_bytes`, `from_bytes + step_bytes`, ... up to `to_bytes` are each the largest of a class. */
typedef struct ul_class_range {
    uint32_t from_bytes, to_bytes, step_bytes;
    uint32_t extra_bytes; /* that one object of these classes takes besides */
} ul_class_range;

/*
 * An allocator as size classes. A class is the largest request that it serves; what an object
 * costs is class + header + the range's extra. Requests over the last class are large objects:
 * cost = round_up(request + large_header, large_granule) + large_extra, in bytes.
 */
typedef struct ul_allocator_table {
    const char *name;    /* the word after --allocator */
    const char *title;   /* allocator and version that the table was verified on */
    const ul_class_range *ranges;
    uint32_t range_count;
    uint32_t header_bytes;
    uint32_t large_header_bytes;
    uint32_t large_granule_bytes;  /* power of two */
    uint32_t large_extra_bytes;
    bool large_is_power_of_two;    /* large objects take the next power of two of pages */
} ul_allocator_table;

/* Size class of one object. With no allocator `class_bytes` is 0 and nothing else is set. */
typedef struct ul_class_fit {
    uint64_t class_bytes;       /* largest request of the same class */
    uint64_t footprint_bytes;   /* what one object takes from the heap, header included */
    uint64_t slack_bytes;       /* class_bytes - size */
    uint64_t lower_class_bytes; /* next smaller class, 0 when there is none */
    uint64_t bytes_to_lower;    /* to shed to fit the lower class, 0 when there is none */
    bool is_large;              /* over the allocator's last class */
} ul_class_fit;

/* The table named `name`, NULL when unknown. "none" gives a table without ranges. Static storage. */
const ul_allocator_table *ul_allocator_find(const char *name);
/* The tables one by one, "none" last; NULL when `index` is past it. Static storage. */
const ul_allocator_table *ul_allocator_at(uint32_t index);
/* Fit of an object of `size_bytes` (0 counts as 1). */
ul_class_fit ul_class_fit_of(const ul_allocator_table *table, uint64_t size_bytes);

typedef struct ul_target {
    const char *triple;      /* as libclang names it, e.g. "x86_64-pc-linux-gnu" */
    uint32_t line_bytes;     /* cache line, power of two, 16 to 1024 */
    uint32_t span_bytes;     /* within which writers disturb each other: a line, or as --span-bytes has it; 0: a line */
    uint32_t pointer_bytes;
    bool is_ms_layout;       /* Microsoft record layout rules: bit-fields and attributes are refused */
    bool unnamed_bits_align; /* unnamed and zero-width bit-fields raise the record's alignment (AAPCS, AAPCS64) */
    const ul_allocator_table *allocator;
} ul_target;

enum { UL_TARGETS_MAX = 8 };

/* The target that `triple` names: line, layout rules, no allocator. Borrows `triple`. A user's line size is set afterwards. */
void ul_target_init(ul_target *target, const char *triple, uint32_t pointer_bytes);

/* Bytes that writers are kept apart: the span, at least a line. */
static inline uint32_t ul_target_apart(const ul_target *target)
{
    return target->span_bytes > target->line_bytes ? target->span_bytes : target->line_bytes;
}

/* Cache line of an architecture in bytes: 64, or 128 for POWER and Apple arm64, 256 for s390x, 32 for older cores. */
uint32_t ul_line_bytes_of(const char *triple);
/* Bytes within which writers may disturb each other on some processors of it: to consider for --span-bytes, never the default. */
uint32_t ul_span_bytes_of(const char *triple);

#endif

/*
 * How large and how aligned the memory is that a call of libc makes, as its arguments say: `sizeof` of which record, which constant. For
 * the census of this room only.
 */
#ifndef UL_PARSE_MEMORY_SIZES_H
#define UL_PARSE_MEMORY_SIZES_H

#include "layout/parse/census_reader.h"

typedef struct ul_memory_size {
    ul_word record;       /* whose sizeof the size is: alone, multiplied, with something added, rounded up; 0: none is seen */
    uint32_t align_bytes; /* is_aligned: asked for by a constant; 0: as _Alignof of `record` says */
    bool is_aligned;      /* an alignment is asked for, and understood */
} ul_memory_size;

/* False when `name` is no function of libc that makes memory, or asks for an alignment that is not understood. */
bool ul_memory_size_of(ul_memory_size *out, ul_census_reader *census, CXCursor call, const char *name);
/* Whether `value`, below casts, points to `record`, as deep as ul_shape.depth has it. */
bool ul_expression_points_to(ul_census_reader *census, CXCursor value, ul_word record, uint32_t depth);

#endif

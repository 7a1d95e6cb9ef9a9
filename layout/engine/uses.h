/*
 * What all units say about the use of records, put together: equal items once, sorted, so that what is known of one record stands
 * together. A place that units read differently keeps one reading and an obstacle. Pure.
 */
#ifndef UL_ENGINE_USES_H
#define UL_ENGINE_USES_H

#include "layout/model/unit.h"

/* The uses of every unit, sorted by record, file, line, column and kind. Texts are borrowed from `results`. */
void ul_uses_merge(ul_uses *out, const ul_unit_result *results, uint32_t result_count, ul_arena *arena);

#endif

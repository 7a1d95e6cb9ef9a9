/*
 * Many units' results into one sorted list of records: the same definition seen by many units becomes one entry, layouts
 * that differ become its variants. Deterministic: the order of jobs decides, never the order of arrival.
 */
#ifndef UL_ENGINE_MERGE_H
#define UL_ENGINE_MERGE_H

#include "layout/model/report.h"
#include "layout/model/unit.h"

/* Entries (record, variants) sorted by file, line, column, name. facts and plan are left for later. `arena` owns the list. */
void ul_merge_units(ul_entry **out, uint32_t *count, const ul_unit_result *results, uint32_t result_count, ul_arena *arena);

#endif

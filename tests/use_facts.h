/*
 * What follows when a facts file is read: its units are narrowed and merged, and nothing of that may trust what is in it. For
 * test_facts_file.c and fuzz_facts.c only.
 */
#ifndef UL_TESTS_USE_FACTS_H
#define UL_TESTS_USE_FACTS_H

#include "layout/engine/allocations.h"
#include "layout/engine/census.h"
#include "layout/engine/facts_merge.h"
#include "layout/engine/merge.h"
#include "layout/engine/uses.h"

/* A report about what lies below `folder`, as far as it rests on the file. */
static inline void use_facts(const ul_facts_set *set, const char *folder, ul_arena *arena)
{
    const ul_file_filter filter = {.paths = &folder, .count = 1};
    ul_entry *entries;
    uint32_t count;
    ul_uses uses;
    ul_census *census;
    ul_allocations allocations;
    ul_unit_result *results = UL_NEW_ARRAY(arena, ul_unit_result, set->unit_count + 1u);
    for (uint32_t i = 0; i < set->unit_count; i++) {
        results[i] = set->units[i].result;
        ul_unit_result_narrow(&results[i], &filter, arena);
    }
    ul_merge_units(&entries, &count, results, set->unit_count, arena);
    ul_uses_merge(&uses, results, set->unit_count, arena);
    ul_census_merge(&census, results, set->unit_count, NULL, arena);
    ul_allocations_merge(&allocations, results, set->unit_count, arena);
}

#endif

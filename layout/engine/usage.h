/*
 * How a record is used, out of what there is to tell it: annotations and markers first, then a profile, then the census. What the
 * author wrote about a field wins over what was counted. Pure.
 */
#ifndef UL_ENGINE_USAGE_H
#define UL_ENGINE_USAGE_H

#include "layout/model/profile.h"
#include "layout/model/report.h"

typedef struct ul_usage_request {
    const ul_entry *entries; /* all of the run: who holds the record by value */
    uint32_t entry_count;
    const ul_census *census; /* merged, or NULL */
    const ul_target *targets; /* by record.target */
    const ul_finding *findings; /* what rules say of entries[index]: who fights over lines counts, whatever roles are known */
    uint32_t finding_count;
} ul_usage_request;

/* The use of entries[index], or NULL when nothing tells of it. In `arena`. */
const ul_usage *ul_usage_of(const ul_usage_request *request, uint32_t index, ul_arena *arena);

#endif

/*
 * Profiles on records: which record a type of a profile is, and which field each of its numbers belongs to. Pure but for the report, whose
 * entries get what was measured of them.
 */
#ifndef UL_ENGINE_PROFILES_H
#define UL_ENGINE_PROFILES_H

#include "layout/model/report.h"

/*
 * Sets entries[].profile and report->profiles. A type is matched by its name, its size and the offsets and names of its fields; where it was
 * measured with another layout, by the names of its fields, when those that have most of the samples are there. Contended cache
 * lines (perf c2c) are matched by what the census says that the functions seen on them touch; without a census they stay where they
 * are. What cannot be placed surely is not placed, and the summary says why.
 */
void ul_profiles_place(ul_report *report, const ul_profile *const *profiles, uint32_t count, ul_arena *arena);

#endif

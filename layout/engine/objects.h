/*
 * Variables of the census, and allocations that there is something to say about, as entries behind the records of a report, so that findings
 * can be about them. Pure but for the report.
 */
#ifndef UL_ENGINE_OBJECTS_H
#define UL_ENGINE_OBJECTS_H

#include "layout/model/report.h"

/* One whose use can matter to a neighbour: it can change, threads share it, and code does touch it. */
bool ul_variable_is_shared(const ul_census *census, const ul_variable *variable);
/*
 * Appends an entry for each wanted variable that is shared or carries an annotation, for each advice (whose `entry` it sets), and for comments in
 * bodies that silence none; sets report->advice and object_count. Needs report->census, NULL for none, and report->allocations.
 */
void ul_objects_add(ul_report *report, ul_advice *advice, uint32_t advice_count, ul_arena *arena);
/* What an entry behind the records was made for; NULL when that was something else. */
const ul_advice *ul_object_advice(const ul_report *report, uint32_t entry);

/* The variable that an entry behind the records stands for. */
const ul_variable *ul_object_variable(const ul_report *report, uint32_t entry);

#endif

/*
 * Variables of the census as entries behind the records of a report, so that findings can be about them. Pure but for the report.
 */
#ifndef UL_ENGINE_OBJECTS_H
#define UL_ENGINE_OBJECTS_H

#include "layout/model/report.h"

/* One whose use can matter to a neighbour: it can change, threads share it, and code does touch it. */
bool ul_variable_is_shared(const ul_census *census, const ul_variable *variable);
/* Appends an entry for each wanted variable that is shared or carries an annotation; sets report->object_count. Needs report->census, NULL for none. */
void ul_objects_add(ul_report *report, ul_arena *arena);

/* The variable that an entry behind the records stands for. */
const ul_variable *ul_object_variable(const ul_report *report, uint32_t entry);

#endif

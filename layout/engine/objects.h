/*
 * Variables of the census as entries behind the records of a report, so that findings can be about them. Pure but for the report.
 */
#ifndef UL_ENGINE_OBJECTS_H
#define UL_ENGINE_OBJECTS_H

#include "layout/model/report.h"

/* Appends an entry for each wanted variable that run-time code touches; sets report->object_count. Needs report->census, NULL for none. */
void ul_objects_add(ul_report *report, ul_arena *arena);

/* The variable that an entry behind the records stands for. */
const ul_variable *ul_object_variable(const ul_report *report, uint32_t entry);

#endif

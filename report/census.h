/*
 * The census of one record: who reads, writes and locks each field, and where objects of it come to be, as text for `show --census`
 * and as members of the JSON record. For report/ only.
 */
#ifndef UL_REPORT_CENSUS_H
#define UL_REPORT_CENSUS_H

#include "report/ink.h"
#include "report/json_item.h"

/* Nothing where the census knows nothing of the record. */
void ul_census_draw(ul_ink *ink, const ul_report *report, const ul_record *record, bool is_verbose, ul_arena *arena);
/* What its columns mean; said once, behind everything. */
void ul_census_draw_legend(ul_ink *ink);
/* Adds "census" to the record's `item`. */
void ul_census_add(cJSON *item, const ul_report *report, const ul_record *record, ul_arena *arena);

#endif

/*
 * Findings in the order in which a reader with little room should meet them, the number that tells apart those that
 * share a fingerprint, and which of them the plan mends. For report/ only.
 */
#ifndef UL_REPORT_RANKING_H
#define UL_REPORT_RANKING_H

#include "layout/model/report.h"

/* Whether it is about the order of the fields, as the plan and the patch of its entry are: other findings are mended otherwise. */
bool ul_finding_is_about_order(const ul_finding *finding);
/* Indexes of findings[0..count-1], worst first: by level, then by bytes saved, then as they stand. In `arena`. */
uint32_t *ul_ranking_of(const ul_finding *findings, uint32_t count, ul_arena *arena);
/* For each finding how many before it have its fingerprint, plus one. In `arena`. */
uint32_t *ul_occurrences_of(const ul_finding *findings, uint32_t count, ul_arena *arena);

#endif

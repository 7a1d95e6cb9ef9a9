/*
 * Findings in the order in which a reader with little room should meet them, and the number that tells apart those
 * that share a fingerprint. For the formats whose readers cut or collapse. For report/ only.
 */
#ifndef UL_REPORT_RANKING_H
#define UL_REPORT_RANKING_H

#include "layout/model/report.h"

/* Indexes of findings[0..count-1], worst first: by level, then by bytes saved, then as they stand. In `arena`. */
uint32_t *ul_ranking_of(const ul_finding *findings, uint32_t count, ul_arena *arena);
/* For each finding how many before it have its fingerprint, plus one. In `arena`. */
uint32_t *ul_occurrences_of(const ul_finding *findings, uint32_t count, ul_arena *arena);

#endif

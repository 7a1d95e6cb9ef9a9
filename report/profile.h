/*
 * What was measured, in reports: of a record the share of each field and who touches it, and of each profile what became of it and how
 * far to trust its numbers. For report/ only.
 */
#ifndef UL_REPORT_PROFILE_H
#define UL_REPORT_PROFILE_H

#include "report/ink.h"
#include "report/json_item.h"

/* The fields of one record that were seen, for `show`; nothing where no profile has seen it. */
void ul_profile_draw(ul_ink *ink, const ul_entry *entry, bool is_verbose, ul_arena *arena);
/* A paragraph for each profile of the run. */
void ul_profiles_draw(ul_ink *ink, const ul_report *report, bool is_verbose, ul_arena *arena);
/* "perf report: 21353 samples, 16.9 % with a type, 16.9 % placed on 2 records": one profile in a clause. */
const char *ul_profile_words(const ul_profile_summary *summary, ul_arena *arena);
/* "first-touch, skid, ..." */
const char *ul_profile_biases(uint32_t biases, ul_arena *arena);
/* "`flags` 67.1 %, `next` 11.0 % and 3 more of 2022 samples": the fields of one record, those with most first; "" where no number is. */
const char *ul_profile_record_words(const ul_entry *entry, ul_arena *arena);
/* "67.1 %", "" for a field that nothing was seen of. */
const char *ul_profile_share(const ul_entry *entry, uint32_t field, ul_arena *arena);

/* Adds "profile" to the record's `item`, where one has seen it. */
void ul_profile_add(cJSON *item, const ul_entry *entry, ul_arena *arena);
/* One item of "profiles". */
cJSON *ul_profile_item(const ul_report *report, const ul_profile_summary *summary, ul_arena *arena);

#endif

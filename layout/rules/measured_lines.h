/*
 * Contention that was measured and that no rule suspects from the source alone: loads of one field that found its line changed in another
 * core's cache, on the line of another field that is written. For this room only.
 */
#ifndef UL_RULES_MEASURED_LINES_H
#define UL_RULES_MEASURED_LINES_H

#include "layout/rules/findings.h"

/*
 * Adds a finding of false-sharing where two threads were seen on two fields of one line, one of them storing, of a record of which there is one object
 * in all. measured_threads.c
 */
void ul_measured_threads_check(const ul_rule_context *context, uint32_t entry);
/* Whether a finding of this run, heard or silenced, is about one of the two fields already. */
bool ul_measured_is_told(const ul_rule_context *context, uint32_t entry, const ul_profile_fight *fields);
/* Adds a finding of false-sharing for each line of the record that is contended and that no finding of this run is about yet. */
void ul_measured_lines_check(const ul_rule_context *context, uint32_t entry);

#endif

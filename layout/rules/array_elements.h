/*
 * Elements of arrays that are records and belong to a thread or a queue each: part of the rule array-false-sharing. For this room only.
 */
#ifndef UL_RULES_ARRAY_ELEMENTS_H
#define UL_RULES_ARRAY_ELEMENTS_H

#include "layout/rules/findings.h"

/* Whether what one element holds and what the next holds can lie on one unit of `unit_bytes`: padding at the ends keeps them apart. */
bool ul_elements_neighbours_meet(const ul_record *record, uint32_t unit_bytes);
/* Records that the number of a thread or of a queue picks out of an array. */
void ul_elements_check(const ul_rule_context *context, uint32_t entry);
/* Records that are the objects of threads: a pointer to one goes to a new thread. Whether it was reported. */
bool ul_elements_check_handed(const ul_rule_context *context, uint32_t entry);

#endif

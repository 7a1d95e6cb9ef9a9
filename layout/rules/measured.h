/*
 * What a profile says about a suspicion: fields that threads are thought to fight over, or to use together. Where it bears it out the finding
 * rises one level, ranks before those that are only thought, and says what was seen and what it costs; where it has looked and seen nothing
 * it says that. For this room only.
 */
#ifndef UL_RULES_MEASURED_H
#define UL_RULES_MEASURED_H

#include "layout/rules/findings.h"

/* Two sides of a fight over a line; one side (the other with count 0) for what threads share as a whole: elements of an array. */
typedef struct ul_contested {
    const uint32_t *fields[2]; /* of the record */
    uint32_t counts[2];
    const ul_entry *entry;     /* whose fields: NULL for those of the finding's own */
} ul_contested;

/* All direct fields of the record, in `arena`: one side. */
ul_contested ul_contested_all(const ul_entry *entry, ul_arena *arena);

/*
 * As ul_findings_add, with what profiles have seen of `contested`. It bears the finding out when another core's changed lines were hit there
 * (perf c2c), or when two threads or more have samples there, and on both sides.
 */
void ul_measured_add(const ul_rule_context *context, const ul_rule *rule, ul_contested contested, ul_finding finding);
/* The same for fields that are used together: when they have most of the record's samples, and the `cold` ones between them next to none. */
void ul_measured_add_hot(const ul_rule_context *context, const ul_rule *rule, const uint32_t *hot, uint32_t hot_count, const bool *is_cold, ul_finding finding);

#endif

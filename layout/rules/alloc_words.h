/* What the rule alloc-pattern says of an allocation: message, why and fix. For this room only. */
#ifndef UL_RULES_ALLOC_WORDS_H
#define UL_RULES_ALLOC_WORDS_H

#include "layout/rules/findings.h"

/* Only the words are filled in; they live in the arena of the findings. */
ul_finding ul_alloc_words(const ul_rule_context *context, const ul_advice *advice);

#endif

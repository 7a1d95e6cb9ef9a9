/*
 * Broken isolation: the author asked for a cache line of its own for something, and did not get it. No proof of threads is needed.
 * For the rule false-sharing only.
 */
#ifndef UL_RULES_ISOLATION_H
#define UL_RULES_ISOLATION_H

#include "layout/rules/sharing.h"

/* Adds what it finds to the rule false-sharing. */
void ul_isolation_check(const ul_rule_context *context, uint32_t entry);

#endif

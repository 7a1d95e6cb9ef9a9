/*
 * Flags that one thread sets again and again to what they are, and globals side by side that different threads change: part of the rule
 * false-sharing. For this room only.
 */
#ifndef UL_RULES_SHARED_FLAGS_H
#define UL_RULES_SHARED_FLAGS_H

#include "layout/rules/sharing.h"

/* Fields that are flags. */
void ul_flags_check(const ul_sharing *sharing, uint32_t entry);
/* A variable: as a flag, and with its neighbour. */
void ul_flags_check_object(const ul_rule_context *context, uint32_t entry);

#endif

/*
 * Holes, padding, lines and size class of a record as it stands. Pure.
 */
#ifndef UL_ENGINE_FACTS_H
#define UL_ENGINE_FACTS_H

#include "layout/model/facts.h"

/* Facts of `record` for `target`; arrays live in `arena`. Aborts when the books do not close: that is a bug, in release too. */
void ul_facts_of(ul_facts *out, const ul_record *record, const ul_target *target, ul_arena *arena);

#endif

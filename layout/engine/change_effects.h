/*
 * What a record's change does beyond its fields: boundaries crossed, holes, straddles, hot groups, old binaries. For
 * changes.c only. Pure.
 */
#ifndef UL_ENGINE_CHANGE_EFFECTS_H
#define UL_ENGINE_CHANGE_EFFECTS_H

#include "layout/engine/changes.h"

/*
 * Fills kind, effects and lists of `change`, whose before and after are set, both on `target`. False when nothing that is told
 * differs. With `is_abi` a break of a public record is an effect.
 */
bool ul_change_judge(ul_change *change, const ul_target *target, bool is_abi, ul_arena *arena);

#endif

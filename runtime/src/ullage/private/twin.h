/*
 * The debug twin: each object of an arena or a pool as a block of malloc's, with red zones, the places of its
 * get and put, and a quarantine that holds it for a while after its end. Finds double and foreign put,
 * overflow, use after put or reset, and what was never put. Any thread may call; slow by intent.
 */
#ifndef ULLAGE_PRIVATE_TWIN_H
#define ULLAGE_PRIVATE_TWIN_H

#include <stdio.h>

#include "ullage/private/settings.h"

/* `owner` tells pools apart; `name` is shown and must outlive it. NULL without memory. */
void *ul_twin_take(size_t size, size_t align, const void *owner, const char *name, ul_site site);
/* Ends an object of `owner`. False when it was none that is live: the fault has been reported. */
bool ul_twin_give(void *object, const void *owner, const char *name, ul_site site);
/* Whether `object` is one of `owner` that is out. */
bool ul_twin_is_live(const void *object, const void *owner);

/* Objects of `owner` that live, NULL for all; shown by place when `out` is not NULL. */
size_t ul_twin_live(const void *owner, FILE *out);
/* Takes the lock of the twins, or opens it: around a fork. */
void ul_twin_lock(bool is_locked);
/* Tells, once each, what was written beside the objects of `owner` (NULL: of all) or to those that have
   ended. `here`: the call that looks. */
void ul_twin_check(const void *owner, ul_site here);
/* Where the newest object of `owner` that ended just before `end` was ended; all NULL when it is not known
 * any more. */
ul_site ul_twin_ended_at(const void *owner, const void *end);
/* Ends everything of `owner`, whose name is no longer used. */
void ul_twin_forget(const void *owner);

#endif

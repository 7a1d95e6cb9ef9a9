/*
 * Whether two threads have the same object of a record. What has not been seen counts as memory where others find the object too. Pure.
 */
#ifndef UL_ENGINE_SHARED_OBJECTS_H
#define UL_ENGINE_SHARED_OBJECTS_H

#include "layout/model/census.h"
#include "layout/model/record.h"

typedef struct ul_object_view {
    const ul_census *census;
    const ul_record *record;
    const ul_tally *tallies; /* of the record */
    const uint32_t *field_of; /* by tally: in the record, or UL_NO_PARENT when it does not count */
    uint32_t tally_count;
} ul_object_view;

/* What the threads of one set do to a field. */
typedef struct ul_object_side {
    uint64_t threads; /* bits as of ul_census_function */
    uint32_t field, wants; /* wants: a set of 1 << ul_access_kind */
} ul_object_side;

/*
 * Whether two sides may have the same object: one variable, one element or any, what was handed to both, or what both find in memory. What
 * each has for itself is not one.
 */
bool ul_objects_may_be_one(const ul_object_view *view, ul_object_side a, ul_object_side b);
/* Whether each side has but one object, and both the same for sure: what is found in memory may be another, where there are several. */
bool ul_objects_are_one(const ul_object_view *view, ul_object_side a, ul_object_side b);

/* Whether all objects are known, those that only the thread of this bit touches as well as the others, and none is the same. */
bool ul_objects_are_own(const ul_object_view *view, uint64_t thread);

#endif

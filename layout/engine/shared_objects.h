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

/*
 * Whether the threads of one set may change `a` of the object of which those of another change `b`: one variable, one element or any, what was
 * handed to both, or what both find in memory. What each has for itself is not one.
 */
bool ul_objects_may_be_one(const ul_object_view *view, uint32_t a, uint64_t a_threads, uint32_t b, uint64_t b_threads);

/* Whether all objects are known, those that only the thread of this bit touches as well as the others, and none is the same. */
bool ul_objects_are_own(const ul_object_view *view, uint64_t thread);

#endif

/*
 * While profiles are placed: what each record has got so far, and how a number comes to a field. For the files profile*.c of this room only.
 */
#ifndef UL_ENGINE_PROFILE_STATE_H
#define UL_ENGINE_PROFILE_STATE_H

#include "layout/engine/profiles.h"

/* What one record has got. */
typedef struct ul_placing {
    ul_field_profile *fields;        /* of record->fields; NULL before the first number */
    ul_profile_context *contexts;
    ul_profile_fight *fights;
    ul_profile_counts sampled, contended; /* of types; of cache lines */
    ul_profile_counts *contended_fields;
    double thread_samples, seconds;
    uint32_t context_count, context_capacity;
    uint32_t fight_count, fight_capacity;
    uint32_t biases, sources;
    bool is_time, has_other;         /* some of its samples are of time; some are not */
    bool has_seconds, has_no_seconds;
} ul_placing;

typedef struct ul_placings {
    ul_report *report;
    ul_placing *items; /* by entry */
    const ul_profile *const *profiles; /* all of the run */
    const ul_profile *profile;
    ul_profile_summary *summary; /* of profile */
    uint32_t profile_count;
    uint32_t placement_capacity;
    bool *is_touched;  /* by entry: has got something of profile */
    ul_arena *arena;
} ul_placings;

/* What is placed belongs to a type, or to a contended line: kept apart, since one counts samples and the other accesses of a few. */
typedef enum ul_placing_kind { UL_PLACING_TYPE, UL_PLACING_LINE } ul_placing_kind;

/* Adds `counts` to the fields that hold byte `offset_bytes` of the record. False where no field does. */
bool ul_placing_add_at(ul_placings *of, uint32_t entry, uint64_t offset_bytes, const ul_profile_counts *counts, ul_placing_kind kind);
/* The same for fields[field] and the anonymous members around it. */
void ul_placing_add_to(ul_placings *of, uint32_t entry, uint32_t field, const ul_profile_counts *counts);
/* The direct field that holds the byte, or UL_NO_PARENT. */
uint32_t ul_placing_direct_at(const ul_record *record, uint64_t offset_bytes);
/* A context of the record for a function and a thread; the same again from elsewhere are put together in the end. Valid until the next call. */
ul_profile_context *ul_placing_context(ul_placings *of, uint32_t entry, const ul_profile_context *like);
/* What `field` counts there. */
ul_profile_counts *ul_placing_use(ul_placings *of, ul_profile_context *context, uint32_t field);
/* Marks the entry as one that has got something. */
void ul_placing_touch(ul_placings *of, uint32_t entry);
/* Adds to the summary. */
void ul_placing_tell(ul_placings *of, ul_profile_placement placement);

/* The field of that name: the first part of a path ("st" of "st.hits"), or UL_NO_PARENT. */
uint32_t ul_placing_named(const ul_record *record, const char *path);

void ul_profile_place_types(ul_placings *of);
void ul_profile_place_lines(ul_placings *of);

#endif

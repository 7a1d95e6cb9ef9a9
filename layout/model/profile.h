/*
 * What was measured: how often each field of a type was touched, by which function and on which thread. Importers (layout/profile/) make
 * one ul_profile of each file, in the words of its source; the engine (engine/profile.h) places it on the records that were parsed and
 * gives each a ul_record_profile, whose fields are those of the record. Plain data: rules, planners and reports read it.
 *
 * Numbers are as the source has them; what they are biased by stands in ul_profile_meta. 0 is "none, or not measured".
 */
#ifndef UL_MODEL_PROFILE_H
#define UL_MODEL_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

typedef enum ul_profile_source {
    UL_PROFILE_PERF_REPORT,    /* perf report -s type,typeoff */
    UL_PROFILE_PERF_ANNOTATE,  /* perf annotate --data-type */
    UL_PROFILE_PERF_C2C,       /* perf c2c report */
    UL_PROFILE_NET_CACHELINES, /* the kernel's tables of who uses which field: written by hand, no counts */
    UL_PROFILE_JSON,           /* ullage.profile/1 */
    UL_PROFILE_SOURCE_COUNT
} ul_profile_source;

/* What makes the numbers of a profile something other than the number of accesses. One line each in biases.def; bits 1 << ul_profile_bias. */
typedef enum ul_profile_bias {
#define UL_BIAS(id, name, text) UL_BIAS_##id,
#include "layout/model/biases.def"
#undef UL_BIAS
    UL_BIAS_COUNT
} ul_profile_bias;

/* Of one field, one range of bytes, or one field in one context. */
typedef struct ul_profile_counts {
    double samples;      /* accesses that were seen, of whatever direction: loads, stores and those that are neither */
    double loads, stores;/* of them; both 0 where the source does not tell reads from writes, as with clock and cycle events */
    double latency;      /* sum over the loads, in cycles */
    double hitm_local, hitm_remote; /* loads that found the line changed in another core's cache: same node, other node */
} ul_profile_counts;

typedef struct ul_profile_field {
    const char *path;      /* "st.hits", "busy"; "" when only the place is known */
    uint64_t offset_bytes; /* from the start of the type; UINT64_MAX when only the path is known */
    uint64_t size_bytes;   /* 0: not known */
    ul_profile_counts counts;
} ul_profile_field;

/* A field in a context. `field`: index into the fields of the type, or of the record once placed. */
typedef struct ul_profile_use {
    ul_profile_counts counts;
    uint32_t field;
    uint32_t unused;
} ul_profile_use;

/*
 * Where fields are used together: a function, on one thread. Affinity is what shares a context (n_c, F_c of the objective);
 * concurrency is what contexts of different threads do to one field.
 */
typedef struct ul_profile_context {
    const char *function; /* "" when not known */
    const char *thread;   /* number and name as the source has them, or a role; "" when not known */
    double count;         /* how often it ran; where nobody counted that, the samples of its most frequent field */
    ul_profile_use *uses; /* by field */
    uint32_t use_count;
    bool is_role;         /* `thread` names a kind of work, which several threads may do at once */
} ul_profile_context;

typedef struct ul_profile_type {
    const char *name;    /* "struct conn", or a typedef's name */
    const char *alias;   /* another name that it may have, or NULL */
    uint64_t size_bytes; /* 0: not known */
    uint32_t line;       /* in the file, where it begins */
    uint32_t field_count, context_count;
    bool is_complete;    /* fields[] are all that the type has, so that it is known by them when its name is not */
    ul_profile_field *fields;
    ul_profile_context *contexts;
    ul_profile_counts counts; /* of the type as a whole */
} ul_profile_type;

/* A place in code that touched a contended cache line: perf c2c knows addresses, not types. */
typedef struct ul_profile_access {
    const char *function, *thread;
    const char *file;      /* as the source has it, often only its last part; "" when not known */
    uint32_t line;         /* 0: not known */
    uint32_t offset_bytes; /* from the start of the cache line */
    ul_profile_counts counts;
} ul_profile_access;

typedef struct ul_profile_line {
    uint64_t address;
    ul_profile_access *accesses;
    ul_profile_counts counts;
    uint32_t access_count;
    uint32_t line; /* in the file */
} ul_profile_line;

/* All samples of one thread, on whatever they fell. */
typedef struct ul_profile_thread {
    const char *name;
    double samples;
} ul_profile_thread;

typedef struct ul_profile_meta {
    const char *file;         /* as the user named it */
    const char *event;        /* "cpu-clock"; "" when not told */
    const char *perf_version; /* "" when not told */
    double period;            /* events (of a clock: ns) a sample; 0 when not told */
    double samples;           /* in all; 0 when not told */
    double typed_samples;     /* of them, those that the source has found a type for */
    double seconds;           /* that it covers, where told: with it `count` of a context becomes a rate */
    double resolved_share;    /* of the sampled instructions, those whose access was understood, 0 to 1; 0 when not told */
    ul_profile_source source;
    uint32_t biases;          /* bits 1 << ul_profile_bias */
    bool is_share;            /* samples are hundredths of all: how many there were is not told */
    bool is_time;             /* samples are of time: of a clock, or of cycles */
} ul_profile_meta;

typedef struct ul_profile {
    ul_profile_meta meta;
    ul_profile_type *types;
    ul_profile_line *lines;
    ul_profile_thread *threads;
    uint32_t type_count, line_count, thread_count;
} ul_profile;

/* How a type of a profile was placed. */
typedef enum ul_profile_match {
    UL_PROFILE_EXACT,    /* name, size, offsets and names agree */
    UL_PROFILE_REMAPPED, /* it was measured with another layout: fields were found by their names */
    UL_PROFILE_REFUSED   /* it cannot be told which fields are meant */
} ul_profile_match;

/* What became of one type, or of one contended line, of a profile. */
typedef struct ul_profile_placement {
    const char *name;   /* of the type; "cache line 0x..." */
    const char *record; /* name of the record, or NULL */
    const char *detail; /* one clause: why it is refused or what was remapped; "" */
    double samples, placed_samples;
    uint32_t line;      /* in the file */
    ul_profile_match match;
    bool is_foreign;    /* refused because no record of that name was read: code outside of what the run looks at */
} ul_profile_placement;

/* One profile of the run and what became of it. */
typedef struct ul_profile_summary {
    ul_profile_meta meta;
    ul_profile_placement *placements; /* in the order of the file */
    double placed_samples;            /* of meta.samples */
    uint32_t placement_count;
    uint32_t record_count;            /* that have got something of it */
} ul_profile_summary;

/*
 * One record as all profiles of the run have seen it. fields[i] is for record->fields[i] and counts what lies in it: an anonymous member
 * what its fields have together. Members of a union, and bit-fields that share a byte, cannot be told apart: see is_shared.
 */
typedef struct ul_field_profile {
    ul_profile_counts counts;
    double share;          /* of the record's samples, 0 to 1 */
    uint32_t thread_count; /* different threads that were seen on it */
    bool is_shared;        /* the counts belong to it or to another member in the same bytes */
    bool reads, writes;    /* a table of the kernel, or a JSON profile, says that it is read or written */
} ul_field_profile;

/* What was seen on one cache line: the direct field with most stores, and the other one whose loads found the line changed most often. */
typedef struct ul_profile_fight {
    double stores, hits;
    uint32_t written, missed;
} ul_profile_fight;

typedef struct ul_record_profile {
    const ul_field_profile *fields;     /* record->field_count of them */
    const ul_profile_fight *fights;     /* of contended lines (perf c2c), in the order of the profiles */
    const ul_profile_context *contexts; /* uses[].field is an index into record->fields: direct fields only; by thread and function */
    ul_profile_counts counts;
    double thread_samples;  /* all samples of the threads in contexts, on whatever they fell: what a share of time is of; 0: not known */
    double seconds;         /* as in ul_profile_meta, where every context has a count */
    uint32_t context_count, fight_count;
    uint32_t thread_count;  /* different threads in contexts */
    uint32_t biases;        /* of all profiles that it comes from */
    uint32_t sources;       /* bits 1 << ul_profile_source */
    bool is_time;           /* samples are of time: of a clock, or of cycles */
    bool has_direction;     /* loads and stores are told apart */
} ul_record_profile;

/* "perf report", ... and one clause on what it cannot see. Static storage. */
const char *ul_profile_source_name(ul_profile_source source);
/* "first-touch" and a sentence. Static storage. */
const char *ul_profile_bias_name(ul_profile_bias bias);
const char *ul_profile_bias_text(ul_profile_bias bias);
/* "exact", "remapped", "refused". */
const char *ul_profile_match_name(ul_profile_match match);
/* sum += more. */
void ul_profile_counts_add(ul_profile_counts *sum, const ul_profile_counts *more);

#endif

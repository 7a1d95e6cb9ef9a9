/*
 * How a record is used: contexts (a function on a thread, a group that its author wrote down) with the fields that they touch
 * together, and where objects come to be. What a layout for use is planned from; made by the engine out of annotations, markers, the census or
 * a profile, whatever there is. Plain data. Counts are per unit of time where something measured it, else guesses that compare.
 */
#ifndef UL_MODEL_USAGE_H
#define UL_MODEL_USAGE_H

#include <string.h>

#include "layout/model/record.h"

/* A field as one context touches it; `field` is a direct field of the record. */
typedef struct ul_usage_access {
    uint32_t field;
    uint32_t locks;       /* held at each of them: ul_usage_lock_bits of each, joined */
    double reads, writes; /* per unit of time, not for each run of the context */
} ul_usage_access;

enum { UL_USAGE_LOCKS_MAX = 16 };

/* A lock as a bit of ul_usage_access.locks: one of the upper half says that it is held, the same of the lower half that nobody else holds it. */
static inline uint32_t ul_usage_lock_bits(uint32_t lock, bool is_alone)
{
    return 1u << (lock + UL_USAGE_LOCKS_MAX) | (is_alone ? 1u << lock : 0);
}

/* Whether accesses come one after the other: both are made under one lock, and one of them keeps the other out. */
static inline bool ul_usage_locks_exclude(uint32_t a, uint32_t b)
{
    return (a & b >> UL_USAGE_LOCKS_MAX) != 0 || (b & a >> UL_USAGE_LOCKS_MAX) != 0;
}

typedef struct ul_usage_context {
    const char *name; /* "put()", "hot(rx)" */
    double count;     /* how often it runs */
    ul_usage_access *accesses;
    uint32_t access_count;
    uint32_t role;    /* index into roles[] */
    uint32_t owner;   /* contexts of one owner, a function, have each other's lines at hand */
    bool walks;       /* of another object each time: its lines are not in the cache */
} ul_usage_context;

/* Who runs contexts. Two roles may run at once, */
typedef struct ul_usage_role {
    const char *name; /* "worker", "rx"; "" for whoever calls */
    bool is_many;     /* one that many threads have also beside itself; */
    bool is_unknown;  /* one that is not known may be any of the others, */
    bool has_company; /* unless the other is of those that are surely not alone: but of two such, both must be known */
} ul_usage_role;

static inline bool ul_usage_roles_race(const ul_usage_role *p, const ul_usage_role *q)
{
    bool are_told_apart = p->has_company == q->has_company ? !p->is_unknown && !q->is_unknown : true;
    bool is_one_thread = p == q || (!p->is_unknown && !q->is_unknown && strcmp(p->name, q->name) == 0);
    return p->is_many || q->is_many || (!is_one_thread && are_told_apart);
}

enum ul_usage_source {
    UL_USAGE_ANNOTATIONS = 1u << 0, /* hot(x), cold, writer(t), readmostly */
    UL_USAGE_MARKERS = 1u << 1,     /* __cacheline_group_begin and _end */
    UL_USAGE_CENSUS = 1u << 2,
    UL_USAGE_PROFILE = 1u << 3
};

/* Two direct fields that different threads change, by evidence that roles do not show: the ends of a ring, by name. */
typedef struct ul_usage_rivals {
    uint32_t fields[2];
} ul_usage_rivals;

/* Why a record may not be aligned to more than it is. */
typedef enum ul_align_obstacle {
    UL_ALIGN_FREE,
    UL_ALIGN_PLAIN_HEAP, /* malloc or its like makes objects of it, which promises less */
    UL_ALIGN_OTHER_HEAP, /* so does a function that is not known to align */
    UL_ALIGN_EMBEDDED,   /* another record holds it by value and would change with it */
    UL_ALIGN_UNSEEN,     /* one may come from where it is not seen what it is */
    UL_ALIGN_UNKNOWN     /* nothing tells where its objects are, and no annotation asks */
} ul_align_obstacle;

typedef struct ul_usage {
    ul_usage_context *contexts;
    ul_usage_role *roles;
    uint32_t context_count, role_count;
    const ul_usage_rivals *rivals;
    const char *rival_doubt;  /* why what rules report of fields that are fought over does not count here, or NULL */
    const char *const *notes; /* by field: what a comment at the head of its group says, "written by: worker"; NULL: nothing */
    uint32_t rival_count;
    uint32_t sources;         /* bits of ul_usage_source */
    ul_align_obstacle align_obstacle;
    const char *align_detail; /* "malloc() in make()"; "" */
    const char *align_file;   /* absolute, or NULL */
    uint32_t align_line;
    bool knows_objects;       /* units tell where some of them are */
    bool is_array;            /* some stand side by side */
    uint32_t base_step_bytes; /* objects begin at multiples of it, whatever their type's alignment: 16 for malloc */
    double instances;         /* how many live at once, 0: not known */
} ul_usage;

/* What a layout costs, in ns per unit of time; see engine/objective.h for the terms. */
typedef struct ul_use_cost {
    double touches, coherence, size, straddles, moves;
} ul_use_cost;

static inline double ul_use_cost_total(const ul_use_cost *cost)
{
    return cost->touches + cost->coherence + cost->size + cost->straddles + cost->moves;
}

/* What planning for use came to. */
typedef enum ul_use_verdict {
    UL_USE_PLANNED,
    UL_USE_NO_GAIN,     /* no allowed order is worth its change */
    UL_USE_STRIDE,      /* what gains makes objects a power of two apart, which fall on the same sets of a cache */
    UL_USE_HEAP,        /* what gains needs an alignment that objects are not made with */
    UL_USE_EMBEDDED,    /* ... or that records around it would have to take over */
    UL_USE_SPLIT,       /* ... or fields of one declaration apart, which may not be split */
    UL_USE_OTHER_TARGET /* what gains on the first target loses on another */
} ul_use_verdict;

typedef struct ul_use_outcome {
    ul_use_verdict verdict;
    ul_use_verdict missed; /* why missed_gain is missed, or PLANNED */
    double gain;        /* part of the cost before that is saved, 0 to 1: of the plan, or of the best that is not worth it */
    double missed_gain; /* HEAP, EMBEDDED, STRIDE, SPLIT: what could be had without the obstacle; also beside a plan that does without */
    bool misses_split;  /* HEAP, EMBEDDED, STRIDE: a declaration would have to be split besides */
    uint32_t split_field; /* SPLIT, misses_split: the first field of that declaration */
    uint64_t stride_bytes; /* STRIDE: the size that is refused */
    ul_use_cost before, after;
} ul_use_outcome;

#endif

/*
 * What `ullage bench` measures of one record: layouts side by side, the fields that a scan reads, what two threads do; and what came of
 * it: samples, their medians, and whether the machine was quiet enough to tell. Made by engine/bench.h, written as C by
 * report/bench_source.h, filled in by cli. Plain data.
 */
#ifndef UL_MODEL_BENCH_H
#define UL_MODEL_BENCH_H

#include "layout/model/census.h"
#include "layout/model/plan.h"

enum { UL_BENCH_LAYOUTS_MAX = 3, UL_BENCH_SIDES = 2 };

/* One arrangement of the record. The first of a bench is the record as it is. */
typedef struct ul_bench_layout {
    const char *name; /* a C identifier: "before", "after", "isolated" */
    const char *text; /* what it is, a clause */
    const ul_record *record;
    const uint64_t *offset_bits; /* here, of each field of the record as it is */
} ul_bench_layout;

/* What one of two threads does, again and again. */
typedef struct ul_bench_side {
    uint32_t field;      /* of the record as it is */
    uint32_t object;     /* 0, or 1 for the next one of an array */
    ul_access_kind kind; /* READ, WRITE (a plain store), UPDATE, or an atomic step: RMW and LOCK */
    const char *place;   /* where the source does so, "put() ring.c:12", or "" */
} ul_bench_side;

/* Where a choice of fields comes from. */
typedef enum ul_bench_reason {
    UL_BENCH_BY_WALKS,   /* loops that go from object to object touch them */
    UL_BENCH_BY_LOOPS,   /* loops touch them */
    UL_BENCH_BY_COMMENT, /* the source calls them hot */
    UL_BENCH_BY_PROFILE, /* a profile saw them touched */
    UL_BENCH_BY_ENDS,    /* nothing is known: the first and the last */
    UL_BENCH_BY_FINDING,
    UL_BENCH_BY_NAME     /* the user named them */
} ul_bench_reason;

typedef struct ul_bench {
    const ul_record *record;
    const ul_target *target;
    const char *finding; /* the rule that found the sides, or NULL */
    ul_bench_layout layouts[UL_BENCH_LAYOUTS_MAX];
    const uint32_t *scanned; /* fields */
    uint32_t scanned_count, layout_count;
    ul_bench_reason scanned_by, sides_by;
    ul_bench_side sides[UL_BENCH_SIDES];
    bool has_sides;
} ul_bench;

typedef enum ul_bench_kind { UL_BENCH_SCAN, UL_BENCH_RANDOM, UL_BENCH_THREADS, UL_BENCH_KIND_COUNT } ul_bench_kind;

/* The median of some samples and the middle two thirds around it. */
typedef struct ul_spread {
    double median, low, high;
    uint32_t count;
} ul_spread;

typedef enum ul_verdict {
    UL_VERDICT_TOO_FEW,  /* too few clean runs */
    UL_VERDICT_OVERLAP,  /* the middle two thirds overlap, or almost: cannot tell */
    UL_VERDICT_SAME,     /* no difference worth the name, and that is certain */
    UL_VERDICT_FASTER,
    UL_VERDICT_SLOWER,
    UL_VERDICT_COUNT
} ul_verdict;

typedef struct ul_comparison {
    double ratio;     /* before : after */
    double low, high; /* with each at the end of its range that is worst and best for it */
    ul_verdict verdict;
} ul_comparison;

/* One layout in one case. */
typedef struct ul_bench_figure {
    double *samples; /* nanoseconds: for an object, or from one step of a thread to its next */
    uint32_t count, capacity;
    uint32_t discarded; /* runs in which a thread was interrupted */
    ul_spread spread;
    ul_comparison comparison; /* of the first layout with this one */
} ul_bench_figure;

typedef struct ul_bench_case {
    const char *level;  /* of SCAN and RANDOM: "L1", "L2", "L3" for what fits there, "memory" for what does not */
    uint64_t objects;
    ul_bench_kind kind;
    uint32_t spacing_ns; /* of THREADS: work between two steps */
    ul_bench_figure figures[UL_BENCH_LAYOUTS_MAX];
} ul_bench_case;

/* What the benchmark found of the machine, and measured. */
typedef struct ul_bench_result {
    const char *cpu;                         /* its name, or "" */
    uint64_t l1_bytes, l2_bytes, l3_bytes;   /* 0 when not known */
    uint32_t processors;                     /* that it may run on */
    uint32_t process_count;                  /* whose samples are put together */
    bool are_siblings;                       /* its two threads ran on one core */
    bool is_pinned;                          /* threads stay where they are */
    bool is_virtual;                         /* a virtual machine: its host moves the processors about */
    bool has_filter;                         /* context switches are counted for each thread */
    bool is_complete;                        /* it came to its end */
    ul_bench_case *cases;
    uint32_t case_count, case_capacity;
    uint32_t run_count, discarded_count;
    uint32_t figure_count, unclear_count; /* comparisons, and those that cannot tell */
} ul_bench_result;

/* "too-few-runs", "cannot-tell", "same", "faster", "slower". */
const char *ul_verdict_name(ul_verdict verdict);
/* "scan", "random", "threads". */
const char *ul_bench_kind_name(ul_bench_kind kind);
/* "walks", "loops", "comment", "profile", "ends", "finding", "named". */
const char *ul_bench_reason_name(ul_bench_reason reason);

#endif

/*
 * A translation unit to read, and what was read from it. Plain data that crosses the pipe between a worker
 * process and the tool (wire.h). Everything in a result lives in the arena that it was decoded into.
 */
#ifndef UL_MODEL_UNIT_H
#define UL_MODEL_UNIT_H

#include "layout/model/allocation.h"
#include "layout/model/census.h"
#include "layout/model/diag.h"
#include "layout/model/use.h"

/* Which files' records are wanted. Paths are absolute and resolved; a directory ends in '/'. */
typedef struct ul_file_filter {
    const char *const *paths;
    uint32_t count;
    bool wants_all;    /* also records of headers outside `paths` */
    bool wants_system; /* with wants_all: those of system headers too */
    const char *const *excluded; /* directories or files never wanted, e.g. build output */
    uint32_t excluded_count;
} ul_file_filter;

/* Whether `file` (absolute, resolved) is one of the filter's paths or lies below one, and is not excluded. */
bool ul_filter_names(const ul_file_filter *filter, const char *file);

/* Contents that stand for a file's: read instead of what is on disk. Borrowed. */
typedef struct ul_unsaved {
    const char *file; /* absolute and resolved */
    const char *bytes;
    uint64_t length;
} ul_unsaved;

/* One unit to parse for one target. All strings are borrowed and must outlive the run. */
typedef struct ul_unit_job {
    const char *file;      /* main file, absolute */
    const char *directory; /* where relative flags are looked up, absolute */
    const char *const *args; /* flags for libclang: no compiler, no source, no output; see cli/flags.h */
    uint32_t arg_count;
    uint32_t unsaved_count;
    const char *triple;    /* -target, or NULL for the compiler's own */
    uint32_t target;       /* index of the target in the run */
    ul_confidence confidence;
    const ul_unsaved *unsaved;
    const ul_refusal *refusals; /* that hold for every record of the unit, because of its flags */
    uint32_t refusal_count;
    const ul_census_names *names; /* with reads_census: what the project calls its locks; NULL for none */
    bool is_header;        /* a header as a unit of its own */
    bool reads_bodies;     /* also records defined inside functions; about a third slower */
    bool reads_uses;       /* also what bodies and initializers say about records (use.h) */
    bool reads_initializers; /* with reads_uses: also lists that depend on an order */
    bool reads_census;     /* also who touches which field (census.h) */
    bool keeps_warnings;   /* also remarks: what -Wall -Wextra and the unit's own -Wno- have clang say, in function bodies too */
} ul_unit_job;

/* For qsort over ul_unit_job: sources before headers, by file, directory, flags (and what they refuse) and target. Equal: the same unit. */
int ul_unit_job_compare(const void *left, const void *right);

typedef enum ul_unit_outcome {
    UL_UNIT_READ,
    UL_UNIT_UNREADABLE, /* libclang refused: missing file, unknown target, unusable flags */
    UL_UNIT_CRASHED,    /* the worker died; `detail` has the signal */
    UL_UNIT_TIMED_OUT,
    UL_UNIT_OUT_OF_MEMORY
} ul_unit_outcome;

typedef struct ul_unit_result {
    ul_unit_outcome outcome;
    uint32_t probe_count;
    const char *detail;  /* words for an outcome other than READ, else "" */
    const char *triple;  /* the target that libclang used */
    ul_record *records;  /* of wanted files, in source order */
    const char **includes; /* every file read, absolute and resolved, main file first */
    ul_census *census;   /* with reads_census, else NULL */
    ul_diag *diags;      /* errors and warnings that bear on layout, in order */
    ul_diag *remarks;    /* with keeps_warnings: every diagnostic of clang, of every level */
    ul_uses uses;        /* of wanted records, with reads_uses */
    ul_allocations allocations; /* with reads_census */
    uint32_t record_count, include_count, diag_count, remark_count;
    uint32_t pointer_bytes;
    double parse_seconds, read_seconds, probe_seconds;
    double census_seconds; /* part of read_seconds */
    uint64_t peak_bytes; /* resident, of the worker so far */
} ul_unit_result;

/* Whether every kind and index is within bounds and every text that must be there is: what reading from outside leaves to ask. */
bool ul_unit_result_is_sound(const ul_unit_result *result);
/*
 * Leaves of a result that was read for every file, as a filter of "/" has it, what one read for `filter` would have: its records, what
 * is said of them, the variables, the allocations, the complaints.
 */
void ul_unit_result_narrow(ul_unit_result *result, const ul_file_filter *filter, ul_arena *arena);

#endif

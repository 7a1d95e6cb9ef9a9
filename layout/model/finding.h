/*
 * One thing that a rule has to say about one record. Sorted by file, line, rule before it reaches a report.
 */
#ifndef UL_MODEL_FINDING_H
#define UL_MODEL_FINDING_H

#include "layout/model/census.h"
#include "layout/model/diag.h"
#include "layout/model/facts.h"
#include "layout/model/plan.h"

/* What a rule is, for `explain` and for documents that describe their rules. Static storage. */
typedef struct ul_rule_info {
    const char *name;    /* "reorder-saves" */
    ul_level level;      /* unless a finding earns less */
    const char *summary; /* one clause, no full stop */
    const char *meaning; /* when it fires, in full sentences */
    const char *why;     /* why it matters, with the measured or cited fact */
    const char *example; /* C before and after */
    const char *silence; /* how to keep it quiet where it is wrong */
} ul_rule_info;

/* Two fields of a record that threads fight over a cache line with, and what each side does to its own. Texts are in the report's arena. */
typedef struct ul_contention {
    const uint32_t *with_first; /* fields that are changed like the first, which would move with it */
    uint32_t with_first_count;
    uint32_t fields[2];
    ul_access_kind kinds[2];
    const char *places[2]; /* "put() ring.c:12" */
    bool are_neighbours;   /* the fields are one, of two objects side by side in an array */
} ul_contention;

/* Another place that a finding tells of. */
typedef struct ul_finding_place {
    const char *file, *message;
    uint32_t line, column;
} ul_finding_place;

typedef struct ul_finding {
    const ul_rule_info *rule;
    ul_level level;
    uint32_t entry;        /* index into ul_report.entries */
    uint32_t field;        /* field it is about, or UL_NO_PARENT */
    uint32_t line, column; /* in the record's file */
    bool is_information;   /* never more than a note, whatever the configuration says */
    bool is_measured;      /* a profile bears it out: one level more than it would have */
    const char *message;   /* one line, no rule name in it */
    const char *why;       /* one or two sentences: what it costs */
    const char *fix;       /* what to do, "" when nothing is known */
    const char *silence;   /* of a silenced finding: the reason that the source gives, "" for none; else NULL */
    double score;          /* of a suspicion that is ranked among all of its kind: the more evidence, the more; else 0 */
    const ul_finding_place *other;   /* the place that its message names besides its own, or NULL */
    const ul_contention *contention; /* who fights, when it is about that; else NULL */
    uint64_t saved_bytes;  /* per object, 0 when not about bytes */
    uint64_t fingerprint;  /* of rule, file below the root, record and field: stable when lines move */
} ul_finding;

#endif

/*
 * Whether every object of a record is one that is known: a variable, or memory of a size and an alignment that suffice. Each pointer to one
 * began where the census has an inlet; what is not proven there is a doubt. True of the units read: what others make, no row tells. Pure.
 */
#ifndef UL_ENGINE_INLETS_H
#define UL_ENGINE_INLETS_H

#include "layout/model/report.h"

typedef struct ul_inlet_request {
    const ul_entry *entries; /* all of the run: which records lie in unions */
    uint32_t entry_count;
    const ul_census *census; /* merged */
    const ul_record *record;
    uint32_t align_bytes;    /* that its objects are to have; 0: only that their sizes follow the type */
    uint32_t promised_bytes; /* by malloc() */
} ul_inlet_request;

typedef struct ul_inlet_doubt {
    const char *detail; /* for people: "`buf + off` is taken for one" */
    const char *file;   /* absolute */
    uint32_t line;
    bool is_plain_heap; /* malloc() or its like, which aligns to less */
    bool has_memory;    /* where there is no doubt: some object lies in memory of its own size */
} ul_inlet_doubt;

/* Memory as malloc() gives it that is surely taken for an object of a record, at once or by way of void pointers. */
typedef struct ul_inlet_heap {
    const ul_inlet *made, *taken; /* the first, and where its pointer becomes one to the record */
    uint32_t count;               /* such places in all */
} ul_inlet_heap;

/*
 * Only void pointers that hold nothing else, whatever the order of statements, count, and only where no pointer to the record is ever made of what
 * could be such a pointer rounded up. False for none. `key`: of the record.
 */
bool ul_inlets_heap(ul_inlet_heap *out, const ul_census *census, const char *key);
/* True when there is a doubt, and the first by file and line. Writes *out either way; in `arena`. */
bool ul_inlets_doubt(ul_inlet_doubt *out, const ul_inlet_request *request, ul_arena *arena);

#endif

/*
 * What arenas and pools hold: numbers for each, a leak report, a sampled heap profile that pprof reads.
 * Arenas with a name and all pools are listed. Off it costs nothing: no inline path knows of it. On, calls of
 * pools and arenas that were made since go through the library, and one in every so many bytes is recorded
 * with its stack.
 *
 * What was handed out over time (total_bytes) is exact for arenas, and for pools that somebody watches or
 * samples. Of other pools it is what came from slabs: counting what a magazine hands out again would cost the
 * inline path.
 *
 * What happens before what: the list of pools is locked, their numbers are not. Call this while the owners of
 * the pools and arenas are quiet, or take the numbers for near enough.
 */
#ifndef ULLAGE_PROF_H
#define ULLAGE_PROF_H

#include <stdio.h>

#include "ullage/base.h"
#include "ullage/status.h"

UL_BEGIN_DECLS

typedef enum ul_prof_kind { UL_PROF_ARENA, UL_PROF_POOL, UL_PROF_SHARED_POOL } ul_prof_kind;

typedef struct ul_prof_entry {
    const char *name; /* never NULL */
    size_t live_count;
    size_t live_bytes; /* handed out */
    size_t peak_bytes; /* the most of that; of a pool to within a magazine */
    size_t held_bytes; /* from the system; what of it is not live is waste */
    uint64_t total_bytes; /* handed out over time, see above */
    ul_prof_kind kind;
    bool is_gone; /* out of scope without its _free: of a pool, what is live is at most so much; of an arena,
                     nothing is known */
} ul_prof_entry;

/* Writes up to `most` entries; how many there are. */
UL_API size_t ul_prof_read(ul_prof_entry *entries, size_t most);
/* A table; UL_ERR_IO when `out` fails. */
UL_API UL_MUST_USE ul_status ul_prof_write_text(FILE *out);
/* {"schema": "ullage.rt/1", "entries": [{"kind", "name", "live_count", "live_bytes", "peak_bytes",
   "total_bytes", "held_bytes", "waste_bytes"}...]}, and "is_gone" where it is true, sorted by kind and name.
 */
UL_API UL_MUST_USE ul_status ul_prof_write_json(FILE *out);

/* One line for each pool with objects out, and for each place where they were got as far as it is known
   (twins: all; a sampled pool: its samples). The number of objects that are out. `out` may be NULL. */
UL_API size_t ul_prof_leaks(FILE *out);
/* Writes that to stderr when the program ends; as UL_DEBUG=leaks does. */
UL_API void ul_prof_leaks_at_exit(void);

/* Pools and arenas made from now on record one stack in about so many bytes; 0 turns it off for new ones. As
   UL_DEBUG=sample=524288 does. Set it before threads start. */
UL_API void ul_prof_sample_every(uint64_t bytes);
/* The profile in the text format of gperftools, for `pprof -sample_index=inuse_space program file` and for
   `google-pprof --inuse_space program file`. What is live, and what was ever got, scaled by pprof itself. */
UL_API UL_MUST_USE ul_status ul_prof_write_heap(FILE *out);

UL_END_DECLS

#endif

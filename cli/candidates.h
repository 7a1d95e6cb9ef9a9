/*
 * The units that a run could read: the entries of the compilation database, or, without one, the sources of a walk. Says which unit is
 * nearest to a file and which of the wanted headers a unit includes; flags are unfolded only for units that are asked about.
 */
#ifndef UL_CLI_CANDIDATES_H
#define UL_CLI_CANDIDATES_H

#include "cli/compile_db.h"
#include "cli/flags.h"
#include "cli/include_scan.h"
#include "cli/string_map.h"

typedef struct ul_candidate {
    const char *file; /* absolute, resolved where it exists */
    const char *directory;
    const char *const *args; /* with response files; NULL until ul_candidate_args */
    const ul_words *words; /* the command line as it was written */
    uint32_t *headers;     /* indexes of wanted headers that it includes, ascending */
    uint32_t arg_count, header_count;
    ul_language language;
    bool is_unfolded;
    bool is_scanned;
    bool is_chosen;
    bool is_listed; /* comes from a database, not from a walk */
} ul_candidate;

typedef struct ul_candidates {
    ul_candidate *items;
    uint32_t count, capacity;
    ul_string_map by_file;     /* file -> first ul_candidate_list entry, see ul_candidates_of */
    ul_words extra_flags;      /* after `--`: appended to every command line */
    ul_include_scan *scan;
    ul_diags *diags;
    ul_arena *arena;
} ul_candidates;

/* `extra` is appended to the flags of every unit; borrowed. */
void ul_candidates_init(ul_candidates *all, const char *const *extra, uint32_t extra_count, ul_diags *diags, ul_arena *arena);
/* Adds every entry of `db`. */
void ul_candidates_add_db(ul_candidates *all, const ul_compile_db *db);
/* Adds `file` with no flags but the extra ones, once; returns its index. */
uint32_t ul_candidates_add_source(ul_candidates *all, const char *file, const char *directory);

/* The command line of a unit, response files unfolded, extra flags last. */
void ul_candidate_unfold(ul_candidates *all, ul_candidate *candidate);
/* Sets candidate->headers: `wanted` maps a resolved path to its index + 1, as an integer in the pointer. */
void ul_candidate_scan(ul_candidates *all, ul_candidate *candidate, const ul_string_map *wanted);
/* Whether a scanned candidate includes the wanted header `index`. */
bool ul_candidate_includes(const ul_candidate *candidate, uint32_t index);

/* Whether a unit of this index has `file` as its main file. */
bool ul_candidates_has(const ul_candidates *all, const char *file);
/*
 * Indexes of the candidates in `language`, nearest to `file` first: same stem (conn.c for conn.h), then by distance, path, order. In the arena;
 * *count is set.
 */
uint32_t *ul_candidates_rank(const ul_candidates *all, const char *file, ul_language language, uint32_t *count);

#endif

/*
 * Facts files on their way into a run: read, held against this build and configuration and against the sources as they stand, put together,
 * and made into what reading the units would have given.
 */
#ifndef UL_CLI_FACTS_UNITS_H
#define UL_CLI_FACTS_UNITS_H

#include "cli/run_units.h"
#include "layout/model/facts_file.h"

/* Which files are read, put together, and of what state of the sources. */
typedef struct ul_facts_request {
    const char *const *files; /* as given */
    uint32_t file_count;
    bool is_past; /* some earlier one, perhaps: what the sources are now says nothing about it */
} ul_facts_request;

/*
 * Fills `selection`, `units` and `set` (what the files hold, for its sources) from the files of `request`, narrowed to config->paths. UL_ERR_INPUT or
 * UL_ERR_IO after a diagnostic: a file that is none, or was made by another build or for another configuration, files that do not go
 * together, sources that have changed since (with keeps_going that is an error and no end).
 */
ul_status ul_facts_units_read(ul_selection *selection, ul_run_units *units, ul_facts_set *set, const ul_facts_request *request, const ul_config *config,
                              ul_diags *diags, ul_arena *arena) UL_MUST_USE;

/* What facts depend on besides sources, as ul_facts_set.made_by has it; `own_triple` is the compiler's own target. In `arena`. */
const char *ul_facts_made_by(const ul_config *config, const char *own_triple, ul_arena *arena);
/* "0.1.0 (0123456789abcdef)": the value of its line "build". */
const char *ul_facts_build(ul_arena *arena);
/*
 * Reads the facts files paths[0..count-1] as they are stored and puts them together. Errors as ul_facts_units_read has them; every file that cannot be
 * read is told, not the first alone.
 */
ul_status ul_facts_gather(ul_facts_set *out, const char *const *paths, uint32_t count, ul_diags *diags, ul_arena *arena) UL_MUST_USE;
/* The directory that paths in facts are relative to when nothing is said: root of the work tree of `cwd`, without a trailing slash, or "". */
const char *ul_facts_root(const ul_config *config, const char *cwd, ul_arena *arena);
/* Sets *digest to that of the file's contents; false when it cannot be read. */
bool ul_facts_digest_file(uint64_t *digest, const char *file);

#endif

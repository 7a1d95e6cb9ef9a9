/*
 * From what the user named to what is parsed: which units, with which flags, and whose records are wanted. A header is read in a unit that
 * includes it; every guess that has to be made is a diagnostic. Reads the database and the text of sources; parses nothing.
 */
#ifndef UL_CLI_SELECT_H
#define UL_CLI_SELECT_H

#include "cli/candidates.h"
#include "cli/config.h"
#include "layout/model/unit.h"

/* A header whose records are wanted. */
typedef struct ul_wanted_header {
    const char *file;
    bool is_named;   /* on the command line, not found by a walk */
    bool is_covered; /* a chosen unit includes it, as far as the text tells */
    bool is_alone;   /* has a unit of its own */
    bool is_skipped; /* only C++ sources include it */
} ul_wanted_header;

typedef struct ul_selection {
    const char *cwd;  /* with a trailing slash */
    const char *root; /* of the work tree of the first path, with a trailing slash, or NULL */
    const char *database; /* the compilation database that was read, or NULL */
    ul_file_filter filter;
    ul_unit_job *jobs; /* those of a unit for several targets stand together */
    uint32_t job_count, job_capacity;
    ul_wanted_header *headers; /* sorted by file */
    uint32_t header_count;
    /* Private to select*.c from here on. */
    const ul_config *config;
    const ul_overlay *overlay; /* the state that is read, or NULL for what is on disk */
    ul_candidates candidates;
    ul_words paths, excluded;
    ul_string_map wanted;  /* file -> index into headers + 1 */
    ul_string_map dropped; /* flags that clang does not know */
    ul_words dropped_order;
    ul_words left_out;     /* headers that no unit includes */
    ul_diags *diags;
    ul_arena *arena;
} ul_selection;

/*
 * Fills `out`, in `arena`. UL_ERR_INPUT after diagnostics when some input cannot be read and config->keeps_going is not set;
 * UL_ERR_USAGE when there is no database where -p says. UL_ERR_INPUT also when a configuration file is wrong, whatever was asked for.
 */
ul_status ul_select(ul_selection *out, const ul_config *config, ul_diags *diags, ul_arena *arena) UL_MUST_USE;

/*
 * The work tree, the paths and the filter of `config` alone, for units that are not read but come from facts files: a path need not be there, no
 * database is looked for and there are no jobs. UL_ERR_INPUT when a configuration file is wrong.
 */
ul_status ul_select_places(ul_selection *out, const ul_config *config, ul_diags *diags, ul_arena *arena) UL_MUST_USE;

/*
 * Whether an output of check or show carries patches: what depends on the order of fields is then read too, since a patch is not
 * shown as one that may be applied before that is known.
 */
bool ul_select_shows_patches(const ul_config *config);

/* Whether `file` (absolute, resolved) is left out, by the command line or by configuration. fix reads such files all the same: they use records. */
bool ul_select_excludes(const ul_selection *selection, const char *file);

/*
 * The same for files[0..count-1] (absolute, resolved, there in the state that `overlay` is) instead of config->paths, as a walk had found
 * them: what no unit reads is left out with a note. Records of every file below `root` are wanted.
 */
ul_status ul_select_files(ul_selection *out, const ul_config *config, const ul_overlay *overlay, const char *root, const char *const *files,
                          uint32_t count, ul_diags *diags, ul_arena *arena) UL_MUST_USE;

/*
 * Appends a unit of its own for each wanted header that none of `results` has read after all (a condition, a macro or a failed unit
 * stood between); returns how many jobs were there before, which is where the new ones begin.
 */
uint32_t ul_select_unread(ul_selection *selection, const ul_unit_result *results, uint32_t result_count);

#endif

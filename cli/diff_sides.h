/*
 * The two states that `ullage diff` compares: what git says differs, each state's contents from memory, and the records of each, read with
 * the flags of today. Headers that git does not have (made by the build) are those on disk, for both.
 */
#ifndef UL_CLI_DIFF_SIDES_H
#define UL_CLI_DIFF_SIDES_H

#include "cli/git.h"
#include "cli/run_units.h"
#include "layout/engine/changes.h"

typedef struct ul_diff_side { // ullage: ignore[reorder-saves] -- two a run
    const char *name;    /* "HEAD", "the index", "the work tree", as messages name it */
    const char *tree;    /* NULL: the index or the work tree */
    bool is_on_disk;     /* the work tree itself */
    ul_overlay overlay;
    ul_words files;      /* that differ and may be C, as they are there; absolute */
    ul_selection selection;
    ul_run_units units;
    ul_diags diags;      /* what its reading has to say */
    ul_entry *entries;
    uint32_t entry_count;
    bool is_whole;       /* every unit was read, and without errors */
} ul_diff_side;

typedef struct ul_diff_sides {
    const ul_config *config;
    ul_git git;
    ul_diff_side before, after;
    ul_file_change *files; /* that differ and may be C */
    uint32_t file_count, file_capacity;
    ul_string_map others;  /* files that differ and are not taken for C by their names: path -> anything */
    ul_words paths;        /* what PATH restricts it to: absolute, directories with a trailing slash; none: everything */
    ul_words publics;      /* of --public, likewise */
    ul_diags *diags;
    ul_arena *arena;
} ul_diff_sides;

/*
 * Finds the sides and their contents. UL_ERR_USAGE or UL_ERR_INPUT after a diagnostic that says how to go on: what git lacks, a
 * revision or path that is not there, a merge that is not finished.
 */
ul_status ul_diff_sides_open(ul_diff_sides *out, const ul_config *config, ul_diags *diags, ul_arena *arena) UL_MUST_USE;
/*
 * Reads the records of both sides. Messages of a side go to diags with its name in front, once when both say the same. UL_ERR_IO or
 * UL_ERR_USAGE after a diagnostic when nothing can be read at all.
 */
ul_status ul_diff_sides_read(ul_diff_sides *sides, ul_terminal *terminal) UL_MUST_USE;
/* A path as given, absolute; a directory with a trailing slash. */
const char *ul_diff_sides_settle(const ul_diff_sides *sides, const char *given);
/*
 * Both steps for two facts files, config->facts[0] the old side and [1] the new one: no git. The files that differ are those whose digests do. Errors
 * as ul_facts_units_read has them, and UL_ERR_INPUT when the two were made for different things.
 */
ul_status ul_diff_sides_read_facts(ul_diff_sides *out, const ul_config *config, ul_diags *diags, ul_arena *arena) UL_MUST_USE;
/* Whether PATH names `file`, or there is no PATH. */
bool ul_diff_sides_want(const ul_diff_sides *sides, const char *file);
/*
 * Moves assertions that fail on the new side, and did not on the old, out of the messages to `guards`; returns how many. Those that failed before
 * become warnings: they say nothing against this change, and a failed assertion leaves no layout in doubt.
 */
uint32_t ul_diff_sides_guards(ul_diff_sides *sides, const ul_diag **guards);
/* Adds the messages of both sides to diags. */
void ul_diff_sides_tell(ul_diff_sides *sides);

#endif

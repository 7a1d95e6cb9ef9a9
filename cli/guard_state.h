/*
 * What the parts of `ullage guard` share: the records to hold, the files that they are in. For cli/guard*.c only.
 */
#ifndef UL_CLI_GUARD_STATE_H
#define UL_CLI_GUARD_STATE_H

#include "cli/fix_files.h"
#include "cli/run_units.h"
#include "layout/model/report.h"
#include "layout/rewrite/guard.h"

/* A file with records. */
typedef struct ul_guard_file {
    ul_fix_file file;
    ul_tokens tokens;
    uint32_t first, count; /* entries of it */
    uint32_t stale_count;  /* places that are not as they should be */
    bool is_there;         /* could be read */
} ul_guard_file;

typedef struct ul_guarding { // ullage: ignore[reorder-saves] -- one a run
    const ul_config *config;
    ul_terminal *terminal;
    ul_arena *arena;
    ul_selection selection;
    ul_run_units units;
    ul_diags diags;
    ul_entry *entries;
    uint32_t entry_count;
    bool *is_held;       /* by entry: it is to be held, and can be */
    uint32_t *outermost; /* by entry: the record in whose declaration it stands, or itself */
    ul_guard_file *files;
    uint32_t file_count;
} ul_guarding;

/* Appends the items of entries[index], one for each target, to items[]; returns how many there are then. */
uint32_t ul_guard_add_items(const ul_guarding *of, ul_guarded *items, uint32_t count, uint32_t index);
/* Room for the items of all entries. */
ul_guarded *ul_guard_new_items(const ul_guarding *of);
/* Sets the new bytes of every file whose guards are not as they should be. UL_ERR_INPUT after diagnostics. guard_below.c */
ul_status ul_guard_make_below(ul_guarding *of) UL_MUST_USE;
/* Whether every unit still parses with the new bytes; what is wrong is an error. guard_below.c */
bool ul_guard_confirm(ul_guarding *of);
/* Appends the header that is to be `path` (absolute). UL_ERR_INPUT after diagnostics. guard_header.c */
ul_status ul_guard_make_header(ul_strbuf *out, ul_guarding *of, const char *path) UL_MUST_USE;

#endif

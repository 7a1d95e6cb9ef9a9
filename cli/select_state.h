/*
 * What the parts of selecting share: paths on their way to units (select_paths.c), and units on their way to jobs (select.c). For those two only.
 */
#ifndef UL_CLI_SELECT_STATE_H
#define UL_CLI_SELECT_STATE_H

#include "cli/select.h"

/* What the paths amount to before units are chosen. */
typedef struct ul_request {
    ul_selection *to;
    ul_words headers, named_headers; /* found by walks; named */
    ul_words sources, named_sources;
    ul_words unlisted;  /* sources of walks that the database does not have */
    uint32_t cxx_units;
    bool has_failed;
} ul_request;

/* Fills the work tree, what is excluded, and the database when `reads_database`. */
ul_status ul_request_begin(ul_request *from, const ul_config *config, bool reads_database, ul_diags *diags, ul_arena *arena) UL_MUST_USE;
/* Sorts config->paths into headers and sources; what cannot be taken fails. */
void ul_request_take_paths(ul_request *from);
/* Whose records are wanted; for facts, which are for any PATH, everybody's. */
ul_file_filter ul_request_filter(const ul_selection *to);
/* An error that makes the selection fail. */
void ul_request_fail(ul_request *from, const char *file, const char *message, const char *detail);
/* `path` as messages name it: below the working directory without that. */
const char *ul_request_shown(const ul_selection *to, const char *path);
/* Whether a file is a source by its name, not a header. */
bool ul_request_is_source(const char *path);

#endif

/*
 * Names of files: made absolute and resolved, found below a directory, read from a list. Knows the file system and nothing of C
 * beyond the endings of its files.
 */
#ifndef UL_CLI_PATHS_H
#define UL_CLI_PATHS_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/words.h"
#include "layout/model/diag.h"

/* The working directory with a trailing slash, in `arena`; "/" when it cannot be told. */
const char *ul_path_cwd(ul_arena *arena);
/* `path` below `base` (absolute), with `//` and `/./` taken out and `..` left alone, as text. */
const char *ul_path_join(const char *base, const char *path, ul_arena *arena);
/* The same with symbolic links and `..` resolved, or NULL (errno tells why). */
const char *ul_path_resolve(const char *base, const char *path, ul_arena *arena);
/* As ul_path_resolve; what does not exist is resolved as text. Never NULL. */
const char *ul_path_settle(const char *base, const char *path, ul_arena *arena);
/* The directory of an absolute path, with a trailing slash. */
const char *ul_path_directory(const char *path, ul_arena *arena);
/* The last name of a path; borrowed. */
const char *ul_path_name(const char *path);
/* Root of the git work tree that holds `directory` (absolute), with a trailing slash, or NULL. */
const char *ul_path_work_tree(const char *directory, ul_arena *arena);
/* How many names stand between two absolute paths of files: 0 in one directory. */
uint32_t ul_path_distance(const char *a, const char *b);
/* Whether both names are the same up to their last dot: conn.h, src/conn.c. */
bool ul_path_same_stem(const char *a, const char *b);

/* What a walk found; absolute, resolved, sorted. */
typedef struct ul_walk {
    ul_words headers;  /* .h */
    ul_words sources;  /* .c */
    ul_words excluded; /* build output, with a trailing slash */
} ul_walk;

/*
 * Finds headers and sources below `directory` (absolute, trailing slash). Left out: hidden directories, directories with a
 * CMakeCache.txt (listed in `excluded`) other than `directory` itself, and symbolic links to directories. What cannot be
 * read is a warning.
 */
void ul_walk_read(ul_walk *out, const char *directory, ul_diags *diags, ul_arena *arena);

/*
 * Appends the paths listed in `list` ("-" for standard input), one a line, or ended by NUL with `has_nul`. Empty lines are skipped,
 * a carriage return before the newline is dropped. UL_ERR_IO after a diagnostic.
 */
ul_status ul_paths_read_list(ul_words *out, const char *list, bool has_nul, ul_diags *diags, ul_arena *arena) UL_MUST_USE;

#endif

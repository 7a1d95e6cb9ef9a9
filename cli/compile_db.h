/*
 * Reads a JSON compilation database (compile_commands.json, clang.llvm.org/docs/JSONCompilationDatabase.html). Entries are read one by
 * one, so that a broken one costs itself alone and memory follows the entries, not the file.
 * Paths are made absolute as text; nothing is looked up and no @file is opened here (response.h does that).
 */
#ifndef UL_CLI_COMPILE_DB_H
#define UL_CLI_COMPILE_DB_H

#include <stdint.h>

#include "cli/words.h"
#include "layout/model/diag.h"

typedef struct ul_compile_entry {
    const char *directory; /* absolute if the database's path is */
    const char *file;      /* below `directory` when it was relative */
    ul_words args;         /* the command line, compiler first */
} ul_compile_entry;

typedef struct ul_compile_db {
    const char *path; /* of the JSON file, absolute */
    ul_compile_entry *entries; /* in the order of the file, duplicates included */
    uint32_t count;
    uint32_t capacity;
} ul_compile_db;

/*
 * Reads the entries of bytes[0..length-1]; `path` is where they come from: relative directories are looked up beside it. An entry
 * that cannot be used is a warning with its index from 0, and is left out; a file that is not an array, or with an entry that is not JSON, is an
 * error with its line and UL_ERR_INPUT: what could be read is in `db` all the same.
 */
ul_status ul_compile_db_parse(ul_compile_db *db, const char *bytes, size_t length, const char *path, ul_diags *diags,
                              ul_arena *arena) UL_MUST_USE;

/* Reads the database at `path` (absolute). UL_ERR_IO after a diagnostic when it cannot be read or is over 1 GiB; else as above. */
ul_status ul_compile_db_load(ul_compile_db *db, const char *path, ul_diags *diags, ul_arena *arena) UL_MUST_USE;

/*
 * Finds the database. With `build` (a directory or a file, as given) it is there or UL_ERR_USAGE with a diagnostic. Without, it is looked for in
 * ., build/, out/ and cmake-build-*\/ (sorted) of `cwd`, then of `start` and the directories above it up to the root of its work tree, if it is in one;
 * all absolute. *path is the first, or NULL; with `is_verbose` a note says which, and which others there are.
 */
ul_status ul_compile_db_locate(const char **path, const char *build, const char *cwd, const char *start, bool is_verbose,
                               ul_diags *diags, ul_arena *arena) UL_MUST_USE;

#endif

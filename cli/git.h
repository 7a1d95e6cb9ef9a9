/*
 * git, through its own command: what it says of a repository, of revisions, of files that differ, and the contents of blobs. The
 * environment is inherited, so that inside a hook GIT_INDEX_FILE, GIT_DIR and the rest mean what git meant by them. Never writes
 * to a repository.
 */
#ifndef UL_CLI_GIT_H
#define UL_CLI_GIT_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/words.h"
#include "layout/model/diag.h"
#include "ullage/strbuf.h"

typedef struct ul_git {
    const char *root; /* of the work tree, absolute and resolved, with a trailing slash */
    bool is_shallow;  /* older commits are not there */
    ul_diags *diags;
    ul_arena *arena;
} ul_git;

/*
 * Asks git about the work tree of the working directory. UL_ERR_INPUT after a diagnostic with the cure: git is not installed, there is no
 * repository, it is bare, or git does not trust its owner.
 */
ul_status ul_git_open(ul_git *out, ul_diags *diags, ul_arena *arena) UL_MUST_USE;

/* Name of the tree that `revision` stands for, or NULL when there is none: says nothing, `what` may be a path after all. */
const char *ul_git_tree(const ul_git *git, const char *revision);
/* The best common ancestor of two revisions, or NULL. */
const char *ul_git_merge_base(const ul_git *git, const char *a, const char *b);
/* The tree without files, which the first commit is compared with. NULL when git fails. */
const char *ul_git_empty_tree(const ul_git *git);
/* "; ..." with the cure for a revision that is not there: a clone that was cut off, or one that was not fetched. Static storage. */
const char *ul_git_cure(const ul_git *git);

/* Octal modes as git has them. */
enum { UL_GIT_FILE_TYPE = 0170000, UL_GIT_REGULAR = 0100000, UL_GIT_SYMLINK = 0120000, UL_GIT_SUBMODULE = 0160000 };

/* A file that differs between two sides. */
typedef struct ul_git_change {
    const char *before_path, *after_path; /* below the root; differ when the file was renamed; never NULL */
    const char *before_blob, *after_blob; /* NULL: not in the repository (the work tree's), or not there */
    uint32_t before_mode, after_mode;     /* 0: not there */
    char status;                          /* as git has it: A, C, D, M, R, T, U */
} ul_git_change;

typedef struct ul_git_changes {
    ul_git_change *items;
    uint32_t count, capacity;
} ul_git_changes;

/*
 * Files that differ between the tree `before` and the tree `after`; with `after` NULL the index when `is_staged`, else the work
 * tree; with `before` NULL too, between the index and the work tree. Renames are followed with `has_renames`. UL_ERR_INPUT after a diagnostic.
 */
ul_status ul_git_diff(ul_git_changes *out, const ul_git *git, const char *before, const char *after, bool is_staged, bool has_renames) UL_MUST_USE;

/*
 * What git is told to ignore below `directory` (absolute), as paths from there; of a folder of which nothing is tracked the folder alone, with a
 * slash at its end. None without git, or where there is no repository; nothing is said.
 */
ul_words ul_git_ignored(const char *directory, ul_arena *arena);

/* A `git cat-file` that answers until it is closed. */
typedef struct ul_git_objects ul_git_objects;

/* `is_check`: only whether objects exist. NULL after a diagnostic. */
ul_git_objects *ul_git_objects_open(const ul_git *git, bool is_check);
/*
 * The contents of `object` (a blob's name, or any name that git takes, without a newline), in the arena; NUL-terminated besides. UL_ERR_INPUT
 * when there is no such object, UL_ERR_LIMIT when it is over `limit_bytes`, UL_ERR_IO when git is gone; nothing is said.
 */
ul_status ul_git_objects_read(ul_git_objects *objects, const char *object, uint64_t limit_bytes, const char **bytes, uint64_t *length) UL_MUST_USE;
/* Whether the object exists. */
bool ul_git_objects_have(ul_git_objects *objects, const char *object);
void ul_git_objects_close(ul_git_objects *objects);

#endif

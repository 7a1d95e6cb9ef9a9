/*
 * Who uses a file without having been read: files below the root whose text includes it and that no unit of the run
 * covers, units that could not be parsed, units in which an error hides code. Text alone decides what includes what, and
 * where it is not clear which of several files is meant, all are: an answer too many costs a refusal, one too few a corruption.
 */
#ifndef UL_CLI_FIX_USERS_H
#define UL_CLI_FIX_USERS_H

#include "cli/run_units.h"

typedef struct ul_fix_users ul_fix_users;

/* A place where a user was met that cannot be seen. */
typedef struct ul_unseen_user {
    const char *file; /* absolute; NULL when it has no place */
    uint32_t line;    /* 0: all of it */
    const char *detail;
} ul_unseen_user;

/* Reads every C and C++ file below `root` (absolute, trailing slash), build output and hidden directories left out. What git ignores is no user. */
ul_fix_users *ul_fix_users_new(const char *root, const ul_selection *selection, const ul_run_units *units, ul_arena *arena);
/* The first such user of `file` (absolute, resolved) in an order that does not change between runs. False when there is none. */
bool ul_fix_users_unseen(ul_unseen_user *out, ul_fix_users *users, const char *file);

#endif

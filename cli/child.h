/*
 * A child process that takes a while: in a group of its own, ended when its time is over or when we are told to end, and what it prints can be
 * watched. Between ul_child_block and ul_child_unblock the signals that would end us wait, so that whoever runs children can tidy up.
 */
#ifndef UL_CLI_CHILD_H
#define UL_CLI_CHILD_H

#include <signal.h>
#include <stdbool.h>

#include "ullage/strbuf.h"

typedef struct ul_child {
    const char *const *argv; /* argv[0] is looked for on PATH; NULL ends it */
    void (*watch)(void *context, const ul_strbuf *out); /* called when `out` has grown; or NULL */
    void *context;
    uint32_t limit_seconds;
    int status;      /* its exit status, 128 + N for signal N */
    int interrupted; /* the signal that was meant for us, or 0 */
    bool is_late;    /* its time was over */
} ul_child;

void ul_child_block(sigset_t *before);
void ul_child_unblock(const sigset_t *before);

/*
 * Runs it to its end without input; adds what it prints to `out` and `err`. Signals must be blocked. UL_ERR_IO with errno set when it cannot be
 * started.
 */
ul_status ul_child_run(ul_child *child, ul_strbuf *out, ul_strbuf *err, const sigset_t *before) UL_MUST_USE;

#endif

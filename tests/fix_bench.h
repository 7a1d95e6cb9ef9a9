/*
 * A work tree in a folder of its own, `ullage fix` run in it, and what came of it. For test_fix*.c only.
 */
#ifndef UL_TESTS_FIX_BENCH_H
#define UL_TESTS_FIX_BENCH_H

#include "project.h"

/* A work tree: what fix writes may be compared with what was there. */
static inline int fix_set_up(void **state)
{
    int status = bench_set_up(state);
    return status ? status : mkdir(path_of(*state, ".git"), 0700);
}

/* `ullage fix arguments`. */
static inline int fix(bench *b, const char *arguments)
{
    return run(b, ul_arena_printf(&b->arena, "fix %s", arguments));
}

#endif

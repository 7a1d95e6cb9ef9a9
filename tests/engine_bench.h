/* An arena, a target and room for facts: what suites of the engine begin with. For test_facts.c and test_layout.c only. */
#ifndef UL_TESTS_ENGINE_BENCH_H
#define UL_TESTS_ENGINE_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
/* cmocka needs the four above. */
#include <cmocka.h>

#include "tests/made_record.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

typedef struct engine_bench {
    ul_arena arena;
    ul_target target;
    ul_facts facts;
} engine_bench;

static inline int engine_set_up(void **state)
{
    engine_bench *bench = calloc(1, sizeof *bench);
    if (!bench)
        return -1;
    ul_arena_init(&bench->arena, NULL);
    bench->target = made_target();
    *state = bench;
    return 0;
}

static inline int engine_tear_down(void **state)
{
    engine_bench *bench = *state;
    ul_arena_free(&bench->arena);
    free(bench);
    return 0;
}

#endif

/*
 * What the rule alloc-pattern says of one unit's code, as text, for the suites about it.
 */
#ifndef TESTS_ALLOC_BENCH_H
#define TESTS_ALLOC_BENCH_H

#include "layout/engine/allocations.h"
#include "layout/engine/census.h"
#include "layout/rules/rule.h"
#include "tests/parse_bench.h"

#define HEAD                                                                                                                     \
    "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <sys/stat.h>\n#include <unistd.h>\n"                 \
    "struct node { struct node *next; int value; char *name; };\nstruct list { struct node *head; int *items; int n, room; };\n" \
    "void *zmalloc(size_t);\nvoid *zrealloc(void *, size_t);\nvoid zfree(void *);\nvoid keep(void *);\nint use(int);\n"

/* "growth 12 f items; pool ..." of everything that is to be said about `count` results. */
static inline const char *told(parse_bench *b, const ul_unit_result *results, uint32_t count)
{
    ul_census *census;
    ul_allocations rows;
    ul_advice *advice;
    const char *text = "";
    ul_census_merge(&census, results, count, &b->names, &b->arena);
    assert_non_null(census);
    ul_allocations_merge(&rows, results, count, &b->arena);
    uint32_t total = ul_allocations_judge(&advice, NULL, &rows, census, &b->arena);
    for (uint32_t i = 0; i < total; i++) {
        const ul_allocation *at = &rows.items[advice[i].allocation];
        text = ul_arena_printf(&b->arena, "%s%s%s %s %s", text, i ? "; " : "", ul_advice_pattern_name(advice[i].pattern), at->function, at->receiver);
    }
    return text;
}

typedef struct shape {
    const char *code, *told;
} shape;

static inline void expect(parse_bench *b, const shape *shapes, size_t count)
{
    b->reads_census = true;
    for (size_t i = 0; i < count; i++) {
        parse_clean(b, ul_arena_printf(&b->arena, "%s%s\n", HEAD, shapes[i].code));
        const char *text = told(b, &b->result, 1);
        if (strcmp(text, shapes[i].told) != 0)
            fail_msg("`%s` is told as \"%s\", not as \"%s\"", shapes[i].code, text, shapes[i].told);
    }
}

#define EXPECT(shapes) expect(*state, (shapes), sizeof(shapes) / sizeof *(shapes))

/* One function `f` about `l`, for patterns that a statement or two show. */
#define BODY(text) "void f(struct list *l, int k, char *t);\nvoid f(struct list *l, int k, char *t) { (void)l; (void)k; (void)t; " text " }"

#endif

/*
 * What a census says of one unit's code, as text, for the suites about it.
 */
#ifndef TESTS_CENSUS_BENCH_H
#define TESTS_CENSUS_BENCH_H

#include "layout/engine/census.h"
#include "tests/parse_bench.h"

/* "<kind>[+atomic][*loops][@index] <function>[(role)] [held: lock,..]" of the field, "; " between. */
static inline void tell(ul_strbuf *text, const ul_census *census, const ul_tally *tally)
{
    const ul_census_function *function = &census->functions[tally->function];
    ul_strbuf_printf(text, "%s%s", text->length ? "; " : "", ul_access_kind_name(tally->kind));
    if (tally->flags & UL_ACCESS_ATOMIC && tally->kind < UL_ACCESS_RMW)
        ul_strbuf_puts(text, "+atomic");
    if (tally->flags & UL_ACCESS_CONSTANT)
        ul_strbuf_puts(text, "+constant");
    if (tally->loop_depth)
        ul_strbuf_printf(text, "*%u", tally->loop_depth);
    if (tally->index)
        ul_strbuf_printf(text, "@%s", ul_index_kind_name(tally->index));
    ul_strbuf_printf(text, " %s", census->words[function->name]);
    if (function->role)
        ul_strbuf_printf(text, "(%s)", ul_role_name(function->role));
    for (uint32_t pass = 0; pass < 2; pass++) {
        const char *locks = census->words[pass ? function->locks : tally->locks];
        for (const char *at = locks; *at;) {
            size_t part = strcspn(at, "|");
            const char *hash = memchr(at, '#', part);
            ul_strbuf_printf(text, "%s%.*s", pass ? " callers:" : " held:", (int)(hash ? at + part - hash - 1 : (long)part), hash ? hash + 1 : at);
            at += part + (at[part] == '|');
        }
    }
}

static inline const char *keep(parse_bench *b, ul_strbuf *text)
{
    const char *copy = ul_arena_strdup(&b->arena, text->data ? text->data : "");
    ul_strbuf_free(text);
    return copy;
}

static inline const ul_census *merged(parse_bench *b)
{
    ul_census *census;
    ul_census_merge(&census, &b->result, 1, &b->names, &b->arena);
    assert_non_null(census);
    assert_true(ul_census_is_sound(census));
    return census;
}

static inline const char *field_of(parse_bench *b, const ul_census *census, const char *record, const char *field)
{
    uint32_t count;
    ul_strbuf text;
    ul_strbuf_init(&text);
    const ul_tally *tallies = ul_census_tallies(census, parse_record(&b->result, record)->key, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(census->words[tallies[i].field], field) == 0)
            tell(&text, census, &tallies[i]);
    }
    return keep(b, &text);
}

static inline const char *functions(parse_bench *b, const ul_census *census)
{
    ul_strbuf text;
    ul_strbuf_init(&text);
    for (uint32_t i = 0; i < census->function_count; i++) {
        const ul_census_function *it = &census->functions[i];
        ul_strbuf_printf(&text, "%s%s %s", i ? "; " : "", census->words[it->name], ul_role_name(it->role));
        if (it->flags & UL_FUNCTION_ENTRY)
            ul_strbuf_puts(&text, it->flags & UL_FUNCTION_MANY ? " entry many" : " entry");
        if (it->flags & UL_FUNCTION_THREADED)
            ul_strbuf_puts(&text, " threaded");
        if (it->flags & UL_FUNCTION_ESCAPES)
            ul_strbuf_puts(&text, " escapes");
    }
    return keep(b, &text);
}

#define S                                                                                                              \
    "#include <stdatomic.h>\n#include <pthread.h>\n#include <stdlib.h>\n"                                              \
    "struct s { int x, y; long n; _Atomic int c; int a[8]; char *p; struct { int in; } sub; union { int u; float f; };" \
    " pthread_mutex_t lock; volatile int v; };\nextern _Thread_local int tid;\n"                                       \
    "#define ADD(p) __atomic_add_fetch((p), 1, __ATOMIC_RELAXED)\n"                                                    \
    "#define SPIN_LOCK(p) do { while (__sync_lock_test_and_set((p), 1)) ; } while (0)\n"                               \
    "#define SPIN_UNLOCK(p) __atomic_store_n((p), 0, __ATOMIC_RELEASE)\n"

#endif

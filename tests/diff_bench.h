/* A repository with `struct conn` in it, and `ullage diff` there. For test_diff*.c only. */
#ifndef UL_TESTS_DIFF_BENCH_H
#define UL_TESTS_DIFF_BENCH_H

#include "repo_bench.h"

#define CONN "#include <stdint.h>\nstruct conn {\n    uint64_t id;\n%s    void *peer;\n    uint32_t fd, port;\n    uint64_t rx, tx, more, last;\n};\n"

/* struct conn of 56 bytes, or of 64 with `extra`. */
static inline const char *conn_with(repo *r, const char *extra)
{
    ul_strbuf text;
    ul_strbuf_init(&text);
    ul_strbuf_printf(&text, CONN "%s", extra, "");
    const char *copy = ul_arena_strdup(&r->arena, text.data);
    ul_strbuf_free(&text);
    return copy;
}

static inline int diff(repo *r, const char *arguments)
{
    return repo_sh(r, ul_arena_printf(&r->arena, "ullage diff %s", arguments));
}

static inline void commit(repo *r)
{
    repo_do(r, "git add -A && git commit -qm step --allow-empty");
}

static inline void begin(repo *r)
{
    repo_put(r, "conn.h", conn_with(r, ""));
    repo_put(r, "conn.c", "#include \"conn.h\"\nint f(struct conn *c) { return (int)c->fd; }\n");
    commit(r);
}

static const char grew[] = "conn.h:2:8: error: struct conn grew: class 56 -> 72, 0 -> 7 B in holes, 56 -> 64 B [size-class]\n";

#define TEST(name) cmocka_unit_test_setup_teardown(name, repo_set_up, repo_tear_down)

#endif

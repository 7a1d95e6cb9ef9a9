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

/* A database for `files`, names with a blank between them, all compiled with `flags`, a JSON list's inside. */
static inline void put_database(bench *b, const char *files, const char *flags)
{
    ul_strbuf text;
    ul_strbuf_init(&text);
    char *names = ul_arena_strdup(&b->arena, files), *rest = names;
    ul_strbuf_puts(&text, "[");
    for (char *name; (name = strtok_r(rest, " ", &rest)) != NULL;)
        ul_strbuf_printf(&text, "%s{\"directory\": \"%s\", \"file\": \"%s\", \"arguments\": [\"cc\", %s%s\"-c\", \"%s\"]}",
                         text.length > 1 ? ",\n" : "", b->folder, name, flags, *flags ? ", " : "", name);
    ul_strbuf_puts(&text, "]\n");
    put(b, "compile_commands.json", text.data);
    ul_strbuf_free(&text);
}

#endif

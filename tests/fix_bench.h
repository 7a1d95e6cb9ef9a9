/*
 * A work tree in a folder of its own, `ullage fix` run in it, and what came of it. For test_fix*.c only.
 */
#ifndef UL_TESTS_FIX_BENCH_H
#define UL_TESTS_FIX_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/file.h"
#include "ullage/arena.h"
#include "ullage/strbuf.h"

typedef struct bench {
    ul_arena arena;
    char folder[32];
    char *out, *err; /* of the last run */
    int status;
} bench;

static inline int bench_set_up(void **state)
{
    bench *b = calloc(1, sizeof *b);
    if (!b)
        return -1;
    ul_arena_init(&b->arena, NULL);
    snprintf(b->folder, sizeof b->folder, "/tmp/ullage-fix-XXXXXX");
    *state = b;
    bool is_ready = mkdtemp(b->folder) && setenv("NO_COLOR", "", 1) == 0 && setenv("LC_ALL", "C.UTF-8", 1) == 0;
    return is_ready && mkdir(ul_arena_printf(&b->arena, "%s/.git", b->folder), 0700) == 0 ? 0 : -1;
}

static inline int bench_tear_down(void **state)
{
    bench *b = *state;
    int status = system(ul_arena_printf(&b->arena, "chmod -R u+rwX '%s' && rm -r '%s'", b->folder, b->folder));
    ul_arena_free(&b->arena);
    free(b);
    return status;
}

static inline const char *path_of(bench *b, const char *name)
{
    return ul_arena_printf(&b->arena, "%s/%s", b->folder, name);
}

static inline void put(bench *b, const char *name, const char *text)
{
    assert_int_equal(ul_file_write(path_of(b, name), text, strlen(text), &b->arena), UL_OK);
}

static inline char *slurp(bench *b, const char *name)
{
    ul_strbuf text;
    ul_strbuf_init(&text);
    if (ul_file_read(&text, path_of(b, name), UINT32_MAX) != UL_OK)
        fail_msg("%s cannot be read", name);
    char *copy = ul_arena_strndup(&b->arena, text.data ? text.data : "", text.length);
    ul_strbuf_free(&text);
    return copy;
}

/* A shell command in the folder. */
static inline int sh(bench *b, const char *command)
{
    int status = system(ul_arena_printf(&b->arena, "cd '%s' && { %s\n} >.out 2>.err", b->folder, command));
    assert_true(WIFEXITED(status));
    b->status = WEXITSTATUS(status);
    b->out = slurp(b, ".out");
    b->err = slurp(b, ".err");
    return b->status;
}

/* `ullage fix arguments`. */
static inline int fix(bench *b, const char *arguments)
{
    sh(b, ul_arena_printf(&b->arena, "'%s' fix %s", ULLAGE_BINARY, arguments));
    if (strstr(b->err, "Sanitizer") || strstr(b->err, "runtime error"))
        fail_msg("%s: %s", arguments, b->err);
    return b->status;
}

static inline void has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' is not in: %.2000s", part, text);
}

static inline void lacks(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("'%s' is in: %.2000s", part, text);
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

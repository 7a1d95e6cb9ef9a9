/*
 * A folder of a test's own, files put into it, commands run in it by the shell, and what came of them: for suites that meet the binary as users do.
 * Everything lives in the bench's arena; the folder goes with it. For tests only.
 */
#ifndef UL_TESTS_PROJECT_H
#define UL_TESTS_PROJECT_H

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
#include "cli/paths.h"
#include "ullage/arena.h"
#include "ullage/strbuf.h"

typedef struct bench {
    ul_arena arena;
    char folder[40];
    char *out, *err; /* of the last command */
    int status;
} bench;

/* Makes the folder; what commands print is without colour and UTF-8. False when it cannot be had. */
static inline bool bench_open(bench *b)
{
    *b = (bench){0};
    ul_arena_init(&b->arena, NULL);
    snprintf(b->folder, sizeof b->folder, "/tmp/ullage-test-XXXXXX");
    return mkdtemp(b->folder) && setenv("NO_COLOR", "1", 1) == 0 && setenv("LC_ALL", "C.UTF-8", 1) == 0;
}

/* 0, or not when the folder does not go. */
static inline int bench_close(bench *b)
{
    int status = chdir("/") == 0 ? system(ul_arena_printf(&b->arena, "chmod -R u+rwX '%s' && rm -r '%s'", b->folder, b->folder)) : -1;
    ul_arena_free(&b->arena);
    return status;
}

/* For cmocka: *state is a bench. */
static inline int bench_set_up(void **state)
{
    bench *b = malloc(sizeof *b);
    *state = b;
    return b && bench_open(b) ? 0 : -1;
}

static inline int bench_tear_down(void **state)
{
    int status = bench_close(*state);
    free(*state);
    return status;
}

static inline const char *path_of(bench *b, const char *name)
{
    return ul_arena_printf(&b->arena, "%s/%s", b->folder, name);
}

/* The directories on the way are made. */
static inline void put_bytes(bench *b, const char *name, const char *bytes, size_t length)
{
    const char *path = path_of(b, name);
    if (strchr(name, '/'))
        assert_int_equal(system(ul_arena_printf(&b->arena, "mkdir -p '%s'", ul_path_directory(path, &b->arena))), 0);
    assert_int_equal(ul_file_write(path, bytes, length, &b->arena), UL_OK);
}

static inline void put(bench *b, const char *name, const char *text)
{
    put_bytes(b, name, text, strlen(text));
}

static inline char *slurp_path(ul_arena *arena, const char *path)
{
    ul_strbuf text;
    ul_strbuf_init(&text);
    if (ul_file_read(&text, path, UINT32_MAX) != UL_OK)
        fail_msg("%s cannot be read", path);
    char *copy = ul_arena_strndup(arena, text.data ? text.data : "", text.length);
    ul_strbuf_free(&text);
    return copy;
}

static inline char *slurp(bench *b, const char *name)
{
    return slurp_path(&b->arena, path_of(b, name));
}

/* A shell command in the folder; a redirection of its own goes before ours. Its status, which is in b->status too. */
static inline int sh(bench *b, const char *command)
{
    int status = system(ul_arena_printf(&b->arena, "cd '%s' && { %s\n} >.out 2>.err </dev/null", b->folder, command));
    assert_true(WIFEXITED(status));
    b->status = WEXITSTATUS(status);
    b->out = slurp(b, ".out");
    b->err = slurp(b, ".err");
    if (strstr(b->err, "Sanitizer") || strstr(b->err, "runtime error"))
        fail_msg("%s: %s", command, b->err);
    return b->status;
}

/* `ullage arguments`. */
static inline int run(bench *b, const char *arguments)
{
    return sh(b, ul_arena_printf(&b->arena, "'%s' %s", ULLAGE_BINARY, arguments));
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

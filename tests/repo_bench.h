/*
 * A git repository in a folder of its own, and the binary run inside it, by the shell: for suites that test what users do with
 * both. Nobody's configuration of git is read. For tests only; everything lives in the bench's arena.
 */
#ifndef UL_TESTS_REPO_BENCH_H
#define UL_TESTS_REPO_BENCH_H

#include "project.h"

typedef struct repo {
    ul_arena arena;
    char folder[40];
    const char *in;   /* folder below it where commands run, "" for itself */
    char *out, *err;  /* of the last command */
    int status;
} repo;

static inline const char *repo_path(repo *r, const char *name)
{
    return ul_arena_printf(&r->arena, "%s/%s", r->folder, name);
}

static inline char *repo_slurp(repo *r, const char *path)
{
    return slurp_path(&r->arena, path);
}

/* Runs a shell command in the folder; `ullage` is the binary under test. */
static inline int repo_sh(repo *r, const char *command)
{
    int status = system(ul_arena_printf(&r->arena, "cd '%s/work/%s' && { %s\n} >'%s/.out' 2>'%s/.err' </dev/null", r->folder, r->in, command,
                                        r->folder, r->folder));
    assert_true(WIFEXITED(status));
    r->status = WEXITSTATUS(status);
    r->out = repo_slurp(r, repo_path(r, ".out"));
    r->err = repo_slurp(r, repo_path(r, ".err"));
    if (strstr(r->err, "Sanitizer") || strstr(r->err, "runtime error"))
        fail_msg("%s: %s", command, r->err);
    return r->status;
}

/* The same, which must succeed. */
static inline void repo_do(repo *r, const char *command)
{
    if (repo_sh(r, command) != 0)
        fail_msg("%s: status %d: %s%s", command, r->status, r->out, r->err);
}

static inline void repo_put(repo *r, const char *name, const char *text)
{
    const char *path = ul_arena_printf(&r->arena, "%s/work/%s%s", r->folder, r->in, name);
    const char *slash = strrchr(path, '/');
    if (system(ul_arena_printf(&r->arena, "mkdir -p '%.*s'", (int)(slash - path), path)) != 0 ||
        ul_file_write(path, text, strlen(text), &r->arena) != UL_OK)
        fail_msg("%s cannot be written", path);
}

static inline void repo_has(const char *text, const char *part)
{
    has(text, part);
}

static inline void repo_lacks(const char *text, const char *part)
{
    lacks(text, part);
}

/* The environment of every command: a home without configuration, `ullage` on PATH, names for commits. */
static inline int repo_environment(repo *r)
{
    static const char *const unset[] = {"GIT_DIR",       "GIT_INDEX_FILE",      "GIT_WORK_TREE", "GIT_PREFIX",
                                        "GIT_EXEC_PATH", "GIT_EXTERNAL_DIFF", "CI"};
    for (size_t i = 0; i < sizeof unset / sizeof *unset; i++)
        unsetenv(unset[i]);
    char *slash, *bin = ul_arena_strdup(&r->arena, ULLAGE_BINARY);
    if ((slash = strrchr(bin, '/')))
        *slash = '\0';
    int failed = setenv("HOME", r->folder, 1) | setenv("XDG_CACHE_HOME", repo_path(r, "cache"), 1) | setenv("GIT_CONFIG_NOSYSTEM", "1", 1) |
                 setenv("GIT_AUTHOR_NAME", "a", 1) | setenv("GIT_AUTHOR_EMAIL", "a@example.org", 1) | setenv("GIT_COMMITTER_NAME", "a", 1) |
                 setenv("GIT_COMMITTER_EMAIL", "a@example.org", 1) | setenv("NO_COLOR", "1", 1) | setenv("LC_ALL", "C.UTF-8", 1);
    const char *path = getenv("PATH");
    if (!path || strncmp(path, bin, strlen(bin)) != 0)
        failed |= setenv("PATH", ul_arena_printf(&r->arena, "%s:%s", bin, path ? path : "/usr/bin:/bin"), 1);
    return failed;
}

static inline int repo_set_up(void **state)
{
    repo *r = calloc(1, sizeof *r);
    if (!r)
        return -1;
    ul_arena_init(&r->arena, NULL);
    r->in = "";
    snprintf(r->folder, sizeof r->folder, "/tmp/ullage-repo-XXXXXX");
    *state = r;
    if (!mkdtemp(r->folder) || repo_environment(r) != 0 || mkdir(repo_path(r, "work"), 0777) != 0)
        return -1;
    repo_do(r, "git init -q -b main .");
    return 0;
}

static inline int repo_tear_down(void **state)
{
    repo *r = *state;
    int status = system(ul_arena_printf(&r->arena, "chmod -R u+rwX '%s' && rm -rf '%s'", r->folder, r->folder));
    ul_arena_free(&r->arena);
    free(r);
    return status;
}

#endif

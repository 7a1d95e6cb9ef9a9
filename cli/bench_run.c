#include "cli/bench_run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/child.h"
#include "cli/file.h"
#include "cli/words.h"

enum { COMPILE_SECONDS = 300, SLACK_SECONDS = 120, PROCESSES_MAX = 4 };

/* A benchmark on its way. */
typedef struct bench_run {
    const ul_config *config;
    ul_terminal *terminal;
    ul_diags *diags;
    ul_arena *arena;
    const char *directory, *source, *program;
    sigset_t before;
    uint32_t case_count; /* that it announced; 0 before */
    uint32_t done_count; /* cases that it printed */
    uint32_t process_count;
    size_t seen_bytes;   /* of the output of the one that runs, whole lines */
} bench_run;

static ul_status fail(bench_run *of, ul_status status, const char *message)
{
    ul_diags_add(of->diags, UL_LEVEL_ERROR, NULL, 0, 0, "%s", message);
    return status;
}

static ul_status make_directory(bench_run *of)
{
    const char *kept = of->config->bench_directory, *base = getenv("TMPDIR");
    if (kept && mkdir(kept, 0777) != 0 && errno != EEXIST)
        return fail(of, UL_ERR_IO, ul_arena_printf(of->arena, "cannot make the directory '%s': %s", kept, strerror(errno)));
    char *made = kept ? NULL : ul_arena_printf(of->arena, "%s/ullage-bench-XXXXXX", base && *base ? base : "/tmp");
    if (made && !mkdtemp(made))
        return fail(of, UL_ERR_IO, ul_arena_printf(of->arena, "cannot make a directory in '%s': %s", base && *base ? base : "/tmp", strerror(errno)));
    of->directory = kept ? kept : made;
    of->source = ul_arena_printf(of->arena, "%s/ullage_bench.c", of->directory);
    /* A name with a slash in it is not looked for on PATH. */
    of->program = ul_arena_printf(of->arena, "%s%s/ullage_bench", of->directory[0] == '/' || of->directory[0] == '.' ? "" : "./", of->directory);
    return UL_OK;
}

static void remove_directory(const bench_run *of)
{
    if (of->config->bench_directory)
        return;
    unlink(of->source);
    unlink(of->program);
    rmdir(of->directory);
}

/* The first lines of what a child complained of. */
static const char *complaint_of(const ul_strbuf *err, ul_arena *arena)
{
    enum { LINES_MAX = 5 };
    size_t length = 0;
    for (uint32_t lines = 0; length < err->length && lines < LINES_MAX; length++)
        lines += err->data[length] == '\n';
    while (length && err->data[length - 1] == '\n')
        length--;
    return ul_arena_printf(arena, "%s%.*s", length ? ": " : "", (int)length, length ? err->data : "");
}

static ul_status judge(bench_run *of, const ul_child *child, const ul_strbuf *err, const char *who)
{
    const char *words = complaint_of(err, of->arena);
    if (child->interrupted)
        return fail(of, UL_ERR_INPUT, ul_arena_printf(of->arena, "interrupted while %s ran (%s)", who, strsignal(child->interrupted)));
    if (child->is_late)
        return fail(of, UL_ERR_INPUT, ul_arena_printf(of->arena, "%s did not end in %u seconds", who, child->limit_seconds));
    if (child->status >= 128)
        return fail(of, UL_ERR_INPUT, ul_arena_printf(of->arena, "%s was ended by signal %d (%s)%s", who, child->status - 128, strsignal(child->status - 128), words));
    if (child->status)
        return fail(of, UL_ERR_INPUT, ul_arena_printf(of->arena, "%s ended with status %d%s", who, child->status, words));
    return UL_OK;
}

static ul_status compile(bench_run *of)
{
    static const char *const arguments[] = {"-std=c11", "-O2", "-falign-loops=64", "-pthread", "-o"};
    const char *command = of->config->compiler;
    ul_words words = {0};
    ul_strbuf out, err;
    if (!ul_words_split(&words, command, strlen(command), UL_QUOTING_SHELL, of->arena) || words.count == 0)
        return fail(of, UL_ERR_USAGE, ul_arena_printf(of->arena, "'%s' is no command, as '--cc' takes one", command));
    for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++)
        ul_words_add(&words, arguments[i], of->arena);
    ul_words_add(&words, of->program, of->arena);
    ul_words_add(&words, of->source, of->arena);
    ul_words_add(&words, NULL, of->arena);
    ul_strbuf_init(&out);
    ul_strbuf_init(&err);
    ul_child child = {.argv = words.items, .limit_seconds = COMPILE_SECONDS};
    ul_status status = ul_child_run(&child, &out, &err, &of->before);
    if (status == UL_OK)
        status = judge(of, &child, &err, ul_arena_printf(of->arena, "the compiler '%s'", command));
    else
        status = fail(of, status, ul_arena_printf(of->arena, "the compiler '%s' cannot be run: %s%s", command, strerror(errno), errno == ENOENT ? " (--cc names another)" : ""));
    ul_strbuf_free(&out);
    ul_strbuf_free(&err);
    return status;
}

/* Counts the cases that are through, for the terminal. */
static void watch(void *context, const ul_strbuf *out)
{
    bench_run *of = context;
    uint32_t before = of->done_count;
    while (of->seen_bytes < out->length) {
        const char *line = out->data + of->seen_bytes, *end = memchr(line, '\n', out->length - of->seen_bytes);
        unsigned number;
        if (!end)
            break;
        if (sscanf(line, "cases %u", &number) == 1)
            of->case_count = number;
        of->done_count += strncmp(line, "case ", 5) == 0;
        of->seen_bytes += (size_t)(end - line) + 1;
    }
    if (of->done_count != before)
        ul_terminal_progress(of->terminal, of->done_count, of->case_count * of->process_count, "measuring");
}

static ul_status run_once(bench_run *of, ul_bench_result *result, uint32_t layout_count, double seconds)
{
    const char *time = ul_arena_printf(of->arena, "%.3f", seconds);
    const char *const argv[] = {of->program, "--raw", "--time", time, NULL};
    ul_child child = {.argv = argv, .limit_seconds = (uint32_t)seconds * 2 + SLACK_SECONDS, .watch = watch, .context = of};
    const char *why;
    ul_strbuf out, err;
    ul_strbuf_init(&out);
    ul_strbuf_init(&err);
    of->seen_bytes = 0;
    ul_status status = ul_child_run(&child, &out, &err, &of->before);
    if (status != UL_OK)
        status = fail(of, status, ul_arena_printf(of->arena, "the benchmark cannot be run: %s%s", strerror(errno), errno == EACCES ? " (TMPDIR or --keep names another place)" : ""));
    else
        status = judge(of, &child, &err, "the benchmark");
    if (status == UL_OK && ul_bench_output_read(result, out.data ? out.data : "", out.length, layout_count, &why, of->arena) != UL_OK)
        status = fail(of, UL_ERR_INPUT, ul_arena_printf(of->arena, "what the benchmark printed cannot be read: %s", why));
    ul_strbuf_free(&out);
    ul_strbuf_free(&err);
    return status;
}

/*
 * Several processes, whose samples are put together: where the system puts code and data decides about tenths of a nanosecond, for as long as a
 * process lives, and would be taken for a difference of layouts.
 */
static ul_status run(bench_run *of, ul_bench_result *result, uint32_t layout_count)
{
    of->process_count = of->config->bench_seconds < PROCESSES_MAX ? of->config->bench_seconds : PROCESSES_MAX;
    double seconds = (double)of->config->bench_seconds / of->process_count;
    ul_status status = run_once(of, result, layout_count, seconds);
    for (uint32_t i = 1; i < of->process_count && status == UL_OK; i++) {
        ul_bench_result more;
        status = run_once(of, &more, layout_count, seconds);
        if (status == UL_OK && !ul_bench_result_join(result, &more, layout_count, of->arena))
            status = fail(of, UL_ERR_INPUT, "the benchmark did not measure the same twice: this machine changes while it is measured");
    }
    return status;
}

ul_status ul_bench_measure(ul_bench_result *out, const char *source, size_t length, uint32_t layout_count, const ul_config *config, ul_terminal *terminal,
                           ul_diags *diags, ul_arena *arena)
{
    bench_run of = {.config = config, .terminal = terminal, .diags = diags, .arena = arena};
    ul_child_block(&of.before);
    ul_status status = make_directory(&of);
    bool has_directory = status == UL_OK;
    if (status == UL_OK && ul_file_write(of.source, source, length, arena) != UL_OK)
        status = fail(&of, UL_ERR_IO, ul_arena_printf(arena, "cannot write to '%s': %s", of.source, strerror(errno)));
    if (status == UL_OK)
        status = compile(&of);
    if (status == UL_OK)
        status = run(&of, out, layout_count);
    if (has_directory)
        remove_directory(&of);
    ul_terminal_clear(terminal);
    ul_child_unblock(&of.before);
    return status;
}

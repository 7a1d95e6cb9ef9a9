#include "layout/parse/workers.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "layout/model/wire.h"
#include "layout/parse/reader.h"
#include "layout/parse/worker.h"

enum { NO_JOB = -1 };

typedef struct worker {
    pid_t pid;
    int to, from; /* pipes; -1 when closed */
    int noise;    /* what libclang prints on stderr, to tell why it died */
    int64_t job;  /* NO_JOB when idle */
    struct timespec begin;
} worker;

typedef struct pool { // ullage: ignore[reorder-saves] -- one a run
    worker *workers;
    uint32_t worker_count;
    const ul_unit_job *jobs;
    ul_unit_result *results;
    uint32_t job_count, next_job, done;
    const ul_workers_options *options;
    ul_arena *arena;
} pool;

const char *ul_libclang_version(ul_arena *arena)
{
    const char *text = ul_clang_text(clang_getClangVersion(), arena); /* "Debian clang version 14.0.6" */
    const char *at = strstr(text, "version ");
    at = at ? at + 8 : text;
    return ul_arena_strndup(arena, at, strcspn(at, " -~+("));
}

static void close_worker(worker *w)
{
    if (w->to >= 0)
        close(w->to);
    if (w->from >= 0)
        close(w->from);
    if (w->noise >= 0)
        close(w->noise);
    w->to = w->from = w->noise = -1;
}

/* In the child: only its own pipes stay open, and what libclang prints goes where nobody reads it by
 * accident. */
static void become_worker(pool *p, int in, int out, int noise)
{
    for (uint32_t i = 0; i < p->worker_count; i++) {
        if (p->workers[i].pid > 0) {
            close(p->workers[i].to);
            close(p->workers[i].from);
        }
    }
    signal(SIGINT, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    if (noise >= 0)
        dup2(noise, STDERR_FILENO);
    ul_worker_serve(in, out, p->jobs, p->options);
}

static int open_noise(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return -1; /* the sanitizer's words must be seen */
#else
    return memfd_create("ullage-stderr", MFD_CLOEXEC);
#endif
}

static ul_status start_worker(pool *p, worker *w)
{
    int down[2], up[2];
    if (pipe(down) != 0)
        return UL_ERR_IO;
    if (pipe(up) != 0) {
        close(down[0]);
        close(down[1]);
        return UL_ERR_IO;
    }
    int noise = open_noise();
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        close(down[1]);
        close(up[0]);
        become_worker(p, down[0], up[1], noise);
    }
    close(down[0]);
    close(up[1]);
    *w = (worker){.pid = pid, .to = down[1], .from = up[0], .noise = noise, .job = NO_JOB};
    if (pid < 0) {
        int error = errno;
        close_worker(w);
        errno = error;
        return UL_ERR_IO;
    }
    return UL_OK;
}

static void finish_job(pool *p, worker *w)
{
    const char *file = p->jobs[w->job].file;
    w->job = NO_JOB;
    p->done++;
    if (p->options->progress)
        p->options->progress(p->options->context, p->done, p->job_count, file);
}

static void fail_job(pool *p, worker *w, ul_unit_outcome outcome, const char *detail)
{
    p->results[w->job] = (ul_unit_result){.outcome = outcome, .detail = detail, .triple = ""};
    finish_job(p, w);
}

/* Gives the next job to `w`, or closes its pipe when there is none. */
static void feed(pool *p, worker *w)
{
    if (p->next_job < p->job_count) {
        uint64_t job = p->next_job++;
        w->job = (int64_t)job;
        clock_gettime(CLOCK_MONOTONIC, &w->begin);
        ul_write_all(w->to, &job, sizeof job); /* a worker that died shows when its answer is read */
    } else if (w->to >= 0) {
        close(w->to);
        w->to = -1;
    }
}

/* Whether libclang's last words speak of memory. */
static bool noise_says_memory(const worker *w)
{
    char text[65536];
    ssize_t length = w->noise >= 0 ? pread(w->noise, text, sizeof text - 1, 0) : 0;
    if (length <= 0)
        return false;
    return memmem(text, (size_t)length, "ut of memory", 12) || memmem(text, (size_t)length, "bad_alloc", 9);
}

/* The worker is gone: says why in the result of its job and starts another when there is work left. */
static ul_status bury(pool *p, worker *w, bool has_timed_out)
{
    int status = 0;
    while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (w->job != NO_JOB) {
        bool is_memory =
            (WIFEXITED(status) && WEXITSTATUS(status) == UL_WORKER_EXIT_MEMORY) || noise_says_memory(w);
        if (has_timed_out)
            fail_job(p, w, UL_UNIT_TIMED_OUT,
                     ul_arena_printf(p->arena, "it took more than %u s", p->options->timeout_seconds));
        else if (is_memory)
            fail_job(p, w, UL_UNIT_OUT_OF_MEMORY,
                     ul_arena_printf(p->arena, "it needs more than the %llu MiB allowed",
                                     (unsigned long long)(p->options->memory_bytes >> 20)));
        else if (WIFSIGNALED(status))
            fail_job(p, w, UL_UNIT_CRASHED,
                     ul_arena_printf(p->arena, "libclang crashed: signal %d (%s)", WTERMSIG(status),
                                     strsignal(WTERMSIG(status))));
        else if (WIFEXITED(status) && WEXITSTATUS(status) == UL_WORKER_EXIT_CRASH)
            fail_job(p, w, UL_UNIT_CRASHED, "libclang crashed on it");
        else
            fail_job(p, w, UL_UNIT_CRASHED,
                     ul_arena_printf(p->arena, "the worker ended with status %d",
                                     WIFEXITED(status) ? WEXITSTATUS(status) : -1));
    }
    close_worker(w);
    w->pid = 0;
    if (p->next_job >= p->job_count)
        return UL_OK;
    ul_status started = start_worker(p, w);
    if (started == UL_OK)
        feed(p, w);
    return started;
}

/* Reads one result from `w`; false when the worker is gone or talks nonsense. */
static bool receive(pool *p, worker *w)
{
    ul_result_head head;
    if (!ul_read_all(w->from, &head, sizeof head) || (int64_t)head.job != w->job)
        return false;
    char *room = head.length <= SIZE_MAX / 2 ? malloc(head.length + 1) : NULL;
    bool is_read = room && ul_read_all(w->from, room, head.length) &&
                   ul_wire_read_result(&p->results[w->job], room, head.length, p->arena) == UL_OK;
    free(room);
    if (is_read)
        finish_job(p, w);
    return is_read;
}

/* Milliseconds until the first worker is over its time; -1 for never. */
static int next_deadline(const pool *p)
{
    if (!p->options->timeout_seconds)
        return -1;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long long least = -1;
    for (uint32_t i = 0; i < p->worker_count; i++) {
        const worker *w = &p->workers[i];
        if (w->pid <= 0 || w->job == NO_JOB)
            continue;
        long long passed =
            (now.tv_sec - w->begin.tv_sec) * 1000LL + (now.tv_nsec - w->begin.tv_nsec) / 1000000;
        long long left = p->options->timeout_seconds * 1000LL - passed;
        left = left < 0 ? 0 : left;
        least = least < 0 || left < least ? left : least;
    }
    return least > 1000000 ? 1000000 : (int)least;
}

static ul_status kill_late(pool *p)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    for (uint32_t i = 0; i < p->worker_count; i++) {
        worker *w = &p->workers[i];
        if (w->pid <= 0 || w->job == NO_JOB)
            continue;
        long long passed =
            (now.tv_sec - w->begin.tv_sec) * 1000LL + (now.tv_nsec - w->begin.tv_nsec) / 1000000;
        if (passed < p->options->timeout_seconds * 1000LL)
            continue;
        kill(w->pid, SIGKILL);
        ul_status status = bury(p, w, true);
        if (status != UL_OK)
            return status;
    }
    return UL_OK;
}

static ul_status serve_round(pool *p, struct pollfd *polls)
{
    for (uint32_t i = 0; i < p->worker_count; i++)
        polls[i] = (struct pollfd){.fd = p->workers[i].pid > 0 ? p->workers[i].from : -1, .events = POLLIN};
    int ready = poll(polls, p->worker_count, next_deadline(p));
    if (ready < 0 && errno != EINTR)
        return UL_ERR_IO;
    for (uint32_t i = 0; ready > 0 && i < p->worker_count; i++) {
        worker *w = &p->workers[i];
        if (!polls[i].revents)
            continue;
        ul_status status = UL_OK;
        if (w->job == NO_JOB || !receive(p, w)) {
            if (w->job != NO_JOB)
                kill(w->pid, SIGKILL); /* it may live on after nonsense */
            status = bury(p, w, false);
        } else {
            feed(p, w);
        }
        if (status != UL_OK)
            return status;
    }
    return p->options->timeout_seconds ? kill_late(p) : UL_OK;
}

static void end_workers(pool *p)
{
    for (uint32_t i = 0; i < p->worker_count; i++) {
        worker *w = &p->workers[i];
        if (w->pid <= 0)
            continue;
        if (w->job != NO_JOB)
            kill(w->pid, SIGKILL);
        close_worker(w);
        while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
}

ul_status ul_workers_run(ul_unit_result *results, const ul_unit_job *jobs, uint32_t count,
                         const ul_workers_options *options, ul_arena *arena)
{
    uint32_t wanted = options->workers < count ? options->workers : count;
    pool p = {.jobs = jobs, .results = results, .job_count = count, .options = options, .arena = arena};
    if (count == 0)
        return UL_OK;
    p.workers = UL_NEW_ARRAY(arena, worker, wanted);
    struct pollfd *polls = UL_NEW_ARRAY(arena, struct pollfd, wanted);
    void (*old_sigpipe)(int) = signal(SIGPIPE, SIG_IGN);
    ul_status status = UL_OK;
    for (; p.worker_count < wanted && status == UL_OK; p.worker_count++)
        status = start_worker(&p, &p.workers[p.worker_count]);
    if (status != UL_OK && --p.worker_count > 0)
        status = UL_OK; /* fewer than wished for will do */
    for (uint32_t i = 0; status == UL_OK && i < p.worker_count; i++)
        feed(&p, &p.workers[i]);
    while (status == UL_OK && p.done < count)
        status = serve_round(&p, polls);
    end_workers(&p);
    signal(SIGPIPE, old_sigpipe);
    return status;
}

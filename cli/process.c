#include "cli/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* A pipe that no child inherits but by name. */
static ul_status open_pipe(int ends[2])
{
    return pipe2(ends, O_CLOEXEC) == 0 ? UL_OK : UL_ERR_IO;
}

static void close_ends(int ends[2])
{
    for (int i = 0; i < 2; i++) {
        if (ends[i] >= 0)
            close(ends[i]);
        ends[i] = -1;
    }
}

/* `in`, `out` and `err` become its descriptors 0 to 2; -1 is /dev/null. */
static ul_status spawn(pid_t *pid, const char *const *argv, int in, int out, int err)
{
    const int descriptors[3] = {in, out, err};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    for (int i = 0; i < 3; i++) {
        if (descriptors[i] < 0)
            posix_spawn_file_actions_addopen(&actions, i, "/dev/null", i ? O_WRONLY : O_RDONLY, 0);
        else
            posix_spawn_file_actions_adddup2(&actions, descriptors[i], i);
    }
    /* We ignore SIGPIPE, which would be handed down. */
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    int error = posix_spawnp(pid, argv[0], &actions, &attributes, (char *const *)argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    errno = error;
    return error ? UL_ERR_IO : UL_OK;
}

static int wait_for(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Adds what `descriptor` has; false at its end. */
static bool drain(ul_strbuf *to, int descriptor)
{
    char bytes[65536];
    ssize_t length = read(descriptor, bytes, sizeof bytes);
    if (length > 0)
        ul_strbuf_add(to, bytes, (size_t)length);
    return length > 0 || (length < 0 && errno == EINTR);
}

static void drain_both(ul_strbuf *out, ul_strbuf *err, int out_from, int err_from)
{
    struct pollfd polls[2] = {{.fd = out_from, .events = POLLIN}, {.fd = err_from, .events = POLLIN}};
    while (polls[0].fd >= 0 || polls[1].fd >= 0) {
        if (poll(polls, 2, -1) < 0 && errno != EINTR)
            return;
        for (int i = 0; i < 2; i++) {
            if (polls[i].fd >= 0 && polls[i].revents && !drain(i ? err : out, polls[i].fd))
                polls[i].fd = -1;
        }
    }
}

ul_status ul_process_run(ul_strbuf *out, ul_strbuf *err, int *status, const char *const *argv)
{
    int outs[2] = {-1, -1}, errs[2] = {-1, -1};
    pid_t pid;
    if (open_pipe(outs) != UL_OK || open_pipe(errs) != UL_OK) {
        close_ends(outs);
        return UL_ERR_IO;
    }
    ul_status started = spawn(&pid, argv, -1, outs[1], errs[1]);
    int error = errno;
    close(outs[1]);
    close(errs[1]);
    outs[1] = errs[1] = -1;
    if (started == UL_OK) {
        drain_both(out, err, outs[0], errs[0]);
        *status = wait_for(pid);
    }
    close_ends(outs);
    close_ends(errs);
    errno = error;
    return started;
}

ul_status ul_process_start(ul_process *out, const char *const *argv)
{
    int ins[2] = {-1, -1}, outs[2] = {-1, -1};
    *out = (ul_process){0};
    if (open_pipe(ins) != UL_OK || open_pipe(outs) != UL_OK) {
        close_ends(ins);
        return UL_ERR_IO;
    }
    ul_status started = spawn(&out->pid, argv, ins[0], outs[1], -1);
    int error = errno;
    close(ins[0]);
    close(outs[1]);
    if (started == UL_OK) {
        out->to = fdopen(ins[1], "w");
        out->from = fdopen(outs[0], "r");
        if (out->to && out->from)
            return UL_OK;
        error = errno;
        started = UL_ERR_IO;
    }
    if (!out->to)
        close(ins[1]);
    if (!out->from)
        close(outs[0]);
    ul_process_end(out);
    errno = error;
    return started;
}

void ul_process_end(ul_process *process)
{
    if (process->to)
        fclose(process->to);
    if (process->from)
        fclose(process->from);
    if (process->pid > 0)
        wait_for(process->pid);
    *process = (ul_process){0};
}

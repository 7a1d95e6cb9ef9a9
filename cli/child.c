#include "cli/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { LOOK_MS = 100, OUTPUT_MAX = 1 << 26 };

static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

static void fill(sigset_t *signals)
{
    sigemptyset(signals);
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
        sigaddset(signals, ending[i]);
}

void ul_child_block(sigset_t *before)
{
    sigset_t signals;
    fill(&signals);
    sigprocmask(SIG_BLOCK, &signals, before);
}

void ul_child_unblock(const sigset_t *before)
{
    sigprocmask(SIG_SETMASK, before, NULL);
}

static ul_status spawn(pid_t *pid, const char *const *argv, int out, int err, const sigset_t *mask)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE); /* we ignore it, which would be handed down */
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setsigmask(&attributes, mask);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    int error = posix_spawnp(pid, argv[0], &actions, &attributes, (char *const *)argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    errno = error;
    return error ? UL_ERR_IO : UL_OK;
}

/* Adds what there is; false at the end. What is beyond all measure is read and dropped. */
static bool drain(ul_strbuf *to, int descriptor)
{
    char bytes[65536];
    ssize_t length = read(descriptor, bytes, sizeof bytes);
    if (length > 0 && to->length < OUTPUT_MAX)
        ul_strbuf_add(to, bytes, (size_t)length);
    return length > 0 || (length < 0 && errno == EINTR);
}

static time_t seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/* Ends the group of the child when it is time to: once, and for good. */
static void look_around(ul_child *child, pid_t pid, time_t deadline)
{
    sigset_t signals;
    struct timespec nothing = {0};
    fill(&signals);
    if (child->interrupted || child->is_late)
        return;
    int got = sigtimedwait(&signals, NULL, &nothing);
    child->interrupted = got > 0 ? got : 0;
    child->is_late = !child->interrupted && seconds_now() >= deadline;
    if (child->interrupted || child->is_late)
        kill(-pid, SIGKILL);
}

static void follow(ul_child *child, pid_t pid, ul_strbuf *out, ul_strbuf *err, int out_from, int err_from)
{
    struct pollfd polls[2] = {{.fd = out_from, .events = POLLIN}, {.fd = err_from, .events = POLLIN}};
    time_t deadline = seconds_now() + (time_t)child->limit_seconds;
    while (polls[0].fd >= 0 || polls[1].fd >= 0) {
        if (poll(polls, 2, LOOK_MS) < 0 && errno != EINTR)
            break;
        for (int i = 0; i < 2; i++) {
            if (polls[i].fd >= 0 && polls[i].revents && !drain(i ? err : out, polls[i].fd))
                polls[i].fd = -1;
        }
        if (child->watch)
            child->watch(child->context, out);
        look_around(child, pid, deadline);
    }
    int status = 0;
    while (waitpid(pid, &status, WNOHANG) == 0) { /* it closed what it printed to and goes on */
        struct timespec moment = {.tv_nsec = LOOK_MS * 10000L};
        nanosleep(&moment, NULL);
        look_around(child, pid, deadline);
    }
    child->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

ul_status ul_child_run(ul_child *child, ul_strbuf *out, ul_strbuf *err, const sigset_t *before)
{
    int outs[2], errs[2];
    pid_t pid;
    if (pipe2(outs, O_CLOEXEC) != 0)
        return UL_ERR_IO;
    if (pipe2(errs, O_CLOEXEC) != 0) {
        close(outs[0]);
        close(outs[1]);
        return UL_ERR_IO;
    }
    ul_status started = spawn(&pid, child->argv, outs[1], errs[1], before);
    int error = errno;
    close(outs[1]);
    close(errs[1]);
    if (started == UL_OK)
        follow(child, pid, out, err, outs[0], errs[0]);
    close(outs[0]);
    close(errs[0]);
    errno = error;
    return started;
}

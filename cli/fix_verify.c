/* The command of --verify-command: run in the root, its output on stderr, ended with its children when we are told to end. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/fix_state.h"

static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

static sigset_t watched_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
        sigaddset(&signals, ending[i]);
    sigaddset(&signals, SIGCHLD);
    return signals;
}

/* In the child. A group of its own, so that all of it can be ended; results of ours have stdout to themselves. */
static void become_command(const char *root, const char *command, const sigset_t *mask)
{
    setpgid(0, 0);
    int nothing = open("/dev/null", O_RDONLY);
    if (nothing >= 0)
        dup2(nothing, STDIN_FILENO);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, mask, NULL);
    if (chdir(root) == 0)
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

/* Waits for the child; a signal that ends us goes to its group, and *interrupted is set to it. */
static int wait_for(pid_t child, const sigset_t *signals, int *interrupted)
{
    int status = 0;
    while (waitpid(child, &status, WNOHANG) == 0) {
        int got = sigwaitinfo(signals, NULL);
        if (got > 0 && got != SIGCHLD) {
            *interrupted = got;
            kill(-child, SIGTERM);
        }
    }
    return status;
}

bool ul_fix_verify(const ul_fixing *of)
{
    sigset_t signals = watched_signals(), before;
    int interrupted = 0;
    sigprocmask(SIG_BLOCK, &signals, &before);
    pid_t child = fork();
    if (child == 0)
        become_command(of->root, of->config->verify_command, &before);
    if (child < 0) {
        ul_diags_add(of->diags, UL_LEVEL_ERROR, NULL, 0, 0, "the command of --verify-command cannot be started: %s", strerror(errno));
        sigprocmask(SIG_SETMASK, &before, NULL);
        return false;
    }
    int status = wait_for(child, &signals, &interrupted);
    bool is_passed = !interrupted && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (interrupted)
        ul_diags_add(of->diags, UL_LEVEL_ERROR, NULL, 0, 0, "interrupted while verifying (%s): every file is what it was", strsignal(interrupted));
    else if (!is_passed)
        ul_diags_add(of->diags, UL_LEVEL_ERROR, NULL, 0, 0, "'%s' ends with %s %d: every file is what it was", of->config->verify_command,
                     WIFSIGNALED(status) ? "signal" : "status", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    sigprocmask(SIG_SETMASK, &before, NULL);
    return is_passed;
}

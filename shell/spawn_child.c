#include "spawn_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stash/mem.h"

/* The C library's prototypes come from before const; it does not write to either vector. */
static char **argv_unconst(const char *const *vector)
{
    char **plain;

    memcpy(&plain, &vector, sizeof(plain));
    return plain;
}

/* A signal that the parent ignores (SIGPIPE) must not be ignored in a dump tool. */
static void reset_signals(void)
{
    sigset_t none;

    for (int signum = 1; signum < SIGRTMIN; signum++)
        signal(signum, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Between fork and exec: only async-signal-safe calls. */
_Noreturn static void child_main(const struct spawn_child *child, int report)
{
    int saved;

    reset_signals();
    if (setpgid(0, child->group) == 0 && dup2(child->input, 0) >= 0 &&
        dup2(child->output, 1) >= 0 && dup2(child->errors, 2) >= 0 &&
        (!child->cwd || chdir(child->cwd) == 0))
        execvpe(child->argv[0], argv_unconst(child->argv), argv_unconst(child->env));
    saved = errno;
    if (write(report, &saved, sizeof(saved)) < 0)
        _exit(126);
    _exit(127);
}

/* The report pipe closes at exec, or brings the errno of what failed. */
static int read_report(int fd)
{
    int failed = 0;
    ssize_t n;

    do {
        n = read(fd, &failed, sizeof(failed));
    } while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof(failed) ? failed : 0;
}

int spawn_child_start(const struct spawn_child *child, pid_t *ret, struct error *err)
{
    int report[2];
    int failed;
    pid_t pid;

    if (pipe2(report, O_CLOEXEC) < 0)
        return error_set_errno(err, errno, "making a pipe");
    pid = fork();
    if (pid == 0)
        child_main(child, report[1]);
    failed = pid < 0 ? errno : 0;
    fd_close(report[1]);
    if (pid > 0)
        failed = read_report(report[0]);
    fd_close(report[0]);
    if (pid > 0 && failed)
        waitpid(pid, NULL, 0);
    if (failed == ENOENT)
        return error_set_code(err, ERR_NOT_FOUND, failed, "%s: no such program", child->argv[0]);
    if (failed)
        return error_set_errno(err, failed, "starting %s", child->argv[0]);
    *ret = pid;
    return 0;
}

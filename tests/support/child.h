/*
 * child.h - processes of a test that end with it: one that is left behind keeps its output open, and CTest waits for that.
 */
#ifndef TEST_CHILD_H
#define TEST_CHILD_H

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

/** fork(), but the child is killed when the test ends, however it ends. */
static inline pid_t child_fork(void)
{
    pid_t parent = getpid();
    pid_t pid = fork();

    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(1);
    }
    return pid;
}

#endif

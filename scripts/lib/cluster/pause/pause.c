/* Holds a pod's namespaces open: sleeps until it is told to end, and reaps what is left to it when it is the pod's init. */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void leave_at(int signal)
{
    (void)signal;
    _exit(0);
}

int main(void)
{
    signal(SIGINT, leave_at);
    signal(SIGTERM, leave_at);
    signal(SIGCHLD, SIG_IGN); /* the kernel reaps */
    for (;;)
        pause();
}

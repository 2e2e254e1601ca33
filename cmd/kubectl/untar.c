/* untar.c - folders come as tars, and every machine of those who use kubectl has a tar that knows what to refuse in one. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kubectl.h"

extern char **environ;

static int start_tar(const char *folder, int from, struct untar *ret, struct error *err)
{
    /* -o: files belong to whoever unpacks them, also when that is root */
    const char *const args[] = {"tar", "-x", "-o", "-f", "-", "-C", folder, NULL};
    posix_spawn_file_actions_t actions;
    pid_t pid;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, from, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    int failed = posix_spawnp(&pid, "tar", &actions, NULL, (char *const *)(uintptr_t)args, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed)
        return error_set_errno(err, failed, "starting tar");
    ret->pid = (int)pid;
    return 0;
}

int untar_begin(const char *folder, struct untar *ret, struct error *err)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        return error_set_errno(err, errno, "making a pipe");
    int r = start_tar(folder, ends[0], ret, err);
    close(ends[0]);
    if (r < 0)
        close(ends[1]);
    else
        ret->fd = ends[1];
    return r;
}

int untar_end(struct untar *untar, struct error *err)
{
    int status = 0;

    close(untar->fd);
    while (waitpid(untar->pid, &status, 0) < 0)
        if (errno != EINTR)
            return error_set_errno(err, errno, "waiting for tar");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    return error_set(err, ERR_SYSTEM, "tar could not unpack all of it (%s %d)",
                     WIFEXITED(status) ? "exit" : "signal",
                     WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

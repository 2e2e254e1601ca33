/*
 * spawn_child.h - one child: fork, wire its descriptors, exec, and know whether the exec worked.
 */
#ifndef STASH_SPAWN_CHILD_H
#define STASH_SPAWN_CHILD_H

#include <sys/types.h>

#include "stash/error.h"

struct spawn_child {
    const char *const *argv;
    const char *const *env;
    const char *cwd;
    pid_t group; /* to join; 0: become the leader of a new one */
    int input, output, errors;
};

/** Returns when the program runs; ERR_NOT_FOUND or ERR_SYSTEM when it could not be executed. */
int spawn_child_start(const struct spawn_child *child, pid_t *ret, struct error *err);

#endif

/*
 * volume_paths.h - whether what is written will outlive the container, and what is stored is more than the container's own.
 */
#ifndef STASH_AGENT_VOLUME_PATHS_H
#define STASH_AGENT_VOLUME_PATHS_H

#include <stdbool.h>

#include "stash/error.h"

/** The path as the kernel finds it: without the symbolic links of what is there of it. Heap string. */
char *volume_paths_resolve(const char *path);

/**
 * Every path of a list (quoted.h) must lie on a volume of this container. ERR_INVALID names the first that does not, and
 * the volumes there are. `follow`: symbolic links are
 * followed; restic puts folders in their place when it restores whole paths. Outside of Kubernetes every path will do.
 */
int volume_paths_check(const char *paths, bool follow, struct error *err);

/**
 * A path that is stored must lie on a volume, or have one below it: the rest of the container is our own image, not the
 * application's. ERR_INVALID names the volumes there are. Outside of Kubernetes every path will do.
 */
int volume_paths_check_stored(const char *path, struct error *err);

/**
 * No path of the list may lead through a symbolic link: laid over the root, a snapshot would replace it by a folder, and the
 * data would lie there. ERR_INVALID names the first that does.
 */
int volume_paths_check_links(const char *paths, struct error *err);

#endif

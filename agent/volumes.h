/*
 * volumes.h - is a path of this container's file system one that outlives the container?
 */
#ifndef STASH_AGENT_VOLUMES_H
#define STASH_AGENT_VOLUMES_H

#include "stash/error.h"

/**
 * ERR_INVALID, naming the path and the volumes there are, when a pod's container would write to `path` into its own file
 * system. Links on the way are followed; what does not exist yet counts as the folder that it would be made in. Outside
 * of a pod (no KUBERNETES_SERVICE_HOST) every path will do.
 */
int volumes_hold(const char *path, struct error *err);

/** ERR_INVALID when `path` is a symbolic link: restic stores the link, and not what it points to. */
int volumes_refuse_link(const char *path, struct error *err);

#endif

/*
 * paths.h - restoring folders to where they were.
 */
#ifndef STASH_AGENT_PATHS_H
#define STASH_AGENT_PATHS_H

#include "restic.h"

/** All lists are comma separated; NULL and "" mean absent. With snapshots, paths are not looked at. */
struct paths_restore {
    const char *host; /* whose snapshots; NULL: any */
    const char *paths, *snapshots;
    const char *include, *exclude;
    const char *args;
};

/** Nothing to restore (neither snapshots nor paths) is no error. ERR_NOT_FOUND when a snapshot is missing. */
int paths_restore(struct restic *restic, const struct paths_restore *request, struct error *err);

#endif

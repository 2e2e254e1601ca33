/*
 * paths.h - restoring folders to where they were.
 */
#ifndef STASH_AGENT_PATHS_H
#define STASH_AGENT_PATHS_H

#include "restic.h"

/** All lists are comma separated; NULL and "" mean absent. With snapshots, paths are not looked at. */
struct paths_restore {
    /* says whose snapshots they are to be, and is told before the first file is written */
    struct session *session;
    const char *host; /* whose snapshots; NULL: of the only host that fits */
    const char *paths, *snapshots;
    const char *include, *exclude;
    const char *args;
};

/**
 * ERR_INVALID when a path lies on no volume. ERR_NOT_FOUND when a snapshot is missing, or when nothing was to be
 * written: neither paths nor snapshots were named, the snapshot holds no file, or no file matches. ERR_CONFLICT
 * when more than one target's snapshots could be meant.
 */
int paths_restore(struct restic *restic, const struct paths_restore *request, struct error *err);

#endif

/*
 * paths.h - restoring folders to where they were.
 */
#ifndef STASH_AGENT_PATHS_H
#define STASH_AGENT_PATHS_H

#include "restic.h"

/** What a rule says. With snapshots, paths are not looked at. */
struct paths_restore {
    struct session *
        session; /* says whose snapshots they are to be, and is told before the first file is written */
    const char *host; /* whose snapshots; NULL: of the only host that fits */
    struct argv paths, snapshots;
    struct argv include, exclude;
    struct argv args;
};

void paths_restore_done(struct paths_restore *request);
DEFINE_AUTO_VALUE(struct paths_restore, paths_restore_done);

/**
 * Everything is chosen, and looked at whether a volume holds it, before the first file is written. ERR_NOT_FOUND when a
 * snapshot is missing, or when nothing was to be written: neither paths nor snapshots were named, the snapshot holds no
 * file, or no file matches. ERR_CONFLICT when more than one target's snapshots could be meant. ERR_INVALID when the data
 * would not outlive the container.
 */
int paths_restore(struct restic *restic, const struct paths_restore *request, struct error *err);

#endif

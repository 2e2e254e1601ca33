/*
 * mounts.h - what is mounted in a container, as the kernel tells it (/proc/self/mountinfo), and which of it are volumes. Pure.
 *
 * A container sees its own file system at /, a handful of mounts that every container has, and the volumes of its pod.
 * Types of file systems tell nothing: a node may keep an emptyDir on the same kind as its containers.
 */
#ifndef STASH_MOUNTS_H
#define STASH_MOUNTS_H

#include <stdbool.h>

#include "stash/error.h"
#include "stash/format.h"
#include "stash/mem.h"

#define MOUNTS_MAX 4096

struct mounts {
    char **points; /* in the order of mounting */
    size_t count;
};

void mounts_done(struct mounts *mounts);
DEFINE_AUTO_VALUE(struct mounts, mounts_done);

/** ERR_INVALID: a line is no line of mountinfo; ERR_LIMIT: more than MOUNTS_MAX. */
int mounts_parse(const char *text, struct mounts *ret, struct error *err);

/** The mount point that holds an absolute path without links: the longest one. Borrowed; NULL: none. */
const char *mounts_find(const struct mounts *mounts, const char *path);

/** Whether what is mounted there is a volume of the pod, and not the container's own. */
bool mounts_is_volume(const char *point);

/** The volumes, comma separated, as many as fit; "none". */
void mounts_describe(const struct mounts *mounts, struct text *ret);

#endif

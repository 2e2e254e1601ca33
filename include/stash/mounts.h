/*
 * mounts.h - which volume of a container a path lies on, from /proc/self/mountinfo (proc(5)). Pure.
 */
#ifndef STASH_MOUNTS_H
#define STASH_MOUNTS_H

#include <stdbool.h>

#include "stash/buf.h"

/** The volume that an absolute path without "..", "." and symbolic links lies on: its mount point, a heap string. NULL
 * when the path lies in the container's own file system or in one that the kernel makes, /proc say: what is written
 * there goes with the container, or nowhere. Lines that cannot be read are skipped. */
char *mounts_volume_of(const char *mountinfo, const char *path);

/** Whether a volume that a pod asked for lies below the path: none of the files and tokens that every container has. */
bool mounts_volume_below(const char *mountinfo, const char *path);

/** Add the mount points of all volumes, ", " between them, as many as `text` holds. */
void mounts_list_volumes(const char *mountinfo, struct buf *text);

#endif

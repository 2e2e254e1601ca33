/*
 * path.h - absolute paths as restic names them in a snapshot. Pure.
 *
 * "/data/", "//data" and "/data/." are one path, "/data". Whoever stores, looks for or compares a path does it with this form.
 */
#ifndef STASH_PATH_H
#define STASH_PATH_H

#include <stdbool.h>

#include "stash/error.h"

/** *ret (a heap string) is the plain form. ERR_INVALID: the path is relative, or goes upwards by "..". */
int path_clean(const char *path, char **ret, struct error *err);

/** Whether a part of it, which may be relative, is "..". */
bool path_goes_up(const char *path);

/** Whether both have the same plain form, or are the same text. */
bool path_same(const char *one, const char *two);

/** The folder that holds a plain path; "/" for what lies in the root, and for the root. Heap string. */
char *path_parent(const char *path);

#endif

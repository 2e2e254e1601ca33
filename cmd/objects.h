/*
 * objects.h - Kubernetes objects from files, as kubectl reads them: for the commands that work without a cluster.
 */
#ifndef STASH_CMD_OBJECTS_H
#define STASH_CMD_OBJECTS_H

#include <jansson.h>

#include "stash/error.h"

/** Append every object of a file (YAML or JSON, "-" is standard input) to the array. Lists are opened; objects of ours
 *  and of Kubernetes' that name no namespace get this one. */
int objects_load(const char *path, const char *namespace, json_t *objects, struct error *err);

/** "one,two" as an array of names. New reference. */
json_t *objects_split_names(const char *text);

#endif

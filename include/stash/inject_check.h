/*
 * inject_check.h - what the API server and the kubelet refuse of the containers and volumes that invokers ask for.
 *
 * One set of rules for two askers: whoever writes an invoker hears of a mistake at once (/validate has the same rules, by
 * path), and the injector proves by them what it is about to add to somebody's pod. Pure.
 */
#ifndef STASH_INJECT_CHECK_H
#define STASH_INJECT_CHECK_H

#include <jansson.h>
#include <stdbool.h>

#include "stash/causes.h"

/** runtimeSettings.container. */
void inject_check_settings(const json_t *settings, struct causes *causes);

/** spec.tempDir. */
void inject_check_temp_dir(const json_t *temp_dir, struct causes *causes);

/** target.volumeMounts, in a container with this securityContext (NULL: none). */
void inject_check_mounts(const json_t *mounts, const json_t *security, struct causes *causes);

/** The source of a volume, which stands at `at`; members that Kubernetes does not know as volumes are skipped. */
void inject_check_volume(const json_t *source, const char *at, struct causes *causes);

/** Whether a mount at this path would meet one of the backup's own (at it, below it, or above one when read-only), or
 * cover the programs of its image. */
bool inject_check_is_own_path(const char *path, bool read_only);

/** Whether the kubelet can mount at this path, or into it: no "..", no part longer than a file's name. */
bool inject_check_is_clean_path(const char *path);

/** Whether `inner` is the directory `outer`, or below it. */
bool inject_check_path_is_in(const char *inner, const char *outer);

/** Whether two mount paths are one directory, however they are written. */
bool inject_check_same_path(const char *one, const char *other);

#endif

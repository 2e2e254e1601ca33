/*
 * folder.h - the folders that a job works in.
 */
#ifndef STASH_AGENT_FOLDER_H
#define STASH_AGENT_FOLDER_H

#include <sys/types.h>

#include "stash/child_env.h"
#include "stash/error.h"

/** Make a folder and those above it; one that is there is fine. */
int folder_make(const char *path, mode_t mode, struct error *err);
/** Remove everything in it, then make sure that it is there. */
int folder_clear(const char *path, mode_t mode, struct error *err);
/** Make a folder <parent>/<name>-XXXXXX that nobody else may look into (0700). Heap string. */
int folder_temporary(const char *parent, const char *name, char **ret, struct error *err);
/** Remove it with everything in it; what cannot be removed stays. */
void folder_remove(const char *path);
/** Let the group do below `path` what the owner may, and new files inherit the group: for another pod's user. */
int folder_share(const char *path, struct error *err);

/** Write the secret files of an environment, mode 0600. */
int folder_write_secrets(const struct child_env *env, struct error *err);

#endif

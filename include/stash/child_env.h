/*
 * child_env.h - the environment of a child and the secret files it names. Pure: says what to write where; the caller
 * writes the files (mode 0600) and hands the environment to spawn.h. Secrets go nowhere else.
 */
#ifndef STASH_CHILD_ENV_H
#define STASH_CHILD_ENV_H

#include <jansson.h>

#include "stash/argv.h"
#include "stash/backend.h"
#include "stash/error.h"

struct secret_file {
    char *path;
    char *data;
    size_t len;
};

#define CHILD_ENV_FILES 6

/** Zeroed memory is empty. */
struct child_env {
    struct argv env;
    const char *scratch; /* folder of the files; borrowed */
    struct secret_file files[CHILD_ENV_FILES];
    size_t file_count;
};

/** Free the variables and the files' texts. */
void child_env_done(struct child_env *env);
DEFINE_AUTO_VALUE(struct child_env, child_env_done);

/**
 * Begin with the present environment (cloud identities and proxies come by it); HOME and TMPDIR become `scratch`. What
 * is added later is the caller's to release, also when adding fails half way.
 */
void child_env_init(struct child_env *env, const char *const *inherited, const char *scratch);

/** Add a file of `data` (taken over) in the scratch folder; its path, borrowed. */
const char *child_env_file(struct child_env *env, const char *name, char *data);

/** One value of a Secret's data, decoded; NULL when the key is absent. ERR_INVALID when it is not base64. Heap string. */
int secret_value(const json_t *secret, const char *key, char **ret, struct error *err);

/**
 * Add what restic needs for a backend and the Repository's Secret; *ret_cacert (borrowed, or NULL) is one of the files.
 * ERR_INVALID names the key that the Secret lacks.
 */
int child_env_restic(const struct backend *backend, const json_t *secret, struct child_env *env,
                     const char **ret_cacert, struct error *err);

#endif

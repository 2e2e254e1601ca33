/*
 * provider.h - the kinds of storage, one row each: everything that is known of one stands here. Pure data.
 */
#ifndef STASH_PROVIDER_H
#define STASH_PROVIDER_H

#include <stdbool.h>

/** For sentences and help. */
#define PROVIDER_NAMES "local, s3, gcs, azure, swift, b2 or rest"

struct backend;

/** A key of the storage Secret. */
struct provider_key {
    const char *name;
    const char *variable; /* restic's, where it has another name than the key */
    const char *file;     /* the value goes into this file, the variable holds its path */
    bool is_required;
};

struct provider {
    const char *name;            /* as in spec.backend and --provider */
    const char *container_field; /* of its bucket, container or folder; NULL: a URL holds all */
    const char *required[2];     /* fields that must not be empty */
    char *(*url)(const struct backend *backend);
    const struct provider_key *keys; /* up to one without a name */
    const char *connections; /* restic's name in "--option=gs.connections=5"; NULL: it has none */
    const char *region;      /* restic's variable for it; NULL: it has none */
    bool has_prefix;
    bool is_folder; /* a folder that is mounted into the container */
    /* two accounts may have containers of one name, and only the Secret says which it is */
    bool is_secret_account;
    bool is_wipeable; /* spec.wipeOut is accepted */
    bool is_tried;    /* by tests that store and bring back through it */
};

/** In the order in which Stash looks for them, up to one without a name. */
extern const struct provider providers[];

/** Keys that are read whatever the provider. */
extern const struct provider_key provider_common_keys[];

/** NULL: there is none of this name (which may be NULL). */
const struct provider *provider_find(const char *name);

#endif

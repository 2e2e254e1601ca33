/*
 * backend.h - a Repository's storage, decoded: which provider, where, and what restic calls it.
 */
#ifndef STASH_BACKEND_H
#define STASH_BACKEND_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "stash/error.h"
#include "stash/provider.h"

struct backend {
    const struct provider *provider;
    const char *container; /* bucket, container, mountPath or host */
    const char *prefix;    /* "" when there is none */
    const char *endpoint;  /* s3, rest; "" otherwise */
    const char *region;    /* s3; "" otherwise */
    const char *secret;    /* storageSecretName, "" when absent */
    int64_t max_connections;
    bool insecure_tls;
    const json_t *local; /* spec.backend.local, NULL unless local */
    char host[256];      /* what `container` points to for rest: do not copy the struct */
};

/** Decode spec.backend; strings are borrowed from the document. ERR_INVALID "no provider" when none is set. */
int backend_decode(const json_t *repository, struct backend *ret, struct error *err);

/** RESTIC_REPOSITORY for a decoded backend ("s3:<endpoint>/<bucket>/<prefix>"). The caller frees it. */
char *backend_url(const struct backend *backend);

#endif

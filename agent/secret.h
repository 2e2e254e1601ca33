/*
 * secret.h - the Secret of the Repository, wherever it is to be had.
 *
 * In the pod's own namespace it is mounted into our container alone, in a folder of its name below PATH_STORAGE, so that
 * no account needs a right to read it. Where it is not mounted (another namespace; a Job whose account is ours) it is
 * asked from the API server, which lets only those read it that were given a Role for it.
 */
#ifndef STASH_AGENT_SECRET_H
#define STASH_AGENT_SECRET_H

#include <jansson.h>

#include "stash/kube.h"

struct secret_place {
    struct kube *kube; /* NULL: what is not mounted is not to be had */
    const char *own;   /* the namespace that this process is in */
    const char *namespace, *name;
};

/**
 * As a Secret document with its `data`. A mount that is still empty is waited for: the kubelet brings a Secret that is
 * made after the pod. ERR_NOT_FOUND when it does not come.
 */
int secret_read(const struct secret_place *place, json_t **ret, struct error *err);

#endif

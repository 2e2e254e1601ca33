/*
 * workload.h - the sidecar model's rules: which host a pod is, which sessions concern it, what a restore puts back. Pure.
 */
#ifndef STASH_WORKLOAD_H
#define STASH_WORKLOAD_H

#include <jansson.h>
#include <stdbool.h>

#include "stash/error.h"

struct workload_pod {
    const char *kind;  /* of the workload */
    const char *alias; /* of the target; NULL and "": none */
    const char *pod, *node;
};

/**
 * The pod's host name: alias or host-0; for a StatefulSet <alias or host>-<ordinal>, for a DaemonSet the node, with
 * the alias before it. ERR_INVALID when the pod's or the node's name does not say it. Heap string.
 */
int workload_host(const struct workload_pod *pod, char **ret, struct error *err);

/** Whether its pods are hosts of their own, which run one after another. */
bool workload_is_serial(const char *kind);

/** Name of the Lease that serialises pods: lock-<kind, lower>-<name>-<what>; <= 253 characters. Heap string. */
char *workload_lock(const char *kind, const char *name, const char *what);

/** Whether this host still has to back up in a BackupSession: begun, not over, and not reported. */
bool workload_has_work(const json_t *session, const json_t *ref, const char *host);

/** The rule for a host: one that names it, else the last one that names none; NULL when there is none. Borrowed. */
const json_t *workload_rule(const json_t *restore_session, const char *host);

#endif

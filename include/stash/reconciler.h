/*
 * reconciler.h - the process that drives sessions: watches, plans, carries out; and keeps the webhook's certificates.
 *
 * Two replicas run; the one that holds the Lease works, the other waits. Losing the lease ends the process: the next
 * start begins from what is stored, which is all the state there is.
 */
#ifndef STASH_RECONCILER_H
#define STASH_RECONCILER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "stash/certs.h"
#include "stash/inject.h"
#include "stash/kube.h"

struct reconciler_config {
    const char *namespace; /* where we are installed */
    const char *identity;  /* of this replica in the Lease: the pod's name */
    const char *image;     /* of sidecars, triggers, the volume Functions */
    const char *addon_registry, *addon_tag;
    const char *pushgateway_url;
    const json_t *image_pull_secrets; /* array of names in our namespace, or NULL */
    int64_t grace_s; /* unschedulable, image pull, unbound claims: then the session fails */
    /* an interim claim of our own default: then the tempDir takes its place */
    int64_t interim_grace_s;
    int64_t job_ttl_s;     /* a Job that completed stays so long after its session */
    int64_t turn_hold_s;   /* new backups wait so long for somebody's turn at their Repository */
    int64_t turn_expiry_s; /* who has the turn gives a sign of life in this time, or loses it */
    int64_t
        lock_stale_s; /* a lock of a pod that is gone is dead when it has not changed for so long */
    /* pods whose agents are too old are left to their owner */
    bool hold_sidecar_restarts;
    int64_t workers;
    size_t queue_keys; /* that wait at the same time, 0: LIMIT_QUEUE_KEYS */
    /* at work at the same time, 0: no limit; in the cluster, in a namespace, in a Repository */
    int64_t sessions, sessions_per_namespace, sessions_per_repository;
    struct cert_policy certificates; /* of the webhook */
    /* false: somebody else (cert-manager) fills the Secret and the caBundle */
    bool manage_certificates;
    bool foreign_targets; /* targets in other namespaces need no consent */
    bool ignore_upstream; /* work beside a live operator of Stash */
};

struct reconciler;
/** Prepare everything; nothing runs before reconciler_run(). `kube` must outlive it. */
struct reconciler *reconciler_new(struct kube *kube, const struct reconciler_config *config);
/** Free everything, after reconciler_run() has returned. */
void reconciler_free(struct reconciler *reconciler);
DEFINE_AUTO(struct reconciler, reconciler_free);

/** Wait for the lease, then work until reconciler_stop() (0) or until the lease is lost (an error: exit). */
int reconciler_run(struct reconciler *reconciler, struct error *err);

/** Ask reconciler_run() to finish what is under way, release the lease and return. */
void reconciler_stop(struct reconciler *reconciler);

/** For readiness: the caches are filled, no watch is dead, and who leads works. If not, why. Safe from any thread. */
bool reconciler_is_ready(struct reconciler *reconciler, struct error *ret_why);

/** Prometheus text: queue depth, reconciles by kind and outcome, leadership, watch age. The caller frees it. */
char *reconciler_metrics(struct reconciler *reconciler);

/** The Functions and Tasks that every installation has, as documents ready for a server-side apply. New array. */
json_t *catalog_documents(const struct reconciler_config *config);

#endif

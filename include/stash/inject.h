/*
 * inject.h - the sidecar injector: should this pod get a backup sidecar or a restore init container, and how.
 *
 * A pure function from a pod and what targets it to a pod. It never blocks a workload: a pod that cannot be improved
 * safely is returned as it is, with a reason. Injecting twice equals injecting once.
 */
#ifndef STASH_INJECT_H
#define STASH_INJECT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "stash/admit.h"
#include "stash/snapshot.h"

/** The same for every pod: from the command line. */
struct inject_config {
    const char *image;
    const char *pushgateway_url;
    const json_t *image_pull_secrets; /* array of names, or NULL */
};

enum inject_reason {
    INJECT_DONE,         /* something was added */
    INJECT_ALREADY,      /* it holds what it should */
    INJECT_NOT_TARGETED, /* no invoker names its controller */
    INJECT_OPTED_OUT,    /* label stash.appscode.com/inject=false */
    INJECT_NO_CONTROLLER, /* a bare pod, or owned by a kind that we do not know, without ANNOTATION_TARGET */
    INJECT_BAD_TARGET,     /* ANNOTATION_TARGET says what cannot be */
    INJECT_NAME_TAKEN,     /* a foreign container is called stash or stash-init */
    INJECT_VOLUME_MISSING, /* a volumeMount names a volume that the pod lacks */
    INJECT_LOCAL_BACKEND,  /* the backend is a volume: it could keep the pod from starting */
    INJECT_MESH,           /* a restore before the proxy of a service mesh would reach nobody */
    INJECT_NO_REPOSITORY,  /* the invoker's Repository is not known yet */
    INJECT_POD_SECURITY,   /* the Namespace's Pod Security would refuse the pod with it */
    INJECT_BLOCKED,        /* CONDITION_PODS_REFUSED: something in the cluster refuses such pods */
    INJECT_INVALID,        /* the invoker cannot be used as it is */
    INJECT_CUT,            /* to tell, the whole pod is needed; ask again with it */
    INJECT_REASON_COUNT,
};

/** "NotTargeted": for metrics, events and logs. */
const char *inject_reason_name(enum inject_reason reason);
/** One sentence for people. */
const char *inject_reason_text(enum inject_reason reason);

/**
 * What is kept between pods, so that the next of a workload costs less: it changes no answer. For one config, and for
 * any number of threads.
 */
struct inject_memo;
/** An empty one. */
struct inject_memo *inject_memo_new(void);
/** Free it; nobody may be using it. NULL is harmless. */
void inject_memo_free(struct inject_memo *memo);
DEFINE_AUTO(struct inject_memo, inject_memo_free);

struct inject_request {
    const json_t *pod;
    const char *namespace; /* of the request: metadata.namespace may be empty */
    const struct snapshot *snapshot;
    const struct inject_config *config;
    struct inject_memo *memo; /* NULL: nothing is kept */
    size_t size; /* of the pod's text as the API server has it, or a little more; 0: not known */
    bool is_cut; /* the pod has no more than skimming leaves of it: the answer may be INJECT_CUT */
};

struct inject_result {
    json_t *pod; /* new reference; the same pointer as the request's when unchanged */
    enum inject_reason reason;
    char detail[256]; /* which container, volume or invoker; "" when there is nothing to add */
};

/** Always fills `ret`, also for "no". */
void inject_pod(const struct inject_request *request, struct inject_result *ret);
/** Drop the reference to the pod. */
void inject_result_done(struct inject_result *result);
DEFINE_AUTO_VALUE(struct inject_result, inject_result_done);

/**
 * What metadata alone says: the reason for which inject_pod() would leave the pod as it is, or INJECT_DONE when it
 * takes a whole look. Reads labels, annotations and ownerReferences only.
 */
enum inject_reason inject_glance(const json_t *pod, const char *namespace,
                                 const struct snapshot *snapshot);

/** snapshot_emit_targets() for those invokers that pods may get something for; nothing for the others. */
void inject_emit_targets(const json_t *invoker, void (*emit)(void *ctx, const char *key),
                         void *ctx);

/** What an invoker has to name as its target to mean a pod. */
struct inject_workload {
    char kind[64];
    char name[254];
    const char *fault; /* with INJECT_BAD_TARGET: what is wrong with the annotation; static */
};

/**
 * Whose pod this is: what ANNOTATION_TARGET says, else the workload that controls it. INJECT_DONE when `ret` is filled;
 * INJECT_NO_CONTROLLER or INJECT_BAD_TARGET when the pod is nobody's.
 */
enum inject_reason inject_workload_of(const json_t *pod, struct inject_workload *ret);

/** Whether it is the pod of the target that this reference (kind, name) names. */
bool inject_is_of(const json_t *pod, const json_t *ref);

/** The name of the BackupConfiguration whose sidecar the pod carries, borrowed from it; NULL: it has none. */
const char *inject_carried_backup(const json_t *pod);

/**
 * A pod as the controller of this workload would make it: template, owner, volumes of claim templates. For the
 * functions here and for dry runs. New reference; NULL when the object has no pod template.
 */
json_t *inject_template_pod(const json_t *workload);

/**
 * The pod that will come after this one, as far as this one tells: what a dry run tries where there is no template to be
 * seen. Without our parts, and without what the API server, the scheduler and the kubelet added. New reference.
 */
json_t *inject_next_pod(const json_t *pod);

/**
 * The hash that a pod of this workload should carry now (16 hex digits), "" when nobody asks for an injection: what
 * the reconciler compares running pods with. request->pod is inject_template_pod().
 *
 * It says what is wanted; whether it can be done now, and if not why, is inject_pod()'s reason. The first eight digits
 * are the backup's, the others the restore's. It depends on nothing but the invokers: an image or flag of ours, a
 * schedule, a retention or another webhook never changes it.
 */
void inject_expected_hash(const struct inject_request *request, char out[17]);

/**
 * Whether a pod that carries `have` (NULL: no annotation) needs no restart when `want` is expected. The backup part
 * must be equal; a restore that is over is not missed, one that waits is.
 */
bool inject_hash_is_current(const char *have, const char *want);

/**
 * Whether injection put this container there, ours or the upstream operator's: told by name, image and arguments, never
 * by the name alone. `list` says where it stands: "containers" or "initContainers".
 */
bool inject_is_injected(const json_t *container, const char *list);

/**
 * Warn of what would leave the pods of an invoker's target as they are, as far as the snapshot tells: by the workload (or
 * one of its pods) where it is there, else by the Namespace's Pod Security alone. For a BackupConfiguration or
 * RestoreSession that is written; what admit_validate() says is not said again.
 */
void inject_foresee(const struct admit_request *request, struct warnings *warnings);

/**
 * The same injection for a pod, a list, or anything with a pod template: what `stash inject` prints. `namespace` is that
 * of objects which name none. New reference.
 */
json_t *inject_any(const json_t *object, const char *namespace, const struct snapshot *snapshot,
                   const struct inject_config *config);

#endif

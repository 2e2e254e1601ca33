/*
 * names.h - labels, annotations, finalizers, fixed paths, and the names of the objects we make.
 *
 * Everything here is interface: users' scripts and dashboards know these strings. What fits is named as Stash names it
 * (spec'd by test vectors in tests/unit/api/test_name.c). Results are heap strings; the caller frees them.
 */
#ifndef STASH_NAMES_H
#define STASH_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STASH_GROUP "stash.appscode.com"

#define FINALIZER_REPOSITORY "stash"
#define FINALIZER_INVOKER    "stash.appscode.com"

#define LABEL_INVOKER_TYPE     "stash.appscode.com/invoker-type"
#define LABEL_INVOKER_NAME     "stash.appscode.com/invoker-name"
#define LABEL_TARGET_KIND      "stash.appscode.com/target-kind"
#define LABEL_TARGET_NAME      "stash.appscode.com/target-name"
#define LABEL_TARGET_NAMESPACE "stash.appscode.com/target-namespace"
#define LABEL_DELETE_JOB       "stash.appscode.com/delete-job-on-completion"
#define LABEL_COMPONENT        "app.kubernetes.io/component"  /* stash-backup | stash-restore */
#define LABEL_MANAGED_BY       "app.kubernetes.io/managed-by" /* stash.appscode.com */
#define LABEL_INJECT           "stash.appscode.com/inject" /* "false" on a pod or namespace opts out */
#define LABEL_INJECTED         "stash.appscode.com/injected"    /* on pods: "true", for our watch */
#define LABEL_INVOKER_UID      "stash.appscode.com/invoker-uid" /* on Roles and RoleBindings */

/* on injected pods: what was injected, or why not; and the hash of what changes the container */
/* "backup web-backup; restore web-restore" */
#define ANNOTATION_INJECTION     "stash.appscode.com/injection"
#define ANNOTATION_INJECTED_HASH "stash.appscode.com/injected-hash" /* 16 hex digits */
#define ANNOTATION_NOT_INJECTED  "stash.appscode.com/not-injected"  /* the reason's sentence */
/* on injected pods too: what their agent can do (stash/protocol.h); without it, what the first version could */
#define ANNOTATION_AGENT_PROTOCOL "stash.appscode.com/agent-protocol"
/* on pods, the cluster autoscaler's: the emptyDirs that may go with their node, "one,two" */
#define ANNOTATION_EVICT_LOCAL "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes"
/* on what the kubelet shows of a static pod */
#define ANNOTATION_MIRROR "kubernetes.io/config.mirror"
/* on pods that no known workload makes: whose they are, "Kind/name": "Pod/db", "CronJob/import", "Rollout/web" */
#define ANNOTATION_TARGET "stash.appscode.com/target"
/* on pod templates: our own trigger of a rolling restart: "<invoker>/<hash>/<unix seconds>+<least protocol of agents>" */
#define ANNOTATION_ROLLOUT "stash.appscode.com/restarted-for"
/* on the pods of dry runs, "true": injected although pods were refused with it, to see whether they still are */
#define ANNOTATION_TRIAL "stash.appscode.com/trial"
/* interimVolumeTemplate defaulting: on the object, its AppBinding or its Namespace */
#define ANNOTATION_INTERIM_DEFAULT "stash.appscode.com/interim-volume"       /* "false" opts out */
#define ANNOTATION_INTERIM_SIZE    "stash.appscode.com/interim-volume-size"  /* quantity */
#define ANNOTATION_INTERIM_CLASS   "stash.appscode.com/interim-volume-class" /* StorageClass */
#define ANNOTATION_INTERIM_MODE    "stash.appscode.com/interim-volume-access-mode"
/* "true": the template is ours */
#define ANNOTATION_INTERIM_ORIGIN "stash.appscode.com/interim-volume-defaulted"
/* a target or AppBinding in another namespace: on that object or its Namespace, a list of namespaces or "*". To be
 * backed up is one thing, to be overwritten another. */
#define ANNOTATION_ALLOW_BACKUP  "stash.appscode.com/allow-backup-from"
#define ANNOTATION_ALLOW_RESTORE "stash.appscode.com/allow-restore-from"
/* a local backend mounted into user pods (a missing PVC would keep them from starting): on the BackupConfiguration */
#define ANNOTATION_ALLOW_LOCAL "stash.appscode.com/allow-local-backend-in-pods"
/* on a RestoreSession: whose snapshots it restores, "Kind/namespace/name" */
#define ANNOTATION_SOURCE_TARGET "stash.appscode.com/source-target"
/* on a Repository: which snapshots without an owner go to which invoker (docs/repositories.md) */
#define ANNOTATION_ADOPT_SNAPSHOTS "stash.appscode.com/adopt-snapshots"
/* on a Repository: the restic id that is given up, so that another repository in its place is accepted */
#define ANNOTATION_REPOSITORY_REPLACED "stash.appscode.com/repository-replaced"
/* on a session whose labels of an invoker's or target's name had to be cut: the whole names */
#define ANNOTATION_INVOKER_NAME LABEL_INVOKER_NAME
#define ANNOTATION_TARGET_NAME  LABEL_TARGET_NAME
/* on Roles and RoleBindings: the invoker that they were made for, "Kind/namespace/name" */
#define ANNOTATION_INVOKER "stash.appscode.com/invoker"
/* on objects that the reconciler applies: the hash of what it applied last */
#define ANNOTATION_APPLIED_HASH "stash.appscode.com/applied-hash"
/* on an invoker: "allow" lets its retention policy be applied although what is backed up became empty */
#define ANNOTATION_RETENTION_OF_EMPTY "stash.appscode.com/retention-of-empty"
/* on a RestoreSession that did not end well: "allow" lets retention policies be applied to its target all the same */
#define ANNOTATION_RETENTION_AFTER_RESTORE "stash.appscode.com/retention-after-failed-restore"
/* what upstream leaves behind in workload templates */
#define ANNOTATION_UPSTREAM_BACKUP_INVOKER  "stash.appscode.com/last-applied-backup-invoker"
#define ANNOTATION_UPSTREAM_RESTORE_INVOKER "stash.appscode.com/last-applied-restore-invoker"
/* on workloads: when that was taken out of the template; it is not done a second time */
#define ANNOTATION_UPSTREAM_REMOVED "stash.appscode.com/upstream-removed"

#define CONTAINER_SIDECAR "stash"
#define CONTAINER_INIT    "stash-init"
#define CONTAINER_TRIGGER "stash-trigger"

#define VOLUME_TMP     "stash-tmp-dir"
#define VOLUME_INTERIM "stash-interim-volume"
#define VOLUME_TOKEN   "stash-token"
#define VOLUME_LOCAL   "stash-local-backend"
#define VOLUME_STORAGE "stash-storage-secret"

#define PATH_TMP          "/stash-tmp"
#define PATH_TOKEN        "/var/run/secrets/kubernetes.io/serviceaccount"
#define PATH_STORAGE      "/var/run/secrets/stash.appscode.com/storage" /* a folder for each Secret */
#define PATH_DATA         "/stash-data"
#define PATH_OUTPUT       "/stash-tmp/output"
#define PATH_INTERIM      "/stash-interim-volume"
#define PATH_INTERIM_DATA "/stash-interim-volume/data"
#define PATH_TMP_INTERIM  "/stash-tmp/stash-interim-volume/data"

#define DEFAULT_HOST "host-0"

/*
 * Whom an object is made for: an invoker, or a session. What does not fit, and what is `distinct` because another owner
 * has the plain name, gets a digest of all of this; every other name is the one that Stash gives.
 */
struct name_owner {
    const char *kind, *namespace, *name;
    bool distinct;
};

/** stash-trigger-<name>, with the own namespace before it when the target lies in another; <= 52 characters. */
char *name_cron_job(const struct name_owner *invoker, const char *target_namespace);

/** <invoker>-<unix seconds>, <= 63 characters. */
char *name_backup_session(const struct name_owner *invoker, int64_t unix_seconds);

/** stash-backup-<session>-<index>, stash-restore-<session>-<index>; <= 63 characters. */
char *name_backup_job(const struct name_owner *session, int index);
/** The same for a RestoreSession's Job. */
char *name_restore_job(const struct name_owner *session, int index);
/** For its Job that restores into one set of claims: stash-restore-<session>-<index>-<ordinal>. */
char *name_restore_job_of_set(const struct name_owner *session, int index, size_t ordinal);

/** ServiceAccount and RoleBinding of an executor: <invoker kind, lower>-<invoker name>-<index>; <= 63 characters. */
char *name_executor(const struct name_owner *invoker, int index);

/** Role and RoleBinding about single objects: <executor>-secrets here, <own namespace>-<executor> in another namespace. */
char *name_role(const struct name_owner *invoker, int index, const char *namespace);

enum name_place {
    NAME_PLACE_HERE,      /* the workload lies in the invoker's namespace */
    NAME_PLACE_ELSEWHERE, /* it lies in another one */
    NAME_PLACE_PODS,      /* only its pods name it */
};

struct name_workload {
    const char *role; /* stash-sidecar, stash-restore-init-container */
    const char *kind, *namespace, *name;
    enum name_place place;
};

/** RoleBinding of a workload's pods: <role>-<kind>-<workload>, with its namespace or the invoker's name added. */
char *name_binding(const struct name_owner *owner, const struct name_workload *workload);

/** <session>-<template name>, or <session> when the template has none; <= 63 characters. */
char *name_interim_pvc(const struct name_owner *session, const char *template_name);

#endif

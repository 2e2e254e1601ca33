/*
 * names.h - labels, annotations, finalizers, fixed paths, and the names of the objects we make.
 *
 * Everything here is interface: users' scripts and dashboards know these strings. The naming helpers cut as Stash cuts
 * (spec'd by test vectors in tests/unit/api/test_names.c). Results are heap strings; the caller frees them.
 */
#ifndef STASH_NAMES_H
#define STASH_NAMES_H

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
#define LABEL_INJECTED         "stash.appscode.com/injected" /* on pods: "true", for our watch */

/* on injected pods: what was injected, or why not; and the hash of what changes the container */
#define ANNOTATION_INJECTION                                                                       \
    "stash.appscode.com/injection" /* "backup web-backup; restore web-restore" */
#define ANNOTATION_INJECTED_HASH "stash.appscode.com/injected-hash" /* 16 hex digits */
#define ANNOTATION_NOT_INJECTED  "stash.appscode.com/not-injected"  /* the reason's sentence */
/* on pods that no known workload makes: whose they are, "Kind/name": "Pod/db", "CronJob/import", "Rollout/web" */
#define ANNOTATION_TARGET "stash.appscode.com/target"
/* on pod templates: our own trigger of a rolling restart: "<invoker>/<hash>/<nonce>" */
#define ANNOTATION_ROLLOUT "stash.appscode.com/restarted-for"
/* on the pods of dry runs, "true": injected although pods were refused with it, to see whether they still are */
#define ANNOTATION_TRIAL "stash.appscode.com/trial"
/* interimVolumeTemplate defaulting: on the object, its AppBinding or its Namespace */
#define ANNOTATION_INTERIM_DEFAULT "stash.appscode.com/interim-volume"       /* "false" opts out */
#define ANNOTATION_INTERIM_SIZE    "stash.appscode.com/interim-volume-size"  /* quantity */
#define ANNOTATION_INTERIM_CLASS   "stash.appscode.com/interim-volume-class" /* StorageClass */
#define ANNOTATION_INTERIM_MODE    "stash.appscode.com/interim-volume-access-mode"
#define ANNOTATION_INTERIM_ORIGIN                                                                  \
    "stash.appscode.com/interim-volume-defaulted" /* "true": the template is ours */
/* a target or AppBinding in another namespace: on that object or its Namespace, a list of namespaces or "*" */
#define ANNOTATION_ALLOW_FROM "stash.appscode.com/allow-backup-from"
/* a local backend mounted into user pods (a missing PVC would keep them from starting): on the BackupConfiguration */
#define ANNOTATION_ALLOW_LOCAL "stash.appscode.com/allow-local-backend-in-pods"
/* on objects that the reconciler applies: the hash of what it applied last */
#define ANNOTATION_APPLIED_HASH "stash.appscode.com/applied-hash"
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

#define PATH_TMP          "/stash-tmp"
#define PATH_TOKEN        "/var/run/secrets/kubernetes.io/serviceaccount"
#define PATH_DATA         "/stash-data"
#define PATH_OUTPUT       "/stash-tmp/output"
#define PATH_INTERIM      "/stash-interim-volume"
#define PATH_INTERIM_DATA "/stash-interim-volume/data"
#define PATH_TMP_INTERIM  "/stash-tmp/stash-interim-volume/data"

#define DEFAULT_HOST "host-0"

/** stash-trigger-<name>; <= 52 characters. `own_namespace` differs from `target_namespace` for cross-namespace targets. */
char *name_cron_job(const char *invoker, const char *own_namespace, const char *target_namespace);

/** <invoker>-<unix seconds>, <= 63 characters. */
char *name_backup_session(const char *invoker, int64_t unix_seconds);

/** stash-backup-<session>-<index>, stash-restore-<session>-<index>; <= 63 characters (32 + 31). */
char *name_backup_job(const char *session, int index);
char *name_restore_job(const char *session, int index);

/** ServiceAccount and RoleBinding of an executor: <invoker kind, lower>-<invoker name>-<index>; <= 63 characters. */
char *name_executor(const char *invoker_kind, const char *invoker, int index);

/** stash-sidecar-<kind>-<workload>, stash-restore-init-container-<kind>-<workload>. */
char *name_sidecar_binding(const char *kind, const char *workload);
char *name_init_binding(const char *kind, const char *workload);

/** <session>-<template name>, or <session> when the template has none; <= 63 characters. */
char *name_interim_pvc(const char *session, const char *template_name);

#endif

/*
 * kinds.h - every kind that this product reads or writes, one row each.
 */
#ifndef STASH_KINDS_H
#define STASH_KINDS_H

#include <stdbool.h>

#include "stash/resource.h"

enum kind {
    /* ours (Stash's) */
    KIND_REPOSITORY,
    KIND_BACKUP_CONFIGURATION,
    KIND_BACKUP_SESSION,
    KIND_RESTORE_SESSION,
    KIND_BACKUP_BATCH,
    KIND_RESTORE_BATCH,
    KIND_BACKUP_BLUEPRINT,
    KIND_TASK,
    KIND_FUNCTION,
    KIND_APP_BINDING,
    /* Kubernetes' */
    KIND_POD,
    KIND_SECRET,
    KIND_SERVICE_ACCOUNT,
    KIND_NAMESPACE,
    KIND_NODE,
    KIND_EVENT,
    KIND_PERSISTENT_VOLUME_CLAIM,
    KIND_PERSISTENT_VOLUME,
    KIND_REPLICATION_CONTROLLER,
    KIND_DEPLOYMENT,
    KIND_STATEFUL_SET,
    KIND_DAEMON_SET,
    KIND_REPLICA_SET,
    KIND_DEPLOYMENT_CONFIG,
    KIND_JOB,
    KIND_CRON_JOB,
    KIND_ROLE,
    KIND_ROLE_BINDING,
    KIND_CLUSTER_ROLE,
    KIND_LEASE,
    KIND_STORAGE_CLASS,
    KIND_VALIDATING_WEBHOOK_CONFIGURATION,
    KIND_MUTATING_WEBHOOK_CONFIGURATION,
    KIND_COUNT,
    KIND_UNKNOWN = KIND_COUNT,
};

/** The row of a kind; static. */
const struct resource *kind_resource(enum kind kind);

/** By "group/version" (or "v1") and kind name; versions other than ours match by group. KIND_UNKNOWN when not ours. */
enum kind kind_find(const char *api_version, const char *kind);

/** By kind name alone, for the places where Stash writes no group (--target-kind). */
enum kind kind_by_name(const char *kind);

/** "stash.appscode.com/v1beta1" for use in apiVersion; static. */
const char *kind_api_version(enum kind kind);

/** Deployment, StatefulSet, DaemonSet, DeploymentConfig, ReplicaSet, ReplicationController: their pods are told by owner. */
bool kind_is_workload(enum kind kind);

/**
 * Whether pods say of themselves, by ANNOTATION_TARGET, that they are of such a target: Pod, Job, CronJob, and kinds of
 * groups that are not in the table (a Rollout of argoproj.io).
 */
bool kind_is_named_by_pods(const char *api_version, const char *kind);

#endif

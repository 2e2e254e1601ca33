/*
 * condition_types.h - the types of conditions that plans set.
 */
#ifndef STASH_PLAN_CONDITION_TYPES_H
#define STASH_PLAN_CONDITION_TYPES_H

/* Stash's */
#define CONDITION_REPOSITORY_FOUND         "RepositoryFound"
#define CONDITION_BACKEND_SECRET_FOUND     "BackendSecretFound"
#define CONDITION_VALIDATION_PASSED        "ValidationPassed"
#define CONDITION_BACKUP_TARGET_FOUND      "BackupTargetFound"
#define CONDITION_RESTORE_TARGET_FOUND     "RestoreTargetFound"
#define CONDITION_CRON_JOB_CREATED         "CronJobCreated"
#define CONDITION_SIDECAR_INJECTED         "StashSidecarInjected"
#define CONDITION_INIT_CONTAINER_INJECTED  "StashInitContainerInjected"
#define CONDITION_BACKUP_EXECUTOR_ENSURED  "BackupExecutorEnsured"
#define CONDITION_RESTORE_EXECUTOR_ENSURED "RestoreExecutorEnsured"
#define CONDITION_BACKUP_SKIPPED           "BackupSkipped"
#define CONDITION_BACKUP_DISRUPTED         "BackupDisrupted"
#define CONDITION_DEADLINE_EXCEEDED        "DeadlineExceeded"
#define CONDITION_HISTORY_CLEANED          "BackupHistoryCleaned"
#define CONDITION_METRICS_PUSHED           "MetricsPushed"

/* Ours. False, with the reason, while there is a problem that may still pass; True again when it has passed. */
#define CONDITION_EXECUTOR_READY "ExecutorReady"
/* Ours. True: the defaulted interim volume did not bind in time and the tempDir takes its place in this session. */
#define CONDITION_INTERIM_REPLACED "InterimVolumeReplaced"
/* The agent's, on a RestoreSession: True from just before the first write into the target. */
#define CONDITION_TARGET_MODIFIED "TargetModified"
/* Ours, on a BackupConfiguration: False when the last trigger could not make its session; True again when one did. */
#define CONDITION_TRIGGER_READY "TriggerReady"
/* Ours, on a BackupConfiguration: True while pods have an agent of an older version, in which no session begins. */
#define CONDITION_SIDECAR_OUTDATED "SidecarOutdated"
/* Ours, on an invoker: True while an account that others use too may read the Repository's Secret, because it lies in
 * another namespace and cannot be mounted. */
#define CONDITION_SECRET_READABLE "StorageSecretReadable"
/* Ours, on an invoker: True while its workload works otherwise with it than people expect; the webhook cannot see that. */
#define CONDITION_TARGET_NEEDS_ATTENTION "TargetNeedsAttention"
/* Ours, on a BackupConfiguration: whether its Task and Functions are there and can be resolved. */
#define CONDITION_TASK_RESOLVED "TaskResolved"

#endif

/*
 * session_edit.h - what the agent writes into the status of sessions and Repositories. Pure: each edits an owned object
 * (kube_update() lends one) and says whether anything changed.
 *
 * The agent owns targets[].stats and phase, and the conditions BackendRepositoryInitialized, RetentionPolicyApplied,
 * RepositoryIntegrityVerified and RepositoryMetricsPushed. All else is the reconciler's.
 */
#ifndef STASH_SESSION_EDIT_H
#define STASH_SESSION_EDIT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "stash/conditions.h"

#define CONDITION_INITIALIZED    "BackendRepositoryInitialized"
#define CONDITION_RETENTION      "RetentionPolicyApplied"
#define CONDITION_INTEGRITY      "RepositoryIntegrityVerified"
#define CONDITION_METRICS_PUSHED "RepositoryMetricsPushed"

/** Upsert a condition of the session. */
bool session_edit_condition(json_t *session, const struct condition *condition, int64_t now);

/** Put the hosts of a target into a BackupSession. A target that is not there yet is added. */
bool session_edit_hosts(json_t *session, const json_t *ref, const json_t *stats);

/** Put the hosts into a RestoreSession. */
bool restore_edit_hosts(json_t *restore_session, const json_t *stats);

struct repository_facts {
    const char *last_backup_time; /* RFC 3339 */
    bool integrity;
    bool counted; /* the three below are known */
    int64_t snapshot_count, snapshots_removed;
    const char *total_size;
};
bool repository_edit(json_t *repository, const struct repository_facts *facts);

/** Whether a target of a BackupSession has this action among preBackupActions or postBackupActions (`list`). */
bool session_has_action(const json_t *session, const json_t *ref, const char *list,
                        const char *action);
/** Whether, with these hosts added, every expected host of the target has an entry. */
bool session_completed_by(const json_t *session, const json_t *ref, const json_t *stats);

#endif

/*
 * session_edit.h - what the agent writes into the status of sessions. Pure: each edits an owned object (kube_update()
 * lends one) and says whether anything changed.
 *
 * The agent owns targets[].stats and phase, its part of turn, and the conditions BackendRepositoryInitialized,
 * RetentionPolicyApplied, RepositoryIntegrityVerified, RepositoryMetricsPushed and TargetModified. All else is the
 * reconciler's.
 */
#ifndef STASH_SESSION_EDIT_H
#define STASH_SESSION_EDIT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define CONDITION_INITIALIZED    "BackendRepositoryInitialized"
#define CONDITION_RETENTION      "RetentionPolicyApplied"
#define CONDITION_INTEGRITY      "RepositoryIntegrityVerified"
#define CONDITION_METRICS_PUSHED "RepositoryMetricsPushed"
/* of a RestoreSession: it has begun to write into its target */
#define CONDITION_TARGET_MODIFIED "TargetModified"

/** Put the hosts of a target into a BackupSession. A target that is not there yet is added. */
bool session_edit_hosts(json_t *session, const json_t *ref, const json_t *stats);

/** Put the hosts into a RestoreSession. */
bool session_edit_restore_hosts(json_t *restore_session, const json_t *stats);

/**
 * The Repository's turn (status.turn): an agent asks for the Repository for itself, and the reconciler grants it when
 * nobody else is at work there. States: Waiting, Granted, Returned, Expired; "" before the first wish.
 */
const char *session_turn_state(const json_t *session);
/** Ask, or ask again with the locks that are in the way: [{id, hostname, pid, exclusive, createdAt}], NULL: none. */
bool session_edit_turn_wish(json_t *session, const json_t *locks, int64_t now);
/** Still wanted, still at work. */
bool session_edit_turn_renewed(json_t *session, int64_t now);
/** No longer wanted. */
bool session_edit_turn_returned(json_t *session);
/** Whether the turn is ours and the reconciler has declared the holder of each lock ended. */
bool session_turn_may_unlock(const json_t *session);
/** The first lock whose holder it has not declared ended; borrowed, NULL: none. */
const json_t *session_turn_living_lock(const json_t *session);

/** Whether a target of a BackupSession has this action among preBackupActions or postBackupActions (`list`). */
bool session_has_action(const json_t *session, const json_t *ref, const char *list,
                        const char *action);
/** Whether, with these hosts added, every expected host of the target has an entry. */
bool session_completed_by(const json_t *session, const json_t *ref, const json_t *stats);

#endif

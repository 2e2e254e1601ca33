/*
 * session.h - what backup and restore sessions share: time, deadlines, hosts that fail, Jobs that are watched.
 *
 * A holder is the owned object where a target's totalHosts, stats and conditions live: a row of a BackupSession's
 * status.targets, or the status of a RestoreSession itself.
 */
#ifndef STASH_PLAN_SESSION_H
#define STASH_PLAN_SESSION_H

#include <stdbool.h>

#include "draft.h"
#include "failures.h"

/* A reason of ExecutorReady, for the moment in which a Job is made. */
#define REASON_CREATING "JobNotCreated"

/** Succeeded, Failed, Skipped, Unknown. */
bool session_is_final(const json_t *session);
/** Unix seconds of metadata.creationTimestamp. */
int64_t session_created(const json_t *session);
/** When it ended, Unix seconds; of one that has a sessionDuration. */
int64_t session_ended(const json_t *session);
/** Since when it could have begun: from its creation, or from when its Repository admitted it. */
int64_t session_begun(const struct draft *draft);
/** Whether some executor was set to work on it. */
bool session_is_started(const json_t *session);
/** Negative when `a` goes first: it is older, then by namespace and name. For sorting. */
int session_compare_age(const json_t *a, const json_t *b);
/** The one that goes first: older, then smaller namespace and name. */
bool session_is_older(const json_t *a, const json_t *b);

/** config.graceSeconds, or its default. */
int64_t session_grace(const struct draft *draft);

/** Set status.sessionDeadline once, from spec.timeOut of the invoker; true when it has passed. Without a timeOut,
 * config.sessionLimitSeconds is the limit, and sessionDeadline is set only when that is reached. */
bool session_deadline(struct draft *draft, const json_t *invoker);

/** status.sessionDuration: from creation to now. */
void session_set_duration(const struct draft *draft);

/** Record in a holder that a host failed, unless it has reported already; an event tells it too. */
void session_fail_host(struct draft *draft, json_t *holder, const char *host, const char *message);

/** A target's executor, of either kind of session: all of its Jobs, or one of them (session_job()). */
struct executor {
    const json_t *invoker;
    size_t index;
    size_t set;          /* of claims that this Job restores into, from 1; 0: it makes none */
    json_t *holder;      /* owned */
    const char *ensured; /* CONDITION_BACKUP_EXECUTOR_ENSURED or CONDITION_RESTORE_… */
    const char *ok_reason;
    const char *bad_reason;
};

/** Set the "ensured" condition: True, or False with a message. */
void session_ensured(const struct draft *draft, const struct executor *executor,
                     const char *message);

/** For "onFailure": the status as it is, with this condition in the holder. New reference. */
json_t *session_actions_with(const struct draft *draft, const struct executor *executor,
                             const struct condition *condition);

/** There is a problem: say so in ExecutorReady, and fail when it lasts longer than the grace. True: failed. */
bool session_wait(struct draft *draft, const struct executor *executor,
                  const struct failure *failure);

/** No problem is known. Every executor that this reconciler sets to work has this condition from the beginning. */
void session_ready(const struct draft *draft, const struct executor *executor);

/** The problem is over. */
void session_clear_wait(const struct draft *draft, const struct executor *executor);

/**
 * A row that says "at work" without our ExecutorReady is the upstream operator's; pods lose its sidecar. Give such a row
 * up with BackupDisrupted; false when it is ours or was not begun.
 */
bool session_give_up_foreign(struct draft *draft, const struct executor *executor);

/**
 * Wait for what the user may still create or change: a backup for as long as it takes to apply a few files, then it fails
 * with `message`; a restore until its deadline.
 */
void session_wait_for(struct draft *draft, const struct executor *executor, const char *reason,
                      const char *message);

/** Wait for a target that is not there; false when it is. */
bool session_target_missing(struct draft *draft, const struct executor *executor);

/** Make the Jobs with all they need, or find out why not. */
void session_start_jobs(struct draft *draft, const struct executor *executor,
                        void (*initiate)(struct draft *draft, const struct executor *executor));

/** Look after Jobs that were made. */
void session_watch_jobs(struct draft *draft, const struct executor *executor);

/** Delete the Jobs of the session that have not ended. */
void session_kill_jobs(struct draft *draft);

/**
 * Of a final session: delete Jobs that completed some time ago (config.jobTtlSeconds: their pods keep claims from going),
 * and those that do not end although their hosts have reported. One that failed stays for its logs, with the session.
 */
void session_clear_jobs(struct draft *draft);

#endif

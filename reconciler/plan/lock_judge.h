/*
 * lock_judge.h - whether those who may hold a restic lock have ended, as far as a cluster can tell.
 *
 * A lock names a host and a process. Executors write into the Repository's status.executors which pod they are and what
 * host name it has, before they lock; a lock's holders are those with its host name. Nobody else can end one: a host
 * that is not ours may be an administrator's workstation.
 */
#ifndef STASH_PLAN_LOCK_JUDGE_H
#define STASH_PLAN_LOCK_JUDGE_H

#include "draft.h"

/**
 * The Repository's status.locks for these ids (array of strings): since when each is known. The last of those that nobody names
 * any more stay for a week.
 */
void lock_judge_note(struct draft *draft, const json_t *ids);

/** Set `ended` and `holder` of an owned lock, by world.object.status.executors, world.pods and the planned status.locks. */
void lock_judge(struct draft *draft, json_t *lock);

#endif

/*
 * sidecar_worker.h - whose turn it is among the pods of a target.
 *
 * The pods of a StatefulSet or DaemonSet work one after another, of the others one does it for all. Which one is written
 * into the session (`worker`), where the pods read it: they need no right to agree among themselves. Whoever has the turn
 * keeps it until its host has reported or its container has ended; a pod that is gone is replaced in the same moment.
 */
#ifndef STASH_PLAN_SIDECAR_WORKER_H
#define STASH_PLAN_SIDECAR_WORKER_H

#include "session.h"

/** Name the pod in the holder's status. Without knowledge of the pods, nothing changes. */
void sidecar_worker_choose(struct draft *draft, const struct executor *executor);

/**
 * Agents from before this take their turns by Leases, and have no right to them any more: whether one of them is at work
 * in a session that it has begun. The others will not follow.
 */
bool sidecar_worker_is_old_at_work(const struct draft *draft, const json_t *pods);

/** When the last of those that worked there has ended; 0: nobody has. */
int64_t sidecar_worker_last_end(const struct draft *draft, const json_t *pods);

#endif

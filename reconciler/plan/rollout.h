/*
 * rollout.h - bring running pods to what injection would make of them now: one rolling restart, decided from the pods.
 */
#ifndef STASH_PLAN_ROLLOUT_H
#define STASH_PLAN_ROLLOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "draft.h"

/**
 * Restart the workload of target `index` if its pods differ from what they should be and nothing forbids it, and set
 * StashSidecarInjected or StashInitContainerInjected. True when every pod is as it should be.
 */
bool rollout_ensure(struct draft *draft, size_t index);

/**
 * For targets that pods name, while no injected pod does: find out whether a pod would be accepted with us. Flushes the
 * status first. True where they were refused before: the next look is some time away.
 */
bool rollout_try_first(struct draft *draft);

/** The same for an invoker that goes: no condition, and pods that cannot be restarted stay as they are. */
void rollout_remove(struct draft *draft, size_t index);

/** The same for workloads that were its targets and whose pods carry its container still (the world's `formerTargets`). */
void rollout_remove_former(struct draft *draft);

#endif

/*
 * trial.h - whether pods are accepted with what an invoker asks for: found out by dry runs, told to the webhook by a
 * condition, and found out again until it has passed.
 */
#ifndef STASH_PLAN_TRIAL_H
#define STASH_PLAN_TRIAL_H

#include <stdbool.h>

#include "draft.h"

/** Whether the last dry run found such pods refused, and others taken. */
bool trial_is_refused(const struct draft *draft);

/** The dry run's pod out of a world's row (or NULL), marked as one. New reference. */
json_t *trial_pod(const json_t *given);

/**
 * Let an action that begins with a dry run say so when pods are refused with the part called `what`, and not without:
 * `injected` (a condition's type) is False then.
 */
void trial_note(struct draft *draft, json_t *action, const char *injected, const char *what);

/** A dry run alone: what stands behind it in the plan is done when the pod was accepted. The action is lent. */
json_t *trial_add(struct draft *draft, const json_t *workload, const json_t *pod,
                  const char *expected);

#endif

/*
 * retry.h - a failed session that may be tried again gets one successor, however often this is planned.
 */
#ifndef STASH_PLAN_RETRY_H
#define STASH_PLAN_RETRY_H

#include <stdbool.h>

#include "draft.h"

/** Whether a session failed, may be retried and has not been. */
bool retry_is_owed(const json_t *session);

/** Set nextRetry, and when that has come create the successor and set retried. */
void retry_plan(struct draft *draft, const json_t *invoker);

#endif

/*
 * metrics.h - what is pushed to the Pushgateway when a session ends.
 */
#ifndef STASH_PLAN_METRICS_H
#define STASH_PLAN_METRICS_H

#include "draft.h"

/**
 * Add the push of a session's end, under both of Stash's prefixes. `session` is the session as it will be stored (final
 * phase, duration, targets). False when no Pushgateway is configured.
 */
bool metrics_push(struct draft *draft, const json_t *invoker, const json_t *session);

#endif

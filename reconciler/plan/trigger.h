/*
 * trigger.h - whether the CronJob's Jobs make their sessions: a schedule that fails in silence is no backup.
 */
#ifndef STASH_PLAN_TRIGGER_H
#define STASH_PLAN_TRIGGER_H

#include "draft.h"

/** Set TriggerReady False when the last trigger could not make its session; world.trigger tells. */
void trigger_check(struct draft *draft);

#endif

/*
 * session_events.h - a session's story, for kubectl describe: begun, waiting for what, ended how.
 */
#ifndef STASH_PLAN_SESSION_EVENTS_H
#define STASH_PLAN_SESSION_EVENTS_H

#include "draft.h"

/** Events for what this plan changes in the session's phase and in what its targets wait for. Call it last. */
void session_events(struct draft *draft);

#endif

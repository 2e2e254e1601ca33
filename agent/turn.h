/*
 * turn.h - having a Repository for oneself for a while: for maintenance, to make it, and to remove locks of the dead.
 *
 * The agent asks in its session's status; the reconciler grants when no other executor of ours is at work there. A turn
 * is renewed by a thread of its own and expires when its holder is gone. restic's own locks stand behind it.
 * Run by hand, without a session, there is nobody to ask: every wish is granted at once, and locks are left alone.
 */
#ifndef STASH_AGENT_TURN_H
#define STASH_AGENT_TURN_H

#include "session.h"

/** How long a turn is waited for: half an hour, or STASH_TURN_PATIENCE seconds, and never so long that the session's
 * deadline passes before a result can be told. */
int64_t turn_patience_ms(const struct session *session);

/** When all that follows a backup has to be over, so that its result is told before the session's deadline: as
 * clock_mono_ms() has it; 0: the session has no deadline. */
int64_t turn_end_ms(const struct session *session);

/** Wait for the turn. ERR_TIMEOUT when it is not granted in time or the process is told to stop: then nothing is held. */
int turn_take(struct session *session, int64_t patience_ms, struct error *err);
/** Harmless when it is not held. What cannot be said is left to expire. */
void turn_give_back(struct session *session);

/**
 * restic's on_locked (ctx is the session): tells the reconciler of the locks, waits until they are gone or all of their
 * holders have ended, and removes them only then and only in the turn. 0: try again. Gives up after half an hour
 * (STASH_LOCK_PATIENCE seconds) or with the session's deadline, naming a holder. A turn that was held is held again afterwards.
 */
int turn_on_locked(void *session, struct restic *restic, struct error *err);

#endif

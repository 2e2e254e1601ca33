/*
 * maintenance.h - what is done in a repository once a session, by one executor alone: check, then retention, then
 * prune and numbers.
 */
#ifndef STASH_AGENT_MAINTENANCE_H
#define STASH_AGENT_MAINTENANCE_H

#include "session.h"

/**
 * In the Repository's turn; `stats` are the hosts that are recorded afterwards. A turn that does not come in time
 * defers it to the next session, and the conditions say so; so does a retention that is held. Fails only when the
 * conditions could not be stored.
 */
int maintenance_run(struct session *session, const struct agent_flags *flags, const json_t *stats,
                    struct error *err);

/** After hosts that failed: mark the snapshots that lack files, if the turn comes soon. Best effort. */
void maintenance_mark(struct session *session, const struct agent_flags *flags,
                      const json_t *stats);

#endif

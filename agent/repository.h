/*
 * repository.h - the session's Repository: that the restic repository behind it exists and is the one it was, and who
 * works there.
 */
#ifndef STASH_AGENT_REPOSITORY_H
#define STASH_AGENT_REPOSITORY_H

#include "session.h"
#include "stash/repository_edit.h"

/** Edit the Repository's status; it is read again. */
int repository_update(struct session *session, kube_edit_fn edit, void *ctx, struct error *err);

/**
 * Make sure that the restic repository exists and may be used (repository_accept()), and note in the Repository that
 * this container works there. A missing one is made in the turn, so that two sessions never make it at once. Only
 * restic's "no repository" leads to an init; any other failure is reported as what it is.
 */
int repository_ensure(struct session *session, struct restic *restic, struct error *err);

/** Note that this container works there. Without a session, or outside a pod, nothing is noted. */
int repository_register(struct session *session, struct error *err);
/** Its last restic process has ended. Best effort. */
void repository_unregister(struct session *session);

#endif

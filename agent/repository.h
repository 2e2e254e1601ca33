/*
 * repository.h - what a run notes in its session's Repository: which restic repository it is, what is missing from it, and
 * who works there.
 */
#ifndef STASH_AGENT_REPOSITORY_H
#define STASH_AGENT_REPOSITORY_H

#include "session.h"
#include "stash/repository_edit.h"

/** Edit the Repository's status; it is read again. */
int repository_update(struct session *session, kube_edit_fn edit, void *ctx, struct error *err);

/** A snapshot was stored: say so, unless the Repository does already. Without a session nothing is noted. */
int repository_note_stored(struct session *session, struct error *err);

/** List snapshots that lack files (an array of ids), unless the Repository does already. Without a session nothing is noted. */
int repository_note_incomplete(struct session *session, const json_t *ids, struct error *err);

/**
 * Note which restic repository it is, and that this container works there. Without a session, or outside a pod,
 * nothing is noted.
 */
int repository_note(struct session *session, const char *id, struct error *err);
/** The same, when the id is not known. */
int repository_register(struct session *session, struct error *err);
/** Its last restic process has ended. Best effort. */
void repository_unregister(struct session *session);

#endif

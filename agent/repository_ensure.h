/*
 * repository_ensure.h - the restic repository behind the session's Repository: it exists, and is the one it was.
 */
#ifndef STASH_AGENT_REPOSITORY_ENSURE_H
#define STASH_AGENT_REPOSITORY_ENSURE_H

#include "session.h"

/**
 * Make sure that the restic repository exists and may be used (repository_accept()), and note in the Repository that
 * this container works there. A missing one is made in the turn, so that two sessions never make it at once. Only
 * restic's "no repository" leads to an init; any other failure is reported as what it is.
 */
int repository_ensure(struct session *session, struct restic *restic, struct error *err);

/**
 * Before a restore: the repository is the one that the Repository remembers, if it remembers any (else nobody is asked),
 * and it is noted that this container works there. What another repository holds may be anybody's.
 */
int repository_recognize(struct session *session, struct restic *restic, struct error *err);

#endif

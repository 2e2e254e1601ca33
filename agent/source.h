/*
 * source.h - where a restore takes its data from: what the repository holds, and what the RestoreSession asks for.
 */
#ifndef STASH_AGENT_SOURCE_H
#define STASH_AGENT_SOURCE_H

#include "session.h"
#include "stash/holdings.h"

/** Read what the repository holds, looking for these ids. */
int source_look(const struct session *session, const struct restic *restic, const struct argv *ids,
                struct holdings *ret, struct error *err);

/** What the session says of the source: annotation, cluster, target. The caller adds host and path. Borrowed. */
struct holdings_wish source_wish(const struct session *session);

/** Before the first byte is written into the target: the RestoreSession says so, once. */
int source_begin_writing(struct session *session, struct error *err);

#endif

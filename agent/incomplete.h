/*
 * incomplete.h - snapshots that lack files: known in two places until their tags say so.
 *
 * The Repository lists them, so that nobody takes them for complete. Their id also stands in the result of their host: when
 * the Repository could not be told, whoever carries that result into the session tells it, before anything is removed.
 */
#ifndef STASH_AGENT_INCOMPLETE_H
#define STASH_AGENT_INCOMPLETE_H

#include "session.h"

/** restic has stored one: keep its id for the host's result, and tell the Repository. */
void incomplete_found(struct session *session, const char *id);

/** Put the ids that were found into a host's result. */
void incomplete_report(const struct session *session, json_t *stat);

/** Tell the Repository those ids of hosts' results that it does not list. */
void incomplete_settle(struct session *session, const json_t *stats);

#endif

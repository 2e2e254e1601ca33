/*
 * nats.h - what the two halves of the addon share: a run's streams, and looking whether they are whole.
 */
#ifndef STASH_ADDON_NATS_H
#define STASH_ADDON_NATS_H

#include "nats_archive.h"
#include "nats_args.h"
#include "stash/addon.h"

/** Messages, bytes and sequences of a document's `state` (backup.json, `nats stream info`). */
struct nats_state nats_state_of(const json_t *state);

/** The stream as the server has it now; `ret` is the answer of `nats stream info --json`. */
int nats_ask_stream(const struct addon_run *run, const char *name, json_t **ret, struct error *err);

/** The dump of one stream against its own backup.json. */
int nats_verify_dump(struct addon_run *run, const char *name, enum addon_when when,
                     struct error *err);
/** The stream on the server against the dump that was loaded. */
int nats_verify_stream(struct addon_run *run, const char *name, struct error *err);

#endif

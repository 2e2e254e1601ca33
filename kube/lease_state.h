/*
 * lease_state.h - who leads, decided from what was seen of the Lease and when. Pure: clocks are arguments.
 *
 * The times written in the Lease are another machine's; what counts is for how long we, on our own monotonic clock, have
 * seen it unchanged.
 */
#ifndef KUBE_LEASE_STATE_H
#define KUBE_LEASE_STATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "stash/kube.h"

struct lease_state {
    const struct lease_config *config;
    json_t *seen;           /* the Lease as last read or written, NULL: none */
    int64_t seen_change_ms; /* when it last changed before our eyes */
};

void lease_state_done(struct lease_state *state);

/** Remember what was read (NULL: there is no Lease). Takes its own reference. */
void lease_state_see(struct lease_state *state, json_t *lease, int64_t now_ms);

/** Whether the Lease names us. */
bool lease_state_is_ours(const struct lease_state *state);

/** Whether somebody else holds it and has renewed it within its own duration. */
bool lease_state_is_taken(const struct lease_state *state, int64_t now_ms);

/** The document to write in order to take or renew it; a new reference. `now_micros` is the wall clock. */
json_t *lease_state_claim(const struct lease_state *state, int64_t now_micros);

/** The document to write in order to give it up. */
json_t *lease_state_release(const struct lease_state *state, int64_t now_micros);

#endif

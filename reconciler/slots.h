/*
 * slots.h - how many backups may be at work in the cluster, and in a namespace, and who comes next when one ends.
 *
 * Who is at work is counted in the store, so that no slot is ever lost. Held here is only what the store does not show yet:
 * slots given to a plan that is being carried out, and those who wait. Safe from any thread.
 *
 * A quarter of the cluster's slots is for namespaces where nobody is at work: whoever fills the others keeps no other
 * namespace from its backups.
 */
#ifndef STASH_RECONCILER_SLOTS_H
#define STASH_RECONCILER_SLOTS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "stash/mem.h"

struct slots;

struct slots_config {
    int64_t total, per_namespace; /* 0: no limit */
    /* How many backups are at work: of a namespace, or all (NULL), of each namespace no more than `most` counted. */
    size_t (*count)(void *ctx, const char *namespace, size_t most);
    /* Called with the key of a Repository where somebody's turn in the queue has come, or is near. */
    void (*wake)(void *ctx, const char *key);
    void *ctx;
};

struct slots *slots_new(const struct slots_config *config);
void slots_free(struct slots *slots);
DEFINE_AUTO(struct slots, slots_free);

struct slot_request {
    const char *session; /* uid */
    const char *namespace, *name;
    const char *repository; /* its key */
    /* Unix seconds: the older one goes first, of one second by namespace and name */
    int64_t created;
};

/**
 * Ask for slots, the oldest first, until as many as there is `room` for are given: {uid: null when it is given, for as long
 * as a plan takes (slots_settle()), else {limit, position}, and the session waits}. New reference.
 */
json_t *slots_take(struct slots *slots, const struct slot_request *requests, size_t count,
                   int64_t room);

/**
 * The plan of the Repository with this key has been carried out: slots that it was given are free again, or the store shows
 * them in use by now. `asked` has a member for each session that asked (NULL: none did); those of the Repository that did
 * not ask this time wait no longer, and keep nobody behind them waiting.
 */
void slots_settle(struct slots *slots, const char *repository, const json_t *asked);

/** A session has ended, is gone, or gave its slot back: it waits no longer, and others may begin. */
void slots_release(struct slots *slots, const char *session);

/** To be called several times a second: who comes next in a long queue is not looked for each time that one leaves. */
void slots_wake(struct slots *slots);

#endif

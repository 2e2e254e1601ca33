/*
 * guard.h - a Lease held while something is done: taken and renewed on a thread of its own.
 */
#ifndef STASH_AGENT_GUARD_H
#define STASH_AGENT_GUARD_H

#include <stdbool.h>

#include "stash/kube.h"

struct guard;

/**
 * Begin to try for the lease; returns at once. Strings live as long as the guard. `changed` (may be NULL) is called from
 * its thread when it is held or lost.
 */
struct guard *guard_new(struct kube *kube, const char *namespace, const char *name,
                        const char *identity, void (*changed)(void *ctx), void *ctx);
/** Whether it is held now. */
bool guard_is_held(struct guard *guard);
/** Whether the thread gave up: the lease was lost, or could not be renewed. Start a new one. */
bool guard_is_lost(struct guard *guard);
/** Release it and end the thread. */
void guard_free(struct guard *guard);
DEFINE_AUTO(struct guard, guard_free);

#endif

/*
 * pushes.h - metrics on their way to the Pushgateway, beside the workers: a gateway that is silent delays nobody.
 *
 * A URL is the group of one invoker. One push of it is under way at a time, and what waits is the newest session's: an
 * older one never comes after it. Safe from any thread.
 */
#ifndef STASH_RECONCILER_PUSHES_H
#define STASH_RECONCILER_PUSHES_H

#include <jansson.h>
#include <stdint.h>

#include "stash/mem.h"

struct pushes;

struct push_request {
    const char *url, *body;
    const char *session; /* uid */
    const char *wake;    /* key of the session, for whom the end of the push is news */
    int64_t created;     /* of the session, Unix seconds: its place among those of its invoker */
};

/** `wake` is called with a request's key when its push has ended, from a thread of the pool. */
struct pushes *pushes_new(void (*wake)(void *ctx, const char *key), void *ctx);
/** Threads end within a second or two, also in the middle of a push. */
void pushes_free(struct pushes *pushes);
DEFINE_AUTO(struct pushes, pushes_free);

/** Push soon. Copies what it needs. When too much waits already, that is the outcome: Failed. */
void pushes_add(struct pushes *pushes, const struct push_request *request);

/**
 * What became of a session's push: {state: "Pending" | "Pushed" | "Failed" | "Superseded", error?, at: Unix seconds}.
 * NULL when nothing is known of it: never asked for, or by the process before this one. New reference.
 */
json_t *pushes_outcome(struct pushes *pushes, const char *url, const char *session,
                       int64_t created);

#endif

/*
 * queue.h - names of objects that somebody should look at.
 *
 * A key is never taken twice at once: added while it is being worked on, it comes again afterwards. Adding what already
 * waits merges into one (the earlier due time wins). Safe from any thread.
 */
#ifndef STASH_RECONCILER_QUEUE_H
#define STASH_RECONCILER_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stash/mem.h"

struct queue;

/** A queue of at most `limit` keys. */
struct queue *queue_new(size_t limit);
void queue_free(struct queue *queue);
DEFINE_AUTO(struct queue, queue_free);

/**
 * Due after `delay_ms` (0: now; negative: now, and ahead of what came before).
 *
 * `tenant` is the namespace whose objects brought the key: it may have as many keys waiting as there are still free, so
 * that none of them keeps others out, and the more it has the less of a head start they get. False when it has so many
 * already; a key that is known always fits. Whoever is refused has to make it good: reconciler/wakes.h. A key without a
 * tenant (NULL) is counted nowhere and never refused: only for objects that are there.
 */
bool queue_add(struct queue *queue, const char *tenant, const char *key, int64_t delay_ms);

/** Whether a tenant has less than so many percent of the keys that it may have. */
bool queue_has_room(struct queue *queue, const char *tenant, size_t percent);

/** Wait for a due key; the caller frees it and must call queue_done(). NULL when the queue was stopped. */
char *queue_take(struct queue *queue);

enum queue_outcome { QUEUE_DONE, QUEUE_FAILED };

/** Work on a key has ended. QUEUE_FAILED brings it back after a delay that doubles (5 ms to 5 min); QUEUE_DONE forgets
 *  earlier failures. To be called by the thread that took the key: what took much of its processor time is not taken again
 *  before four times as long has passed (5 s at most). What a thousand sessions make expensive is done for all of them at
 *  once. */
void queue_done(struct queue *queue, const char *key, enum queue_outcome outcome);

/** Wake every queue_take() with NULL. */
void queue_stop(struct queue *queue);

size_t queue_depth(struct queue *queue);

#endif

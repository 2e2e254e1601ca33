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

struct queue *queue_new(size_t limit);
void queue_free(struct queue *queue);
DEFINE_AUTO(struct queue, queue_free);

/** Due after `delay_ms` (0: now; negative: now, and ahead of what came before). False when the queue holds `limit` keys: the caller's resync brings the key again. */
bool queue_add(struct queue *queue, const char *key, int64_t delay_ms);

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

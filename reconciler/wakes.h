/*
 * wakes.h - into the queue, and again when it had no room.
 *
 * A namespace that has too many keys waiting is refused more (queue.h). Which ones is not remembered, there may be any
 * number: it is remembered that some were, and when there is room all objects of that namespace are told anew, as many at
 * a time as fit. So a refusal costs time, and never a look. Safe from any thread.
 *
 * It begins closed: who does not lead keeps no list of what has changed in all the weeks before.
 */
#ifndef STASH_RECONCILER_WAKES_H
#define STASH_RECONCILER_WAKES_H

#include <jansson.h>

#include "queue.h"

struct wakes;

/** The queue must outlive it. */
struct wakes *wakes_new(struct queue *queue);
void wakes_free(struct wakes *wakes);
DEFINE_AUTO(struct wakes, wakes_free);

/** From now on keys are taken. What there is has to be told once, after this. */
void wakes_open(struct wakes *wakes);

/**
 * As queue_add(); `tenant` may be NULL. Nothing while it is closed. What is refused is counted, told in the log at
 * most once a minute, and made good.
 */
void wakes_add(struct wakes *wakes, const char *tenant, const char *key, int64_t delay_ms);

/** For an object that is there, of a change that must not pass it by: never refused. */
void wakes_add_surely(struct wakes *wakes, const char *key, int64_t delay_ms);

/** How many were refused so far. */
unsigned long wakes_refused(struct wakes *wakes);

/**
 * Tell the objects of a namespace anew, from `place` on (null: from the beginning) for as long as there is room.
 * The place that was reached, to go on from later; null when none is left. New reference.
 */
typedef json_t *(*wakes_tell_fn)(void *ctx, const char *tenant, const json_t *place);

/** Have all told that were refused and now find room. To be called again and again, by one thread. */
void wakes_make_good(struct wakes *wakes, wakes_tell_fn tell, void *ctx);

#endif

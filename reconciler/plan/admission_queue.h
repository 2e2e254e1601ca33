/*
 * admission_queue.h - backups that wait because as many as may are at work: in their Repository, their namespace, or the
 * cluster.
 *
 * A session's status.queue says which limit it waits for and how many wait before it. Restores never wait here: whoever
 * restores has lost something.
 */
#ifndef STASH_PLAN_ADMISSION_QUEUE_H
#define STASH_PLAN_ADMISSION_QUEUE_H

#include "draft.h"

/** How many more backups may begin in a Repository with these users; INT64_MAX when it has no limit. */
int64_t admission_queue_room(const json_t *config, const json_t *users);

/**
 * Its place in a queue, 1 for the one that comes next, in a session's status that is ours to edit. A place that has moved on
 * is told when it is half of what was told, so that a queue of thousands is not written anew for each that leaves it.
 */
void admission_queue_tell(json_t *status, const char *limit, int64_t position);

#endif

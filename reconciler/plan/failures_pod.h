/*
 * failures_pod.h - the part of failures.h that reads a Pod's status.
 */
#ifndef STASH_PLAN_FAILURES_POD_H
#define STASH_PLAN_FAILURES_POD_H

#include "failures.h"

/** Fill verdict, reason and message; the rest stays. */
void failure_set(struct failure *ret, enum verdict verdict, const char *reason, const char *fmt,
                 ...) __attribute__((format(printf, 4, 5)));

/** The latest event of that reason about an object; NULL when there is none. `reason` may be a prefix. */
const json_t *failure_event(const json_t *world, const char *kind, const char *name,
                            const char *reason);

/** When it was last seen; 0 for NULL. */
int64_t failure_event_time(const json_t *event);

#endif

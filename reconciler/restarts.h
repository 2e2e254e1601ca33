/*
 * restarts.h - what was last written into workloads' templates to restart them.
 *
 * The note in the template says it too, but a template may have an owner (an operator, say) who puts back what was there
 * before: without a memory of our own we would write it again at once, and so without end. Of the last day; a new leader
 * begins with none. Safe from any thread.
 */
#ifndef STASH_RECONCILER_RESTARTS_H
#define STASH_RECONCILER_RESTARTS_H

#include <jansson.h>
#include <stdint.h>

#include "stash/mem.h"

struct restarts;
struct restarts *restarts_new(void);
void restarts_free(struct restarts *restarts);
DEFINE_AUTO(struct restarts, restarts_free);

/** `key`: "Kind/namespace/name" of the workload. `note`: the annotation's value. What is older than a day is forgotten. */
void restarts_add(struct restarts *restarts, const char *key, const char *note, int64_t now);
/** The last note of that workload; NULL when there is none. The caller owns it. */
json_t *restarts_find(struct restarts *restarts, const char *key);

#endif

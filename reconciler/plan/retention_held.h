/*
 * retention_held.h - when no retention policy may be applied: a restore has begun to write into the target and did not
 * end well, so what the target holds now must not push good snapshots out.
 */
#ifndef STASH_PLAN_RETENTION_HELD_H
#define STASH_PLAN_RETENTION_HELD_H

#include <jansson.h>

/** Why retention is held for the targets of `session`, by world.restores; NULL when it is not. The caller frees it. */
char *retention_held(const json_t *world, const json_t *session);

#endif

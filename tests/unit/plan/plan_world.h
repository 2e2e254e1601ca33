/*
 * plan_world.h - carry a plan out on the world itself, as a cluster without surprises would.
 */
#ifndef TEST_PLAN_WORLD_H
#define TEST_PLAN_WORLD_H

#include <jansson.h>

/** The world after the plan: a new document. */
json_t *plan_world_after(const json_t *world, const json_t *plan);

/** RFC 7386 in place. */
void plan_world_merge(json_t *target, const json_t *patch);

#endif

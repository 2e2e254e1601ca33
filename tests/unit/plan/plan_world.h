/*
 * plan_world.h - find the planner of a case, and carry its plan out on the world itself, as a cluster without surprises would.
 */
#ifndef TEST_PLAN_WORLD_H
#define TEST_PLAN_WORLD_H

#include <jansson.h>

/** The planner that a case calls `name` ("backup-session"); NULL: there is none of it. */
typedef json_t *(*plan_fn)(const json_t *world);
plan_fn plan_world_planner(const char *name);

/** The world after the plan: a new document. */
json_t *plan_world_after(const json_t *world, const json_t *plan);

#endif

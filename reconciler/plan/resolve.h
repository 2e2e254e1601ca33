/*
 * resolve.h - a Task and its Functions, with every variable filled in, as containers and volumes.
 */
#ifndef STASH_PLAN_RESOLVE_H
#define STASH_PLAN_RESOLVE_H

#include <jansson.h>
#include <stdbool.h>

#include "stash/error.h"

/** The name of the Task that a member wants: the user's, else the one that an AppBinding recommends. NULL: none. */
const char *resolve_task_name(const json_t *member, const json_t *target_object, bool restore);

/**
 * Which Task a member wants, with its parameters: {name, params: {name: value}}. The user's Task replaces the one that
 * an AppBinding recommends, the user's parameters go over the AppBinding's. ERR_INVALID when there is none. New
 * reference.
 */
int resolve_task_ref(const json_t *member, const json_t *target_object, bool restore, json_t **ret,
                     struct error *err);

struct resolve_request {
    const json_t *task_ref;  /* from resolve_task_ref() */
    const json_t *tasks;     /* world.tasks */
    const json_t *functions; /* world.functions */
    const json_t *variables; /* built-ins */
};

/**
 * {containers: [one per step, in order], volumes: [of the Task]}. ERR_NOT_FOUND when the Task or a Function is not
 * there, ERR_INVALID when a variable has no value. New reference.
 */
int resolve_task(const struct resolve_request *request, json_t **ret, struct error *err);

#endif

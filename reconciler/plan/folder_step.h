/*
 * folder_step.h - the one container of a Job that restores folders without a Task.
 */
#ifndef STASH_PLAN_FOLDER_STEP_H
#define STASH_PLAN_FOLDER_STEP_H

#include <jansson.h>

#include "stash/error.h"

/** {containers: [one]} like resolve_task(): our own image and its command. `host` is whom it restores. New reference. */
int folder_step(const char *image, const char *host, const json_t *variables, json_t **ret,
                struct error *err);

#endif

/*
 * hook.h - the hook containers around a Task's own.
 */
#ifndef STASH_PLAN_HOOK_H
#define STASH_PLAN_HOOK_H

#include <jansson.h>

#include "job_template.h"

/** Put pre-task-hook before and post-task-hook behind the containers, where the member has such hooks. */
void hook_wrap(const struct job_request *request, const json_t *variables, json_t *containers);

#endif

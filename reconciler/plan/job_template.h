/*
 * job_template.h - Task and Functions to a Job: what runs when a session runs.
 */
#ifndef STASH_PLAN_JOB_TEMPLATE_H
#define STASH_PLAN_JOB_TEMPLATE_H

#include "job_request.h"
#include "stash/error.h"

/** ERR_NOT_FOUND: a Task or Function is not there; ERR_INVALID: the Task cannot be resolved. */
int job_template_build(const struct job_request *request, json_t **ret, struct error *err);

/** The interim PersistentVolumeClaim, NULL when the member has no template. New reference. */
json_t *job_template_interim_claim(const struct job_request *request);

#endif

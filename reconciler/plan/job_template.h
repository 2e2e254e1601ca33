/*
 * job_template.h - Task and Functions to a Job: what runs when a session runs.
 */
#ifndef STASH_PLAN_JOB_TEMPLATE_H
#define STASH_PLAN_JOB_TEMPLATE_H

#include <jansson.h>
#include <stdbool.h>

#include "stash/error.h"

struct job_request {
    const json_t *world;         /* who has which names (naming.h); NULL: nobody has any */
    const json_t *config;        /* world.config */
    const json_t *invoker;       /* BackupConfiguration, RestoreSession or a batch */
    size_t index;                /* of its member */
    const json_t *session;       /* BackupSession, or the RestoreSession itself: owner of the Job */
    const json_t *repository;    /* NULL for drivers without one */
    const json_t *target_object; /* the target as stored; NULL when there is none */
    const json_t *tasks;         /* world.tasks */
    const json_t *functions;     /* world.functions */
    const json_t *claims;        /* world.claims: where the claims are mounted now */
    bool without_interim;        /* leave the interim volume out: the tempDir takes its place */
};

/** ERR_NOT_FOUND: a Task or Function is not there; ERR_INVALID: the Task cannot be resolved. */
int job_template_build(const struct job_request *request, json_t **ret, struct error *err);

/** The interim PersistentVolumeClaim, NULL when the member has no template. New reference. */
json_t *job_template_interim_claim(const struct job_request *request);

#endif

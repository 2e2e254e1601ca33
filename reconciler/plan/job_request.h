/*
 * job_request.h - what a Job is made from: the session, its target, and what a Task says of it.
 */
#ifndef STASH_PLAN_JOB_REQUEST_H
#define STASH_PLAN_JOB_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct job_request {
    const json_t *world;         /* who has which names (naming.h); NULL: nobody has any */
    const json_t *config;        /* world.config */
    const json_t *invoker;       /* BackupConfiguration, RestoreSession or a batch */
    size_t index;                /* of its member */
    size_t set;                  /* of claims that it restores into, from 1; 0: it makes none */
    const json_t *session;       /* BackupSession, or the RestoreSession itself: owner of the Job */
    const json_t *repository;    /* NULL for drivers without one */
    const json_t *target_object; /* the target as stored; NULL when there is none */
    const json_t *tasks;         /* world.tasks */
    const json_t *functions;     /* world.functions */
    const json_t *claims;        /* world.claims: where the claims are mounted now */
    bool without_interim;        /* leave the interim volume out: the tempDir takes its place */
};

#endif

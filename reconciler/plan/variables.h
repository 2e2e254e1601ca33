/*
 * variables.h - the built-in variables that Tasks and Functions may use.
 */
#ifndef STASH_PLAN_VARIABLES_H
#define STASH_PLAN_VARIABLES_H

#include <jansson.h>
#include <stdbool.h>

#include "stash/error.h"

struct variables_request {
    const json_t *config;     /* world.config */
    const json_t *invoker;    /* BackupConfiguration, RestoreSession or a batch */
    const json_t *member;     /* its member that is being run */
    const json_t *session;    /* BackupSession; the RestoreSession itself for a restore */
    const json_t *repository; /* NULL for drivers without one */
    bool interim;             /* the interim volume is used */
};

/** An object of strings (lists: quoted.h); new reference. ERR_INVALID: the Repository has no provider; ERR_LIMIT: a list is too long. */
int variables_build(const struct variables_request *request, json_t **ret, struct error *err);

/** The alias of a target as its host name, or DEFAULT_HOST. Borrowed. */
const char *variables_host(const json_t *member);

#endif

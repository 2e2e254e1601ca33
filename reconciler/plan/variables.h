/*
 * variables.h - the built-in variables that Tasks and Functions may use.
 */
#ifndef STASH_PLAN_VARIABLES_H
#define STASH_PLAN_VARIABLES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "stash/error.h"

struct variables_request {
    const json_t *config;     /* world.config */
    const json_t *invoker;    /* BackupConfiguration, RestoreSession or a batch */
    const json_t *member;     /* its member that is being run */
    const json_t *session;    /* BackupSession; the RestoreSession itself for a restore */
    const json_t *repository; /* NULL for drivers without one */
    bool interim;             /* the interim volume is used */
    size_t set;               /* of claims that a restore makes, from 1; 0: none */
};

/** An object of strings; new reference. ERR_INVALID when the Repository has no provider. */
int variables_build(const struct variables_request *request, json_t **ret, struct error *err);

/** The alias of a target as its host name, or DEFAULT_HOST. Borrowed. */
const char *variables_host(const json_t *member);
/** The host of a Job with a set of claims (from 1), or with none (0). Heap string. */
char *variables_host_of_set(const json_t *member, size_t set);

/** Whether the restore says something about anybody: a RestoreSession without rules does not. */
bool variables_has_rules(const json_t *invoker, const json_t *member);
/** The rule of a restore for this host: the one that names it, else the one that names nobody. NULL: there is none. */
const json_t *variables_rule(const json_t *invoker, const json_t *member, const char *host);

#endif

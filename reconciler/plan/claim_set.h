/*
 * claim_set.h - the claims that a restore makes for one Job of it, and how the Job mounts them (stash/claims.h).
 *
 * They have no owner: they are what was restored, and stay when the session goes. A mark says for whom they were made.
 */
#ifndef STASH_PLAN_CLAIM_SET_H
#define STASH_PLAN_CLAIM_SET_H

#include "job_request.h"
#include "stash/error.h"

/** Add the claims of the request's set to an array; none without one. ERR_INVALID: a template cannot be filled in. */
int claim_set_build(const struct job_request *request, json_t *claims, struct error *err);

/** Whether a claim was made for this very session. */
bool claim_set_is_own(const json_t *claim, const json_t *session);

/** Whether the request's set has a claim of this name. */
bool claim_set_includes(const struct job_request *request, const char *name);

/** Put the set's volumes into an owned list, and their mounts and ${POD_ORDINAL} into owned containers. */
void claim_set_mount(const struct job_request *request, json_t *volumes, json_t *containers);

#endif

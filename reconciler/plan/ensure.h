/*
 * ensure.h - bring an object of ours to what it should be, and leave it alone when it is that already.
 *
 * What was applied is remembered as a hash on the object, because the server's defaults make a comparison of the
 * contents guesswork.
 */
#ifndef STASH_PLAN_ENSURE_H
#define STASH_PLAN_ENSURE_H

#include <jansson.h>

#include "draft.h"

/** Apply `desired` (taken) unless `existing` (NULL: none) carries its hash. The action, or NULL when none is needed. */
json_t *ensure_applied(struct draft *draft, const json_t *existing, json_t *desired);

/** world.<member>["namespace/name"]; NULL when it is not there. */
const json_t *ensure_find(const json_t *world, const char *member, const char *namespace,
                          const char *name);

#endif

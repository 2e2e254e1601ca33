/*
 * fields.h - names that nobody knows: fields that a kind does not have, and kinds that are no longer, with what was
 * probably meant. The API server drops such fields or refuses them, and says neither where they belong. Pure.
 */
#ifndef STASH_FIELDS_H
#define STASH_FIELDS_H

#include <jansson.h>
#include <stdbool.h>

#include "stash/kinds.h"

/** Hears of each: where it stands ("spec.target.path"), and a sentence. Both live for the call only. */
typedef void (*fields_found_fn)(void *ctx, const char *path, const char *sentence);

/**
 * Find the fields of an object that its CRD's schema does not have. Each is told with the place that it belongs to (its
 * indentation was lost, or is too deep), else with the field whose name is nearly the same. Nothing is said below
 * fields of any content, nor of kinds that are not ours.
 */
void fields_check(enum kind kind, const json_t *object, fields_found_fn found, void *ctx);

/**
 * What stands today for a kind of an older Stash or of KubeStash, as a sentence; for a kind of Stash's group that is
 * none, the kind whose name is nearly the same. NULL: nothing to say. The caller frees it.
 */
char *kinds_former(const char *api_version, const char *kind);

#endif

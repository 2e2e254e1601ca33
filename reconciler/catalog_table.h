/*
 * The addon catalog: which Functions and Tasks every installation has. A table, turned into documents.
 */
#ifndef STASH_RECONCILER_CATALOG_TABLE_H
#define STASH_RECONCILER_CATALOG_TABLE_H

#include <jansson.h>
#include <stdbool.h>

#include "stash/reconciler.h"

/**
 * Whether a stored document with a name of ours may be replaced by `wanted`: one that this product, the upstream operator
 * or its chart installed. What a user made under the same name may not.
 */
bool catalog_is_replaceable(const json_t *have, const json_t *wanted);

/** A merge patch that takes out of the spec what `wanted` lacks (an apply would leave it in); NULL: nothing. */
json_t *catalog_surplus(const json_t *have, const json_t *wanted);

#endif

/*
 * patch.h - RFC 6902: the difference of two documents as a JSON Patch, and its application.
 */
#ifndef STASH_PATCH_H
#define STASH_PATCH_H

#include <jansson.h>

#include "stash/error.h"

/** A new array of operations that turns `from` into `to`; empty when they are equal. Same pointers are skipped. */
json_t *patch_diff(const json_t *from, const json_t *to);

/** Apply a patch to a deep copy of `doc`. Used by tests and offline commands. ERR_INVALID when it does not fit. */
int patch_apply(const json_t *doc, const json_t *patch, json_t **ret, struct error *err);

#endif

/*
 * patch.h - RFC 6902: the difference of two documents as a JSON Patch, and its application.
 */
#ifndef STASH_PATCH_H
#define STASH_PATCH_H

#include <jansson.h>

#include "stash/buf.h"
#include "stash/error.h"

/**
 * Print the operations that turn `from` into `to`; returns how many there are, 0 when the two are equal. What both share
 * (the same pointer) is not looked into.
 */
size_t patch_print(const json_t *from, const json_t *to, struct buf *ret);

/** Apply a patch to a deep copy of `doc`. Used by tests and offline commands. ERR_INVALID when it does not fit. */
int patch_apply(const json_t *doc, const json_t *patch, json_t **ret, struct error *err);

#endif

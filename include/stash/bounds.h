/*
 * bounds.h - how large an object may be that is read as a whole. The API server stores 1.5 MiB; a few dozen of that size,
 * or a list of twenty thousand elements, would keep everybody else waiting. What is larger is refused when it is written,
 * and skipped, by name, where it was stored all the same.
 */
#ifndef STASH_BOUNDS_H
#define STASH_BOUNDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "stash/error.h"
#include "stash/kinds.h"

/** How many bytes of JSON an object of this kind may have; 0: as many as the API server stores. */
size_t bounds_bytes(enum kind kind);

/**
 * Whether the object is larger than that, or a list or map of its spec has more than LIMIT_ELEMENTS members. `ret_path`
 * names the field ("spec.target.paths", or "metadata" for all of the object), `ret_problem` is a sentence about it; the
 * caller frees both.
 */
bool bounds_exceeded(enum kind kind, const json_t *object, char **ret_path, char **ret_problem);

/** Of an object that is read: ERR_LIMIT when a list or map of its spec has more than LIMIT_ELEMENTS members. */
int bounds_accept(const json_t *object, struct error *err);

#endif

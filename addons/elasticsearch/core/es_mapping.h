/*
 * es_mapping.h - what a mapping says of an index's fields, and whether another one says the same. Pure.
 */
#ifndef STASH_ES_MAPPING_H
#define STASH_ES_MAPPING_H

#include <jansson.h>

#include "stash/buf.h"

/** The mapping of an index in an answer or a file: {"index": {"mappings": …}}; the only one there is. NULL: there is none. */
const json_t *es_mapping_of(const json_t *doc);

/** {"field.sub": "type, analyzer, normalizer"} of a mapping, at any depth. New reference. */
json_t *es_mapping_fields(const json_t *mapping);

/** A sentence on the first field of `wanted` that `there` does not have, or has as something else; false: there is none. */
bool es_mapping_differs(const json_t *wanted, const json_t *there, struct buf *ret);

/** What of its documents an index keeps: all, some fields, or nothing that could be dumped. */
enum es_source { ES_SOURCE_WHOLE, ES_SOURCE_PARTLY, ES_SOURCE_NONE };
enum es_source es_mapping_source(const json_t *mapping);

#endif

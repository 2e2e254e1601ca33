/*
 * yaml.h - YAML as kubectl reads it: several documents, JSON's types, aliases refused beyond a bound.
 */
#ifndef STASH_YAML_H
#define STASH_YAML_H

#include <jansson.h>
#include <stddef.h>

#include "stash/buf.h"
#include "stash/error.h"

/**
 * Parse every document of a YAML (or JSON) stream into one new array; empty documents are skipped.
 *
 * Plain scalars follow the rules of the JSON schema plus YAML 1.1 booleans as kubectl applies them; quoted ones are
 * strings. ERR_INVALID names line and column. Depth, size and alias expansion are bounded.
 */
int yaml_parse_all(const char *data, size_t len, json_t **ret_array, struct error *err);

/** Append a document as block YAML, which yaml_parse_all() reads as the same. */
void yaml_print(struct buf *out, const json_t *value);

#endif

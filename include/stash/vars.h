/*
 * vars.h - ${VARIABLE} in Tasks and Functions (spec §4.10), on values and never on JSON text.
 *
 * Grammar: ${A}, ${A:=d} ${A=d} ${A:-d} (default when missing; a present key wins even when empty), nested defaults,
 * $${A} and $$ as escapes, ${A^^} and ${#A}. $A and $(A) stay as they are.
 */
#ifndef STASH_VARS_H
#define STASH_VARS_H

#include <jansson.h>

#include "stash/error.h"

/** Expand one string by an object of strings. ERR_INVALID names the variable that has no value and no default. */
int vars_expand(const char *text, const json_t *vars, char **ret, struct error *err);

/** A new document with every string value (not keys) expanded. The error names the path. */
int vars_expand_document(const json_t *doc, const json_t *vars, json_t **ret, struct error *err);

/** Whether any string in the document mentions ${name…}. */
bool vars_mentions(const json_t *doc, const char *name);

#endif

/*
 * vars.h - ${VARIABLE} in Tasks and Functions: replaced in values, never in JSON text.
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

/**
 * Read a string without replacing anything: the names of the variables that have neither a value in `vars` nor a default
 * become keys of `unset`. ERR_INVALID for what breaks the grammar.
 */
int vars_unset(const char *text, const json_t *vars, json_t *unset, struct error *err);

/** The same for every string of a document; what breaks the grammar is passed over. */
void vars_unset_in(const json_t *doc, const json_t *vars, json_t *unset);

/** Whether the name is one of those that a session sets itself. */
bool vars_is_built_in(const char *name);

/** Every name that stands in ${…} in the document becomes a key of `names`. */
void vars_names(const json_t *doc, json_t *names);

/** Whether any string in the document mentions ${name…}. */
bool vars_mentions(const json_t *doc, const char *name);

#endif

/*
 * es_privileges.h - what Elasticsearch says of a user's own privileges (GET _security/user/_privileges). Pure.
 */
#ifndef STASH_ES_PRIVILEGES_H
#define STASH_ES_PRIVILEGES_H

#include <jansson.h>
#include <stdbool.h>

/**
 * Whether the user reads only some documents or some fields of an index: a role of his says so with a query or
 * field_security, and no other lets him read all of it. The answer's names are patterns (* and ?).
 */
bool es_privileges_limit(const json_t *answer, const char *index);

#endif

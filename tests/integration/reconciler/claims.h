/*
 * claims.h - the two claims of two_in_one_repository.yaml, and what agents and users do in their namespace, demo.
 *
 * Whatever does not come in half a minute fails the test.
 */
#ifndef TEST_CLAIMS_H
#define TEST_CLAIMS_H

#include <jansson.h>
#include <stdbool.h>

#include "stash/kinds.h"

/** The leader has installed its catalog, and the configurations of both claims, letters and photos, are ready. */
void claims_wait_for(void);

json_t *object_get(enum kind kind, const char *name);
/** Takes the object, and the status. */
void object_create(enum kind kind, json_t *object);
void object_patch_status(enum kind kind, const char *name, json_t *status);
void object_delete(enum kind kind, const char *name);

/** Until the object is so; the first gives it. */
json_t *object_await(enum kind kind, const char *name, bool (*is_there)(const json_t *object));
void object_wait_for(enum kind kind, const char *name, bool (*is_there)(const json_t *object));

void session_create(const char *name, const char *invoker);
/** The only host is done: what update-status writes last. */
void session_report_done(const char *session);
bool session_runs(const json_t *session);
bool session_succeeded(const json_t *session);

#endif

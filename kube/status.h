/*
 * status.h - what an HTTP status of the API server means to us: the one table.
 */
#ifndef KUBE_STATUS_H
#define KUBE_STATUS_H

#include <jansson.h>
#include <stdbool.h>

#include "stash/error.h"

/** The kind of error behind a status; ERR_OK for 2xx. */
enum error_kind status_kind(long status);

/** Fill `err` from an answer that is not 2xx: the message of its metav1.Status when the body is one. */
int status_error(long status, const char *body, size_t len, struct error *err);

/** The same for a Status that is parsed already (the object of a watch's ERROR event). */
int status_object_error(const json_t *status, struct error *err);

/** Whether an answer with Retry-After may be waited for and asked again: 429 and 5xx. */
bool status_is_busy(long status);

#endif

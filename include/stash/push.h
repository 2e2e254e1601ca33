/*
 * push.h - send metrics to a Prometheus Pushgateway. Best effort by nature: the caller decides what a failure means,
 * and it never means that a backup failed.
 */
#ifndef STASH_PUSH_H
#define STASH_PUSH_H

#include <stdatomic.h>
#include <stdbool.h>

#include "stash/error.h"

/**
 * POST Prometheus text to `url` (…/metrics/job/<job>[/<label>/<value>…]): one try, a few seconds at most, no redirects.
 * It is given up within a second or so when `*stop` (may be NULL) becomes true.
 * ERR_TRANSPORT when it could not be reached, ERR_INVALID with the Pushgateway's own words when it refused the text.
 */
int push_metrics(const char *url, const char *text, atomic_bool *stop, struct error *err);

/** <base>/metrics/job/<invoker kind, lower>-<namespace>-<invoker name>, path-escaped. The caller frees it. */
char *push_url(const char *base, const char *invoker_kind, const char *namespace,
               const char *invoker);

#endif

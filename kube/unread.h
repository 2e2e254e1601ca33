/*
 * unread.h - objects that are there and cannot be read: what is known of them, and how they are named in the log without
 * filling it.
 */
#ifndef KUBE_UNREAD_H
#define KUBE_UNREAD_H

#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "outline.h"
#include "stash/error.h"
#include "stash/resource.h"

#define UNREAD_TOO_LONG "it is larger than 4 MiB" /* LIMIT_WATCH_LINE */

/* Ten lines a minute name objects; the rest is counted. */
struct unread_log {
    pthread_mutex_t lock;
    int64_t since_ms;
    unsigned said, left_out;
};

void unread_log_init(struct unread_log *log);
void unread_log_done(struct unread_log *log);

/** The outline as a document (see stash/kube.h). NULL when not even its name is known. */
json_t *unread_outline(const struct resource *resource, const struct outline *outline,
                       const char *reason);

/** Draw the outline of a text that no parser reads. */
json_t *unread_outline_of(const struct resource *resource, const char *text, size_t len,
                          const struct error *why);

/** A line in the log; `outline` may be NULL. */
void unread_say(struct unread_log *log, const struct resource *resource, const json_t *outline);

#endif

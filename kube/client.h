/*
 * client.h - what a `struct kube` is made of, for the files of this room.
 */
#ifndef KUBE_CLIENT_H
#define KUBE_CLIENT_H

#include <stdatomic.h>

#include "config.h"
#include "identity.h"
#include "pool.h"
#include "stash/kube.h"
#include "token.h"
#include "unread.h"

struct event_log;

struct kube {
    struct config config;
    struct curl_slist *connect_to; /* of config.connect_to, NULL: dial the URL's host */
    char *user_agent;              /* "stash-reconciler/0.1.0 (linux/x86_64)" */
    char *field_manager;           /* its part before the slash */
    struct token token;
    struct identity identity; /* of config.exec, which wins over `token` */
    int64_t timeout_ms;       /* of one call; 0: CALL_TIMEOUT_MS */
    struct pool pool;
    struct event_log *events; /* see event.c */
    int64_t patience_ms;      /* see outage.c */
    atomic_ulong reads, writes;
    struct unread_log unread;
};

#endif

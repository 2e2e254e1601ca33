/*
 * admin.h - the plain HTTP side door of both servers: /healthz, /readyz, /metrics. GET only, on its own thread.
 */
#ifndef STASH_ADMIN_H
#define STASH_ADMIN_H

#include <stdbool.h>

#include "stash/error.h"
#include "stash/mem.h"

struct admin_config {
    const char *listen;                              /* "0.0.0.0:8081", "[::]:8081" */
    bool (*ready)(void *ctx, struct error *ret_why); /* for /readyz; NULL: always */
    char *(*metrics)(void *ctx);                     /* Prometheus text, heap; NULL: none */
    void *ctx;
};

struct admin;
/** Listen, and answer from then on. ERR_INVALID names an address that is none, ERR_SYSTEM one that is taken. */
int admin_start(const struct admin_config *config, struct admin **ret, struct error *err);
/** Answer no more, and free everything. NULL is harmless. */
void admin_stop(struct admin *admin);
DEFINE_AUTO(struct admin, admin_stop);

#endif

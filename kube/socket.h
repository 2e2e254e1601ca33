/*
 * socket.h - a websocket to the API server: opened by libcurl with our identity, spoken by us, since not every libcurl can.
 */
#ifndef KUBE_SOCKET_H
#define KUBE_SOCKET_H

#include <stdint.h>

#include "frames.h"
#include "stash/kube.h"

struct socket;

/**
 * Ask for `target` by GET and become a websocket that speaks one of `protocols` (a comma separated list). An answer that
 * refuses is the error that rest.h would make of it.
 */
int socket_open(struct kube *kube, const char *target, const char *protocols, struct socket **ret,
                struct error *err);
void socket_free(struct socket *socket);
DEFINE_AUTO(struct socket, socket_free);

/**
 * Hand what the server sends to `piece` until it closes: 0 then. Pings are answered, and sent. ERR_TIMEOUT when nothing but
 * pongs came for quiet_ms.
 */
int socket_receive(struct socket *socket, int64_t quiet_ms,
                   int (*piece)(void *ctx, const char *data, size_t len, bool first,
                                struct error *err),
                   void *ctx, struct error *err);

#endif

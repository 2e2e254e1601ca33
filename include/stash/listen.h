/*
 * listen.h - "0.0.0.0:8443", "[::1]:8443", ":8443" to a socket address.
 */
#ifndef STASH_LISTEN_H
#define STASH_LISTEN_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "stash/error.h"

/** Numbers only, no names are looked up. An empty host is every IPv4 address. ERR_INVALID names what is wrong. */
int listen_parse(const char *text, struct sockaddr_storage *ret, struct error *err);

#endif

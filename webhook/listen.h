/* listen.h - a listening socket from "0.0.0.0:8443" or "[::]:8443" (which takes IPv4 too). */
#ifndef WEBHOOK_LISTEN_H
#define WEBHOOK_LISTEN_H

#include <netinet/in.h>

#include "stash/error.h"

#define LISTEN_NAME_SIZE 80

/** `ret_name` gets the address as bound: with port 0 it holds the port that was found. */
int listen_open(const char *address, int *ret_fd, char ret_name[LISTEN_NAME_SIZE],
                struct error *err);

/** "127.0.0.1:8443", "[::1]:8443"; "?:?" for NULL and what is neither. */
void listen_name(const struct sockaddr *address, char ret[LISTEN_NAME_SIZE]);

#endif

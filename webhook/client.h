/* client.h - who is at the other end of a connection. */
#ifndef WEBHOOK_CLIENT_H
#define WEBHOOK_CLIENT_H

#include <microhttpd.h>

#include "listen.h"
#include "stash/error.h"

/** ERR_DENIED unless the client showed a certificate for clients that the configured CA signed and that is valid now. */
int client_check(struct MHD_Connection *connection, struct error *err);

/** "10.0.0.1:40312", or "?". */
void client_name(struct MHD_Connection *connection, char ret[LISTEN_NAME_SIZE]);

#endif

#include "client.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

/* The library only asks for a certificate during the handshake: one that is missing, or signed by anybody, does not
 * end it. */
int client_check(struct MHD_Connection *connection, struct error *err)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    static unsigned char purpose[] = GNUTLS_KP_TLS_WWW_CLIENT;
    gnutls_typed_vdata_st rule = {.type = GNUTLS_DT_KEY_PURPOSE_OID, .data = purpose};
    unsigned int found = GNUTLS_CERT_INVALID;
    int r = info ? gnutls_certificate_verify_peers(info->tls_session, &rule, 1, &found) : -1;

    if (r == GNUTLS_E_NO_CERTIFICATE_FOUND)
        return error_set(err, ERR_DENIED, "a client certificate is required");
    if (r < 0 || found != 0)
        return error_set(err, ERR_DENIED, "the client certificate is not valid here");
    return 0;
}

void client_name(struct MHD_Connection *connection, char ret[LISTEN_NAME_SIZE])
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info ? info->client_addr : NULL;

    listen_name(address, ret);
}

/*
 * tls.h - the certificate that handshakes get: one current pair, swapped as a whole, never half.
 */
#ifndef WEBHOOK_TLS_H
#define WEBHOOK_TLS_H

#include <stdbool.h>
#include <stdint.h>

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>

#include "stash/certs.h"

struct tls;

struct tls *tls_new(void);
void tls_free(struct tls *tls);
DEFINE_AUTO(struct tls, tls_free);

/** Serve this pair from the next handshake on; ERR_INVALID (and the old one stays) unless both parse and match. */
int tls_set(struct tls *tls, const struct cert_pair *pair, struct error *err);

/** When the current certificate ends (Unix seconds); 0: there is none. */
int64_t tls_not_after(struct tls *tls);

/** For MHD_OPTION_HTTPS_CERT_CALLBACK2, which knows no context: of the one `tls` that was made last. */
int tls_retrieve(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
                 gnutls_pcert_st **ret_certs, unsigned int *ret_count,
                 gnutls_ocsp_data_st **ret_ocsp, unsigned int *ret_ocsp_count,
                 gnutls_privkey_t *ret_key, unsigned int *ret_flags);

#endif

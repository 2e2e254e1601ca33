#ifndef STASH_CERTS_PEM_H
#define STASH_CERTS_PEM_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "stash/certs.h"

/* Clocks of nodes differ: a certificate is valid from a little before it was made. */
#define BACKDATE_SECONDS 300

DEFINE_AUTO(X509, X509_free);
DEFINE_AUTO(EVP_PKEY, EVP_PKEY_free);
DEFINE_AUTO(BIO, BIO_free_all);
DEFINE_AUTO(X509_STORE, X509_STORE_free);
DEFINE_AUTO(X509_STORE_CTX, X509_STORE_CTX_free);

/* PEM text to OpenSSL's objects and back. NULL text is not PEM. Heap strings and objects are the
 * caller's. */
int pem_read_cert(const char *pem, X509 **ret, struct error *err);
int pem_read_key(const char *pem, EVP_PKEY **ret, struct error *err);
char *pem_write_cert(X509 *cert);
char *pem_write_key(EVP_PKEY *key);

/* The next certificate of a bundle; the caller frees it. NULL at the end or at what is no PEM. */
X509 *pem_next_cert(BIO *bundle);

/* OpenSSL's reason for the last failure, for error texts; the queue is emptied. */
const char *pem_reason(void);

#endif

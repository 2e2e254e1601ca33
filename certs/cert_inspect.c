#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#include "pem.h"

void cert_pair_done(struct cert_pair *pair)
{
    if (pair->key)
        OPENSSL_cleanse(pair->key, strlen(pair->key));
    free(pair->cert);
    free(pair->key);
    free(pair->bundle);
    *pair = (struct cert_pair){0};
}

static int64_t unix_time(const ASN1_TIME *time)
{
    struct tm tm;

    return ASN1_TIME_to_tm(time, &tm) == 1 ? timegm(&tm) : 0;
}

int cert_inspect(const struct cert_pair *pair, struct cert_info *ret, struct error *err)
{
    AUTO(X509_free) X509 *cert = NULL;
    AUTO(EVP_PKEY_free) EVP_PKEY *key = NULL;
    int r = pem_read_cert(pair->cert, &cert, err);

    if (r == 0)
        r = pem_read_key(pair->key, &key, err);
    if (r < 0)
        return r;
    *ret = (struct cert_info){
        .issued = unix_time(X509_get0_notBefore(cert)) + BACKDATE_SECONDS,
        .not_before = unix_time(X509_get0_notBefore(cert)),
        .not_after = unix_time(X509_get0_notAfter(cert)),
        .matches_key = X509_check_private_key(cert, key) == 1,
        .is_ca = X509_check_ca(cert) == 1,
    };
    pem_reason(); /* a mismatch leaves an entry in OpenSSL's queue */
    return 0;
}

static X509_STORE *store_of(const char *bundle_pem)
{
    AUTO(BIO_free_all) BIO *bio = BIO_new_mem_buf(bundle_pem, -1);
    X509_STORE *store = X509_STORE_new();
    X509 *ca;

    while (bio && store && (ca = pem_next_cert(bio))) {
        X509_STORE_add_cert(store, ca);
        X509_free(ca);
    }
    return store;
}

bool cert_verifies(const char *cert_pem, const char *bundle_pem, const char *dns_name, int64_t now)
{
    AUTO(X509_free) X509 *cert = NULL;
    struct error ignored;

    if (!bundle_pem || pem_read_cert(cert_pem, &cert, &ignored) < 0)
        return false;
    AUTO(X509_STORE_free) X509_STORE *store = store_of(bundle_pem);
    AUTO(X509_STORE_CTX_free) X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    bool good = store && ctx && X509_STORE_CTX_init(ctx, store, cert, NULL) == 1;
    if (good) {
        X509_STORE_CTX_set_time(ctx, 0, (time_t)now);
        /* as Go's clients do: whatever is in the bundle is trusted, also a CA that another one signed */
        X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(ctx), X509_V_FLAG_PARTIAL_CHAIN);
        X509_VERIFY_PARAM_set_purpose(X509_STORE_CTX_get0_param(ctx), X509_PURPOSE_SSL_SERVER);
        X509_VERIFY_PARAM_set1_host(X509_STORE_CTX_get0_param(ctx), dns_name, 0);
        good = X509_verify_cert(ctx) == 1;
    }
    pem_reason();
    return good;
}

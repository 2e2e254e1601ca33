#include "pem.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

/* A certificate of ours is below 2 KiB; whatever is larger than this came from somewhere else. */
#define PEM_LIMIT (256 * 1024)

const char *pem_reason(void)
{
    unsigned long code = ERR_get_error();
    const char *text = code ? ERR_reason_error_string(code) : NULL;

    ERR_clear_error();
    return text ? text : "unknown reason";
}

static BIO *open_text(const char *pem)
{
    size_t len = pem ? strlen(pem) : 0;

    return len > 0 && len <= PEM_LIMIT ? BIO_new_mem_buf(pem, (int)len) : NULL;
}

/* A passphrase prompt would hang a server: encrypted keys are refused. */
static int no_passphrase(char *buf, int size, int writing, void *ctx)
{
    (void)buf, (void)size, (void)writing, (void)ctx;
    return -1;
}

int pem_read_cert(const char *pem, X509 **ret, struct error *err)
{
    AUTO(BIO_free_all) BIO *bio = open_text(pem);
    X509 *cert = bio ? PEM_read_bio_X509(bio, NULL, no_passphrase, NULL) : NULL;

    if (!cert)
        return error_set(err, ERR_INVALID, "not a PEM certificate: %s", pem_reason());
    *ret = cert;
    return 0;
}

int pem_read_key(const char *pem, EVP_PKEY **ret, struct error *err)
{
    AUTO(BIO_free_all) BIO *bio = open_text(pem);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;

    if (!key)
        return error_set(err, ERR_INVALID, "not a PEM private key: %s", pem_reason());
    *ret = key;
    return 0;
}

static char *text_of(BIO *bio)
{
    char *data;
    long len = BIO_get_mem_data(bio, &data);

    return xstrndup(data, (size_t)len);
}

char *pem_write_cert(X509 *cert)
{
    AUTO(BIO_free_all) BIO *bio = BIO_new(BIO_s_mem());

    BUG_ON(!bio || PEM_write_bio_X509(bio, cert) != 1);
    return text_of(bio);
}

char *pem_write_key(EVP_PKEY *key)
{
    AUTO(BIO_free_all) BIO *bio = BIO_new(BIO_s_mem());

    BUG_ON(!bio || PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1);
    return text_of(bio);
}

X509 *pem_next_cert(BIO *bundle)
{
    X509 *cert = PEM_read_bio_X509(bundle, NULL, no_passphrase, NULL);

    ERR_clear_error();
    return cert;
}

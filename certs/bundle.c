/* caBundle during a rotation: old and new CA side by side, for longer than the slowest reader
 * needs. */
#include <openssl/x509.h>
#include <string.h>
#include <time.h>

#include "pem.h"
#include "stash/buf.h"

#define BUNDLE_LIMIT (64 * 1024)

/* A bundle holds a handful of certificates: looking through the text is quick enough. */
static void add_fresh(struct buf *bundle, const char *pem_text, int64_t now)
{
    AUTO(BIO_free_all) BIO *bio = pem_text ? BIO_new_mem_buf(pem_text, -1) : NULL;
    time_t at = (time_t)now;
    X509 *cert;

    while (bio && (cert = pem_next_cert(bio))) {
        AUTO(mem_free) char *text = pem_write_cert(cert);
        if (X509_cmp_time(X509_get0_notAfter(cert), &at) > 0 && !strstr(bundle->data, text))
            buf_adds(bundle, text);
        X509_free(cert);
    }
}

char *cert_merge_bundles(const char *one, const char *two, int64_t now)
{
    AUTO(buf_done) struct buf bundle;

    buf_init(&bundle, BUNDLE_LIMIT);
    add_fresh(&bundle, one, now);
    add_fresh(&bundle, two, now);
    return buf_take(&bundle);
}

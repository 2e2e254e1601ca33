#include "tls.h"

#include <pthread.h>
#include <string.h>

#include "stash/clock.h"

#define MAX_CHAIN 8

/* A handshake that began with the old pair may still sign with it. Handshakes have a deadline of seconds. */
#define RETIRED_MS 120000

struct served {
    struct served *next;
    gnutls_pcert_st certs[MAX_CHAIN];
    unsigned int count;
    gnutls_privkey_t key;
    int64_t not_after;
    int64_t retired_ms; /* monotonic; when another took its place */
};

struct tls {
    pthread_mutex_t lock;
    struct served *current; /* its next: the retired ones, newest first */
};

/* MHD hands no context to the callback, and a process serves one webhook. */
static struct tls *the_tls;

static void served_free(struct served *served)
{
    if (!served)
        return;
    for (unsigned int i = 0; i < served->count; i++)
        gnutls_pcert_deinit(&served->certs[i]);
    if (served->key)
        gnutls_privkey_deinit(served->key);
    free(served);
}
DEFINE_AUTO(struct served, served_free);

struct tls *tls_new(void)
{
    struct tls *tls = xcalloc(1, sizeof(*tls));

    pthread_mutex_init(&tls->lock, NULL);
    the_tls = tls;
    return tls;
}

void tls_free(struct tls *tls)
{
    if (!tls)
        return;
    while (tls->current) {
        struct served *next = tls->current->next;
        served_free(tls->current);
        tls->current = next;
    }
    pthread_mutex_destroy(&tls->lock);
    if (the_tls == tls)
        the_tls = NULL;
    free(tls);
}

static gnutls_datum_t tls_datum(char *text)
{
    return (gnutls_datum_t){.data = (unsigned char *)text, .size = (unsigned int)strlen(text)};
}

static int served_load(struct served *served, const struct cert_pair *pair, struct error *err)
{
    gnutls_datum_t cert = tls_datum(pair->cert), key = tls_datum(pair->key);
    unsigned int count = MAX_CHAIN;
    int r = gnutls_pcert_list_import_x509_raw(served->certs, &count, &cert, GNUTLS_X509_FMT_PEM, 0);

    if (r < 0)
        return error_set(err, ERR_INVALID, "certificate: %s", gnutls_strerror(r));
    served->count = count;
    r = gnutls_privkey_init(&served->key);
    if (r >= 0)
        r = gnutls_privkey_import_x509_raw(served->key, &key, GNUTLS_X509_FMT_PEM, NULL, 0);
    return r < 0 ? error_set(err, ERR_INVALID, "private key: %s", gnutls_strerror(r)) : 0;
}

static void retired_drop(struct served *current, int64_t now)
{
    struct served **link = &current->next;

    while (*link && now - (*link)->retired_ms < RETIRED_MS)
        link = &(*link)->next;
    while (*link) {
        struct served *old = *link;
        *link = old->next;
        served_free(old);
    }
}

int tls_set(struct tls *tls, const struct cert_pair *pair, struct error *err)
{
    AUTO(served_free) struct served *fresh = xcalloc(1, sizeof(*fresh));
    struct cert_info info;
    int r = cert_inspect(pair, &info, err);

    if (r < 0)
        return r;
    if (!info.matches_key)
        return error_set(err, ERR_INVALID, "the key does not belong to the certificate");
    r = served_load(fresh, pair, err);
    if (r < 0)
        return r;
    fresh->not_after = info.not_after;
    pthread_mutex_lock(&tls->lock);
    if (tls->current)
        tls->current->retired_ms = clock_mono_ms();
    fresh->next = tls->current;
    tls->current = TAKE(fresh);
    retired_drop(tls->current, clock_mono_ms());
    pthread_mutex_unlock(&tls->lock);
    return 0;
}

int64_t tls_not_after(struct tls *tls)
{
    pthread_mutex_lock(&tls->lock);
    int64_t not_after = tls->current ? tls->current->not_after : 0;
    pthread_mutex_unlock(&tls->lock);
    return not_after;
}

/* NOLINTNEXTLINE(readability-function-size): the library says how many parameters */
int tls_retrieve(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
                 gnutls_pcert_st **ret_certs, unsigned int *ret_count,
                 gnutls_ocsp_data_st **ret_ocsp, unsigned int *ret_ocsp_count,
                 gnutls_privkey_t *ret_key, unsigned int *ret_flags)
{
    (void)session;
    (void)info;
    if (!the_tls)
        return -1;
    pthread_mutex_lock(&the_tls->lock);
    struct served *current = the_tls->current;
    pthread_mutex_unlock(&the_tls->lock);
    if (!current)
        return -1;
    *ret_certs = current->certs;
    *ret_count = current->count;
    *ret_key = current->key;
    *ret_ocsp = NULL;
    *ret_ocsp_count = 0;
    *ret_flags = 0; /* ours to free, when nobody can use them any more */
    return 0;
}

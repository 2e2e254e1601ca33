/*
 * When certificates are renewed, and whom clients trust meanwhile.
 *
 * The order never breaks a client: a new CA joins the bundle, the bundle is published and read by everybody, and only
 * then is a pair that it signed put into service. A pair that nobody can use any more is replaced at once.
 */
#include <openssl/x509_vfy.h>
#include <string.h>

#include "pem.h"
#include "stash/buf.h"

#define BUNDLE_LIMIT (64 * 1024)
#define BUNDLE_CAS   8 /* a bundle holds two or three; more is somebody's mistake */

#define LEAST_LIFETIME 30

int cert_policy_check(const struct cert_policy *policy, struct error *err)
{
    if (policy->cert_lifetime < LEAST_LIFETIME)
        return error_set(err, ERR_INVALID, "--cert-lifetime is at least %ds", LEAST_LIFETIME);
    if (policy->ca_lifetime / 3 < policy->cert_lifetime)
        return error_set(err, ERR_INVALID, "--ca-lifetime is at least three times --cert-lifetime");
    if (policy->settle < 0 || policy->settle > policy->cert_lifetime / 3)
        return error_set(err, ERR_INVALID, "--ca-settle is at most a third of --cert-lifetime");
    if (policy->overlap < 0)
        return error_set(err, ERR_INVALID, "--ca-overlap is not negative");
    return 0;
}

/* Whole, valid, and a third of its life is left. */
static bool is_fresh(const struct cert_info *info, int64_t now)
{
    return info->matches_key && now >= info->not_before &&
           info->not_after - now > (info->not_after - info->issued) / 3;
}

bool cert_ca_is_due(const struct cert_view *view)
{
    struct cert_info info;
    struct error ignored;

    return cert_inspect(view->ca, &info, &ignored) < 0 || !info.is_ca ||
           !is_fresh(&info, view->now);
}

/* Whether the CA signed it, whatever the time. */
static bool has_signed(X509 *ca, const char *cert_pem)
{
    AUTO(X509_free) X509 *cert = NULL;
    struct error ignored;

    bool signed_by = pem_read_cert(cert_pem, &cert, &ignored) == 0 &&
                     X509_verify(cert, X509_get0_pubkey(ca)) == 1;
    pem_reason();
    return signed_by;
}

struct bundle {
    struct buf text;
    size_t count;
};

/* The CAs of a text, without duplicates. `serving`: only the one that signed it; NULL: all. */
static void bundle_add(struct bundle *bundle, const char *pem_text, const char *serving)
{
    AUTO(BIO_free_all) BIO *bio = pem_text ? BIO_new_mem_buf(pem_text, -1) : NULL;
    X509 *ca = NULL;

    while (bio && bundle->count < BUNDLE_CAS && (ca = pem_next_cert(bio))) {
        AUTO(mem_free) char *text = pem_write_cert(ca);
        bool wanted = !strstr(bundle->text.data, text) && (!serving || has_signed(ca, serving));
        if (wanted)
            buf_adds(&bundle->text, text);
        bundle->count += wanted;
        X509_free(ca);
    }
}

/* The pair in service was signed by this CA, long enough ago that nobody is served another. */
static bool overlap_is_over(const struct cert_view *view, const struct cert_policy *policy)
{
    AUTO(X509_free) X509 *ca = NULL;
    struct cert_info info;
    struct error ignored;

    return pem_read_cert(view->ca->cert, &ca, &ignored) == 0 &&
           cert_inspect(view->serving, &info, &ignored) == 0 &&
           has_signed(ca, view->serving->cert) && view->now - info.issued > policy->overlap;
}

char *cert_bundle(const struct cert_view *view, const struct cert_policy *policy)
{
    struct bundle bundle = {.count = 0};

    buf_init(&bundle.text, BUNDLE_LIMIT);
    bundle_add(&bundle, view->ca->cert, NULL);
    bundle_add(&bundle, view->ca->bundle, view->serving->cert);
    bundle_add(&bundle, view->serving->bundle, view->serving->cert);
    if (!overlap_is_over(view, policy))
        bundle_add(&bundle, view->published, NULL);
    return buf_take(&bundle.text);
}

bool cert_serving_is_due(const struct cert_view *view)
{
    const struct cert_pair *serving = view->serving;
    struct cert_info info;
    struct error ignored;

    if (cert_inspect(serving, &info, &ignored) < 0 || !info.matches_key ||
        !cert_verifies(serving->cert, view->published, view->dns_name, view->now))
        return true;
    bool good = is_fresh(&info, view->now) &&
                cert_verifies(serving->cert, view->ca->cert, view->dns_name, view->now);
    return !good && view->settled;
}

/*
 * certs.h - the webhook's certificates: issue, renew, check. OpenSSL inside, PEM outside.
 */
#ifndef STASH_CERTS_H
#define STASH_CERTS_H

#include <stdbool.h>
#include <stdint.h>

#include "stash/error.h"
#include "stash/mem.h"

/** PEM texts, heap strings; zeroed memory is empty. `bundle` holds every CA a client must accept (old and new). */
struct cert_pair {
    char *cert;
    char *key;
    char *bundle;
};

/** Free the texts; the key's is overwritten first. */
void cert_pair_done(struct cert_pair *pair);
DEFINE_AUTO_VALUE(struct cert_pair, cert_pair_done);

/** Self-signed CA (ECDSA P-256). `now` and lifetimes in Unix seconds and seconds. */
int cert_issue_ca(const char *common_name, int64_t now, int64_t lifetime, struct cert_pair *ret,
                  struct error *err);

/** A serving pair signed by the CA, for these DNS names (NULL-ended). */
int cert_issue_serving(const struct cert_pair *ca, const char *const *dns_names, int64_t now,
                       int64_t lifetime, struct cert_pair *ret, struct error *err);

struct cert_info {
    /* when it was made, if we made it: its beginning is set back a little. Unix seconds */
    int64_t issued;
    int64_t not_before, not_after;
    bool matches_key; /* the key belongs to the certificate */
    bool is_ca;
};

/** Look at a pair. ERR_INVALID when either PEM cannot be parsed. */
int cert_inspect(const struct cert_pair *pair, struct cert_info *ret, struct error *err);

/** Whether `cert` chains to a CA of `bundle` for `dns_name` at `now`. */
bool cert_verifies(const char *cert_pem, const char *bundle_pem, const char *dns_name, int64_t now);

/* ---- renewal: what is missing, told from what is stored. Pure. ---- */

/** In seconds. */
struct cert_policy {
    int64_t ca_lifetime;
    int64_t cert_lifetime; /* at most a third of it: a certificate never outlives its CA */
    int64_t settle;  /* from publishing a CA to the first use of a certificate that it signed */
    int64_t overlap; /* from the last use of a CA to its removal from the bundle */
};

/** ERR_INVALID names the flag (--ca-lifetime, …) that does not fit, and what would. */
int cert_policy_check(const struct cert_policy *policy, struct error *err);

/** What is stored. Broken and missing pairs are welcome. */
struct cert_view {
    const struct cert_pair *ca, *serving;
    const char *published; /* the bundle that clients trust now; NULL: none */
    const char *dns_name;
    int64_t now;
    bool settled; /* every client has read `published` */
};

/** The CA is missing, broken, not ours to sign with, not valid yet, or two thirds through its life. */
bool cert_ca_is_due(const struct cert_view *view);

/**
 * The bundle to publish, given a CA that is not due: it, and for as long as anybody may need them the CAs before it,
 * also those that are over by our clock, which may be wrong. The caller frees it.
 */
char *cert_bundle(const struct cert_view *view, const struct cert_policy *policy);

/**
 * A serving pair has to be issued now, given that `published` is the bundle of above: the stored one is of no use, or it
 * should be renewed and every client knows the CA that signs the next one.
 */
bool cert_serving_is_due(const struct cert_view *view);

#endif

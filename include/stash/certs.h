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

void cert_pair_done(struct cert_pair *pair);
DEFINE_AUTO_VALUE(struct cert_pair, cert_pair_done);

/** Self-signed CA (ECDSA P-256). `now` and lifetimes in Unix seconds and seconds. */
int cert_issue_ca(const char *common_name, int64_t now, int64_t lifetime, struct cert_pair *ret,
                  struct error *err);

/** A serving pair signed by the CA, for these DNS names (NULL-ended). */
int cert_issue_serving(const struct cert_pair *ca, const char *const *dns_names, int64_t now,
                       int64_t lifetime, struct cert_pair *ret, struct error *err);

struct cert_info {
    int64_t not_before, not_after; /* Unix seconds */
    bool matches_key;              /* the key belongs to the certificate */
};

/** Look at a pair. ERR_INVALID when either PEM cannot be parsed. */
int cert_inspect(const struct cert_pair *pair, struct cert_info *ret, struct error *err);

/** Whether `cert` chains to a CA of `bundle` for `dns_name` at `now`. */
bool cert_verifies(const char *cert_pem, const char *bundle_pem, const char *dns_name, int64_t now);

/** The CAs of both bundles without duplicates and without those expired at `now`. The caller frees it. */
char *cert_merge_bundles(const char *one, const char *two, int64_t now);

#endif

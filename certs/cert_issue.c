/* Issue a CA and serving pairs: ECDSA P-256 with SHA-256, which is what every client of the last
 * ten years takes. */
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "pem.h"
#include "stash/buf.h"

#define SAN_LIMIT 4096

struct profile {
    const char *common_name;
    const char *basic_constraints;
    const char *key_usage;
    const char *extended_key_usage; /* NULL: none */
    const char *subject_alt_name;   /* NULL: none */
    int64_t not_before, not_after;
};

static bool add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;

    if (!value)
        return true;
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    bool added = extension && X509_add_ext(cert, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

static bool set_serial(X509 *cert)
{
    unsigned char bytes[16];

    if (RAND_bytes(bytes, sizeof(bytes)) != 1)
        return false;
    bytes[0] &= 0x7f; /* positive */
    BIGNUM *number = BN_bin2bn(bytes, sizeof(bytes), NULL);
    bool set = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert));
    BN_free(number);
    return set;
}

static bool set_name(X509 *cert, const char *common_name)
{
    return X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_UTF8,
                                      (const unsigned char *)common_name, -1, -1, 0) == 1;
}

static bool set_dates(X509 *cert, const struct profile *profile)
{
    return ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)profile->not_before) &&
           ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)profile->not_after);
}

static bool add_extensions(X509 *cert, X509 *issuer, const struct profile *profile)
{
    return add_extension(cert, issuer, NID_subject_key_identifier, "hash") &&
           add_extension(cert, issuer, NID_authority_key_identifier,
                         issuer == cert ? NULL : "keyid:always") &&
           add_extension(cert, issuer, NID_basic_constraints, profile->basic_constraints) &&
           add_extension(cert, issuer, NID_key_usage, profile->key_usage) &&
           add_extension(cert, issuer, NID_ext_key_usage, profile->extended_key_usage) &&
           add_extension(cert, issuer, NID_subject_alt_name, profile->subject_alt_name);
}

/* Make and sign a certificate for a fresh key. `issuer` NULL: self-signed. */
static int sign_certificate(const struct profile *profile, X509 *issuer, EVP_PKEY *issuer_key,
                            struct cert_pair *ret, struct error *err)
{
    AUTO(EVP_PKEY_free) EVP_PKEY *key = EVP_EC_gen("P-256");
    AUTO(X509_free) X509 *cert = X509_new();

    if (!key || !cert || X509_set_version(cert, X509_VERSION_3) != 1 || !set_serial(cert) ||
        !set_name(cert, profile->common_name) || !set_dates(cert, profile) ||
        X509_set_pubkey(cert, key) != 1)
        return error_set(err, ERR_INTERNAL, "preparing a certificate: %s", pem_reason());
    X509 *signer = issuer ? issuer : cert;
    if (X509_set_issuer_name(cert, X509_get_subject_name(signer)) != 1 ||
        !add_extensions(cert, signer, profile) ||
        X509_sign(cert, issuer_key ? issuer_key : key, EVP_sha256()) == 0)
        return error_set(err, ERR_INTERNAL, "signing a certificate: %s", pem_reason());
    *ret = (struct cert_pair){.cert = pem_write_cert(cert), .key = pem_write_key(key)};
    return 0;
}

int cert_issue_ca(const char *common_name, int64_t now, int64_t lifetime, struct cert_pair *ret,
                  struct error *err)
{
    const struct profile profile = {
        .common_name = common_name,
        .basic_constraints = "critical,CA:TRUE,pathlen:0",
        .key_usage = "critical,keyCertSign,cRLSign",
        .not_before = now - BACKDATE_SECONDS,
        .not_after = now + lifetime,
    };
    int r = sign_certificate(&profile, NULL, NULL, ret, err);

    if (r == 0)
        ret->bundle = xstrdup(ret->cert);
    return r;
}

/* "DNS:a,DNS:b" */
static int alt_names(const char *const *dns_names, struct buf *out, struct error *err)
{
    for (size_t i = 0; dns_names[i]; i++) {
        if (strpbrk(dns_names[i], ",:\n"))
            return error_set(err, ERR_INVALID, "\"%s\" is not a DNS name", dns_names[i]);
        buf_addf(out, "%sDNS:%s", i ? "," : "", dns_names[i]);
    }
    return buf_check(out, "the list of DNS names", err);
}

int cert_issue_serving(const struct cert_pair *ca, const char *const *dns_names, int64_t now,
                       int64_t lifetime, struct cert_pair *ret, struct error *err)
{
    AUTO(X509_free) X509 *issuer = NULL;
    AUTO(EVP_PKEY_free) EVP_PKEY *issuer_key = NULL;
    AUTO(buf_done) struct buf names;

    buf_init(&names, SAN_LIMIT);
    int r = alt_names(dns_names, &names, err);
    if (r == 0)
        r = pem_read_cert(ca->cert, &issuer, err);
    if (r == 0)
        r = pem_read_key(ca->key, &issuer_key, err);
    if (r < 0)
        return error_wrap(err, "issuing a serving certificate");
    const struct profile profile = {
        .common_name = dns_names[0],
        .basic_constraints = "critical,CA:FALSE",
        .key_usage = "critical,digitalSignature",
        .extended_key_usage = "serverAuth",
        .subject_alt_name = names.data,
        .not_before = now - BACKDATE_SECONDS,
        .not_after = now + lifetime,
    };
    r = sign_certificate(&profile, issuer, issuer_key, ret, err);
    if (r == 0)
        ret->bundle = xstrdup(ca->bundle ? ca->bundle : ca->cert);
    return r;
}

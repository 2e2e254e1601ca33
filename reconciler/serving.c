/*
 * The webhook's certificates: a CA and a serving pair in two Secrets, the CA bundle in the two webhook configurations.
 *
 * Level based: each round looks at what is stored and does what is missing, in the order that never breaks a client:
 * a new CA joins the bundle, the bundle is published, and only then is a pair signed by it put into service. Old CAs
 * stay in the bundle until they expire.
 */
#include <string.h>

#include "room.h"
#include "stash/certs.h"
#include "stash/clock.h"
#include "stash/digest.h"
#include "stash/jsonx.h"
#include "stash/log.h"

#define SECRET_CA      "stash-webhook-ca"
#define SECRET_SERVING "stash-webhook-cert"
#define CONFIGURATION  "webhook.stash.appscode.com"
#define SERVICE        "stash-webhook"

/* How long every API server may take to read a new bundle before a pair that needs it is served. */
#define BUNDLE_SETTLE_S 15

/* ---- Secrets ----------------------------------------------------------------------------------------------------- */

static char *secret_text(const json_t *secret, const char *key)
{
    const char *coded = jsonx_str(secret, "data", key, NULL);
    struct error ignored;
    char *text = NULL;
    size_t len;

    return coded && digest_base64_decode(coded, &text, &len, &ignored) == 0 ? text : NULL;
}

/* A missing Secret, or one that somebody emptied, is an empty pair. */
static int load_pair(struct reconciler *r, const char *name, struct cert_pair *ret,
                     struct error *err)
{
    json_auto_t *secret = NULL;
    int failed =
        kube_get(r->kube, kind_resource(KIND_SECRET), r->config->namespace, name, &secret, err);

    if (failed < 0 && err->kind != ERR_NOT_FOUND)
        return error_wrap(err, "reading Secret %s", name);
    *ret = (struct cert_pair){secret_text(secret, "tls.crt"), secret_text(secret, "tls.key"),
                              secret_text(secret, "ca.crt")};
    return 0;
}

static json_t *coded(const char *text)
{
    AUTO(mem_free) char *base64 = digest_base64(text, strlen(text));

    return json_string(base64);
}

static json_t *pair_secret(struct reconciler *r, const char *name, const struct cert_pair *pair)
{
    return json_pack("{s:s, s:s, s:{s:s, s:s}, s:s, s:{s:o, s:o, s:o}}", "apiVersion", "v1", "kind",
                     "Secret", "metadata", "name", name, "namespace", r->config->namespace, "type",
                     "kubernetes.io/tls", "data", "tls.crt", coded(pair->cert), "tls.key",
                     coded(pair->key), "ca.crt", coded(pair->bundle));
}

static int save_pair(struct reconciler *r, const char *name, const struct cert_pair *pair,
                     struct error *err)
{
    const struct kube_write options = {.field_manager = FIELD_MANAGER};
    json_auto_t *secret = pair_secret(r, name, pair);
    json_auto_t *patch = json_pack("{s:O}", "data", json_object_get(secret, "data"));
    int failed = kube_create(r->kube, kind_resource(KIND_SECRET), secret, &options, NULL, err);

    if (failed < 0 && err->kind == ERR_CONFLICT)
        failed = kube_patch(r->kube, kind_resource(KIND_SECRET), r->config->namespace, name,
                            KUBE_PATCH_MERGE, patch, &options, NULL, err);
    if (failed < 0)
        return error_wrap(err, "writing Secret %s", name);
    log_info("certificate issued", "secret", name);
    return 0;
}

/* ---- what is good enough ------------------------------------------------------------------------------------------ */

/* A pair is renewed when a third of its life is left, and at once when it is broken or not valid yet. */
static bool is_fresh(const struct cert_pair *pair, int64_t now)
{
    struct cert_info info;
    struct error ignored;

    if (cert_inspect(pair, &info, &ignored) < 0 || !info.matches_key || now < info.not_before)
        return false;
    return info.not_after - now > (info.not_after - info.not_before) / 3;
}

static bool is_new(const struct cert_pair *pair, int64_t now)
{
    struct cert_info info;
    struct error ignored;

    return cert_inspect(pair, &info, &ignored) == 0 &&
           now - info.not_before < 300 + BUNDLE_SETTLE_S;
}

/* ---- caBundle ---------------------------------------------------------------------------------------------------- */

/* JSON Patch that sets the bundle on every webhook of the configuration that has another; empty when none has. */
static json_t *bundle_patch(const json_t *configuration, const char *bundle)
{
    const json_t *webhooks = jsonx_get(configuration, "webhooks", NULL);
    json_auto_t *wanted = coded(bundle);
    json_t *patch = json_array();

    for (size_t i = 0; i < json_array_size(webhooks); i++) {
        const json_t *client = jsonx_get(json_array_get(webhooks, i), "clientConfig", NULL);
        if (json_equal(json_object_get(client, "caBundle"), wanted))
            continue;
        json_array_append_new(patch,
                              json_pack("{s:s, s:o, s:O}", "op", "test", "path",
                                        json_sprintf("/webhooks/%zu/name", i), "value",
                                        json_object_get(json_array_get(webhooks, i), "name")));
        json_array_append_new(patch,
                              json_pack("{s:s, s:o, s:O}", "op", "add", "path",
                                        json_sprintf("/webhooks/%zu/clientConfig/caBundle", i),
                                        "value", wanted));
    }
    return patch;
}

static int publish(struct reconciler *r, enum kind kind, const char *bundle, struct error *err)
{
    const struct kube_write options = {.field_manager = FIELD_MANAGER};
    json_auto_t *configuration = NULL;
    int failed = kube_get(r->kube, kind_resource(kind), NULL, CONFIGURATION, &configuration, err);

    if (failed < 0)
        return error_wrap(err, "reading %s", kind_resource(kind)->kind);
    json_auto_t *patch = bundle_patch(configuration, bundle);
    if (json_array_size(patch) == 0)
        return 0;
    failed = kube_patch(r->kube, kind_resource(kind), NULL, CONFIGURATION, KUBE_PATCH_JSON, patch,
                        &options, NULL, err);
    if (failed < 0)
        return error_wrap(err, "publishing the CA in %s", kind_resource(kind)->kind);
    log_info("CA published", "kind", kind_resource(kind)->kind);
    return 0;
}

/* ---- the round --------------------------------------------------------------------------------------------------- */

static int ensure_ca(struct reconciler *r, struct cert_pair *ca, int64_t now, struct error *err)
{
    AUTO(cert_pair_done) struct cert_pair fresh = {0};

    if (is_fresh(ca, now) && ca->bundle)
        return 0;
    int failed = cert_issue_ca("stash webhook CA", now, r->config->ca_lifetime_s, &fresh, err);
    if (failed < 0)
        return failed;
    free(fresh.bundle);
    fresh.bundle = cert_merge_bundles(fresh.cert, ca->bundle, now);
    failed = save_pair(r, SECRET_CA, &fresh, err);
    if (failed < 0)
        return failed;
    cert_pair_done(ca);
    *ca = fresh;
    fresh = (struct cert_pair){0};
    return 0;
}

static int ensure_serving(struct reconciler *r, const struct cert_pair *ca, int64_t now,
                          struct error *err)
{
    AUTO(mem_free) char *short_name = xasprintf("%s.%s.svc", SERVICE, r->config->namespace);
    AUTO(mem_free) char *long_name = xasprintf("%s.cluster.local", short_name);
    const char *const names[] = {short_name, long_name, NULL};
    AUTO(cert_pair_done) struct cert_pair serving = {0}, fresh = {0};
    int failed = load_pair(r, SECRET_SERVING, &serving, err);

    if (failed < 0)
        return failed;
    bool served =
        is_fresh(&serving, now) && cert_verifies(serving.cert, ca->bundle, short_name, now);
    if (served && cert_verifies(serving.cert, ca->cert, short_name, now))
        return 0;
    if (served && is_new(ca, now))
        return 0; /* the old pair is good: let everybody read the new bundle first */
    failed = cert_issue_serving(ca, names, now, r->config->cert_lifetime_s, &fresh, err);
    return failed < 0 ? failed : save_pair(r, SECRET_SERVING, &fresh, err);
}

int serving_ensure(struct reconciler *r, struct error *err)
{
    AUTO(cert_pair_done) struct cert_pair ca = {0};
    int64_t now = clock_now();
    int failed = load_pair(r, SECRET_CA, &ca, err);

    if (failed == 0)
        failed = ensure_ca(r, &ca, now, err);
    if (failed == 0)
        failed = publish(r, KIND_VALIDATING_WEBHOOK_CONFIGURATION, ca.bundle, err);
    if (failed == 0)
        failed = publish(r, KIND_MUTATING_WEBHOOK_CONFIGURATION, ca.bundle, err);
    return failed < 0 ? failed : ensure_serving(r, &ca, now, err);
}

/*
 * The webhook's certificates: a CA and a serving pair in two Secrets, the CA bundle in the two webhook configurations.
 *
 * Level based: each round looks at what is stored and does what is missing; certs/cert_renew.c says what. Only the leader
 * comes here. Should two believe for a moment that they lead, every write names the version that it was decided on, so
 * that one of them is refused and looks again.
 */
#include <string.h>

#include "room.h"
#include "stash/certs.h"
#include "stash/clock.h"
#include "stash/digest.h"
#include "stash/jsonx.h"
#include "stash/log.h"
#include "stash/pair.h"

#define SECRET_CA      "stash-webhook-ca"
#define SECRET_SERVING "stash-webhook-cert"
#define CONFIGURATION  "webhook.stash.appscode.com"
#define SERVICE        "stash-webhook"

/* ---- Secrets ----------------------------------------------------------------------------------------------------- */

static char *base64_text(const char *coded)
{
    struct error ignored;
    char *text = NULL;
    size_t len;

    return coded && digest_base64_decode(coded, &text, &len, &ignored) == 0 ? text : NULL;
}

static char *secret_text(const json_t *secret, const char *key)
{
    return base64_text(jsonx_str(secret, "data", key, NULL));
}

/* A pair as it is stored: empty when the Secret is missing or somebody emptied it. */
struct stored {
    struct cert_pair pair;
    char *version; /* NULL: there is no Secret */
};

static void stored_done(struct stored *stored)
{
    cert_pair_done(&stored->pair);
    free(stored->version);
    *stored = (struct stored){0};
}

static int stored_load(struct reconciler *r, const char *name, struct stored *ret,
                       struct error *err)
{
    json_auto_t *secret = NULL;
    int failed =
        kube_get(r->kube, kind_resource(KIND_SECRET), r->config->namespace, name, &secret, err);

    if (failed < 0 && err->kind != ERR_NOT_FOUND)
        return error_wrap(err, "reading Secret %s", name);
    const char *version = jsonx_str(secret, "metadata", "resourceVersion", NULL);
    *ret = (struct stored){{secret_text(secret, "tls.crt"), secret_text(secret, "tls.key"),
                            secret_text(secret, "ca.crt")},
                           version ? xstrdup(version) : NULL};
    return 0;
}

static json_t *coded_error(const char *text)
{
    AUTO(mem_free) char *base64 = digest_base64(text, strlen(text));

    return json_string(base64);
}

static json_t *pair_secret(struct reconciler *r, const char *name, const struct cert_pair *pair)
{
    return json_pack("{s:s, s:s, s:{s:s, s:s}, s:s, s:{s:o, s:o, s:o}}", PAIR("apiVersion", "v1"),
                     PAIR("kind", "Secret"),
                     PAIR("metadata", PAIR("name", name), PAIR("namespace", r->config->namespace)),
                     PAIR("type", "kubernetes.io/tls"),
                     PAIR("data", PAIR("tls.crt", coded_error(pair->cert)),
                          PAIR("tls.key", coded_error(pair->key)),
                          PAIR("ca.crt", coded_error(pair->bundle))));
}

/* In place of what was loaded, unless somebody wrote meanwhile: then ERR_CONFLICT. Steals the pair. */
static int stored_save(struct reconciler *r, const char *name, struct stored *stored,
                       struct cert_pair *pair, struct error *err)
{
    const struct kube_write options = {.field_manager = FIELD_MANAGER};
    const struct resource *secrets = kind_resource(KIND_SECRET);
    json_auto_t *secret = pair_secret(r, name, pair);
    json_auto_t *patch =
        json_pack("{s:{s:s*}, s:O}", PAIR("metadata", PAIR("resourceVersion", stored->version)),
                  PAIR("data", json_object_get(secret, "data")));
    json_auto_t *written = NULL;
    int failed = stored->version ? kube_patch(r->kube, secrets, r->config->namespace, name,
                                              KUBE_PATCH_MERGE, patch, &options, &written, err)
                                 : kube_create(r->kube, secrets, secret, &options, &written, err);

    if (failed < 0)
        return error_wrap(err, "writing Secret %s", name);
    log_info("certificate issued", "secret", name);
    stored_done(stored);
    stored->pair = *pair;
    *pair = (struct cert_pair){0};
    return 0;
}

/* ---- caBundle ---------------------------------------------------------------------------------------------------- */

struct published {
    json_t *configuration;
    enum kind kind;
};

static void published_done(struct published *published)
{
    json_decref(published->configuration);
}

static int published_load(struct reconciler *r, enum kind kind, struct published *ret,
                          struct error *err)
{
    ret->kind = kind;
    if (kube_get(r->kube, kind_resource(kind), NULL, CONFIGURATION, &ret->configuration, err) < 0)
        return error_wrap(err, "reading %s", kind_resource(kind)->kind);
    return 0;
}

/* The bundle that the first webhook has: they all have the same, or are made to. "": none. */
static char *published_bundle(const struct published *published)
{
    const json_t *webhooks = jsonx_get(published->configuration, "webhooks", NULL);
    char *text =
        base64_text(jsonx_str(json_array_get(webhooks, 0), "clientConfig", "caBundle", NULL));

    return text ? text : xstrdup("");
}

/* JSON Patch that sets the bundle on every webhook of the configuration that has another; empty when none has. */
static json_t *bundle_patch(const json_t *configuration, const char *bundle)
{
    const json_t *webhooks = jsonx_get(configuration, "webhooks", NULL);
    json_auto_t *wanted = coded_error(bundle);
    json_t *patch = json_array();

    for (size_t i = 0; i < json_array_size(webhooks); i++) {
        const json_t *client = jsonx_get(json_array_get(webhooks, i), "clientConfig", NULL);
        if (!json_equal(json_object_get(client, "caBundle"), wanted))
            json_array_append_new(
                patch,
                json_pack("{s:s, s:o, s:O}", PAIR("op", "add"),
                          PAIR("path", json_sprintf("/webhooks/%zu/clientConfig/caBundle", i)),
                          PAIR("value", wanted)));
    }
    if (json_array_size(patch) > 0) /* indexes mean something in this version only */
        json_array_append_new(patch, json_pack("{s:s, s:s, s:O}", PAIR("op", "replace"),
                                               PAIR("path", "/metadata/resourceVersion"),
                                               PAIR("value", jsonx_get(configuration, "metadata",
                                                                       "resourceVersion", NULL))));
    return patch;
}

static int serving_publish(struct reconciler *r, const struct published *published,
                           const char *bundle, struct error *err)
{
    const struct kube_write options = {.field_manager = FIELD_MANAGER};
    const struct resource *resource = kind_resource(published->kind);
    json_auto_t *patch = bundle_patch(published->configuration, bundle);

    if (json_array_size(patch) == 0)
        return 0;
    r->published_ms = clock_mono_ms();
    int failed = kube_patch(r->kube, resource, NULL, CONFIGURATION, KUBE_PATCH_JSON, patch,
                            &options, NULL, err);
    if (failed < 0)
        return error_wrap(err, "publishing the CA in %s", resource->kind);
    r->published_ms = clock_mono_ms();
    log_info("CA published", "kind", resource->kind);
    return 0;
}

/* ---- the round --------------------------------------------------------------------------------------------------- */

struct round {
    struct stored ca, serving;
    struct published validating, mutating;
    struct cert_view view;
    char *bundle, *names[2];
};

static void round_done(struct round *round)
{
    stored_done(&round->ca);
    stored_done(&round->serving);
    published_done(&round->validating);
    published_done(&round->mutating);
    free(round->bundle);
    free(round->names[0]);
    free(round->names[1]);
}
DEFINE_AUTO_VALUE(struct round, round_done);

/* What is stored now, in one look. */
static int serving_look(struct reconciler *r, struct round *round, struct error *err)
{
    int failed = stored_load(r, SECRET_CA, &round->ca, err);

    if (failed == 0)
        failed = stored_load(r, SECRET_SERVING, &round->serving, err);
    if (failed == 0)
        failed = published_load(r, KIND_VALIDATING_WEBHOOK_CONFIGURATION, &round->validating, err);
    if (failed == 0)
        failed = published_load(r, KIND_MUTATING_WEBHOOK_CONFIGURATION, &round->mutating, err);
    if (failed < 0)
        return failed;
    AUTO(mem_free) char *one = published_bundle(&round->validating);
    AUTO(mem_free) char *other = published_bundle(&round->mutating);
    round->bundle = xasprintf("%s\n%s", one, other);
    round->names[0] = xasprintf("%s.%s.svc", SERVICE, r->config->namespace);
    round->names[1] = xasprintf("%s.cluster.local", round->names[0]);
    round->view = (struct cert_view){.ca = &round->ca.pair,
                                     .serving = &round->serving.pair,
                                     .published = round->bundle,
                                     .dns_name = round->names[0],
                                     .now = clock_now()};
    return 0;
}

static int renew_ca(struct reconciler *r, struct round *round, struct error *err)
{
    AUTO(cert_pair_done) struct cert_pair fresh = {0};
    int failed = 0;

    if (!cert_ca_is_due(&round->view))
        return 0;
    failed = cert_issue_ca("stash webhook CA", round->view.now, r->config->certificates.ca_lifetime,
                           &fresh, err);
    return failed < 0 ? failed : stored_save(r, SECRET_CA, &round->ca, &fresh, err);
}

static int renew_bundle(struct reconciler *r, struct round *round, struct error *err)
{
    char *bundle = cert_bundle(&round->view, &r->config->certificates);
    int failed = serving_publish(r, &round->validating, bundle, err);

    free(round->bundle);
    round->view.published = round->bundle = bundle;
    return failed < 0 ? failed : serving_publish(r, &round->mutating, bundle, err);
}

static int renew_serving(struct reconciler *r, struct round *round, struct error *err)
{
    const char *const names[] = {round->names[0], round->names[1], NULL};
    AUTO(cert_pair_done) struct cert_pair fresh = {0};

    round->view.settled =
        clock_mono_ms() - r->published_ms >= r->config->certificates.settle * 1000;
    if (!cert_serving_is_due(&round->view))
        return 0;
    int failed = cert_issue_serving(&round->ca.pair, names, round->view.now,
                                    r->config->certificates.cert_lifetime, &fresh, err);
    if (failed < 0)
        return failed;
    free(fresh.bundle);
    fresh.bundle = xstrdup(round->bundle);
    return stored_save(r, SECRET_SERVING, &round->serving, &fresh, err);
}

int serving_ensure(struct reconciler *r, struct error *err)
{
    AUTO(round_done) struct round round = {0};
    int failed = serving_look(r, &round, err);

    if (failed == 0)
        failed = renew_ca(r, &round, err);
    if (failed == 0)
        failed = renew_bundle(r, &round, err);
    return failed < 0 ? failed : renew_serving(r, &round, err);
}

/* The webhook's view of a real cluster: watches into a store, and a snapshot that reads nothing but that store. */
#include <pthread.h>
#include <string.h>

#include "stash/bounds.h"
#include "stash/digest.h"
#include "stash/jsonx.h"
#include "stash/kube.h"
#include "stash/log.h"
#include "stash/store_snapshot.h"
#include "webhook.h"

#define KEEP_PARSED 256

struct live {
    struct snapshot snapshot;
    struct kube *kube;
    struct store *store;
    struct watcher *watcher;
    pthread_mutex_t lock;
    struct webhook *webhook; /* borrowed, under lock; NULL: it wants no certificates of ours */
    char *namespace, *secret_selector;
};

/* Everything that an answer depends on. */
static const struct {
    enum kind kind;
    bool metadata_only, targets;
} watched[] = {
    {KIND_BACKUP_CONFIGURATION, false, true},
    {KIND_RESTORE_SESSION, false, true},
    {KIND_BACKUP_BATCH, false, false},
    {KIND_RESTORE_BATCH, false, false},
    {KIND_BACKUP_BLUEPRINT, false, false},
    {KIND_REPOSITORY, false, false},
    {KIND_TASK, false, false},
    {KIND_FUNCTION, false, false},
    {KIND_APP_BINDING, false, false},
    {KIND_NAMESPACE, true, false},
    {KIND_STORAGE_CLASS, false, false},
};

static const enum kind users[] = {KIND_BACKUP_CONFIGURATION, KIND_BACKUP_BATCH};

static bool live_is_ready(void *ctx, struct error *ret_why)
{
    struct live *live = ctx;

    return watcher_is_good(live->watcher, ret_why);
}

static size_t live_unread(void *ctx)
{
    struct live *live = ctx;

    return store_unread_count(live->store);
}

static int64_t live_age(void *ctx)
{
    struct live *live = ctx;

    return watcher_age(live->watcher);
}

void live_configure(struct live *live, struct webhook_config *config)
{
    config->snapshot = &live->snapshot;
    config->ready = live_is_ready;
    config->age = live_age;
    config->unread = live_unread;
    config->ready_ctx = live;
}

/* ---- the certificate ---- */

static int secret_field(const json_t *secret, const char *key, char **ret, struct error *err)
{
    const char *encoded = jsonx_str(secret, "data", key, NULL);
    size_t len;

    if (!encoded)
        return error_set(err, ERR_NOT_FOUND, "the Secret has no %s", key);
    return digest_base64_decode(encoded, ret, &len, err);
}

static int certificate_take(struct live *live, const json_t *secret, struct error *err)
{
    AUTO(cert_pair_done) struct cert_pair pair = {0};
    int r = secret_field(secret, "tls.crt", &pair.cert, err);

    if (r == 0)
        r = secret_field(secret, "tls.key", &pair.key, err);
    return r < 0 ? r : webhook_set_certificate(live->webhook, &pair, err);
}

/* A pair that cannot be used changes nothing: the one in use stays. */
static void on_secret(void *ctx, const struct resource *resource, enum watch_change change,
                      const json_t *secret)
{
    struct live *live = ctx;
    struct error err;
    int r = 0;

    (void)resource;
    if (change != WATCH_PUT)
        return;
    pthread_mutex_lock(&live->lock);
    if (live->webhook)
        r = certificate_take(live, secret, &err);
    pthread_mutex_unlock(&live->lock);
    if (r < 0)
        log_warn("certificate not taken", "secret", jsonx_name(secret), "error", err.msg);
    else
        log_info("certificate taken", "secret", jsonx_name(secret));
}

/* ---- life ---- */

int live_open(const struct webhook_args *args, struct live **ret, struct error *err)
{
    AUTO(live_free) struct live *live = xcalloc(1, sizeof(*live));
    pthread_mutex_init(&live->lock, NULL);
    int r = kube_open(args->kubeconfig, "stash-webhook/" STASH_VERSION, &live->kube, err);

    if (r < 0)
        return r;
    live->store = store_new();
    store_keep_parsed(live->store, KEEP_PARSED);
    live->watcher = watcher_new(live->kube, live->store);
    store_snapshot_init(live->store, &live->snapshot);
    live->namespace = xstrdup(args->namespace ? args->namespace : kube_namespace(live->kube));
    live->secret_selector = xasprintf("metadata.name=%s", args->cert_secret);
    *ret = TAKE(live);
    return 0;
}

void live_free(struct live *live)
{
    if (!live)
        return;
    watcher_free(live->watcher);
    store_free(live->store);
    kube_close(live->kube);
    pthread_mutex_destroy(&live->lock);
    free(live->namespace);
    free(live->secret_selector);
    free(live);
}

static void secret_watch(struct live *live)
{
    struct watch_spec spec = {.resource = kind_resource(KIND_SECRET),
                              .namespace = live->namespace,
                              .selector = {.field = live->secret_selector},
                              .on_change = on_secret,
                              .ctx = live};

    watcher_add(live->watcher, &spec);
}

int live_start(struct live *live, struct webhook *webhook, struct error *err)
{
    for (size_t i = 0; i < ARRAY_LEN(users); i++)
        store_index(live->store, kind_resource(users[i]), STORE_INDEX_REPOSITORY,
                    store_snapshot_emit_repository);
    for (size_t i = 0; i < ARRAY_LEN(watched); i++) {
        const struct resource *resource = kind_resource(watched[i].kind);
        size_t bytes = bounds_bytes(watched[i].kind);
        struct watch_spec spec = {.resource = resource,
                                  .metadata_only = watched[i].metadata_only,
                                  .max_bytes = bytes,
                                  .accept = bytes > 0 ? bounds_accept : NULL};
        if (watched[i].targets)
            store_index(live->store, resource, STORE_INDEX_INJECTED, inject_emit_targets);
        watcher_add(live->watcher, &spec);
    }
    live->webhook = webhook;
    if (webhook)
        secret_watch(live);
    return watcher_start(live->watcher, err);
}

void live_detach(struct live *live)
{
    pthread_mutex_lock(&live->lock);
    live->webhook = NULL;
    pthread_mutex_unlock(&live->lock);
}

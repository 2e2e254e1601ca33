/* The leader's life: wait for the lease, sync, work, keep house, leave. */
#include "stash/reconciler.h"

#include <pthread.h>
#include <string.h>

#include "room.h"
#include "stash/buf.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/log.h"
#include "stash/pair.h"

#define WORKERS_MAX     16
#define HOUSEKEEPING_MS 10000 /* certificates and catalog are looked at this often */
#define HOUSE_FIRST_MS  500   /* and this often until both are in order */
#define UPSTREAM_MS     60000 /* an upstream operator is looked for this often */
#define FIRST_LOOK_MS   10000 /* the first such look is waited for, so long */
#define METRICS_LIMIT   (64 * LIMIT_KIB)

static json_t *make_plan_config(const struct reconciler_config *config)
{
    json_t *secrets =
        config->image_pull_secrets ? json_deep_copy(config->image_pull_secrets) : json_array();

    return json_pack("{s:s, s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b}",
                     PAIR("image", config->image), PAIR("pushgatewayUrl", config->pushgateway_url),
                     PAIR("imagePullSecrets", secrets),
                     PAIR("graceSeconds", (json_int_t)config->grace_s),
                     PAIR("interimGraceSeconds", (json_int_t)config->interim_grace_s),
                     PAIR("jobTtlSeconds", (json_int_t)config->job_ttl_s),
                     PAIR("turnHoldSeconds", (json_int_t)config->turn_hold_s),
                     PAIR("turnExpirySeconds", (json_int_t)config->turn_expiry_s),
                     PAIR("lockStaleSeconds", (json_int_t)config->lock_stale_s),
                     PAIR("sessionsPerRepository", (json_int_t)config->sessions_per_repository),
                     PAIR("holdSidecarRestarts", config->hold_sidecar_restarts));
}

static void wake_key(void *reconciler, const char *key)
{
    struct reconciler *r = reconciler;
    AUTO(mem_free) char *namespace = key_namespace(key);

    wakes_add(r->wakes, namespace, key, 0);
}

static size_t count_at_work(void *reconciler, const char *namespace, size_t most)
{
    struct reconciler *r = reconciler;
    const struct resource *sessions = kind_resource(KIND_BACKUP_SESSION);

    return namespace ? store_count_by_index(r->store, sessions, INDEX_AT_WORK, namespace)
                     : store_count_all(r->store, sessions, INDEX_AT_WORK, most);
}

struct reconciler *reconciler_new(struct kube *kube, const struct reconciler_config *config)
{
    struct reconciler *r = xcalloc(1, sizeof(*r));

    r->kube = kube;
    r->config = config;
    r->plan_config = make_plan_config(config);
    r->inject = (struct inject_config){.image = config->image,
                                       .pushgateway_url = config->pushgateway_url,
                                       .image_pull_secrets = config->image_pull_secrets};
    r->store = store_new();
    r->watcher = watcher_new(kube, r->store);
    r->queue = queue_new(config->queue_keys > 0 ? config->queue_keys : LIMIT_QUEUE_KEYS);
    r->wakes = wakes_new(r->queue);
    r->pushes = pushes_new(wake_key, r);
    r->slots = slots_new(&(struct slots_config){.total = config->sessions,
                                                .per_namespace = config->sessions_per_namespace,
                                                .count = count_at_work,
                                                .wake = wake_key,
                                                .ctx = r});
    r->lease = lease_new(kube, &(struct lease_config){.namespace = config->namespace,
                                                      .name = "stash-reconciler",
                                                      .identity = config->identity,
                                                      .duration_s = 15,
                                                      .deadline_s = 10,
                                                      .retry_s = 2});
    r->kept = kept_new();
    r->restarts = restarts_new();
    r->view_ctx = (struct view_ctx){.r = r};
    view_init(&r->view_ctx, &r->view);
    watches_add(r);
    return r;
}

void reconciler_free(struct reconciler *r)
{
    if (!r)
        return;
    pushes_free(r->pushes);
    watcher_free(r->watcher);
    lease_free(r->lease);
    wakes_free(r->wakes);
    queue_free(r->queue);
    slots_free(r->slots);
    store_free(r->store);
    kept_free(r->kept);
    restarts_free(r->restarts);
    json_decref(r->plan_config);
    free(atomic_load(&r->cluster));
    json_decref(r->told_unread);
    free(r);
}

/* What only who works may touch. */
static int keep_cluster(struct reconciler *r, struct error *err)
{
    int failed = catalog_install(r, err); /* it says when the watches are not in sync yet */

    if (failed < 0)
        return error_wrap(err, "catalog");
    if (r->upstream_cleaned)
        return 0;
    failed = upstream_clean(r, err);
    r->upstream_cleaned = true; /* what could not be cleaned is no harm */
    return failed;
}

/* One round of housekeeping; false when something is still to be done. */
static bool keep_house(struct reconciler *r, int64_t *upstream_due)
{
    struct error err;
    bool good = true;

    if (r->config->manage_certificates && serving_ensure(r, &err) < 0) {
        log_warn("certificates", "error", err.msg);
        good = false;
    }
    if (atomic_load(&r->held) || clock_mono_ms() >= *upstream_due) {
        upstream_check(r);
        *upstream_due = clock_mono_ms() + UPSTREAM_MS;
    }
    unread_tell(r);
    if (!atomic_load(&r->held) && keep_cluster(r, &err) < 0) {
        log_warn("housekeeping", "error", err.msg);
        good = false;
    }
    return good;
}

/* Often enough that a certificate of the shortest life is renewed in time. */
static int64_t housekeeping_pause(const struct reconciler *r)
{
    int64_t twentieth = r->config->certificates.cert_lifetime * 1000 / 20;

    return twentieth < HOUSEKEEPING_MS ? twentieth : HOUSEKEEPING_MS;
}

/* Certificates come first, even beside an upstream operator: until they are there, every write of our kinds is refused. */
static void *housekeeper_main(void *reconciler)
{
    struct reconciler *r = reconciler;
    int64_t due = 0, upstream_due = 0, pause = housekeeping_pause(r);

    r->published_ms = clock_mono_ms(); /* who led before us may have published a moment ago */
    while (!atomic_load(&r->stopping)) {
        if (clock_mono_ms() >= due)
            due = clock_mono_ms() + (keep_house(r, &upstream_due) ? pause : HOUSE_FIRST_MS);
        wakes_make_good(r->wakes, retell, r);
        slots_wake(r->slots);
        clock_sleep_ms(200);
    }
    return NULL;
}

static void wait_for_sync(struct reconciler *r)
{
    while (!watcher_synced(r->watcher) && !atomic_load(&r->stopping))
        clock_sleep_ms(20);
}

/* The housekeeper looks for an upstream operator before the first write of a leadership. Beside one, workers do nothing
 * but let go of what is being deleted. */
static void wait_for_first_look(struct reconciler *r)
{
    int64_t until = clock_mono_ms() + FIRST_LOOK_MS;

    while (atomic_load(&r->held) && !atomic_load(&r->stopping) && clock_mono_ms() < until)
        clock_sleep_ms(20);
}

struct crew {
    struct reconciler *r;
    pthread_t leader; /* starts the rest once the lease is ours */
    bool started;
};

static void *reconciler_lead(void *reconciler)
{
    struct reconciler *r = reconciler;
    pthread_t house, workers[WORKERS_MAX];
    int64_t count = r->config->workers < WORKERS_MAX ? r->config->workers : WORKERS_MAX;

    atomic_store(&r->held, true); /* until we have looked */
    pthread_create(&house, NULL, housekeeper_main, r);
    wait_for_first_look(r);
    wait_for_sync(r);
    log_info("leading");
    for (int64_t i = 0; i < count; i++)
        pthread_create(&workers[i], NULL, worker_main, r);
    wakes_open(r->wakes);
    retell_all(r);
    for (int64_t i = 0; i < count; i++)
        pthread_join(workers[i], NULL);
    pthread_join(house, NULL);
    lease_stop(r->lease);
    return NULL;
}

static void on_lease(void *ctx)
{
    struct crew *crew = ctx;

    atomic_store(&crew->r->leading, true);
    crew->started = pthread_create(&crew->leader, NULL, reconciler_lead, crew->r) == 0;
    BUG_ON(!crew->started);
}

int reconciler_run(struct reconciler *r, struct error *err)
{
    struct crew crew = {.r = r};
    int failed = watcher_start(r->watcher, err);

    if (failed < 0)
        return failed;
    failed = lease_run(r->lease, on_lease, &crew, err);
    atomic_store(&r->stopping, true);
    queue_stop(r->queue);
    if (crew.started)
        pthread_join(crew.leader, NULL);
    return failed;
}

/* Workers finish first, the lease goes last (lead() gives it up): nobody else starts while a write of ours may be
 * under way. */
void reconciler_stop(struct reconciler *r)
{
    atomic_store(&r->stopping, true);
    queue_stop(r->queue);
    if (!atomic_load(&r->leading))
        lease_stop(r->lease);
}

bool reconciler_is_ready(struct reconciler *r, struct error *ret_why)
{
    if (atomic_load(&r->stopping)) {
        error_set(ret_why, ERR_LIMIT, "ending");
        return false;
    }
    if (!watcher_is_good(r->watcher, ret_why))
        return false;
    if (!atomic_load(&r->leading) || atomic_load(&r->working) > 0)
        return true;
    error_set(ret_why, ERR_TIMEOUT, "it leads, and no worker runs yet");
    return false;
}

static void add_kind(struct buf *text, const char *kind, struct counters *counters)
{
    unsigned long done = atomic_load(&counters->done), failed = atomic_load(&counters->failed);

    if (done + failed == 0)
        return;
    buf_addf(text, "stash_reconcile_total{kind=\"%s\",result=\"success\"} %lu\n", kind, done);
    buf_addf(text, "stash_reconcile_total{kind=\"%s\",result=\"error\"} %lu\n", kind, failed);
}

char *reconciler_metrics(struct reconciler *r)
{
    AUTO(buf_done) struct buf text;
    unsigned long reads, writes;

    kube_count_requests(r->kube, &reads, &writes);
    buf_init(&text, METRICS_LIMIT);
    buf_addf(&text, "stash_api_requests_total{kind=\"read\"} %lu\n", reads);
    buf_addf(&text, "stash_api_requests_total{kind=\"write\"} %lu\n", writes);
    buf_addf(&text, "stash_leader %d\n", lease_is_held(r->lease));
    buf_addf(&text, "stash_held_by_upstream %d\n", atomic_load(&r->held));
    buf_addf(&text, "stash_queue_depth %zu\n", queue_depth(r->queue));
    buf_addf(&text, "stash_wakeups_refused_total %lu\n", wakes_refused(r->wakes));
    buf_addf(&text, "stash_watch_age_seconds %lld\n", (long long)watcher_age(r->watcher));
    buf_addf(&text, "stash_unread_objects %zu\n", store_unread_count(r->store));
    buf_addf(&text, "stash_plan_actions_total %lu\n", atomic_load(&r->actions));
    for (int kind = 0; kind < KIND_COUNT; kind++)
        add_kind(&text, kind_resource((enum kind)kind)->kind, &r->counters[kind]);
    return buf_take(&text);
}

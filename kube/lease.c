#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "lease_state.h"
#include "rest.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/log.h"

static const struct resource lease_resource = {.kind = "Lease",
                                               .group = "coordination.k8s.io",
                                               .version = "v1",
                                               .plural = "leases",
                                               .namespaced = true};

struct lease {
    struct kube *kube;
    struct lease_config config;
    char *namespace, *name, *identity;
    struct lease_state state;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;                 /* under lock */
    _Atomic int64_t held_until_ms; /* monotonic; 0: not held */
};

struct lease *lease_new(struct kube *kube, const struct lease_config *config)
{
    struct lease *lease = xcalloc(1, sizeof(*lease));
    pthread_condattr_t attributes;
    lease->kube = kube;
    lease->config = *config;
    lease->config.namespace = lease->namespace = xstrdup(config->namespace);
    lease->config.name = lease->name = xstrdup(config->name);
    lease->config.identity = lease->identity = xstrdup(config->identity);
    lease->state.config = &lease->config;
    pthread_mutex_init(&lease->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&lease->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    atomic_init(&lease->held_until_ms, 0);
    return lease;
}

void lease_free(struct lease *lease)
{
    if (!lease)
        return;
    lease_state_done(&lease->state);
    pthread_cond_destroy(&lease->wake);
    pthread_mutex_destroy(&lease->lock);
    free(lease->namespace);
    free(lease->name);
    free(lease->identity);
    free(lease);
}

void lease_stop(struct lease *lease)
{
    pthread_mutex_lock(&lease->lock);
    lease->stopping = true;
    pthread_cond_broadcast(&lease->wake);
    pthread_mutex_unlock(&lease->lock);
}

bool lease_is_held(struct lease *lease)
{
    return clock_mono_ms() < atomic_load(&lease->held_until_ms);
}

/* Sleep until lease_stop(); true when it was called. */
static bool wait_or_stop(struct lease *lease, int64_t wait_ms)
{
    int64_t until_ms = clock_mono_ms() + wait_ms;
    struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};
    int r = 0;
    pthread_mutex_lock(&lease->lock);
    while (!lease->stopping && r != ETIMEDOUT)
        r = pthread_cond_timedwait(&lease->wake, &lease->lock, &until);
    bool stopped = lease->stopping;
    pthread_mutex_unlock(&lease->lock);
    return stopped;
}

/* ---- the Lease on the server ------------------------------------------------------------------------------------- */

static struct rest_call call_for(const struct lease *lease, const char *verb, const char *method,
                                 int64_t deadline_ms)
{
    return (struct rest_call){.verb = verb,
                              .resource = &lease_resource,
                              .namespace = lease->config.namespace,
                              .name = lease->config.name,
                              .deadline_ms = deadline_ms,
                              .http = {.method = method, .urgent = true}};
}

static int lease_look(struct lease *lease, int64_t deadline_ms, struct error *err)
{
    struct rest_call call = call_for(lease, "get", "GET", deadline_ms);
    json_auto_t *found = NULL;
    int r = rest_get(lease->kube, &call, NULL, &found, err);
    if (r < 0 && r != -ERR_NOT_FOUND)
        return r;
    lease_state_see(&lease->state, found, clock_mono_ms());
    return 0;
}

/* Create or replace it; what the server stored is what we have seen. */
static int store_lease(struct lease *lease, const json_t *document, int64_t deadline_ms,
                       struct error *err)
{
    bool is_new = lease->state.seen == NULL;
    struct rest_call call =
        call_for(lease, is_new ? "create" : "replace", is_new ? "POST" : "PUT", deadline_ms);
    json_auto_t *stored = NULL;
    int r = rest_write(lease->kube, &call, document, NULL, &stored, err);
    if (r < 0)
        return r;
    lease_state_see(&lease->state, stored, clock_mono_ms());
    return 0;
}

/* One try to take or renew it. ERR_CONFLICT when somebody else has it. */
static int lease_claim(struct lease *lease, int64_t deadline_ms, struct error *err)
{
    int64_t began_ms = clock_mono_ms();
    /* the holder writes with the version that it wrote last; only a surprise makes it look */
    int r = lease_state_is_ours(&lease->state) ? 0 : lease_look(lease, deadline_ms, err);
    if (r == 0 && lease_state_is_taken(&lease->state, clock_mono_ms()))
        r = error_set(err, ERR_CONFLICT, "held by another");
    if (r < 0)
        return r;
    json_auto_t *document = lease_state_claim(&lease->state, clock_now_micros());
    r = store_lease(lease, document, deadline_ms, err);
    if (r == 0)
        atomic_store(&lease->held_until_ms, began_ms + lease->config.deadline_s * 1000);
    return r;
}

static void lease_release(struct lease *lease)
{
    struct error err = {0};
    json_auto_t *document = lease_state_release(&lease->state, clock_now_micros());
    atomic_store(&lease->held_until_ms, 0);
    int r = store_lease(lease, document, clock_mono_ms() + lease->config.retry_s * 1000, &err);
    if (r < 0)
        log_warn("lease not released, others wait for it to run out", "error", err.msg);
}

/* ---- the loop ---------------------------------------------------------------------------------------------------- */

static bool is_stopping(struct lease *lease)
{
    return wait_or_stop(lease, 0);
}

/* Until it is ours. False when lease_stop() came first. */
static bool lease_acquire(struct lease *lease)
{
    while (!is_stopping(lease)) {
        struct error err = {0};
        int64_t deadline_ms = clock_mono_ms() + lease->config.deadline_s * 1000;
        int r = lease_claim(lease, deadline_ms, &err);
        if (r == 0)
            return true;
        if (r != -ERR_CONFLICT)
            log_warn("cannot take the lease", "error", err.msg);
        int64_t retry_ms = lease->config.retry_s * 1000;
        if (wait_or_stop(lease, retry_ms + clock_random((uint32_t)(retry_ms / 2 + 1))))
            return false;
    }
    return false;
}

/* Renew before the deadline, with retries. After a conflict look: our own write may have been stored unseen. */
static int lease_renew(struct lease *lease, struct error *err)
{
    int64_t deadline_ms = atomic_load(&lease->held_until_ms);
    for (;;) {
        int r = lease_claim(lease, deadline_ms, err);
        if (r == -ERR_CONFLICT || r == -ERR_NOT_FOUND)
            r = lease_look(lease, deadline_ms, err);
        else if (r == 0)
            return 0;
        if (r == 0 && lease_state_is_taken(&lease->state, clock_mono_ms()))
            return error_set(err, ERR_CONFLICT, "lease %s/%s was taken by another",
                             lease->namespace, lease->name);
        int64_t pause_ms = r == 0 ? 50 : 500;
        if (clock_mono_ms() + pause_ms >= deadline_ms)
            return error_set(err, ERR_TIMEOUT, "lease %s/%s could not be renewed for %d s",
                             lease->namespace, lease->name, lease->config.deadline_s);
        if (wait_or_stop(lease, pause_ms))
            return 0; /* the loop sees it and releases */
    }
}

int lease_run(struct lease *lease, void (*started)(void *ctx), void *ctx, struct error *err)
{
    if (!lease_acquire(lease))
        return 0;
    started(ctx);
    while (!wait_or_stop(lease, lease->config.retry_s * 1000)) {
        int r = lease_renew(lease, err);
        if (r < 0) {
            atomic_store(&lease->held_until_ms, 0);
            return r;
        }
    }
    lease_release(lease);
    return 0;
}

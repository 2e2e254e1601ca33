#include "guard.h"

#include <pthread.h>
#include <stdatomic.h>

#include "stash/log.h"

/* As upstream's agents, so that both may meet on one Lease. */
#define LEASE_SECONDS    15
#define DEADLINE_SECONDS 10
#define RETRY_SECONDS    2

struct guard {
    struct lease *lease;
    pthread_t thread;
    const char *name;
    void (*changed)(void *ctx);
    void *ctx;
    atomic_bool ended;
};

static void tell(const struct guard *guard)
{
    if (guard->changed)
        guard->changed(guard->ctx);
}

static void started(void *ctx)
{
    const struct guard *guard = ctx;

    log_debug("lease taken", "lease", guard->name);
    tell(guard);
}

static void *run(void *ctx)
{
    struct guard *guard = ctx;
    struct error err;

    if (lease_run(guard->lease, started, guard, &err) < 0)
        log_warn("lease lost", "lease", guard->name, "error", err.msg);
    atomic_store(&guard->ended, true);
    tell(guard);
    return NULL;
}

struct guard *guard_new(struct kube *kube, const char *namespace, const char *name,
                        const char *identity, void (*changed)(void *ctx), void *ctx)
{
    const struct lease_config config = {namespace,        name,         identity, LEASE_SECONDS,
                                        DEADLINE_SECONDS, RETRY_SECONDS};
    struct guard *guard = xcalloc(1, sizeof(*guard));

    guard->name = name;
    guard->changed = changed;
    guard->ctx = ctx;
    guard->lease = lease_new(kube, &config);
    BUG_ON(pthread_create(&guard->thread, NULL, run, guard) != 0);
    return guard;
}

bool guard_is_held(struct guard *guard)
{
    return guard && lease_is_held(guard->lease);
}

bool guard_is_lost(struct guard *guard)
{
    return guard && atomic_load(&guard->ended);
}

void guard_free(struct guard *guard)
{
    if (!guard)
        return;
    lease_stop(guard->lease);
    pthread_join(guard->thread, NULL);
    lease_free(guard->lease);
    free(guard);
}

/* init.c - restore: puts the data back before the application starts, or in a Job. */
#include <string.h>

#include "guard.h"
#include "host.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"
#include "stash/log.h"
#include "stash/spawn.h"
#include "stash/workload.h"

#define TURN_MS  500
#define RETRY_MS 5000

/* Pods restore one after another. False when told to stop. */
static bool take_turn(const struct host *host, const char *lock, struct guard **ret)
{
    while (!guard_is_held(*ret)) {
        if (spawn_is_cancelled())
            return false;
        if (!*ret || guard_is_lost(*ret)) {
            guard_free(*ret);
            *ret = guard_new(host->kube, host->flags->namespace, lock, host->pod, NULL, NULL);
        }
        spawn_sleep_ms(TURN_MS);
    }
    return true;
}

/* While the API server is away nobody knows whether there is something to restore, so the application waits. */
static int restore_patiently(const struct host *host, bool *ret_failed, struct error *err)
{
    for (;;) {
        int r = host_restore(host, host->flags->invoker_name, ret_failed, err);

        if (r == -ERR_NOT_FOUND) {
            log_info("the RestoreSession is gone: nothing to restore", "reason", err->msg);
            return 0;
        }
        if (r == 0 || !error_retriable(err) || spawn_is_cancelled())
            return r;
        log_warn("waiting for the API server", "error", err->msg);
        spawn_sleep_ms(RETRY_MS);
    }
}

/* A pod that starts again long after its restore must not wait for a lease first. */
static bool is_over(const struct host *host)
{
    json_auto_t *session = NULL;
    struct error err;
    AUTO(mem_free) char *name = NULL;
    const json_t *stats;
    int r = kube_get(host->kube, kind_resource(KIND_RESTORE_SESSION), host->flags->namespace,
                     host->flags->invoker_name, &session, &err);

    if (r == -ERR_NOT_FOUND)
        return true;
    if (r < 0 || host_name(host, session, &name, &err) < 0)
        return false;
    stats = jsonx_get(session, "status", "stats", NULL);
    return jsonx_find(stats, "hostname", name) >= 0;
}

int agent_restore(struct kube *kube, const struct agent_flags *flags, struct error *err)
{
    AUTO(guard_free) struct guard *turn = NULL;
    AUTO(mem_free) char *lock = NULL;
    json_auto_t *ref = NULL;
    struct host host = {.kube = kube, .flags = flags};
    bool failed = false;
    int r;

    if (!flags->target_kind || !flags->target_name || !flags->invoker_name)
        return error_set(err, ERR_INVALID,
                         "--invoker-name, --target-kind and --target-name are needed");
    host.pod = getenv("POD_NAME");
    host.node = getenv("NODE_NAME");
    host.ref = ref = host_ref(flags);
    if (!host.pod)
        return error_set(err, ERR_INVALID, "POD_NAME is not set");
    if (is_over(&host))
        return 0;
    lock = workload_lock(flags->target_kind, flags->target_name, "restore");
    if (strcmp(flags->restore_model, "job") != 0 && !take_turn(&host, lock, &turn))
        return error_set(err, ERR_TIMEOUT, "told to stop");
    r = restore_patiently(&host, &failed, err);
    if (r == 0 && failed)
        return error_set(err, ERR_INVALID, "the restore failed and was reported so");
    return r;
}

/* restore.c - restore: puts the data back before the application starts, or in a Job. */
#include <string.h>
#include <unistd.h>

#include "host.h"
#include "stash/clock.h"
#include "stash/file.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"
#include "stash/log.h"
#include "stash/spawn.h"

#define TURN_MS  1000
#define RETRY_MS 5000

/* In the pod's own temporary folder: a pod whose init containers run again long afterwards asks nobody. */
#define OVER_FILE "restore-is-over"

static bool was_over(const struct agent_flags *flags)
{
    AUTO(mem_free) char *path = xasprintf("%s/" OVER_FILE, flags->scratch_dir);

    return access(path, F_OK) == 0;
}

static void note_over(const struct agent_flags *flags)
{
    AUTO(mem_free) char *path = xasprintf("%s/" OVER_FILE, flags->scratch_dir);
    struct error err;

    if (file_write(path, "", 0, 0644, &err) < 0)
        log_warn("not noted that the restore is over", "error", err.msg);
}

/* Whether this pod has nothing to wait for: its host has reported, or nobody takes reports any more. */
static bool is_over(const struct host *host, const json_t *session)
{
    static const char *const phases[] = {"Succeeded", "Failed", "Unknown", "Invalid"};
    const char *phase = jsonx_str(session, "status", "phase", NULL);
    AUTO(mem_free) char *name = NULL;
    struct error err;

    for (size_t i = 0; phase && i < ARRAY_LEN(phases); i++)
        if (strcmp(phase, phases[i]) == 0)
            return true;
    return host_name(host, session, &name, &err) == 0 &&
           jsonx_find(jsonx_get(session, "status", "stats", NULL), "hostname", name) >= 0;
}

/* Pods restore one after another, as the reconciler says. While the API server is away, or says nothing to us, nobody
 * knows whether there is something to restore: the application waits. */
static int wait_for_turn(const struct host *host, bool *ret_over, struct error *err)
{
    while (!spawn_is_cancelled()) {
        json_auto_t *session = NULL;
        int r = kube_get(host->kube, kind_resource(KIND_RESTORE_SESSION), host->flags->namespace,
                         host->flags->invoker_name, &session, err);

        *ret_over = r == -ERR_NOT_FOUND || (r == 0 && is_over(host, session));
        if (*ret_over || (r == 0 && host_is_turn(host, session, true)))
            return 0;
        if (r < 0)
            log_warn("waiting for the API server", "error", err->msg);
        spawn_sleep_ms(r < 0 ? RETRY_MS : TURN_MS);
    }
    return error_set(err, ERR_TIMEOUT, "told to stop");
}

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

static int restore_in_pod(const struct host *host, bool *ret_failed, struct error *err)
{
    bool over = was_over(host->flags);
    int r = over ? 0 : wait_for_turn(host, &over, err);

    if (r == 0 && !over)
        r = restore_patiently(host, ret_failed, err);
    if (r == 0 && !*ret_failed)
        note_over(host->flags);
    return r;
}

int agent_restore(struct kube *kube, const struct agent_flags *flags, struct error *err)
{
    struct host host;
    bool failed = false;
    int r = host_init(&host, kube, flags, err);

    if (r < 0)
        return r;
    if (!flags->invoker_name)
        r = error_set(err, ERR_INVALID, "--invoker-name is needed");
    else if (strcmp(flags->restore_model, "job") == 0)
        r = restore_patiently(&host, &failed, err);
    else
        r = restore_in_pod(&host, &failed, err);
    json_decref(host.ref);
    if (r == 0 && failed)
        return error_set(err, ERR_INVALID, "the restore failed and was reported so");
    return r;
}

/*
 * sidecar.c - run-backup: waits in a watch for sessions that concern this pod's workload, and backs it up when the session
 * says that it is this pod's turn.
 */
#include <glob.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "folder.h"
#include "host.h"
#include "stash/clock.h"
#include "stash/cut.h"
#include "stash/footprint.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"
#include "stash/log.h"
#include "stash/names.h"
#include "stash/spawn.h"
#include "stash/workload.h"

#define RECHECK_MS 30000 /* look again although nothing changed */
#define FIRST_MS   2000  /* the first list has come by then */
#define FAILED_MS  10000 /* before a session is tried again that could not be reported */

struct sidecar {
    struct host host;
    struct store *store;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool changed, stopping;
};

static void sidecar_wake(struct sidecar *sidecar, bool stop)
{
    pthread_mutex_lock(&sidecar->mutex);
    sidecar->changed = true;
    sidecar->stopping = sidecar->stopping || stop;
    pthread_cond_signal(&sidecar->wake);
    pthread_mutex_unlock(&sidecar->mutex);
}

static void on_change(void *ctx, const struct resource *resource, enum watch_change change,
                      const json_t *object)
{
    (void)resource;
    (void)change;
    (void)object;
    sidecar_wake(ctx, false);
}

/* Sleep until something changed or `ms` passed. False when the process is to end. */
static bool wait_for_change(struct sidecar *sidecar, int64_t ms)
{
    struct timespec until;
    bool stopping;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&sidecar->mutex);
    while (!sidecar->changed &&
           pthread_cond_timedwait(&sidecar->wake, &sidecar->mutex, &until) == 0)
        ;
    sidecar->changed = false;
    stopping = sidecar->stopping;
    pthread_mutex_unlock(&sidecar->mutex);
    return !stopping;
}

/* Signals are taken by one thread, so that the others may use locks. */
static void *take_signals(void *ctx)
{
    sigset_t signals;
    int signum;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigwait(&signals, &signum);
    spawn_cancel();
    sidecar_wake(ctx, true);
    return NULL;
}

static void start_signals(struct sidecar *sidecar)
{
    sigset_t signals;
    pthread_t thread;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    BUG_ON(pthread_create(&thread, NULL, take_signals, sidecar) != 0);
    pthread_detach(thread);
}

/* ---- sessions ---------------------------------------------------------------------------------- */

/* By what the watch knows; host_backup() looks again at the real thing. The alias is the invoker's, so for this first
 * look a session concerns us when any host of the target is missing. */
static bool may_have_work(const struct sidecar *sidecar, const json_t *session)
{
    return workload_has_work(session, sidecar->host.ref, "");
}

static void work_on(struct sidecar *sidecar, const char *session)
{
    struct error err;
    bool worked = false;

    if (host_backup(&sidecar->host, session, &worked, &err) < 0) {
        log_error("the session was not reported", "session", session, "error", err.msg);
        wait_for_change(sidecar, FAILED_MS);
    }
    if (worked)
        sidecar_wake(sidecar, false); /* what changed meanwhile was not looked at */
}

static void look_around(struct sidecar *sidecar)
{
    json_auto_t *sessions = store_list(sidecar->store, kind_resource(KIND_BACKUP_SESSION),
                                       sidecar->host.flags->namespace, NULL);
    size_t i;
    json_t *session;

    json_array_foreach (sessions, i, session)
        if (!spawn_is_cancelled() && may_have_work(sidecar, session) &&
            host_is_turn(&sidecar->host, session, false))
            work_on(sidecar, jsonx_name(session));
}

static void run_loop(struct sidecar *sidecar, struct watcher *watcher)
{
    int64_t pause = FIRST_MS;
    int64_t shrink_at = 0;

    while (wait_for_change(sidecar, pause)) {
        if (watcher_synced(watcher))
            look_around(sidecar);
        pause = RECHECK_MS;
        if (clock_mono_ms() >= shrink_at) { /* usually there is nothing to do for hours */
            footprint_shrink();
            shrink_at = clock_mono_ms() + RECHECK_MS;
        }
    }
}

/* ---- starting ---------------------------------------------------------------------------------- */

/* What a killed predecessor left in the volume: secret files among it. */
static void remove_leftovers(const char *scratch)
{
    AUTO(mem_free) char *pattern = xasprintf("%s/tmp-*", scratch);
    glob_t found;

    if (glob(pattern, 0, NULL, &found) != 0)
        return;
    for (size_t i = 0; i < found.gl_pathc; i++)
        folder_remove(found.gl_pathv[i]);
    globfree(&found);
}

static int open_sidecar(struct sidecar *sidecar, struct kube *kube, const struct agent_flags *flags,
                        struct error *err)
{
    pthread_condattr_t monotonic;
    int r = host_init(&sidecar->host, kube, flags, err);

    if (r < 0)
        return r;
    sidecar->store = store_new();
    pthread_mutex_init(&sidecar->mutex, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&sidecar->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    remove_leftovers(flags->scratch_dir);
    return 0;
}

int agent_run_backup(struct kube *kube, const struct agent_flags *flags, struct error *err)
{
    static struct sidecar sidecar; /* the signal thread may outlive this call */
    AUTO(watcher_free) struct watcher *watcher = NULL;
    AUTO(mem_free) char *target = cut_label(flags->target_name ? flags->target_name : "");
    AUTO(mem_free)
    char *label = xasprintf(LABEL_TARGET_KIND "=%s," LABEL_TARGET_NAME "=%s",
                            flags->target_kind ? flags->target_kind : "", target);
    const struct watch_spec spec = {.resource = kind_resource(KIND_BACKUP_SESSION),
                                    .namespace = flags->namespace,
                                    .selector = {.label = label},
                                    .on_change = on_change,
                                    .ctx = &sidecar};
    int r;

    r = open_sidecar(&sidecar, kube, flags, err);
    if (r < 0)
        return r;
    start_signals(&sidecar);
    watcher = watcher_new(kube, sidecar.store);
    watcher_add(watcher, &spec);
    r = watcher_start(watcher, err);
    if (r == 0) {
        log_info("waiting for backup sessions", "target", flags->target_name);
        run_loop(&sidecar, watcher);
    }
    watcher_free(TAKE(watcher));
    store_free(TAKE(sidecar.store));
    json_decref(TAKE(sidecar.host.ref));
    return r;
}

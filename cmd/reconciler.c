/* stash reconciler: flags, signals, wiring. */
#include <curl/curl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "stash/admin.h"
#include "stash/flags.h"
#include "stash/footprint.h"
#include "stash/log.h"
#include "stash/reconciler.h"

#define NANOS          INT64_C(1000000000)
#define SHRINK_FIRST_S 10 /* the first lists have come by then */
#define SHRINK_S       60 /* memory that is not needed is given back so often */

static const char *arg_kubeconfig, *arg_identity, *arg_pull_secrets;
static const char *arg_admin = "0.0.0.0:8081";
static int64_t arg_grace = 600 * NANOS, arg_interim_grace = 120 * NANOS;
static int64_t arg_job_ttl = 60 * NANOS;
static int64_t arg_turn_hold = 300 * NANOS, arg_turn_expiry = 600 * NANOS;
static int64_t arg_lock_stale = 1500 * NANOS;
static int64_t arg_ca_lifetime = 365 * 24 * 3600 * NANOS,
               arg_cert_lifetime = 30 * 24 * 3600 * NANOS;
static int64_t arg_ca_settle = 15 * NANOS, arg_ca_overlap = 3600 * NANOS;
static bool arg_debug, arg_help;
static struct reconciler_config config = {
    .namespace = "stash",
    .image = "localhost/stash:" STASH_VERSION,
    .addon_registry = "localhost",
    .addon_tag = STASH_VERSION,
    .pushgateway_url = "http://stash-pushgateway.stash.svc:56789",
    .workers = 4,
    .sessions = 200,
    .sessions_per_namespace = 50,
    .sessions_per_repository = 20,
    .manage_certificates = true,
};

static const struct flag flags[] = {
    {"kubeconfig", FLAG_STRING, &arg_kubeconfig, "outside a cluster: how to reach it"},
    {"namespace", FLAG_STRING, &config.namespace, "where the product is installed (stash)"},
    {"identity", FLAG_STRING, &arg_identity, "name of this replica ($POD_NAME)"},
    {"image", FLAG_STRING, &config.image, "image of sidecars, triggers and volume backups"},
    {"image-pull-secrets", FLAG_STRING, &arg_pull_secrets,
     "comma list of Secrets in our namespace"},
    {"addon-registry", FLAG_STRING, &config.addon_registry, "where the addon images are"},
    {"addon-tag", FLAG_STRING, &config.addon_tag, "their tag"},
    {"pushgateway-url", FLAG_STRING, &config.pushgateway_url, "Prometheus Pushgateway"},
    {"admin-listen", FLAG_STRING, &arg_admin, "/healthz, /readyz, /metrics (0.0.0.0:8081)"},
    {"grace", FLAG_DURATION, &arg_grace,
     "how long a pod may wait for a node, image or claim (10m)"},
    {"interim-grace", FLAG_DURATION, &arg_interim_grace,
     "how long a defaulted interim claim may stay unbound before the temporary directory is used "
     "(2m)"},
    {"job-ttl", FLAG_DURATION, &arg_job_ttl,
     "how long a Job that completed, and its pod, stay after their session (1m)"},
    {"turn-hold", FLAG_DURATION, &arg_turn_hold,
     "how long new backups wait before they go ahead of a maintenance that waits for others (5m)"},
    {"turn-expiry", FLAG_DURATION, &arg_turn_expiry,
     "how long who has a repository for itself may be silent before it loses it (10m)"},
    {"lock-stale", FLAG_DURATION, &arg_lock_stale,
     "how long a lock whose pod is gone must not have changed before it counts as dead (25m)"},
    {"max-sessions", FLAG_INT, &config.sessions,
     "backups at work at the same time in the cluster, a quarter of them only in namespaces where "
     "no other one is; others wait, restores never do (200; 0: no limit)"},
    {"max-sessions-per-namespace", FLAG_INT, &config.sessions_per_namespace,
     "the same in a namespace (50; 0: no limit)"},
    {"max-sessions-per-repository", FLAG_INT, &config.sessions_per_repository,
     "the same in a Repository (20; 0: no limit)"},
    {"hold-sidecar-restarts", FLAG_BOOL, &config.hold_sidecar_restarts,
     "leave it to you to restart workloads whose sidecars are of a version too old (false)"},
    {"workers", FLAG_INT, &config.workers, "objects worked on at the same time (4)"},
    {"manage-certificates", FLAG_BOOL, &config.manage_certificates,
     "issue and rotate the webhook's certificates (true)"},
    {"allow-foreign-targets", FLAG_BOOL, &config.foreign_targets,
     "act on targets in other namespaces without their owners' consent, as Stash does"},
    {"ignore-upstream", FLAG_BOOL, &config.ignore_upstream,
     "work although an operator of Stash runs in the cluster"},
    {"ca-lifetime", FLAG_DURATION, &arg_ca_lifetime,
     "of their CA; renewed after two thirds (8760h)"},
    {"cert-lifetime", FLAG_DURATION, &arg_cert_lifetime, "theirs; renewed after two thirds (720h)"},
    {"ca-settle", FLAG_DURATION, &arg_ca_settle,
     "how long a new CA is published before a certificate of it is served (15s)"},
    {"ca-overlap", FLAG_DURATION, &arg_ca_overlap,
     "how long the CA before it stays published after that (1h)"},
    {"debug", FLAG_BOOL, &arg_debug, "log more"},
    {"help", FLAG_BOOL, &arg_help, NULL},
    {0},
};

/* Signals are taken by a thread of their own, so that stopping may lock and wait. It has time for the memory too. */
static void *wait_for_signal(void *reconciler)
{
    sigset_t set;
    struct timespec pause = {.tv_sec = SHRINK_FIRST_S};

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    while (sigtimedwait(&set, NULL, &pause) < 0) {
        footprint_shrink();
        pause.tv_sec = SHRINK_S;
    }
    log_info("stopping");
    reconciler_stop(reconciler);
    return NULL;
}

static void block_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static char *metrics_text(void *reconciler)
{
    return reconciler_metrics(reconciler);
}

static bool is_ready(void *reconciler, struct error *ret_why)
{
    return reconciler_is_ready(reconciler, ret_why);
}

static json_t *split_names(const char *list)
{
    json_t *names = json_array();
    AUTO(mem_free) char *copy = xstrdup(list ? list : "");
    char *rest = copy, *name;

    while ((name = strsep(&rest, ",")))
        if (*name)
            json_array_append_new(names, json_string(name));
    return names;
}

static void finish_config(json_t *pull_secrets)
{
    const char *pod = getenv("POD_NAME");

    config.identity = arg_identity ? arg_identity : pod ? pod : "stash-reconciler";
    config.image_pull_secrets = pull_secrets;
    config.grace_s = arg_grace / NANOS;
    config.interim_grace_s = arg_interim_grace / NANOS;
    config.job_ttl_s = arg_job_ttl / NANOS;
    config.turn_hold_s = arg_turn_hold / NANOS;
    config.turn_expiry_s = arg_turn_expiry / NANOS;
    config.lock_stale_s = arg_lock_stale / NANOS;
    config.certificates = (struct cert_policy){
        .ca_lifetime = arg_ca_lifetime / NANOS,
        .cert_lifetime = arg_cert_lifetime / NANOS,
        .settle = arg_ca_settle / NANOS,
        .overlap = arg_ca_overlap / NANOS,
    };
    if (arg_debug)
        log_set_level(LOG_LEVEL_DEBUG);
}

static int run_reconciler(struct kube *kube, struct error *err)
{
    AUTO(reconciler_free) struct reconciler *reconciler = reconciler_new(kube, &config);
    AUTO(admin_stop) struct admin *admin = NULL;
    const struct admin_config side_door = {
        .listen = arg_admin, .ready = is_ready, .metrics = metrics_text, .ctx = reconciler};
    pthread_t signals;

    int failed = admin_start(&side_door, &admin, err);
    if (failed < 0)
        return failed;
    pthread_create(&signals, NULL, wait_for_signal, reconciler);
    failed = reconciler_run(reconciler, err);
    /* NOLINTNEXTLINE(bugprone-bad-signal-to-kill-thread): the thread waits for it */
    pthread_kill(signals, SIGTERM);
    pthread_join(signals, NULL);
    return failed;
}

int cmd_reconciler(int argc, char **argv)
{
    AUTO(kube_close) struct kube *kube = NULL;
    struct error err;
    int rest;

    if (flags_parse(argc, argv, flags, &rest, &err) < 0) {
        fprintf(stderr, "stash reconciler: %s\n", err.msg);
        return 2;
    }
    if (arg_help) {
        flags_usage("reconciler", "Drive backups and restores.", flags);
        return 0;
    }
    mallopt(M_ARENA_MAX, 2); /* an arena per thread would hold memory for nobody */
    block_signals();
    curl_global_init(CURL_GLOBAL_DEFAULT);
    json_object_seed(0);
    json_auto_t *pull_secrets = split_names(arg_pull_secrets);
    finish_config(pull_secrets);
    if (cert_policy_check(&config.certificates, &err) < 0 ||
        kube_open(arg_kubeconfig, "stash-reconciler/" STASH_VERSION, &kube, &err) < 0 ||
        run_reconciler(kube, &err) < 0) {
        log_error("ending", "error", err.msg);
        return 1;
    }
    return 0;
}

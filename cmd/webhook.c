/*
 * stash webhook: the admission server, on a cluster or on a file of objects.
 */
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "commands.h"
#include "objects.h"
#include "stash/file.h"
#include "stash/flags.h"
#include "stash/footprint.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/log.h"
#include "webhook.h"

#define POLL_S             2
#define FIRST_SHRINK_POLLS 5
#define SHRINK_POLLS       10 /* not kept for the rest of its minute */
#define NANOS_PER_MS       1000000
#define DRAIN_NS           (10LL * 1000 * NANOS_PER_MS)
#define CERT_FILE_SIZE     (64 * LIMIT_KIB)
#define BIG_BLOCK          (128 * 1024) /* blocks of this size go back to the system at once */

/* ---- certificates from files ---- */

/* What was read last; the pair is handed over when both files are a new one. */
struct cert_files {
    const char *cert, *key; /* paths; NULL: none */
    struct cert_pair last;
};

static void cert_files_done(struct cert_files *files)
{
    cert_pair_done(&files->last);
}
DEFINE_AUTO_VALUE(struct cert_files, cert_files_done);

static bool same_pair(const struct cert_pair *one, const struct cert_pair *two)
{
    return one->cert && two->cert && strcmp(one->cert, two->cert) == 0 &&
           strcmp(one->key, two->key) == 0;
}

static int cert_files_read(struct cert_files *files, struct webhook *webhook, struct error *err)
{
    AUTO(cert_pair_done) struct cert_pair pair = {0};
    size_t len;
    int r = file_read(files->cert, CERT_FILE_SIZE, &pair.cert, &len, err);

    if (r == 0)
        r = file_read(files->key, CERT_FILE_SIZE, &pair.key, &len, err);
    if (r < 0 || same_pair(&pair, &files->last))
        return r;
    r = webhook_set_certificate(webhook, &pair, err);
    if (r < 0)
        return r;
    cert_pair_done(&files->last);
    files->last = pair;
    pair = (struct cert_pair){0};
    log_info("certificate taken", "file", files->cert);
    return 0;
}

/* A pair that is being replaced file by file does not match for a moment: the old one stays until it does. */
static void cert_files_poll(struct cert_files *files, struct webhook *webhook)
{
    struct error err;

    if (files->cert && cert_files_read(files, webhook, &err) < 0)
        log_debug("certificate not taken", "file", files->cert, "error", err.msg);
}

/* ---- running ---- */

/* Signals are taken by this thread alone; threads made later inherit the mask. */
static void signals_block(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
    pthread_sigmask(SIG_BLOCK, set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* What starting took is given back after the first lists; once in a while, what a burst took. The code that answers is
 * back within the next few requests, at the cost of a millisecond in all. */
static void memory_return(unsigned polls)
{
    if (polls == FIRST_SHRINK_POLLS || polls % SHRINK_POLLS == 0)
        footprint_shrink();
}

static void serve_until_signal(const struct webhook_args *args, struct webhook *webhook,
                               struct cert_files *files, const sigset_t *signals)
{
    const struct timespec poll = {.tv_sec = POLL_S};

    log_info("serving", "address", webhook_address(webhook), "admin", args->config.admin_listen);
    for (unsigned polls = 1; sigtimedwait(signals, NULL, &poll) < 0; polls++) {
        cert_files_poll(files, webhook);
        memory_return(polls);
    }
    log_info("draining");
}

/* With a file of objects there is nothing to wait for: a certificate must be there. */
static int run_on_file(struct webhook_args *args, const sigset_t *signals, struct error *err)
{
    json_auto_t *objects = json_array();
    AUTO(cert_files_done) struct cert_files files = {args->cert, args->key, {0}};
    struct webhook *webhook = NULL;
    int r = objects_load(args->objects, "default", objects, err);

    if (r < 0)
        return r;
    AUTO(snapshot_free) struct snapshot *snapshot = snapshot_from_objects(objects);
    args->config.snapshot = snapshot;
    r = webhook_start(&args->config, &webhook, err);
    if (r < 0)
        return r;
    r = cert_files_read(&files, webhook, err);
    if (r == 0)
        serve_until_signal(args, webhook, &files, signals);
    webhook_stop(webhook, r < 0 ? 0 : args->drain_ns / NANOS_PER_MS);
    return r;
}

static int run_on_cluster(struct webhook_args *args, const sigset_t *signals, struct error *err)
{
    AUTO(cert_files_done) struct cert_files files = {args->cert, args->key, {0}};
    AUTO(live_free) struct live *live = NULL;
    struct webhook *webhook = NULL;
    int r = live_open(args, &live, err);

    if (r < 0)
        return r;
    live_configure(live, &args->config);
    r = webhook_start(&args->config, &webhook, err);
    if (r < 0)
        return r;
    cert_files_poll(&files, webhook);
    r = live_start(live, args->cert ? NULL : webhook, err);
    if (r == 0)
        serve_until_signal(args, webhook, &files, signals);
    live_detach(live);
    webhook_stop(webhook, r < 0 ? 0 : args->drain_ns / NANOS_PER_MS);
    return r;
}

static int args_check(const struct webhook_args *args, struct error *err)
{
    if (!args->cert != !args->key)
        return error_set(err, ERR_INVALID, "--cert and --key go together");
    if (args->objects && !args->cert)
        return error_set(err, ERR_INVALID, "--objects needs --cert and --key");
    if (args->config.threads > 64)
        return error_set(err, ERR_INVALID, "--threads is at most 64");
    return 0;
}

static int args_parse(int argc, char **argv, struct webhook_args *args, bool *ret_help,
                      struct error *err)
{
    struct webhook_config *config = &args->config;
    const char *arg_pull_secrets = NULL;
    int64_t arg_threads = 0;
    bool arg_debug = false;
    const struct flag flags[] = {
        {"listen", FLAG_STRING, &config->listen, "HTTPS address (:8443)"},
        {"admin-listen", FLAG_STRING, &config->admin_listen,
         "health and metrics, plain HTTP (:8081)"},
        {"namespace", FLAG_STRING, &args->namespace, "where the certificate's Secret is"},
        {"cert-secret", FLAG_STRING, &args->cert_secret, "its name (stash-webhook-cert)"},
        {"kubeconfig", FLAG_STRING, &args->kubeconfig,
         "for a webhook that runs outside of its cluster"},
        {"objects", FLAG_STRING, &args->objects, "serve from a file of objects, without a cluster"},
        {"cert", FLAG_STRING, &args->cert,
         "certificate file instead of the Secret; read again when it changes"},
        {"key", FLAG_STRING, &args->key, "its key"},
        {"image", FLAG_STRING, &config->inject.image, "of the containers that are injected"},
        {"image-pull-secrets", FLAG_STRING, &arg_pull_secrets, "names, added to injected pods"},
        {"pushgateway-url", FLAG_STRING, &config->inject.pushgateway_url,
         "where injected containers push"},
        {"interim-volume-size", FLAG_STRING, &config->admit.interim_size,
         "of defaulted interim volumes (10Gi)"},
        {"interim-volume-class", FLAG_STRING, &config->admit.interim_class,
         "their StorageClass (the default one)"},
        {"interim-volume-access-mode", FLAG_STRING, &config->admit.interim_access_mode,
         "theirs (ReadWriteOnce)"},
        {"no-interim-volume", FLAG_BOOL, &config->admit.interim_off,
         "fill in no interim volume, unless an annotation asks for it"},
        {"allow-foreign-targets", FLAG_BOOL, &config->admit.foreign_targets,
         "do not warn of targets in other namespaces: the reconciler has this flag too"},
        {"client-ca", FLAG_STRING, &args->client_ca,
         "file of CAs; only clients with a certificate of theirs are heard (all are)"},
        {"access-log", FLAG_BOOL, &config->access_log,
         "a log line for each request: who, whom, outcome; never objects"},
        {"threads", FLAG_INT, &arg_threads, "that answer (4)"},
        {"drain", FLAG_DURATION, &args->drain_ns, "from SIGTERM to the last answer (10s)"},
        {"debug", FLAG_BOOL, &arg_debug, "log more"},
        {"help", FLAG_BOOL, ret_help, NULL},
        {0},
    };
    int rest = 0;
    int r = flags_parse(argc, argv, flags, &rest, err);

    if (r == 0 && *ret_help)
        flags_usage("webhook [--objects FILE --cert FILE --key FILE]",
                    "answer admission reviews: validate, default, inject", flags);
    if (arg_debug)
        log_set_level(LOG_LEVEL_DEBUG);
    config->threads = (unsigned)arg_threads;
    config->inject.image_pull_secrets = objects_split_names(arg_pull_secrets);
    if (r == 0)
        r = admit_config_check(&config->admit, err);
    return r < 0 ? r : args_check(args, err);
}

/* Container runtimes start programs with few descriptors and let them ask for more: a connection is one. */
static void descriptors_allow(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int run_webhook(struct webhook_args *args, struct error *err)
{
    AUTO(mem_free) char *client_ca = NULL;
    sigset_t signals;
    size_t len;

    if (args->client_ca && file_read(args->client_ca, CERT_FILE_SIZE, &client_ca, &len, err) < 0)
        return error_wrap(err, "--client-ca");
    args->config.client_ca = client_ca;
    AUTO(inject_memo_free) struct inject_memo *memo = inject_memo_new();
    args->config.memo = memo;
    mallopt(M_ARENA_MAX, 2); /* an arena per thread would hold memory for nobody */
    mallopt(M_MMAP_THRESHOLD, BIG_BLOCK);
    json_object_seed(0);
    descriptors_allow();
    signals_block(&signals);
    return args->objects ? run_on_file(args, &signals, err) : run_on_cluster(args, &signals, err);
}

int cmd_webhook(int argc, char **argv)
{
    struct webhook_args args = {
        .cert_secret = "stash-webhook-cert",
        .drain_ns = DRAIN_NS,
        .config = {.listen = ":8443",
                   .admin_listen = ":8081",
                   .inject = {.image = "localhost/stash:" STASH_VERSION},
                   .admit = {"10Gi", NULL, "ReadWriteOnce", false}},
    };
    bool help = false;
    struct error err = {0};
    int r = args_parse(argc, argv, &args, &help, &err);

    if (r == 0 && !help)
        r = run_webhook(&args, &err);
    json_decref(jsonx_unconst(args.config.inject.image_pull_secrets));
    if (r < 0)
        fprintf(stderr, "stash webhook: %s\n", err.msg);
    return r < 0 ? 1 : 0;
}

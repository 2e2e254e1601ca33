/*
 * agent_command.h - what the agent's subcommands have in common: rows of flags, and the way they run.
 */
#ifndef STASH_CMD_AGENT_COMMAND_H
#define STASH_CMD_AGENT_COMMAND_H

#include "stash/agent.h"
#include "stash/flags.h"

#define AGENT_FLAGS_DEFAULT                                                                        \
    {                                                                                              \
        .scratch_dir = "/stash-tmp", .enable_cache = true, .wait_timeout = 300,                    \
        .restore_model = "init-container"                                                          \
    }

/* Block R of Stash's Functions: the repository. */
#define AGENT_ROWS_REPOSITORY(f)                                                                   \
    {"provider", FLAG_STRING, &(f).provider, "backend: " PROVIDER_NAMES},                          \
        {"bucket", FLAG_STRING, &(f).bucket, "bucket, container or local folder"},                 \
        {"endpoint", FLAG_STRING, &(f).endpoint, "URL of the storage server"},                     \
        {"insecure-tls", FLAG_BOOL, &(f).insecure_tls, "do not verify its certificate"},           \
        {"region", FLAG_STRING, &(f).region, "region of the bucket"},                              \
        {"path", FLAG_STRING, &(f).path, "folder in the bucket"},                                  \
        {"storage-secret-name", FLAG_STRING, &(f).secret_name, "Secret of the Repository"},        \
        {"storage-secret-namespace", FLAG_STRING, &(f).secret_namespace, "its namespace"},         \
        {"scratch-dir", FLAG_STRING, &(f).scratch_dir, "folder for temporary files"},              \
        {"enable-cache", FLAG_BOOL, &(f).enable_cache, "keep restic's cache in the scratch dir"},  \
    {                                                                                              \
        "max-connections", FLAG_INT, &(f).max_connections, "parallel connections to the backend"   \
    }

/* Block A: the application. */
#define AGENT_ROWS_APP(f)                                                                          \
    {"namespace", FLAG_STRING, &(f).namespace, "namespace of the session"},                        \
        {"appbinding", FLAG_STRING, &(f).appbinding, "AppBinding of the application"},             \
        {"appbinding-namespace", FLAG_STRING, &(f).appbinding_namespace, "its namespace"},         \
        {"hostname", FLAG_STRING, &(f).hostname, "host in the repository (host-0)"},               \
        {"interim-data-dir", FLAG_STRING, &(f).interim_dir, "folder that holds the dump"},         \
    {                                                                                              \
        "wait-timeout", FLAG_INT, &(f).wait_timeout, "seconds to wait for the application"         \
    }

/* Retention is applied once, by update-status; Functions pass these to every backup all the same. */
#define AGENT_ROWS_RETENTION                                                                       \
    {"retention-keep-last", FLAG_INT, NULL, NULL},                                                 \
        {"retention-keep-hourly", FLAG_INT, NULL, NULL},                                           \
        {"retention-keep-daily", FLAG_INT, NULL, NULL},                                            \
        {"retention-keep-weekly", FLAG_INT, NULL, NULL},                                           \
        {"retention-keep-monthly", FLAG_INT, NULL, NULL},                                          \
        {"retention-keep-yearly", FLAG_INT, NULL, NULL},                                           \
        {"retention-keep-tags", FLAG_STRING, NULL, NULL},                                          \
        {"retention-prune", FLAG_BOOL, NULL, NULL},                                                \
    {                                                                                              \
        "retention-dry-run", FLAG_BOOL, NULL, NULL                                                 \
    }

#define AGENT_ROWS_INVOKER(f)                                                                      \
    {"invoker-kind", FLAG_STRING, &(f).invoker_kind, "kind of the invoker"},                       \
    {                                                                                              \
        "invoker-name", FLAG_STRING, &(f).invoker_name, "its name"                                 \
    }

#define AGENT_ROWS_TARGET(f)                                                                       \
    {"target-kind", FLAG_STRING, &(f).target_kind, "kind of the target"},                          \
        {"target-name", FLAG_STRING, &(f).target_name, "its name"},                                \
    {                                                                                              \
        "target-namespace", FLAG_STRING, &(f).target_namespace, "its namespace"                    \
    }

/* What both injected containers take: the sidecar and the restore init container. */
#define AGENT_ROWS_INJECTED(flags)                                                                 \
    AGENT_ROWS_INVOKER(flags), AGENT_ROWS_TARGET(flags),                                           \
        {"namespace", FLAG_STRING, &(flags).namespace, "of the invoker (the pod's own)"},          \
        {"host", FLAG_STRING, NULL, NULL},                                                         \
        {"enable-cache", FLAG_BOOL, &(flags).enable_cache,                                         \
         "keep restic's cache in the scratch dir"},                                                \
        {"max-connections", FLAG_INT, &(flags).max_connections,                                    \
         "parallel connections to the backend"},                                                   \
        {"scratch-dir", FLAG_STRING, &(flags).scratch_dir, "folder for temporary files"},          \
        {"metrics-enabled", FLAG_BOOL, &(flags).metrics_enabled, "push metrics"},                  \
        {"pushgateway-url", FLAG_STRING, &(flags).pushgateway_url, "of the Pushgateway"},          \
    {                                                                                              \
        "metrics-labels", FLAG_WORDS, &agent_lists.metrics_labels, "further labels: k=v,k=v"       \
    }

/* How to reach the API server, and what upstream passes that means nothing here. */
#define AGENT_ROWS_COMMON                                                                          \
    {"kubeconfig", FLAG_STRING, &agent_kubeconfig, "kubeconfig file, outside a cluster"},          \
        {"master", FLAG_STRING, NULL, NULL}, {"license-apiservice", FLAG_STRING, NULL, NULL},      \
        {"use-kubeapiserver-fqdn-for-aks", FLAG_BOOL, NULL, NULL},                                 \
        {"logtostderr", FLAG_BOOL, NULL, NULL}, {"alsologtostderr", FLAG_BOOL, NULL, NULL},        \
        {"stderrthreshold", FLAG_STRING, NULL, NULL}, {"vmodule", FLAG_STRING, NULL, NULL},        \
    {                                                                                              \
        "v", FLAG_INT, &agent_verbosity, "3 and above: log more"                                   \
    }

extern const char *agent_kubeconfig;
extern int64_t agent_verbosity;

/* Lists: a flag that stands several times adds to them. agent_command_run() hands each on as one text. */
struct agent_lists {
    struct flag_words paths, snapshots, include, exclude, args, metrics_labels;
};
extern struct agent_lists agent_lists;

struct agent_command {
    const char *name, *summary;
    agent_fn run;
};

/**
 * Parse, connect (the namespace is the pod's own unless given), run, say how it ended. 0 done; 1 the command line
 * is wrong; 2 it failed and could not report.
 */
int agent_command_run(const struct agent_command *command, int argc, char **argv,
                      const struct flag *table, struct agent_flags *flags);

#endif

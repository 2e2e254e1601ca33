/*
 * agent.h - what runs inside the pods: backups, restores, and what they report.
 *
 * A step of a Job that fails says so in output.json and succeeds as a process, so that update-status (the last step)
 * can report it; only a step that cannot even write output.json fails. update-status succeeds only when the session's
 * status was stored. Secrets go into the environment of children and into files of mode 0600, nowhere else.
 */
#ifndef STASH_AGENT_H
#define STASH_AGENT_H

#include <stdbool.h>
#include <stdint.h>

#include "stash/error.h"
#include "stash/kube.h"

/** The command line of any agent command; what a command has no flag for stays NULL, 0 or false. */
struct agent_flags {
    /* the repository */
    const char *provider, *bucket, *endpoint, *region, *path;
    const char *secret_name, *secret_namespace;
    const char *scratch_dir;
    int64_t max_connections;
    bool insecure_tls, enable_cache;
    /* who */
    const char *namespace, *backupsession;
    const char *invoker_kind, *invoker_name;
    const char *target_kind, *target_name, *target_namespace;
    const char *appbinding, *appbinding_namespace;
    const char *hostname, *source_hostname;
    /* what */
    const char *interim_dir, *output_dir;
    const char *args;                                  /* as text: blanks between (quoted.h) */
    const char *paths, *include, *exclude, *snapshots; /* as text: commas between */
    int64_t wait_timeout;                              /* seconds */
    /* NATS */
    const char *streams, *warning_threshold;
    bool overwrite;
    /* metrics */
    bool metrics_enabled;
    const char *pushgateway_url, *metrics_labels;
    /* restore as an init container or as a Job */
    const char *restore_model;
};

/** Run to the end. 0: done, or failed and said so where it belongs; an error: could not say so. */
typedef int (*agent_fn)(struct kube *kube, const struct agent_flags *flags, struct error *err);

/** The sidecar: runs until SIGTERM, whatever the API server does. */
int agent_run_backup(struct kube *kube, const struct agent_flags *flags, struct error *err);
/** The init container (or Job): an error also when the restore failed and was reported so. */
int agent_restore(struct kube *kube, const struct agent_flags *flags, struct error *err);
int agent_create_session(struct kube *kube, const struct agent_flags *flags, struct error *err);
int agent_update_status(struct kube *kube, const struct agent_flags *flags, struct error *err);
int agent_backup_nats(struct kube *kube, const struct agent_flags *flags, struct error *err);
int agent_backup_es(struct kube *kube, const struct agent_flags *flags, struct error *err);
int agent_restore_es(struct kube *kube, const struct agent_flags *flags, struct error *err);
int agent_backup_pvc(struct kube *kube, const struct agent_flags *flags, struct error *err);
int agent_restore_pvc(struct kube *kube, const struct agent_flags *flags, struct error *err);
int agent_restore_nats(struct kube *kube, const struct agent_flags *flags, struct error *err);

#endif

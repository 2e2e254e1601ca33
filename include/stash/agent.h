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

#include "stash/addon.h"
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
    const char *args;
    const char *paths, *include, *exclude, *snapshots; /* comma separated */
    int64_t wait_timeout;                              /* seconds */
    /* an addon: what it is, what it does now, its parameters in the order of its row */
    const struct addon *addon;
    enum addon_step step;
    const char *const *values;
    const char *self; /* this program, for restic to run: STREAM */
    /* what is wrong with the command line: nothing is done, and output.json says why */
    const char *refused;
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
/** The CronJob's pod: make a BackupSession of the invoker. One of this second that is the invoker's own is as good. */
int agent_create_session(struct kube *kube, const struct agent_flags *flags, struct error *err);
/** The BackupSession that would be made of the invoker now. New reference. */
json_t *agent_draft_session(const json_t *invoker);
/** Make it, as the CronJob's pod does; what the server stored. `options` may be NULL. */
int agent_start_session(struct kube *kube, const json_t *invoker, const struct kube_write *options,
                        json_t **ret, struct error *err);

/**
 * Print the newest `last` snapshots of the repository, oldest first, each a line of JSON: {id, time, host, paths, target,
 * invoker, incomplete, files}; then {count, unread}: how many there are, and what restic says of one that cannot be read. Nothing is asked of the API server: the Secret is mounted.
 */
int agent_list_snapshots(const struct agent_flags *flags, int64_t last, struct error *err);
/**
 * Remove the locks that nobody has renewed for half an hour, or all of them. Prints each that there was as a line of JSON: {id,
 * host, pid, time, exclusive, removed}; then {count}. The Secret is mounted.
 */
int agent_unlock_repository(const struct agent_flags *flags, bool all, struct error *err);
/**
 * Remove snapshots, named by the first digits of their ids, and what only they need. Prints each as agent_list_snapshots(),
 * after it was looked for again; then {count}. All or none: ERR_NOT_FOUND when one of them is not there. The Secret is mounted.
 */
int agent_delete_snapshots(const struct agent_flags *flags, const char *const *ids, size_t count,
                           struct error *err);
struct agent_listing {
    const char *id;      /* the first digits of the snapshot's */
    const char *path;    /* absolute; NULL: all of it */
    bool recursive;      /* else of a path that is a folder only what lies in it */
    int64_t skip, limit; /* which of them are printed */
};
/**
 * Print what lies in a snapshot, each a line of JSON: {path, type, size, mtime, permissions, uid, gid}; then {count, shown}: how
 * many there are, and how many were printed. At most `limit` are, after `skip`, and no more than a log can keep. ERR_NOT_FOUND
 * when there is nothing at that path. The Secret is mounted.
 */
int agent_list_files(const struct agent_flags *flags, const struct agent_listing *asked,
                     struct error *err);
/**
 * Print which snapshots hold a file that the pattern matches, as agent_list_files() and with {id, time, host} of the snapshot;
 * then {count, shown, unread}, the last as in agent_list_snapshots(). The Secret is mounted.
 */
int agent_find_files(const struct agent_flags *flags, const char *pattern, int64_t limit,
                     struct error *err);
struct agent_sending {
    const char *id, *path; /* as above */
    bool folders;          /* a folder is sent as a tar, and not refused */
    int64_t patience_ms;   /* with who does not read */
};
/**
 * Write a file of a snapshot to standard output; then {type, bytes, sha256} to standard error. While it runs, agent_hold() stays.
 * The Secret is mounted.
 */
int agent_send_file(const struct agent_flags *flags, const struct agent_sending *asked,
                    struct error *err);
/** Keep the container open for agent_send_file(), until none has run for idle_ms, or the process is told to stop. */
int agent_hold(const struct agent_flags *flags, int64_t idle_ms, struct error *err);
/** The last step of a Job: report its hosts, and do the maintenance that follows the last one. */
int agent_update_status(struct kube *kube, const struct agent_flags *flags, struct error *err);
/** A step of an addon's Job: flags->addon and flags->step say which. */
int agent_run_addon(struct kube *kube, const struct agent_flags *flags, struct error *err);

/**
 * In a child of ours (`dump-stream`, `pass-stream`): run the tools of the plan in `folder` and count what they write, or
 * count what passes from standard input to standard output. An error's sentence is left in the folder.
 */
int agent_dump_stream(const char *folder, const struct addon *const *addons, struct error *err);
/** Count what passes from standard input to standard output, and hand it on. */
int agent_pass_stream(const char *folder, const struct addon *const *addons, struct error *err);

#endif

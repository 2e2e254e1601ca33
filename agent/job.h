/*
 * job.h - one step of a backup or restore Job: open everything, do the work, say in output.json how it went.
 */
#ifndef STASH_AGENT_JOB_H
#define STASH_AGENT_JOB_H

#include "session.h"

struct job {
    const struct agent_flags *flags;
    struct session session;
    struct restic restic;
    struct backend backend;
    json_t *secret;         /* of the repository */
    json_t *app;            /* the AppBinding, NULL without one */
    json_t *app_secret;     /* after its transforms; JSON null when it names none */
    json_t *app_tls_secret; /* that of its tlsSecret; NULL without one */
    const char *host;       /* as reported */
    json_t *snapshots;      /* what a backup stored: an array */
    json_t *warnings; /* what the user should know although it succeeds: an array of sentences */
};

/** The work itself. An error becomes the host's. */
typedef int (*job_fn)(struct job *job, struct error *err);

/** Open, work, report. `kind` is the target's ("AppBinding", "PersistentVolumeClaim"); restores have no BackupSession. */
int job_run(struct kube *kube, const struct agent_flags *flags, const char *kind, bool restore,
            job_fn work, struct error *err);

/** The repository as the command line says it; strings are borrowed. */
void job_backend(const struct agent_flags *flags, struct backend *ret);
/** Whether the command line says enough of it. */
int job_check_flags(const struct agent_flags *flags, struct error *err);

/** Make sure that the repository is there, before anything is dumped. */
int job_ensure_repository(struct job *job, struct error *err);

/** Back up one path as the job's host and note the snapshot. */
int job_store(struct job *job, const char *path, struct error *err);

/**
 * Restore the chosen snapshots of a dump into the (emptied) interim folder. The load comes next: the RestoreSession is
 * told that its target is written to.
 */
int job_fetch_dump(struct job *job, struct error *err);

/** The host whose snapshots are restored; NULL: any. */
const char *job_source_host(const struct agent_flags *flags);

#endif

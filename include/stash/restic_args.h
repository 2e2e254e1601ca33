/*
 * restic_args.h - the argument vectors of restic, one function per thing we do with it. Pure.
 */
#ifndef STASH_RESTIC_ARGS_H
#define STASH_RESTIC_ARGS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "stash/argv.h"

/** What all runs of one repository share. Strings are borrowed; NULL and "" both mean absent. */
struct restic_options {
    const char *provider;
    const char *cache_dir;  /* NULL: --no-cache */
    const char *cacert;     /* file */
    const char *retry_lock; /* "10s": how long to wait for a lock; NULL: not at all */
    const char *nice, *ionice_class, *ionice_data; /* numbers: restic runs under nice and ionice */
    int64_t max_connections;
    bool insecure_tls;
};

struct restic_backup {
    const char *path; /* absolute */
    const char *host;
    const char *exclude; /* comma separated */
    const char *args;    /* the user's, split at blanks */
};

struct restic_restore {
    const char *snapshot;  /* an id, never "latest" */
    const char *subfolder; /* restore what is below this folder of the snapshot; NULL: everything */
    const char *target;
    const char *include, *exclude; /* comma separated */
    const char *args;
};

void restic_args_probe(const struct restic_options *options, struct argv *ret);
void restic_args_init(const struct restic_options *options, struct argv *ret);
void restic_args_backup(const struct restic_options *options, const struct restic_backup *backup,
                        struct argv *ret);
/** The snapshots of a host (empty: of all hosts); `latest`: only the newest of each host and path. */
void restic_args_snapshots(const struct restic_options *options, const char *host, bool latest,
                           struct argv *ret);
void restic_args_restore(const struct restic_options *options, const struct restic_restore *restore,
                         struct argv *ret);
void restic_args_check(const struct restic_options *options, struct argv *ret);
void restic_args_stats(const struct restic_options *options, struct argv *ret);
/** Removes locks that restic itself knows to be stale; `all`: every lock. */
void restic_args_unlock(const struct restic_options *options, bool all, struct argv *ret);
void restic_args_list_locks(const struct restic_options *options, struct argv *ret);
void restic_args_cat_lock(const struct restic_options *options, const char *id, struct argv *ret);

/** Whether a retentionPolicy keeps anything by rule; without a rule restic refuses to forget. */
bool retention_has_rules(const json_t *policy);
/**
 * Retention of the whole repository, host by host and path by path; `merged_host` not NULL: of that host alone, all
 * its paths taken together.
 */
void restic_args_forget(const struct restic_options *options, const json_t *policy,
                        const char *merged_host, struct argv *ret);

#endif

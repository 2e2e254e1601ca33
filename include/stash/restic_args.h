/*
 * restic_args.h - the argument vectors of restic, one function per thing we do with it. Pure.
 */
#ifndef STASH_RESTIC_ARGS_H
#define STASH_RESTIC_ARGS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "stash/owner.h"

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
    const struct argv *exclude; /* patterns; NULL: none, as below */
    const struct argv *args;    /* the user's */
    struct owner owner;         /* tagged with it when it is whole */
};

struct restic_restore {
    const char *snapshot;  /* an id, never "latest" */
    const char *subfolder; /* restore what is below this folder of the snapshot; NULL: everything */
    const char *target;
    const struct argv *include, *exclude; /* patterns */
    const struct argv *args;
};

/** The pattern that matches this path alone. Heap string. */
char *restic_pattern(const char *path);

void restic_args_probe(const struct restic_options *options, struct argv *ret);
void restic_args_init(const struct restic_options *options, struct argv *ret);
void restic_args_backup(const struct restic_options *options, const struct restic_backup *backup,
                        struct argv *ret);
/** All snapshots. */
void restic_args_snapshots(const struct restic_options *options, struct argv *ret);
void restic_args_restore(const struct restic_options *options, const struct restic_restore *restore,
                         struct argv *ret);
void restic_args_check(const struct restic_options *options, struct argv *ret);
void restic_args_stats(const struct restic_options *options, struct argv *ret);
/** Removes every lock, whoever holds it. */
void restic_args_unlock(const struct restic_options *options, struct argv *ret);
void restic_args_list_locks(const struct restic_options *options, struct argv *ret);
void restic_args_cat_lock(const struct restic_options *options, const char *id, struct argv *ret);

/** Whether a retentionPolicy keeps anything by rule; without a rule restic refuses to forget. */
bool retention_has_rules(const json_t *policy);
/** Which snapshots retention looks at, and by which rules it keeps them. */
struct restic_forget {
    const json_t *policy; /* a retentionPolicy */
    const char *tags;     /* all of them must be there: owner_tags() */
    const json_t *hosts;  /* array of names; empty: all */
    bool dump; /* all paths of a host are one history: a dump may lie in either of two folders */
};
void restic_args_forget(const struct restic_options *options, const struct restic_forget *forget,
                        struct argv *ret);

/** Change the tags of snapshots. */
struct restic_retag {
    const char *const *ids; /* ends with NULL */
    const char *add;        /* comma separated */
    const char *remove;
};
void restic_args_tag(const struct restic_options *options, const struct restic_retag *retag,
                     struct argv *ret);

#endif

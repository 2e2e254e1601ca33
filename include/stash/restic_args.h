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
    const char *connections; /* the provider's option for their number */
    const char *cache_dir;   /* NULL: --no-cache */
    const char *cacert;      /* file */
    const char *retry_lock;  /* "10s": how long to wait for a lock; NULL: not at all */
    const char *nice, *ionice_class, *ionice_data; /* numbers: restic runs under nice and ionice */
    int64_t max_connections;
    bool insecure_tls;
    bool unlocked; /* what only reads takes no lock: it cannot be written */
};

struct restic_backup {
    const char *path; /* absolute */
    const char *host;
    const char *exclude; /* a list of quoted.h, as are include and paths */
    const char *args;    /* the user's, see user_args.h */
    struct owner owner;  /* tagged with it when it is whole */
    const char *parent;  /* id of the snapshot to compare with, "": none; NULL: restic's choice */
    /* what it writes is stored as the file `path` ("/name"); NULL: a path is stored */
    const char *const *command;
};

struct restic_restore {
    const char *snapshot;  /* an id, never "latest" */
    const char *subfolder; /* restore what is below this folder of the snapshot; NULL: everything */
    const char *target;
    const char *include, *exclude; /* comma separated */
    const char *args;
};

struct restic_ls {
    const char *snapshot; /* an id */
    const char *path;     /* absolute; NULL: all of it */
    bool recursive;
};

/** The pattern that matches `text` and nothing else. Heap string. */
char *restic_pattern(const char *text);

/** Ask for the repository's config: whether it is there, and which it is. */
void restic_args_probe(const struct restic_options *options, struct argv *ret);
/** Make a repository. */
void restic_args_init(const struct restic_options *options, struct argv *ret);
/** Store files and folders, or standard input under a name. */
void restic_args_backup(const struct restic_options *options, const struct restic_backup *backup,
                        struct argv *ret);
/** All snapshots. */
void restic_args_snapshots(const struct restic_options *options, struct argv *ret);
/** Bring a snapshot's files back. */
void restic_args_restore(const struct restic_options *options, const struct restic_restore *restore,
                         struct argv *ret);
/** Write the file `path` of a snapshot to standard output. */
void restic_args_dump(const struct restic_options *options, const char *snapshot, const char *path,
                      struct argv *ret);
/** The folders and files of a snapshot: all; or the folder `path` and what lies in it; with `recursive` what lies below, too. */
void restic_args_ls(const struct restic_options *options, const struct restic_ls *ls,
                    struct argv *ret);
/** Which snapshots hold a file whose name, or end of a path, a pattern matches. */
void restic_args_find(const struct restic_options *options, const char *pattern, struct argv *ret);
/** Look whether the repository is whole. */
void restic_args_check(const struct restic_options *options, struct argv *ret);
/** Count its bytes and snapshots. */
void restic_args_stats(const struct restic_options *options, struct argv *ret);
/** Remove the snapshots of these ids (the list ends with NULL); with `prune` also what only they need. */
void restic_args_delete(const struct restic_options *options, const char *const *ids, bool prune,
                        struct argv *ret);
/** Remove every lock, whoever holds it; or only those that nobody has renewed for half an hour. */
void restic_args_unlock(const struct restic_options *options, bool all, struct argv *ret);
/** The ids of all locks, one a line. */
void restic_args_list_locks(const struct restic_options *options, struct argv *ret);
/** One lock, as JSON. */
void restic_args_cat_lock(const struct restic_options *options, const char *id, struct argv *ret);

/** Whether a retentionPolicy keeps anything by rule; without a rule restic refuses to forget. */
bool restic_args_keeps_some(const json_t *policy);
/** Which snapshots retention looks at, and by which rules it keeps them. */
struct restic_forget {
    const json_t *policy; /* a retentionPolicy */
    const char *tags;     /* all of them must be there: owner_tags() */
    const json_t *hosts;  /* array of names; empty: all */
    bool dump; /* all paths of a host are one history: a dump may lie in either of two folders */
};
/** Forget by policy, and prune where the policy says so. */
void restic_args_forget(const struct restic_options *options, const struct restic_forget *forget,
                        struct argv *ret);

/** Change the tags of snapshots. */
struct restic_retag {
    const char *const *ids; /* ends with NULL */
    const char *add;        /* comma separated */
    const char *remove;
};
/** Add and remove tags. The snapshots get new ids. */
void restic_args_tag(const struct restic_options *options, const struct restic_retag *retag,
                     struct argv *ret);

#endif

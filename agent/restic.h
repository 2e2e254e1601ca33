/*
 * restic.h - one repository, driven through the restic program.
 *
 * Errors carry restic's exit code in `code`: RESTIC_EXIT_NO_REPOSITORY (ERR_NOT_FOUND), RESTIC_EXIT_LOCKED
 * (ERR_CONFLICT), RESTIC_EXIT_WRONG_PASSWORD (ERR_DENIED), RESTIC_EXIT_INCOMPLETE (ERR_INVALID), others (ERR_SYSTEM).
 */
#ifndef STASH_AGENT_RESTIC_H
#define STASH_AGENT_RESTIC_H

#include "stash/backend.h"
#include "stash/buf.h"
#include "stash/child_env.h"
#include "stash/kube.h"
#include "stash/restic_args.h"
#include "stash/restic_out.h"

struct restic {
    struct child_env env;
    struct restic_options options;
    char *tmp; /* TMPDIR of restic and place of its secret files; removed at the end */
    char *cache;
    char *local; /* folder of a local repository, else NULL */
    /* who holds a lock is looked up here; NULL: locks are left alone */
    struct kube *kube;
    const char *lock_namespace;
    int64_t deadline_ms; /* on clock_mono_ms(): restic is ended then; 0: never */
};

struct restic_place {
    const struct backend *backend;
    const json_t *secret;
    const char *scratch;
    bool cache;
};

/** Make the temporary folder, write the secret files, compose the environment. Nothing is asked of the repository. */
int restic_open(const struct restic_place *place, struct restic *ret, struct error *err);
void restic_done(struct restic *restic);
DEFINE_AUTO_VALUE(struct restic, restic_done);

/** Whether the repository is there and the password opens it. */
int restic_probe(const struct restic *restic, struct error *err);
/** Create it. A local one is opened to the group, so that another pod's user can write to it too. */
int restic_init(const struct restic *restic, struct error *err);

int restic_backup(struct restic *restic, const struct restic_backup *backup,
                  struct restic_summary *ret, struct error *err);
int restic_restore(struct restic *restic, const struct restic_restore *restore, struct error *err);
/** The newest of each path of a host (NULL: of each host); and all there are. */
int restic_snapshots(const struct restic *restic, const char *host, struct restic_snapshots *ret,
                     struct error *err);
int restic_snapshots_all(const struct restic *restic, struct restic_snapshots *ret,
                         struct error *err);
/** Retention by the policy; the two folders of a dump that moved count as one where that is safe. */
int restic_forget(struct restic *restic, const json_t *policy, struct restic_forgotten *ret,
                  struct error *err);
/** 0 when it could be checked; *ret_errors says what was found. */
int restic_check(const struct restic *restic, uint64_t *ret_errors, struct error *err);
int restic_stats(const struct restic *restic, uint64_t *ret_bytes, struct error *err);

/** Run one restic command and keep its standard output (which may be NULL: discarded). */
int restic_run(const struct restic *restic, const struct argv *args, struct buf *output,
               struct error *err);

/** Remove locks whose holders are gone (locks.c). Called when the repository stays locked. */
int restic_clear_locks(const struct restic *restic, struct error *err);

#endif

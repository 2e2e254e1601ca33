/*
 * restic.h - one repository, driven through the restic program.
 *
 * Errors carry restic's exit code in `code`: RESTIC_EXIT_NO_REPOSITORY (ERR_NOT_FOUND), RESTIC_EXIT_LOCKED
 * (ERR_CONFLICT), RESTIC_EXIT_WRONG_PASSWORD (ERR_DENIED), RESTIC_EXIT_INCOMPLETE (ERR_INVALID), others (ERR_SYSTEM); or
 * RESTIC_LOCK_REFUSED, RESTIC_REMOVAL_REFUSED (both ERR_DENIED or ERR_SYSTEM).
 */
#ifndef STASH_AGENT_RESTIC_H
#define STASH_AGENT_RESTIC_H

#include "stash/backend.h"
#include "stash/buf.h"
#include "stash/child_env.h"
#include "stash/kube.h"
#include "stash/restic_args.h"
#include "stash/restic_out.h"

#define RESTIC_LOCK_REFUSED    (-1) /* no exit code: the storage does not take restic's lock */
#define RESTIC_REMOVAL_REFUSED (-2) /* it keeps what was to be removed */

struct restic {
    struct child_env env;
    struct restic_options options;
    char *tmp; /* TMPDIR of restic and place of its secret files; removed at the end */
    char *cache;
    char *local; /* folder of a local repository, else NULL */
    /*
     * What is done when the repository stays locked: 0 to try again, an error to give up. NULL: give up at once.
     * A command that fails because of a lock has done nothing.
     */
    int (*on_locked)(void *ctx, struct restic *restic, struct error *err);
    void *locked_ctx;
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

/** Whether the repository is there and the password opens it; its id. */
int restic_probe(const struct restic *restic, char ret_id[RESTIC_ID_SIZE], struct error *err);
/** Create it. A local one is opened to the group, so that another pod's user can write to it too. */
int restic_init(const struct restic *restic, struct error *err);

/**
 * Store a path. ERR_INVALID with code RESTIC_EXIT_INCOMPLETE: files could not be read, and `ret` tells of the snapshot
 * that lacks them (found: false when there is none).
 */
int restic_backup(struct restic *restic, const struct restic_backup *backup,
                  struct restic_summary *ret, struct error *err);
/** *ret_files: how many files the snapshot had for us; 0 also when nothing matched. */
int restic_restore(struct restic *restic, const struct restic_restore *restore, uint64_t *ret_files,
                   struct error *err);
int restic_forget(struct restic *restic, const struct restic_forget *forget,
                  struct restic_forgotten *ret, struct error *err);
/** Remove snapshots (the list of ids ends with NULL), and what only they need. */
int restic_delete(struct restic *restic, const char *const *ids, struct error *err);
/** Remove the snapshots alone. RESTIC_REMOVAL_REFUSED: the storage keeps some of them. */
int restic_drop(struct restic *restic, const char *const *ids, struct error *err);
/** `changed` gets {old id: new id} of each snapshot whose tags were changed: with its tags a snapshot's id changes. */
int restic_tag(struct restic *restic, const struct restic_retag *retag, json_t *changed,
               struct error *err);

/**
 * Every snapshot of the repository, oldest first. `ret_unread` gets what restic says of one that cannot be read, "" when
 * there is none; NULL: then that is an error, because what the list is asked for may be that snapshot.
 */
int restic_list(const struct restic *restic, restic_snapshot_fn fn, void *ctx,
                struct text *ret_unread, struct error *err);

/** 0 when it could be checked: what was found. A storage that failed meanwhile is an error. */
struct restic_verdict {
    uint64_t errors;
    struct text why;
    bool cut; /* restic's time was up: there may be more errors */
};
int restic_check(const struct restic *restic, struct restic_verdict *ret, struct error *err);
int restic_stats(const struct restic *restic, struct restic_stats *ret, struct error *err);

/** One attempt of a command that takes a lock, with restic->options as they are then. */
typedef int (*restic_once_fn)(struct restic *restic, void *ctx, struct error *err);
/** Run `once` until it does not end with RESTIC_EXIT_LOCKED; in between on_locked() is asked. */
int restic_with_lock(struct restic *restic, restic_once_fn once, void *ctx, struct error *err);
/** The same for what only reads: where the storage takes no lock, it goes on without (restic->options.unlocked). */
int restic_read_with_lock(struct restic *restic, restic_once_fn once, void *ctx, struct error *err);

/** Of a restic that is run in a pipe (struct spawn_request): whether it tries again what cannot succeed. */
bool restic_is_hopeless(const char *said);

/** Run one restic command and keep its standard output (which may be NULL: discarded). */
int restic_run(const struct restic *restic, const struct argv *args, struct buf *output,
               struct error *err);
/** Run one restic command, and hand its standard output on as it comes. */
int restic_pass(const struct restic *restic, const struct argv *args,
                void (*on_stdout)(void *ctx, const char *data, size_t len), void *ctx,
                struct error *err);
/** restic_run() for one that removes: RESTIC_REMOVAL_REFUSED when the storage keeps some of it. */
int restic_run_removing(const struct restic *restic, const struct argv *args, struct buf *output,
                        struct error *err);

/** The locks that the repository has now, at most RESTIC_LOCKS_MAX of them (locks.c). */
#define RESTIC_LOCKS_MAX 64
struct restic_locks {
    struct restic_lock items[RESTIC_LOCKS_MAX];
    size_t count;
};
int restic_locks(const struct restic *restic, struct restic_locks *ret, struct error *err);
/** Whether a restic in this container holds it. When none of ours runs, it is somebody's who came into the container. */
bool lock_is_held_here(const struct restic_lock *lock);
/** Remove all locks, whoever holds them; or only those that nobody has renewed for half an hour. */
int locks_remove(const struct restic *restic, bool all, struct error *err);

#endif

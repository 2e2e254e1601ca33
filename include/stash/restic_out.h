/*
 * restic_out.h - what restic says, line by line and at its end, decoded. Pure.
 *
 * Whatever does not look like what restic writes is no result: ERR_INVALID, never a guess.
 */
#ifndef STASH_RESTIC_OUT_H
#define STASH_RESTIC_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include "stash/error.h"
#include "stash/format.h"
#include "stash/mem.h"

#define RESTIC_ID_SIZE 65

/** The summary line of a backup. */
struct restic_summary {
    bool found;
    char snapshot_id[RESTIC_ID_SIZE];
    uint64_t files_new, files_changed, files_unmodified, files_total;
    uint64_t bytes_total, bytes_added;
    double seconds;
};

/** A lines_fn (lines.h): looks for the summary in each line of `backup --json`; ctx is a struct restic_summary. */
void restic_out_backup_line(void *summary, const char *line, size_t len);

/** Sums over all groups of `forget --json`. */
struct restic_forgotten {
    uint64_t kept, removed;
    char merge_host[256]; /* a host whose only groups are the two interim folders, "" if none */
};
int restic_out_forget(const char *text, size_t len, struct restic_forgotten *ret,
                      struct error *err);

/** total_size of `stats --json --mode raw-data`. */
int restic_out_stats(const char *text, size_t len, uint64_t *ret_bytes, struct error *err);

/** How many errors `check --json` counted. */
int restic_out_check(const char *text, size_t len, uint64_t *ret_errors, struct error *err);

struct restic_snapshot {
    char id[RESTIC_ID_SIZE];
    char *host;
    char *path; /* the only one, NULL when there are several */
    int64_t time;
};
struct restic_snapshots {
    struct restic_snapshot *items;
    size_t count;
};
void restic_snapshots_done(struct restic_snapshots *snapshots);
DEFINE_AUTO_VALUE(struct restic_snapshots, restic_snapshots_done);
int restic_out_snapshots(const char *text, size_t len, struct restic_snapshots *ret,
                         struct error *err);

/** The snapshot with this id, or the only one whose id begins so; NULL when there is none. */
const struct restic_snapshot *restic_snapshots_find(const struct restic_snapshots *snapshots,
                                                    const char *id);
/** The newest snapshot of exactly this path; NULL when there is none. */
const struct restic_snapshot *restic_snapshots_of(const struct restic_snapshots *snapshots,
                                                  const char *path);
/**
 * The newest snapshot of a dump: of `folder` or of either folder that Stash dumps to (a dump moves when an interim
 * volume is added or taken away). Without any of them: the newest of the only path that there is. NULL: none.
 */
const struct restic_snapshot *restic_snapshots_dump(const struct restic_snapshots *snapshots,
                                                    const char *folder);

/** Who holds a lock, from `cat lock`. The host is a pod's name. */
struct restic_lock {
    char host[256];
    bool exclusive;
};
int restic_out_lock(const char *text, size_t len, struct restic_lock *ret, struct error *err);

/**
 * Why restic failed, for people: what its exit code means, and what its standard error says last. For unreadable files
 * (exit 3) the paths are listed, as many as fit.
 */
void restic_out_failure(int status, const char *stderr_tail, struct text *ret);

/** What restic goes on trying for a quarter of an hour although it cannot succeed. */
struct restic_hopeless {
    enum error_kind
        kind; /* ERR_NOT_FOUND: the bucket is not there; else ERR_DENIED or ERR_SYSTEM */
    struct text why;
};
/**
 * Whether restic's standard error so far says that it tries again what will not come right by itself: a read-only or
 * full storage, keys that are refused, a certificate that nobody vouches for. `ret` may be NULL. A storage that does
 * not answer at all is not hopeless.
 */
bool restic_out_hopeless(const char *stderr_tail, struct restic_hopeless *ret);

#define RESTIC_EXIT_FAILED         1
#define RESTIC_EXIT_INCOMPLETE     3
#define RESTIC_EXIT_NO_REPOSITORY  10
#define RESTIC_EXIT_LOCKED         11
#define RESTIC_EXIT_WRONG_PASSWORD 12

/** What an exit code of restic means; "failed" for those without a meaning of their own. Static. */
const char *restic_exit_reason(int status);

#endif
